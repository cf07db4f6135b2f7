"""What must stay light stays light; what must stay apart stays apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a fresh Python holds after one statement."""
    code = f"import sys\n{statement}\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_import_contracts_hold() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", ["tasks.worker", "tasks.scheduler", "integrations.sandbox.server"])
def test_a_background_process_starts_without_the_web_framework(module: str) -> None:
    assert loaded_by(f"import {module}").isdisjoint({"reflex", "reflex_base", "granian"})


def test_the_supervisor_loads_no_database_no_worker_and_no_web_framework() -> None:
    loaded = loaded_by("import app.cli.supervisor.stack")
    assert loaded.isdisjoint({"sqlalchemy", "sqlmodel", "celery", "reflex", "httpx", "fastapi", "redis"})


def test_listing_the_commands_loads_nothing_heavy() -> None:
    loaded = loaded_by("from app.cli.main import build; build()")
    assert loaded.isdisjoint({"sqlalchemy", "sqlmodel", "celery", "reflex", "httpx", "fastapi", "redis", "pydantic"})
