from __future__ import annotations

from typing import Any

import pytest

from app.models import AnalysisStatus
from app.services.contract import DegradedView, QueueView, ResultsView, StageJobs, StageProgress
from state import analysis_summary
from state.analysis import AnalysisState
from state.analysis_summary import Summary, summary
from tests.state import views


def _summary(status: str = "running", **parts: Any) -> Summary:
    return summary(views.analysis_view(status, **parts), ["r/selfhosted"])


@pytest.mark.parametrize("status", list(AnalysisStatus))
def test_every_status_has_its_sentence(status: str) -> None:
    assert _summary(status).status_words


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
    shown = _summary(status)

    assert (shown.can_pause, shown.can_resume, shown.can_cancel) == (pause, resume, cancel)


def test_the_place_in_line_comes_with_the_wait_and_the_reason() -> None:
    queue = QueueView(
        place=3, wait_seconds=(60, 120), why="Reddit rate limit until 14:02", workers_free=2, workers_total=4
    )

    shown = _summary("queued", progress=views.progress(queue=queue))

    assert shown.line_words == "You are 3rd in line · starts in 1\N{EN DASH}2 min"
    assert shown.why_waiting == "Reddit rate limit until 14:02"
    assert shown.workers_words == "2 of 4 workers free"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("No worker is running for this now; start `asterism worker`.",) * 2,
        (None, "No worker runs now; it starts when one comes."),
    ],
)
def test_a_stack_without_workers_says_so_once(why: str | None, said: str) -> None:
    queue = QueueView(place=1, why=why, workers_free=0, workers_total=0)

    shown = _summary("queued", progress=views.progress(queue=queue))

    assert (shown.line_words, shown.why_waiting, shown.workers_words) == ("", said.replace("`", ""), "")


@pytest.mark.parametrize("status", ["paused", "needs_choice", "needs_auth"])
def test_what_stands_is_not_said_to_wait_for_a_worker(status: str) -> None:
    for total in (0, 2):
        queue = QueueView(workers_free=0, workers_total=total)

        shown = _summary(status, progress=views.progress(queue=queue))

        assert (shown.line_words, shown.why_waiting, shown.workers_words) == ("", "", "")


def test_what_is_finished_waits_for_nothing() -> None:
    shown = _summary("completed")

    assert (shown.line_words, shown.workers_words, shown.closed) == ("", "", True)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_places_are_counted_as_people_count(number: int, said: str) -> None:
    assert analysis_summary._ordinal(number) == said


def test_a_stage_says_how_much_of_what() -> None:
    running = analysis_summary.stage_row(
        StageProgress(stage="score", state="running", done=1204, total=2140, fraction=0.56)
    )
    done = analysis_summary.stage_row(StageProgress(stage="clean", state="done", done=10))

    assert (running.label, running.words, running.percent) == ("Score", "1,204 / 2,140", 56)
    assert (done.words, done.percent) == ("10", 100)


@pytest.mark.parametrize(
    ("status", "why"),
    [("needs_choice", "waits for your choice"), ("paused", "on hold"), ("needs_auth", "waits for a connection")],
)
def test_a_stage_does_not_run_while_its_analysis_stands(status: str, why: str) -> None:
    stages = [
        StageProgress(stage="cluster", state="done"),
        StageProgress(stage="synthesise", state="running", total=2033),
        StageProgress(stage="report", state="waiting"),
    ]

    cluster, synthesise, report = _summary(status, progress=views.progress(stages=stages)).stages

    assert (synthesise.state, synthesise.words) == ("held", f"0 / 2,033, {why}")
    assert (cluster.state, report.state) == ("done", "waiting")


def test_a_total_that_is_an_estimate_says_so() -> None:
    collecting = StageProgress(stage="collect", state="running", done=900, total=2600, fraction=0.3)
    collected = collecting.model_copy(update={"state": "done", "done": 2140, "total": 2140})

    assert analysis_summary.stage_row(collecting).words == "900 / about 2,600"
    assert analysis_summary.stage_row(collected).words == "2,140 / 2,140"


@pytest.mark.parametrize(("status", "yet"), [("running", " yet"), ("paused", " yet"), ("cancelled", "")])
def test_what_no_stage_has_counted_is_not_called_none(status: str, yet: str) -> None:
    results = ResultsView(items=2259, sentiment={"negative": 0, "neutral": 0, "positive": 0})
    stages = [StageProgress(stage="collect", state="running"), StageProgress(stage="score", state="waiting")]

    shown = _summary(status, results=results, progress=views.progress(stages=stages))
    doors = {door.label: door for door in shown.counts}

    assert doors["items collected"].value == "2,259"
    for name, note in (("negative", f"not scored{yet}"), ("spam", f"not cleaned{yet}")):
        assert (doors[name].value, doors[name].note, doors[name].href) == ("\N{EN DASH}", note, "")


