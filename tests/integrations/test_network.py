from __future__ import annotations

import asyncio

import pytest

from integrations.errors import Rejected
from integrations.http import HttpClient
from integrations.network import AddressRefused, CheckedBackend, address_allowed, origin_of, resolve
from tests.local_server import Reply, serve

REFUSED = [
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
    "x",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
]
ALLOWED = [
    "1.1.1.1",
    "8.8.8.8",
    "151.101.1.140",
    "172.32.0.1",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2a04:4e42::396",
]


@pytest.mark.parametrize("address", [*REFUSED, ""])
def test_an_address_that_is_not_public_is_refused(address) -> None:
    assert not address_allowed(address)


@pytest.mark.parametrize("address", [*ALLOWED, "::ffff:8.8.8.8"])
def test_a_public_address_is_allowed(address) -> None:
    assert address_allowed(address)


class Dialled(Exception):
    """Raised instead of connecting."""


class Recorder:
    """Stands where the network begins; nothing leaves the machine."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, int]] = []

    async def connect_tcp(self, host, port, *arguments):
        self.dialled.append((host, port))
        raise Dialled


def connect(host: str, port: int, answers: list[list[str]], configured=()) -> list[tuple[str, int]]:
    asked = iter(answers)

    async def resolver(name, number):
        return next(asked)

    backend = CheckedBackend(configured, resolver)
    backend._inner = recorder = Recorder()
    with pytest.raises(Dialled):
        asyncio.run(backend.connect_tcp(host, port))
    return recorder.dialled


def test_the_address_that_was_checked_is_the_one_that_is_dialled() -> None:
    # A second answer would lead inside; it is never asked for.
    assert connect("rebind.example", 443, [["8.8.8.8"], ["127.0.0.1"]]) == [("8.8.8.8", 443)]


def test_one_inside_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused):
        connect("mixed.example", 443, [["8.8.8.8", "10.0.0.1"]])


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 0])
def test_other_ports_are_refused(port) -> None:
    with pytest.raises(AddressRefused):
        connect("public.example", port, [["8.8.8.8"]])


def test_a_configured_origin_may_be_anywhere_but_only_itself() -> None:
    assert connect("LOCALHOST", 9, [["127.0.0.1"]], [("localhost", 9)]) == [("127.0.0.1", 9)]
    with pytest.raises(AddressRefused):
        connect("localhost", 10, [["127.0.0.1"]], [("localhost", 9)])
    with pytest.raises(AddressRefused):
        connect("elsewhere", 80, [["127.0.0.1"]], [("localhost", 80)])


@pytest.mark.parametrize("spelling", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost"])
def test_every_spelling_of_loopback_is_refused_through_the_real_resolver(spelling) -> None:
    async def call() -> None:
        async with HttpClient("example", user_agent="test") as http:
            await http.get_json(f"http://{spelling}/")

    with pytest.raises(Rejected, match="not made"):
        asyncio.run(call())


def test_a_redirect_into_the_inside_is_refused() -> None:
    with serve(lambda asked: Reply(status=302, headers={"location": "http://169.254.169.254/"})) as server:

        async def call() -> None:
            async with HttpClient("example", user_agent="test", base_urls=[server.base]) as http:
                await http.get_json(server.base)

        with pytest.raises(Rejected, match="redirects"):
            asyncio.run(call())


def test_origins_are_read_from_addresses() -> None:
    assert origin_of("https://OAuth.reddit.com/x") == ("oauth.reddit.com", 443)
    assert origin_of("http://[::1]:8080") == ("::1", 8080)
    for text in ("ftp://x", "reddit.com", "", "http://"):
        with pytest.raises(ValueError, match="not an absolute"):
            origin_of(text)


def test_the_system_resolver_gives_each_address_once() -> None:
    addresses = asyncio.run(resolve("127.0.0.1", 80))
    assert addresses == ["127.0.0.1"]
