"""Asking an analysis again: its range, its request, its predecessor. On both databases where rows are involved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from app.core.db import Database
from app.core.errors import NotFound, NotPermitted
from app.core.settings import settings
from app.models import Analysis, Role
from app.services import analyses, rerun
from app.services.access import Actor, ActorKind
from app.services.rerun import moved, range_words
from app.services.stages.embedder import chosen_embedder
from tests.app.services.asked_again import analysed, talk
from tests.factories import ask, wanted

ASKED = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = ASKED + timedelta(days=10)
DAYS = st.integers(1, 400).map(lambda days: timedelta(days=days))


@given(DAYS, DAYS)
def test_up_to_now_the_range_stays_as_long_and_ends_now(length: timedelta, waited: timedelta):
    moment = ASKED + waited
    since, until = moved(ASKED - length, None, asked_at=ASKED, moment=moment, dates="now")
    assert (moment - since, until) == (length, None)


@given(DAYS, DAYS)
def test_the_same_dates_are_the_same_however_late_it_is_asked(length: timedelta, waited: timedelta):
    again = moved(ASKED - length, None, asked_at=ASKED, moment=ASKED + waited, dates="same")
    assert again == (ASKED - length, ASKED)
    assert moved(*again, asked_at=ASKED + waited, moment=LATER, dates="same") == again


def test_a_range_with_both_ends_moves_as_a_whole():
    since, until = ASKED - timedelta(days=40), ASKED - timedelta(days=10)
    assert moved(since, until, asked_at=ASKED, moment=LATER, dates="now") == (LATER - timedelta(days=30), None)
    assert moved(since, until, asked_at=ASKED, moment=LATER, dates="same") == (since, until)


def test_all_time_stays_all_time():
    assert moved(None, None, asked_at=ASKED, moment=LATER, dates="now") == (None, None)
    assert moved(None, None, asked_at=ASKED, moment=LATER, dates="same") == (None, ASKED)


def test_ranges_are_said_in_words():
    assert range_words(LATER - timedelta(days=30), None, LATER) == "last 30 days, up to now"
    assert range_words(LATER - timedelta(hours=24), None, LATER) == "last 24 hours, up to now"
    assert range_words(None, None, LATER) == "all time, up to now"
    assert range_words(ASKED, LATER, LATER) == "1 Nov 2026 12:00 UTC to 11 Nov 2026 12:00 UTC"
    assert range_words(None, ASKED, LATER) == "all time, up to 1 Nov 2026 12:00 UTC"


def test_it_asks_the_same_and_is_linked_to_what_it_asks_again(database: Database, workspace_actor: Actor):
    request = wanted("selfhosted", "homelab", since=ASKED, keywords=["sync"], max_items=500, rescore=True)
    with database.write() as session:
        first = analyses.request(session, workspace_actor, request)
    with database.read() as session:
        prepared = rerun.prepare(session, workspace_actor, first, "now", LATER)
    assert prepared.request.model_dump(exclude={"since", "until"}) == request.model_dump(exclude={"since", "until"})
    assert "as many requests as a fresh run" in prepared.notes[0]
    with database.write() as session:
        again = rerun.start(session, workspace_actor, first, prepared.request)
    with database.read() as session:
        assert analyses.view(session, workspace_actor, again).metadata.rerun_of == first
        assert analyses.view(session, workspace_actor, first).metadata.rerun_of is None


def test_the_same_key_twice_makes_one_run(database: Database, workspace_actor: Actor):
    with database.write() as session:
        first = ask(session, workspace_actor).id
        request = wanted()
        ids = {rerun.start(session, workspace_actor, first, request, dedupe_key="again") for _ in range(2)}
    assert len(ids) == 1


def test_nobody_asks_again_what_belongs_to_others(database: Database, workspace_actor: Actor, other_actor: Actor):
    with database.write() as session:
        theirs = ask(session, other_actor).id
    with database.read() as session, pytest.raises(NotFound):
        rerun.prepare(session, workspace_actor, theirs, "now", LATER)
    with database.write() as session, pytest.raises(NotFound):
        rerun.start(session, workspace_actor, theirs, wanted())
    with database.read() as session:
        mine = select(Analysis.id).where(Analysis.workspace_id == workspace_actor.workspace_id)
        assert session.exec(mine).all() == []


def test_who_only_reads_may_not_start_one(database: Database, workspace_actor: Actor):
    with database.write() as session:
        first = ask(session, workspace_actor).id
    viewer = Actor(ActorKind.USER, workspace_actor.id, workspace_actor.workspace_id, Role.VIEWER, "Vi")
    with database.read() as session:
        assert rerun.prepare(session, viewer, first, "same", LATER).rerun_of == first
    with database.write() as session, pytest.raises(NotPermitted):
        rerun.start(session, viewer, first, wanted())


def test_topics_are_found_again_with_the_vectors_of_the_first_run(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    rows = talk(0.01)
    monkeypatch.setenv("ASTERISM_EMBEDDER", "corpus")
    settings.cache_clear()
    first = analysed(database, workspace_actor, rows)
    monkeypatch.delenv("ASTERISM_EMBEDDER")
    settings.cache_clear()
    again = analysed(database, workspace_actor, rows, rerun_of=first)
    other = analysed(database, workspace_actor, rows)
    best, _ = chosen_embedder()
    with database.read() as session:
        made_with = [session.get_one(Analysis, one).versions["embedder"] for one in (first, again, other)]
    assert made_with == ["corpus", "corpus", str(best)]
