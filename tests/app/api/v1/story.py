"""An analysis with a little of everything, and a client that calls the API as a script would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlmodel import Session

from app.api import build_site
from app.core.db import Database
from app.models import (
    Analysis,
    AnalysisStatus,
    CostEntry,
    Evidence,
    FileImport,
    ImportStatus,
    Item,
    Job,
    JobEvent,
    JobStatus,
    Opportunity,
    OpportunityItem,
    Question,
    QuestionItem,
    Reservation,
    Stage,
    Topic,
)
from app.models.cost import ReservationStatus
from app.services import keys
from app.services.access import Actor
from app.services.contract import AnalysisRequest, SourceRequest

WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://evil.example","click")'


@dataclass
class Story:
    """The ids of what was stored."""

    analysis: str
    job: str
    items: list[str]
    opportunity: str
    topic: str
    question: str
    file: str


def tell(
    database: Database, actor: Actor, *, items: int = 12, events: int = 3, status: str = AnalysisStatus.COMPLETED
) -> Story:
    """Store a SAMPLE analysis with items (newest last), one topic, one opportunity, one ledger line and a timeline."""
    with database.write() as session:
        request = AnalysisRequest(
            question="What do people want?",
            sources=[SourceRequest(provider="reddit", query={"subreddit": "selfhosted"})],
        )
        analysis = Analysis(
            workspace_id=actor.workspace_id,
            requested_by=actor.reference,
            question=request.question,
            request=request.model_dump(mode="json"),
            status=AnalysisStatus(status),
            stage=Stage.REPORT,
            sample=True,
            cap_micros=500_000,
            spent_micros=1218,
            event_sequence=events,
            finished_at=WHEN,
        )
        session.add(analysis)
        session.flush()
        job = Job(
            workspace_id=actor.workspace_id,
            analysis_id=analysis.id,
            kind="collect",
            queue="collect",
            dedupe_key=f"{analysis.id}:collect:0",
            payload={"source": request.sources[0].model_dump(mode="json")},
            status=JobStatus.SUCCEEDED,
            provider="reddit",
            run_after=WHEN,
            done=items,
        )
        session.add(job)
        session.flush()
        rows = [_item(actor, analysis.id, job.id, number) for number in range(items)]
        topic = Topic(analysis_id=analysis.id, number=0, name="Sync", terms=["sync"], items=items, sentiment=-0.2)
        session.add_all([*rows, topic])
        session.flush()
        opportunity = _opportunity(session, actor, analysis.id, rows)
        _ledger_line(session, actor, analysis.id, job.id)
        for number in range(1, events + 1):
            add_event(session, analysis.id, number)
        question = _question(session, actor, analysis.id, rows)
        file = _file(session, actor, analysis.id)
        return Story(analysis.id, job.id, [row.id for row in rows], opportunity, topic.id, question, file)


def add_event(session: Session, analysis_id: str, sequence: int) -> None:
    """Append a line to the timeline."""
    session.add(
        JobEvent(analysis_id=analysis_id, sequence=sequence, kind="test.step", message=f"Step {sequence}.", data={})
    )


def _item(actor: Actor, analysis_id: str, job_id: str, number: int) -> Item:
    return Item(
        workspace_id=actor.workspace_id,
        analysis_id=analysis_id,
        job_id=job_id,
        provider="reddit",
        external_id=f"t1_{number}",
        kind="post" if number == 0 else "comment",
        thread_external_id="t1_0",
        parent_external_id=None if number == 0 else "t1_0",
        community="r/selfhosted",
        author=FORMULA if number == 1 else f"author{number}",
        title="Sync is slow" if number == 0 else None,
        text=f"I wish that sync number {number} were faster.",
        permalink=f"https://www.reddit.com/r/selfhosted/comments/0/_/{number}",
        content_sha256=f"{number:064x}",
        posted_at=WHEN + timedelta(minutes=number),
        cleaned=True,
        language="en",
        spam=number == 3,
        spam_reasons=["link farm"] if number == 3 else [],
        scored=number != 3,
        sentiment=None if number == 3 else -0.5,
        sentiment_label=None if number == 3 else "negative",
        intents=["request"],
        topic_number=0,
    )


def _opportunity(session: Session, actor: Actor, analysis_id: str, items: list[Item]) -> str:
    item = items[0]
    opportunity = Opportunity(
        workspace_id=actor.workspace_id,
        analysis_id=analysis_id,
        rank=1,
        title="Faster sync",
        summary="People wait for sync.",
        kind="request",
        score=82,
        score_low=76,
        score_high=88,
        confidence=0.7,
        engine="local",
        metrics={"urgency": {"value": 0.6, "weight": 0.3, "evidence": [item.id]}},
        topic_number=0,
        items=12,
        authors=12,
        threads=1,
    )
    session.add(opportunity)
    session.flush()
    session.add(
        Evidence(
            analysis_id=analysis_id,
            opportunity_id=opportunity.id,
            item_id=item.id,
            position=0,
            quote="I wish that sync number 0 were faster.",
            start=0,
            end=38,
            verified="verified",
        )
    )
    for position, supporter in enumerate(items[:3:2]):
        session.add(OpportunityItem(opportunity_id=opportunity.id, item_id=supporter.id, position=position))
    return opportunity.id


def _file(session: Session, actor: Actor, analysis_id: str) -> str:
    file = FileImport(
        workspace_id=actor.workspace_id,
        made_by=actor.reference,
        name=f"talk-{analysis_id}.csv",
        status=ImportStatus.READY,
        format="csv",
        encoding="UTF-8",
        columns=["text"],
        mapping={"text": "text"},
        ready_at=WHEN,
    )
    session.add(file)
    session.flush()
    return file.id


def _question(session: Session, actor: Actor, analysis_id: str, items: list[Item]) -> str:
    question = Question(
        workspace_id=actor.workspace_id,
        analysis_id=analysis_id,
        asked_by=actor.reference,
        text="What do people say about sync?",
        answer={"outcome": "answered", "items": 2, "listed": True},
        created_at=WHEN,
        answered_at=WHEN,
    )
    session.add(question)
    session.flush()
    session.add_all(QuestionItem(question_id=question.id, item_id=item.id) for item in items[:2])
    return question.id


def _ledger_line(session: Session, actor: Actor, analysis_id: str, job_id: str) -> None:
    facts: dict[str, Any] = {
        "analysis_id": analysis_id,
        "job_id": job_id,
        "step": "collect",
        "provider": "reddit",
        "unit": "request",
        "price_list": "2026-11",
        "unit_price_micros_per_million": 150_000,
    }
    reservation = Reservation(
        **facts, fence=1, ordinal=0, worst_quantity=9000, worst_case_micros=1350, status=ReservationStatus.SETTLED
    )
    session.add(reservation)
    session.flush()
    session.add(
        CostEntry(
            **facts,
            workspace_id=actor.workspace_id,
            reservation_id=reservation.id,
            quantity=8120,
            amount_micros=1218,
        )
    )


@dataclass
class Api:
    """Calls the API through its ASGI interface, with a key; None calls as nobody."""

    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request to `/api/v1` and return the whole answer."""

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=build_site())
            sent = {**self.headers, **options.pop("headers", {})}
            if self.key is not None:
                sent["authorization"] = f"Bearer {self.key}"
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000/api/v1") as client:
                return await client.request(method, path, headers=sent, **options)

        return asyncio.run(call())

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON at a path; the request must succeed."""
        answer = self("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


def api_for(database: Database, actor: Actor, **options: Any) -> Api:
    """Return a client with a fresh key of the actor's."""
    with database.write() as session:
        return Api(keys.create(session, actor, "test", **options).secret)


def fault(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem document of a refused request, after checking its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert len(problem["detail"]) > 10
    assert "\n" not in problem["detail"]
    return problem
