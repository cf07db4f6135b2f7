"""A client of another Asterism's REST interface (`/api/v1`), for the command line.

Like every way out it has a total deadline for a call, a cap on what it reads, no ambient proxies and no redirects. The
address is the caller's own setting, so it may be anywhere, also on loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import SplitResult, urlsplit

import httpx

from integrations.contracts import JsonValue
from integrations.errors import (
    ContractChanged,
    Gone,
    NeedsReauth,
    ProviderError,
    RateLimited,
    Rejected,
    Unreachable,
)

PROVIDER = "asterism"
TOTAL_SECONDS = 30.0
SILENCE_SECONDS = 60.0
"""A download may take long, but not be silent for longer than this."""
FILE_SECONDS = 900.0
"""For a file to arrive and be read there."""
PIECE = 1 << 18
MAX_BYTES = 32_000_000
"""Most bytes of one JSON answer; a download is not capped, since it goes to a file as it comes."""
DEFAULT_RETRY_AFTER = 5.0
LONGEST_RETRY_AFTER = 300.0


class AsterismClient:
    """Calls one Asterism. Use it as `async with AsterismClient(url, key) as client:`.

    Args:
        url: Where its pages are, for example `http://localhost:3000`.
        key: An API key, `ast_…`.

    Raises:
        Rejected: The address is not one.
    """

    def __init__(self, url: str, key: str) -> None:
        parts = _address(url)
        self._client = httpx.AsyncClient(
            base_url=f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/v1/",
            headers={"authorization": f"Bearer {key}", "accept": "application/json"},
            timeout=TOTAL_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> JsonValue:
        """Return the JSON at a path below `/api/v1/`. Raises `ProviderError`."""
        return await self._call(self._client.build_request("GET", path, params=dict(params or {})))

    async def post(self, path: str, body: JsonValue = None, *, idempotency_key: str | None = None) -> JsonValue:
        """Send JSON and return the answer. Raises `ProviderError`."""
        headers = {} if idempotency_key is None else {"idempotency-key": idempotency_key}
        return await self._call(self._client.build_request("POST", path, json=body, headers=headers))

    async def patch(self, path: str, body: JsonValue) -> JsonValue:
        """Send a change as JSON and return the answer. Raises `ProviderError`."""
        return await self._call(self._client.build_request("PATCH", path, json=body), seconds=FILE_SECONDS)

    async def upload(self, path: str, file: BinaryIO, params: Mapping[str, str]) -> JsonValue:
        """Send a file as it lies, piece by piece, and return the answer. Raises `ProviderError`."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        request = self._client.build_request(
            "POST", path, params=dict(params), content=_pieces(file), headers=headers, timeout=SILENCE_SECONDS
        )
        return await self._call(request, seconds=FILE_SECONDS)

    async def download(self, path: str, params: Mapping[str, str] | None = None) -> AsyncIterator[bytes]:
        """Give the bytes at a path as they come. Raises `ProviderError`."""
        request = self._client.build_request("GET", path, params=dict(params or {}), timeout=SILENCE_SECONDS)
        async with self._answer(request) as response:
            if response.status_code != httpx.codes.OK:
                raise self._refusal(response, await _read(response))
            async for part in response.aiter_bytes():
                yield part

    async def _call(self, request: httpx.Request, *, seconds: float | None = None) -> JsonValue:
        seconds = TOTAL_SECONDS if seconds is None else seconds
        try:
            async with asyncio.timeout(seconds), self._answer(request) as response:
                body = await _read(response)
        except TimeoutError:
            raise Unreachable(f"{self._shown} did not answer within {seconds:g} seconds.", provider=PROVIDER) from None
        if not response.is_success:
            raise self._refusal(response, body)
        try:
            return json.loads(body)
        except ValueError:
            raise ContractChanged(
                f"{self._shown} answered with something else than data; is it an Asterism?",
                provider=PROVIDER,
                status=response.status_code,
            ) from None

    @asynccontextmanager
    async def _answer(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Send the request; the library's errors are not chained, since they hold the key."""
        try:
            response = await self._client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.ConnectError:
            raise Unreachable(
                f"{self._shown} cannot be reached; is it running, and is --url right?", provider=PROVIDER
            ) from None
        except httpx.TransportError:
            raise Unreachable(f"{self._shown} broke off before its answer was complete.", provider=PROVIDER) from None

    def _refusal(self, response: httpx.Response, body: bytes) -> ProviderError:
        """Return the error that a status means, in the words of the problem document where there is one."""
        status = response.status_code
        sentence = _detail(body) or f"{self._shown} answered with an error ({status})."
        if status == httpx.codes.UNAUTHORIZED:
            return NeedsReauth(sentence, provider=PROVIDER, status=status)
        if status == httpx.codes.NOT_FOUND:
            return Gone(sentence, provider=PROVIDER, status=status)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return RateLimited(sentence, provider=PROVIDER, retry_after=_retry_after(response))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Unreachable(sentence, provider=PROVIDER, status=status)
        return Rejected(sentence, provider=PROVIDER, status=status)


def _address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        if parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0):
            return parts
    except (ValueError, httpx.InvalidURL):
        pass
    raise Rejected(f"{url!r} is not an address; write it like http://localhost:3000.", provider=PROVIDER)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_BYTES:
            raise Unreachable(f"The answer is larger than {MAX_BYTES:,} bytes, so we stopped.", provider=PROVIDER)
    return bytes(body)


def _detail(body: bytes) -> str:
    try:
        problem = json.loads(body)
    except ValueError:
        return ""
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return detail[:500] if isinstance(detail, str) else ""


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), LONGEST_RETRY_AFTER) if text.isdecimal() else DEFAULT_RETRY_AFTER
