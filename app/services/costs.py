"""What an analysis has cost so far, against its cap and its estimate."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.models import Analysis, CostEntry
from app.services.access import Action, Actor, require
from app.services.contract import CostEntryView, CostView, EstimateView
from app.services.ownership import owned_analysis


def view(session: Session, actor: Actor, analysis_id: str) -> CostView:
    """Return the cost breakdown. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    return breakdown(session, owned_analysis(session, actor, analysis_id))


def breakdown(session: Session, analysis: Analysis) -> CostView:
    """Return the cost of an analysis, like ledger lines added up."""
    kept = (
        CostEntry.step,
        CostEntry.provider,
        CostEntry.model,
        CostEntry.unit,
        CostEntry.unit_price_micros_per_million,
        CostEntry.price_list,
    )
    rows = session.execute(
        select(*kept, func.sum(CostEntry.quantity), func.sum(CostEntry.amount_micros))  # type: ignore[call-overload]
        .where(CostEntry.analysis_id == analysis.id)
        .group_by(*(col(column) for column in kept))
        .order_by(*(col(column) for column in kept))
    )
    return CostView(
        cap_micros=analysis.cap_micros,
        spent_micros=analysis.spent_micros,
        reserved_micros=analysis.reserved_micros,
        estimate=None if analysis.estimate is None else EstimateView.model_validate(analysis.estimate),
        entries=[
            CostEntryView(
                step=step,
                provider=provider,
                model=model,
                unit=unit,
                quantity=int(quantity),
                unit_price_micros_per_million=unit_price,
                amount_micros=int(spent),
                price_list=price_list,
            )
            for step, provider, model, unit, unit_price, price_list, quantity, spent in rows
        ],
    )
