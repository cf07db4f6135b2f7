"""One command starts everything, says one clear sentence when it cannot, and leaves nothing behind."""

from __future__ import annotations

import http.cookiejar
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import MARKS, PORT, URL, Program, program, until

pytestmark = [*MARKS]


@pytest.fixture
def stopped(request: pytest.FixtureRequest) -> Iterator[Program]:
    with program(Path(request.config.cache.mkdir("asterism-pages"))) as found:
        yield found


def test_it_starts_shows_one_link_refuses_a_second_start_and_ends_within_ten_seconds(stopped: Program) -> None:
    stopped.start()
    assert stopped.output.read_text().count("\n") == 1

    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(stopped.link(), timeout=10) as page:
        assert page.status == 200
    assert [cookie.name for cookie in jar] == ["sid"]

    second = stopped.command("run")
    assert second.returncode == 2
    assert f"Asterism is already running here: open {URL}" in second.stderr
    assert second.stdout == ""
    assert "Traceback" not in second.stderr

    fresh = stopped.command("link").stdout.strip()
    assert fresh.startswith(f"{URL}/welcome?token=")
    assert fresh != stopped.link()

    until(lambda: stopped.health()["workers"] == "ok", 30, "no worker came up")
    health = stopped.health()
    assert {
        name: health[name] for name in ("broker", "database", "scheduler", "sandbox", "pages", "web")
    } == dict.fromkeys(("broker", "database", "scheduler", "sandbox", "pages", "web"), "ok")

    assert stopped.interrupt() < 10
    assert stopped.process is not None
    assert stopped.process.returncode == 0
    assert stopped.processes() == {}


def test_a_taken_port_is_one_sentence(stopped: Program) -> None:
    with socket.create_server(("127.0.0.1", PORT)):
        result = stopped.command("run")
    assert result.returncode == 2
    assert f"Port {PORT} is taken by another program" in result.stderr
    assert "Traceback" not in result.stderr
    assert stopped.processes() == {}


def test_a_folder_that_cannot_be_written_is_one_sentence(stopped: Program) -> None:
    result = stopped.command("run", ASTERISM_DATA_DIR="/proc/sys/asterism")
    assert result.returncode == 2
    assert "The data folder /proc/sys/asterism cannot be written" in result.stderr


def test_a_part_that_cannot_start_is_told_and_the_rest_is_taken_down(stopped: Program) -> None:
    (stopped.folder / "asterism.sqlite3").write_bytes(b"this is no database" * 1000)
    result = stopped.command("run")
    assert result.returncode == 2
    assert "setup failed: The database could not be brought up to date (file is not a database)" in result.stderr
    assert stopped.processes() == {}
