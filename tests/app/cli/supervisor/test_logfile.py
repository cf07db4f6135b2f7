from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.supervisor.logfile import RotatingLog, tells_of_trouble, without_numbers


@pytest.mark.parametrize(
    "line",
    [
        b"2026-11-22T13:15:56Z [warning  ] job.failed  attempt=1",
        b"2026-11-22 13:15:56,012 ERROR celery.worker: lost",
        b"[WARNING] Embedded server is experimental!",
        b'{"event": "job.dead", "level": "error"}',
    ],
)
def test_warnings_of_every_part_are_seen(line: bytes) -> None:
    assert tells_of_trouble(line)


@pytest.mark.parametrize("line", [b"2026 [info     ] no error here", b"ERRORS=0", b"warning signs of rain"])
def test_other_lines_are_not(line: bytes) -> None:
    assert not tells_of_trouble(line)


def test_lines_that_differ_in_numbers_alone_are_alike() -> None:
    assert without_numbers(b"12:01 lost 3 s") == without_numbers(b"12:59 lost 45 s")


def test_a_full_log_turns_over_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "web.log", max_bytes=10, kept=2)
    for letter in "abcd":
        log.write(letter.encode() * 10)
    log.write(b"e")
    log.close()
    kept = {path.name: path.read_bytes()[:1] for path in tmp_path.iterdir()}
    assert kept == {"web.log": b"e", "web.log.1": b"d", "web.log.2": b"c"}
