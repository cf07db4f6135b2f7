"""Runs the command inside the test's process and keeps what it wrote."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.cli.main import main


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run `asterism` with these arguments."""
    capfd.readouterr()
    with pytest.raises(SystemExit) as end:
        main(arguments)
    written = capfd.readouterr()
    return Ran(int(end.value.code or 0), written.out, written.err)
