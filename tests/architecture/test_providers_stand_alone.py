"""A provider is one file (with private ones beside it that carry its name): it leans on no other provider."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "integrations" / "sources", ROOT / "integrations" / "ai"]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def provider_of(module_name: str, providers: set[str]) -> str:
    """Return which provider a module of the folder belongs to (`_reddit_query` → `reddit`)."""
    name = module_name.lstrip("_")
    return next((found for found in providers if name == found or name.startswith(f"{found}_")), name)


@pytest.mark.parametrize(
    "path", sorted(file for folder in FOLDERS for file in folder.glob("*.py")), ids=lambda path: path.stem
)
def test_a_provider_imports_no_other_provider(path: Path) -> None:
    providers = {file.stem for file in path.parent.glob("*.py") if not file.stem.startswith("_")}
    packages = [f"integrations.{folder.name}." for folder in FOLDERS]
    own = f"integrations.{path.parent.name}."
    others = [
        name
        for name in imported(path)
        if any(name.startswith(package) for package in packages)
        and (
            not name.startswith(own) or provider_of(name.split(".")[2], providers) != provider_of(path.stem, providers)
        )
    ]
    assert others == []


def test_the_rule_sees_an_import_of_another_source(tmp_path: Path) -> None:
    file = tmp_path / "lemmy.py"
    file.write_text("from integrations.sources._reddit_query import Query\n")
    assert "integrations.sources._reddit_query" in list(imported(file))
    assert provider_of("_reddit_query", {"reddit", "lemmy"}) == "reddit"
