from __future__ import annotations

from datetime import timedelta

import pytest

from app.models import AnalysisStatus
from app.services.contract import DegradedView, QueueView, StageJobs
from state import analysis_progress
from state.analysis import AnalysisState
from state.analysis_summary import Summary
from tests.factories import MOMENT
from tests.state import views
from tests.state.views import summary_of


@pytest.mark.parametrize("status", list(AnalysisStatus))
def test_every_status_has_its_sentence(status: str) -> None:
    assert summary_of(status).status_words


@pytest.mark.parametrize(
    ("status", "pause", "resume", "cancel"),
    [
        ("running", True, False, True),
        ("paused", False, True, True),
        ("needs_choice", True, False, True),
        ("completed", False, False, False),
        ("cancelled", False, False, False),
    ],
)
def test_only_what_is_possible_now_is_offered(status: str, pause: bool, resume: bool, cancel: bool) -> None:
    shown = summary_of(status)

    assert (shown.can_pause, shown.can_resume, shown.can_cancel) == (pause, resume, cancel)


def test_what_is_missing_is_said_with_its_reason() -> None:
    degraded = [DegradedView(feature="ai_synthesis", since=views.MOMENT, instead="local engine")]

    shown = summary_of(
        "partial",
        error="r/gone does not exist.",
        degraded=degraded,
        progress=views.progress(jobs=StageJobs(done=5, dead=1)),
    )

    assert [(notice.what, notice.why) for notice in shown.notices] == [
        ("Part of the result is missing.", "r/gone does not exist."),
        ("Part was worded by the local engine.", "Not every answer of the model could be had or used."),
    ], "the job that was given up is what is missing: said once"
    assert shown.notices[0].href.endswith("?tab=jobs")


def test_a_place_that_was_lost_asks_for_nothing_while_the_rest_goes_on() -> None:
    (notice,) = summary_of(error="Not read to the end: r/gone. It is gone.").notices
    (asks,) = summary_of("needs_auth", error="Connect Reddit again.").notices

    assert notice.what == "Part of it is missing; the rest goes on."
    assert notice.href.endswith("?tab=jobs")
    assert asks.what == "Something needs your attention."
    for held in ("paused", "needs_choice"):
        (notice,) = summary_of(held, error="Not read to the end: r/gone. It is gone.").notices
        assert notice.what == "Part of it is missing."


def test_a_job_that_was_given_up_without_a_word_is_still_said() -> None:
    (notice,) = summary_of(progress=views.progress(jobs=StageJobs(done=5, dead=1))).notices

    assert (notice.what, notice.link) == ("1 job was given up.", "See its jobs")


@pytest.mark.parametrize(
    ("feature", "instead", "said"),
    [
        ("ai_synthesis", "local engine", "part was worded by the local engine"),
        ("ai_synthesis", "local engine for all", "all of it was worded by the local engine"),
        ("ai_synthesis", "local engine for all, as you chose", "all of it was worded by the local engine"),
        ("ai_synthesis", "local engine, as you chose", "part was worded by the local engine"),
        ("ai_synthesis", "a smaller sample, as you chose", "the model read a smaller sample"),
        ("sentiment_service", "local model", "part of the mood was judged by the local model"),
        ("reading_aloud", "a whisper", "reading aloud was done in part by: a whisper"),
    ],
)
def test_what_is_complete_in_part_by_something_else_is_not_called_everything(
    feature: str, instead: str, said: str
) -> None:
    degraded = [DegradedView(feature=feature, since=views.MOMENT, instead=instead)]

    assert summary_of("completed", degraded=degraded).status_words == f"Complete, but {said}."
    assert summary_of("completed").status_words == "Everything that was asked for is here."
    assert summary_of("running", degraded=degraded).status_words == "Working; results appear as they come."


def test_what_its_owner_chose_is_no_shortcoming() -> None:
    degraded = [DegradedView(feature="ai_synthesis", since=views.MOMENT, instead="local engine, as you chose")]

    (notice,) = summary_of("completed", degraded=degraded).notices

    assert (notice.what, notice.why) == ("Part was worded by the local engine, as you chose.", "")


def test_a_failure_says_what_happened_and_what_to_do() -> None:
    shown = summary_of("failed", error="Reddit refuses the key.")

    assert shown.failed == "Reddit refuses the key."
    assert shown.advice
    assert shown.notices == []


def test_costs_are_shown_against_the_cap() -> None:
    shown = summary_of(cost=views.cost(reserved_micros=4000))

    assert shown.cost_words == "$0.0132 of $0.50"
    assert shown.cost_percent == 3
    assert shown.reserved_words == "$0.0040 held for calls under way"


def test_a_cap_of_nothing_divides_by_nothing() -> None:
    assert summary_of(cost=views.cost(cap_micros=0, spent_micros=0)).cost_percent == 0


def test_every_field_of_the_summary_is_a_variable_of_the_page() -> None:
    assert set(Summary.__dataclass_fields__) <= set(AnalysisState.vars)


@pytest.mark.parametrize(
    ("likely", "latest", "workers", "said"),
    [
        (19.0, 60.0, 2, "about 20 s left"),
        (1.0, 60.0, 2, "about 5 s left"),
        (150.0, 600.0, 2, "about 2 min left"),
        (-1.0, 41.0, 2, "up to 40 s left"),
        (-60.0, -1.0, 2, "longer than expected"),
        (19.0, 60.0, 0, ""),
    ],
)
def test_the_time_left_is_what_the_estimate_leaves_of_it(
    monkeypatch: pytest.MonkeyPatch, likely: float, latest: float, workers: int, said: str
) -> None:
    monkeypatch.setattr(analysis_progress.clock, "now", lambda: MOMENT)
    ends = (MOMENT + timedelta(seconds=likely), MOMENT + timedelta(seconds=latest))
    queue = QueueView(workers_free=workers, workers_total=workers)

    assert summary_of(progress=views.progress(expected_end=ends, queue=queue)).left_words == said
    assert summary_of(progress=views.progress(queue=queue)).left_words == ""
