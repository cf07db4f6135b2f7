"""The ledger: hold back the worst case, call, write down what it was. The cap holds under any kill.

reserve ──▶ (call) ──▶ settle        a crash in between: sweep ──▶ unknown, the worst case counts as spent
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core.crashpoints import crashpoint
from app.core.db import database_now
from app.core.errors import CapReached
from app.core.money import dollars
from app.core.money import price as amount
from app.models import Analysis, CostEntry, Job, JobStatus, Reservation, ReservationStatus
from app.services.claims import Claim
from app.services.ownership import lock_analysis
from app.services.prices import Price, price

GRACE_SECONDS = 60.0
"""How long a reservation may stay open after its claim has ended."""


_CLAIM_ENDED = (col(Job.fence) != col(Reservation.fence)) | (col(Job.status) != JobStatus.RUNNING)
"""Of a reservation, joined with its job."""


def reserve(
    session: Session,
    held: Claim,
    *,
    ordinal: int,
    step: str,
    provider: str,
    unit: str,
    worst: int,
    listed: Price | None = None,
) -> str:
    """Hold back the worst case of one call.

    Args:
        session: A write transaction that holds the analysis's lock.
        held: The claim that will make the call.
        ordinal: Number of the call within the claim; each may be reserved once.
        step: Name of the stage.
        provider: Registry id.
        unit: What is counted (`request`, `input_token`).
        worst: Most units that the call can take.
        listed: What the unit costs, where that is not in the table (a model at an address of one's own).

    Returns:
        Id of the reservation.

    Raises:
        CapReached: What is spent and held back leaves too little.
    """
    listed = listed or price(provider, unit)
    worst_case = amount(worst, listed.micros_per_million)
    held_back = session.connection().execute(
        update(Analysis)
        .where(
            col(Analysis.id) == held.analysis_id,
            Analysis.spent_micros + Analysis.reserved_micros + worst_case <= col(Analysis.cap_micros),
        )
        .values(reserved_micros=Analysis.reserved_micros + worst_case)
    )
    if held_back.rowcount != 1:
        raise CapReached(
            f"The next call could cost {dollars(worst_case)}, more than the cap leaves; "
            "raise the cap or keep what there is."
        )
    row = Reservation(
        analysis_id=held.analysis_id,
        job_id=held.job_id,
        fence=held.fence,
        ordinal=ordinal,
        step=step,
        provider=provider,
        unit=unit,
        model=listed.model,
        price_list=listed.listed,
        unit_price_micros_per_million=listed.micros_per_million,
        worst_quantity=worst,
        worst_case_micros=worst_case,
    )
    session.add(row)
    return row.id


def settle(session: Session, held: Claim, reservation_id: str, *, quantity: int) -> int:
    """Write down what the call took, in the transaction that stores its result.

    Returns:
        Its price in micro-USD; 0 when the reservation was closed before.
    """
    row = session.get(Reservation, reservation_id)
    if row is None or row.status != ReservationStatus.OPEN:
        return 0
    crashpoint("ledger.settling")
    return _close(session, row, held.workspace_id, quantity=quantity, status=ReservationStatus.SETTLED)


def release(session: Session, held: Claim, reservation_id: str) -> None:
    """Give back what was held for a call that was never made."""
    row = session.get(Reservation, reservation_id)
    if row is not None and row.status == ReservationStatus.OPEN:
        _close(session, row, held.workspace_id, quantity=0, status=ReservationStatus.SETTLED)


def forfeit(session: Session, held: Claim, reservation_id: str) -> None:
    """Count the worst case as spent: the call may have been made, and nobody says what it took."""
    row = session.get(Reservation, reservation_id)
    if row is not None and row.status == ReservationStatus.OPEN:
        _close(session, row, held.workspace_id, quantity=row.worst_quantity, status=ReservationStatus.UNKNOWN)


def settle_abandoned(session: Session) -> int:
    """Close reservations whose claim ended without a word: the call may have happened, so its worst case is spent.

    Returns:
        How many were closed.
    """
    before = database_now(session) - timedelta(seconds=GRACE_SECONDS)
    rows = session.exec(
        select(Reservation, Job)
        .join(Job, col(Job.id) == col(Reservation.job_id))
        .where(
            Reservation.status == ReservationStatus.OPEN,
            _CLAIM_ENDED,
            col(Reservation.created_at) < before,
        )
        .limit(500)
    ).all()
    for row, job in sorted(rows, key=lambda pair: pair[0].analysis_id):
        lock_analysis(session, row.analysis_id)  # before its reservations, like every other writer
        _close(session, row, job.workspace_id, quantity=row.worst_quantity, status=ReservationStatus.UNKNOWN)
    return len(rows)


def close_open(session: Session, analysis: Analysis) -> None:
    """Close what ended claims of a finished analysis left open, so that nothing stays held back."""
    rows = session.exec(
        select(Reservation)
        .join(Job, col(Job.id) == col(Reservation.job_id))
        .where(
            Reservation.analysis_id == analysis.id,
            Reservation.status == ReservationStatus.OPEN,
            _CLAIM_ENDED,  # an errand's may be under way when an analysis that was brought back ends again
        )
    ).all()
    for row in rows:
        _close(session, row, analysis.workspace_id, quantity=row.worst_quantity, status=ReservationStatus.UNKNOWN)


def _close(session: Session, row: Reservation, workspace_id: str, *, quantity: int, status: ReservationStatus) -> int:
    spent = amount(quantity, row.unit_price_micros_per_million)
    closed = session.connection().execute(
        update(Reservation)
        .where(col(Reservation.id) == row.id, col(Reservation.status) == ReservationStatus.OPEN)
        .values(status=status, closed_at=database_now(session))
    )
    if closed.rowcount != 1:
        return 0
    session.connection().execute(
        update(Analysis)
        .where(col(Analysis.id) == row.analysis_id)
        .values(
            spent_micros=Analysis.spent_micros + spent,
            reserved_micros=Analysis.reserved_micros - row.worst_case_micros,
        )
    )
    session.connection().execute(
        update(Job).where(col(Job.id) == row.job_id).values(cost_micros=Job.cost_micros + spent)
    )
    if quantity:
        session.add(
            CostEntry(
                workspace_id=workspace_id,
                analysis_id=row.analysis_id,
                job_id=row.job_id,
                reservation_id=row.id,
                step=row.step,
                provider=row.provider,
                model=row.model,
                unit=row.unit,
                quantity=quantity,
                unit_price_micros_per_million=row.unit_price_micros_per_million,
                amount_micros=spent,
                price_list=row.price_list,
            )
        )
    return spent
