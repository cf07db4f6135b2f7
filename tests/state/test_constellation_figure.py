"""The map as a figure: every point once, no words per point, names that do not lie on each other."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from app.services.constellation import NO_TOPIC, MapTopic, MapView
from state.constellation import ColouredTopic, coloured, names_words
from state.constellation_figure import COLOURS, OTHER_TOPICS, TOPIC_COLOURS, draw, fitted, named, topic_class


def view(count: int = 30) -> MapView:
    return MapView(
        ids=[f"item-{number}" for number in range(count)],
        x=[number / count for number in range(count)],
        y=[0.5] * count,
        topic=[number % 3 - 1 for number in range(count)],
        sentiment=[("negative", "neutral", "positive", None)[number % 4] for number in range(count)],
        source=[number % 2 for number in range(count)],
        sources=["reddit", "youtube"],
        topics=[topic(0, "sync <b>"), topic(1, "backup", y=0.1)],
        items=count,
    )


def topic(number: int, name: str = "a long name of a topic", x: float = 0.5, y: float = 0.5) -> MapTopic:
    return MapTopic(number=number, name=name, items=100 - number, sentiment=None, x=x, y=y)


@pytest.mark.parametrize("by", COLOURS)
def test_every_point_is_drawn_once_and_can_be_found_again(by):
    shown = view()
    drawing = draw(shown, by)
    assert sorted(place for trace in drawing.traces for place in trace) == list(range(30))
    for trace, places in zip(drawing.figure.data, drawing.traces, strict=True):
        assert list(trace.x) == [shown.x[place] for place in places]
        assert len(trace.marker.color) == len(places)


def test_no_point_carries_words():
    for trace in draw(view(), "topic").figure.data:
        assert isinstance(trace.hovertext, str)
        assert trace.customdata is None
        assert trace.text is None


def test_five_thousand_points_are_a_small_message():
    assert len(json.dumps(draw(view(5_000), "topic").figure.to_dict())) < 150_000


def test_points_of_no_topic_lie_under_the_others():
    first = draw(view(), "topic")
    assert {view().topic[place] for place in first.traces[0]} == {NO_TOPIC}
    assert set(first.figure.data[0].marker.color) == {TOPIC_COLOURS}


def test_a_colour_is_the_place_of_what_it_stands_for():
    moods = {view().sentiment[place]: draw(view(), "sentiment") for place in range(4)}
    drawing = moods[None]
    for trace, places in zip(drawing.figure.data, drawing.traces, strict=True):
        expected = {"negative": 0, "neutral": 1, "positive": 2, None: 3}
        assert list(trace.marker.color) == [expected[view().sentiment[place]] for place in places]


def test_tags_in_names_are_only_words():
    figure = draw(view(), "topic").figure
    assert "sync &lt;b&gt;" in {note.text for note in figure.layout.annotations}
    assert figure.data[1].hovertext == "sync &lt;b&gt;"


def test_of_names_that_would_overlap_the_larger_topic_keeps_its_own():
    topics = [topic(number, x=0.2 + number / 12, y=0.4 + number % 3 / 200) for number in range(8)]
    chosen = named(topics)
    assert chosen[0].number == 0
    assert 1 < len(chosen) < 8
    assert not any(
        abs(first.x - second.x) < 0.3 and abs(first.y - second.y) < 0.04 for first, second in combinations(chosen, 2)
    )


def test_the_map_shows_the_range_of_its_points_and_little_more():
    drawing = draw(view(), "topic")
    assert drawing.across[0] < 0 < 29 / 30 < drawing.across[1]
    assert drawing.across[1] - drawing.across[0] < 1.1 * 29 / 30
    assert drawing.up == (0.475, 0.525)  # all on one line: still a range
    assert fitted([]) == (0.0, 1.0)
    assert fitted([0.4, 0.6]) == pytest.approx((0.392, 0.608))


def test_names_that_would_overlap_on_the_whole_square_fit_when_less_of_it_is_shown():
    topics = [topic(0, x=0.5, y=0.5), topic(1, x=0.5, y=0.53)]
    assert len(named(topics)) == 1
    assert len(named(topics, 0.3)) == 2


def test_no_two_topics_share_a_colour_except_those_that_the_legend_counts_together():
    classes = [topic_class(number) for number in range(24)]
    assert len(set(classes[:OTHER_TOPICS])) == OTHER_TOPICS
    assert set(classes[OTHER_TOPICS:]) == {OTHER_TOPICS}
    assert topic_class(NO_TOPIC) == TOPIC_COLOURS

    many = view().model_copy(update={"topics": [topic(number, f"topic {number}") for number in range(24)]})
    legend = coloured(many)
    assert legend[:2] == [ColouredTopic("topic 0", 0), ColouredTopic("topic 1", 1)]
    assert legend[-2:] == [ColouredTopic("17 other topics", OTHER_TOPICS), ColouredTopic("no topic", TOPIC_COLOURS)]
    assert len(legend) == OTHER_TOPICS + 2


def test_the_page_says_which_topics_are_named_on_the_map():
    assert names_words(3, 3) == "All topics are named on the map."
    assert names_words(7, 24).startswith("7 of 24 topics are named on the map: point at a dot, or see the table")
