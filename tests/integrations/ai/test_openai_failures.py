"""The OpenAI adapter against servers that fail, refuse and lie: one sentence, the right error, a bounded cost."""

from __future__ import annotations

import asyncio
import json
import pickle
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from integrations import registry
from integrations.errors import (
    ContractChanged,
    Gone,
    NeedsReauth,
    ProviderError,
    RateLimited,
    Rejected,
    Unreachable,
)
from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN, Prompt, UnusableAnswer
from tests.integrations.ai.world import KEY, PROMPT, SCHEMA, TEXT, answered, chat, envelope
from tests.local_server import Reply

WORST = PROMPT.worst_case()


def failure(server, reply: Reply, **settings) -> ProviderError:
    server.faults = lambda _: reply
    with pytest.raises(ProviderError) as caught:
        answered(server.base, **settings)
    error = caught.value
    assert KEY not in f"{error} {error!r} {vars(error)} {error.__cause__!r}"
    assert len(error.sample or "") <= 300
    assert error.provider == "openai"
    assert str(error).endswith(".")
    assert type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - our own
    return error


def told(
    code: str | None, message: str = "Something.", kind: str = "invalid_request_error", status: int = 400, **headers
):
    return Reply.of({"error": {"message": message, "type": kind, "code": code, "param": None}}, status, **headers)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (told("invalid_api_key", f"Incorrect API key provided: {KEY}", status=401), NeedsReauth, "not accept the key"),
        (told("unsupported_country", status=403), Rejected, "does not let this key use the model"),
        (told("model_not_found", status=404), Gone, "has no model"),
        (told(None, status=400), Rejected, "refuses the request"),
        (told("context_length_exceeded", status=400), Rejected, "longer than the model reads"),
        (told("invalid_json_schema", status=400), Rejected, "refuses the request"),
        (told(None, status=408), Unreachable, "try again later"),
        (told(None, status=409), Unreachable, "try again later"),
        (told("server_error", status=500), Unreachable, "try again later"),
        (told("overloaded", status=503), Unreachable, "try again later"),
        (told("insufficient_quota", kind="insufficient_quota", status=429), Rejected, "no credit left"),
        (told("billing_hard_limit_reached", status=402), Rejected, "no credit left"),
        (told(None, status=402), Rejected, "does not let this key"),
        (told("rate_limit_exceeded", kind="requests", status=429), RateLimited, "wait 30 seconds"),
        (Reply.page(status=200), ContractChanged, "a web page"),
        (Reply(b"", 200), ContractChanged, "something where data"),
        (Reply(b"[" * 100_000, 200), ContractChanged, "something where data"),
        (Reply.of([]), ContractChanged, "a shape that we do not know"),
        (Reply.of({"output": 7}), ContractChanged, "a shape that we do not know"),
        (Reply.of(None), ContractChanged, "a shape that we do not know"),
        (Reply.bomb(5_000_000), ContractChanged, "encoding that we did not ask for"),
        (Reply(b'{"output": "' + b"x" * 2_000_001), Unreachable, "more than 2,000,000 bytes"),
        (Reply(reset=True), Unreachable, "broke off"),
        (Reply(json.dumps(envelope()).encode(), cut=True), Unreachable, "broke off"),
        (Reply.of({"error": {"code": "server_error", "message": "x"}}), Unreachable, "failed while it wrote"),
        (Reply.of({"error": {"code": "insufficient_quota"}}), Rejected, "no credit left"),
        (Reply.of(envelope(status="failed", output=[], error={"code": "rate_limit_exceeded"})), Unreachable, "rate"),
        (
            Reply.of(envelope(status="failed", output=[], error={"code": "invalid_prompt"})),
            Rejected,
            "refuses the prompt",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_is_an_error_that_says_what_to_do_next(server, reply, kind, words) -> None:
    error = failure(server, reply)
    assert type(error) is kind
    assert words in str(error)
    assert len(server.asked) == 1, "no hidden retry"


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "insufficient_quota", "server_error", "invalid_prompt"])
def test_what_a_success_says_of_a_failure_may_have_cost_all_the_same(server, code) -> None:
    error = failure(server, Reply.of(envelope(status="failed", output=[], error={"code": code})))
    assert (error.status, error.refused) == (200, False)


