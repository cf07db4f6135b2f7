"""Several analyses at once, each with a small cap, and a model behind real HTTP that lies in every way it can.

Fifty of them: `python -m tests.benchmarks.model_races`.
"""

from __future__ import annotations

import pytest

from app.core.db import Database
from app.core.settings import settings
from app.services.access import Actor
from integrations.sandbox.server import SandboxServer
from tests.benchmarks.model_races import race


@pytest.mark.timeout(300)
def test_no_cap_is_passed_and_nothing_invented_is_shown(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    with SandboxServer(secret="race", scale=0.01) as sandbox:
        monkeypatch.setenv("ASTERISM_SANDBOX_URL", sandbox.url)
        monkeypatch.setenv("ASTERISM_WORKSPACE_RUNNING", "64")
        settings.cache_clear()
        seen = race(database, workspace_actor, sandbox, runs=6, seconds=240)

    assert seen.faults == []
    assert seen.ends == {"completed": 6}
    assert seen.calls > 6
    assert seen.looks > 20
    assert 0 < seen.worst_share <= 1
