from __future__ import annotations

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.contract import MetricView
from app.services.pipeline.opportunity_metrics import WEIGHTS
from state.weights import Name
from state.weights_ranking import DEFAULTS, MOST_WEIGHT, href, ranked, sliders, still_to_come, weights_of
from tests.state import views


def opportunity(identifier: str, score: int, **values: float):
    metrics = {
        name: MetricView(value=value, weight=WEIGHTS[name], evidence=["a", "b"]) for name, value in values.items()
    }
    return views.opportunity(id=identifier, score=score, metrics=metrics)


FOUND = [
    opportunity("often", 80, frequency=1.0, urgency=0.2),
    opportunity("urgent", 50, frequency=0.3, urgency=1.0),
]


def test_there_is_a_slider_for_each_metric_and_the_gate_knows_its_name() -> None:
    assert {each.name for each in sliders(DEFAULTS)} == set(WEIGHTS) == set(typing.get_args(Name))
    assert all(each.rule for each in sliders(DEFAULTS))


def test_the_ranking_follows_the_weights() -> None:
    ours = ranked(FOUND, views.ANALYSIS, DEFAULTS)
    assert [(row.id, row.place, row.moved) for row in ours] == [("often", 1, ""), ("urgent", 2, "")]

    other = ranked(FOUND, views.ANALYSIS, {**DEFAULTS, "frequency": 0})
    assert [(row.id, row.score, row.moved) for row in other] == [("urgent", "100", "up 1"), ("often", "20", "down 1")]
    assert other[0].ours == "50 by our weights"
    assert other[0].items_href.endswith("opportunity=urgent")


def test_what_shows_nothing_of_what_is_weighed_comes_last_without_a_number() -> None:
    only = {**dict.fromkeys(DEFAULTS, 0), "urgency": 10}
    bare = opportunity("bare", 90, frequency=0.9)
    last = ranked([bare, *FOUND], views.ANALYSIS, only)[-1]
    assert (last.id, last.score, last.moved) == ("bare", "", "no evidence for what you weigh")


def test_without_any_weight_there_is_no_order() -> None:
    assert ranked(FOUND, views.ANALYSIS, dict.fromkeys(DEFAULTS, 0)) == []


@given(st.fixed_dictionaries({name: st.integers(0, MOST_WEIGHT) for name in DEFAULTS}))
def test_the_address_holds_the_weights(weights: dict[str, int]) -> None:
    address = href("id", weights)
    query = dict(pair.split("=") for pair in address.partition("?")[2].split("&") if pair)
    assert weights_of(query) == weights


def test_nonsense_in_the_address_leaves_our_weights() -> None:
    asked = {"urgency": "-3", "emotion": "many", "frequency": "٣", "feasibility": "9999", "surprise": "1"}
    assert weights_of(asked) == DEFAULTS
    assert weights_of({"urgency": "99"})["urgency"] == MOST_WEIGHT


@pytest.mark.parametrize(
    ("led_to", "came", "shown", "left"),
    [
        (["a", "b", "c"], "b", "c", ["c"]),
        (["a", "b", "c"], "c", "c", []),
        (["a", "b", "a"], "a", "a", []),
        (["a", "b", "a"], "b", "a", ["a"]),
    ],
)
def test_no_address_that_a_browser_left_out_is_waited_for(
    led_to: list[str], came: str, shown: str, left: list[str]
) -> None:
    assert still_to_come(led_to, came, shown) == left