@pytest.mark.parametrize("reply", [Reply(drip=True), Reply(drip_headers=True)], ids=["body", "headers"])
def test_a_drip_ends_at_the_deadline_of_the_whole_call(server, reply) -> None:
    started = time.monotonic()
    assert isinstance(failure(server, reply, total_seconds=0.4), Unreachable)
    assert time.monotonic() - started < 30


def test_learning_the_interface_takes_from_the_same_deadline(server) -> None:
    server.faults = lambda asked: Reply.page(status=404) if asked.path.endswith("/responses") else Reply(drip=True)
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.5 seconds"):
        answered(server.base, total_seconds=0.5)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_not_even_to_the_same_host(server, status) -> None:
    error = failure(server, Reply(status=status, headers={"location": f"{server.base}/v1/elsewhere"}))
    assert isinstance(error, Rejected)
    assert "redirects to another address" in str(error)
    assert [asked.path for asked in server.asked] == ["/v1/responses"]


def test_a_closed_port_cannot_be_reached() -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        answered("http://127.0.0.1:9")


def test_an_address_that_is_not_the_configured_one_is_never_called(server) -> None:
    from integrations.ai._openai_transport import CappedTransport
    from integrations.network import AddressRefused

    async def ask():
        import httpx

        transport = CappedTransport("http://127.0.0.1:9/v1", user_agent="x", max_bytes=10, with_key=True)
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            await client.get(server.base)

    with pytest.raises(AddressRefused):
        asyncio.run(ask())
    assert server.asked == []


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({"retry-after": "7", "retry-after-ms": "6500"}, 6.5, 6.5),
        ({"retry-after-ms": "12"}, 1, 1),
        ({"retry-after-ms": "soon"}, 30, 30),
        ({"retry-after": "<in ten minutes>"}, 300, 601),
        ({"retry-after": "99999999"}, 3600, 3600),
        ({"retry-after": "-5"}, 1, 1),
        ({"retry-after": "never"}, 30, 30),
        ({}, 30, 30),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"}, 62, 62),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"}, 1, 1),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "2m"}, 30, 30),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2m oh"}, 30, 30),
    ],
    ids=str,
)
def test_a_rate_limit_names_the_wait_from_whichever_header_says_it(server, headers, least, most) -> None:
    date = format_datetime(datetime.fromtimestamp(time.time() + 600, UTC), usegmt=True)
    headers = {name: value.replace("<in ten minutes>", date) for name, value in headers.items()}
    error = failure(server, told("rate_limit_exceeded", kind="tokens", status=429, **headers))
    assert isinstance(error, RateLimited)
    assert least <= error.retry_after <= most


