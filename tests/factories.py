"""Rows that many tests need, made through the services where there is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from app.core.ids import new_id
from app.models import Analysis, Item
from app.services import analyses, taking
from app.services.access import Actor
from app.services.claims import Claim
from app.services.contract import AnalysisRequest, SourceRequest

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def wanted(*communities: str, **values: object) -> AnalysisRequest:
    """Return a request for some communities of Reddit."""
    names = communities or ("selfhosted",)
    return AnalysisRequest.model_validate(
        {
            "question": "What do people wish for?",
            "sources": [SourceRequest(provider="reddit", query={"subreddit": name}) for name in names],
            **values,
        }
    )


def ask(session: Session, actor: Actor, *communities: str, **values: object) -> Analysis:
    """Ask for an analysis, as a page does; returns its row."""
    return session.get_one(Analysis, analyses.request(session, actor, wanted(*communities, **values)))


def claimed(session: Session, job_id: str, *, worker: str = "one", lease_seconds: float = 60) -> Claim | None:
    """Take one job by its id; None when it may not be run now."""
    return next(iter(taking.claim(session, [job_id], worker=worker, lease_seconds=lease_seconds)), None)


def item(analysis: Analysis, number: int, **values: object) -> Item:
    """Return an item of an analysis; the larger its number, the newer it is."""
    return Item(
        **{
            "id": new_id(),
            "workspace_id": analysis.workspace_id,
            "analysis_id": analysis.id,
            "job_id": "job",
            "provider": "reddit",
            "external_id": f"t1_{number:06}",
            "kind": "comment",
            "thread_external_id": f"t3_{number // 10:06}",
            "parent_external_id": f"t3_{number // 10:06}",
            "community": "r/selfhosted",
            "author": f"author{number % 7}",
            "text": f"Comment number {number} about sync and backup.",
            "permalink": f"https://www.reddit.com/r/selfhosted/comments/x/y/{number}/",
            "content_sha256": f"{number:064}",
            "posted_at": MOMENT + timedelta(minutes=number),
            **values,
        }
    )
