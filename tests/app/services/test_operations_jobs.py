"""Which jobs of the installation each list shows, and what it looks at."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import event as sql_event
from sqlmodel import col, select

from app.core.db import Database
from app.models import Analysis, Job, JobStatus, OperatorRole
from app.services import operations_jobs
from app.services.access import Actor
from tests import factories
from tests.app.services.operated import as_operator, job, stored


@pytest.mark.parametrize(
    ("state", "count"),
    [("open", 3), ("waiting", 2), ("running", 1), ("stuck", 1), ("dead", 1), ("finished", 3), ("all", 7)],
)
def test_jobs_are_listed_by_where_they_stand(
    database: Database, workspace_actor: Actor, other_actor: Actor, state: str, count: int
) -> None:
    stored(database, workspace_actor)
    operator = as_operator(other_actor, OperatorRole.READ)
    seen: list[str] = []
    cursor = None
    with database.read() as session:
        while True:
            page = operations_jobs.jobs(session, operator, state=state, cursor=cursor, limit=2)
            seen += [row.id for row in page.rows]
            assert all(row.workspace == "Observatory" and row.question for row in page.rows)
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == count
    assert seen == sorted(seen, reverse=True)


def test_one_job_of_a_provider_that_is_gone_hides_no_other(database: Database, workspace_actor: Actor) -> None:
    with database.write() as session:
        analysis = factories.ask(session, workspace_actor)
        session.flush()
        gone = job(session, analysis, 7)
        gone.payload = {"source": {"provider": "myspace", "query": {}}}
        session.flush()
    with database.read() as session:
        shown = operations_jobs.jobs(session, as_operator(workspace_actor)).rows
    assert {row.label for row in shown} == {"Collect myspace", "Collect r/selfhosted"}


@pytest.mark.parametrize("queue", [None, "collect", "ai", "publish"])
@pytest.mark.parametrize("state", get_args(operations_jobs.States))
def test_a_filter_shows_exactly_what_it_says_page_by_page(
    database: Database, workspace_actor: Actor, state: operations_jobs.States, queue: str | None
) -> None:
    stored(database, workspace_actor)
    with database.write() as session:
        analysis = session.exec(select(Analysis)).first()
        for number, status in enumerate(list(JobStatus) * 2, start=10):
            row = job(session, analysis, number)
            row.status, row.queue = status, ("collect", "ai")[number % 2]
    with database.read() as session:
        everything = session.exec(select(Job).order_by(col(Job.id).desc())).all()
        shown: list[str] = []
        cursor = None
        while True:
            page = operations_jobs.jobs(
                session, as_operator(workspace_actor), state=state, queue=queue, cursor=cursor, limit=3
            )
            shown += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    statuses = operations_jobs.statuses_of(state) or tuple(JobStatus)
    assert shown == [one.id for one in everything if one.status in statuses and queue in {None, one.queue}]


@pytest.mark.parametrize("queue", [None, "publish"])
@pytest.mark.parametrize("state", ["open", "running", "dead", "stuck"])
def test_no_list_looks_at_what_it_does_not_show(
    sqlite_database: Database, workspace_actor: Actor, state: operations_jobs.States, queue: str | None
) -> None:
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        asked.append((statement, parameters))

    sql_event.listen(sqlite_database.reader, "before_cursor_execute", note)
    with sqlite_database.read() as session:
        operations_jobs.jobs(session, as_operator(workspace_actor), state=state, queue=queue)
    sql_event.remove(sqlite_database.reader, "before_cursor_execute", note)
    with sqlite_database.reader.connect() as connection:
        plans = [
            row[-1]
            for statement, parameters in asked
            if "FROM job" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    index = "ix_job_not_ended" if queue is None else "ix_job_not_ended_queue"
    found = [line for line in plans if " job " in line]
    assert any(f"{index} (" in line for line in found)
    assert not [line for line in found if line.startswith("SCAN job")]
