"""The map of an analysis: where its items stand, and which of them lie inside a line that somebody drew."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field
from sqlmodel import Session, col, select

from app.core.errors import InvalidInput
from app.core.paging import check_limit, decode_cursor, encode_cursor
from app.models import Item, Topic
from app.services.access import Action, Actor, require
from app.services.contract import Contract, ItemView
from app.services.items import item_view
from app.services.ownership import owned_analysis

if TYPE_CHECKING:
    from numpy.typing import NDArray

Vertex = tuple[float, float]

MAX_POINTS = 5_000
"""A browser draws this many as shapes without stutter; of more items every n-th is drawn."""
MAX_VERTICES = 200
MAX_SOURCES = 8
"""Sources that are told apart; smaller ones are "other"."""
OTHER = "other"
NO_TOPIC = -1


class MapTopic(Contract):
    """A topic and the middle of its disc."""

    number: int
    name: str
    items: int
    sentiment: float | None
    x: float
    y: float


class MapView(Contract):
    """The points of a map as arrays of one length, in one order."""

    ids: list[str] = Field(default_factory=list, description="Item ids.")
    x: list[float] = Field(default_factory=list, description="0 to 1, left to right.")
    y: list[float] = Field(default_factory=list, description="0 to 1, bottom to top.")
    topic: list[int] = Field(default_factory=list, description="Number of the topic; -1 for none.")
    sentiment: list[str | None] = Field(default_factory=list)
    source: list[int] = Field(default_factory=list, description="Place in `sources`.")
    sources: list[str] = Field(default_factory=list, description="Largest first.")
    topics: list[MapTopic] = Field(default_factory=list)
    items: int = Field(
        0, description="Items that stand on the map; more than there are points when only some are drawn."
    )


class Inside(Contract):
    """Items inside a polygon, newest first."""

    items: int = Field(description="All of them, also those that are not among the drawn points.")
    rows: list[ItemView]
    next_cursor: str | None


def points(session: Session, actor: Actor, analysis_id: str, limit: int = MAX_POINTS) -> MapView:
    """Return the map. Of more than `limit` items every n-th is given, in order of topic and of closeness to its middle.

    So each topic keeps its share of the points and its disc stays evenly filled, and the same items give the same
    points. Raises `NotFound`.
    """
    import numpy  # noqa: F401, ICN001, PLC0415 - who sees the map selects next, and must not wait for the loading then

    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    rows = session.execute(
        select(  # type: ignore[call-overload, misc]  # more columns than the overloads name
            Item.id,
            Item.map_x,
            Item.map_y,
            Item.topic_number,
            Item.topic_rank,
            Item.sentiment_label,
            Item.provider,
            Item.community,
        ).where(Item.analysis_id == analysis.id, col(Item.map_x).is_not(None), col(Item.map_y).is_not(None))
    ).all()
    ordered = sorted(rows, key=lambda row: (row[3] is None, row[3] or 0, row[4] or 0, row[0]))
    drawn = ordered
    if len(ordered) > limit:
        drawn = [ordered[place * len(ordered) // limit] for place in range(limit)]
    names = _source_names([(row[6], row[7]) for row in ordered])
    by_provider = len({row[6] for row in ordered}) > 1
    return MapView(
        ids=[row[0] for row in drawn],
        x=[row[1] for row in drawn],
        y=[row[2] for row in drawn],
        topic=[NO_TOPIC if row[3] is None else row[3] for row in drawn],
        sentiment=[row[5] for row in drawn],
        source=[_place(names, row[6] if by_provider else row[7]) for row in drawn],
        sources=names,
        topics=_topics(session, analysis.id, ordered),
        items=len(ordered),
    )


def items_in(
    session: Session,
    actor: Actor,
    analysis_id: str,
    polygon: Sequence[Vertex],
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Inside:
    """Return the items that stand inside a polygon, newest first, a page at a time.

    Args:
        session: A session that may only read.
        actor: Who asks.
        analysis_id: The analysis.
        polygon: Its corners in the map's coordinates, 3 to `MAX_VERTICES`; where it crosses itself, even-odd.
        cursor: `next_cursor` of the page before, of the same polygon.
        limit: Most rows.

    Raises:
        NotFound: There is no such analysis.
        InvalidInput: That is no polygon, or not a cursor of ours.
    """
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    _check(polygon)
    across, up = [x for x, _ in polygon], [y for _, y in polygon]
    near = session.execute(
        select(Item.id, Item.map_x, Item.map_y, Item.posted_at).where(
            Item.analysis_id == analysis.id,
            col(Item.map_x).between(min(across), max(across)),
            col(Item.map_y).between(min(up), max(up)),
        )
    ).all()
    inside = contains(polygon, [row[1] for row in near], [row[2] for row in near])
    found = sorted(((row[3], row[0]) for row, is_in in zip(near, inside, strict=True) if is_in), reverse=True)
    start = 0
    if cursor:
        last = _key(cursor)
        start = next((place for place, key in enumerate(found) if key < last), len(found))
    check_limit(limit)
    shown = found[start : start + limit]
    rows = session.exec(select(Item).where(col(Item.id).in_([item_id for _, item_id in shown]))).all()
    more = start + limit < len(found)
    return Inside(
        items=len(found),
        rows=[item_view(row) for row in sorted(rows, key=lambda row: (row.posted_at, row.id), reverse=True)],
        next_cursor=encode_cursor(shown[-1][0].isoformat(), shown[-1][1]) if more else None,
    )


def contains(polygon: Sequence[Vertex], across: Sequence[float], up: Sequence[float]) -> NDArray[Any]:
    """Return for each point whether it lies inside, by counting the edges that a ray to the right crosses."""
    import numpy as np  # noqa: PLC0415 - 15 MB that only who selects needs

    x, y = np.asarray(across, dtype=float), np.asarray(up, dtype=float)
    inside = np.zeros(len(x), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def _check(polygon: Sequence[Vertex]) -> None:
    if not 3 <= len(polygon) <= MAX_VERTICES:
        raise InvalidInput(f"The line has {len(polygon)} corners; draw one of 3 to {MAX_VERTICES}.", field="polygon")
    if not all(math.isfinite(value) for vertex in polygon for value in vertex):
        raise InvalidInput("A corner of the line is no number; draw it again.", field="polygon")


def _key(cursor: str) -> tuple[datetime, str]:
    moment, last = decode_cursor(cursor, 2)
    try:
        parsed = datetime.fromisoformat(str(moment))
    except ValueError as error:
        raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor") from error
    if parsed.tzinfo is None:
        raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor")
    return parsed, str(last)


def _source_names(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return what is told apart, largest first: the providers, or the communities when there is one provider."""
    several = len({provider for provider, _ in pairs}) > 1
    sizes = Counter(provider if several else community for provider, community in pairs)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    return names if len(names) <= MAX_SOURCES else [*names[: MAX_SOURCES - 1], OTHER]


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names) - 1


def _topics(session: Session, analysis_id: str, rows: Sequence[Any]) -> list[MapTopic]:
    sums: dict[int, list[float]] = {}
    for row in rows:
        if row[3] is not None:
            total = sums.setdefault(row[3], [0.0, 0.0, 0.0])
            total[0] += row[1]
            total[1] += row[2]
            total[2] += 1
    topics = session.exec(
        select(Topic).where(Topic.analysis_id == analysis_id).order_by(col(Topic.items).desc(), col(Topic.number))
    ).all()
    return [
        MapTopic(
            number=topic.number,
            name=topic.name,
            items=topic.items,
            sentiment=topic.sentiment,
            x=round(sums[topic.number][0] / sums[topic.number][2], 4),
            y=round(sums[topic.number][1] / sums[topic.number][2], 4),
        )
        for topic in topics
        if topic.number in sums
    ]
