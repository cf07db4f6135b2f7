from __future__ import annotations

from pathlib import Path

import pytest

from app.core import frontend
from app.core.settings import Settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for name in (
        "app/pages/home.py",
        "components/frame.py",
        "rxconfig.py",
        "requirements.lock",
        "reflex.lock/bun.lock",
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    monkeypatch.setattr(frontend, "PROJECT", root)
    return root


def config(url: str = "http://localhost:3000") -> Settings:
    return Settings(_env_file=None, public_url=url)


@pytest.mark.parametrize("name", ["app/pages/home.py", "requirements.lock", "reflex.lock/bun.lock", "state/new.py"])
def test_a_change_in_what_matters_asks_for_a_new_build(project: Path, name: str) -> None:
    before = frontend.digest(config())
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("changed")
    assert frontend.digest(config()) != before


def test_another_address_asks_for_a_new_build_since_it_is_baked_in(project: Path) -> None:
    assert frontend.digest(config()) != frontend.digest(config("http://localhost:3001"))


def test_a_change_elsewhere_and_a_compiled_file_do_not(project: Path) -> None:
    before = frontend.digest(config())
    (project / "tasks.py").write_text("changed")
    (project / "app" / "pages" / "__pycache__").mkdir()
    (project / "app" / "pages" / "__pycache__" / "home.pyc").write_text("compiled")
    assert frontend.digest(config()) == before


def test_the_web_process_is_given_its_build_and_the_settings_that_rxconfig_reads(tmp_path: Path) -> None:
    environment = frontend.web_environment(config("http://localhost:3210"), tmp_path)
    assert environment["REFLEX_WEB_WORKDIR"] == str(tmp_path)
    assert environment["ASTERISM_PUBLIC_URL"] == "http://localhost:3210"
    assert environment["__REFLEX_SKIP_COMPILE"] == "true"
    assert environment[frontend.MOUNT] == "true"
