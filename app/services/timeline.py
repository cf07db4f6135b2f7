"""The timeline of an analysis: what happened, in order, for people and for clients that reconnect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core import bus, db
from app.models import Analysis, JobEvent
from app.services.access import Action, Actor, require
from app.services.contract import EventView
from app.services.ownership import owned_analysis

NEWS = "asterism.news"
"""What a transaction has to tell of its analyses: the last number of each, None when only rows changed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline, before it has its number; see `record` for the fields."""

    analysis: Analysis
    kind: str
    message: str
    job_id: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


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
    record_all(session, [Line(analysis, kind, message, job_id, data)])


def record_all(session: Session, lines: Sequence[Line]) -> None:
    """Append lines, each to its own analysis's timeline, in their order; see `record`."""
    count = Counter(line.analysis.id for line in lines)
    last: dict[str, int] = {}
    for number in set(count.values()):
        sequences = session.connection().execute(
            update(Analysis)
            .where(col(Analysis.id).in_([analysis_id for analysis_id, most in count.items() if most == number]))
            .values(event_sequence=Analysis.event_sequence + number)
            .returning(col(Analysis.id), col(Analysis.event_sequence))
        )
        last |= {analysis_id: int(sequence) for analysis_id, sequence in sequences}
    following = {analysis_id: last[analysis_id] - number for analysis_id, number in count.items()}
    for line in lines:
        following[line.analysis.id] += 1
        session.add(
            JobEvent(
                analysis_id=line.analysis.id,
                job_id=line.job_id,
                sequence=following[line.analysis.id],
                kind=line.kind,
                message=line.message,
                data=dict(line.data),
            )
        )
    for analysis in {line.analysis.id: line.analysis for line in lines}.values():
        tell(session, analysis.id, analysis.workspace_id, sequence=last[analysis.id])


def tell(session: Session, analysis_id: str, workspace_id: str, *, sequence: int | None = None) -> None:
    """Wake those who watch the analysis, once after commit, without a line in the timeline."""
    news: dict[str, int | None] = session.info.setdefault(NEWS, {})
    told = analysis_id in news
    news[analysis_id] = sequence or news.get(analysis_id)
    if told:
        return

    def publish() -> None:
        last = news.pop(analysis_id)
        bus.publish(bus.analysis_channel(analysis_id), {"analysis": analysis_id, "sequence": last})
        if last is not None:
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
