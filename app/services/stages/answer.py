"""An errand after the end of an analysis: a model words the answer to one question from the items that speak of it.

what the items say is stored already ─▶ reserve ─commit─▶ call ─▶ settle, check, store and finish in one transaction

Whatever goes wrong, the answer from the items alone stays, with a sentence that says why. A worker that dies leaves its
reservation to the sweep, which counts the worst case as spent, and the next one asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

import structlog
from sqlmodel import Session

from app.core.crashpoints import crashpoint
from app.core.db import database_now
from app.core.errors import CapReached, InvalidInput
from app.models import Analysis, Question
from app.services import answers, claims, engines, ledger
from app.services.answer_views import AnswerView, GroupView, SentenceView
from app.services.engines import ModelEngine
from app.services.guard import RateGuard
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.model_answer import PASSAGES, Asked, CitedSentence, asking, believed
from app.services.pipeline.records import Record
from app.services.stages.work import Work
from integrations.errors import ProviderError, RateLimited, Retryable
from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, Answer, UnusableAnswer

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 60.0
"""The errand waits no longer than this for an endpoint: somebody reads the page."""
LONGEST_IN_LINE_SECONDS = 300.0
"""Nor for its turn within the limit that we keep; that it stood for want of a worker does not count."""
STANDS = "What stands here is what the items say by themselves."
NOT_SAID = f"The model found no answer in the items that it could cite. {STANDS}"


def run(work: Work) -> None:
    """Answer the question of the job."""
    question_id = str(work.held.payload.get("question", ""))
    with work.read() as session:
        question = session.get(Question, question_id)
        analysis = session.get_one(Analysis, work.held.analysis_id)
        records = [] if question is None else _records(session, analysis, question)
    if question is None or question.answered_at is not None:  # deleted or answered meanwhile
        with work.finish(done=1, total=1):
            return
    try:
        engine = engines.for_request(analysis.engine, sample=analysis.sample, cap_micros=analysis.cap_micros)
    except InvalidInput as error:
        _settle_for_less(work, question_id, error.message)
        return
    if engine is None or not records:
        _settle_for_less(work, question_id, None)
        return
    asked = asking(question.text, records)
    try:
        held = _reserve(work, engine, asked)
    except CapReached:
        _settle_for_less(work, question_id, "What the cap leaves does not pay for a model's answer.")
        return
    crashpoint("answer.reserved")
    try:
        answer = asyncio.run(_call(engine, asked))
    except ProviderError as error:
        _after(work, engine, asked, held, question_id, error)
        return
    crashpoint("answer.answered")
    sentences = believed(answer.value, asked, {record.id: record for record in records})
    with work.finish(done=1, total=1) as (session, _):
        _settle(session, work, engine, asked, held, answer.usage)
        _store(session, question_id, engine, sentences)


def _records(session: Session, analysis: Analysis, question: Question) -> list[Record]:
    """Return the items that a model is shown: those that are quoted already, then the closest others that count."""
    local = AnswerView.model_validate(question.answer)
    quoted = [
        citation.item_id for group in local.groups for sentence in group.sentences for citation in sentence.citations
    ]
    closest = answers.find(session, analysis, question.text, question.without).items[: 2 * PASSAGES]
    voices = answers.voices(session, analysis.id, list(dict.fromkeys([*quoted, *closest])))
    return [voice.record for voice in voices if not speaks_to_machines(voice.record.text)][:PASSAGES]


def _reserve(work: Work, engine: ModelEngine, asked: Asked) -> dict[str, str]:
    with work.commit() as (session, _):
        return {
            unit: ledger.reserve(
                session,
                work.held,
                ordinal=ordinal,
                step="answer",
                provider=engine.setup.id,
                unit=unit,
                worst=quantity,
                listed=engine.prices[unit],
            )
            for ordinal, (unit, quantity) in enumerate(engine.worst(asked.prompt).items())
        }


async def _call(engine: ModelEngine, asked: Asked) -> Answer:
    setup = engine.setup
    guard = RateGuard(setup.id, setup.label, setup.model.limits, setup.config)
    async with setup.model(setup.config, guard=guard) as model:
        return await model.answer(asked.prompt)


def _settle(
    session: Session,
    work: Work,
    engine: ModelEngine,
    asked: Asked,
    held: Mapping[str, str],
    usage: Mapping[str, int],
) -> None:
    """Write down what the endpoint says it took; what was read, from its cache or not, is never more than was sent."""
    worst = engine.worst(asked.prompt)
    cached = min(max(0, int(usage.get(CACHED_INPUT_TOKEN, 0))), worst[INPUT_TOKEN])
    most = {**worst, CACHED_INPUT_TOKEN: cached, INPUT_TOKEN: worst[INPUT_TOKEN] - cached}
    for unit, reservation in held.items():
        taken = min(max(0, int(usage.get(unit, 0))), most[unit])
        ledger.settle(session, work.held, reservation, quantity=taken)


def _after(
    work: Work, engine: ModelEngine, asked: Asked, held: Mapping[str, str], question_id: str, error: ProviderError
) -> None:
    """Write down what a failed call took; then try again soon, or leave the answer as it is.

    Raises:
        ProviderError: The same, to be tried again.
    """
    log.warning("answer.failed", error=error.kind, reason=error.message)
    again = _again(work, question_id, error)
    with work.commit() as (session, _):
        if isinstance(error, UnusableAnswer):
            _settle(session, work, engine, asked, held, error.usage)
        elif error.refused:
            for reservation in held.values():
                ledger.release(session, work.held, reservation)
        else:
            for reservation in held.values():
                ledger.forfeit(session, work.held, reservation)
    if again:
        raise error
    why = error.message
    if isinstance(error, RateLimited) and error.own_limit:  # that one says when it goes on, and it does not
        why = (
            f"{engine.setup.label} is asked only so often in a minute, and others were before your question for too "
            "long; ask again later"
        )
    _settle_for_less(work, question_id, why)


def _again(work: Work, question_id: str, error: ProviderError) -> bool:
    """Return whether the errand is tried again, as somebody reads the page."""
    with work.read() as session:
        attempts = claims.attempts_so_far(session, work.held)
        waited = claims.waited(session, work.held)
        is_there = session.get(Question, question_id) is not None
    if not is_there or not isinstance(error, Retryable) or attempts >= work.held.max_attempts:
        return False
    if isinstance(error, RateLimited) and error.own_limit:
        return waited.in_line + error.retry_after <= LONGEST_IN_LINE_SECONDS
    wait = error.retry_after if isinstance(error, RateLimited) else 0.0
    return work.seconds + waited.refused + wait <= LONGEST_WAIT_SECONDS


def _settle_for_less(work: Work, question_id: str, why: str | None) -> None:
    with work.finish(done=1, total=1) as (session, _):
        _close(session, question_id, None if why is None else f"{why.rstrip('.')}. {STANDS}")


def _close(session: Session, question_id: str, note: str | None, answer: AnswerView | None = None) -> None:
    question = session.get(Question, question_id)
    if question is None:  # deleted meanwhile; what the call took is written down all the same
        return
    question.answered_at = database_now(session)
    question.note = note
    if answer is not None:
        question.answer = answer.model_dump(mode="json")
    session.add(question)


def _store(session: Session, question_id: str, engine: ModelEngine, sentences: Sequence[CitedSentence]) -> None:
    question = session.get(Question, question_id)
    if question is None:
        return
    answer = AnswerView.model_validate(question.answer)
    citations = answers.cited(session, [quote for sentence in sentences for quote in sentence.quotes])
    groups = []
    for role, title, against in (("model", "", False), ("model_against", "Against that", True)):
        said = [
            SentenceView(
                text=sentence.text,
                citations=[citations[quote.item_id, quote.start] for quote in sentence.quotes],
            )
            for sentence in sentences
            if sentence.against is against
            and all((quote.item_id, quote.start) in citations for quote in sentence.quotes)
        ]
        if said:
            groups.append(GroupView(role=role, title=title, items=0, authors=0, filters=None, sentences=said))
    if not groups:
        _close(session, question_id, NOT_SAID)
        return
    # What was quoted as closest is what the model has read; counts of what the items do stay.
    told = {citation.quote for group in groups for sentence in group.sentences for citation in sentence.citations}
    kept = [_without(group, told) for group in answer.groups if group.role != "lead"]
    _close(
        session,
        question_id,
        None,
        answer.model_copy(
            update={
                "engine": "model",
                "model": engine.name,
                "groups": [*groups, *(group for group in kept if group.sentences)],
            }
        ),
    )


def _without(group: GroupView, told: Collection[str]) -> GroupView:
    """Return a group without the quotes that stand above it already."""
    rest = [sentence for sentence in group.sentences if sentence.text not in told]
    return group.model_copy(update={"sentences": rest})
