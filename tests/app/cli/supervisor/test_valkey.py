"""The broker's command line with the real server."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli.supervisor import valkey
from app.core import redis
from tests.e2e.stack import until


@contextmanager
def server(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    valkey.prepare(folder)
    with subprocess.Popen(valkey.command(folder), stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: valkey.answers(folder) or process.poll() is not None, 10, "it does not answer")
            yield process
        finally:
            process.kill()


def test_only_its_owner_may_use_the_socket_and_there_is_no_port(data_folder: Path) -> None:
    with server(data_folder):
        assert redis.socket_path(data_folder).stat().st_mode & 0o077 == 0
        assert redis.connection().config_get("port") == {"port": "0"}
        assert redis.connection().config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert redis.connection().config_get("appendfsync") == {"appendfsync": "everysec"}


def test_what_was_written_is_there_after_a_stop(data_folder: Path) -> None:
    with server(data_folder) as process:
        redis.connection().set("kept", "yes")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=5)
    with server(data_folder):
        assert redis.connection().get("kept") == "yes"


def test_a_server_of_an_earlier_run_is_asked_to_end(data_folder: Path) -> None:
    with server(data_folder) as orphan:
        valkey.prepare(data_folder)
        assert orphan.wait(timeout=5) == 0


def test_a_torn_tail_does_not_matter_and_a_spoilt_file_can_be_put_aside(data_folder: Path) -> None:
    with server(data_folder) as process:
        redis.connection().set("kept", "yes")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=5)
    file = next((valkey.data_folder(data_folder) / "appendonlydir").glob("*.incr.aof"))
    file.write_bytes(file.read_bytes()[:-3])
    with server(data_folder):
        assert valkey.answers(data_folder)
    file.write_bytes(b"\x00\xffnonsense" * 100)
    with server(data_folder) as process:
        assert process.poll() is not None
    aside = valkey.put_aside(data_folder)
    assert aside is not None
    assert aside.is_dir()
    with server(data_folder):
        assert valkey.answers(data_folder)
