from __future__ import annotations

import json

from state import figures
from state.figures import SENTIMENTS, Stack


def test_a_bar_stands_for_each_day_and_a_trace_for_each_sentiment() -> None:
    stacks = [Stack("2026-11-21", 1, 2, 3, 4), Stack("2026-11-22", 5, 6, 7)]

    traces = figures.days(stacks).data

    assert [trace.name for trace in traces] == list(SENTIMENTS)
    assert all(list(trace.x) == ["2026-11-21", "2026-11-22"] for trace in traces)
    assert [list(trace.y) for trace in traces] == [[1, 5], [2, 6], [3, 7], [4, 0]]


def test_unscored_items_have_no_trace_when_there_are_none() -> None:
    assert [trace.name for trace in figures.days([Stack("2026-11-22", 1, 2, 3)]).data] == list(SENTIMENTS[:3])


def test_topics_of_the_same_name_keep_a_bar_each() -> None:
    figure = figures.topics([Stack("sync", 1, 0, 0), Stack("sync", 2, 0, 0)])

    assert list(figure.data[0].y) == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["sync", "sync"]


def test_a_chart_of_topics_has_as_many_bars_as_it_can_label() -> None:
    stacks = [Stack(f"topic {number}", number, 0, 0) for number in range(figures.MAX_TOPICS + 5)]

    assert len(figures.topics(stacks).data[0].x) == figures.MAX_TOPICS


def test_foreign_words_in_a_topic_stay_words() -> None:
    figure = figures.topics([Stack("<a href='javascript:x'>&", 1, 0, 0)])

    assert figure.layout.yaxis.ticktext[0].startswith("&lt;a href=")
    assert figure.data[0].customdata[0] == "&lt;a href='javascript:x'&gt;&amp;"


def test_a_figure_holds_numbers_and_no_theme() -> None:
    stacks = [Stack(f"2026-08-{day:02d}", 10, 20, 30) for day in range(1, 32)]

    message = figures.days(stacks).to_json()

    assert json.loads(message)["layout"] == {"template": {}}
    assert len(message) < 3000


def test_a_long_name_is_cut_and_says_so() -> None:
    assert figures.clipped("backup and restore of everything at home", 12) == "backup and…"
    assert figures.clipped("backup", 12) == "backup"
