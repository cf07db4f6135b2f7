"""The gate as a stranger's socket meets it: real web process, real handshake, real frames."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import redis.asyncio
import socketio

from tests.wire.client import ON_LOAD, ROOT, Site, tab

pytestmark = pytest.mark.anyio

PROBE = f"{ROOT}.tests___wire___site____probe"


async def test_one_session_from_the_welcome_link_over_a_live_page_to_signing_out(site: Site) -> None:
    async with (
        httpx.AsyncClient(base_url=site.url, trust_env=False) as http,
        redis.asyncio.from_url(site.bus_url) as bus,
        bus.pubsub(ignore_subscribe_messages=True) as heard,
    ):
        token = (await http.get("/welcome", params={"token": site.welcome_link()})).cookies["sid"]
        await heard.subscribe("asterism:probe")
        async with tab(site, session=token) as page, tab(site) as stranger:
            await page.send(ON_LOAD)
            await page.until(lambda: page.last(PROBE, "beat") is not None)
            await stranger.send(ON_LOAD)
            await stranger.until(lambda: stranger.redirects() == ["/sign-in?next=%2Fprobe"])
            await page.send(f"{PROBE}.count", number=3)
            await page.until(lambda: page.last(PROBE, "ran") == ["count 3 none"])
            before = page.last(PROBE, "beat")
            site.say("ops", "news")
            await page.until(lambda: page.last(PROBE, "beat") > before)

            answer = await http.post("/api/auth/sign-out", headers={"Origin": site.url})
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
            async with asyncio.timeout(3):
                await page.closed.wait()
                while await heard.get_message(timeout=0.1) is None:
                    pass  # the watcher says at its end that it has ended
            assert page.redirects() == ["/sign-in"]
            assert stranger.values(PROBE, "beat") == []
            assert not stranger.closed.is_set()

    async with tab(site, path="/analyses/x?tab=items") as late:
        await late.send(ON_LOAD)
        await late.until(lambda: late.redirects() == ["/sign-in?next=%2Fanalyses%2Fx%3Ftab%3Ditems"])

    async with tab(site, session=token) as again:
        await again.send(f"{PROBE}.count", number=4)
        await again.until(lambda: again.redirects() == ["/sign-in?next=%2Fprobe"])
        assert all(value == [] for value in again.values(PROBE, "ran"))


async def test_a_session_that_ended_in_the_database_closes_its_pages_and_no_others(site: Site) -> None:
    token, other = site.session_token(), site.session_token()
    async with tab(site, session=token) as page, tab(site, session=other) as beside:
        await page.settle()
        site.end_session(token)
        site.say("sessions", "of another")  # its own message is lost; any wake, or 15 s, finds it
        async with asyncio.timeout(12):
            await page.closed.wait()
        await beside.send(f"{PROBE}.count", number=1)
        await beside.until(lambda: beside.last(PROBE, "ran") == ["count 1 none"])


@pytest.mark.parametrize("handler", ["count", "remember", "forgotten", "forgotten_watch", "watch", "setvar", "nothing"])
async def test_a_stranger_runs_nothing(site: Site, handler: str) -> None:
    async with tab(site) as stranger:
        payload = (
            {"number": 1}
            if handler == "count"
            else {"var_name": "ran", "value": ["set"]}
            if handler == "setvar"
            else {}
        )
        await stranger.send(f"{PROBE}.{handler}", **payload)
        await stranger.settle()
        assert all(value == [] for value in stranger.values(PROBE, "ran"))
        assert all(value == 0 for value in stranger.values(PROBE, "beat"))


@pytest.mark.parametrize("handler", ["forgotten", "forgotten_watch", "setvar", "reset", "_session_token"])
async def test_a_session_runs_nothing_that_is_not_registered_with_the_gate(site: Site, handler: str) -> None:
    async with tab(site, session=site.session_token()) as page:
        await page.send(f"{PROBE}.{handler}", **({"var_name": "ran", "value": ["x"]} if handler == "setvar" else {}))
        await page.settle()
        assert all(value == [] for value in page.values(PROBE, "ran"))


async def test_what_is_marked_anonymous_runs_without_a_session(site: Site) -> None:
    async with tab(site) as stranger:
        await stranger.send(f"{PROBE}.greet")
        await stranger.until(lambda: stranger.last(PROBE, "ran") == ["greet"])


@pytest.mark.parametrize(
    "payload",
    [
        {"number": "3"},
        {"number": {"a": 1}},
        {"number": None},
        {"number": True},
        {"number": 1.5},
        {},
        {"number": 1, "more": 2},
        {"number": 1, "word": ["x"]},
    ],
)
async def test_wrong_arguments_are_refused_with_one_sentence(site: Site, payload: dict[str, Any]) -> None:
    async with tab(site, session=site.session_token()) as page:
        await page.send(f"{PROBE}.count", **payload)
        await page.until(lambda: "was not accepted" in page.text())
        assert all(value == [] for value in page.values(PROBE, "ran"))


@pytest.mark.parametrize(
    "data", ["text", 7, None, [], {"name": 3}, {"name": "x" * 5000}, {"name": f"{PROBE}.greet", "payload": [1]}]
)
async def test_malformed_frames_are_dropped_and_the_page_goes_on(site: Site, data: Any) -> None:
    async with tab(site) as stranger:
        await stranger.send_raw(data)
        await stranger.send(f"{PROBE}.greet")
        await stranger.until(lambda: stranger.last(PROBE, "ran") == ["greet"])


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("hydrate_and_load", {"vars": 5}),
        ("hydrate_and_load", {"hashes": {"a": 1}}),
        ("set_is_hydrated", {"value": "yes"}),
        ("hydrate", {"more": 1}),
    ],
)
async def test_the_framework_s_own_events_are_checked_too(site: Site, handler: str, payload: dict[str, Any]) -> None:
    async with tab(site) as stranger:
        await stranger.send(f"{ROOT}.{handler}", **payload)
        await stranger.until(lambda: "was not accepted" in stranger.text())


@pytest.mark.parametrize(
    ("how", "sentence"), [("ours", "This is finished already"), ("bug", "An error of ours stopped this")]
)
async def test_a_failing_handler_says_one_sentence_and_never_a_stack(site: Site, how: str, sentence: str) -> None:
    async with tab(site) as stranger:
        await stranger.send(f"{PROBE}.fail", how=how)
        await stranger.until(lambda: sentence in stranger.text())
        assert "a bug of ours" not in stranger.text()
        assert "Traceback" not in stranger.text()


async def test_client_storage_cannot_be_written_from_outside(site: Site) -> None:
    async with tab(site, session=site.session_token()) as page:
        update = f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal"
        await page.send(update, vars={f"{PROBE}.ran": ["x"]})
        await page.settle()
        assert all(value == [] for value in page.values(PROBE, "ran"))


async def test_a_tab_that_another_session_takes_over_is_empty(site: Site) -> None:
    async with tab(site, session=site.session_token(), name="known-to-both") as first:
        await first.send(f"{PROBE}.remember")
        await first.until(lambda: "You's secret" in first.text())
    for session in ("", site.session_token()):
        async with tab(site, session=session, name="known-to-both") as second:
            await second.settle()
            assert "secret'" not in second.text().replace("'secret_rx_state_'", "")
            assert "You's secret" not in second.text()


async def test_a_flood_of_events_is_cut(site: Site) -> None:
    async with tab(site) as stranger:
        for _ in range(260):
            await stranger.send(f"{PROBE}.greet")
        await stranger.until(lambda: len(stranger.values(PROBE, "ran")) >= 190)
        assert len(stranger.values(PROBE, "ran")) <= 200


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("{url}", True),
        ("{twin}", True),
        ("https://evil.example", False),
        ("http://localhost:1", False),
        ("null", False),
    ],
)
async def test_only_our_own_pages_may_open_the_socket(site: Site, origin: str, accepted: bool) -> None:
    own = origin.format(url=site.url, twin=site.url.replace("localhost", "127.0.0.1"))
    try:
        async with tab(site, origin=own) as page:
            await page.settle()
            connected = True
    except socketio.exceptions.ConnectionError:
        connected = False
    assert connected is accepted


@pytest.mark.parametrize("name", ["x" * 65, "a_b", "<script>", "a&token=b"])
async def test_a_tab_without_a_proper_name_is_refused(site: Site, name: str) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with tab(site, name=name):
            pass


async def test_no_log_line_quotes_a_cookie(site: Site) -> None:
    token = site.session_token()
    async with tab(site, session=token) as page:
        await page.send(f"{PROBE}.nothing")
        await page.send("no.such.state.handler")
        await page.send_raw("text")
        await page.settle()
        await page.send(f"{PROBE}.fail", how="bug")
        await page.send(f"{ROOT}.hydrate_and_load", vars=5)
        await page.settle()
    lines = site.log.read_text(encoding="utf-8")
    assert "unknown event" in lines
    assert "a bug of ours" in lines
    assert token not in lines
