"""What an analysis will take, as bands, before anything is spent. Talks to providers; holds no transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.core import edge
from app.core.errors import AppError
from app.core.money import price as amount
from app.services import engines, estimate_cache, time_range
from app.services.access import Actor
from app.services.contract import AnalysisRequest, Band, EstimateView, SourceRequest
from app.services.imports import shelf
from app.services.imports.shelf import WorkspaceShelf
from app.services.model_estimates import model_band
from app.services.prices import PRICE_LIST, price
from app.services.providers import SourceSetup, check_query, in_words_of, usable_source
from app.services.quota import guard_for
from app.services.stages.collect import scope_of
from integrations import registry
from integrations.contracts import Scope, Volume
from integrations.errors import Gone, ProviderError

ITEMS_PER_SECOND = (600.0, 250.0, 80.0)
"""Collected, cleaned and scored items a second: at best, likely, at worst (docs/benchmarks.md)."""

FIXED_SECONDS = (3.0, 8.0, 20.0)
"""What each analysis takes whatever its size: queue, topics, opportunities, report."""


@dataclass(frozen=True, slots=True)
class _Measured:
    source: SourceRequest
    label: str
    setup: SourceSetup | None
    volume: Volume | None
    error: str | None
    gone: bool = False
    """Whether the provider said that there is no such place; it did not merely stay silent."""


async def estimate(actor: Actor, wanted: AnalysisRequest, *, seconds: float = 2.0) -> EstimateView:
    """Return the bands for a request. A source that does not answer in time is left out, and the estimate says so.

    What a source said is kept for some minutes (`estimate_cache`), so that typing on asks it once.

    Args:
        actor: Who asks: files are those of the actor's workspace.
        wanted: The request, not stored yet.
        seconds: How long a source may take to answer.

    Raises:
        InvalidInput: A source or its query is not one that we know, or a file cannot be analysed yet.
        NotFound: A file is not there.
    """
    wanted = await edge.read(shelf.settle, actor, wanted)
    scope = scope_of(wanted)
    queries = [check_query(source.provider, source.query) for source in wanted.sources]
    measured = await asyncio.gather(
        *(
            _measure(source, query.label(), scope, seconds, WorkspaceShelf(actor.workspace_id))
            for source, query in zip(wanted.sources, queries, strict=True)
        )
    )
    return combine(measured, wanted)


def combine(measured: list[_Measured], wanted: AnalysisRequest) -> EstimateView:
    """Add up what the sources said."""
    known = [(one.setup, one.volume) for one in measured if one.setup is not None and one.volume is not None]
    items = _sum([volume.items for _, volume in known])
    requests = _sum([volume.requests for _, volume in known])
    micros = _sum([_cost(setup, volume) for setup, volume in known])
    seconds = _seconds(items, [(setup, volume.requests) for setup, volume in known])
    assumptions = [f"Time range: {time_range.in_words(wanted.since, wanted.until)}."]
    assumptions += [f"{one.label}: {one.error}" for one in measured if one.error]
    assumptions += [f"{one.label}: {line}" for one in measured if one.volume for line in one.volume.assumptions]
    if wanted.max_items is not None:
        assumptions.append(f"You asked for at most {wanted.max_items:,} items.")
    sample = any(one.setup is not None and one.setup.sample for one in measured)
    model = engines.for_request(wanted.engine, sample=sample, cap_micros=wanted.max_cost_micros)
    if model is not None:
        added, lines = model_band(items, model, rescore=wanted.rescore)
        micros = _sum([micros, added])
        assumptions += lines
    else:
        assumptions.append("The local engine is free; prices are of the list of " + PRICE_LIST + ".")
        assumptions += _why_local(wanted)
    if sample:
        assumptions.append("SAMPLE: the sandbox answers, since these sources have no key here.")
    return EstimateView(
        items=items,
        requests=requests,
        minutes=(_whole_minutes(seconds[0]), _whole_minutes(seconds[1]), _whole_minutes(seconds[2])),
        seconds=seconds,
        micros=micros,
        assumptions=assumptions,
        sample=sample,
        sources=[
            {
                "provider": one.source.provider,
                "label": one.label,
                "title": one.volume.title if one.volume else "",
                "sample": one.setup.sample if one.setup else False,
                "error": one.error,
                "gone": one.gone,
                "items": list(one.volume.items) if one.volume else None,
            }
            for one in measured
        ],
    )


def _why_local(wanted: AnalysisRequest) -> list[str]:
    """Say why the engine auto is the local one, where a model was set up but cannot be asked."""
    why = engines.why_no_model() if wanted.engine == "auto" else ""
    return [f"Auto is the local engine here: {why}"] if "price" in why else []


async def _measure(source: SourceRequest, label: str, scope: Scope, seconds: float, own: WorkspaceShelf) -> _Measured:
    try:
        setup = usable_source(source.provider)
    except AppError as error:
        return _Measured(source, label, None, None, error.message)
    guard = guard_for(setup)
    query = check_query(source.provider, source.query)
    name = estimate_cache.key(setup, query, scope)
    try:
        async with (
            asyncio.timeout(seconds),
            registry.connect(setup.id, setup.config, guard=guard, total_seconds=seconds) as http,
        ):
            kept = None if setup.source.stored else await asyncio.to_thread(estimate_cache.find, name)
            volume = kept or await setup.open(http, own).measure(query, scope)
            if kept is None and not setup.source.stored:
                await asyncio.to_thread(estimate_cache.keep, name, volume)
    except TimeoutError:
        return _Measured(source, label, setup, None, f"{setup.label} did not answer within {seconds:g} s.")
    except ProviderError as error:
        return _Measured(source, label, setup, None, in_words_of(setup, error).message, gone=isinstance(error, Gone))
    return _Measured(source, label, setup, volume, None)


def _sum(bands: list[Band]) -> Band:
    return (sum(band[0] for band in bands), sum(band[1] for band in bands), sum(band[2] for band in bands))


def _cost(setup: SourceSetup, volume: Volume) -> Band:
    unit_price = price(setup.id, "request").micros_per_million
    low, likely, high = (amount(count, unit_price) for count in volume.requests)
    return low, likely, high


def _seconds(items: Band, requests: list[tuple[SourceSetup, Band]]) -> Band:
    """Return seconds: our own work, or the provider's rate limit where that is slower."""
    band = []
    for place in range(3):
        ours = items[place] / ITEMS_PER_SECOND[place] + FIXED_SECONDS[place]
        theirs = max(
            (
                60.0 * count[place] / _per_minute(setup)
                for setup, count in requests
                if count[place] > _per_minute(setup)
            ),
            default=0.0,
        )
        band.append(round(max(ours, theirs)))
    return band[0], band[1], band[2]


def _whole_minutes(seconds: int) -> int:
    return max(1, round(seconds / 60))


def _per_minute(setup: SourceSetup) -> int:
    return setup.config.requests_per_minute or setup.source.limits.requests_per_minute
