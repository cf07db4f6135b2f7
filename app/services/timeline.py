"""The timeline of an analysis: what happened, in order, for people and for clients that reconnect."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core import bus, db
from app.models import Analysis, JobEvent
from app.services.access import Action, Actor, require
from app.services.contract import EventView
from app.services.ownership import owned_analysis


def record(
    session: Session, analysis: Analysis, kind: str, message: str, *, job_id: str | None = None, **data: object
) -> None:
    """Append one line and tell those who watch, after commit.

    The caller holds the analysis's lock (`ownership.lock_analysis`), so numbers have no gaps and no twins.

    Args:
        session: The transaction that makes the change of which this tells.
        analysis: Whose timeline it is.
        kind: `noun.verb`, for example `job.succeeded`.
        message: One sentence for the user.
        job_id: The job that it is about.
        data: Plain facts for clients.
    """
    sequence = session.connection().execute(
        update(Analysis)
        .where(col(Analysis.id) == analysis.id)
        .values(event_sequence=Analysis.event_sequence + 1)
        .returning(col(Analysis.event_sequence))
    )
    number = int(sequence.scalar_one())
    session.add(
        JobEvent(analysis_id=analysis.id, job_id=job_id, sequence=number, kind=kind, message=message, data=data)
    )
    tell(session, analysis.id, analysis.workspace_id, sequence=number)


def tell(session: Session, analysis_id: str, workspace_id: str, *, sequence: int | None = None) -> None:
    """Wake those who watch the analysis, after commit, without a line in the timeline."""

    def publish() -> None:
        bus.publish(bus.analysis_channel(analysis_id), {"analysis": analysis_id, "sequence": sequence})
        if sequence is not None:
            bus.publish(bus.workspace_channel(workspace_id), {"analysis": analysis_id})
            bus.publish(bus.OPS, {"analysis": analysis_id})

    db.after_commit(session, publish)


def events(session: Session, actor: Actor, analysis_id: str, *, after: int = 0, limit: int = 200) -> list[EventView]:
    """Return the lines after number `after`, oldest first, at most `limit`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    rows = session.exec(
        select(JobEvent)
        .where(JobEvent.analysis_id == analysis.id, col(JobEvent.sequence) > after)
        .order_by(col(JobEvent.sequence))
        .limit(min(max(limit, 1), 500))
    )
    return [
        EventView(
            sequence=row.sequence or 0, kind=row.kind, message=row.message, job_id=row.job_id, data=row.data, at=row.at
        )
        for row in rows
    ]
