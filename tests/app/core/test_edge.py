"""What the web edge says when the database refuses."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.core import edge
from app.core.db import Database
from app.core.errors import InvalidInput
from app.models import Job

pytestmark = pytest.mark.anyio


def _jobs_of(session: Session, queue: str) -> int:
    return len(session.exec(select(Job).where(Job.queue == queue)).all())


@pytest.mark.usefixtures("postgresql_database")
async def test_a_character_that_no_text_has_is_the_senders_fault_and_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        await edge.read(_jobs_of, "collect\x00")
    assert refused.value.__cause__ is None
    assert "cannot be stored" in refused.value.message


async def test_where_the_database_takes_it_nothing_is_found(sqlite_database: Database) -> None:
    assert sqlite_database
    assert await edge.read(_jobs_of, "collect\x00") == 0
