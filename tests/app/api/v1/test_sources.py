from __future__ import annotations

from tests.app.api.v1.story import fault


def test_a_pasted_link_becomes_a_source(api):
    answer = api.get("/sources/recognise", text="https://www.reddit.com/r/selfhosted/")
    assert answer["source"]["provider"] == "reddit"
    assert answer["label"] == "r/selfhosted"


def test_what_nothing_recognises_is_refused_with_a_suggestion(api):
    assert "hn:self hosted" in fault(api("GET", "/sources/recognise", params={"text": "self hosted"}), 422)["detail"]
    assert fault(api("GET", "/sources/recognise"), 422)["field"] == "text"
