from __future__ import annotations

from pathlib import Path

import pytest

from integrations import registry
from integrations.sandbox.faults import LIES
from integrations.sandbox.server import discover

HERE = Path(__file__).parent


@pytest.mark.parametrize("model_id", registry.model_ids())
def test_every_model_has_tests_of_its_own_and_a_stand_in_that_lies(model_id) -> None:
    for name in (f"test_{model_id}.py", f"test_{model_id}_failures.py"):
        assert (HERE / "ai" / name).exists(), f"The model {model_id} has no test; write {name}."
    assert model_id in discover()
    assert LIES[model_id]
