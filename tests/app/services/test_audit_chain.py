"""The chain through the audit trail: what is in it cannot be changed unseen, on both databases."""

from __future__ import annotations

import csv
import dataclasses
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.core.db import Database
from app.core.errors import InvalidInput, NotPermitted
from app.models import AuditEvent, AuditHead, Role
from app.services import audit, audit_chain, audit_export
from app.services.access import Actor
from app.services.audit_chain import AuditVerdict
from tests.factories import MOMENT


def act(database: Database, actor: Actor, count: int = 1) -> None:
    for number in range(count):
        with database.write() as session:
            audit.record(session, actor, "key:create", f"k{number}", name=f"Schlüssel {number}", role="viewer")


def verdict(database: Database, actor: Actor, expected: str | None = None) -> AuditVerdict:
    with database.read() as session:
        return audit_chain.verify(session, actor, expected=expected)


def let(database: Database, statement: str, **values: object) -> None:
    """Change what the triggers refuse to change, as somebody would who owns the database."""
    with database.write() as session:
        connection = session.connection()
        if database.is_sqlite:
            names = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.execute(text(statement), values)
            for _, made in names:
                connection.exec_driver_sql(made)
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
            connection.execute(text(statement), values)
            connection.exec_driver_sql("ALTER TABLE audit_event ENABLE TRIGGER USER")


def test_an_empty_trail_is_unbroken(database: Database, workspace_actor: Actor):
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events, found.head) == (True, 0, "0:")


def test_acts_are_sealed_with_their_transaction_one_chain_a_workspace(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    act(database, workspace_actor, 3)
    act(database, other_actor)
    with database.write() as session:
        for name in ("a", "b"):
            audit.record(session, workspace_actor, "key:revoke", name)
        audit.record_for_owner(session, workspace_actor, other_actor.workspace_id, "job:pause", "j", after="paused")
    ours, theirs = verdict(database, workspace_actor), verdict(database, other_actor)
    assert (ours.unbroken, ours.events, ours.unsealed) == (True, 5, 0)
    assert (theirs.unbroken, theirs.events, theirs.unsealed) == (True, 2, 0)
    assert ours.head.startswith("5:")
    assert "each as it was written" in audit_chain.told(ours)


def test_what_is_rolled_back_is_not_in_the_chain(database: Database, workspace_actor: Actor):
    act(database, workspace_actor)

    def fails() -> None:
        with database.write() as session:
            audit.record(session, workspace_actor, "key:revoke", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with database.write() as session:
        audit.record(session, workspace_actor, "key:revoke", "kept")
        savepoint = session.begin_nested()
        audit.record(session, workspace_actor, "key:revoke", "taken back")
        session.flush()
        savepoint.rollback()
    assert (verdict(database, workspace_actor).unbroken, verdict(database, workspace_actor).events) == (True, 2)


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'user:x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_or_delete_an_act(database: Database, workspace_actor: Actor, statement: str):
    act(database, workspace_actor)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.connection().execute(text(statement))
    assert verdict(database, workspace_actor).unbroken


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:somebody'",
        "action = 'key:revoke'",
        "subject = 'other'",
        "workspace_id = workspace_id, id = '00000000-0000-7000-8000-00000000000a'",
        'data = \'{"name": "Schlüssel 2", "role": "owner"}\'',
        "at = '2020-01-01 00:00:00.000000'",
        "sha256 = 'ab'",
    ],
)
def test_one_changed_act_is_found_where_it_stands(database: Database, workspace_actor: Actor, change: str):
    act(database, workspace_actor, 5)
    let(
        database,
        f"UPDATE audit_event SET {change} WHERE number = 3 AND workspace_id = :w",
        w=workspace_actor.workspace_id,
    )
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events, found.broken_at) == (False, 2, 3)
    assert "Act 3 is not as it was written" in audit_chain.told(found)


def test_an_act_behind_the_end_of_the_chain_is_found(database: Database, workspace_actor: Actor):
    act(database, workspace_actor, 2)
    with database.write() as session:
        session.get_one(AuditHead, workspace_actor.workspace_id).number = 1
        head = session.exec(select(AuditEvent).where(AuditEvent.number == 1)).one()
        session.get_one(AuditHead, workspace_actor.workspace_id).sha256 = head.sha256 or ""
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.broken_at) == (False, 2)


def test_acts_that_come_while_it_is_verified_raise_no_alarm(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 3)
    act(database, workspace_actor, 8)
    seen = 0
    digest = audit_chain.digest

    def while_it_is_read(previous: str, number: int, event: AuditEvent) -> str:
        nonlocal seen
        seen += 1
        if seen == 4:
            monkeypatch.setattr(audit_chain, "digest", digest)
            act(database, workspace_actor, 3)
            monkeypatch.setattr(audit_chain, "digest", while_it_is_read)
        return digest(previous, number, event)

    monkeypatch.setattr(audit_chain, "digest", while_it_is_read)
    assert verdict(database, workspace_actor).unbroken
    assert verdict(database, workspace_actor).events == 11


@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_act_that_was_deleted_is_missed(database: Database, workspace_actor: Actor, number: int):
    act(database, workspace_actor, 5)
    let(database, "DELETE FROM audit_event WHERE number = :n", n=number)
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.broken_at) == (False, number)
    assert "missing" in found.why


