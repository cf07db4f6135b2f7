"""People are told apart without their names."""

from __future__ import annotations

import pytest

from app.core.settings import settings
from app.models import Analysis
from app.services.items import item_view
from app.services.pipeline.score import score
from app.services.pseudonyms import author_key
from app.services.reading import record
from app.services.stages.score import values
from tests.factories import item


@pytest.fixture
def keyed(data_folder, monkeypatch):
    def use(keys):
        monkeypatch.setenv("ASTERISM_SECRET_KEYS", keys)
        settings.cache_clear()

    yield use
    settings.cache_clear()


def test_one_person_has_one_pseudonym_that_does_not_hold_the_name(keyed):
    keyed("first-key-of-this-installation")
    key = author_key("reddit", "ada")
    assert key == author_key("reddit", "ada")
    assert len(key) == 32
    assert "ada" not in key


def test_a_name_at_another_provider_is_another_person(keyed):
    keyed("first-key-of-this-installation")
    assert author_key("reddit", "ada") != author_key("youtube", "ada")
    assert author_key("reddit", "ada") != author_key("reddit", "Ada")


@pytest.mark.parametrize("nobody", [None, ""])
def test_nobody_has_no_pseudonym(keyed, nobody):
    keyed("first-key-of-this-installation")
    assert author_key("reddit", nobody) is None


def test_another_installation_cannot_compare(keyed):
    keyed("first-key-of-this-installation")
    here = author_key("reddit", "ada")
    keyed("key-of-another-installation")
    assert author_key("reddit", "ada") != here


def test_a_new_key_in_front_makes_no_new_people(keyed):
    keyed("the-old-key-of-this-place")
    before = author_key("reddit", "ada")
    keyed("the-new-key-of-this-place,the-old-key-of-this-place")
    assert author_key("reddit", "ada") == before


def test_the_stages_tell_people_apart_by_pseudonym_and_older_items_by_name():
    asked = Analysis(id="analysis", workspace_id="workspace", request={})
    assert record(item(asked, 1, author="ada", author_key="0f" * 16)).author == "0f" * 16
    assert record(item(asked, 2, author="ada")).author == "ada"


def test_the_spans_of_intents_are_stored_and_shown():
    asked = Analysis(id="analysis", workspace_id="workspace", request={})
    row = item(asked, 1, text="I wish it had tags.", language="en")
    (written,) = values(score([record(row)]))
    row.intents, row.intent_spans = written["new_intents"], written["new_spans"]
    (span,) = item_view(row).intent_spans
    assert (span.intent, row.text[span.start : span.end]) == ("request", "I wish it")
