from __future__ import annotations

import socket

import pytest

from app.cli.supervisor.ports import Address, free_port, is_answering, require_free, web_address
from app.core.errors import Conflict, SettingsError
from app.core.settings import Settings


def address_for(url: str) -> Address:
    return web_address(Settings(_env_file=None, public_url=url))


def test_a_local_address_is_for_this_machine_only() -> None:
    assert address_for("http://localhost:3000") == Address("127.0.0.1", 3000)


def test_a_public_address_listens_everywhere() -> None:
    assert address_for("http://talk.example.org") == Address("0.0.0.0", 80)  # noqa: S104


def test_behind_an_https_proxy_it_is_this_machine_and_port_3000() -> None:
    assert address_for("https://talk.example.org") == Address("127.0.0.1", 3000)


def test_a_taken_port_is_told_with_a_free_one_to_use_instead() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            Conflict, match=rf"Port {port} is taken by another program: stop it, or .*ASTERISM_PUBLIC_URL"
        ):
            require_free(Address("127.0.0.1", port))


def test_an_address_that_is_not_ours_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on 192\.0\.2\.1"):
        require_free(Address("192.0.2.1", free_port()))


def test_a_free_port_is_free() -> None:
    address = Address("127.0.0.1", free_port())
    require_free(address)
    assert not is_answering(address)