def test_a_chain_written_anew_shows_against_a_noted_seal(database: Database, workspace_actor: Actor):
    act(database, workspace_actor, 3)
    noted = verdict(database, workspace_actor).head
    act(database, workspace_actor, 2)
    assert verdict(database, workspace_actor, noted).unbroken
    let(database, "UPDATE audit_event SET subject = 'forged', number = NULL, sha256 = NULL WHERE number >= 2")
    with database.write() as session:
        head = session.get_one(AuditHead, workspace_actor.workspace_id)
        first = session.exec(select(AuditEvent).where(AuditEvent.number == 1)).one()
        head.number, head.sha256 = 1, first.sha256 or ""
    act(database, workspace_actor)
    assert verdict(database, workspace_actor).unbroken, "the whole chain is in order again"
    found = verdict(database, workspace_actor, noted)
    assert (found.unbroken, found.broken_at) == (False, 3)
    assert "anew" in found.why
    assert not verdict(database, workspace_actor, f"9{noted[1:]}").unbroken
    for wrong in ("", "3", "3:xyz", "x:" + "a" * 64):
        with pytest.raises(InvalidInput):
            verdict(database, workspace_actor, wrong)


def test_acts_of_an_older_version_are_sealed_with_the_next(database: Database, workspace_actor: Actor):
    with database.write() as session:
        session.add(
            AuditEvent(
                workspace_id=workspace_actor.workspace_id,
                actor=workspace_actor.reference,
                action="session:start",
                subject="s",
                at=MOMENT,
            )
        )
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events, found.unsealed) == (True, 0, 1)
    assert "will be sealed" in audit_chain.told(found)
    act(database, workspace_actor)
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events, found.unsealed) == (True, 2, 0)


def test_many_who_act_at_once_make_one_chain(database: Database, workspace_actor: Actor, other_actor: Actor):
    failed = []

    def work(own: Actor, foreign: Actor) -> None:
        try:
            for _ in range(10):
                with database.write() as session:
                    audit.record(session, own, "key:create", "k", name="k")
                    audit.record_for_owner(session, own, foreign.workspace_id, "job:pause", "j")
        except Exception as error:
            failed.append(error)

    pairs = [(workspace_actor, other_actor), (other_actor, workspace_actor)] * 2
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for actor in (workspace_actor, other_actor):
        assert verdict(database, actor).model_dump(include={"unbroken", "events", "unsealed"}) == {
            "unbroken": True,
            "events": 40,
            "unsealed": 0,
        }


def test_a_long_trail_is_read_in_parts(database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 4)
    act(database, workspace_actor, 9)
    assert verdict(database, workspace_actor).events == 9


def test_only_owners_and_admins_verify_and_export(database: Database, workspace_actor: Actor):
    editor = dataclasses.replace(workspace_actor, role=Role.EDITOR)
    with pytest.raises(NotPermitted):
        verdict(database, editor)
    with pytest.raises(NotPermitted):
        next(audit_export.csv_lines(database, editor))


def test_the_trail_as_a_file_has_every_act_and_no_formula(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    act(database, workspace_actor, 120)
    act(database, other_actor)
    with database.write() as session:
        audit.record(session, workspace_actor, "key:create", "=1+1", name="=HYPERLINK()", role="viewer")
    rows = list(csv.DictReader(audit_export.csv_lines(database, workspace_actor)))
    assert [int(row["number"]) for row in rows] == list(range(121, 0, -1))
    assert (rows[0]["on"], rows[0]["subject"]) == ("'=HYPERLINK()", "'=1+1")
    assert (rows[1]["what"], rows[1]["detail"], rows[1]["who"]) == ("Made an API key", "role viewer", "Ada")
    assert list(csv.DictReader(audit_export.csv_lines(database, workspace_actor, kind="file"))) == []


def test_an_unrelated_transaction_seals_nothing(database: Database, workspace_actor: Actor):
    with database.write() as session:
        assert isinstance(session, Session)
    with database.read() as session:
        assert session.exec(select(AuditHead)).all() == []


COLUMNS = "id, workspace_id, actor, action, subject, at, data"


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_an_act_with_a_number_of_its_own_is_refused_and_seen_where_it_got_in(
    database: Database, workspace_actor: Actor, number: int
):
    act(database, workspace_actor, 2)
    forged = (
        f"INSERT INTO audit_event ({COLUMNS}, number, sha256) SELECT '00000000-0000-7000-8000-00000000000f', "
        f"workspace_id, actor, action, subject, at, data, {number}, 'ab' FROM audit_event WHERE number = 1"
    )
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.connection().execute(text(forged))
    let(database, forged)
    found = verdict(database, workspace_actor)
    assert not found.unbroken
    assert "not of this chain" in found.why


def test_a_lost_head_does_not_keep_a_workspace_from_acting(database: Database, workspace_actor: Actor):
    act(database, workspace_actor, 3)
    with database.write() as session:
        session.delete(session.get_one(AuditHead, workspace_actor.workspace_id))
    assert not verdict(database, workspace_actor).unbroken
    act(database, workspace_actor)
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events) == (True, 4)


def test_all_acts_of_an_older_version_are_sealed_with_the_next(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 2)
    with database.write() as session:
        session.add_all(
            AuditEvent(
                workspace_id=workspace_actor.workspace_id, actor="user:a", action="a", subject=f"{at}", at=MOMENT
            )
            for at in range(5)
        )
    assert verdict(database, workspace_actor).unsealed == 5
    act(database, workspace_actor)
    found = verdict(database, workspace_actor)
    assert (found.unbroken, found.events, found.unsealed) == (True, 6, 0)
