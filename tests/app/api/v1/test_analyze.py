"""`POST /api/v1/analyze`: the sentiment of texts, for other programs."""

from __future__ import annotations

import pytest

from app.services.sentiment import LONGEST_TEXT, MOST_TEXTS
from app.services.versions import ENGINE
from tests.app.api.v1.story import Api, fault


def test_each_text_gets_a_label_and_two_numbers_in_order(api: Api):
    answer = api("POST", "/analyze", json={"texts": ["I love it, it works so well.", "It broke again, I hate this."]})
    assert answer.status_code == 200
    body = answer.json()
    assert body["engine"] == ENGINE
    good, bad = body["results"]
    assert (good["label"], bad["label"]) == ("positive", "negative")
    assert good["score"] > 0 > bad["score"]
    assert all(0 <= found["confidence"] <= 1 for found in body["results"])


@pytest.mark.parametrize(
    "text", ["Die Synchronisierung ist schon wieder kaputt, das ist wirklich schade.", "", "   ", "```code only```"]
)
def test_what_the_engine_cannot_read_is_unscored_and_never_neutral(api: Api, text: str):
    (found,) = api("POST", "/analyze", json={"texts": [text]}).json()["results"]
    assert found["label"] == "unscored_language"
    assert found["score"] is None
    assert found["confidence"] is None


def test_who_has_no_key_is_refused():
    fault(Api(None)("POST", "/analyze", json={"texts": ["a"]}), 401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"texts": []},
        {"texts": ["a"] * (MOST_TEXTS + 1)},
        {"texts": ["a" * (LONGEST_TEXT + 1)]},
        {"texts": [1]},
        {"texts": "a"},
        {"texts": ["a"], "model": "x"},
    ],
)
def test_a_request_that_is_not_as_it_should_be_is_refused_in_words(api: Api, body: object):
    assert fault(api("POST", "/analyze", json=body), 422)["detail"]
