"""From what a person pastes to a source and its query."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.errors import InvalidInput
from app.services.contract import SourceRequest
from app.services.providers import SourceSetup, check_query
from integrations import registry

MAX_TEXT = 2000


def recognise(text: str) -> SourceRequest:
    """Return the source that a pasted link or a typed name means.

    Raises:
        InvalidInput: Nothing recognises it; the message suggests what to write.
    """
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise InvalidInput("That is too long for a link or a name; paste one at a time.", field="sources")
    found = registry.recognise(text) if text else None
    if found is None:
        raise InvalidInput(registry.suggest(text), field="sources")
    source_id, query = found
    return SourceRequest(provider=source_id, query=query.model_dump(mode="json", exclude_defaults=True))


def suggestions(text: str) -> list[str]:
    """Return what a text that is no place most likely means, each as a person would write it; often nothing."""
    return registry.suggestions(text)


def mixed(setups: Sequence[SourceSetup]) -> str:
    """Say why SAMPLE and real places are not analysed together, and what to do."""
    if any(setup.source.stored for setup in setups):
        return (
            "A file that you bring is real, and the other places here are SAMPLE, so counts of both would mean "
            "nothing; analyse the file by itself, or with places that have a key."
        )
    return "SAMPLE and real sources cannot be mixed in one analysis; ask twice."


def label(source: SourceRequest) -> str:
    """Return the source as a person would write it (`r/selfhosted`); its provider's id where that is not known here."""
    try:
        return check_query(source.provider, source.query).label()
    except InvalidInput:  # of a provider, or in a form, that has been taken away since
        return source.provider


def identity(source: SourceRequest) -> str:
    """Return what two sources share that mean the same place; they are asked for once."""
    try:
        return f"{source.provider}:{check_query(source.provider, source.query).identity()}"
    except InvalidInput:
        return source.provider