def test_none_is_none_once_a_stage_has_counted() -> None:
    stages = [StageProgress(stage=name, state="done") for name in ("clean", "score")]
    results = ResultsView(items=3, sentiment={"negative": 0, "neutral": 0, "positive": 0})

    doors = {door.label: door for door in _summary(results=results, progress=views.progress(stages=stages)).counts}

    assert [doors[name].value for name in ("negative", "spam", "repeats")] == ["0", "0", "0"]


def test_of_the_items_collected_it_is_said_how_many_count_and_how_many_are_scored() -> None:
    results = ResultsView(
        items=100, duplicates=10, spam=5, removed=2, unscored_language=3,
        sentiment={"negative": 20, "neutral": 50, "positive": 10},
    )  # fmt: skip

    doors = {door.label: door for door in _summary(results=results).counts}

    assert doors["items collected"].note == "83 count, 80 scored"


def test_a_number_is_a_door_and_nothing_is_none() -> None:
    results = ResultsView(items=10, duplicates=0, spam=2, sentiment={"negative": 3, "neutral": 0, "positive": 5})

    doors = {door.label: door for door in _summary(results=results).counts}

    assert doors["items collected"].href.endswith("?tab=items")
    assert "sentiment=negative" in doors["negative"].href
    assert doors["neutral"].href == ""
    assert doors["repeats"].href == ""
    assert "spam=true" in doors["spam"].href
    assert "removed" not in doors


def test_first_results_show_while_it_runs_and_not_after() -> None:
    results = ResultsView(items=10)

    assert [door.label for door in _summary(results=results).early] == ["items collected"]
    assert _summary("completed", results=results).early == []
    assert _summary().early == []


def test_what_is_missing_is_said_with_its_reason() -> None:
    degraded = [DegradedView(feature="ai_synthesis", since=views.MOMENT, instead="local engine")]

    shown = _summary(
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
    (notice,) = _summary(error="Not read to the end: r/gone. It is gone.").notices
    (asks,) = _summary("needs_auth", error="Connect Reddit again.").notices

    assert notice.what == "Part of it is missing; the rest goes on."
    assert notice.href.endswith("?tab=jobs")
    assert asks.what == "Something needs your attention."


def test_a_job_that_was_given_up_without_a_word_is_still_said() -> None:
    (notice,) = _summary(progress=views.progress(jobs=StageJobs(done=5, dead=1))).notices

    assert (notice.what, notice.link) == ("1 job was given up.", "See its jobs")


@pytest.mark.parametrize(
    ("status", "done", "state"),
    [("running", 900, "partly"), ("partial", 900, "partly"), ("running", 0, "failed"), ("failed", 900, "failed")],
)
def test_a_stage_that_brought_most_is_not_called_failed(status: str, done: int, state: str) -> None:
    stage = StageProgress(stage="collect", state="failed", done=done)

    assert analysis_summary.stage_row(stage, status).state == state


@pytest.mark.parametrize(
    ("feature", "instead", "said"),
    [
        ("ai_synthesis", "local engine", "part was worded by the local engine"),
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

    assert _summary("completed", degraded=degraded).status_words == f"Complete, but {said}."
    assert _summary("completed").status_words == "Everything that was asked for is here."
    assert _summary("running", degraded=degraded).status_words == "Working; results appear as they come."


def test_what_its_owner_chose_is_no_shortcoming() -> None:
    degraded = [DegradedView(feature="ai_synthesis", since=views.MOMENT, instead="local engine, as you chose")]

    (notice,) = _summary("completed", degraded=degraded).notices

    assert (notice.what, notice.why) == ("Part was worded by the local engine, as you chose.", "")


def test_a_failure_says_what_happened_and_what_to_do() -> None:
    shown = _summary("failed", error="Reddit refuses the key.")

    assert shown.failed == "Reddit refuses the key."
    assert shown.advice
    assert shown.notices == []


def test_costs_are_shown_against_the_cap() -> None:
    shown = _summary(cost=views.cost(reserved_micros=4000))

    assert shown.cost_words == "$0.0132 of $0.50"
    assert shown.cost_percent == 3
    assert shown.reserved_words == "$0.0040 held for calls under way"


def test_a_cap_of_nothing_divides_by_nothing() -> None:
    assert _summary(cost=views.cost(cap_micros=0, spent_micros=0)).cost_percent == 0


def test_every_field_of_the_summary_is_a_variable_of_the_page() -> None:
    assert set(Summary.__dataclass_fields__) <= set(AnalysisState.vars)
