"""Runs the command inside the test's process and keeps what it wrote."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest

from app.cli.main import main
from app.core import bus
from tests.logs import log_to_pytest


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run `asterism` with these arguments."""
    bus.courier().forget(5)  # what the test's own set-up sent, and could not, is not the command's to say
    capfd.readouterr()
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        with pytest.raises(SystemExit) as end:
            main(arguments)
    finally:  # the command set up logging for a process of its own
        bus.courier().forget(5)  # a thread that writes while the output is read takes it away
        log_to_pytest()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
    written = capfd.readouterr()
    return Ran(int(end.value.code or 0), written.out, written.err)
