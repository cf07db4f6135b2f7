"""The places where a process may be made to die exist, each once, and do nothing unless they are named."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.crashpoints import CRASHPOINTS, armed, crashpoint

ROOT = Path(__file__).resolve().parents[3]


def test_each_named_place_stands_in_the_code_once():
    text = "\n".join(path.read_text() for folder in ("app", "tasks") for path in (ROOT / folder).rglob("*.py"))
    assert sorted(re.findall(r'^ +crashpoint\("([a-z.]+)"\)$', text, re.MULTILINE)) == sorted(CRASHPOINTS)


def test_nothing_happens_unless_a_setting_says_so():
    for name in CRASHPOINTS:
        crashpoint(name)


def test_a_name_that_no_place_has_is_refused():
    with pytest.raises(ValueError, match="the points are"):
        armed("collect.comitted")


def test_the_first_that_come_by_die_and_the_next_go_on(data_folder):
    code = "from app.core.crashpoints import crashpoint; crashpoint('job.claimed'); print('alive')"
    environment = os.environ | {"ASTERISM_CRASHPOINT": "job.claimed:2"}

    ended = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False).returncode
        for _ in range(3)
    ]

    assert ended == [-signal.SIGKILL, -signal.SIGKILL, 0]
