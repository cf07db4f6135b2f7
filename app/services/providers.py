"""Providers as this installation has them set up: with keys, or answered by the local sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from app.core.errors import InvalidInput, SettingsError, Unavailable
from app.core.settings import PREFIX, SandboxMode, Settings, provider_values, settings
from integrations import registry
from integrations.contracts import AuthMethod, ProviderConfig, Shelf, Source, SourceQuery, TokenSource
from integrations.errors import Gone, ProviderError
from integrations.http import HttpClient
from integrations.language_model import LanguageModel
from integrations.sentiment.http import SentimentConfig, SentimentService

SANDBOX_REQUESTS_PER_MINUTE = 60_000
"""The stand-in is ours and local; its own answers still carry limits that the adapter honours."""


@dataclass(frozen=True, slots=True)
class SourceSetup:
    """One source and how its calls are made here."""

    id: str
    label: str
    source: type[Source]
    config: ProviderConfig
    sample: bool
    """True when the sandbox answers: everything that comes back is SAMPLE."""
    problem: str | None = None
    """Why it cannot be used now, as a sentence; None when it can."""

    @property
    def token_source(self) -> TokenSource:
        """Whose credentials its calls use."""
        if self.sample:
            return TokenSource.SAMPLE
        if self.source.stored:
            return TokenSource.OWN_DATA
        return TokenSource.ANONYMOUS if self.source.auth is AuthMethod.NONE else TokenSource.MASTER_API_KEY

    def open(self, http: HttpClient, shelf: Shelf) -> Source:
        """Return the source, ready to be read: over the network, or from what the workspace has brought itself."""
        return self.source(self.config, shelf if self.source.stored else http)


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """One language model and how its calls are made here."""

    id: str
    label: str
    model: type[LanguageModel]
    config: ProviderConfig
    sample: bool
    """True when the sandbox answers: a made-up model that costs nothing."""
    problem: str | None = None
    """Why it cannot be used now, as a sentence; None when it can."""
    sandbox: bool = False
    """Whether the sandbox's model could answer, which it does only when it is chosen by name."""

    @property
    def token_source(self) -> TokenSource:
        """Whose credentials its calls use."""
        if self.sample:
            return TokenSource.SAMPLE
        key = getattr(self.config, "api_key", None)
        has_key = isinstance(key, SecretStr) and bool(key.get_secret_value())
        return TokenSource.MASTER_API_KEY if has_key else TokenSource.ANONYMOUS


@dataclass(frozen=True, slots=True)
class SentimentSetup:
    """The sentiment service and how its calls are made here."""

    config: SentimentConfig
    problem: str | None = None
    """Why it cannot be used now, as a sentence; None when it can."""


def source_setup(source_id: str) -> SourceSetup:
    """Return how a source is set up here.

    Raises:
        InvalidInput: No source has this id.
        SettingsError: One of its settings is wrong.
    """
    source = _source(source_id)
    current = settings()
    config = _config(source_id, source)
    ready = source.ready(config)
    if source.stored:  # what somebody brings is real, whatever else answers here
        return SourceSetup(source_id, source.label, source, config, sample=False)
    if current.sandbox is SandboxMode.ON or (
        current.sandbox is SandboxMode.AUTO and (not ready or _joins_the_sandbox(source_id, source, current))
    ):
        if current.sandbox_url is None:
            return SourceSetup(
                source_id,
                source.label,
                source,
                config,
                sample=True,
                problem=f"The sandbox for {source.label} is not running; start everything with `asterism run`.",
            )
        return SourceSetup(source_id, source.label, source, _sandboxed(source_id, config, current), sample=True)
    problem = None if ready else f"{source.label} has no key; set {_key_settings(source_id, source)}."
    return SourceSetup(source_id, source.label, source, config, sample=False, problem=problem)


def usable_source(source_id: str) -> SourceSetup:
    """Return the setup of a source that can be called now.

    Raises:
        Unavailable: It cannot; the message says why and what to do.
    """
    setup = source_setup(source_id)
    if setup.problem:
        raise Unavailable(setup.problem)
    return setup


def in_words_of(setup: SourceSetup, error: ProviderError) -> ProviderError:
    """Return an error as a person should read it: what a stand-in does not have may well exist.

    Args:
        setup: How the source was set up when it was asked.
        error: What came of it.
    """
    if not setup.sample or not isinstance(error, Gone):
        return error
    keys = _key_settings(setup.id, setup.source)
    real = f"Set {keys} to ask the real one" if keys else "Set a key of another source to ask the real ones"
    sentence = f"The SAMPLE stand-in for {setup.label} does not have this; docs/sandbox.md lists what it has. {real}."
    return Gone(sentence, provider=error.provider, status=error.status, sample=error.sample)


def source_setups() -> list[SourceSetup]:
    """Return every source, in the order of their labels."""
    return sorted((source_setup(source_id) for source_id in registry.source_ids()), key=lambda setup: setup.label)


