"""Each metric moves the way its rule says, and is absent without evidence."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pipeline.opportunity_metrics import (
    COLUMNS,
    LOWER_IS_BETTER,
    WEIGHTS,
    Around,
    assess,
    metric_values,
    rescore,
    scores_of,
)
from tests.app.services.pipeline.samples import record

PLAIN = "Please add an export of letters"
D37 = {
    "urgency",
    "willingness_to_pay",
    "emotion",
    "frequency",
    "market_size",
    "competition_density",
    "feasibility",
    "revenue_clarity",
    "acquisition_difficulty",
    "switching_barriers",
}


def numbers(*texts, count=12, intents=None, **changes):
    """Assess `count` items, the first of which say `texts`."""
    items = [
        record(at, texts[at] if at < len(texts) else PLAIN, **{"sentiment": 0.0, "thread": f"t{at}", **changes})
        for at in range(count)
    ]
    given_ = {items[at].id: wanted for at, wanted in (intents or {}).items()}
    return assess(items, given_, total=1000, against=0).metrics


def test_there_are_the_ten_and_their_weights_make_one():
    assert set(WEIGHTS) == D37
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert LOWER_IS_BETTER < D37


def test_plain_requests_are_evidence_for_no_more_than_how_often_and_by_how_many():
    assert set(numbers()) == {"frequency", "market_size"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("urgency", "I need it urgently, please add an export"),
        ("revenue_clarity", "I would gladly give $5 for an export"),
        ("revenue_clarity", "I'd take a one-time purchase"),
        ("competition_density", "Is there an alternative with an export?"),
        ("competition_density", "I tried Alpha, Beta and Gamma"),
        ("switching_barriers", "I can't export my letters, so I stay"),
        ("switching_barriers", "Pure vendor lock-in"),
        ("feasibility", "The API doesn't allow it"),
    ],
)
def test_words_are_evidence_from_the_second_item_on(name, text):
    assert name not in numbers(text)
    found = numbers(text, text)
    assert found[name].evidence == ("item-00000", "item-00001")
    assert 0 <= found[name].value <= 1


@pytest.mark.parametrize(
    ("name", "intent"),
    [
        ("willingness_to_pay", "willingness_to_pay"),
        ("competition_density", "comparison"),
        ("switching_barriers", "switching"),
        ("feasibility", "workaround"),
    ],
)
def test_intents_are_evidence(name, intent):
    assert name in numbers(intents={3: (intent,), 5: (intent,)})
    assert name not in numbers(intents={3: (intent,)})


def test_workarounds_show_that_it_can_be_built_and_impossibilities_that_it_cannot():
    made = numbers(intents=dict.fromkeys(range(4), ("workaround",)))["feasibility"].value
    stuck = numbers(*["The API doesn't allow it"] * 4)["feasibility"].value
    assert (made, stuck) == (pytest.approx(5 / 6, abs=1e-4), pytest.approx(1 / 6, abs=1e-4))


def test_who_leaves_shows_low_barriers_and_who_is_locked_in_high_ones():
    leaving = numbers(intents=dict.fromkeys(range(4), ("switching",)))["switching_barriers"].value
    locked = numbers(*["Pure vendor lock-in"] * 4)["switching_barriers"].value
    assert leaving < 0.5 < locked


def test_people_in_many_places_are_harder_to_reach():
    assert "acquisition_difficulty" not in numbers()
    items = [record(at, PLAIN, community=f"r/{at % 4}") for at in range(12)]
    two = [record(at, PLAIN, community=f"r/{at < 11}") for at in range(12)]
    values = [assess(rows, {}, total=100, against=0).metrics["acquisition_difficulty"].value for rows in (items, two)]
    assert values[0] == pytest.approx(0.75)
    assert values[0] > values[1]


metrics = st.dictionaries(st.sampled_from(sorted(D37)), st.floats(0, 1), min_size=1)


@given(metrics, st.fixed_dictionaries({name: st.floats(0, 1) for name in sorted(D37)}), st.floats(0.01, 100))
def test_only_the_ratio_of_weights_counts(values, weights, factor):
    assert 1 <= rescore(values, weights) <= 100
    if sum(weights[name] for name in values) > 1e-3:
        scaled = {name: weight * factor for name, weight in weights.items()}
        assert abs(rescore(values, scaled) - rescore(values, weights)) <= 1  # rounding at a half


@given(metrics, st.sampled_from(sorted(D37)))
def test_with_all_weight_on_one_metric_the_score_is_that_metric(values, name):
    alone = {other: float(other == name) for other in D37}
    value = values.get(name)
    expected = 0 if value is None else 1 - value if name in LOWER_IS_BETTER else value
    assert rescore(values, alone) == max(1, round(100 * expected))


def test_the_page_gives_the_rule_of_each_metric_with_its_weight():
    page = (Path(__file__).parents[4] / "docs" / "opportunities.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w[\w ]+?) \| (\d+) % \|", page, re.MULTILINE))
    assert rows == {name.replace("_", " "): str(round(100 * weight)) for name, weight in WEIGHTS.items()}


def test_many_scores_at_once_are_those_made_one_by_one():
    generator = np.random.default_rng(3)
    rows = generator.integers(0, 40, size=(2_000, len(COLUMNS))).astype(float)
    rows[:, COLUMNS.index("upset")] *= generator.random(2_000)
    rows[:3] = 0
    for names in (tuple(WEIGHTS), tuple(WEIGHTS)[:4], tuple(sorted(WEIGHTS))[5:], ()):
        for around in (Around(5_000, 30, 12, 0.4), Around(0, 0, 0, 0.0), Around(90, 300, 1, 0.93)):
            one_by_one = []
            for sums in rows.tolist():
                values = metric_values(sums, around)
                one_by_one.append(rescore({name: values[name] for name in names}))
            assert scores_of(rows, around, names) == one_by_one
