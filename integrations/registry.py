"""Finds the providers by scanning their folders: a file added is a provider added, a file deleted is one gone.

The rest of the product reaches providers only through here. A file is imported when its provider is first asked for.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable
from typing import cast

from pydantic import SecretStr

import integrations.ai
import integrations.sources
from integrations.contracts import Guard, ProviderConfig, Source, SourceQuery
from integrations.http import HttpClient
from integrations.language_model import LanguageModel

USER_AGENT = "python:asterism:0.1 (community research)"
"""Sent where a provider's settings name no other."""


LONGEST_SHOWN = 60
"""Characters of a text that a sentence about it repeats."""

_BARE_NAME = re.compile(r"[#/]?[A-Za-z0-9_]+(-[A-Za-z0-9_]+)?")
"""One word, or two with a hyphen between them: what a community may be called."""


class UnknownProvider(LookupError):
    """No provider has this id; the message names those that exist."""


@functools.cache
def source_ids() -> tuple[str, ...]:
    """Return the ids of all sources, sorted; imports none of them."""
    return _names_in(integrations.sources.__path__)


def sources() -> dict[str, type[Source]]:
    """Return every source by its id."""
    return {name: source(name) for name in source_ids()}


@functools.cache
def source(source_id: str) -> type[Source]:
    """Return the source with this id. Raises `UnknownProvider`."""
    if source_id not in source_ids():
        raise UnknownProvider(f"There is no source {source_id!r}; known sources: {', '.join(source_ids())}.")
    return cast("type[Source]", _class_in(f"integrations.sources.{source_id}", source_id))


@functools.cache
def model_ids() -> tuple[str, ...]:
    """Return the ids of all language models, sorted; imports none of them."""
    return _names_in(integrations.ai.__path__)


def models() -> dict[str, type[LanguageModel]]:
    """Return every language model by its id."""
    return {name: model(name) for name in model_ids()}


@functools.cache
def model(model_id: str) -> type[LanguageModel]:
    """Return the language model with this id. Raises `UnknownProvider`."""
    if model_id not in model_ids():
        raise UnknownProvider(f"There is no language model {model_id!r}; known ones: {', '.join(model_ids())}.")
    return cast("type[LanguageModel]", _class_in(f"integrations.ai.{model_id}", model_id))


def _names_in(folder: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folder) if not module.name.startswith("_")))


def _class_in(module_name: str, provider_id: str) -> type[object]:
    module = importlib.import_module(module_name)
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module_name and vars(value).get("id") == provider_id:
            return value
    raise UnknownProvider(f"The file of {provider_id!r} holds no class with that id.")


def recognise(text: str) -> tuple[str, SourceQuery] | None:
    """Return source id and query for a pasted link or a typed name; None when no source knows it."""
    for source_id, candidate in sources().items():
        query = candidate.recognise(text)
        if query is not None:
            return source_id, query
    return None


def suggest(text: str) -> str:
    """Return one sentence that says what to type instead of `text`, which no source recognised."""
    text = text.strip()
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    if not shown:
        return "Paste a link or a name, for example r/selfhosted, yt:@handle or hn:self hosted."
    for candidate in sources().values():
        if refusal := candidate.Query.refusal(text):
            return f"“{shown}” {refusal}"
    if _is_link(text):
        known = ", ".join(candidate.label for candidate in sources().values() if not candidate.stored)
        return f"“{shown}” is not a link that we can read yet; links of these work: {known}."
    unknown = f"“{shown}” is not a link or a name that we know"
    return f"{unknown}; {_instead(text)}"


def _instead(text: str) -> str:
    found = suggestions(text)
    if text.lower().startswith("file:"):
        return "bring a file at /imports, which then names it file:ID."
    if not found:
        return "write it like r/selfhosted, yt:@handle or hn:self hosted, or paste its link."
    return f"a search is written {' or '.join(found)}." if " " in text else f"did you mean {found[0]}?"


def suggestions(text: str) -> list[str]:
    """Return what `text`, which no source recognised, most likely means, each as one would write it; often nothing."""
    text = text.strip()
    if len(text) > LONGEST_SHOWN or _is_link(text) or text.lower().startswith("file:"):
        return []
    if text.startswith("@"):
        guesses = [f"yt:{text}"]
    elif " " in text:
        guesses = [f"hn:{text}", f"yt:{text}"]
    elif _BARE_NAME.fullmatch(text):  # most often the name of a community whose prefix was left out
        guesses = [f"r/{text.lstrip('#/').replace('-', '')}"]
    else:
        guesses = []
    return [guess for guess in guesses if recognise(guess) is not None]


def _is_link(text: str) -> bool:
    return "://" in text or text.lower().startswith("www.")


def connect(
    source_id: str,
    config: ProviderConfig,
    *,
    guard: Guard | None = None,
    total_seconds: float = 20.0,
    max_bytes: int = 8_000_000,
) -> HttpClient:
    """Return a client that may reach the addresses in `config` and keeps its secrets out of every error.

    Use it as `async with connect("reddit", config) as http: source("reddit")(config, http)`.
    """
    values = [(name, getattr(config, name)) for name in type(config).model_fields]
    return HttpClient(
        source_id,
        label=source(source_id).label,
        user_agent=str(getattr(config, "user_agent", "") or USER_AGENT),
        guard=guard,
        base_urls=[value for name, value in values if name.endswith("_url") and isinstance(value, str) and value],
        secrets=[value.get_secret_value() for _, value in values if isinstance(value, SecretStr)],
        total_seconds=total_seconds,
        max_bytes=max_bytes,
    )
