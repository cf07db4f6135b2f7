from __future__ import annotations

import pytest

from app.services.contract import QueueView, StageProgress
from state import analysis_progress
from tests.state import views
from tests.state.views import summary_of


def test_the_place_in_line_comes_with_the_wait_and_the_reason() -> None:
    queue = QueueView(
        place=3, wait_seconds=(60, 120), why="Reddit rate limit until 14:02", workers_free=2, workers_total=4
    )

    shown = summary_of("queued", progress=views.progress(queue=queue))

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

    shown = summary_of("queued", progress=views.progress(queue=queue))

    assert (shown.line_words, shown.why_waiting, shown.workers_words) == ("", said.replace("`", ""), "")


@pytest.mark.parametrize("status", ["paused", "needs_choice", "needs_auth"])
def test_what_stands_is_not_said_to_wait_for_a_worker(status: str) -> None:
    for total in (0, 2):
        queue = QueueView(workers_free=0, workers_total=total)

        shown = summary_of(status, progress=views.progress(queue=queue))

        assert (shown.line_words, shown.why_waiting, shown.workers_words) == ("", "", "")


def test_what_is_finished_waits_for_nothing() -> None:
    shown = summary_of("completed")

    assert (shown.line_words, shown.workers_words, shown.closed) == ("", "", True)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_places_are_counted_as_people_count(number: int, said: str) -> None:
    assert analysis_progress._ordinal(number) == said


def test_a_stage_says_how_much_of_what() -> None:
    running = analysis_progress.stage_row(
        StageProgress(stage="score", state="running", done=1204, total=2140, fraction=0.56)
    )
    done = analysis_progress.stage_row(StageProgress(stage="clean", state="done", done=10))

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

    cluster, synthesise, report = summary_of(status, progress=views.progress(stages=stages)).stages

    assert (synthesise.state, synthesise.words) == ("held", f"0 / 2,033, {why}")
    assert (cluster.state, report.state) == ("done", "waiting")


def test_a_total_that_is_an_estimate_says_so() -> None:
    collecting = StageProgress(stage="collect", state="running", done=900, total=2600, fraction=0.3)
    collected = collecting.model_copy(update={"state": "done", "done": 2140, "total": 2140})

    assert analysis_progress.stage_row(collecting).words == "900 / about 2,600"
    assert analysis_progress.stage_row(collected).words == "2,140 / 2,140"


@pytest.mark.parametrize(
    ("status", "done", "state"),
    [("running", 900, "partly"), ("partial", 900, "partly"), ("running", 0, "failed"), ("failed", 900, "failed")],
)
def test_a_stage_that_brought_most_is_not_called_failed(status: str, done: int, state: str) -> None:
    stage = StageProgress(stage="collect", state="failed", done=done)

    assert analysis_progress.stage_row(stage, status).state == state
