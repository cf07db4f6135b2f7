"""What a page says to those who cannot hover, and in the tab of a browser."""

from __future__ import annotations

from pathlib import Path

from app.pages import analysis
from components import timeline

TIMES = Path(__file__).parents[2] / "assets" / "times.js"


def test_the_timeline_shows_the_moment_itself_without_hovering() -> None:
    assert "hover" not in str(timeline._lines())
    (since,) = [line for line in TIMES.read_text().splitlines() if "after((moment - since)" in line]
    assert "toTheSecond(moment)" in since


def test_the_tab_of_a_browser_is_named_by_the_question() -> None:
    assert "analysis_state.question" in str(analysis.TITLE)
    assert "Analysis" in str(analysis.TITLE), "until the question is known"
