"""Asking a question of one analysis: who may, how often, what is kept of it, and what is other than before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy import insert as insert_into
from sqlmodel import Session, col, select

from app.core.db import Database, database_now
from app.core.errors import Conflict, InvalidInput, TooMany
from app.models import Analysis, Item, Question, QuestionItem
from app.services import answers, engines, questions, search
from app.services.access import Action, Actor, require
from app.services.answer_views import AnswerView
from app.services.answers import MOST_KEPT, Found
from app.services.ownership import lock_analysis, owned_analysis
from app.services.question_shapes import QuestionRequest
from app.services.queueing import check_room, dispatch, enqueue
from app.services.transitions import ANALYSIS_CLOSED

PER_MINUTE = 30
"""Questions of one workspace, by page, API and command together."""


def ask(
    database: Database,
    actor: Actor,
    analysis_id: str,
    wanted: QuestionRequest,
    *,
    repeats: str | None = None,
) -> str:
    """Answer a question from the stored items, and keep both. Opens its own sessions.

    Args:
        database: Where.
        actor: Who asks.
        analysis_id: Of which analysis.
        wanted: What.
        repeats: Id of the question that this one asks again; the answer then says what is other.

    Returns:
        The question's id.

    Raises:
        NotFound: There is no such analysis.
        NotPermitted: The actor's role does not allow it.
        Conflict: The analysis still runs, or has no items.
        TooMany: The workspace asks too often.
    """
    require(actor, Action.QUESTION_ASK)
    with database.read() as session:
        _check_may_ask(session, actor, owned_analysis(session, actor, analysis_id))
    search.refresh(database, analysis_id)
    with database.read() as session:
        analysis = owned_analysis(session, actor, analysis_id)
        found = answers.find(session, analysis, wanted.text, wanted.without)
        earlier = session.get(Question, repeats) if repeats else None
        if earlier is not None:
            found.answer.change = _change(session, earlier, found, analysis_id)
    with database.write() as session:
        analysis = lock_analysis(session, analysis_id)
        _check_may_ask(session, actor, analysis)
        question = _store(session, actor, analysis, wanted, found, repeats)
        _ask_model(session, actor, analysis, question)
        questions.forget_oldest(session, analysis_id)
        return question.id


def again(database: Database, actor: Actor, question_id: str, analysis_id: str | None = None) -> str:
    """Ask a question again, of its own or of another analysis; returns the new question's id. Raises as `ask`."""
    require(actor, Action.QUESTION_ASK)
    with database.read() as session:
        question = questions.owned(session, actor, question_id)
        try:
            wanted = QuestionRequest.model_validate({"text": question.text, "without": question.without})
        except ValueError as error:
            raise InvalidInput("This question was asked by another version; ask it anew.", field="text") from error
        place = analysis_id or question.analysis_id
    return ask(database, actor, place, wanted, repeats=question_id)


def _check_may_ask(session: Session, actor: Actor, analysis: Analysis) -> None:
    if analysis.status not in ANALYSIS_CLOSED:
        raise Conflict("The analysis still runs; ask when it is done, so that the answer counts everything.")
    some = session.exec(select(Item.id).where(Item.analysis_id == analysis.id).limit(1)).first()
    if some is None:
        raise Conflict("Nothing was collected, so there is nothing to ask.")
    since = database_now(session) - timedelta(minutes=1)
    asked = session.exec(
        select(func.count())
        .select_from(Question)
        .where(Question.workspace_id == actor.workspace_id, col(Question.created_at) > since)
    ).one()
    if asked >= PER_MINUTE:
        raise TooMany(f"{PER_MINUTE} questions were asked within a minute; wait a moment.", retry_after=30)


def _store(
    session: Session, actor: Actor, analysis: Analysis, wanted: QuestionRequest, found: Found, repeats: str | None
) -> Question:
    now = database_now(session)
    question = Question(
        workspace_id=analysis.workspace_id,
        analysis_id=analysis.id,
        asked_by=actor.reference,
        text=wanted.text,
        without=list(wanted.without),
        repeats=repeats,
        answer=found.answer.model_dump(mode="json"),
        created_at=now,
        answered_at=now,
    )
    session.add(question)
    session.flush()
    if found.items and len(found.items) <= MOST_KEPT:
        session.connection().execute(
            insert_into(QuestionItem),
            [{"question_id": question.id, "item_id": item_id} for item_id in found.items],
        )
    return question


def _ask_model(session: Session, actor: Actor, analysis: Analysis, question: Question) -> None:
    """Put the errand in line that lets a model word the answer, where one is to be asked and there is what to word."""
    if question.answer["outcome"] != "answered":
        return
    try:
        engine = engines.for_request(analysis.engine, sample=analysis.sample, cap_micros=analysis.cap_micros)
        if engine is None:
            return
        check_room(session, actor)
    except (InvalidInput, TooMany) as error:
        question.note = f"{error.message.rstrip('.')}. What stands here is what the items say by themselves."
        return
    question.answered_at = None
    enqueue(
        session, analysis, kind=questions.ERRAND, name=questions.errand(question.id), payload={"question": question.id}
    )
    dispatch(session, analysis.id)


def _change(session: Session, earlier: Question, found: Found, analysis_id: str) -> str:
    """Say what is other than in an earlier answer, and why it may be."""
    before = AnswerView.model_validate(earlier.answer)
    now = found.answer
    when = f"{earlier.created_at.date()}"
    where = "" if earlier.analysis_id == analysis_id else " of another analysis"
    if earlier.analysis_id != analysis_id:
        other = session.get(Analysis, earlier.analysis_id)
        where = f" of \u201c{other.question[:80]}\u201d" if other is not None else where
    said = f"Asked on {when}{where}: {_counts(before)} then, {_counts(now)} now."
    then, shown = _quotes(before), _quotes(now)
    if shown:
        fresh = len(shown - then)
        said += (
            f" {fresh} of {len(shown)} quotes {'is' if fresh == 1 else 'are'} new."
            if fresh
            else " The quotes are the same."
        )
    if before.searched != now.searched:
        said += f" {before.searched:,} items were searched then, {now.searched:,} now."
    if {scope.name for scope in before.scopes} != {scope.name for scope in now.scopes}:
        said += " The limits are not the same."
    return said


def _counts(answer: AnswerView) -> str:
    if answer.outcome == "not_in_data":
        return "not in the data"
    return f"{answer.items:,} {'item' if answer.items == 1 else 'items'}"


def _quotes(answer: AnswerView) -> set[str]:
    return {
        citation.quote for group in answer.groups for sentence in group.sentences for citation in sentence.citations
    }
