from __future__ import annotations

import asyncio
import pickle
import time

import httpx
import pytest

from integrations.errors import ProviderError, RateLimited, Rejected, Unreachable
from integrations.http import HttpClient, _same_place
from tests.integrations.http_calls import KEY, fail, get
from tests.local_server import Reply, serve


class Notes:
    """A guard that writes down what it is told."""

    def __init__(self, refusal: ProviderError | None = None) -> None:
        self.refusal = refusal
        self.notes: list[tuple] = []

    async def admit(self, provider, operation) -> None:
        self.notes.append(("admit", provider, operation))
        if self.refusal:
            raise self.refusal

    async def report(self, provider, operation, *, seconds, error) -> None:
        assert 0 <= seconds < 30
        self.notes.append(("report", provider, operation, type(error)))


def test_a_call_brings_the_value_and_the_facts() -> None:
    value, facts, asked, requests = get(Reply.of({"a": [1, None, "ä"]}, 200, **{"x-some": "thing"}))
    assert value == {"a": [1, None, "ä"]}
    assert (facts.status, facts.headers["x-some"], facts.path) == (200, "thing", "/")
    assert facts.seconds > 0
    assert "thing" not in repr(facts)
    assert asked[0].query == {"q": "a b&ä"}
    assert asked[0].headers["user-agent"] == "asterism-test"
    assert requests == 1


def test_a_form_is_sent_as_a_form() -> None:
    _, _, asked, _ = get(Reply.of({}), form={"children": "a,b", "x": "1&2"})
    assert (asked[0].method, asked[0].form) == ("POST", {"children": "a,b", "x": "1&2"})


def test_proxies_of_the_environment_are_not_used(monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert get(Reply.of(1))[0] == 1


def test_redirects_on_the_same_host_are_followed_three_times() -> None:
    def hop(asked):
        left = int(asked.path.strip("/") or 0)
        return Reply(status=301, headers={"location": f"/{left - 1}?again=1"}) if left else Reply.of({"at": "home"})

    value, facts, asked, requests = get(hop, path="/3")
    assert (value, facts.path, requests) == ({"at": "home"}, "/0", 4)
    assert len(asked) == 4
    fail(Rejected, hop, path="/4")


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/", "https://127.0.0.1/", "//other.example/", "ftp://x/", ""])
def test_redirects_elsewhere_are_refused(location) -> None:
    # An empty location leads to the same address again, for ever.
    fail(Rejected, Reply(status=302, headers={"location": location}), headers={"authorization": KEY})


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("http://a.example/x", "https://a.example/y", True),
        ("https://a.example/x", "https://a.example/y", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/", "https://b.example/", False),
        ("http://a.example/", "https://a.example:8443/", False),
        ("http://a.example:8080/", "https://a.example/", False),
        ("https://a.example/", "https://a.example.evil.example/", False),
        ("https://a.example/", "https://a.example@evil.example/", False),
    ],
)
def test_a_redirect_stays_on_its_host_and_never_leaves_encryption(old, new, same) -> None:
    assert _same_place(httpx.URL(old), httpx.URL(new)) is same


def test_a_redirected_form_is_not_sent_again() -> None:
    fail(Rejected, Reply(status=307, headers={"location": "/x"}), form={"a": "b"})


@pytest.mark.parametrize(
    "url",
    ["", "reddit.com", "ftp://127.0.0.1/", "http://", "http://a b/", "http://[::1", "http://x:99999/", "http://\x00/"],
)
def test_an_address_that_is_none_is_refused_in_one_sentence(url) -> None:
    async def call() -> None:
        async with HttpClient("example", user_agent="test") as http:
            await http.get_json(url)

    with pytest.raises(Rejected, match="not made"):
        asyncio.run(call())


def test_a_name_that_no_resolver_takes_is_unreachable() -> None:
    async def call() -> None:
        async with HttpClient("example", user_agent="test") as http:
            await http.get_json(f"http://{'a' * 70}.invalid/")

    with pytest.raises(Unreachable):
        asyncio.run(call())


@pytest.mark.parametrize("reply", [Reply(drip=True), Reply(drip_headers=True)], ids=["body", "headers"])
def test_a_dripping_answer_ends_at_the_deadline(reply) -> None:
    started = time.monotonic()
    fail(Unreachable, reply, total_seconds=0.3)
    assert time.monotonic() - started < 30


def test_the_guard_is_asked_first_and_told_the_outcome() -> None:
    notes = Notes()
    get(Reply.of(1), guard=notes)
    with pytest.raises(ProviderError):
        get(Reply(status=500), guard=notes)
    assert notes.notes == [
        ("admit", "example", "read"),
        ("report", "example", "read", type(None)),
        ("admit", "example", "read"),
        ("report", "example", "read", Unreachable),
    ]


def test_nothing_is_sent_when_the_guard_refuses() -> None:
    notes = Notes(RateLimited("Wait.", provider="example", retry_after=9))
    with serve(lambda asked: Reply.of(1)) as server:

        async def call() -> int:
            async with HttpClient("example", user_agent="t", base_urls=[server.base], guard=notes) as http:
                with pytest.raises(RateLimited):
                    await http.get_json(server.base)
                return http.requests

        assert asyncio.run(call()) == 0
        assert not server.asked
    assert notes.notes == [("admit", "example", "read")]


def test_a_cancelled_call_is_no_verdict_on_the_provider() -> None:
    notes = Notes()
    with serve(lambda asked: Reply(drip=True)) as server:

        async def call() -> None:
            async with HttpClient("example", user_agent="t", base_urls=[server.base], guard=notes) as http:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(http.get_json(server.base), 0.2)

        asyncio.run(call())
    assert notes.notes == [("admit", "example", "read")]


def test_errors_hold_no_credential_and_survive_pickling() -> None:
    for reply in (Reply.page(f"<p>you sent {KEY}", 400), Reply.page(f"<p>{KEY}"), Reply(reset=True), Reply(status=401)):
        with pytest.raises(ProviderError) as caught:
            get(reply, headers={"authorization": f"Bearer {KEY}"}, secrets=[KEY])
        error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
        assert KEY not in f"{error} {error!r} {vars(error)} {caught.value.__cause__!r}"
        assert len(error.sample or "") <= 300
