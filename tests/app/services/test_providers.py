from __future__ import annotations

import pytest

from app.core.settings import settings
from app.services.providers import source_setup
from integrations.contracts import TokenSource


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        if value:
            monkeypatch.setenv(f"ASTERISM_{name}", value)
        else:
            monkeypatch.delenv(f"ASTERISM_{name}")
    settings.cache_clear()


def test_a_keyless_source_joins_the_sandbox_while_no_source_has_a_key() -> None:
    found = source_setup("hackernews")
    assert found.sample
    assert found.problem is None
    assert found.config.base_url == "http://127.0.0.1:9/hackernews/api/v1"
    assert found.token_source is TokenSource.SAMPLE


@pytest.mark.parametrize(
    "values",
    [
        {"YOUTUBE_API_KEY": "key"},
        {"HACKERNEWS_BASE_URL": "https://hn.algolia.com/api/v1"},
        {"SANDBOX": "off"},
        {"SANDBOX_URL": ""},
    ],
    ids=["another has a key", "its address is named", "no sandbox wanted", "no sandbox runs"],
)
def test_a_keyless_source_is_real_with_the_others(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    given(monkeypatch, **values)
    found = source_setup("hackernews")
    assert not found.sample
    assert found.problem is None
    assert found.config.base_url == "https://hn.algolia.com/api/v1"
    assert found.token_source is TokenSource.ANONYMOUS


def test_the_sandbox_stands_in_for_all_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SANDBOX="on", YOUTUBE_API_KEY="key")
    assert source_setup("hackernews").sample
    found = source_setup("youtube")
    assert found.sample
    assert found.config.base_url == "http://127.0.0.1:9/youtube/youtube/v3"
    assert found.config.api_key.get_secret_value() == "sandbox"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("youtube", "set ASTERISM_YOUTUBE_API_KEY."),
        ("reddit", "set ASTERISM_REDDIT_CLIENT_ID and ASTERISM_REDDIT_CLIENT_SECRET."),
    ],
)
def test_a_source_without_its_key_names_the_settings(monkeypatch: pytest.MonkeyPatch, source: str, names: str) -> None:
    given(monkeypatch, SANDBOX="off")
    assert source_setup(source).problem.endswith(names)
