"""`asterism link` prints one line that a script can take, whatever else goes wrong beside it."""

from __future__ import annotations

import os
import subprocess
import sys

from app.core.db import Database
from app.core.settings import PREFIX


def test_standard_output_holds_the_link_alone_when_the_broker_is_away(sqlite_database: Database) -> None:
    away = {f"{PREFIX}REDIS_URL": "redis://127.0.0.1:1/0", f"{PREFIX}SANDBOX_URL": "http://127.0.0.1:1"}
    environment = os.environ | away
    command = [sys.executable, "-m", "app.cli", "link", "--first-sample"]

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 1
    assert "/welcome?token=" in ran.stdout
    assert "courier.failed" in ran.stderr
