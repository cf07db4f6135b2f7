from __future__ import annotations

import asyncio
import base64

import pytest
from pydantic import SecretStr

from integrations import oauth
from integrations.errors import ContractChanged, NeedsReauth, ProviderError, Unreachable
from integrations.http import HttpClient
from integrations.oauth import ClientCredentials
from tests.local_server import Reply, serve

SECRET = SecretStr("made-up:secret")


def run(server, work, client_id="client"):
    async def call():
        async with HttpClient("example", user_agent="test", base_urls=[server.base]) as http:
            return await work(http, ClientCredentials(f"{server.base}/token", client_id, SECRET))

    return asyncio.run(call())


@pytest.fixture
def server():
    """Gives the tokens t1, t2, …; each lives for `lifetime` seconds; `/read` accepts those in `good`."""

    def answer(asked):
        if asked.path == "/token":
            server.given += 1
            return Reply.of({"access_token": f"t{server.given}", "expires_in": server.lifetime, "token_type": "bearer"})
        held = asked.headers.get("authorization")
        return Reply.of({"you": held}) if server.good is None or held in server.good else Reply(status=401)

    with serve(answer) as server:
        server.given, server.lifetime, server.good = 0, 3600, None
        yield server


def test_the_client_proves_itself_with_its_id_and_secret(server) -> None:
    token = run(server, lambda http, login: login.token(http))
    assert token.get_secret_value() == "t1"
    assert "t1" not in repr(token)
    asked = server.asked[0]
    assert (asked.method, asked.form) == ("POST", {"grant_type": "client_credentials"})
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"client:made-up:secret").decode()


def test_a_token_is_fetched_once_for_all_jobs_of_a_client(server) -> None:
    for _ in range(3):
        run(server, lambda http, login: login.token(http))
    assert server.given == 1
    run(server, lambda http, login: login.token(http), client_id="other")
    assert server.given == 2


@pytest.mark.parametrize(
    ("lifetime", "fetched"), [(3600, 1), (301, 1), (0, 2), (-5, 2), ("x", 1), (None, 1), (True, 1)]
)
def test_a_token_near_its_end_is_replaced(server, lifetime, fetched) -> None:
    server.lifetime = lifetime
    run(server, lambda http, login: login.token(http))
    run(server, lambda http, login: login.token(http))
    assert server.given == fetched


def test_a_token_counts_as_expired_five_minutes_early(server, monkeypatch) -> None:
    run(server, lambda http, login: login.token(http))
    real = oauth.time.monotonic()
    for later, given in ((3200, 1), (3301, 2)):
        monkeypatch.setattr(oauth.time, "monotonic", lambda later=later: real + later)
        run(server, lambda http, login: login.token(http))
        assert server.given == given
    monkeypatch.undo()


def send_to(http, server):
    async def send(headers):
        value, _ = await http.get_json(f"{server.base}/read", headers=headers)
        return value["you"]

    return send


def test_a_refused_token_is_replaced_once(server) -> None:
    server.good = {"Bearer t2"}
    assert run(server, lambda http, login: login.call(http, send_to(http, server))) == "Bearer t2"
    assert run(server, lambda http, login: login.call(http, send_to(http, server))) == "Bearer t2"
    assert server.given == 2


def test_a_second_refusal_needs_a_person_and_leaves_no_token_behind(server) -> None:
    server.good = set()
    with pytest.raises(NeedsReauth):
        run(server, lambda http, login: login.call(http, send_to(http, server)))
    assert server.given == 2
    assert not oauth._tokens


def test_a_token_that_another_job_already_replaced_is_not_replaced_again(server) -> None:
    async def work(http, login):
        old = await login.token(http)
        new = await login.token(http, refused=old)
        again = await login.token(http, refused=old)
        return old, new, again

    old, new, again = run(server, work)
    assert new == again != old
    assert server.given == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), NeedsReauth),
        (Reply(status=400), NeedsReauth),
        (Reply(status=403), NeedsReauth),
        (Reply.of({"error": "unsupported_grant_type"}), NeedsReauth),
        (Reply(status=500), Unreachable),
        (Reply.of({}), ContractChanged),
        (Reply.of([]), ContractChanged),
        (Reply.of({"access_token": 7}), ContractChanged),
        (Reply.of({"access_token": ""}), ContractChanged),
        (Reply.of({"access_token": "a\r\nb"}), ContractChanged),
        (Reply.of({"access_token": "ä"}), ContractChanged),
        (Reply.page(), ContractChanged),
    ],
)
def test_a_login_without_a_token_is_a_typed_error(server, reply, kind) -> None:
    server.faults = lambda asked: reply
    with pytest.raises(ProviderError) as caught:
        run(server, lambda http, login: login.token(http))
    assert type(caught.value) is kind
    assert "made-up" not in f"{caught.value!r} {vars(caught.value)}"
    assert len(server.asked) == 1
