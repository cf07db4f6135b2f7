from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from integrations import registry
from tests.contracts import SourceContract, SourcePromises

HERE = Path(__file__).parent


@pytest.mark.parametrize("source_id", registry.source_ids())
def test_every_source_is_held_to_the_contract(source_id) -> None:
    path = HERE / "sources" / f"test_{source_id}.py"
    assert path.exists(), (
        f"The source {source_id} has no test; write {path.name} with a subclass of SourceContract (or SourcePromises)."
    )
    module = importlib.import_module(f"tests.integrations.sources.test_{source_id}")
    held = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, SourcePromises)]
    assert source_id in {getattr(value, "source", None) for value in held}
    assert all(value.__name__.startswith("Test") for value in held if value not in {SourceContract, SourcePromises})
