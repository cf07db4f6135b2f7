"""An analysis whose opportunities were found by the real stage: SAMPLE talk about letters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from sqlmodel import Session

from app.core.db import Database
from app.models import Analysis, Topic
from app.services.access import Actor
from app.services.pipeline.intents import intents
from app.services.stages import synthesise
from tests.app.services.pipeline.test_synthesise import talk
from tests.factories import ask, item


class Turn:
    """A stage's work without its claim."""

    def __init__(self, database: Database, analysis_id: str) -> None:
        self.held = SimpleNamespace(analysis_id=analysis_id, total=None)
        self.database = self._database = database

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._database.read() as session:
            yield session

    @contextmanager
    def finish(self, **values: object) -> Iterator[tuple[Session, Analysis]]:
        with self._database.write() as session:
            yield session, session.get_one(Analysis, self.held.analysis_id)


def synthesised(database: Database, actor: Actor, *, count: int = 45) -> str:
    """Return the id of an analysis with `count` items and what the stage found in them."""
    with database.write() as session:
        analysis = ask(session, actor)
        seed(session, analysis, count=count)
        analysis_id = analysis.id
    run(database, analysis_id)
    return analysis_id


def seed(session: Session, analysis: Analysis, *, count: int = 45) -> None:
    """Give an analysis `count` items of one topic, as `cluster` leaves them."""
    records, topics = talk(count)
    for number, record in enumerate(records):
        session.add(
            item(
                analysis,
                number,
                text=record.text,
                author=record.author,
                thread_external_id=record.thread,
                content_sha256=hashlib.sha256(record.text.encode()).hexdigest(),
                scored=True,
                sentiment=record.sentiment or 0.0,
                sentiment_label="neutral",
                intents=list(intents(record.text, None)),
                topic_number=0,
                topic_rank=number,
            )
        )
    topic = topics[0]
    session.add(Topic(analysis_id=analysis.id, number=0, name=topic.name, terms=list(topic.terms), items=len(records)))


def run(database: Database, analysis_id: str) -> None:
    """Run the stage once more."""
    synthesise.run(Turn(database, analysis_id))  # type: ignore[arg-type]