def refusal(text: str = "I cannot help with that.") -> dict[str, object]:
    content = [{"type": "refusal", "refusal": text}]
    return envelope(output=[{"type": "message", "content": content}])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (envelope("Sure! Here are some names."), "words where data was asked for"),
        (envelope(f"```json\n{TEXT}\n```"), "code fence"),
        (envelope(f"{TEXT}\nHope that helps!"), "added words"),
        (envelope(TEXT[:-4]), "damaged or ends too early"),
        (envelope('{"names": [NaN]}'), "damaged"),
        (envelope("[1]"), "a bare value"),
        (envelope("null"), "a bare value"),
        (envelope("{" * 100_000), "damaged"),
        (envelope(""), "without any text"),
        (envelope(output=[]), "without any text"),
        (envelope(output=[{"type": "message", "content": "text"}]), "without any text"),
        (envelope(status="incomplete", incomplete_details={"reason": "max_output_tokens"}), "stopped before"),
        (envelope(status="incomplete", incomplete_details=None), "stopped before"),
        (envelope(status="incomplete", incomplete_details={"reason": "content_filter"}), "content filter"),
        (envelope(status="cancelled"), "gave its answer up"),
        (refusal(), "declines to answer"),
        (chat(finish="length"), "stopped before"),
        (chat(finish="content_filter"), "content filter"),
        (chat(None, refusal="No."), "declines to answer"),
        (chat(None, finish="tool_calls", tool_calls=[{"id": "x"}]), "without any text"),
        (chat("", finish="stop"), "without any text"),
        ({"choices": []}, "without any text"),
        ({"choices": [7]}, "without any text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_cannot_be_used_says_why_and_what_it_took(server, body, words) -> None:
    error = failure(server, Reply.of(body))
    assert isinstance(error, UnusableAnswer)
    assert isinstance(error, ContractChanged)
    assert words in str(error)
    within(error.usage, PROMPT)
    assert error.usage[INPUT_TOKEN] > 0


def within(usage, prompt: Prompt) -> None:
    worst = prompt.worst_case()
    assert set(usage) == {INPUT_TOKEN, CACHED_INPUT_TOKEN, OUTPUT_TOKEN}
    assert min(usage.values()) >= 0
    assert usage[INPUT_TOKEN] + usage[CACHED_INPUT_TOKEN] <= worst[INPUT_TOKEN]
    assert usage[OUTPUT_TOKEN] <= worst[OUTPUT_TOKEN]


def usage(read=300, wrote=9, **details) -> dict[str, object]:
    return {"input_tokens": read, "input_tokens_details": details, "output_tokens": wrote}


LIES = [
    None,
    "many",
    [],
    {},
    usage(read=0),
    usage(read=-300),
    usage(read=1),
    usage(read=10**15),
    usage(read=300.0),
    usage(read="300"),
    usage(read=True),
    usage(read=None),
    usage(wrote=0),
    usage(wrote=-1),
    usage(wrote=10**15),
    usage(cached_tokens=-1),
    usage(cached_tokens=301),
    usage(cached_tokens="all"),
    usage(cache_write_tokens=10**9),
]


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_lie_about_tokens_is_replaced_by_an_estimate_on_the_high_side(server, lie) -> None:
    server.faults = lambda _: Reply.of(envelope(usage=lie))
    answer = answered(server.base)
    assert answer.value == {"names": ["Backups"]}
    assert not answer.reported
    within(answer.usage, PROMPT)
    # English has at least four bytes a token: what really went must not be more than what is written down.
    assert answer.usage[INPUT_TOKEN] >= min(300, len(PROMPT.data) // 4)
    assert answer.usage[OUTPUT_TOKEN] >= len(TEXT) // 4


def test_a_huge_count_is_charged_as_the_worst_case_and_no_more(server) -> None:
    server.faults = lambda _: Reply.of(envelope(usage=usage(read=10**15, wrote=10**15)))
    assert answered(server.base).usage == {**WORST, CACHED_INPUT_TOKEN: 0}


def test_cached_tokens_are_split_off_and_kept_ones_cost_a_quarter_more(server) -> None:
    server.faults = lambda _: Reply.of(envelope(usage=usage(cached_tokens=128, cache_write_tokens=100)))
    answer = answered(server.base)
    assert answer.reported
    assert answer.usage == {INPUT_TOKEN: 300 - 128 + 25, CACHED_INPUT_TOKEN: 128, OUTPUT_TOKEN: 9}


def test_no_estimate_is_above_the_worst_case_of_a_tiny_prompt(server) -> None:
    tiny = Prompt(name="x", instructions="", data="", schema=SCHEMA, max_output_tokens=16)
    for lie in LIES:
        server.faults = lambda _, lie=lie: Reply.of(envelope(TEXT, usage=lie))
        within(answered(server.base, tiny).usage, tiny)


def test_fifty_calls_at_once_share_one_model(server) -> None:
    async def ask():
        model = registry.model("openai")
        async with model(model.Config(base_url=f"{server.base}/v1", api_key=KEY)) as opened:
            return await asyncio.gather(*(opened.answer(PROMPT) for _ in range(50)))

    assert len(asyncio.run(ask())) == 50
    assert len(server.asked) == 50
