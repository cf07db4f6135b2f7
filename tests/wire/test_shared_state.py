"""Page state in Redis, as several web processes need it: what holds in memory must hold there."""

from __future__ import annotations

from contextlib import suppress

import pytest
import redis

from tests.wire.client import ON_LOAD, ROOT, Site, tab

pytestmark = pytest.mark.anyio

PROBE = f"{ROOT}.tests___wire___site____probe"
NEIGHBOUR = f"{ROOT}.tests___wire___site____neighbour"


@pytest.fixture(params=["memory", "redis"])
def either_site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue("site" if request.param == "memory" else "shared_state_site")
    return found


async def test_a_tab_keeps_what_it_holds_between_events(either_site: Site) -> None:
    async with tab(either_site, session=either_site.session_token()) as page:
        await page.send(f"{NEIGHBOUR}.remember")
        await page.send(f"{PROBE}.count", number=1)
        await page.send(f"{NEIGHBOUR}.tell")
        await page.until(lambda: page.last(NEIGHBOUR, "told") == "told a neighbour's secret")


async def test_whoever_takes_a_tab_over_without_asking_for_its_page_finds_every_state_empty(either_site: Site) -> None:
    name = f"known-to-both-{either_site.url.rpartition(':')[2]}"
    async with tab(either_site, session=either_site.session_token(), name=name) as first:
        await first.send(f"{NEIGHBOUR}.remember")
        await first.send(f"{NEIGHBOUR}.tell")
        await first.until(lambda: first.last(NEIGHBOUR, "told") == "told a neighbour's secret")
    async with tab(either_site, session=either_site.session_token(), name=name) as second:
        await second.send(f"{PROBE}.count", number=1)  # a state beside the one that holds it
        await second.until(lambda: second.last(PROBE, "ran") == ["count 1 none"])
        await second.send(f"{NEIGHBOUR}.tell")
        await second.until(lambda: (second.last(NEIGHBOUR, "told") or "").startswith("told"))
        assert second.last(NEIGHBOUR, "told") == "told "
        assert "secret'" not in second.text()


async def test_a_page_goes_on_at_another_web_process_when_its_own_is_gone(shared_state_sites: list[Site]) -> None:
    first, second = shared_state_sites
    token, name = first.session_token(), "moves-over"
    async with tab(first, session=token, name=name) as page:
        await page.send(f"{NEIGHBOUR}.remember")
        await page.settle()
    assert await told(second, token, name)
    async with tab(second, session=token, name=name) as page:
        await page.send(ON_LOAD)
        await page.until(lambda: page.last(PROBE, "beat") is not None)
        before = page.last(PROBE, "beat")
        first.say("ops", "news")
        await page.until(lambda: page.last(PROBE, "beat") > before)


async def told(site: Site, token: str, name: str) -> bool:
    """Come with the same tab until it is known there: it is another one until the first has left."""
    for _ in range(20):
        with suppress(TimeoutError):
            async with tab(site, session=token, name=name) as page:
                await page.send(f"{NEIGHBOUR}.tell")
                await page.until(lambda page=page: page.last(NEIGHBOUR, "told") is not None, seconds=10)
                if page.last(NEIGHBOUR, "told") == "told a neighbour's secret":
                    return True
    return False


async def test_the_states_do_lie_in_redis(shared_state_site: Site) -> None:
    assert shared_state_site.state_url is not None
    async with tab(shared_state_site, session=shared_state_site.session_token(), name="in-redis") as page:
        await page.send(f"{PROBE}.count", number=1)
        await page.until(lambda: page.last(PROBE, "ran") == ["count 1 none"])
    with redis.from_url(shared_state_site.state_url) as states:
        assert [key for key in states.keys() if b"in-redis" in key and b"probe" in key]  # noqa: SIM118 - a command
