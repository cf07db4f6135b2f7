"""The only way out to the network: resolve a name, check every address, connect to exactly the checked one.

Checking the name and then letting the library resolve it again would leave a gap for a second, different answer
(DNS rebinding), so the address that was checked is the address that is dialled.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import httpx

if TYPE_CHECKING:
    from httpcore import SOCKET_OPTION

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Turns a host name and a port into address texts, best first. Raises `OSError`."""

Origin = tuple[str, int]
"""Lower-case host and port."""

_PUBLIC_PORTS = frozenset({80, 443})

_IPV6_IN_USE = ipaddress.ip_network("2000::/3")
"""All global unicast that IANA has handed out; what lies outside is local, reserved or a translation prefix."""

_DENIED = tuple(
    ipaddress.ip_network(text)
    for text in (
        # `is_global` is True for these on Python 3.11, although they lead inside or nowhere:
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "224.0.0.0/4",  # multicast
        "2002::/16",  # 6to4: carries any IPv4 address, also 127.0.0.1
        "64:ff9b::/96",  # NAT64: the same
        "64:ff9b:1::/48",  # local-use NAT64
        "fec0::/10",  # site-local
        # Named so that no later change of `is_global` can open them:
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)


class AddressRefused(Exception):
    """A host leads to an address or port that outbound calls may not reach."""


def address_allowed(text: str) -> bool:
    """Return True when `text` is the address of a host on the public internet."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address_allowed(str(address.ipv4_mapped))
        if address not in _IPV6_IN_USE:
            return False
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in _DENIED if network.version == address.version)


def origin_of(url: str) -> Origin:
    """Return host and port of an absolute http(s) URL. Raises `ValueError` when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s%\\]", parts.hostname):
        raise ValueError(f"{url!r} is not an absolute http or https address.")
    return parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host` as the system knows them, best first. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to public addresses, and to the configured origins wherever these are."""

    def __init__(self, configured: Iterable[Origin], resolver: Resolver = resolve) -> None:
        self._configured = frozenset(configured)
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one checked address of `host`. Raises `AddressRefused` and httpcore's connection errors."""
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError):  # the latter for labels that are too long
            raise httpcore.ConnectError("the name does not resolve") from None
        if (host.lower(), port) not in self._configured:
            if port not in _PUBLIC_PORTS:
                raise AddressRefused(f"port {port} is not open to outbound calls")
            if not all(address_allowed(address) for address in addresses):
                raise AddressRefused("the name leads to an address that is not public")
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Pause, as httpcore asks for it."""
        await self._inner.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    """The still compressed bytes of an answer as they arrive."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


class CheckedTransport(httpx.AsyncBaseTransport):
    """An httpx transport on `CheckedBackend`, without proxies or retries. Raises httpcore's errors as they are."""

    def __init__(self, configured: Iterable[Origin], resolver: Resolver = resolve) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls_context(),
            max_connections=8,
            max_keepalive_connections=8,
            keepalive_expiry=30.0,
            network_backend=CheckedBackend(configured, resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a pooled connection."""
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions)
        )

    async def aclose(self) -> None:
        """Close every pooled connection."""
        await self._pool.aclose()


@functools.cache
def _tls_context() -> ssl.SSLContext:
    # Reading the certificate bundle takes some 20 ms, so it is read once per process.
    return httpx.create_ssl_context(trust_env=False)
