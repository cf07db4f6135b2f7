"""Reading a question: what it looks for, and which limits its words mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.services.pipeline.understanding import LONGEST, Known, understand

KNOWN = Known(
    communities=["r/selfhosted", "r/homelab", "apps"],
    providers={"reddit": "Reddit", "hackernews": "Hacker News"},
    topics={0: "photo backup", 1: "sync"},
    newest=datetime(2026, 11, 22, 9, tzinfo=UTC),
)


def _scopes(text: str, *without: str) -> dict[str, str]:
    return {scope.name: scope.value for scope in understand(text, KNOWN, without).scopes}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("What do people say about backups in r/selfhosted?", "community", "r/selfhosted"),
        ("What do people say about backups in selfhosted?", "community", "r/selfhosted"),
        ("What does Hacker News say about backups?", "provider", "hackernews"),
        ("What is negative about backups?", "sentiment", "negative"),
        ("What do people complain about with backups?", "intent", "complaint"),
        ("Would anyone pay for backups?", "intent", "willingness_to_pay"),
        ("What happened to photo backup on phones?", "topic", "0"),
        ("Anything new in topic sync?", "topic", "1"),
        ("Backups in the last two weeks?", "period", "2026-11-09/2026-11-23"),
        ("Backups last week", "period", "2026-11-16/2026-11-23"),
        ("Backups yesterday", "period", "2026-11-21/2026-11-22"),
        ("Backups in October", "period", "2026-10-01/2026-11-01"),
        ("Backups in December", "period", "2025-12-01/2026-01-01"),
        ("Backups since 2026-11-10", "period", "2026-11-10/2026-11-23"),
        ("What do they say about backups in German?", "language", "de"),
    ],
)
def test_a_limit_is_read_from_the_words(text: str, name: str, value: str):
    assert _scopes(text) == {name: value}


@pytest.mark.parametrize("text", ["Do apps need sync?", "Is my homelab loud?", "Since 2026-99-99 backups"])
def test_ordinary_words_are_no_limit(text: str):
    assert _scopes(text) == {}


def test_a_limit_that_was_taken_away_is_said_and_not_used():
    read = understand("What is negative about backups in r/homelab?", KNOWN, ["sentiment"])
    assert [scope.name for scope in read.scopes] == ["community"]
    assert [scope.words for scope in read.removed] == ["negative items"]
    assert read.words == ("backups",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Which communities complain most about backups?", "communities"),
        ("How many people want backups?", "number"),
        ("Who talks about backups?", "authors"),
        ("When did people talk about backups?", "days"),
        ("Which topics are there?", "topics"),
        ("What do people say about backups?", "said"),
        ("What do people who travel say about backups?", "said"),
    ],
)
def test_the_kind_of_answer_follows_from_the_words(text: str, kind: str):
    assert understand(text, KNOWN).kind == kind


def test_words_about_asking_are_not_looked_for():
    assert understand("Which communities talk most about the restores?", KNOWN).words == ("restores",)


def test_words_that_mean_the_same_are_looked_for_together():
    (group,) = understand("What about subtitles?", KNOWN).groups
    assert group == ("subtitl", "caption")


@pytest.mark.parametrize(
    "text", ["Backups in february 0000", "Backups in december 9999", "Backups since 2026-02-30", "in the last 0 days"]
)
@pytest.mark.parametrize(
    "newest", [None, datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), KNOWN.newest]
)
def test_days_that_there_are_not_are_no_limit_or_one_that_leaves_nothing(text: str, newest: datetime | None):
    for scope in understand(text, replace(KNOWN, newest=newest)).scopes:
        first, _, end = scope.value.partition("/")
        assert date.fromisoformat(first) >= date.fromisoformat(end), "nothing is left"


@pytest.mark.parametrize("text", ["", "?", "\u202e\u202e", "a" * 5_000, "[(" * 300, "\\b.*" * 50])
def test_no_text_breaks_it(text: str):
    read = understand(text, KNOWN)
    assert sum(len(word) for word in read.words) <= LONGEST