def model_setup(model_id: str = "openai", *, sample: bool = False) -> ModelSetup:
    """Return how a language model is set up here: the real one, or the sandbox's when it is chosen by name.

    Raises:
        InvalidInput: No model has this id.
        SettingsError: One of its settings is wrong.
    """
    try:
        model = registry.model(model_id)
    except LookupError as error:
        raise InvalidInput(str(error), field="engine") from error
    current = settings()
    config = _config(model_id, model)
    runs = current.sandbox_url is not None and current.sandbox is not SandboxMode.OFF
    if sample:
        # The made-up model has the settings of none: the address and the key of a real one must not reach it.
        config = _sandboxed(model_id, model.Config.model_validate({}), current)
        label = f"{model.label} (SAMPLE)"
        problem = None if runs else "The SAMPLE model is not running; start everything with `asterism run`."
        return ModelSetup(model_id, label, model, config, sample=True, problem=problem, sandbox=runs)
    problem = None
    if current.sandbox is SandboxMode.ON:
        problem = f"{model.label} is not called while the sandbox stands in for all providers (ASTERISM_SANDBOX=on)."
    elif not model.ready(config):
        problem = f"{model.label} has no key; set {PREFIX}{model_id.upper()}_API_KEY."
    return ModelSetup(model_id, model.label, model, config, sample=False, problem=problem, sandbox=runs)


def sentiment_setup(*, sample: bool = False) -> SentimentSetup:
    """Return how the sentiment service is set up here: one's own, or the sandbox's when it is chosen by name.

    Raises:
        SettingsError: One of its settings is wrong.
    """
    current = settings()
    if sample:
        if current.sandbox_url is None or current.sandbox is SandboxMode.OFF:
            return SentimentSetup(SentimentConfig(), "The SAMPLE sentiment service is not running.")
        address = f"{current.sandbox_url.rstrip('/')}/{SentimentService.id}"
        return SentimentSetup(SentimentConfig(url=address, requests_per_minute=SANDBOX_REQUESTS_PER_MINUTE))
    try:
        config = SentimentConfig.model_validate(provider_values(SentimentService.id))
    except ValidationError as error:
        raise _wrong(SentimentService.id, error) from error
    problem = None if SentimentService.ready(config) else f"There is no sentiment service; set {PREFIX}SENTIMENT_URL."
    return SentimentSetup(config, problem)


def check_query(source_id: str, query: dict[str, Any]) -> SourceQuery:
    """Return the query as its source understands it.

    Raises:
        InvalidInput: The provider is unknown or the query is not one that it takes.
    """
    source = _source(source_id)
    try:
        return source.Query.model_validate(query)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InvalidInput(f"{source.label}: {where + ': ' if where else ''}{reason}.", field="sources") from error


def _source(source_id: str) -> type[Source]:
    try:
        return registry.source(source_id)
    except LookupError as error:
        raise InvalidInput(str(error), field="sources") from error


def _config(provider_id: str, provider: type[Source | LanguageModel]) -> ProviderConfig:
    try:
        return provider.Config.model_validate(provider_values(provider_id))
    except ValidationError as error:
        raise _wrong(provider_id, error) from error


def _wrong(provider_id: str, error: ValidationError) -> SettingsError:
    first = error.errors()[0]
    name = f"{PREFIX}{provider_id}_{first['loc'][0]}".upper()
    reason = first["msg"].removeprefix("Value error, ").rstrip(".")
    return SettingsError(f"{name} is wrong: {reason}. Correct it or remove it.")


def _joins_the_sandbox(source_id: str, source: type[Source], current: Settings) -> bool:
    """Tell whether a source that needs no key is stood in for, in mode auto.

    An analysis never mixes sample and real items, so such a source goes with the others: to the sandbox where one runs
    and no source has a key here. Naming its address (`ASTERISM_HACKERNEWS_BASE_URL`) makes it real in any case.
    """
    if source.auth is not AuthMethod.NONE or current.sandbox_url is None or provider_values(source_id).get("base_url"):
        return False
    others = ((name, other) for name, other in registry.sources().items() if other.auth is not AuthMethod.NONE)
    return not any(other.ready(_config(name, other)) for name, other in others)


def _key_settings(source_id: str, source: type[Source]) -> str:
    """Return the names of the settings that hold a source's keys, as a sentence goes on with them."""
    keys = [name for name in source.Config.model_fields if name.startswith(("client_", "api_key"))]
    return " and ".join(f"{PREFIX}{source_id}_{name}".upper() for name in keys)


def _sandboxed(source_id: str, config: ProviderConfig, current: Settings) -> ProviderConfig:
    """Point every address of the configuration at the sandbox, which mounts each remote under its id."""
    root = f"{(current.sandbox_url or '').rstrip('/')}/{source_id}"
    values: dict[str, Any] = {"requests_per_minute": SANDBOX_REQUESTS_PER_MINUTE}
    for name in type(config).model_fields:
        value = getattr(config, name)
        if name.endswith("_url") and isinstance(value, str):
            values[name] = root + urlsplit(value).path.rstrip("/")
        elif name.startswith(("client_", "api_key")):
            values[name] = SecretStr("sandbox") if isinstance(value, SecretStr) else "sandbox"
    return config.model_copy(update=values)
