"""`asterism analyse` by REST, with its exit codes, and once with a stack of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from sqlmodel import select

from app.cli.asking import doors, show
from app.cli.asking import there as elsewhere
from app.cli.asking.wanted import Options, build, moment
from app.cli.supervisor.folder import only_one, prepare
from app.core import bus
from app.core.errors import InvalidInput
from app.core.settings import PREFIX, settings
from app.models import Analysis, AnalysisStatus, ApiKey
from app.services import analyses, keys, sessions
from app.services.contract import AnalysisView, SourceRequest
from integrations.errors import Unreachable
from tests.app.api.v1.story import tell
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = SourceRequest(provider="reddit", query={"subreddit": "selfhosted"})


@pytest.fixture
def there(data_folder, valkey, sqlite_database, monkeypatch):
    """Give `--url` and `--key` of an API whose Reddit is the sandbox; no worker runs."""
    monkeypatch.setenv("ASTERISM_SANDBOX", "on")
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with sqlite_database.write() as session:
        secret = keys.create(session, sessions.local_owner(session), "test").secret
    with api_server() as url:
        yield ("--url", url, "--key", secret)
    bus.courier().settle(5)


def end_as(database, status: str) -> threading.Thread:
    """Wait for an analysis to be asked for, then end it, as workers would."""

    def work() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with database.write() as session:
                row = session.exec(select(Analysis)).first()
                if row is not None:
                    row.status = AnalysisStatus(status)
                    row.error = None if status == "completed" else "It went wrong."
                    session.add(row)
                    return
            time.sleep(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("status", "code"),
    [("completed", 0), ("partial", 3), ("failed", 4), ("cancelled", 4), ("needs_choice", 5), ("needs_auth", 5)],
)
def test_it_waits_and_its_exit_code_says_how_it_ended(capfd, there, sqlite_database, status, code):
    worker = end_as(sqlite_database, status)
    ran = run(capfd, "analyse", "r/selfhosted", "--question", "What is missing?", "--json", *there)
    worker.join()
    assert ran.code == code, ran.err
    view = AnalysisView.model_validate(json.loads(ran.out))
    assert (view.status, view.request.question) == (status, "What is missing?")
    assert ("It went wrong." in ran.err) is (status != "completed")


def test_without_waiting_it_prints_the_id(capfd, there, sqlite_database):
    ran = run(capfd, "analyse", "r/selfhosted", "r/homelab", "--since", "30d", "--cap", "0.25", "--no-wait", *there)
    assert ran.code == 0, ran.err
    with sqlite_database.read() as session:
        row = session.exec(select(Analysis)).one()
    assert ran.out == f"{row.id}\n"
    assert row.cap_micros == 250_000
    assert [source["query"]["subreddit"] for source in row.request["sources"]] == ["selfhosted", "homelab"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("what is this",),
        ("r/selfhosted", "--cap", "much"),
        ("r/selfhosted", "--since", "yesterday"),
        ("r/selfhosted", "--since", "1d", "--until", "2d"),
        ("r/selfhosted", "--engine", "magic"),
        ("r/selfhosted", "--question", " "),
        ("r/selfhosted", "r/selfhosted"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(capfd, there, arguments):
    ran = run(capfd, "analyse", *arguments, *there)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_an_address_without_a_key_is_wrong_use(capfd, sqlite_database):
    ran = run(capfd, "analyse", "r/selfhosted", "--url", "http://127.0.0.1:9")
    assert ran.code == 2
    assert "keys create" in ran.err


def test_an_address_where_nobody_is_is_one_sentence(capfd, sqlite_database):
    ran = run(capfd, "analyse", "r/selfhosted", "--url", "http://127.0.0.1:9", "--key", "ast_x")
    assert ran.code == 5
    assert "cannot be reached" in ran.err
    assert "ast_x" not in ran.err


def test_not_to_wait_needs_something_that_runs(capfd, sqlite_database):
    ran = run(capfd, "analyse", "r/selfhosted", "--no-wait")
    assert ran.code == 2
    assert "asterism run" in ran.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12h", datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("30d", datetime(2026, 10, 23, 12, tzinfo=UTC)),
        ("4W", datetime(2026, 10, 25, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_moments_are_ages_or_dates(text, expected):
    assert moment(text, NOW, "since") == expected


@pytest.mark.parametrize("text", ["", "30", "d30", "99999y", "2026-13-01", "\u0661d"])
def test_other_moments_are_refused(text):
    with pytest.raises(InvalidInput) as caught:
        moment(text, NOW, "since")
    assert caught.value.field == "since"


def test_options_that_are_left_out_keep_the_contracts_defaults():
    request = build(Options(["r/selfhosted"], None, None, None, (), None, None, "auto"), [SOURCE], NOW)
    assert (request.question, request.max_cost_micros, request.since) == ("What do people want?", 500_000, None)


def test_a_person_reads_counts_opportunities_and_quotes(sqlite_database, workspace_actor):
    story = tell(sqlite_database, workspace_actor)
    with sqlite_database.read() as session:
        view = analyses.view(session, workspace_actor, story.analysis)
    console = Console(file=io.StringIO(), width=200)
    show.result(console, view)
    text = console.file.getvalue()
    for part in (
        "SAMPLE",
        "12 items collected",
        "that count",
        "1. Faster sync",
        "82 (76-88)",
        "“I wish that sync number 0 were faster.”",
        view.id,
        "SAMPLE: not on the web",
        "The local engine reads no question",
    ):
        assert part in text
    assert "https://" not in text
    show.result(console, view.model_copy(update={"sample": False}))
    assert "https://" in console.file.getvalue()


def test_foreign_words_are_no_markup(sqlite_database, workspace_actor):
    story = tell(sqlite_database, workspace_actor)
    with sqlite_database.read() as session:
        view = analyses.view(session, workspace_actor, story.analysis)
    [finding] = view.results.opportunities
    sly = finding.model_copy(update={"title": "[bold]x[/nothing] \x1b[31mred"})
    view = view.model_copy(update={"results": view.results.model_copy(update={"opportunities": [sly]})})
    console = Console(file=io.StringIO(), width=200)
    show.result(console, view)
    assert "[bold]x[/nothing]" in console.file.getvalue()
    assert "\x1b" not in console.file.getvalue()


def test_a_stack_that_answers_again_after_a_while_is_followed_on(there, sqlite_database, monkeypatch):
    monkeypatch.setattr(elsewhere, "polling_delay", lambda failures, busy: 0.01)
    with sqlite_database.write() as session:
        owner = sessions.local_owner(session)
    story = tell(sqlite_database, owner)

    async def main() -> list[AnalysisView]:
        async with elsewhere.There(there[1], there[3]) as place:
            look, fails = place._look, iter([True, True, False])

            async def shaky(identifier: str) -> AnalysisView:
                if next(fails):
                    raise Unreachable("away", provider="asterism")
                return await look(identifier)

            monkeypatch.setattr(place, "_look", shaky)
            return [view async for view in place.follow(story.analysis)]

    assert [view.status for view in asyncio.run(main())] == ["completed"]


def test_a_stack_that_runs_here_is_asked_through_its_own_door_when_only_it_knows_its_sandbox(
    there, data_folder, sqlite_database
):
    with data_folder_held(data_folder, there[1]):
        process = start(data_folder, "--no-wait", ASTERISM_SANDBOX="on", ASTERISM_REDIS_URL=settings().redis_url)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    with sqlite_database.read() as session:
        row = session.exec(select(Analysis)).one()
        of_the_moment = session.exec(select(ApiKey).where(ApiKey.name == doors.KEY_NAME)).one()
    assert out == f"{row.id}\n"
    assert of_the_moment.revoked_at is not None


def test_a_stack_whose_door_is_shut_is_told_in_one_sentence(sqlite_database, data_folder):
    with data_folder_held(data_folder, "http://127.0.0.1:9"):
        process = start(data_folder, "--no-wait", ASTERISM_SANDBOX="on")
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, "")
    assert len(err.splitlines()) == 1
    assert "does not answer" in err


@contextlib.contextmanager
def data_folder_held(folder: Path, url: str):
    prepare(folder)
    with only_one(folder, url):
        yield


@pytest.mark.stack
@pytest.mark.timeout(400)  # it starts everything, on a machine that may be busy with other tests
def test_with_nothing_running_it_brings_its_own_stack_and_leaves_nothing_behind(data_folder):
    process = start(data_folder, "--max-items", "100", "--json")
    out, err = process.communicate(timeout=360)
    assert process.returncode == 0, err
    view = AnalysisView.model_validate(json.loads(out))
    assert (view.status, view.sample) == ("completed", True)
    assert view.results.items > 0
    assert processes_of(data_folder) == []


@pytest.mark.stack
def test_ctrl_c_ends_it_and_its_stack(data_folder):
    process = start(data_folder)
    deadline = time.monotonic() + 60
    while not (data_folder / "logs" / "worker.log").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert processes_of(data_folder) == []


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "analyse", "r/selfhosted", *arguments],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            "ASTERISM_DATA_DIR": str(folder),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def processes_of(folder: Path) -> list[int]:
    """Return the processes that carry the data folder in their environment."""
    mark = f"ASTERISM_DATA_DIR={folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int(entry.name) != os.getpid() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
