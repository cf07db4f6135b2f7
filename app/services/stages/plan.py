"""Which jobs an analysis needs, and when the next stage begins.

collect (one job a source) ─▶ clean ─▶ score (one job a thousand items) ─▶ cluster ─▶ synthesise ─▶ report

The check for "all of this stage are done" runs inside the transaction that finishes a job, under the analysis's lock:
of two jobs that finish at once, the second sees the first.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.errors import InvalidInput
from app.core.jobs import QueueClass
from app.models import Analysis, Item, Job, JobStatus, Stage
from app.services import dead_letters, engines, ledger, timeline
from app.services.claims import STAGE_VERBS
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.engines import ModelEngine
from app.services.moves import move_analysis
from app.services.queueing import dispatch, enqueue
from app.services.sources import label
from app.services.transitions import ANALYSIS_AT_WORK, JOB_OPEN, AnalysisMove

SCORE_CHUNK = 1000
"""Items of one score job: small enough to spread over workers, large enough that its overhead does not show."""

MOST_NAMED = 3
"""Places that one sentence names of those that could not be read."""
_NO_REASON = "A step could not be done."

STAGES = tuple(Stage)

WEIGHTS: dict[Stage, float] = {
    Stage.COLLECT: 0.55,
    Stage.CLEAN: 0.1,
    Stage.SCORE: 0.15,
    Stage.CLUSTER: 0.1,
    Stage.SYNTHESISE: 0.07,
    Stage.REPORT: 0.03,
}
"""Share of each stage in the whole run, measured on the sandbox; progress is weighted by them."""


def begin(session: Session, analysis: Analysis, request: AnalysisRequest) -> None:
    """Put the first stage's jobs in line: one for each source."""
    for number, source in enumerate(request.sources):
        enqueue(
            session,
            analysis,
            kind=Stage.COLLECT,
            name=f"collect:{number}",
            payload={"source": source.model_dump(mode="json")},
            provider=source.provider,
            max_attempts=5,
        )
    dispatch(session, analysis.id)


def advance(session: Session, analysis: Analysis) -> None:
    """Go on when the present stage has no open job left: to the next stage, or to the end."""
    session.flush()  # the jobs that this transaction closed must count as closed
    if analysis.status not in ANALYSIS_AT_WORK:
        return  # closed, or held: whoever resumes it comes here again
    stage = Stage(analysis.stage)
    if _jobs(session, analysis.id, stage, JOB_OPEN):
        dispatch(session, analysis.id)
        return
    missing = _missing(session, analysis.id, stage)
    if stage is Stage.COLLECT:
        items = _items(session, analysis.id)
        if missing and not items:
            fail(session, analysis, missing[0])
            return
        analysis.error = shortfall(session, analysis.id)
        following = Stage.CLEAN if items else Stage.REPORT
    elif missing:
        fail(session, analysis, missing[0])
        return
    elif stage is Stage.REPORT:
        _complete(session, analysis)
        return
    else:
        following = STAGES[STAGES.index(stage) + 1]
    analysis.stage = following
    _plan(session, analysis, following)
    words = f"Next: {STAGE_VERBS[following].lower()}."
    timeline.record(session, analysis, "stage.started", words, stage=following.value)
    dispatch(session, analysis.id)


def fail(session: Session, analysis: Analysis, reason: str) -> None:
    """End the analysis as failed; what was stored stays readable."""
    move_analysis(analysis, AnalysisMove.FAIL)
    analysis.error = reason
    analysis.finished_at = database_now(session)
    ledger.close_open(session, analysis)
    timeline.record(session, analysis, "analysis.failed", reason)


def _complete(session: Session, analysis: Analysis) -> None:
    # Not from the row's own sentence: parking and resuming write and clear that one.
    analysis.error = shortfall(session, analysis.id)
    partly = analysis.error is not None
    move = AnalysisMove.COMPLETE_PARTLY if partly else AnalysisMove.COMPLETE
    move_analysis(analysis, move)
    analysis.finished_at = database_now(session)
    ledger.close_open(session, analysis)
    timeline.record(
        session,
        analysis,
        f"analysis.{analysis.status}",
        f"Done, but not everything was there. {analysis.error}" if partly else "Done.",
    )


