from __future__ import annotations

import gzip
import tracemalloc

import pytest

from integrations.errors import ContractChanged, Gone, NeedsReauth, RateLimited, Rejected, Unreachable
from tests.integrations.http_calls import KEY, fail, get
from tests.local_server import Reply


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


def test_compressed_answers_are_read() -> None:
    body = gzip.compress(b'{"a": 1}')
    assert get(Reply(body, headers={"content-encoding": "gzip"}))[0] == {"a": 1}


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
