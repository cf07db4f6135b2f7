from __future__ import annotations

import asyncio
import gzip
import pickle
import time
import tracemalloc
from datetime import UTC, datetime

import httpx
import pytest

from integrations.errors import ContractChanged, Gone, NeedsReauth, ProviderError, RateLimited, Rejected, Unreachable
from integrations.http import HttpClient, _same_place
from integrations.redaction import redact
from integrations.retry_after import retry_after_seconds
from tests.local_server import Reply, serve

KEY = "sk-made-up-key-of-nobody"


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


def get(reply, *, path="/", headers=None, form=None, **limits):
    """Make one call to a server that answers `reply`; return value, facts, what was asked, and requests made."""
    answer = reply if callable(reply) else lambda asked: reply
    with serve(answer) as server:

        async def call():
            async with HttpClient("example", user_agent="asterism-test", base_urls=[server.base], **limits) as http:
                if form is not None:
                    value, facts = await http.post_form_json(server.base + path, data=form, headers=headers)
                else:
                    params = {"q": "a b&ä", "left_out": None}
                    value, facts = await http.get_json(server.base + path, params=params, headers=headers)
                return value, facts, server.asked, http.requests

        return asyncio.run(call())


def fail(kind, reply, **options) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        get(reply, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


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


def test_compressed_answers_are_read() -> None:
    body = gzip.compress(b'{"a": 1}')
    assert get(Reply(body, headers={"content-encoding": "gzip"}))[0] == {"a": 1}


def test_proxies_of_the_environment_are_not_used(monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert get(Reply.of(1))[0] == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Rejected),
        (403, Rejected),
        (404, Gone),
        (405, Rejected),
        (408, Unreachable),
        (410, Gone),
        (418, Rejected),
        (422, Rejected),
        (425, Unreachable),
        (429, RateLimited),
        (451, Rejected),
        (500, Unreachable),
        (503, Unreachable),
        (599, Unreachable),
        (204, ContractChanged),
        (304, ContractChanged),
    ],
)
def test_each_status_becomes_what_the_caller_does_next(status, kind) -> None:
    body = b"" if status in {204, 304} else b'{"error": 1}'
    assert fail(kind, Reply(body, status)).status == status


@pytest.mark.parametrize(
    ("status", "challenge", "kind"),
    [(401, "", NeedsReauth), (403, "", Rejected), (403, 'Bearer error="insufficient_scope"', NeedsReauth)],
)
def test_a_refusal_of_our_credentials_needs_a_person(status, challenge, kind) -> None:
    reply = Reply(b"{}", status, {"www-authenticate": challenge})
    fail(kind, reply, headers={"authorization": f"Bearer {KEY}"})


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


def test_a_gzip_bomb_never_takes_the_memory_it_asks_for() -> None:
    bomb = Reply.bomb(200_000_000)
    tracemalloc.start()
    try:
        error = fail(Unreachable, bomb, max_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "1,000,000 bytes" in str(error)
    assert peak < 10_000_000


def test_a_large_plain_answer_is_cut_at_the_cap() -> None:
    fail(Unreachable, Reply(b"1" * 200_000), max_bytes=100_000)
    assert get(Reply(b"[" + b" " * 99_998 + b"]"), max_bytes=100_000)[0] == []


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


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "-5"}, 1),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "1000000000"}, 3600),
        ({"retry-after": "inf"}, 3600),
        ({"retry-after": "nan"}, 30),
        ({"retry-after": "soon"}, 30),
        ({}, 30),
        ({"x-ratelimit-reset": "42"}, 42),
        ({"retry-after": "5", "x-ratelimit-reset": "42"}, 5),
        ({"retry-after": "Wed, 01 Jan 2025 00:02:00 GMT"}, 120),
        ({"retry-after": "Tue, 31 Dec 2024 00:00:00 GMT"}, 1),
        ({"retry-after": "Wed, 01 Jan 2225 00:00:00 GMT"}, 3600),
        ({"retry-after": "Wed, 99 Foo 2025"}, 30),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_and_never_absurd(headers, seconds) -> None:
    assert retry_after_seconds(headers, datetime(2025, 1, 1, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token": "{KEY}"}}',
        f"Authorization: Bearer {KEY}",
        f"?api_key={KEY}&x=1",
        f"password={KEY}",
        f"{KEY}{'a' * 40}",
        f"cookie: {KEY}",
        f'"client_secret" : "{KEY}"',
        f"{KEY}@example.org",
    ],
)
def test_what_looks_like_a_credential_is_cut_from_samples(text) -> None:
    assert KEY not in redact(text)


def test_errors_hold_no_credential_and_survive_pickling() -> None:
    for reply in (Reply.page(f"<p>you sent {KEY}", 400), Reply.page(f"<p>{KEY}"), Reply(reset=True), Reply(status=401)):
        with pytest.raises(ProviderError) as caught:
            get(reply, headers={"authorization": f"Bearer {KEY}"}, secrets=[KEY])
        error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
        assert KEY not in f"{error} {error!r} {vars(error)} {caught.value.__cause__!r}"
        assert len(error.sample or "") <= 300


BODIES = {
    "empty": b"",
    "space": b"  \n",
    "html": b"<html><body>Hi</body></html>",
    "doctype": b"<!DOCTYPE html>",
    "text": b"Too busy",
    "truncated object": b'{"a": 1',
    "truncated string": b'{"a": "b',
    "truncated list": b"[1, 2,",
    "nan": b'{"a": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep and open": b"[" * 1_000_000,
    "latin-1": b'{"a": "\xe9"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "cut utf-8": b'{"a": "\xc3"}',
    "two values": b"{} {}",
    "single quotes": b"{'a': 1}",
    "comma": b'{"a": 1,}',
    "bare word": b"undefined",
    "control": b'{"a": "\x01"}',
    "nul": b"\x00",
    "huge number": b"9" * 10_000,
    "jsonp": b"callback({})",
    "xssi": b")]}'\n{}",
    "xml": b'<?xml version="1.0"?><a/>',
    "binary": bytes(range(256)),
    "python": b"None",
    "lines": b'{"a":1}\n{"a":2}\n',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_malformed_body_is_a_changed_contract_with_a_short_sample(name) -> None:
    error = fail(ContractChanged, Reply(BODIES[name]))
    assert len(error.sample) <= 300
    assert error.sample.isprintable()


def test_damaged_and_unknown_compression_is_a_typed_error() -> None:
    packed = gzip.compress(b'{"a": 1}' * 100)
    fail(ContractChanged, Reply(b"not gzip", headers={"content-encoding": "gzip"}))
    fail(ContractChanged, Reply(b"{}", headers={"content-encoding": "br"}))
    fail(Unreachable, Reply(packed[:-12], headers={"content-encoding": "gzip"}))


def test_a_byte_order_mark_is_tolerated() -> None:
    assert get(Reply(b'\xef\xbb\xbf{"a": 1}'))[0] == {"a": 1}
