"""Asking an analysis again: the same question of the same places, up to now or over the same dates.

What is new is paid for, what is known is not: judgements that were bought are kept by the hash of their text
(`app.services.scores`), answers of models by the hash of their prompt (`app.services.stages.model_desk`), and topics
keep their numbers and names (`app.services.stages.cluster`). Sources are read as in a fresh run, with as many requests.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from app.services import analyses
from app.services.access import Action, Actor, require
from app.services.contract import AnalysisRequest, EstimateView
from app.services.contract.basics import Contract
from app.services.ownership import owned_analysis

Dates = Literal["now", "same"]
"""`now`: a range as long as before that ends now; `same`: the very same days."""

READS_ALL = (
    "Every source is read again over the whole range: none says what was edited or taken down since, so reading only "
    "the news would miss it. It takes as many requests as a fresh run."
)
KEEPS = (
    "Texts that a scorer outside of this program has judged are not judged again, and prompts that a model has "
    "answered are not paid again."
)


class RerunView(Contract):
    """What would be asked again."""

    rerun_of: str
    dates: Dates
    range_words: str
    """The time range in words."""
    request: AnalysisRequest
    notes: list[str]
    """What is read and what is paid, as sentences."""


def prepare(session: Session, actor: Actor, analysis_id: str, dates: Dates, moment: datetime) -> RerunView:
    """Return the request that asks an analysis again, to be started or changed before.

    Args:
        session: To read with.
        actor: Who asks.
        analysis_id: What is asked again.
        dates: How its time range is chosen.
        moment: Now.

    Raises:
        NotFound: There is no such analysis in the actor's workspace.
    """
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    request = AnalysisRequest.model_validate(analysis.request)
    since, until = moved(request.since, request.until, asked_at=analysis.created_at, moment=moment, dates=dates)
    return RerunView(
        rerun_of=analysis.id,
        dates=dates,
        range_words=range_words(since, until, moment),
        request=request.model_copy(update={"since": since, "until": until}),
        notes=[READS_ALL, KEEPS],
    )


def start(
    session: Session,
    actor: Actor,
    analysis_id: str,
    wanted: AnalysisRequest,
    *,
    estimate: EstimateView | None = None,
    dedupe_key: str | None = None,
) -> str:
    """Ask again; returns the new analysis's id. Raises what `analyses.request` raises."""
    return analyses.request(session, actor, wanted, estimate=estimate, dedupe_key=dedupe_key, rerun_of=analysis_id)


def moved(
    since: datetime | None, until: datetime | None, *, asked_at: datetime, moment: datetime, dates: Dates
) -> tuple[datetime | None, datetime | None]:
    """Return the range of a run that asks again.

    `now` keeps its length and lets it end now; without a beginning it just ends now. `same` keeps both ends; an open
    end ended when it was asked, and so it does again.

    Args:
        since: The beginning as it was asked for; None for all there is.
        until: The end; None for up to the moment of asking.
        asked_at: When it was asked.
        moment: Now.
        dates: Which of the two.
    """
    if dates == "same":
        return since, until or asked_at
    if since is None:
        return None, None
    length = (min(until, asked_at) if until and until > since else asked_at) - since
    return moment - max(length, timedelta(minutes=1)), None


def range_words(since: datetime | None, until: datetime | None, moment: datetime) -> str:
    """Return a range in words (`last 30 days`, `1 Nov to 22 Nov 2026`)."""
    if until is None:
        return "all time, up to now" if since is None else f"last {_long(moment - since)}, up to now"
    if since is None:
        return f"all time, up to {_day(until)}"
    return f"{_day(since)} to {_day(until)}"


def _long(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    if hours < 1:
        return f"{max(1, round(length.total_seconds() / 60))} minutes"
    if hours < 48 and hours % 24:
        return "hour" if hours == 1 else f"{hours} hours"
    days = round(hours / 24)
    return "24 hours" if days == 1 else f"{days} days"


def _day(moment: datetime) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC"
