"""Holding a queue class: its jobs wait, whatever workers are free, until somebody lets them go."""

from __future__ import annotations

from sqlmodel import Session

from app.core import bus
from app.core.db import after_commit, database_now
from app.core.errors import InvalidInput, NotFound
from app.core.jobs import QueueClass
from app.models import QueueHold
from app.services import audit
from app.services.access import Action, Actor, require

LONGEST_REASON = 200


def hold(session: Session, actor: Actor, queue: str, reason: str) -> None:
    """Let no further job of a queue start; what runs goes on. Held already: the new reason stands.

    Raises:
        NotPermitted: The actor does not run this installation, or only looks.
        NotFound: There is no such queue.
        InvalidInput: The reason is empty or too long.
    """
    require(actor, Action.OPERATIONS_STEER)
    name = _known(queue)
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in reason).split())
    if not 0 < len(said) <= LONGEST_REASON:
        raise InvalidInput(
            f"Say in 1 to {LONGEST_REASON} characters why: people whose jobs wait will read it.", field="reason"
        )
    row = session.get(QueueHold, name)
    before = "" if row is None else row.reason
    if row is None:
        session.add(QueueHold(queue=name, since=database_now(session), held_by=actor.name, reason=said))
    else:
        row.reason, row.held_by = said, actor.name
    audit.record(session, actor, "queue:hold", name, reason=said, before=before)
    _tell(session)


def release(session: Session, actor: Actor, queue: str) -> None:
    """Let a queue's jobs start again; safe to repeat. The scheduler sends what is due within seconds.

    Raises:
        NotPermitted: The actor does not run this installation, or only looks.
        NotFound: There is no such queue.
    """
    require(actor, Action.OPERATIONS_STEER)
    row = session.get(QueueHold, _known(queue))
    if row is not None:
        session.delete(row)
        audit.record(session, actor, "queue:release", row.queue, before=row.reason)
        _tell(session)


def _known(queue: str) -> str:
    try:
        return QueueClass(queue).value
    except ValueError as error:
        names = ", ".join(QueueClass)
        raise NotFound(f"There is no queue {queue[:40]!r}; choose from {names}.") from error


def _tell(session: Session) -> None:
    after_commit(session, lambda: bus.publish(bus.OPS, {"queues": "changed"}))
