"""The jobs of an analysis as its owner sees them."""

from __future__ import annotations

from sqlmodel import col, select

from app.core.db import Database
from app.models import Analysis, Job, JobStatus
from app.services import jobs, progress, queueing
from app.services.access import Actor
from app.services.jobs import ERRANDS_SHOWN
from tests.factories import ask


def test_answers_do_not_pile_up_among_the_jobs_of_a_run(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        for number in range(ERRANDS_SHOWN + 5):
            queueing.enqueue(session, analysis, kind="answer", name=f"answer:{number}", payload={"question": "q"})
        session.flush()
        answers = session.exec(select(Job).where(Job.kind == "answer").order_by(col(Job.id))).all()
        for job in answers[1:]:
            job.status = JobStatus.SUCCEEDED
        analysis_id, oldest, newest = analysis.id, answers[0].id, [job.id for job in answers[-ERRANDS_SHOWN:]]
    with database.read() as session:
        shown = jobs.rows(session, workspace_actor, analysis_id)
        counted = progress.view(session, session.get_one(Analysis, analysis_id)).jobs
    assert (counted.done, counted.waiting) == (0, 2), "what was answered is no progress of the analysis"
    assert [job.kind for job in shown] == ["collect", *["answer"] * (ERRANDS_SHOWN + 1)]
    assert [job.id for job in shown[1:]] == [oldest, *newest], "what is open, and the last that are over"
