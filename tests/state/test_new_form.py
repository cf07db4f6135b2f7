"""The New analysis form: what it means, and the sentence for each thing that is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.services.contract import MAX_SOURCES, EstimateView, SourceRequest
from state import new_form
from state.new_form import Draft, FormError, SourceFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOMELAB = SourceRequest(provider="reddit", query={"subreddit": "homelab"})
DRAFT = Draft(sources=(HOMELAB,))


def view(**changes: object) -> EstimateView:
    place = {"provider": "reddit", "label": "r/homelab", "title": "r/homelab", "sample": True, "error": None}
    given = {
        "items": (2100, 2600, 3400),
        "requests": (40, 47, 47),
        "minutes": (1, 1, 1),
        "micros": (20_000, 31_000, 50_000),
        "assumptions": ["Half of the posts have comments."],
        "sources": [{**place, "items": [2100, 2600, 3400]}],
        "sample": True,
    }
    return EstimateView.model_validate(given | changes)


def test_a_draft_with_one_place_is_enough_and_asks_the_default_question() -> None:
    wanted = new_form.wanted(DRAFT, NOW)
    assert wanted.question == "What do people want?"
    assert wanted.sources == [HOMELAB]
    assert wanted.since == NOW - timedelta(days=30)
    assert wanted.max_cost_micros == 500_000
    assert wanted.max_items is None


def test_every_field_reaches_the_request() -> None:
    draft = Draft(
        sources=(HOMELAB,),
        question="  What   hurts? ",
        when="7d",
        keywords=("sync", "backup"),
        engine="local",
        cap="$1,204.5",
        max_items="2,000",
        threshold="90",
    )
    wanted = new_form.wanted(draft, NOW)
    assert wanted.question == "What hurts?"
    assert wanted.since == NOW - timedelta(days=7)
    assert wanted.keywords == ["sync", "backup"]
    assert wanted.engine == "local"
    assert wanted.max_cost_micros == 1_204_500_000
    assert wanted.max_items == 2000
    assert wanted.notify.cost_threshold == 0.9


def test_all_time_has_no_beginning() -> None:
    assert new_form.wanted(replace(DRAFT, when="all"), NOW).since is None


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"sources": ()}, "sources", "Name at least one place to listen to, like r/selfhosted."),
        ({"sources": (HOMELAB,) * (MAX_SOURCES + 1)}, "sources", "An analysis listens to at most 20 places"),
        ({"question": "x" * 501}, "question", "longer than 500 characters"),
        ({"keywords": ("x",) * 51}, "keywords", "At most 50 keywords"),
        ({"keywords": ("x" * 101,)}, "keywords", "at most 100 characters"),
        ({"cap": "abc"}, "cap", "'abc' is not an amount of dollars; write it like 0.50."),
        ({"cap": ""}, "cap", "Set a cap"),
        ({"cap": "-1"}, "cap", "is not an amount of dollars"),
        ({"cap": "0.0000001"}, "cap", "finer than a millionth"),
        ({"cap": "10001"}, "cap", "The cap is at most $10,000.00"),
        ({"max_items": "0"}, "max_items", "Write a whole number above zero"),
        ({"max_items": "2.5"}, "max_items", "Write a whole number above zero"),
        ({"max_items": "²"}, "max_items", "Write a whole number above zero"),
        ({"max_items": "9" * 40}, "max_items", "Write a whole number above zero"),
        ({"when": "1000y"}, "when", "Choose one of the time ranges."),
        ({"threshold": "0"}, "threshold", "Choose one of the shares."),
        ({"engine": "magic"}, "engine", "Choose one of the engines."),
    ],
)
def test_each_wrong_field_gets_one_sentence_of_its_own(changes: dict[str, object], name: str, sentence: str) -> None:
    with pytest.raises(FormError) as caught:
        new_form.wanted(replace(DRAFT, **changes), NOW)
    assert set(caught.value.problems) == {name}
    assert sentence in caught.value.problems[name]


def test_a_cap_of_nothing_is_a_cap() -> None:
    assert new_form.cap_micros("0") == 0


def test_pasted_text_falls_into_lines_and_at_commas() -> None:
    assert new_form.split_lines(" r/a \n\nr/b, r/c\r\n") == ["r/a", "r/b", "r/c"]


def test_a_time_of_seconds_is_said_in_seconds() -> None:
    words = new_form.estimate_words(view().model_copy(update={"seconds": (7, 21, 44)}), None)
    assert [(line.band, line.likely) for line in words.lines if line.label == "Time"] == [("7\N{EN DASH}44 s", "21 s")]


def test_bands_are_said_with_both_ends_and_once_where_these_are_equal() -> None:
    words = new_form.estimate_words(view(), 500_000)
    assert [(line.label, line.band, line.likely) for line in words.lines] == [
        ("Items", "2,100 \N{EN DASH} 3,400", "2,600"),
        ("Requests", "40 \N{EN DASH} 47", "47"),
        ("Time", "60 s", "60 s"),
        ("Money", "$0.02 \N{EN DASH} $0.05", "$0.0310"),
    ]
    assert words.sample
    assert words.warning == ""
    assert words.missing == ""


@pytest.mark.parametrize(
    ("cap", "sentence"),
    [(49_999, "It may reach your cap"), (19_999, "Even the low end is above your cap"), (50_000, ""), (None, "")],
)
def test_an_estimate_above_the_cap_warns(cap: int | None, sentence: str) -> None:
    warning = new_form.estimate_words(view(), cap).warning
    assert warning.startswith(sentence)
    assert bool(warning) == bool(sentence)


def test_places_that_did_not_answer_are_named() -> None:
    silent = {"provider": "reddit", "label": "r/gone", "title": "", "sample": True, "error": "Gone.", "items": None}
    told = view(sources=[*view().sources, silent])
    assert new_form.estimate_words(told, None).missing == "Without r/gone: Gone."
    assert new_form.source_facts(told)["reddit", "r/gone"] == SourceFacts("", "Gone.", gone=False)
    assert new_form.source_facts(told)["reddit", "r/homelab"].words == "2,100 \N{EN DASH} 3,400 items"
