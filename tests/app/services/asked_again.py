"""Analyses whose items went through the real stages, from the made-up talk of the sandbox (SAMPLE)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from app.core.db import Database
from app.core.ids import new_id
from app.models import Analysis, AnalysisStatus, Item
from app.services import analyses
from app.services.access import Actor
from app.services.contract import AnalysisRequest
from app.services.pipeline.clean import Cleaner
from app.services.pipeline.records import Record
from app.services.pipeline.score import score
from app.services.stages import cluster, report, synthesise
from integrations.sandbox.corpus import generate
from tests.app.services.synthesised import Turn
from tests.factories import MOMENT, wanted

Row = dict[str, Any]
"""One item as it is stored, without its ids."""


class Step(Turn):
    """A stage's work without its claim, also for stages that look at more of it."""

    def __init__(self, database: Database, actor: Actor, analysis_id: str) -> None:
        super().__init__(database, analysis_id)
        self.held = SimpleNamespace(
            analysis_id=analysis_id, total=None, workspace_id=actor.workspace_id, job_id=None, cursor=None, payload={}
        )


@cache
def _judged(scale: float, seed: int) -> tuple[Row, ...]:
    corpus = generate(seed=seed, scale=scale)
    made = [
        Record(
            id=item.external_id,
            text="\n\n".join(part for part in (item.title, item.text) if part),
            author=item.author,
            thread=item.thread_id,
            community=item.community,
            posted_at=MOMENT - timedelta(seconds=item.age_seconds),
            permalink=f"https://example.org/{item.external_id}",
            upvotes=item.score,
            is_post=item.is_post,
            removed=item.truth.removed is not None,
        )
        for item in corpus.items
    ]
    made.sort(key=lambda record: (record.posted_at, record.id))
    cleaned = {item.id: item for item in Cleaner().clean(made)}
    kept = [
        replace(record, language=cleaned[record.id].language)
        for record in made
        if not (cleaned[record.id].spam or cleaned[record.id].duplicate_of or record.removed)
    ]
    scored = {found.id: found for found in score(kept)}
    return tuple(_row(record, cleaned[record.id], scored.get(record.id)) for record in made)


def talk(scale: float = 0.03, *, seed: int = 41) -> list[Row]:
    """Return items that are cleaned and scored, the oldest first: about 24,000 at scale 1."""
    return [dict(row) for row in _judged(scale, seed)]


def reworded(row: Row, text: str) -> Row:
    """Return an item that was edited, and judged anew."""
    record = Record(
        row["external_id"], text, row["author"], "", "", row["posted_at"], "", 0, is_post=False, language="en"
    )
    (found,) = score([record])
    judged = {"sentiment": found.sentiment, "sentiment_label": found.label, "intents": list(found.intents)}
    return {**row, **judged, "title": None, "text": text, "content_sha256": _sha256(text)}


def analysed(
    database: Database,
    actor: Actor,
    rows: Sequence[Row],
    *,
    rerun_of: str | None = None,
    request: AnalysisRequest | None = None,
    asked_at: Any = MOMENT,
    sample: bool | None = None,
    status: AnalysisStatus = AnalysisStatus.COMPLETED,
) -> str:
    """Return the id of an analysis of these items, done to its end by the real stages."""
    with database.write() as session:
        analysis_id = analyses.request(session, actor, request or wanted(), rerun_of=rerun_of)
        analysis = session.get_one(Analysis, analysis_id)
        analysis.created_at = asked_at
        store(session, analysis, rows)
    stages(database, actor, analysis_id)
    with database.write() as session:
        analysis = session.get_one(Analysis, analysis_id)
        analysis.status, analysis.finished_at = status, asked_at + timedelta(minutes=3)
        analysis.sample = analysis.sample if sample is None else sample
        session.add(analysis)
    return analysis_id


def store(session: Session, analysis: Analysis, rows: Sequence[Row]) -> None:
    """Give an analysis its items."""
    ids = {row["external_id"]: new_id() for row in rows}
    session.flush()
    session.connection().execute(
        insert(Item),
        [
            {
                **row,
                "id": ids[row["external_id"]],
                "workspace_id": analysis.workspace_id,
                "analysis_id": analysis.id,
                "duplicate_of": ids.get(row["duplicate_of"]),
            }
            for row in rows
        ],
    )


def stages(database: Database, actor: Actor, analysis_id: str) -> None:
    """Find topics, opportunities and counts."""
    for stage in (cluster, synthesise, report):
        stage.run(Step(database, actor, analysis_id))  # type: ignore[arg-type]


def reading(database: Database) -> AbstractContextManager[Session]:
    """Return a session to read with."""
    return database.read()


def _row(record: Record, cleaned: Any, scored: Any) -> Row:
    title, _, text = record.text.rpartition("\n\n") if record.is_post else ("", "", record.text)
    return {
        "job_id": "job",
        "provider": "reddit",
        "external_id": record.id,
        "kind": "post" if record.is_post else "comment",
        "thread_external_id": record.thread,
        "parent_external_id": None,
        "community": record.community,
        "author": record.author,
        "author_key": record.author,
        "title": title or None,
        "text": text,
        "permalink": record.permalink,
        "upvotes": record.upvotes,
        "replies": 0,
        "removed": record.removed,
        "content_sha256": _sha256(record.text),
        "posted_at": record.posted_at,
        "collected_at": MOMENT,
        "cleaned": True,
        "language": cleaned.language,
        "spam": cleaned.spam,
        "spam_score": cleaned.spam_score,
        "spam_reasons": list(cleaned.spam_reasons),
        "duplicate_of": cleaned.duplicate_of,
        "scored": scored is not None,
        "sentiment": None if scored is None else scored.sentiment,
        "sentiment_label": None if scored is None or scored.label is None else scored.label.value,
        "intents": [] if scored is None else list(scored.intents),
        "intent_spans": [],
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
