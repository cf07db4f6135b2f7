"""The places that a person has pasted on the New analysis page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.core import edge
from app.core.errors import AppError, SettingsError
from app.services import providers, sources
from app.services.access import Actor
from app.services.contract import SourceRequest
from app.services.imports import library
from state.new_form import SourceFacts


@dataclass(frozen=True)
class SourceChip:
    """One pasted line: the place that it means, or why it means none."""

    text: str
    name: str
    provider: str
    source: str = ""
    """The provider's id."""
    identity: str = ""
    """What it shares with every other way to write the same place."""
    error: str = ""
    """Why it is no place that we can listen to: nothing recognises it, or its provider says that it is not there."""
    warning: str = ""
    """Why the provider could not say how much there is."""
    facts: str = ""
    sample: bool = False
    suggestions: list[str] = field(default_factory=list)
    """What a text that is no place most likely means."""


def chip_of(text: str) -> SourceChip:
    """Return the place that a pasted line means, or why it means none."""
    try:
        found = sources.recognise(text)
        setup = providers.source_setup(found.provider)
    except AppError as error:
        return SourceChip(
            text=text[:200],
            name=text[:80],
            provider="",
            error=error.message,
            suggestions=sources.suggestions(text),
        )
    except SettingsError as error:
        return SourceChip(text=text[:200], name=text[:80], provider="", error=str(error))
    return SourceChip(
        text=text,
        name=sources.label(found),
        identity=sources.identity(found),
        provider=setup.label,
        source=found.provider,
        sample=setup.sample,
        error=setup.problem or "",
    )


async def named(chip: SourceChip, actor: Actor) -> SourceChip:
    """Return the place with the name that the workspace gave it, where it is a file of its own."""
    if chip.error or chip.source != "file":
        return chip
    try:
        view = await edge.read(library.view, actor, sources.recognise(chip.text).query["id"])
    except AppError as error:
        return replace(chip, error=error.message)
    return replace(chip, name=view.name, error=view.problem or "")


def mixed_problem(chips: Sequence[SourceChip]) -> str:
    """Return why the places cannot be analysed together; empty when they can."""
    good = [chip for chip in chips if not chip.error]
    if len({chip.sample for chip in good}) < 2:
        return ""
    return sources.mixed([providers.source_setup(chip.source) for chip in good])


def chip_for(source: SourceRequest) -> SourceChip:
    """Return a place that an earlier analysis listened to; its text is how a person writes it."""
    try:
        name = providers.check_query(source.provider, source.query).label()
        setup = providers.source_setup(source.provider)
    except (AppError, SettingsError) as error:
        return SourceChip(text=source.provider, name=source.provider, provider="", error=str(error))
    return SourceChip(
        text=name,
        name=name,
        identity=sources.identity(source),
        provider=setup.label,
        source=source.provider,
        sample=setup.sample,
        error=setup.problem or "",
    )


def with_facts(chip: SourceChip, facts: SourceFacts | None) -> SourceChip:
    """Return the place with what its provider said about it."""
    if facts is None:
        return chip
    if facts.gone:
        return replace(chip, facts="", warning="", error=facts.error)
    return replace(chip, facts=facts.words, warning=facts.error)


def unreadable_problem(chips: Sequence[SourceChip]) -> str:
    """Return what to do about the places that are none; empty when all are."""
    number = sum(1 for chip in chips if chip.error)
    if number == 0:
        return ""
    places = "the place" if number == 1 else f"the {number} places"
    return f"Remove or correct {places} that cannot be read."
