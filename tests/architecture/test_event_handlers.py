"""No handler of a page can hold its client's state for seconds: what waits is awaited, in a thread of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAITS = {"time.sleep", "open", "urlopen", "database", "connection", "input"}
"""Calls that wait for something outside the process."""
MODULES = {"subprocess", "requests", "httpx", "socket", "sqlite3", "redis", "sqlalchemy"}


def handlers() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sorted((ROOT / "state").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                _name(mark) == "event" for mark in node.decorator_list
            ):
                yield path, node


def test_every_handler_is_async():
    found = list(handlers())
    assert len(found) > 20, "the search for handlers finds them"
    assert [f"{path.name}: {node.name}" for path, node in found if isinstance(node, ast.FunctionDef)] == []


def test_no_page_state_calls_what_waits():
    wrong = []
    for path in sorted((ROOT / "state").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and {name.name.partition(".")[0] for name in node.names} & MODULES:
                wrong.append(f"{path.name}:{node.lineno} imports {ast.unparse(node)}")
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES:
                wrong.append(f"{path.name}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in WAITS:
                wrong.append(f"{path.name}:{node.lineno} calls {ast.unparse(node.func)}")
    assert wrong == []


def _name(mark: ast.expr) -> str:
    target = mark.func if isinstance(mark, ast.Call) else mark
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
