"""How the OpenAI SDK reaches the network: checked connections, nothing from the environment, a cap on every answer.

The SDK takes an httpx client in place of its own (on httpx2), so its calls leave by the same door as all others.
"""

from __future__ import annotations

import httpx

from integrations.network import AddressRefused, CheckedTransport, Resolver, origin_of, resolve

_SENT = frozenset({"host", "content-type", "content-length", "transfer-encoding", "accept", "authorization"})
"""Headers that go out. The SDK adds facts about this machine, and whatever its environment variables name."""


class AnswerTooLarge(Exception):
    """The answer went on beyond the cap."""


class UnknownEncoding(Exception):
    """The answer is compressed, although we asked for it as it is."""


class CappedTransport(httpx.AsyncBaseTransport):
    """Sends to one origin and reads each answer whole.

    Args:
        base_url: The one address that is called, wherever it is.
        user_agent: Sent with every request.
        max_bytes: Most bytes of one answer. None is ever compressed, so these are the decoded ones.
        with_key: Whether the key is sent; a server of one's own often has none.
        resolver: How names become addresses; for tests.
    """

    def __init__(
        self, base_url: str, *, user_agent: str, max_bytes: int, with_key: bool, resolver: Resolver = resolve
    ) -> None:
        self._origin = origin_of(base_url)
        self._inner = CheckedTransport([self._origin], resolver)
        self._own = [(b"user-agent", user_agent.encode()), (b"accept-encoding", b"identity")]
        self._max_bytes = max_bytes
        self._sent = _SENT if with_key else _SENT - {"authorization"}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises `AddressRefused`, `AnswerTooLarge`, `UnknownEncoding` and httpcore's errors."""
        if origin_of(str(request.url)) != self._origin:
            raise AddressRefused("the address is not the configured one")
        kept = [(name, value) for name, value in request.headers.raw if name.decode().lower() in self._sent]
        answer = await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers=[*kept, *self._own],
                stream=request.stream,
                extensions=request.extensions,
            )
        )
        try:
            if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
                raise UnknownEncoding
            body = bytearray()
            async for part in answer.aiter_raw():
                body += part
                if len(body) > self._max_bytes:
                    raise AnswerTooLarge
        finally:
            await answer.aclose()
        return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body))

    async def aclose(self) -> None:
        """Close every pooled connection."""
        await self._inner.aclose()
