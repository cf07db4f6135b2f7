"""The settings that the promises rest on are in force: asked of a running worker, server and connection."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from app.cli.supervisor import valkey as embedded
from app.core import db
from app.core import redis as bus
from app.core.db import Database
from app.core.settings import settings
from tests.chaos.world import World

pytestmark = pytest.mark.stack


def test_a_running_worker_is_set_as_the_promises_need_it(
    data_folder, sqlite_database: Database, workspace_actor, tally
):
    path = data_folder / "facts.json"
    with World(data_folder, workspace_actor, scale=0.1, tally=tally, line=True, changes={"facts": str(path)}) as world:
        world.until(path.exists, "the worker tells")
        world.until(lambda: path.read_text().endswith("}"), "the worker has told")
    facts = json.loads(path.read_text())
    assert facts["socket_timeout"] == 5, "without it a frozen broker is waited for without end"
    assert facts["socket_connect_timeout"] == 3
    assert facts["health_check_interval"] == 10
    assert facts["prefetch"] == 2, "one message for each place, none hoarded"
    assert facts["keeps_copies"] is False, "the database knows what is lost; copies made workers deaf"
    assert facts["hard_limit"] > facts["soft_limit"] > 120
    assert facts["keyprefix"] == "asterism:celery:"
    assert (facts["acks_late"], facts["reject_on_worker_lost"]) == (True, False)
    assert facts["tasks_per_child"] == 200
    assert facts["memory_per_child"] == 256_000
    assert facts["processes"] == 2
    assert facts["accept"] == ["application/json"], "whoever writes to the broker must not run code"
    assert facts["tasks"] == ["asterism.run_job"]
    assert facts["remote_control"] is False
    assert facts["backend"] == "DisabledBackend"
    assert facts["soft_shutdown_timeout"] > 0
    assert set(facts["queues"]) >= {"collect", "analyse", "ai", "publish", "billing", "notify", "upkeep"}


def test_connections_to_the_database_are_set_as_the_promises_need_them(database: Database):
    def told(engine, question: str) -> object:
        with engine.connect() as connection:
            return connection.exec_driver_sql(question).scalar_one()

    if database.is_sqlite:
        for engine in (database.writer, database.reader):
            assert told(engine, "PRAGMA journal_mode") == "wal"
            assert told(engine, "PRAGMA synchronous") == 2, "FULL: what is promised survives a power cut"
            assert told(engine, "PRAGMA foreign_keys") == 1
        assert told(database.reader, "PRAGMA busy_timeout") == 15_000
        assert (told(database.writer, "PRAGMA busy_timeout"), db.BUSY_SECONDS) == (0, 15), "it waits by itself"
        assert told(database.writer, "PRAGMA query_only") == 0
        assert told(database.reader, "PRAGMA query_only") == 1
        with database.writer.connect() as first, closing(sqlite3.connect(_file(database), timeout=0)) as second:
            first.exec_driver_sql("SELECT 1")  # a read, and yet the writer's lock is held from the start
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                second.execute("BEGIN IMMEDIATE")
    else:
        for engine in (database.writer, database.reader):
            assert told(engine, "SHOW statement_timeout") == "15s"
            assert told(engine, "SHOW lock_timeout") == "5s"
            assert told(engine, "SHOW idle_in_transaction_session_timeout") == "30s"
            assert told(engine, "SHOW timezone") == "UTC"
            assert engine.pool._pre_ping
            assert engine.pool.timeout() == 10
        assert told(database.reader, "SHOW default_transaction_read_only") == "on"
        with database.read() as session, pytest.raises(InternalError, match="read-only"):
            session.connection().execute(text("CREATE TABLE no (way int)"))


def _file(database: Database) -> str:
    return database.url.removeprefix("sqlite:///")


def test_the_embedded_broker_is_set_as_the_promises_need_it(data_folder):
    embedded.prepare(data_folder)
    server = subprocess.Popen(embedded.command(data_folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: embedded.answers(data_folder))
        with redis.Redis(unix_socket_path=str(embedded.socket_path(data_folder)), decode_responses=True) as client:
            told = {name: client.config_get(name)[name] for name in ("appendonly", "appendfsync", "maxmemory-policy")}
            memory = int(client.config_get("maxmemory")["maxmemory"])
            assert client.config_get("port") == {"port": "0"}, "nobody else on this host can reach it"
        assert told == {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        assert memory > 0
        assert embedded.socket_path(data_folder).stat().st_mode & 0o777 == 0o700
    finally:
        server.kill()
        server.wait(10)


def test_our_own_clients_of_the_bus_give_up_in_time(data_folder, valkey: str):
    told = bus.connection().connection_pool.connection_kwargs
    assert told["socket_timeout"] == told["socket_connect_timeout"] == 0.5
    assert bus.connection().get_retry()._retries == 0, "its own tries would hide an outage for ten seconds"
    assert db.database_url(settings()).startswith("sqlite:///")


def _until(condition: Callable[[], bool], seconds: float = 15) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
