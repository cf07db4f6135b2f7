"""The client of a sentiment service, over real HTTP to a server that tells the truth or lies."""

from __future__ import annotations

import asyncio
import json

import pytest

from integrations.errors import ContractChanged, NeedsReauth, RateLimited, Rejected, Unreachable
from integrations.sentiment.http import BATCH, SentimentConfig, SentimentService, connect
from tests.local_server import Asked, Reply, serve

KEY = "a-made-up-key"


def truthful(asked: Asked) -> Reply:
    texts = json.loads(asked.body)["texts"]
    results = [{"label": "positive", "score": len(text) / 100, "confidence": 1} for text in texts]
    return Reply.of({"results": results, "engine": "lexicon 2"})


@pytest.fixture
def server():
    with serve(truthful) as server:
        yield server


def scored(server, texts, **limits):
    async def ask():
        config = SentimentConfig(url=f"{server.base}/v2/", api_key=KEY)
        async with connect(config, **limits) as http:
            return await SentimentService(config, http).analyze(texts)

    return asyncio.run(ask())


def test_each_text_gets_its_answer_in_order(server) -> None:
    answers = scored(server, ["a", "bb", "ccc"])
    assert [answer.score for answer in answers] == [0.01, 0.02, 0.03]
    assert {(answer.label, answer.confidence, answer.engine) for answer in answers} == {("positive", 1.0, "lexicon 2")}
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v2/analyze")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_many_texts_go_in_as_few_requests_as_fit(server) -> None:
    texts = ["x" * (number % 90 + 1) for number in range(2 * BATCH + 1)]
    assert [round(answer.score * 100) for answer in scored(server, texts)] == [len(text) for text in texts]
    assert len(server.asked) == 3


def test_nothing_to_score_asks_nothing(server) -> None:
    assert scored(server, []) == []
    assert server.asked == []


GOOD = {"label": "neutral", "score": 0, "confidence": 0.5}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"results": None},
        {"results": []},
        {"results": [GOOD, GOOD]},
        {"results": ["neutral"]},
        {"results": [{**GOOD, "label": "joyful"}]},
        {"results": [{**GOOD, "label": ["neutral"]}]},
        {"results": [{**GOOD, "score": 1.01}]},
        {"results": [{**GOOD, "score": "0.4"}]},
        {"results": [{**GOOD, "score": True}]},
        {"results": [{**GOOD, "score": float("nan")}]},
        {"results": [{**GOOD, "score": float("inf")}]},
        {"results": [{**GOOD, "confidence": -0.1}]},
        {"results": [{"label": "neutral", "score": 0}]},
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_is_no_answer(server, body) -> None:
    server.faults = lambda _: Reply.of(body)
    with pytest.raises(ContractChanged, match="sentiment service answered"):
        scored(server, ["hello"])
    assert len(server.asked) == 1


def test_a_number_beyond_all_numbers_is_no_score(server) -> None:
    server.faults = lambda _: Reply(b'{"results": [{"label": "neutral", "score": 1e999, "confidence": 1}]}')
    with pytest.raises(ContractChanged, match="out of its range"):
        scored(server, ["hello"])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply.of({}, 401), NeedsReauth),
        (Reply.of({}, 400), Rejected),
        (Reply.of({}, 500), Unreachable),
        (Reply.of({}, 429, **{"retry-after": "7"}), RateLimited),
        (Reply.page(), ContractChanged),
        (Reply.bomb(3_000_000), Unreachable),
        (Reply(reset=True), Unreachable),
        (Reply(cut=True), Unreachable),
        (Reply(drip=True), Unreachable),
        (Reply(status=307, headers={"location": "http://127.0.0.1:1/analyze"}), Rejected),
    ],
    ids=["401", "400", "500", "429", "page", "bomb", "reset", "cut", "drip", "redirect"],
)
def test_a_failure_says_what_to_do_next_and_never_the_key(server, reply, kind) -> None:
    server.faults = lambda _: reply
    with pytest.raises(kind) as caught:
        scored(server, ["hello"], total_seconds=0.5)
    assert KEY not in f"{caught.value} {vars(caught.value)}"
    assert "sentiment service" in str(caught.value)


def test_an_address_that_is_none_is_refused_when_it_is_set() -> None:
    with pytest.raises(ValueError, match="not an absolute"):
        SentimentConfig(url="analyze-me")
    assert not SentimentService.ready(SentimentConfig())
    assert SentimentService.ready(SentimentConfig(url="http://127.0.0.1:9"))
    assert KEY not in repr(SentimentConfig(url="http://127.0.0.1:9", api_key=KEY))
