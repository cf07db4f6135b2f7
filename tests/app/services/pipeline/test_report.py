"""The same inputs give the same hash, and any other input another one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.services.pipeline.report import Manifest, manifest

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def sealed(**changes: object) -> Manifest:
    parts: dict = {
        "request": {"question": "What do people want?", "since": MOMENT},
        "versions": {"engine": "local-1"},
        "items": {"reddit:t1_a": "ab" * 32, "reddit:t1_b": "cd" * 32},
        "counts": {"items": 2, "sentiment": {"negative": 1}},
        "topics": [[0, "sync conflicts", ["sync"], 2]],
        "opportunities": [{"finding": ["Sync that survives", 82], "quotes": [[False, 0, "t1_a", "it just syncs"]]}],
    }
    return manifest(**(parts | changes))


def test_the_same_inputs_give_the_same_hash_in_any_order():
    assert sealed() == sealed(items={"reddit:t1_b": "cd" * 32, "reddit:t1_a": "ab" * 32})


def test_the_hash_is_that_of_the_text():
    found = sealed()
    assert hashlib.sha256(found.text.encode()).hexdigest() == found.sha256
    assert json.loads(found.text)["counts"]["items"] == 2


def test_a_time_zone_changes_nothing_and_a_time_does():
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert sealed(request={"question": "What do people want?", "since": elsewhere}) == sealed()
    assert sealed(request={"question": "What do people want?", "since": MOMENT + timedelta(seconds=1)}) != sealed()


@pytest.mark.parametrize(
    "change",
    [
        {"items": {"reddit:t1_a": "ab" * 32}},
        {"items": {"reddit:t1_a": "ab" * 32, "reddit:t1_b": "ce" * 32}},
        {"versions": {"engine": "local-2"}},
        {"counts": {"items": 3}},
        {"topics": []},
        {"opportunities": []},
    ],
)
def test_any_change_changes_the_hash(change: dict[str, object]):
    assert sealed(**change).sha256 != sealed().sha256


@pytest.mark.parametrize("value", [object(), b"bytes", 1j, datetime(2026, 1, 1)])  # noqa: DTZ001 - no zone on purpose
def test_what_json_cannot_say_is_refused_in_words(value: object):
    with pytest.raises(TypeError, match="manifest"):
        sealed(request={"x": value})


def test_endless_numbers_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        sealed(counts={"x": float("nan")})
