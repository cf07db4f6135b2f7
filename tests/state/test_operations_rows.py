"""Rows of the operations page: what is counted is what is shown."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.services.operations import HoldView, QueueRow, TrendPoint, WorkerRow
from state.operations_rows import BAR_HEIGHT, bars, queue_row, worker_row

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNTS = st.integers(min_value=0, max_value=10**6)


def row(**values: object) -> QueueRow:
    plain = {"queue": "ai", "due": 0, "later": 0, "running": 0, "oldest_due_seconds": None, "slots": 2, "trend": []}
    return QueueRow(**{"hold": None, **plain, **values})


@given(st.lists(st.builds(TrendPoint, done=COUNTS, failed=COUNTS), min_size=1, max_size=12))
def test_bars_stay_inside_and_hide_nothing(trend: list[TrendPoint]) -> None:
    for point, bar in zip(trend, bars(trend), strict=True):
        assert bar.failed_y >= 0
        assert bar.done + bar.failed <= BAR_HEIGHT
        assert bar.done_y + bar.done == BAR_HEIGHT
        assert (bar.failed > 0) == (point.failed > 0)
        assert (bar.done > 0) == (point.done > 0)


def test_an_old_due_job_and_a_queue_that_nobody_takes_are_said() -> None:
    shown = queue_row(row(due=3, oldest_due_seconds=41.0, slots=0, trend=[TrendPoint(done=5, failed=1)]))
    assert (shown.due, shown.oldest, shown.old) == ("3", "41 s", True)
    assert shown.stuck_words.endswith("asterism worker --queues ai")
    assert shown.trend_words == "5 done, 1 given up"


def test_where_no_worker_lives_the_advice_is_one_that_takes_every_queue() -> None:
    shown = queue_row(row(due=3, slots=0), nobody=True)
    assert shown.stuck_words == "No worker lives; start one with: asterism worker"


def test_a_held_queue_says_who_and_why_and_not_that_it_is_stuck() -> None:
    hold = HoldView(since=NOW, held_by="Ada", reason="The model is down")
    shown = queue_row(row(due=3, oldest_due_seconds=5.0, slots=0, hold=hold))
    assert shown.held == "Held by Ada: The model is down"
    assert (shown.stuck_words, shown.old) == ("", False)


def test_a_worker_is_named_by_host_and_process() -> None:
    worker = WorkerRow(
        id="vm.4026|17|99",
        host="vm.4026",
        process=17,
        queues=["ai"],
        slots=2,
        running=1,
        started_at=NOW,
        heartbeat_at=NOW,
    )
    assert (worker_row(worker).host, worker_row(worker).slots) == ("vm, process 17", "1 of 2")
