"""The embedded program, part by part: what is started, in which order, with what.

broker ─▶ database ─▶ sandbox (when a provider has no key) ─▶ worker, scheduler ─▶ pages ─▶ web ─▶ link
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.cli.supervisor import folder as data_folder
from app.cli.supervisor import valkey
from app.cli.supervisor.child import Child, Part
from app.cli.supervisor.loop import Supervisor
from app.cli.supervisor.ports import LOOPBACK, Address, free_port, is_answering, require_free
from app.core import frontend
from app.core.secrets import new_token
from app.core.settings import SandboxMode, Settings

BROKER = "broker"
SANDBOX = "sandbox"
WEB = "web"
READY_SECONDS = 60.0
SETUP_SECONDS = 300.0
"""A migration of a large database may take its time."""
BUILD_SECONDS = 900.0
"""The first build fetches 150 MB."""
_BROKER_READY = b"Ready to accept connections"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that is up."""

    supervisor: Supervisor
    environment: dict[str, str]
    """What another process of ours needs to take part (`ASTERISM_SANDBOX_URL`, …)."""
    link: str | None
    """Where to sign in; None without the web server."""


@contextmanager
def running_stack(config: Settings, say: Say, *, web: Address | None) -> Iterator[Running]:
    """Start everything that the settings leave to us; stop it at the end of the block. Main thread only.

    Args:
        config: The settings.
        say: Shows a person one line.
        web: Where the web server listens; None starts none (and asks for no first sample analysis).

    Raises:
        Conflict: The data folder or the port is in use.
        SettingsError: The data folder cannot be written.
        Unavailable: A part does not start; the message says which and why.
        Stopped: We were asked to stop before everything was up.
    """
    folder = config.folder()
    data_folder.prepare(folder)
    with data_folder.only_one(folder, config.public_url):
        ended = data_folder.end_leftovers(folder)
        if ended:
            say(f"Ended what an earlier run had left running (processes: {ended}).")
        if web is not None:
            require_free(web)
        with Supervisor(folder, say) as supervisor:
            starting = _Start(config, supervisor, say)
            starting.broker()
            starting.database_and_sandbox()
            starting.workers()
            link = starting.web(web) if web is not None else None
            yield Running(supervisor, starting.environment, link)
            say("Stopping.")


class _Start:
    """One start; each method brings up one part and returns when the next may begin."""

    def __init__(self, config: Settings, supervisor: Supervisor, say: Say) -> None:
        self._config = config
        self._supervisor = supervisor
        self._say = say
        self.environment = {
            "ASTERISM_DATA_DIR": str(config.folder()),
            "PYTHONPATH": str(frontend.PROJECT),
            "PYTHONUNBUFFERED": "1",
        }

    def broker(self) -> None:
        """Start Valkey, unless the settings name one."""
        if not self._config.is_embedded:
            return
        folder = self._config.folder()
        valkey.prepare(folder)
        # TERM lets it write its last second to disk, also when we were killed.
        part = Part(BROKER, valkey.command(folder), parent_gone=signal.SIGTERM, quiet=True, ready=_BROKER_READY)
        child = self._supervisor.start(part, before_restart=lambda: self._before_broker(child))
        self._supervisor.wait(lambda: valkey.answers(folder), seconds=READY_SECONDS, child=child)

    def database_and_sandbox(self) -> None:
        """Bring the database up to date, and start the sandbox when a provider needs it."""
        lines = self._supervisor.run(self._own("setup", "setup"), seconds=SETUP_SECONDS)
        config = self._config
        if config.sandbox is SandboxMode.OFF or config.sandbox_url is not None or "sandbox" not in lines:
            return
        address = Address(LOOPBACK, free_port())
        secret = config.sandbox_secret.get_secret_value() if config.sandbox_secret else new_token()
        self.environment |= {
            "ASTERISM_SANDBOX_URL": f"http://{address.host}:{address.port}",
            "ASTERISM_SANDBOX_SECRET": secret,
        }
        child = self._supervisor.start(self._own(SANDBOX, "sandbox", "--port", str(address.port)))
        self._supervisor.wait(lambda: is_answering(address), seconds=READY_SECONDS, child=child)

    def workers(self) -> None:
        """Start worker and scheduler; jobs wait in the database until they are ready."""
        self._supervisor.start(self._own("worker", "worker"))
        self._supervisor.start(self._own("scheduler", "scheduler"))

    def web(self, address: Address) -> str:
        """Build the pages when that is due, start the web server, return a link to sign in with."""
        if frontend.built(self._config) is None:
            self._supervisor.run(self._own("pages", "build", speaks=True), seconds=BUILD_SECONDS)
        child = self._supervisor.start(self._own(WEB, "web", "--host", address.host, "--port", str(address.port)))
        lines = self._supervisor.run(self._own("link", "link", "--first-sample", secret=True), seconds=READY_SECONDS)
        self._supervisor.wait(lambda: _answers_ping(address, self._config), seconds=READY_SECONDS, child=child)
        return next(line for line in reversed(lines) if "/welcome?token=" in line)

    def _before_broker(self, child: Child) -> None:
        if not child.was_ready:
            aside = valkey.put_aside(self._config.folder())
            if aside is not None:
                self._say(f"The broker could not read its file; it is kept in {aside}. No work is lost.")
        valkey.prepare(self._config.folder())

    def _own(self, name: str, *arguments: str, speaks: bool = False, secret: bool = False) -> Part:
        command = [sys.executable, "-m", "app.cli", *arguments]
        return Part(name, command, dict(self.environment), speaks=speaks, secret=secret)


def _answers_ping(address: Address, config: Settings) -> bool:
    host = urlsplit(config.public_url).netloc
    try:
        with socket.create_connection((address.host, address.port), timeout=2) as connection:
            connection.sendall(f"GET /ping HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False
