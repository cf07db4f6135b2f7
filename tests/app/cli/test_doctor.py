from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.examination.checks import Finding, State, examine
from app.core.db import Database
from app.core.settings import settings
from tests.app.cli.command import run


def found() -> dict[str, Finding]:
    return {finding.name: finding for finding in examine()}


def test_an_empty_folder_is_off_and_not_broken(data_folder: Path) -> None:
    findings = found()
    assert findings["python"].state is State.OK
    assert {findings[name].state for name in ("database", "broker", "workers", "scheduler", "pages")} == {State.OFF}
    assert "asterism run" in findings["database"].remedy


def test_a_migrated_database_without_workers_says_that_jobs_wait(sqlite_database: Database) -> None:
    findings = found()
    assert findings["database"].state is State.OK
    assert findings["workers"].state is State.OFF
    assert "jobs wait" in findings["workers"].why


def test_a_misspelt_setting_is_broken_and_named(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTERISM_REDDIT_CLINT_ID", "abc")
    finding = found()["settings"]
    assert finding.state is State.BROKEN
    assert "ASTERISM_REDDIT_CLINT_ID" in finding.why


def test_an_unreachable_broker_of_our_own_choice_is_broken(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTERISM_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    assert found()["broker"].state is State.BROKEN


def test_a_wrong_setting_is_a_finding_too(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTERISM_SANDBOX", "perhaps")
    settings.cache_clear()
    assert "ASTERISM_SANDBOX" in found()["settings"].why


def test_json_tells_what_to_do(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    ran = run(capfd, "doctor", "--json")
    assert (ran.code, ran.err) == (1, "")
    body = json.loads(ran.out)
    assert body["ok"] is False
    sandbox = next(check for check in body["checks"] if check["name"] == "sandbox")
    assert sandbox["state"] == "broken"
    assert sandbox["do"] == "Start it: `asterism sandbox`."


def test_a_model_is_off_without_a_key_or_a_price_and_its_settings_are_known(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "set ASTERISM_OPENAI_API_KEY. Until then the local engine" in found()["openai"].why
    monkeypatch.setenv("ASTERISM_OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")
    monkeypatch.setenv("ASTERISM_OPENAI_MODEL", "small-model")
    finding = found()["openai"]
    assert finding.state is State.OFF
    assert "ASTERISM_OPENAI_INPUT_PRICE" in finding.why
    monkeypatch.setenv("ASTERISM_OPENAI_INPUT_PRICE", "0")
    monkeypatch.setenv("ASTERISM_OPENAI_OUTPUT_PRICE", "0")
    findings = found()
    assert findings["settings"].state is State.OK
    assert findings["openai"].state is State.OK
    assert "small-model at 127.0.0.1:11434" in findings["openai"].why


def test_a_sentiment_service_is_named_by_its_address(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found()["sentiment"].state is State.OFF
    monkeypatch.setenv("ASTERISM_SENTIMENT_URL", "http://127.0.0.1:7777")
    assert "127.0.0.1:7777" in found()["sentiment"].why
    monkeypatch.setenv("ASTERISM_SENTIMENT_URL", "somewhere")
    assert found()["sentiment"].state is State.BROKEN