def shortfall(session: Session, analysis_id: str) -> str | None:
    """Say which places could not be read to the end, and why the first could not; None when all could."""
    lost = _lost(session, analysis_id, Stage.COLLECT)
    if not lost:
        return None
    places = [label(SourceRequest.model_validate(job.payload["source"])) for job in lost]
    named = ", ".join(places[:MOST_NAMED])
    if len(places) > MOST_NAMED:
        named += f" and {len(places) - MOST_NAMED} more"
    return f"Not read to the end: {named}. {lost[0].error_message or _NO_REASON}"


def _plan(session: Session, analysis: Analysis, stage: Stage) -> None:
    """Put a stage's jobs in line; those of an earlier round of a revived analysis are done once more."""
    dead_letters.resolve(session, _ids(session, analysis.id, stage), "repeated")
    if stage is Stage.SCORE:
        for number, (after, upto, count) in enumerate(_chunks(session, analysis.id)):
            enqueue(
                session,
                analysis,
                kind=stage,
                name=f"{stage}:{number}",
                payload={"after": after, "upto": upto},
                total=count,
            )
        return
    total = None if stage is Stage.REPORT else _items(session, analysis.id)
    model = _model(analysis) if stage is Stage.SYNTHESISE else None
    enqueue(
        session,
        analysis,
        kind=stage,
        name=str(stage),
        payload={},
        provider=None if model is None else model.setup.id,
        total=total,
        max_attempts=3 if model is None else 5,
        queue=None if model is None else QueueClass.AI,
    )


def _model(analysis: Analysis) -> ModelEngine | None:
    """Return the model that will be asked, if any; the stage decides anew, and says why when it cannot be."""
    try:
        return engines.for_request(analysis.engine, sample=analysis.sample, cap_micros=analysis.cap_micros)
    except InvalidInput:
        return None


def _chunks(session: Session, analysis_id: str) -> list[tuple[str, str, int]]:
    """Cut the items into runs of ids: (above, up to and with, how many)."""
    ids: Sequence[str] = session.exec(
        select(Item.id).where(Item.analysis_id == analysis_id).order_by(col(Item.id))
    ).all()
    chunks = []
    after = ""
    for start in range(0, len(ids), SCORE_CHUNK):
        run = ids[start : start + SCORE_CHUNK]
        chunks.append((after, run[-1], len(run)))
        after = run[-1]
    return chunks


def _items(session: Session, analysis_id: str) -> int:
    return int(session.exec(select(func.count()).select_from(Item).where(Item.analysis_id == analysis_id)).one())


def _jobs(session: Session, analysis_id: str, stage: Stage, statuses: frozenset[JobStatus]) -> int:
    return int(
        session.exec(
            select(func.count())
            .select_from(Job)
            .where(Job.analysis_id == analysis_id, Job.kind == stage, col(Job.status).in_(statuses))
        ).one()
    )


def _ids(session: Session, analysis_id: str, stage: Stage) -> Sequence[str]:
    return session.exec(select(Job.id).where(Job.analysis_id == analysis_id, Job.kind == stage)).all()


def _missing(session: Session, analysis_id: str, stage: Stage) -> list[str]:
    return [job.error_message or _NO_REASON for job in _lost(session, analysis_id, stage)]


def _lost(session: Session, analysis_id: str, stage: Stage) -> Sequence[Job]:
    """Return the jobs of a stage that ended without having done all, in the order in which they were asked for."""
    return session.exec(
        select(Job)
        .where(
            Job.analysis_id == analysis_id,
            Job.kind == stage,
            col(Job.status).in_([JobStatus.DEAD, JobStatus.CANCELLED]),
        )
        .order_by(col(Job.id))
    ).all()
