"""Whether each provider is asked, or left alone because it failed again and again; and asking it again by hand."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlmodel import Session

from app.core.db import Database
from app.core.errors import NotFound, Unavailable
from app.services import audit, breaker
from app.services.access import Action, Actor, require
from app.services.breaker import Breaker, BreakerState
from app.services.contract.basics import Contract, Moment
from integrations import registry
from integrations.sentiment.http import SentimentService

AWAY = "The broker does not answer, so nobody knows which providers are left alone; try again in a moment."


class ProviderRow(Contract):
    """One provider and its circuit breaker."""

    provider: str
    label: str
    state: BreakerState
    """`closed`: it is asked. `open`: it is left alone. `probing`: the next call decides."""
    until: Moment | None
    """When it is asked again; None unless it is left alone."""
    why: str | None
    """The failure that opened the breaker last, as a sentence."""


def rows(session: Session, actor: Actor) -> list[ProviderRow]:
    """Return every provider that is asked over a network, by name.

    Raises:
        NotPermitted: The actor does not run this installation.
        Unavailable: The broker, which holds the breakers, does not answer.
    """
    del session
    require(actor, Action.OPERATIONS_READ)
    return standing()


def standing() -> list[ProviderRow]:
    """Return the same to the program itself. Raises `Unavailable`."""
    known = labels()
    try:
        found = breaker.standings(list(known))
    except RedisError as error:
        raise Unavailable(AWAY, retry_after=5) from error
    return [
        ProviderRow(provider=provider, label=label, state=one.state, until=one.until, why=one.why or None)
        for (provider, label), one in zip(known.items(), found, strict=True)
    ]


def close(database: Database, actor: Actor, provider: str) -> None:
    """Ask a provider again from now on; safe to repeat. Jobs that wait for it go on when their own wait is over.

    Raises:
        NotPermitted: The actor does not run this installation, or only looks.
        NotFound: There is no such provider.
        Unavailable: The broker, which holds the breakers, does not answer; nothing was changed.
    """
    require(actor, Action.OPERATIONS_STEER)
    known = labels()
    if provider not in known:
        raise NotFound(f"There is no provider {provider[:40]!r} that is asked; choose from {', '.join(known)}.")
    try:
        Breaker(provider, known[provider]).reset()
    except RedisError as error:
        raise Unavailable(AWAY, retry_after=5) from error
    with database.write() as session:
        audit.record(session, actor, "breaker:close", provider)


def labels() -> dict[str, str]:
    """Return what each provider that is asked is called, by its id, in the order of those words."""
    sources = {name: found.label for name, found in registry.sources().items() if not found.stored}
    models = {name: found.label for name, found in registry.models().items()}
    found = {**sources, **models, SentimentService.id: SentimentService.label}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))
