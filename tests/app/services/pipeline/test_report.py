import hashlib
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.services.pipeline.clean import Cleaner
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.records import Cleaned, Scored, Sentiment
from app.services.pipeline.report import manifest, summarise
from app.services.pipeline.score import score
from app.services.pipeline.synthesise import synthesise
from tests.app.services.pipeline.samples import record
from tests.app.services.pipeline.test_synthesise import talk


def mark(number, **changes):
    values = {
        "id": f"item-{number:05d}",
        "language": "en",
        "spam": False,
        "spam_score": 0.0,
        "spam_reasons": (),
        "duplicate_of": None,
    }
    return Cleaned(**{**values, **changes})


def test_every_item_is_counted_once():
    records = [record(number, f"text {number}") for number in range(7)]
    records[6] = replace(records[6], removed=True)
    cleaned = [
        mark(0, spam=True, duplicate_of="item-00009"),
        mark(1, duplicate_of="item-00002"),
        mark(2),
        mark(3, language="de"),
        mark(4),
        mark(5),
        mark(6),
    ]
    scored = [
        Scored("item-00002", 0.5, Sentiment.POSITIVE, ()),
        Scored("item-00003", None, None, ()),
        Scored("item-00004", -0.5, Sentiment.NEGATIVE, ()),
        Scored("item-00005", 0.0, Sentiment.NEUTRAL, ()),
        Scored("item-00001", 0.0, Sentiment.NEUTRAL, ()),
    ]
    found = summarise(records, cleaned, scored)
    assert (found.items, found.spam, found.duplicates, found.unscored_language, found.removed) == (7, 1, 1, 1, 1)
    assert found.sentiment == {"negative": 1, "neutral": 1, "positive": 1}
    assert found.items == found.spam + found.duplicates + found.unscored_language + found.removed + found.scored


def test_an_empty_analysis_has_all_buckets():
    found = summarise([], [], [])
    assert (found.items, found.sentiment) == (0, {"negative": 0, "neutral": 0, "positive": 0})


def sealed(items=None, **request):
    made, topics = talk()
    items = items or made
    cleaned = Cleaner().clean(items)
    summary = summarise(items, cleaned, score(items))
    asked = {"question": "letters", "since": datetime(2026, 1, 1, tzinfo=UTC), "cap": 0.5, **request}
    return manifest(asked, {"score": "1"}, items, summary, topics, synthesise(LocalEngine(), topics, items))


def test_the_same_inputs_give_the_same_hash_in_any_order():
    items, _ = talk()
    random.Random(5).shuffle(items)
    assert sealed().sha256 == sealed(items).sha256


def test_the_hash_is_that_of_the_text():
    found = sealed()
    assert hashlib.sha256(found.text.encode()).hexdigest() == found.sha256
    assert json.loads(found.text)["format"] == 1


def test_a_time_zone_changes_nothing_and_a_time_does():
    same = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert sealed(since=same).sha256 == sealed().sha256
    assert sealed(since=same + timedelta(seconds=1)).sha256 != sealed().sha256


def test_any_change_of_an_item_or_of_the_question_changes_the_hash():
    items, _ = talk()
    items[8] = replace(items[8], text=items[8].text + " ")
    assert len({sealed().sha256, sealed(items).sha256, sealed(question="other").sha256}) == 3


def test_the_words_of_items_are_not_in_it():
    assert "The letter came on Tuesday" not in sealed().text


@pytest.mark.parametrize("value", [object(), b"bytes", datetime(2026, 1, 1)])  # noqa: DTZ001 - the point of the test
def test_what_json_cannot_say_is_refused_in_words(value):
    with pytest.raises(TypeError, match="A manifest"):
        sealed(extra=value)


def test_endless_numbers_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        sealed(extra=float("nan"))
