"""The chain through a workspace's audit events: each is sealed with the one before, so that no change goes unseen.

event 1 ──▶ sha256(nothing, 1, event 1) ──▶ sha256(that, 2, event 2) ──▶ … ──▶ the head, with the number of events

The database refuses to change what is sealed; who can get round that leaves a chain that does not verify, from that row
on. Only who writes the rest of the chain anew stays unseen, and that shows against a head that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import partial

from pydantic import Field
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, or_, select

from app.core.db import before_commit
from app.core.errors import InvalidInput
from app.models import AuditEvent, AuditHead
from app.services.access import Action, Actor, require
from app.services.contract.basics import Contract

AT_ONCE = 1000
"""Events that are read at a time."""

_HEAD = re.compile(r"0:|[1-9][0-9]{0,17}:[0-9a-f]{64}", re.ASCII)


class AuditVerdict(Contract):
    """Whether a workspace's audit trail is as it was written."""

    unbroken: bool
    events: int = Field(description="Events that are as the chain says, up to the first that is not.")
    unsealed: int = Field(description="Events written by an older version; the next act in the workspace seals them.")
    broken_at: int | None = Field(description="Number of the first event that is not as it was written, or is missing.")
    why: str = Field(description="What is wrong there, in a sentence; empty while nothing is.")
    head: str = Field(description="`NUMBER:SHA256` of the last event: noted elsewhere, it shows a chain written anew.")


def seal_at_commit(session: Session, workspace_id: str) -> None:
    """Put the events that the transaction writes for a workspace into its chain, as its last work."""
    before_commit(session, f"audit {workspace_id}", partial(_seal, session, workspace_id))


def _seal(session: Session, workspace_id: str) -> None:
    session.flush()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(
        insert(AuditHead).values(workspace_id=workspace_id, number=0, sha256="").on_conflict_do_nothing()
    )
    head = session.exec(
        select(AuditHead)
        .where(AuditHead.workspace_id == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if head.number == 0:  # a head that was lost: nobody could act any more if the numbers began again
        last = _last(session, workspace_id)
        head.number, head.sha256 = last or (0, "")
    while waiting := _waiting(session, workspace_id):
        for event in waiting:
            head.number += 1
            head.sha256 = event.sha256 = digest(head.sha256, head.number, event)
            event.number = head.number
        session.flush()


def _last(session: Session, workspace_id: str) -> tuple[int, str] | None:
    found = session.exec(
        select(AuditEvent.number, AuditEvent.sha256)
        .where(AuditEvent.workspace_id == workspace_id, col(AuditEvent.number).is_not(None))
        .order_by(col(AuditEvent.number).desc())
        .limit(1)
    ).first()
    return None if found is None else (found[0] or 0, found[1] or "")


def _waiting(session: Session, workspace_id: str) -> Sequence[AuditEvent]:
    """Return the oldest events that are not sealed; more than the transaction's own only after an upgrade."""
    return session.exec(
        select(AuditEvent)
        .where(AuditEvent.workspace_id == workspace_id, col(AuditEvent.number).is_(None))
        .order_by(col(AuditEvent.id))
        .limit(AT_ONCE)
    ).all()


def digest(previous: str, number: int, event: AuditEvent) -> str:
    """Return what seals an event, as hex: of the seal before, its number and everything that it tells."""
    facts = hashlib.sha256(_plain(event.data)).hexdigest()
    moment = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = [event.id, event.workspace_id, event.actor, event.action, event.subject, moment, facts]
    return hashlib.sha256(_plain([previous, number, *told])).hexdigest()


def _plain(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def verify(session: Session, actor: Actor, *, expected: str | None = None) -> AuditVerdict:
    """Go through the whole trail of the actor's workspace.

    Args:
        session: Where to read.
        actor: Who asks.
        expected: A head that was noted before, `NUMBER:SHA256`; it must be in the chain still.

    Raises:
        NotPermitted: The actor is neither owner nor admin.
        InvalidInput: What is expected is no head.
    """
    require(actor, Action.AUDIT_READ)
    noted = _noted(expected)
    head = session.get(AuditHead, actor.workspace_id) or AuditHead(workspace_id=actor.workspace_id)
    events, last, why = 0, "", ""
    for event in _sealed(session, actor.workspace_id, head.number):
        if event.number != events + 1:
            why = f"Act {events + 1:,} is missing."
        elif event.sha256 != digest(last, events + 1, event):
            why = f"Act {events + 1:,} is not as it was written."
        elif noted is not None and noted[0] == event.number and noted[1] != event.sha256:
            why = f"Act {events + 1:,} is not the one whose seal was noted: the chain was written anew."
        if why:
            break
        events, last = events + 1, event.sha256 or ""
    if not why and (events, last) != (head.number, head.sha256):
        why = f"Act {events + 1:,} is missing: the chain once had {head.number:,}."
    if not why and _beyond(session, actor.workspace_id):
        why = "An act is there that is not of this chain: its number is none that the chain gave."
    if not why and noted is not None and noted[0] > events:
        why = f"Act {events + 1:,} is missing: a seal of number {noted[0]:,} was noted."
    unsealed = session.exec(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.workspace_id == actor.workspace_id, col(AuditEvent.number).is_(None))
    ).one()
    return AuditVerdict(
        unbroken=not why,
        events=events,
        unsealed=unsealed,
        broken_at=events + 1 if why else None,
        why=why,
        head=f"{events}:{last}",
    )


def told(verdict: AuditVerdict) -> str:
    """Say the verdict in words."""
    if not verdict.unbroken:
        return f"The trail is not as it was written. {verdict.why}"
    said = f"Unbroken: {_counted(verdict.events)}, each as it was written."
    if verdict.unsealed:
        said += f" {_counted(verdict.unsealed)} of an older version will be sealed with the next one."
    return f"{said} Seal to note: {verdict.head}" if verdict.events else said


def _counted(acts: int) -> str:
    return f"{acts:,} act{'' if acts == 1 else 's'}"


def _noted(expected: str | None) -> tuple[int, str] | None:
    if expected is None:
        return None
    if not _HEAD.fullmatch(expected):
        raise InvalidInput("That is no head of a trail: give it as it was told, NUMBER:SHA256.", field="expect")
    number, _, sha256 = expected.partition(":")
    return int(number), sha256


def _beyond(session: Session, workspace_id: str) -> bool:
    """Return whether an event has a number that the chain never gave: asked at once, since others may act meanwhile."""
    end = select(AuditHead.number).where(AuditHead.workspace_id == workspace_id).scalar_subquery()
    strange = select(AuditEvent.id).where(
        AuditEvent.workspace_id == workspace_id,
        or_(col(AuditEvent.number) > func.coalesce(end, 0), col(AuditEvent.number) < 1),
    )
    return session.exec(strange.limit(1)).first() is not None


def _sealed(session: Session, workspace_id: str, end: int) -> Iterator[AuditEvent]:
    last = 0
    while True:
        found = session.exec(
            select(AuditEvent)
            .where(
                AuditEvent.workspace_id == workspace_id, col(AuditEvent.number) > last, col(AuditEvent.number) <= end
            )
            .order_by(col(AuditEvent.number))
            .limit(AT_ONCE)
        ).all()
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1].number or 0
        session.expunge_all()
