"""What the Cost tab shows of an analysis."""

from __future__ import annotations

import pytest

from state import analysis_costs
from tests.state.views import analysis_view


@pytest.mark.parametrize(
    ("status", "said"),
    [("running", "still running"), ("needs_choice", "waits for your choice"), ("paused", "on hold"), ("completed", "")],
)
def test_it_says_why_what_it_took_is_not_known_yet(status: str, said: str) -> None:
    assert analysis_costs._shown(analysis_view(status))["unfinished"] == said
