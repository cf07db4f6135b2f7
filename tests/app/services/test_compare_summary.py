"""The short answer to what changed: at most two sentences, that say what and why."""

import pytest

from app.services.comparing.shapes import DifferenceView, ItemsView, MoodView, OpportunityChangeView, TopicChangeView
from app.services.comparing.summary import summary
from app.services.comparing.words import sentences

MOOD = MoodView(
    before=0.1, after=0.1, change=0.0, low=None, high=None, clear=False,
    items_before=100, items_after=100, people_before=50, people_after=50,
)  # fmt: skip


def items(**changed) -> ItemsView:
    counts = {
        "before": 100, "after": 100, "common": 100, "new": 0, "gone": 0, "edited": 0, "removed": 0, "judged_anew": 0,
        "new_from": [], "gone_from": [],
    }  # fmt: skip
    return ItemsView.model_validate({**counts, **changed})


def finding(change: str, title: str = "Offline sync", score: int = 82) -> OpportunityChangeView:
    side = {
        "id": title, "title": title, "kind": "request", "rank": 0, "score": score,
        "score_interval": (70, 90), "items": 9, "engine": "local",
    }  # fmt: skip
    return OpportunityChangeView.model_validate(
        {
            "change": change,
            "before": None if change == "new" else side,
            "after": None if change == "gone" else side,
            "points": None,
            "interval": None,
            "shared": 0,
            "came": 0,
            "went": 0,
            "why": "",
            "parts": None,
            "metrics": [],
        }
    )


def topic(change: str, before: int, after: int) -> TopicChangeView:
    return TopicChangeView.model_validate(
        {
            "change": change,
            "name": "sync",
            "before_name": None,
            "before_number": 1,
            "after_number": 1,
            "items_before": before,
            "items_after": after,
            "shared": 1,
            "mood": MOOD,
        }
    )


def differs(name: str) -> DifferenceView:
    return DifferenceView(name=name, before="1", after="2")


def test_nothing_changed_is_one_sentence():
    (said,) = summary(items(), MOOD, [topic("same", 9, 9)], [finding("same")], [], [])
    assert said.startswith("Nothing changed")


def test_what_came_went_and_moved_is_counted_and_the_best_new_one_named():
    found = [
        finding("new"),
        finding("new", "Backup"),
        finding("gone", "Tags"),
        finding("up", "Export"),
        finding("unclear"),
    ]
    what, why = summary(items(new=30), MOOD, [topic("grown", 100, 130), topic("shrunk", 100, 95)], found, [], [])
    assert what == "2 opportunities new (the best: “Offline sync”, 82), 1 gone; scores: 1 clearly up; topics: 1 grown."
    assert why == ("Why: the talk (30 items new, gone, edited or taken down); settings, engine and rules are the same.")


def test_chance_is_no_news():
    what, _ = summary(items(new=1), MOOD, [], [finding("unclear")], [], [])
    assert what == "No opportunity came or went, and no score clearly moved."


def test_the_larger_cause_stands_first_and_what_is_alike_last():
    found = summary(
        items(new=50, gone=40, new_by_settings=48, gone_by_settings=40), MOOD, [], [], [differs("From")], []
    )
    assert found[1] == (
        "Why: the settings (from: 88 items that only one of them asked for) and the talk (2 items new, gone, edited or "
        "taken down); engine and rules are the same."
    )


def test_another_engine_and_other_rules_are_causes_and_a_library_is_none():
    versions = [differs("engine"), differs("rules of the score"), differs("numpy")]
    why = summary(items(judged_anew=3), MOOD, [], [], [], versions)[1]
    assert why == "Why: the rules of the score and the engine; talk and settings are the same."
    mixed = summary(items(new=1, judged_anew=3), MOOD, [], [], [], versions)[1]
    assert "the rules of the score and the engine, whose part cannot be told from the talk's; settings are" in mixed
    other = summary(items(judged_anew=3), MOOD, [], [], [], [differs("numpy")])[1]
    assert other == "Why: unchanged items were judged otherwise; talk, settings, engine and rules are the same."


@pytest.mark.parametrize(
    ("settings", "versions", "why"),
    [
        ([differs("Engine")], [], "the engine; talk, settings and rules are the same."),
        ([], [differs("model"), differs("prompts")], "the engine; talk, settings and rules are the same."),
        ([], [differs("embedder")], "the engine; talk, settings and rules are the same."),
        (
            [differs("Cost cap")],
            [],
            "what is kept of the two does not tell; talk, settings, engine and rules are the same.",
        ),
    ],
)
def test_who_judges_is_the_engine_and_a_cap_is_no_reason(settings, versions, why):
    assert summary(items(), MOOD, [], [finding("unclear")], settings, versions)[1] == f"Why: {why}"


def test_a_finding_of_another_engine_is_the_engine():
    other = finding("up")
    other.after.engine = "gpt"
    assert summary(items(), MOOD, [], [other], [], [])[1].startswith("Why: the engine; ")


def test_items_that_only_one_asked_for_are_the_settings_even_where_they_read_alike():
    why = summary(items(new=5, new_by_settings=5), MOOD, [], [finding("new")], [], [])[1]
    assert why == "Why: the settings (5 items that only one of them asked for); talk, engine and rules are the same."


def test_a_score_that_cannot_be_compared_is_not_said_to_stand_still():
    what, _ = summary(items(new=1), MOOD, [], [finding("incomparable"), finding("unclear")], [], [])
    assert what == "Scores: 1 that cannot be compared."
    said = sentences(items(new=1), MOOD, [], [finding("incomparable")])
    assert "Opportunities: 1 score cannot be compared." in said
