"""How the mood changed, from sums over people that the database makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, func, literal, union_all
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from app.models import Item
from app.services.comparing.coverage import Coverage, weighed
from app.services.comparing.shapes import MoodView
from app.services.pipeline.compare import Pair
from app.services.pipeline.compare_moods import Sums, shift

_EVERYTHING = -1


def overall(session: Session, before: Coverage, after: Coverage) -> MoodView:
    """Return how the mood of all items changed that opportunities are drawn from."""
    return _moods(session, before, after, None).get(_EVERYTHING) or of(Sums())


def by_topic(session: Session, before: Coverage, after: Coverage, pairs: Sequence[Pair]) -> dict[int, MoodView]:
    """Return how the mood of each pair of topics changed, by the number of the one before."""
    return _moods(session, before, after, pairs) if pairs else {}


def of(sums: Sums) -> MoodView:
    """Return what the sums say."""
    found = shift(sums)
    return MoodView(
        before=found.before,
        after=found.after,
        change=found.change,
        low=found.low,
        high=found.high,
        clear=found.clear,
        items_before=int(sums.n_b),
        items_after=int(sums.n_a),
        people_before=int(sums.people_b),
        people_after=int(sums.people_a),
    )


def _moods(session: Session, before: Coverage, after: Coverage, pairs: Sequence[Pair] | None) -> dict[int, MoodView]:
    rows = union_all(
        _items(before, None if pairs is None else {pair.left: pair.left for pair in pairs}, later=False),
        _items(after, None if pairs is None else {pair.right: pair.left for pair in pairs}, later=True),
    ).subquery()
    late, mood = rows.c.later == 1, rows.c.mood
    people = (
        select_columns(
            rows.c.topic,
            func.sum(case((late, 1.0), else_=0.0)).label("n_a"),
            func.sum(case((late, mood), else_=0.0)).label("s_a"),
            func.sum(case((late, 0.0), else_=1.0)).label("n_b"),
            func.sum(case((late, 0.0), else_=mood)).label("s_b"),
        )
        .group_by(rows.c.topic, rows.c.person)
        .subquery()
    )
    n_a, s_a, n_b, s_b = people.c.n_a, people.c.s_a, people.c.n_b, people.c.s_b
    sums = select_columns(
        people.c.topic,
        *(func.sum(each) for each in (n_a, s_a, n_b, s_b)),
        *(func.sum(each) for each in (s_a * s_a, s_a * n_a, n_a * n_a)),
        *(func.sum(each) for each in (s_b * s_b, s_b * n_b, n_b * n_b)),
        *(func.sum(each) for each in (s_a * s_b, s_a * n_b, n_a * s_b, n_a * n_b)),
        func.sum(case((n_a > 0, 1), else_=0)),
        func.sum(case((n_b > 0, 1), else_=0)),
    ).group_by(people.c.topic)
    return {int(topic): of(Sums(*(float(value) for value in values))) for topic, *values in session.execute(sums)}


def _items(side: Coverage, topics: Mapping[int, int] | None, *, later: bool) -> Select[tuple[int, int, str, float]]:
    """Return its items, one row each: which side, which pair of topics, who, and how they sound."""
    conditions = [col(Item.analysis_id) == side.analysis.id, weighed(Item), col(Item.sentiment).is_not(None)]
    pair: ColumnElement[int] = literal(_EVERYTHING)
    if topics is not None:
        pair = case(topics, value=col(Item.topic_number))
        conditions.append(col(Item.topic_number).in_(list(topics)))
    return select_columns(
        literal(int(later)).label("later"),
        pair.label("topic"),
        # Without a name each item is its own person, and the same one on both sides.
        func.coalesce(Item.author_key, Item.author, col(Item.provider) + ":" + col(Item.external_id)).label("person"),
        cast(col(Item.sentiment), Float).label("mood"),
    ).where(and_(*conditions))
