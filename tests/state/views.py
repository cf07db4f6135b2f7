"""Contract objects for tests of what pages show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.services.contract import (
    AnalysisRequest,
    AnalysisView,
    CostView,
    EstimateView,
    EvidenceView,
    ItemView,
    JobView,
    MetadataView,
    OpportunityView,
    ProgressView,
    QueueView,
    ResultsView,
    SourceRequest,
    StageJobs,
)
from state.analysis_summary import Summary, summary

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANALYSIS = "019a0000-0000-7000-8000-000000000001"


def analysis_view(status: str = "running", **parts: Any) -> AnalysisView:
    """Return an analysis; `parts` replace its own."""
    finished = MOMENT + timedelta(minutes=4) if status in {"completed", "partial", "failed", "cancelled"} else None
    return AnalysisView(
        **{
            "id": ANALYSIS,
            "status": status,
            "sample": True,
            "error": None,
            "request": AnalysisRequest(
                question="Which sync survives?",
                sources=[SourceRequest(provider="reddit", query={"subreddit": "selfhosted"})],
            ),
            "progress": progress(),
            "degraded": [],
            "results": ResultsView(),
            "cost": cost(),
            "metadata": MetadataView(
                created_at=MOMENT, started_at=MOMENT, finished_at=finished, versions={}, manifest_sha256=None
            ),
            **parts,
        }
    )


def progress(**parts: Any) -> ProgressView:
    """Return a progress of nearly a half."""
    return ProgressView(
        **{
            "overall": 0.456,
            "stage": "collect",
            "stages": [],
            "jobs": StageJobs(done=1, running=1),
            "queue": QueueView(workers_free=1, workers_total=2),
            **parts,
        }
    )


def cost(**parts: Any) -> CostView:
    """Return costs far below the cap."""
    return CostView(
        **{
            "cap_micros": 500_000,
            "spent_micros": 13_200,
            "reserved_micros": 0,
            "estimate": None,
            "entries": [],
            **parts,
        }
    )


def estimate(**parts: Any) -> EstimateView:
    """Return an estimate."""
    return EstimateView(
        **{
            "items": (2100, 2600, 3400),
            "requests": (40, 47, 55),
            "minutes": (3, 4, 5),
            "micros": (0, 0, 50_000),
            "assumptions": ["as busy as last month"],
            **parts,
        }
    )


def evidence(quote: str, text: str, **parts: Any) -> EvidenceView:
    """Return evidence that stands in `text`."""
    start = text.index(quote)
    return EvidenceView(
        **{
            "item_id": "item-1",
            "quote": quote,
            "start": start,
            "end": start + len(quote),
            "verified": "verified",
            "permalink": "https://example.org/1",
            "community": "r/selfhosted",
            "author": "ada",
            "posted_at": MOMENT,
            **parts,
        }
    )


def opportunity(**parts: Any) -> OpportunityView:
    """Return an opportunity without evidence."""
    return OpportunityView(
        **{
            "id": "opportunity-1",
            "title": "Offline first",
            "summary": "Many ask.",
            "kind": "willingness_to_pay",
            "score": 82,
            "score_interval": (76, 88),
            "confidence": 0.7,
            "engine": "local",
            "metrics": {},
            "anti_patterns": [],
            "items": 41,
            "authors": 29,
            "threads": 1,
            "topic": "sync",
            "evidence": [],
            "against": [],
            **parts,
        }
    )


def item(text: str = "I would pay.", **parts: Any) -> ItemView:
    """Return an item."""
    return ItemView(
        **{
            "id": "item-1",
            "provider": "reddit",
            "kind": "comment",
            "external_id": "t1_1",
            "parent_external_id": None,
            "thread_external_id": "t3_1",
            "community": "r/selfhosted",
            "author": "ada",
            "title": None,
            "text": text,
            "permalink": "https://example.org/1",
            "posted_at": MOMENT,
            "upvotes": 1,
            "removed": False,
            "language": "en",
            "spam": False,
            "spam_reasons": [],
            "duplicate_of": None,
            "sentiment": 0.5,
            "sentiment_label": "positive",
            "intents": [],
            "topic": None,
            **parts,
        }
    )


def job(**parts: Any) -> JobView:
    """Return a job that runs."""
    return JobView(
        **{
            "id": "job-1",
            "kind": "collect",
            "queue": "collect",
            "label": "Collect r/selfhosted",
            "status": "running",
            "provider": "reddit",
            "token_source": "SAMPLE",
            "done": 0,
            "total": None,
            "attempts": 0,
            "max_attempts": 3,
            "worker": None,
            "error": None,
            "cost_micros": 0,
            "run_after": MOMENT,
            "created_at": MOMENT,
            "started_at": None,
            "finished_at": None,
            **parts,
        }
    )


def summary_of(status: str = "running", **parts: Any) -> Summary:
    """What the page says of an analysis that stands there and is made of these parts."""
    return summary(analysis_view(status, **parts), ["r/selfhosted"])
