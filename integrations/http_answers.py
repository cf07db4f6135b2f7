"""What a provider's answer is: its bytes within a cap, its status as a typed error, its JSON, and a sample for people.

stream ≤ max_bytes while unpacking → status → JSON
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from integrations.contracts import JsonValue
from integrations.errors import ContractChanged, Gone, NeedsReauth, ProviderError, RateLimited, Rejected, Unreachable
from integrations.redaction import redact
from integrations.retry_after import retry_after_seconds

SAMPLE_LENGTH = 300

_RETRY_LATER = frozenset({408, 425})


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What is worth knowing of an answer besides its value."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    seconds: float
    """From the first byte sent to the last byte read."""
    path: str
    """Path of the address that answered, without its query; differs from the one asked after a redirect."""


class CutOff(Exception):
    """The compressed answer ended before its end mark."""


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """Reads the answers of one provider."""

    provider: str
    label: str
    max_bytes: int
    """Most bytes of one answer, counted after decompression."""
    secrets: tuple[str, ...] = field(repr=False)
    """Values that must never appear in an error."""

    async def read(self, response: httpx.Response) -> bytes:
        """Collect the body within the cap, also while unpacking: gzip may hold a thousand times its size."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"identity", "", "gzip", "x-gzip", "deflate"}:
            raise ContractChanged(
                f"{self.label} answered in an encoding that we did not ask for.",
                provider=self.provider,
                status=response.status_code,
            )
        # 32 + MAX_WBITS: zlib finds out by itself whether the header is gzip's or its own.
        unpack = None if encoding in {"identity", ""} else zlib.decompressobj(32 + zlib.MAX_WBITS)
        body = bytearray()
        async for part in response.aiter_raw():
            if unpack is None:
                body += part
            else:
                try:
                    body += unpack.decompress(part, self.max_bytes - len(body) + 1)
                except zlib.error:
                    raise ContractChanged(
                        f"{self.label} answered with damaged compression.",
                        provider=self.provider,
                        status=response.status_code,
                    ) from None
            if len(body) > self.max_bytes:
                raise Unreachable(
                    f"{self.label} answered with more than {self.max_bytes:,} bytes, so we stopped reading.",
                    provider=self.provider,
                    status=response.status_code,
                )
        if unpack is not None and body and not unpack.eof:
            raise CutOff
        return bytes(body)

    def raise_for_status(self, request: httpx.Request, facts: ResponseFacts, body: bytes) -> None:
        """Raise the error that says what to do next, unless the provider did what was asked."""
        status, label = facts.status, self.label
        if status in {200, 201, 202}:
            return
        if status == 429:
            wait = retry_after_seconds(facts.headers, datetime.now(UTC))
            raise RateLimited(
                f"{label} asks us to wait {wait:.0f} seconds.", provider=self.provider, retry_after=wait, status=status
            )
        kind: type[ProviderError]
        if status >= 500 or status in _RETRY_LATER:
            kind, sentence = Unreachable, f"{label} answers with an error ({status}); we try again later."
        elif _credentials_refused(request, facts):
            kind = NeedsReauth
            sentence = f"{label} does not accept the credentials ({status}); connect it again or check its keys."
        elif status in {404, 410}:
            kind, sentence = Gone, f"{label} has nothing at this address ({status})."
        elif status >= 400:
            kind, sentence = Rejected, f"{label} refuses the request ({status})."
        else:
            kind, sentence = ContractChanged, f"{label} answered in a way that we do not know ({status})."
        raise kind(sentence, provider=self.provider, status=status, sample=self._sample(body))

    def decode(self, body: bytes, facts: ResponseFacts) -> JsonValue:
        """Return what the body says as JSON. Raises `ContractChanged`."""
        try:
            return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            looks_like_a_page = body.lstrip()[:1] == b"<"
            raise ContractChanged(
                f"{self.label} answered with {'a web page' if looks_like_a_page else 'something'} where data was "
                "expected.",
                provider=self.provider,
                status=facts.status,
                sample=self._sample(body),
            ) from None

    def _sample(self, body: bytes) -> str:
        # More than the sample is redacted, so that a credential cut at its edge is still recognised.
        text = body[: SAMPLE_LENGTH * 4].decode("utf-8", "replace")
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return redact(text)[:SAMPLE_LENGTH]


def json_or_none(body: bytes) -> JsonValue:
    """Return what the body of a refusal says; None when it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _credentials_refused(request: httpx.Request, facts: ResponseFacts) -> bool:
    if "authorization" not in request.headers:
        return False
    # A plain 403 says "not this resource" (a private community); only these words say "not this token" (RFC 6750, 3.1).
    challenge = facts.headers.get("www-authenticate", "")
    return facts.status == 401 or (
        facts.status == 403 and ("insufficient_scope" in challenge or "invalid_token" in challenge)
    )


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is not JSON")
