"""Every outbound call to a provider goes through here.

One call is one request: a total deadline, a cap on decoded bytes, no ambient proxies, no redirect to another host, a
checked address, one place that turns statuses into typed errors, and no hidden retry.

    guard.admit → connect (checked) → stream ≤ max_bytes within total_seconds → status → JSON → guard.report
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import httpcore
import httpx

from integrations.contracts import Guard, JsonValue
from integrations.errors import ProviderError, Rejected, Unreachable
from integrations.http_answers import AnswerReader, CutOff, ResponseFacts, json_or_none
from integrations.network import AddressRefused, CheckedTransport, Resolver, origin_of, resolve

Explain = Callable[[ProviderError, JsonValue], ProviderError]
"""Says what a refusal means whose reason stands in its body: from the error by status and the decoded body (None when
it is not JSON) to the error that is raised and reported."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_HOST_REDIRECTS = 3


class HttpClient:
    """Calls one provider within limits. Use it as `async with HttpClient("reddit", …) as http:`.

    Args:
        provider: Registry id, reported to the guard and carried by every error.
        label: The provider's name in sentences; the id when absent.
        guard: Rate limit, breaker and counters; None calls unguarded.
        user_agent: Sent with every request.
        base_urls: Addresses from the configuration. They may be anywhere, also on loopback and on any port; every
            other host must be public and on port 80 or 443.
        total_seconds: Deadline of one call, from connecting to the last byte.
        max_bytes: Most bytes of one answer, counted after decompression.
        secrets: Values that must never appear in an error.
        resolver: How names become addresses; for tests.
    """

    def __init__(
        self,
        provider: str,
        *,
        user_agent: str,
        label: str | None = None,
        guard: Guard | None = None,
        base_urls: Sequence[str] = (),
        total_seconds: float = 20.0,
        max_bytes: int = 8_000_000,
        secrets: Sequence[str] = (),
        resolver: Resolver = resolve,
    ) -> None:
        self.provider = provider
        self.label = label or provider.capitalize()
        self.requests = 0
        """Requests sent so far, for the ledger; redirects that were followed count, refused admissions do not."""
        self._guard = guard
        self._most = math.inf
        self._total_seconds = total_seconds
        self._answers = AnswerReader(
            provider, self.label, max_bytes=max_bytes, secrets=tuple(secret for secret in secrets if secret)
        )
        self._client = httpx.AsyncClient(
            transport=CheckedTransport([origin_of(url) for url in base_urls], resolver),
            headers={"user-agent": user_agent, "accept": "application/json", "accept-encoding": "gzip"},
            timeout=total_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"HttpClient({self.provider!r}, requests={self.requests})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def allow(self, calls: int) -> None:
        """Send at most so many calls from here on: no more was held back for."""
        self._most = self.requests + calls

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str | int | None] | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "read",
        explain: Explain | None = None,
    ) -> tuple[JsonValue, ResponseFacts]:
        """Return the decoded JSON at `url`. Parameters that are None are left out. Raises `ProviderError`."""
        return await self._json(self._request("GET", url, params=params, headers=headers), operation, explain)

    async def post_form_json(
        self,
        url: str,
        *,
        data: Mapping[str, str],
        params: Mapping[str, str | int | None] | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "read",
    ) -> tuple[JsonValue, ResponseFacts]:
        """Send `data` as a form and return the decoded JSON of the answer. Raises `ProviderError`."""
        request = self._request("POST", url, params=params, headers=headers, data=dict(data))
        return await self._json(request, operation)

    async def post_json(
        self,
        url: str,
        *,
        value: JsonValue,
        headers: Mapping[str, str] | None = None,
        operation: str = "read",
        explain: Explain | None = None,
    ) -> tuple[JsonValue, ResponseFacts]:
        """Send `value` as JSON and return the decoded JSON of the answer. Raises `ProviderError`."""
        body = json.dumps(value, allow_nan=False).encode()
        request = self._request(
            "POST", url, params=None, headers={**(headers or {}), "content-type": "application/json"}, content=body
        )
        return await self._json(request, operation, explain)

    def _request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int | None] | None,
        headers: Mapping[str, str] | None,
        data: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Request:
        query = {name: str(value) for name, value in (params or {}).items() if value is not None}
        try:
            origin_of(url)
            return self._client.build_request(
                method, url, params=query or None, data=data, content=content, headers=dict(headers or {})
            )
        except (ValueError, httpx.InvalidURL):
            raise Rejected("The call was not made: the address is not a valid one.", provider=self.provider) from None

    async def _json(
        self, request: httpx.Request, operation: str, explain: Explain | None = None
    ) -> tuple[JsonValue, ResponseFacts]:
        if self._guard is None:
            return await self._attempt(request, explain)
        await self._guard.admit(self.provider, operation)
        started = time.monotonic()
        try:
            result = await self._attempt(request, explain)
        except ProviderError as error:
            await self._guard.report(self.provider, operation, seconds=time.monotonic() - started, error=error)
            raise
        # A cancelled call reports nothing: it says nothing about the provider.
        await self._guard.report(self.provider, operation, seconds=time.monotonic() - started, error=None)
        return result

    async def _attempt(self, request: httpx.Request, explain: Explain | None) -> tuple[JsonValue, ResponseFacts]:
        """Make the call and decode it; every failure becomes one of our errors.

        The library's errors are not chained: they hold the request, and with it the credentials.
        """
        cut_off = f"{self.label} broke off before its answer was complete; we try again later."
        try:
            async with asyncio.timeout(self._total_seconds):
                facts, body = await self._exchange(request)
        except TimeoutError:
            sentence = (
                f"{self.label} did not finish its answer within {self._total_seconds:g} seconds; we try again later."
            )
            raise Unreachable(sentence, provider=self.provider) from None
        except AddressRefused as error:
            raise Rejected(f"The call was not made: {error}.", provider=self.provider) from None
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            sentence = f"{self.label} cannot be reached; we try again later."
            raise Unreachable(sentence, provider=self.provider) from None
        except (
            httpx.TransportError,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            CutOff,
        ):
            raise Unreachable(cut_off, provider=self.provider) from None
        try:
            self._answers.raise_for_status(request, facts, body)
        except ProviderError as error:
            raise (error if explain is None else explain(error, json_or_none(body))) from None
        return self._answers.decode(body, facts), facts

    async def _exchange(self, request: httpx.Request) -> tuple[ResponseFacts, bytes]:
        started = time.monotonic()
        for _ in range(_SAME_HOST_REDIRECTS + 1):
            if self.requests >= self._most:
                raise Unreachable(f"{self.label} takes more calls than one step may make.", provider=self.provider)
            self.requests += 1
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code in _REDIRECTS:
                    request = self._redirected(request, response)
                    continue
                body = await self._answers.read(response)
            finally:
                await response.aclose()
            headers = {name.lower(): value for name, value in response.headers.items()}
            seconds = time.monotonic() - started
            return ResponseFacts(response.status_code, headers, seconds, request.url.path), body
        raise Rejected(f"{self.label} sends us in circles.", provider=self.provider)

    def _redirected(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        try:
            target = request.url.join(response.headers.get("location", ""))
        except (ValueError, httpx.InvalidURL):
            target = httpx.URL("")
        if request.method != "GET" or not _same_place(request.url, target):
            raise Rejected(
                f"{self.label} redirects to another address, which we do not follow.",
                provider=self.provider,
                status=response.status_code,
            )
        return httpx.Request("GET", target, headers=request.headers, extensions=request.extensions)


def _same_place(old: httpx.URL, new: httpx.URL) -> bool:
    if new.host != old.host:
        return False
    upgraded = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return upgraded or (new.scheme, new.port) == (old.scheme, old.port)
