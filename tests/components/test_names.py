"""What is pressed or followed has a name that says what it is of."""

from __future__ import annotations

import reflex as rx

from components import analysis_doors, analysis_overview, operations
from state.analysis_numbers import Door
from state.operations_rows import QueueShown


def test_a_number_that_is_a_link_is_named_with_what_it_counts() -> None:
    shown = str(analysis_doors.number(rx.Var("door").to(Door)))

    assert '"aria-label":(door?.["value"]+" "+door?.["label"])' in shown


def test_each_hold_is_named_with_its_queue() -> None:
    shown = str(operations._queue(rx.Var("queue").to(QueueShown)))

    assert '"Hold\\u2026 "+queue?.["name"]' in shown
    assert '"Release "+queue?.["name"]' in shown


def test_one_quote_is_not_many() -> None:
    assert '" quote"' in str(analysis_overview._brief())


def test_the_form_that_holds_a_queue_stands_below_its_row_and_escape_leaves_it() -> None:
    shown = str(operations._queue(rx.Var("queue").to(QueueShown)))

    assert shown.index('"Hold\\u2026 "+queue') < shown.index("hold-form") < shown.index('"data-escape"')
    assert str(operations._queues()).count("hold-form") == 1, "at the row that was asked about, and nowhere else"
