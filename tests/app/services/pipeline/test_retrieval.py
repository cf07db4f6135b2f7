"""The index: what speaks of some terms is found, what speaks of others is not."""

from __future__ import annotations

import pytest

from app.services.pipeline.retrieval import ITEMS, Builder, Index, stem, terms

TEXTS = {
    "a": "The backup was green for a year and the restore failed.",
    "b": "I restored two backups yesterday.",
    "c": "My calendars never sync.",
    "d": "> the restore failed\n\nMine works, thank you",
}


@pytest.fixture
def index() -> Index:
    builder = Builder()
    for item_id, text in TEXTS.items():
        builder.add(item_id, text)
    parts = dict(builder.parts())
    return Index(lambda numbers: {number: parts[number] for number in numbers if number in parts})


@pytest.mark.parametrize(
    "forms",
    [
        ("restore", "restores", "restored", "restoring"),
        ("battery", "batteries"),
        ("stop", "stops", "stopped", "stopping"),
        ("invoice", "invoices", "invoicing"),
        ("lose", "lost", "losing"),
        ("pay", "paid"),
        ("care", "cares", "cared", "caring"),
        ("car", "cars"),
        ("add", "adds", "added", "adding"),
    ],
)
def test_the_forms_of_a_word_are_one_term(forms: tuple[str, ...]):
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), [("car", "care"), ("bar", "bare"), ("not", "note"), ("us", "use")])
def test_two_words_are_two_terms(one: str, other: str):
    assert stem(one) != stem(other)


def test_words_that_tell_nothing_apart_are_no_terms():
    assert terms("What do people say about the 2 backups?") == ["backup"]


def test_what_holds_all_terms_covers_all(index: Index):
    hits = index.hits([["backup"], ["restor"]], least=0.6)
    assert {hit.item_id: hit.coverage for hit in hits} == {"a": 1.0, "b": 1.0}
    assert hits[0].score >= hits[1].score


def test_a_term_that_nobody_uses_weighs_more_than_any(index: Index):
    assert index.hits([["backup"], ["submarin"]], least=0.6) == []
    assert index.hits([["submarin"]], least=0.01) == []


def test_terms_of_one_group_count_once(index: Index):
    assert [hit.coverage for hit in index.hits([["calendar", "diary"]], least=0.6)] == [1.0]
    assert index.held([["calendar", "diary"], ["backup"], ["submarin"]]) == [1, 2, 0]


def test_words_that_somebody_quotes_are_not_theirs(index: Index):
    assert "d" not in {hit.item_id for hit in index.hits([["restor"]], least=0.6)}


def test_a_search_reads_only_the_parts_it_needs():
    builder = Builder()
    builder.add("a", TEXTS["a"])
    parts = dict(builder.parts())
    asked: list[int] = []

    def read(numbers):
        asked.extend(numbers)
        return {number: parts[number] for number in numbers}

    Index(read).hits([["backup"]], least=0.6)
    assert len(asked) == 2
    assert ITEMS in asked


def test_an_index_that_is_not_there_finds_nothing():
    index = Index(lambda _: {})
    assert index.hits([["backup"]], least=0.1) == []
    assert index.ids() == []
    assert index.held([["backup"]]) == [0]
