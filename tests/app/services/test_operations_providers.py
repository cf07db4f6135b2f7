"""Operators see which providers are left alone, and ask one again."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.core import redis
from app.core.db import Database
from app.core.errors import NotFound, NotPermitted, Unavailable
from app.models import AuditEvent, OperatorRole
from app.services import breaker, operations_providers
from app.services.access import Actor
from app.services.breaker import Breaker, BreakerState
from app.services.operations_providers import ProviderRow
from integrations.errors import Unreachable
from tests.app.services.operated import as_operator

WHY = "Reddit answers with an error (503)."


def reddit(database: Database, actor: Actor) -> ProviderRow:
    with database.read() as session:
        return next(row for row in operations_providers.rows(session, actor) if row.provider == "reddit")


def fail(times: int = 5) -> None:
    one = Breaker("reddit", "Reddit")
    for _ in range(times):
        one.report(Unreachable(WHY, provider="reddit", status=503))


def test_a_provider_that_fails_is_shown_open_with_why_then_probing_then_closed(
    database: Database, workspace_actor: Actor, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = as_operator(workspace_actor, OperatorRole.READ)
    fail(4)
    assert reddit(database, operator).state is BreakerState.CLOSED
    fail(1)
    shown = reddit(database, operator)
    assert (shown.state, shown.why, shown.label) == (BreakerState.OPEN, WHY, "Reddit")
    assert shown.until is not None
    redis.connection().hset("asterism:breaker:reddit", "open_until", str(shown.until.timestamp() - 3600))
    for _ in range(2):  # looking takes no probe
        assert (reddit(database, operator).state, reddit(database, operator).until) == (BreakerState.PROBING, None)
    Breaker("reddit", "Reddit").admit()
    Breaker("reddit", "Reddit").report(None)
    assert reddit(database, operator).state is BreakerState.CLOSED


def test_who_steers_closes_it_for_all_and_it_is_audited(
    database: Database, workspace_actor: Actor, valkey: str
) -> None:
    operator = as_operator(workspace_actor)
    fail()
    looking = as_operator(workspace_actor, OperatorRole.READ)
    with pytest.raises(NotPermitted):
        operations_providers.close(database, looking, "reddit")
    assert reddit(database, operator).state is BreakerState.OPEN
    operations_providers.close(database, operator, "reddit")
    assert reddit(database, operator).state is BreakerState.CLOSED
    Breaker("reddit", "Reddit").admit()
    with database.read() as session:
        event = session.exec(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("breaker:close", "reddit")


def test_every_provider_that_is_asked_is_named_once_and_files_are_not(
    sqlite_database: Database, workspace_actor: Actor, valkey: str
) -> None:
    with sqlite_database.read() as session:
        with pytest.raises(NotPermitted):
            operations_providers.rows(session, workspace_actor)
        names = [row.provider for row in operations_providers.rows(session, as_operator(workspace_actor))]
    assert {"reddit", "youtube", "openai"} <= set(names)
    assert len(names) == len(set(names))
    with pytest.raises(NotFound, match="no provider 'files'"):
        operations_providers.close(sqlite_database, as_operator(workspace_actor), "files")


def test_without_the_broker_it_says_that_nobody_knows(
    sqlite_database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch, data_folder
) -> None:
    monkeypatch.setenv("ASTERISM_REDIS_URL", f"unix://{data_folder}/nobody.sock?db=0")
    redis.settings.cache_clear()
    redis._connection.cache_clear()
    operator = as_operator(workspace_actor)
    with sqlite_database.read() as session, pytest.raises(Unavailable, match="nobody knows"):
        operations_providers.rows(session, operator)
    with pytest.raises(Unavailable):
        operations_providers.close(sqlite_database, operator, "reddit")
    with sqlite_database.read() as session:
        assert session.exec(select(AuditEvent)).all() == []


def test_a_long_reason_is_kept_short(valkey: str) -> None:
    for _ in range(5):
        Breaker("reddit", "Reddit").report(Unreachable("x" * 5000, provider="reddit"))
    assert len(breaker.standings(["reddit"])[0].why) == breaker.LONGEST_WHY
