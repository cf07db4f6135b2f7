from __future__ import annotations

import pytest

from app.services.contract import ResultsView, StageProgress
from tests.state import views
from tests.state.views import summary_of


@pytest.mark.parametrize(("status", "yet"), [("running", " yet"), ("paused", " yet"), ("cancelled", "")])
def test_what_no_stage_has_counted_is_not_called_none(status: str, yet: str) -> None:
    results = ResultsView(items=2259, sentiment={"negative": 0, "neutral": 0, "positive": 0})
    stages = [StageProgress(stage="collect", state="running"), StageProgress(stage="score", state="waiting")]

    shown = summary_of(status, results=results, progress=views.progress(stages=stages))
    doors = {door.label: door for door in shown.counts}

    assert doors["items collected"].value == "2,259"
    for name, note in (("negative", f"not scored{yet}"), ("spam", f"not cleaned{yet}")):
        assert (doors[name].value, doors[name].note, doors[name].href) == ("\N{EN DASH}", note, "")


def test_none_is_none_once_a_stage_has_counted() -> None:
    stages = [StageProgress(stage=name, state="done") for name in ("clean", "score")]
    results = ResultsView(items=3, sentiment={"negative": 0, "neutral": 0, "positive": 0})

    doors = {door.label: door for door in summary_of(results=results, progress=views.progress(stages=stages)).counts}

    assert [doors[name].value for name in ("negative", "spam", "repeats")] == ["0", "0", "0"]


def test_of_the_items_collected_it_is_said_how_many_count_and_how_many_are_scored() -> None:
    results = ResultsView(
        items=100, duplicates=10, spam=5, removed=2, unscored_language=3,
        sentiment={"negative": 20, "neutral": 50, "positive": 10},
    )  # fmt: skip

    doors = {door.label: door for door in summary_of(results=results).counts}

    assert doors["items collected"].note == "83 count, 80 scored"


def test_a_number_is_a_door_and_nothing_is_none() -> None:
    results = ResultsView(items=10, duplicates=0, spam=2, sentiment={"negative": 3, "neutral": 0, "positive": 5})

    doors = {door.label: door for door in summary_of(results=results).counts}

    assert doors["items collected"].href.endswith("?tab=items")
    assert "sentiment=negative" in doors["negative"].href
    assert doors["neutral"].href == ""
    assert doors["repeats"].href == ""
    assert "spam=true" in doors["spam"].href
    assert "removed" not in doors


def test_first_results_show_while_it_runs_and_not_after() -> None:
    results = ResultsView(items=10)

    assert [door.label for door in summary_of(results=results).early] == ["items collected"]
    assert summary_of("completed", results=results).early == []
    assert summary_of().early == []
