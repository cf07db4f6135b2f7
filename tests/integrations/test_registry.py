from __future__ import annotations

import subprocess
import sys

import pytest

from integrations import registry
from integrations.contracts import AuthMethod, Limits, ProviderConfig, SourceQuery


def test_every_file_in_the_folder_is_a_source_that_states_its_facts() -> None:
    found = registry.sources()
    assert "reddit" in found
    assert list(found) == sorted(found)
    for source_id, source in found.items():
        assert source.id == source_id
        assert source.label
        assert source.noun
        assert isinstance(source.auth, AuthMethod)
        assert isinstance(source.limits, Limits)
        assert source.quota is None or source.quota.units_per_day > 0
        assert issubclass(source.Config, ProviderConfig)
        assert issubclass(source.Query, SourceQuery)
        assert source.stored or source.Config.model_validate({}).base_url.startswith("https://")
        for method in ("ready", "recognise", "pages", "parse", "measure"):
            assert callable(getattr(source, method))


def test_an_unknown_source_names_those_that_exist() -> None:
    with pytest.raises(registry.UnknownProvider, match=r"'cheese'; known sources: .*reddit"):
        registry.source("cheese")


@pytest.mark.parametrize("name", ["_reddit_query", "__init__", "../http", "", "os"])
def test_only_sources_can_be_asked_for(name) -> None:
    with pytest.raises(registry.UnknownProvider):
        registry.source(name)


def test_sources_are_imported_when_first_asked_for() -> None:
    code = (
        "import sys; from integrations import registry; assert 'reddit' in registry.source_ids();"
        "assert 'integrations.sources.reddit' not in sys.modules; registry.source('reddit');"
        "assert 'integrations.sources.reddit' in sys.modules; assert 'reflex' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_links_and_names_lead_to_their_source() -> None:
    source_id, query = registry.recognise("https://www.reddit.com/r/selfhosted/")
    assert source_id == "reddit"
    assert query.label() == "r/selfhosted"
    assert registry.recognise("nobody knows this") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("selfhosted", "did you mean r/selfhosted?"),
        ("self-hosted", "did you mean r/selfhosted?"),
        ("#selfhosted", "did you mean r/selfhosted?"),
        ("self hosted", "; a search is written hn:self hosted or yt:self hosted."),
        ("not a place at all!", "; a search is written hn:not a place at all! or yt:not a place at all!."),
        ("what/ever", "write it like r/selfhosted"),
        ("r/" + "a" * 22, "is too long: a subreddit's name has 3 to 21 letters, digits or underscores."),
        ("https://www.reddit.com/r/" + "a" * 30 + "/new", "is too long: a subreddit's name has 3 to 21 letters"),
        ("/r/a", "is too short: a subreddit's name has 3 to 21 letters"),
        ("r/self-hosted", "has a character that no subreddit has: a subreddit's name has"),
        ("@selfhosted", "did you mean yt:@selfhosted?"),
        ("https://example.com/x", "is not a link that we can read"),
        ("", "Paste a link"),
        ("ä", "write it like r/selfhosted"),
        ("x" * 5000, "write it like"),
    ],
)
def test_what_nobody_recognises_gets_a_suggestion(text, words) -> None:
    sentence = registry.suggest(text)
    assert words in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("selfhosted", ["r/selfhosted"]),
        ("@selfhosted", ["yt:@selfhosted"]),
        ("self hosted", ["hn:self hosted", "yt:self hosted"]),
        ("blah-blah-nothing", []),
        ("blah.blah?", []),
        ("r/" + "a" * 22, []),
        ("a" * 22, []),
        ("https://example.com/x", []),
        ("file:x", []),
        ("", []),
        ("word " * 20, []),
    ],
)
def test_only_what_looks_like_a_place_is_suggested_and_each_suggestion_is_one(text: str, found: list[str]) -> None:
    assert registry.suggestions(text) == found
    assert all(registry.recognise(each) is not None for each in found)


def test_a_client_made_from_settings_keeps_their_secrets() -> None:
    config = registry.source("reddit").Config.model_validate({"client_secret": "made-up-secret", "client_id": "x"})
    client = registry.connect("reddit", config)
    assert "made-up-secret" not in repr(client)
    assert client.label == "Reddit"


def test_every_file_of_a_model_states_its_facts() -> None:
    found = registry.models()
    assert tuple(found) == registry.model_ids() == tuple(sorted(found))
    assert "openai" in found
    for model_id, model in found.items():
        assert model.id == model_id
        assert model.label
        assert isinstance(model.auth, AuthMethod)
        assert isinstance(model.limits, Limits)
        assert issubclass(model.Config, ProviderConfig)
        assert {"api_key", "model", "base_url"} <= set(model.Config.model_fields)
        assert not model.ready(model.Config.model_validate({}))


@pytest.mark.parametrize("name", ["_openai_shapes", "__init__", "reddit", "", "os"])
def test_only_models_can_be_asked_for(name) -> None:
    with pytest.raises(registry.UnknownProvider, match=r"known ones: .*openai"):
        registry.model(name)


def test_the_sdk_is_loaded_by_the_first_call_alone() -> None:
    code = (
        "import sys; from integrations import registry; registry.model('openai');"
        "assert not {'openai', 'httpx2', 'reflex'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
