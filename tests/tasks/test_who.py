"""A process's name tells whether that very process still lives."""

from __future__ import annotations

import subprocess
import sys

from tasks.who import host, is_gone, worker_name


def test_we_live():
    assert not is_gone(worker_name())


def test_a_process_that_ended_is_gone():
    code = "from tasks.who import worker_name; print(worker_name())"
    name = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert name.startswith(host())
    assert is_gone(name)


def test_another_process_with_the_same_number_is_not_the_same():
    where, number, started = worker_name().split("|")
    assert is_gone(f"{where}|{number}|{int(started) + 1}")


def test_of_another_host_nothing_is_known():
    assert not is_gone("elsewhere|1|1")
    assert not is_gone("nonsense")
