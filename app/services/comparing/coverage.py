"""What each request listened to, and from that, why an item is on one side alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, literal, or_
from sqlmodel import Session, col, select

from app.models import Analysis, Item, Job, Stage
from app.services import sources
from app.services.contract import AnalysisRequest
from app.services.pipeline.compare_requests import Asked, same_limits

SETTINGS = ("sources", "time", "limits")
"""Causes that lie in what was asked, not in what was said."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One analysis, and what it listened to."""

    analysis: Analysis
    asked: Asked
    jobs: dict[str, str]
    """Its collecting jobs' ids, each with its source in one written form."""


def coverage(session: Session, analysis: Analysis) -> Coverage:
    """Return what an analysis listened to."""
    request = AnalysisRequest.model_validate(analysis.request)
    jobs = session.exec(
        select(Job.id, Job.payload).where(Job.analysis_id == analysis.id, Job.kind == Stage.COLLECT)
    ).all()
    return Coverage(
        analysis=analysis,
        asked=Asked(
            question=request.question,
            sources=tuple(sources.label(source) for source in request.sources),
            since=request.since,
            until=request.until,
            at=analysis.created_at,
            keywords=tuple(request.keywords),
            max_items=request.max_items,
            max_cost_micros=request.max_cost_micros,
            engine=request.engine,
            rescore=request.rescore,
            sample=analysis.sample,
        ),
        jobs={job_id: _written(payload.get("source")) for job_id, payload in jobs},
    )


def cause(item: type[Item], own: Coverage, other: Coverage) -> ColumnElement[str]:
    """Return why `own` holds an item that `other` does not, as a column of one of `shapes.Cause`.

    Args:
        item: The table of items, or an alias of it, that holds the item.
        own: The analysis that holds it.
        other: The one that does not.
    """
    theirs = set(other.jobs.values())
    unasked = [job_id for job_id, source in own.jobs.items() if source not in theirs] if theirs else []
    open_end = other.asked.until is None or other.asked.until >= other.asked.at
    late = col(item.posted_at) > other.asked.end
    early = false() if other.asked.since is None else col(item.posted_at) < other.asked.since
    return case(
        (col(item.job_id).in_(unasked), literal("sources")),
        (and_(late, literal(open_end)), literal("later")),
        (or_(late, early), literal("time")),
        else_=literal("talk" if same_limits(own.asked, other.asked) else "limits"),
    )


def weighed(item: type[Item]) -> ColumnElement[bool]:
    """Return whether opportunities are drawn from an item: `reading.worth_weighing` for an alias."""
    return and_(
        col(item.spam).is_(False),
        col(item.duplicate_of).is_(None),
        col(item.removed).is_(False),
        col(item.sentiment_label).is_not(None),
    )


def same_item(one: type[Item], other: type[Item]) -> ColumnElement[bool]:
    """Return whether two rows hold the same post or comment."""
    return and_(col(one.provider) == col(other.provider), col(one.external_id) == col(other.external_id))


def _written(source: Any) -> str:  # noqa: ANN401 - as stored
    return json.dumps(source, sort_keys=True)
