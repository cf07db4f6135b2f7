"""The stand-in for a sentiment service, through the client that the product uses."""

from __future__ import annotations

import asyncio

import pytest

from integrations.errors import ContractChanged, ProviderError, RateLimited, Unreachable
from integrations.sandbox.faults import LIES, Fault
from integrations.sentiment.http import SentimentConfig, SentimentService, connect
from tests.integrations.sandbox.wire_client import WireClient

TEXTS = ["I love this, it works well.", "It broke again and support is useless.", "It has two ports."]


def scored(sandbox, texts=TEXTS):
    async def ask():
        config = SentimentConfig(url=f"{sandbox.url}/sentiment")
        async with connect(config, total_seconds=0.5) as http:
            return await SentimentService(config, http).analyze(texts)

    return asyncio.run(ask())


def test_it_tells_moods_with_numbers_that_fit(sandbox) -> None:
    answers = scored(sandbox)
    assert [answer.label for answer in answers] == ["positive", "negative", "neutral"]
    assert answers[0].score > 0 > answers[1].score
    assert {answer.engine for answer in answers} == {"sample-words"}
    assert sandbox.control.requests()[-1]["noted"]["texts"] == 3


@pytest.mark.parametrize("lie", [lie for lie in LIES["sentiment"] if lie != "turned_round"])
def test_the_client_sees_through_each_lie(sandbox, lie) -> None:
    sandbox.control.set_fault(Fault("lie", remote="sentiment", lie=lie))
    with pytest.raises(ContractChanged):
        scored(sandbox)


def test_turned_round_is_a_lie_that_only_the_words_tell(sandbox) -> None:
    sandbox.control.set_fault(Fault("lie", remote="sentiment", lie="turned_round"))
    assert [answer.label for answer in scored(sandbox)] == ["negative", "positive", "neutral"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("status", remote="sentiment", status=503), Unreachable),
        (Fault("status", remote="sentiment", status=429, retry_after="3"), RateLimited),
        (Fault("reset", remote="sentiment"), Unreachable),
        (Fault("drip", remote="sentiment", seconds=3), Unreachable),
        (Fault("html", remote="sentiment"), ContractChanged),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_the_faults_of_all_remotes_hit_this_one_too(sandbox, fault, kind) -> None:
    sandbox.control.set_fault(fault)
    with pytest.raises(ProviderError) as caught:
        scored(sandbox)
    assert type(caught.value) is kind


def test_what_is_no_batch_of_texts_is_refused(sandbox) -> None:
    with WireClient(sandbox.url) as client:
        for body in ("{}", "[]", '{"texts": "x"}', '{"texts": [1]}', "no json"):
            assert client.call("POST", "/sentiment/analyze", body).status == 400
        assert client.call("GET", "/sentiment/analyze").status == 405
        assert client.call("POST", "/sentiment/else", '{"texts": []}').status == 404
