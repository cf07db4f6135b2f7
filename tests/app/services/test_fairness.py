"""The next job is the fair one, a class leaves its share to others, and a full queue says so: on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from app.core.clock import now
from app.core.db import Database, database_now
from app.core.errors import NotPermitted, TooMany
from app.core.ids import new_id
from app.core.settings import settings
from app.models import Analysis, AnalysisStatus, Job, Worker
from app.services import claims, fairness, holds, queue, queueing, taking
from app.services.access import Actor, ActorKind
from app.services.claims import Claim
from app.services.fairness import has_room
from app.services.stages.work import Work
from app.services.taking import Slot
from tests.factories import ask

SYSTEM = Actor(ActorKind.SYSTEM, "system", "", "owner", "system")


ANY = Slot("one")


def take(database: Database, slot: Slot = ANY) -> Claim | None:
    with database.write() as session:
        return next(iter(taking.claim_next(session, slot, lease_seconds=60)), None)


def ask_for(database: Database, actor: Actor, *communities: str) -> str:
    with database.write() as session:
        return ask(session, actor, *communities).id


def see(database: Database, analysis_id: str):
    with database.read() as session:
        return queue.position(session, session.get_one(Analysis, analysis_id))


def test_a_small_analysis_behind_a_big_one_is_next(database: Database, workspace_actor: Actor, other_actor: Actor):
    big = ask_for(database, workspace_actor, *[f"place{number}" for number in range(12)])
    first = take(database)
    small = ask_for(database, other_actor)
    mine = ask_for(database, workspace_actor)
    taken = [claim.analysis_id for claim in (first, take(database), take(database), take(database)) if claim]
    assert taken == [big, small, mine, big]


def test_nobody_waits_for_ever_since_turns_come(database: Database, workspace_actor: Actor):
    big = ask_for(database, workspace_actor, *[f"place{number}" for number in range(4)])
    for _ in range(4):
        assert take(database) is not None
    with database.write() as session:
        for job in session.exec(select(Job).where(Job.analysis_id == big)):
            held = claims.Claim(job.id, job.workspace_id, big, job.kind, None, {}, None, 0, None, 1, 5, job.fence)
            claims.defer(session, held, seconds=0, why=None)
    late = ask_for(database, workspace_actor)
    assert take(database).analysis_id == late, "of it nothing runs, and its turn is now"
    assert take(database).analysis_id == big, "the next one is of those that stood back"


@pytest.mark.parametrize(
    ("slots", "held", "queue_class", "expected"),
    [
        (1, {}, "ai", True),
        (2, {"ai": 1}, "ai", False),
        (2, {"ai": 1}, "collect", True),
        (2, {"analyse": 1}, "analyse", True),
        (3, {"analyse": 1}, "analyse", False),
        (3, {"analyse": 1}, "collect", True),
        (3, {"analyse": 1, "collect": 1}, "collect", False),
        (3, {"analyse": 1, "collect": 1}, "publish", True),
        (8, {"ai": 4}, "ai", False),
        (8, {"ai": 4, "analyse": 2}, "analyse", False),
        (8, {"ai": 4, "analyse": 2}, "collect", True),
        (8, {"collect": 7}, "collect", False),
        (8, {"collect": 7}, "billing", True),
    ],
)
def test_each_class_leaves_their_share_to_the_others(slots, held, queue_class, expected):
    assert has_room(queue_class, Counter(held), slots) is expected


def test_the_claim_keeps_the_reserve_and_takes_what_may_go_instead(database: Database, workspace_actor: Actor):
    slot = Slot("one", pool="pool", queues=("ai", "collect", "billing"), slots=2)
    ask_for(database, workspace_actor, "one", "two", "three")
    with database.write() as session:
        for job in session.exec(select(Job).limit(2)):
            job.queue = "ai"
    assert [take(database, slot) is not None for _ in range(3)] == [True, True, False]
    with database.read() as session:
        assert Counter(one.queue for one in queueing.running(session)) == {"ai": 1, "collect": 1}
    only_ai = Slot("two", pool="other", queues=("ai",), slots=2)
    assert take(database, only_ai) is not None, "a worker of one class gives it every slot"


def test_urgent_classes_go_first(database: Database, workspace_actor: Actor):
    ask_for(database, workspace_actor, "one", "two", "three")
    with database.write() as session:
        last = session.exec(select(Job).order_by(Job.turn.desc())).first()
        last.queue = "billing"
    assert take(database).job_id == last.id


def test_a_workspace_runs_no_more_than_its_limit(
    database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASTERISM_WORKSPACE_RUNNING", "2")
    settings.cache_clear()
    ask_for(database, workspace_actor, "one", "two", "three")
    assert [take(database) is not None for _ in range(3)] == [True, True, False]
    theirs = ask_for(database, other_actor)
    assert take(database).analysis_id == theirs


def test_new_work_is_refused_when_the_queue_is_full(
    database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASTERISM_WORKSPACE_QUEUE_DEPTH", "3")
    monkeypatch.setenv("ASTERISM_QUEUE_DEPTH", "5")
    settings.cache_clear()
    ask_for(database, workspace_actor, "one", "two", "three")
    with pytest.raises(TooMany, match="3 jobs of your workspace wait already") as refused:
        ask_for(database, workspace_actor)
    assert refused.value.retry_after == 60
    ask_for(database, other_actor, "one", "two")
    with pytest.raises(TooMany, match="5 jobs wait already, as many as this installation takes"):
        ask_for(database, other_actor)


def test_a_long_job_gives_way_at_once_to_an_analysis_that_never_began(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    big = ask_for(database, workspace_actor, *[f"place{number}" for number in range(9)])
    held = take(database)
    assert held is not None

    def yields(*, long: bool) -> bool:
        with database.read() as session:
            return queueing.should_yield(session, big, long=long)

    assert (yields(long=False), yields(long=True)) == (False, False), "its own jobs are no reason"
    ask_for(database, other_actor)
    assert yields(long=False)
    second = take(database)
    assert second is not None
    assert (yields(long=False), yields(long=True)) == (False, False)
    with Work(second, database).finish(cursor={"finished": True}):
        pass


@pytest.mark.parametrize(
    "refused", [{"payload_version": queueing.PAYLOAD_VERSION + 1}, {"attempts": 5, "max_attempts": 5}]
)
def test_a_job_that_may_not_be_claimed_does_not_stand_before_others(
    database: Database, workspace_actor: Actor, other_actor: Actor, refused: dict[str, int]
):
    first = ask_for(database, workspace_actor)
    with database.write() as session:
        session.exec(update(Job).where(col(Job.analysis_id) == first).values(**refused))
    behind = ask_for(database, other_actor)
    taken = take(database)
    assert taken is not None
    assert taken.analysis_id == behind


def test_what_waits_of_an_analysis_on_hold_does_not_stand_before_others(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    first = ask_for(database, workspace_actor)
    with database.write() as session:
        session.exec(update(Analysis).where(col(Analysis.id) == first).values(status=AnalysisStatus.PAUSED))
    behind = ask_for(database, other_actor)
    taken = take(database)
    assert taken is not None
    assert taken.analysis_id == behind


def test_a_held_queue_waits_and_says_so(database: Database, workspace_actor: Actor):
    analysis_id = ask_for(database, workspace_actor)
    with database.write() as session:
        session.add(Worker(id="one", queues=[], concurrency=2, heartbeat_at=database_now(session)))
        holds.hold(session, SYSTEM, "collect", "Reddit is being repaired.")
    assert take(database) is None
    assert "The queue collect is on hold since" in see(database, analysis_id).why
    with pytest.raises(NotPermitted), database.write() as session:
        holds.release(session, workspace_actor, "collect")
    with database.write() as session:
        holds.release(session, SYSTEM, "collect")
    assert take(database) is not None


def test_the_page_says_until_when_a_provider_wants_it_to_wait_and_what_is_paused(
    database: Database, workspace_actor: Actor
):
    analysis_id = ask_for(database, workspace_actor)
    with database.write() as session:
        session.add(Worker(id="one", queues=[], concurrency=2, heartbeat_at=database_now(session)))
    held = take(database)
    with database.write() as session:
        claims.defer(session, held, seconds=600, why="Reddit allows 100 requests a minute.")
        due = session.get_one(Job, held.job_id).run_after
    shown = see(database, analysis_id)
    assert shown.why == f"Reddit allows 100 requests a minute. It goes on at {due:%H:%M} UTC."
    assert 590 <= shown.wait_seconds[0] <= 600


def test_place_and_reason_count_whose_analyses_are_ahead(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    with database.write() as session:
        session.add(Worker(id="one", queues=[], concurrency=1, heartbeat_at=database_now(session)))
    ask_for(database, other_actor)
    take(database)
    ask_for(database, other_actor)
    ask_for(database, workspace_actor)
    last = see(database, ask_for(database, workspace_actor))
    assert (last.place, last.workers_free) == (3, 0)
    assert last.why == "The one worker is busy; 2 analyses, 1 of them yours, are ahead."
    assert last.wait_seconds[1] > 2


def test_turns_of_a_crowded_workspace_stand_back_and_priority_comes_forward():
    moment = now()

    def later(of_analysis: int, of_workspace: int, priority: int = 0) -> float:
        turn = fairness.turn(
            moment, of_analysis=of_analysis, of_workspace=of_workspace, priority=priority, queue="collect"
        )
        return (turn - moment).total_seconds()

    assert (later(0, 8), later(2, 2), later(0, 10), later(0, 0, 2)) == (0, 10, 10, -60)


CROWD = queueing.OFFERS_LOOKED_AT + 12


def crowd(database: Database, analysis_id: str, **values: object) -> None:
    """Let more jobs of an analysis than are looked at stand at the head of the line."""
    with database.write() as session:
        first = session.exec(select(Job).where(Job.analysis_id == analysis_id)).first()
        assert first is not None
        facts = {
            **dict(first),
            "turn": now() - timedelta(hours=1),
            "sent_at": now(),
            "status": "queued",
            **values,
        }
        session.add_all(
            Job(**{**facts, "id": new_id(), "dedupe_key": f"{analysis_id}:crowd:{number}"}) for number in range(CROWD)
        )


def test_a_workspace_that_runs_all_it_may_hides_nobody(
    database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASTERISM_WORKSPACE_RUNNING", "1")
    settings.cache_clear()
    crowd(database, ask_for(database, workspace_actor))
    assert take(database) is not None
    theirs = ask_for(database, other_actor)
    assert take(database).analysis_id == theirs


def test_a_class_without_room_hides_no_other(database: Database, workspace_actor: Actor):
    slot = Slot("one", pool="pool", slots=2)
    crowd(database, ask_for(database, workspace_actor), queue="ai")
    assert take(database, slot).analysis_id is not None
    other = ask_for(database, workspace_actor)
    assert take(database, slot).analysis_id == other


def test_a_worker_whose_classes_are_all_full_takes_nothing(database: Database, workspace_actor: Actor):
    slot = Slot("one", pool="pool", slots=2, queues=("ai", "analyse"))
    crowd(database, ask_for(database, workspace_actor), queue="ai")
    crowd(database, ask_for(database, workspace_actor), queue="analyse")
    assert [take(database, slot) is not None for _ in range(3)] == [True, True, False]


def test_long_work_hides_no_short_work(database: Database, workspace_actor: Actor):
    crowd(database, ask_for(database, workspace_actor))
    notice = ask_for(database, workspace_actor)
    with database.write() as session:
        session.connection().execute(update(Job).where(col(Job.analysis_id) == notice).values(queue="notify"))
    assert take(database).analysis_id == notice


def test_an_analysis_of_which_something_runs_hides_no_other(database: Database, workspace_actor: Actor):
    crowd(database, ask_for(database, workspace_actor))
    assert take(database) is not None
    idle = ask_for(database, workspace_actor)
    assert take(database).analysis_id == idle
