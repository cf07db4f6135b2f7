"""Providers limit, fail, lie and drip; the work waits or says why it cannot go on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlmodel import select

from app.models import Job, JobEvent, JobStatus
from app.services import analyses, progress
from integrations.sandbox.faults import Fault
from tests.chaos.proxy import Line
from tests.chaos.world import World, process_tree_memory

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

MakeWorld = Callable[..., World]
COMMUNITY = "productivity"


def job(world: World) -> Job:
    with world.database.read() as session:
        return session.exec(select(Job).where(Job.kind == "collect")).one()


def calls(world: World) -> list[float]:
    """Return when the sandbox was asked for talk, in seconds since 1970."""
    return [float(line["at"]) for line in world.sandbox.log.entries() if line["remote"] == "reddit"]  # type: ignore[arg-type]


def whole(world: World, analysis_id: str, *, seconds: float = 60) -> None:
    assert world.finished(analysis_id, seconds=seconds).status == "completed", world.report()
    world.check_invariants()


@pytest.mark.fault("F15", "429 with Retry-After in seconds")
def test_a_provider_asks_to_wait(make_world: MakeWorld):
    with make_world() as world:
        world.sandbox.control.set_fault(
            Fault("status", remote="reddit", route="comments|listing|/r/", status=429, retry_after="4", count=1, skip=1)
        )
        analysis_id = world.ask(COMMUNITY)
        world.until(lambda: job(world).error_kind == "rate_limited", "it waits", seconds=20)
        world.tally.injections += 1
        waiting = job(world)
        assert (waiting.status, waiting.attempts) == (JobStatus.QUEUED, 0)
        refused = max(calls(world))
        whole(world, analysis_id)
        later = [at for at in calls(world) if at > refused]
        assert min(later) - refused >= 3.9, "nothing is asked before its time"
        world.tally.recovered(min(later) - refused - 4)


@pytest.mark.parametrize(("told", "least", "most"), [("date", 25, 31), ("absent", 25, 31), ("absurd", 3500, 3600)])
@pytest.mark.fault("F15", "429 with Retry-After as a date, absent, or ten years")
def test_a_wait_that_is_a_date_absent_or_absurd(make_world: MakeWorld, told: str, least: float, most: float):
    with make_world() as world:
        world.sandbox.control.set_fault(Fault("status", remote="reddit", route="/r/", status=429, retry_after=told))
        analysis_id = world.ask(COMMUNITY)
        world.until(lambda: job(world).error_kind == "rate_limited", "it waits", seconds=20)
        world.tally.injections += 1
        world.tally.recoveries += 1
        with world.database.read() as session:
            told_at = session.exec(select(JobEvent).where(JobEvent.kind == "job.waiting")).one()
        assert least <= told_at.data["seconds"] <= most
        assert abs((job(world).run_after - told_at.at).total_seconds() - told_at.data["seconds"]) < 3
        with world.database.read() as session:
            shown = progress.view(session, world.look(analysis_id)).queue
        assert shown.why
        assert "wait" in shown.why, "its owner is told why"
        asked = len(calls(world))
        with world.database.write() as session:
            analyses.cancel(session, world.actor, analysis_id)
        world.check_invariants()
        assert len(calls(world)) == asked


@pytest.mark.parametrize("kind", ["status", "reset", "truncated"])
@pytest.mark.fault("F16", "provider answers with errors, or breaks off, for 5 s")
def test_a_provider_fails_for_a_while(make_world: MakeWorld, kind: str):
    with make_world() as world:
        world.sandbox.control.set_latency(0.05, "reddit")
        analysis_id = world.ask(COMMUNITY)
        world.running("collect", done=1)
        before = len(calls(world))
        world.sandbox.control.set_fault(Fault(kind, remote="reddit", status=503))
        world.tally.injections += 1
        world.until(lambda: job(world).status == JobStatus.RETRYING, "it is put back", seconds=20)
        told = job(world).error_message
        assert told
        assert "Reddit" in told
        world.sandbox.control.clear()
        healed = time.monotonic()
        during = len(calls(world)) - before
        whole(world, analysis_id)
        world.tally.recovered(time.monotonic() - healed)
        world.tally.seen["calls while it failed"] = str(during)
        assert during < 60


@pytest.mark.fault("F16", "provider down while six analyses want it: it is left alone, one probe at a time", long=True)
def test_a_provider_that_is_down_is_left_alone(make_world: MakeWorld):
    with make_world(changes={"breaker": 6}, workers=4) as world:
        fault = world.sandbox.control.set_fault(Fault("status", remote="reddit", status=503))
        names = ("productivity", "homelab", "datahoarder", "smarthouse", "indiedevs", "selfhosted")
        ids = [world.ask(name) for name in names]
        world.tally.injections += 1
        log = world.folder / "worker.log"
        world.until(lambda: "breaker.open" in log.read_text(), "it is left alone", seconds=30)
        opened = time.monotonic()
        before = len(calls(world))
        world.until(lambda: _told(world, "left alone") > 0, "their owners are told why", seconds=10)
        world.tally.seen["told after"] = f"{time.monotonic() - opened:.1f} s"
        world.until(lambda: log.read_text().count("breaker.open") > 1, "a probe fails", seconds=30)
        probes = len(calls(world)) - before
        world.tally.seen["calls until the first probe had failed"] = str(probes)
        assert probes <= 6, "those under way and one probe"
        world.sandbox.control.clear(fault)
        healed = time.monotonic()
        world.finished(*ids, seconds=90)
        world.tally.recovered(time.monotonic() - healed)
        assert {world.look(one).status for one in ids} == {"completed"}, world.report()
        world.check_invariants()


def _told(world: World, words: str) -> int:
    with world.database.read() as session:
        return sum(words in (message or "") for message in session.exec(select(Job.error_message)))


@pytest.mark.parametrize("line", [Line.CUT, Line.FROZEN])
@pytest.mark.fault("F16", "no connection to the provider: refused, or without an answer")
def test_a_provider_cannot_be_reached(make_world: MakeWorld, line: Line):
    with make_world(provider_line=True, changes={"deadline": 2.0}) as world:
        assert world.provider_line is not None
        world.sandbox.control.set_latency(0.05, "reddit")
        analysis_id = world.ask(COMMUNITY)
        world.running("collect", done=1)
        world.provider_line.set(line)
        world.tally.injections += 1
        world.until(lambda: job(world).status == JobStatus.RETRYING, "it is put back", seconds=30)
        world.provider_line.set(Line.OPEN)
        healed = time.monotonic()
        whole(world, analysis_id)
        world.tally.recovered(time.monotonic() - healed)


@pytest.mark.parametrize("kind", ["malformed", "wrong_shape", "html"])
@pytest.mark.fault("F17", "one answer that is not what the contract says")
def test_one_strange_answer(make_world: MakeWorld, kind: str):
    with make_world() as world:
        world.sandbox.control.set_fault(Fault(kind, remote="reddit", route="/r/|comments", status=200, count=1, skip=1))
        analysis_id = world.ask(COMMUNITY)
        world.tally.injections += 1
        began = time.monotonic()
        whole(world, analysis_id)
        world.tally.recovered(time.monotonic() - began)


@pytest.mark.fault("F17", "every answer is strange: once more, then given up with the reason")
def test_every_answer_is_strange(make_world: MakeWorld):
    with make_world() as world:
        world.sandbox.control.set_fault(Fault("wrong_shape", remote="reddit", route="/r/|comments"))
        analysis_id = world.ask(COMMUNITY)
        ended = world.finished(analysis_id)
        world.tally.injections += 1
        world.tally.recoveries += 1
        assert ended.status == "failed"
        assert ended.error
        assert "Reddit" in ended.error
        assert job(world).attempts == 2, "tried once more and no more"
        world.check_invariants()


@pytest.mark.fault("F18", "answer that drips for a minute; cut at the deadline")
def test_an_answer_drips(make_world: MakeWorld):
    with make_world(changes={"deadline": 2.0}) as world:
        world.sandbox.control.set_fault(
            Fault("drip", remote="reddit", route="/r/|comments", seconds=60, count=1, skip=1)
        )
        analysis_id = world.ask(COMMUNITY)
        world.tally.injections += 1
        world.until(lambda: job(world).status == JobStatus.RETRYING, "it is put back", seconds=20)
        began = time.monotonic()
        whole(world, analysis_id)
        world.tally.recovered(time.monotonic() - began)


@pytest.mark.fault("F18", "200 MB in 200 kB of gzip; cut at the byte cap, memory bounded")
def test_an_answer_is_a_bomb(make_world: MakeWorld):
    with make_world() as world:
        world.sandbox.control.set_fault(
            Fault("gzip_bomb", remote="reddit", route="/r/|comments", size=200_000_000, count=1, skip=1)
        )
        analysis_id = world.ask(COMMUNITY)
        world.tally.injections += 1
        largest = 0
        began = time.monotonic()
        while world.look(analysis_id).status not in {"completed", "failed", "partial"}:
            found = process_tree_memory(world.processes["worker"].pid)
            largest = max(largest, *found.values()) if job(world).status != JobStatus.SUCCEEDED and found else largest
            assert time.monotonic() - began < 60, world.report()
            time.sleep(0.01)
        whole(world, analysis_id)
        world.tally.recovered(time.monotonic() - began)
        world.tally.seen["largest process"] = f"{largest / 1e6:.0f} MB"
        assert largest < 300e6
        with world.database.read() as session:
            told = session.exec(select(JobEvent.message).where(JobEvent.kind == "job.retrying")).all()
        assert any("bytes" in message for message in told)
