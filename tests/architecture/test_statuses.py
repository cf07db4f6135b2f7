"""A job's or an analysis's status is written in one module, which asks the tables; nothing else may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITER = "app/services/moves.py"
OTHERS = ("Reservation", "insert(Job)", "FileImport")
"""Calls of `values(status=…)` that write something else: the status of the ledger and of files, where a job begins."""


def written(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "status" and _name(target.value) != "self":
                    yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call):
            named = _name(node.func)
            keys = {keyword.arg for keyword in node.keywords}
            text = ast.unparse(node)
            if (named == "setattr" and "'status'" in text) or (
                "status" in keys
                and (named in {"Job", "Analysis"} or (named == "values" and not any(other in text for other in OTHERS)))
            ):
                yield node.lineno, text
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "SET status" in node.value:
            yield node.lineno, node.value


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_statuses_are_written_only_through_the_tables():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:100]}"
        for folder in ("app", "tasks", "state")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) != WRITER and "migrations" not in path.parts
        for line, text in written(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for():
    bad = """
job.status = JobStatus.PAUSED
update(Job).where(x).values(status='queued', run_after=now)
Analysis(status='failed')
text("UPDATE job SET status = 'dead'")
"""
    assert len(list(written(ast.parse(bad)))) == 4
