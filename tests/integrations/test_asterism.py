"""The client of another Asterism against a local server that misbehaves on request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from integrations import asterism
from integrations.asterism import AsterismClient
from integrations.errors import ContractChanged, Gone, NeedsReauth, RateLimited, Rejected, Unreachable
from tests.local_server import LocalServer, Reply, serve

KEY = "ast_very_secret_key"


def call(server: LocalServer, work: Callable[[AsterismClient], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with AsterismClient(server.base, KEY) as client:
            return await work(client)

    return asyncio.run(main())


def failure(reply: Reply) -> Exception:
    with serve(lambda asked: reply) as server, pytest.raises(Exception) as caught:  # noqa: PT011 - the caller looks
        call(server, lambda client: client.get("analyses"))
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {caught.value.__cause__!r}"
    assert KEY not in shown
    return caught.value


def test_it_asks_below_the_api_with_its_key():
    with serve(lambda asked: Reply.of({"rows": []})) as server:
        assert call(server, lambda client: client.get("analyses", {"limit": 5})) == {"rows": []}
        [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/api/v1/analyses", {"limit": "5"})
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_a_request_made_again_carries_the_same_name():
    with serve(lambda asked: Reply.of({"id": "1"}, 201)) as server:
        call(server, lambda client: client.post("analyses", {"sources": []}, idempotency_key="n"))
        [asked] = server.asked
    assert (asked.method, asked.headers["idempotency-key"]) == ("POST", "n")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, NeedsReauth), (403, Rejected), (404, Gone), (409, Rejected), (422, Rejected), (503, Unreachable)],
)
def test_a_refusal_comes_in_the_servers_own_words(status, kind):
    error = failure(Reply.of({"detail": "The words of the server.", "status": status}, status))
    assert type(error) is kind
    assert (error.message, error.status) == ("The words of the server.", status)


def test_a_refusal_without_words_gets_some():
    assert "500" in str(failure(Reply.page(status=500)))


@pytest.mark.parametrize(("header", "wait"), [("7", 7), ("999999", asterism.LONGEST_RETRY_AFTER), ("soon", 5)])
def test_being_asked_to_wait_is_passed_on_and_capped(header, wait):
    error = failure(Reply.of({"detail": "Wait."}, 429, **{"retry-after": header}))
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


def test_a_web_page_is_no_answer():
    assert isinstance(failure(Reply.page()), ContractChanged)


def test_a_redirect_is_not_followed():
    error = failure(Reply(status=302, headers={"location": "http://127.0.0.1:1/"}))
    assert isinstance(error, Rejected)


@pytest.mark.parametrize("reply", [Reply(reset=True), Reply(cut=True, body=b"{}")])
def test_a_broken_connection_is_one_sentence(reply):
    assert isinstance(failure(reply), Unreachable)


def test_a_dripping_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(asterism, "TOTAL_SECONDS", 0.3)
    assert "0.3 seconds" in str(failure(Reply(drip=True)))
    assert "0.3 seconds" in str(failure(Reply(drip_headers=True)))


def test_an_answer_that_unpacks_to_too_much_is_cut_off(monkeypatch):
    monkeypatch.setattr(asterism, "MAX_BYTES", 1000)
    assert "1,000 bytes" in str(failure(Reply.bomb(100_000)))


def test_nobody_there_is_one_sentence():
    async def main() -> None:
        async with AsterismClient("http://user:pass@127.0.0.1:9", KEY) as client:
            await client.get("analyses")

    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        asyncio.run(main())
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "localhost:3000", "ftp://x", "http://", "http://[", "http://x:99999"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(Rejected):
        AsterismClient(url, KEY)


def test_a_download_comes_in_parts_and_its_refusal_as_an_error():
    async def collect(client: AsterismClient) -> bytes:
        return b"".join([part async for part in client.download("a/exports/items.csv")])

    with serve(lambda asked: Reply(b"id\r\n1\r\n", headers={"content-type": "text/csv"})) as server:
        assert call(server, collect) == b"id\r\n1\r\n"
    with serve(lambda asked: Reply.of({"detail": "Nothing."}, 404)) as server, pytest.raises(Gone, match="Nothing"):
        call(server, collect)
