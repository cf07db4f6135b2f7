"""Which addresses the web server listens on, and whether they are free."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from app.core.errors import Conflict, SettingsError
from app.core.settings import Settings

LOOPBACK = "127.0.0.1"
BEHIND_PROXY_PORT = 3000


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int


def web_address(config: Settings, *, host: str | None = None, port: int | None = None) -> Address:
    """Return where the web server listens: on this machine only, unless the public URL names another.

    With an https address a proxy in front ends TLS, so the server takes plain HTTP on port 3000 of this machine.

    Args:
        config: The settings.
        host: Overrides the address.
        port: Overrides the port.
    """
    if config.is_https:
        return Address(host or LOOPBACK, port or BEHIND_PROXY_PORT)
    name = config.public_url.removeprefix("http://").rsplit(":", 1)[0]
    is_local = name in {"localhost", LOOPBACK, "[::1]"}
    return Address(host or (LOOPBACK if is_local else "0.0.0.0"), port or config.port)  # noqa: S104 - asked for by name


def require_free(address: Address) -> None:
    """Do nothing when the address can be listened on.

    Raises:
        Conflict: Another program listens there.
        SettingsError: The address is not ours, or the port needs rights that we lack.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except PermissionError as error:
            raise SettingsError(
                f"Port {address.port} needs administrator rights: choose one above 1023, for example "
                f"ASTERISM_PUBLIC_URL=http://localhost:3000."
            ) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Conflict(
                    f"Port {address.port} is taken by another program: stop it, or choose another port with "
                    f"ASTERISM_PUBLIC_URL=http://localhost:{_next_free(address)}."
                ) from error
            raise SettingsError(
                f"The web server cannot listen on {address.host}:{address.port} ({error.strerror}): correct "
                f"ASTERISM_PUBLIC_URL or --host."
            ) from error


def is_answering(address: Address) -> bool:
    """Return whether something accepts connections there."""
    host = LOOPBACK if address.host == "0.0.0.0" else address.host  # noqa: S104 - compared, not bound
    try:
        with socket.create_connection((host, address.port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of this machine that nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _next_free(address: Address) -> int:
    for port in range(address.port + 1, min(address.port + 50, 65_536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address.host, port))
            except OSError:
                continue
            return port
    return free_port()
