"""Documents that can drift from the code are held to it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

from integrations import registry
from integrations.sandbox.corpus import generate
from integrations.sandbox.faults import LIES
from integrations.sentiment.http import SentimentConfig

ROOT = Path(__file__).resolve().parents[2]


def named(requirement: str) -> str:
    return re.split(r"[><=!~ ;]", requirement)[0]


def test_each_direct_dependency_has_its_sentence_and_nothing_else_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {named(text) for text in project["project"]["dependencies"]}
    wanted |= {named(text) for group in project["dependency-groups"].values() for text in group}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^- `([^`]+)`: \S", text, re.MULTILINE)) == wanted


def test_every_command_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", readme)) <= targets
    modules = {path.stem for path in (ROOT / "app" / "cli").glob("*.py")}
    aliases = {"build": "web", "env-example": "doctor"}
    commands = set(re.findall(r"asterism ([a-z-]+)", readme)) - {"runs"}
    assert {aliases.get(name, name) for name in commands} <= modules


def test_the_page_on_stand_ins_lists_what_they_have() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    listed = {
        (name.partition("/")[2] or name.partition("@")[2]): int(count.replace(",", ""))
        for name, count in re.findall(r"^\| `(\S+)` \| .*\| ([\d,]+) \|$", text, re.MULTILINE)
    }
    hackernews = re.search(r"([\d,]+) items: searches", text)
    assert hackernews is not None
    listed["hackernews"] = int(hackernews[1].replace(",", ""))
    assert listed == Counter(item.community for item in generate().items)


def test_no_file_that_installs_names_a_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "Makefile", ".ci/run"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name


def test_the_page_on_models_names_every_setting_and_every_lie() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for fields, prefix in (
        (registry.model("openai").Config.model_fields, "OPENAI"),
        (SentimentConfig.model_fields, ""),
    ):
        named = [name for name in fields if name != "requests_per_minute" or prefix]
        assert [name for name in named if f"_{name.upper()}`" not in text] == []
    lies = {lie for told in LIES.values() for lie in told}
    assert [lie for lie in sorted(lies) if f"`{lie}`" not in text] == []
