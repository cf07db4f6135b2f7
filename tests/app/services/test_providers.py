from __future__ import annotations

import pytest

from app.core.errors import InvalidInput, SettingsError
from app.core.settings import settings
from app.services.providers import in_words_of, model_setup, sentiment_setup, source_setup
from integrations.contracts import TokenSource
from integrations.errors import Gone, Unreachable


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


def test_a_model_needs_a_key_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    found = model_setup()
    assert (found.id, found.label, found.sample) == ("openai", "OpenAI", False)
    assert found.problem == "OpenAI has no key; set ASTERISM_OPENAI_API_KEY."
    assert found.sandbox, "chosen by name it could answer"


def test_a_model_with_a_key_is_real_beside_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, OPENAI_API_KEY="sk-made-up", OPENAI_MODEL="gpt-x", OPENAI_API="chat")
    found = model_setup()
    assert found.problem is None
    assert not found.sample
    assert found.config.model == "gpt-x"
    assert found.token_source is TokenSource.MASTER_API_KEY
    assert "sk-made-up" not in repr(found)


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, OPENAI_BASE_URL="http://127.0.0.1:11434/v1/")
    found = model_setup()
    assert found.problem is None
    assert found.config.base_url == "http://127.0.0.1:11434/v1"
    assert found.token_source is TokenSource.ANONYMOUS


def test_the_made_up_model_answers_only_when_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, OPENAI_API_KEY="sk-made-up", OPENAI_BASE_URL="https://models.example/v7")
    found = model_setup(sample=True)
    assert found.sample
    assert found.problem is None
    assert found.config.base_url == "http://127.0.0.1:9/openai/v1"
    assert found.config.api_key.get_secret_value() == "sandbox"
    assert found.label == "OpenAI (SAMPLE)"
    assert found.token_source is TokenSource.SAMPLE


@pytest.mark.parametrize("values", [{"SANDBOX": "off"}, {"SANDBOX_URL": ""}], ids=["off", "not running"])
def test_without_a_sandbox_there_is_no_made_up_model(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    given(monkeypatch, **values)
    assert "asterism run" in model_setup(sample=True).problem
    assert not model_setup().sandbox


def test_no_money_is_spent_while_the_sandbox_stands_in_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SANDBOX="on", OPENAI_API_KEY="sk-made-up")
    assert "ASTERISM_SANDBOX=on" in model_setup().problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API", "telepathy"),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("OPENAI_BASE_URL", "https://user:pass@host/v1"),
        ("OPENAI_REQUESTS_PER_MINUTE", "many"),
    ],
)
def test_a_wrong_setting_of_a_model_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    given(monkeypatch, **{name: value})
    with pytest.raises(SettingsError, match=f"ASTERISM_{name} is wrong"):
        model_setup()


def test_an_unknown_model_names_those_that_exist() -> None:
    with pytest.raises(InvalidInput, match=r"'oracle'; known ones: .*openai"):
        model_setup("oracle")


def test_a_sentiment_service_is_used_where_its_address_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentiment_setup().problem.endswith("set ASTERISM_SENTIMENT_URL.")
    given(monkeypatch, SENTIMENT_URL="http://127.0.0.1:7777/", SENTIMENT_API_KEY="key")
    found = sentiment_setup()
    assert found.problem is None
    assert found.config.url == "http://127.0.0.1:7777"
    assert sentiment_setup(sample=True).config.url == "http://127.0.0.1:9/sentiment"
    given(monkeypatch, SENTIMENT_URL="here")
    with pytest.raises(SettingsError, match="ASTERISM_SENTIMENT_URL is wrong"):
        sentiment_setup()


def test_what_a_stand_in_does_not_have_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Gone("There is no r/startups on Reddit.", provider="reddit", status=404)
    said = in_words_of(source_setup("reddit"), gone)
    assert isinstance(said, Gone)
    assert said.status == 404
    assert "SAMPLE stand-in for Reddit" in said.message
    assert "ASTERISM_REDDIT_CLIENT_ID" in said.message
    other = Unreachable("Reddit did not answer.", provider="reddit")
    assert in_words_of(source_setup("reddit"), other) is other
    given(monkeypatch, REDDIT_CLIENT_ID="id", REDDIT_CLIENT_SECRET="secret")
    assert in_words_of(source_setup("reddit"), gone) is gone
