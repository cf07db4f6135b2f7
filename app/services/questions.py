"""The questions that were asked of an analysis: shown, saved under a name, forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.core.errors import Conflict, NotFound
from app.core.ids import is_id
from app.core.paging import Page, cut, newest_first
from app.models import Job, Question, QuestionItem, Topic
from app.services import audit
from app.services.access import Action, Actor, ActorKind, require
from app.services.ownership import lock_analysis, owned_analysis
from app.services.question_shapes import QuestionRow, QuestionView, question_row, question_view
from app.services.transitions import JOB_OPEN

MOST_PER_ANALYSIS = 200
"""Questions kept as history of one analysis; the oldest go first, saved ones stay."""
MOST_SAVED = 100
"""Saved questions of one workspace."""
ERRAND = "answer"
"""Kind of the job that lets a model word an answer; it may come after the analysis's end."""
GIVEN_UP = "The model's answer was given up. What stands here is what the items say by themselves."
MISSING = "There is no such question in this workspace; it may have been deleted."


def view(session: Session, actor: Actor, question_id: str) -> QuestionView:
    """Return one question with its answer. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    question = owned(session, actor, question_id)
    found = question_view(question)
    if found.status == "asking" and not _is_under_way(session, question):
        return found.model_copy(update={"status": "answered", "note": GIVEN_UP})
    return found


def rows(
    session: Session, actor: Actor, analysis_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[QuestionRow]:
    """Return the questions asked of one analysis, newest first. Raises `NotFound`, `InvalidInput`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    query = select(Question).where(Question.analysis_id == analysis.id)
    found = session.exec(newest_first(query, col(Question.id), cursor, limit)).all()
    kept, next_cursor = cut(found, limit, lambda row: [row.id])
    return Page([_row(session, question) for question in kept], next_cursor)


def saved(session: Session, actor: Actor) -> list[QuestionRow]:
    """Return the workspace's saved questions, of whatever analysis, by name."""
    require(actor, Action.ANALYSIS_READ)
    found = session.exec(
        select(Question)
        .where(Question.workspace_id == actor.workspace_id, col(Question.saved_as).is_not(None))
        .order_by(col(Question.saved_as), col(Question.id))
        .limit(MOST_SAVED)
    ).all()
    return [_row(session, question) for question in found]


def save(session: Session, actor: Actor, question_id: str, name: str | None) -> None:
    """Keep a question under a name, or no longer when it is None.

    Raises:
        NotFound: There is no such question.
        NotPermitted: The actor's role does not allow it.
        Conflict: As many as can be are saved already.
    """
    require(actor, Action.QUESTION_ASK)
    question = _locked(session, actor, question_id)
    if name is not None and question.saved_as is None:
        count = session.exec(
            select(func.count())
            .select_from(Question)
            .where(Question.workspace_id == question.workspace_id, col(Question.saved_as).is_not(None))
        ).one()
        if count >= MOST_SAVED:
            raise Conflict(f"{MOST_SAVED} questions are saved already; remove one of them first.")
    question.saved_as = name
    session.add(question)


def remove(session: Session, actor: Actor, question_id: str) -> None:
    """Delete a question and its answer. Raises `NotFound`, `NotPermitted`."""
    require(actor, Action.QUESTION_ASK)
    question = _locked(session, actor, question_id)
    _delete(session, [question.id])
    audit.record(session, actor, "question:delete", question.id, analysis=question.analysis_id, text=question.text)


def suggestions(session: Session, actor: Actor, analysis_id: str) -> list[str]:
    """Return up to three questions that this analysis can answer, made from its largest topics. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    names = session.exec(
        select(Topic.name).where(Topic.analysis_id == analysis.id).order_by(col(Topic.number)).limit(3)
    ).all()
    forms = (
        "What do people complain about with {}?",
        "Which communities talk most about {}?",
        "What do people wish for around {}?",
    )
    return [form.format(name) for form, name in zip(forms, names, strict=False)]


def owned(session: Session, actor: Actor, question_id: str) -> Question:
    """Return a question of the actor's workspace. Raises `NotFound`."""
    row = session.get(Question, question_id) if is_id(question_id) else None
    if row is None or (actor.kind is not ActorKind.SYSTEM and row.workspace_id != actor.workspace_id):
        raise NotFound(MISSING)
    return row


def errand(question_id: str) -> str:
    """Return the name of the job that lets a model word the answer."""
    return f"{ERRAND}:{question_id}"


def forget_oldest(session: Session, analysis_id: str) -> None:
    """Keep the newest questions of an analysis that the caller has locked, and every saved one."""
    old = session.exec(
        select(Question.id)
        .where(Question.analysis_id == analysis_id, col(Question.saved_as).is_(None))
        .order_by(col(Question.id).desc())
        .offset(MOST_PER_ANALYSIS)
        .limit(MOST_PER_ANALYSIS)
    ).all()
    if old:
        _delete(session, old)


def _row(session: Session, question: Question) -> QuestionRow:
    row = question_row(question)
    if row.status == "asking" and not _is_under_way(session, question):
        return row.model_copy(update={"status": "answered"})
    return row


def _is_under_way(session: Session, question: Question) -> bool:
    status = session.exec(
        select(Job.status).where(Job.dedupe_key == f"{question.analysis_id}:{errand(question.id)}")
    ).first()
    return status in JOB_OPEN


def _delete(session: Session, ids: Sequence[str]) -> None:
    session.connection().execute(delete(QuestionItem).where(col(QuestionItem.question_id).in_(ids)))
    session.connection().execute(delete(Question).where(col(Question.id).in_(ids)))


def _locked(session: Session, actor: Actor, question_id: str) -> Question:
    question = owned(session, actor, question_id)
    lock_analysis(session, question.analysis_id)
    session.refresh(question)
    return question
