"""What both took by the ledger, and what the later one did not have to buy again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.core.money import dollars
from app.models import Analysis, CostEntry, Item, ItemScore, Job, ModelAnswer, Stage
from app.services import costs
from app.services.comparing.shapes import CostChangeView, CostLineView
from app.services.comparing.words import counted


def change(session: Session, before: Analysis, after: Analysis) -> CostChangeView:
    """Return what was spent on both, and what was kept."""
    texts = _texts_kept(session, after)
    answers, worth = _answers_kept(session, after)
    return CostChangeView(
        spent_before_micros=before.spent_micros,
        spent_after_micros=after.spent_micros,
        lines=_lines(session, before, after),
        texts_kept=texts,
        answers_kept=answers,
        answers_kept_micros=worth,
        sentence=_sentence(before, after, texts, answers, worth),
    )


def _lines(session: Session, before: Analysis, after: Analysis) -> list[CostLineView]:
    sums: dict[tuple[str, str, str | None, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for at, analysis in enumerate((before, after)):
        for entry in costs.breakdown(session, analysis).entries:
            line = sums[entry.step, entry.provider, entry.model, entry.unit]
            line[at] += entry.quantity
            line[at + 2] += entry.amount_micros
    return [
        CostLineView(
            step=step,
            provider=provider,
            model=model,
            unit=unit,
            quantity_before=line[0],
            quantity_after=line[1],
            micros_before=line[2],
            micros_after=line[3],
        )
        for (step, provider, model, unit), line in sorted(
            sums.items(), key=lambda pair: [str(part) for part in pair[0]]
        )
    ]


def _texts_kept(session: Session, after: Analysis) -> int:
    """Return how many texts carry a judgement that was bought before this analysis was asked for."""
    query = (
        select_columns(func.count(func.distinct(col(Item.content_sha256))))
        .select_from(Item)
        .join(
            ItemScore,
            and_(
                col(ItemScore.workspace_id) == after.workspace_id,
                col(ItemScore.content_sha256) == col(Item.content_sha256),
                col(ItemScore.created_at) < after.created_at,
                col(ItemScore.label) == col(Item.sentiment_label),
                col(ItemScore.value) == col(Item.sentiment),
            ),
        )
        .where(col(Item.analysis_id) == after.id, col(Item.sentiment_engine).is_not(None))
    )
    return int(session.execute(query).scalar_one())


def _answers_kept(session: Session, after: Analysis) -> tuple[int, int]:
    """Return how many prompts were answered from before, and what those answers had cost."""
    cursors = session.exec(
        select(Job.cursor).where(
            Job.analysis_id == after.id, Job.kind == Stage.SYNTHESISE, col(Job.cursor).is_not(None)
        )
    ).all()
    known = sorted({str(sha256) for cursor in cursors for sha256 in (cursor or {}).get("kept", [])})
    if not known:
        return 0, 0
    answers = session.exec(
        select(ModelAnswer).where(
            ModelAnswer.workspace_id == after.workspace_id,
            col(ModelAnswer.sha256).in_(known),
            col(ModelAnswer.created_at) < after.created_at,
        )
    ).all()
    return len({answer.sha256 for answer in answers}), _worth(session, after.workspace_id, answers)


def _worth(session: Session, workspace_id: str, answers: Sequence[ModelAnswer]) -> int:
    """Return what the ledger wrote down for these answers: the lines of the same transaction, by unit and quantity."""
    taken = {int(quantity) for answer in answers for quantity in answer.usage.values() if quantity}
    if not taken:
        return 0
    lines = session.execute(
        select_columns(
            col(CostEntry.unit), col(CostEntry.quantity), col(CostEntry.created_at), col(CostEntry.amount_micros)
        )
        .where(
            col(CostEntry.workspace_id) == workspace_id,
            col(CostEntry.model).is_not(None),
            col(CostEntry.quantity).in_(taken),
        )
        .order_by(col(CostEntry.created_at))
    ).all()
    worth = 0
    for answer in answers:
        for unit, quantity in answer.usage.items():
            paid = [
                micros
                for of, count, at, micros in lines
                if of == unit and count == quantity and at <= answer.created_at
            ]
            worth += int(paid[-1]) if paid else 0
    return worth


def _sentence(before: Analysis, after: Analysis, texts: int, answers: int, worth: int) -> str:
    spent = f"The later one cost {dollars(after.spent_micros)}, the earlier one {dollars(before.spent_micros)}."
    kept = []
    if answers:
        kept.append(f"{counted(answers, 'answer')} of a model that had cost {dollars(worth)}")
    if texts:
        kept.append(f"the judgement of {counted(texts, 'text')}")
    return f"{spent} Kept from before and not bought again: {' and '.join(kept)}." if kept else spent
