"""Which topic is which, and how each grew, shrank and sounds."""

from __future__ import annotations

from sqlmodel import Session, col, select

from app.models import Topic
from app.services.comparing import moods
from app.services.comparing.coverage import Coverage
from app.services.comparing.items import Overlap
from app.services.comparing.shapes import MoodView, TopicChangeView
from app.services.pipeline.compare import Pair, Part, match, words_of


def changes(session: Session, before: Coverage, after: Coverage, both: Overlap) -> list[TopicChangeView]:
    """Return every topic of either side: matched ones by their size now, then new ones, then those that are gone."""
    old, new = _topics(session, before), _topics(session, after)
    pairs = pair(list(old.values()), list(new.values()), both)
    sounds = moods.by_topic(session, before, after, pairs)
    matched = [
        _matched(old[each.left], new[each.right], each, sounds.get(each.left) or _sound(old[each.left], None))
        for each in pairs
    ]
    lefts, rights = {each.left for each in pairs}, {each.right for each in pairs}
    came = [_alone(topic, later=True) for number, topic in new.items() if number not in rights]
    went = [_alone(topic, later=False) for number, topic in old.items() if number not in lefts]
    return [*sorted(matched, key=lambda each: (-each.items_after, each.name)), *came, *went]


def pair(old: list[Topic], new: list[Topic], both: Overlap) -> list[Pair]:
    """Return which topics are the same ones."""
    known_old: dict[int | None, int] = {}
    known_new: dict[int | None, int] = {}
    for (left, right), count in both.topics.items():
        known_old[left] = known_old.get(left, 0) + count
        known_new[right] = known_new.get(right, 0) + count
    return match(
        [Part(topic.number, known_old.get(topic.number, 0), words_of([topic.name, *topic.terms])) for topic in old],
        [Part(topic.number, known_new.get(topic.number, 0), words_of([topic.name, *topic.terms])) for topic in new],
        {
            (left, right): count
            for (left, right), count in both.topics.items()
            if left is not None and right is not None
        },
    )


def _topics(session: Session, side: Coverage) -> dict[int, Topic]:
    rows = session.exec(
        select(Topic).where(Topic.analysis_id == side.analysis.id).order_by(col(Topic.items).desc(), col(Topic.number))
    )
    return {topic.number: topic for topic in rows}


def _matched(old: Topic, new: Topic, same: Pair, sounds: MoodView) -> TopicChangeView:
    grown = new.items - old.items
    return TopicChangeView(
        change="grown" if grown > 0 else "shrunk" if grown < 0 else "same",
        name=new.name,
        before_name=None if new.name == old.name else old.name,
        before_number=old.number,
        after_number=new.number,
        items_before=old.items,
        items_after=new.items,
        shared=same.shared,
        mood=sounds,
    )


def _alone(topic: Topic, *, later: bool) -> TopicChangeView:
    return TopicChangeView(
        change="new" if later else "gone",
        name=topic.name,
        before_name=None,
        before_number=None if later else topic.number,
        after_number=topic.number if later else None,
        items_before=0 if later else topic.items,
        items_after=topic.items if later else 0,
        shared=0,
        mood=_sound(None, topic) if later else _sound(topic, None),
    )


def _sound(old: Topic | None, new: Topic | None) -> MoodView:
    return MoodView(
        before=None if old is None else old.sentiment,
        after=None if new is None else new.sentiment,
        change=None,
        low=None,
        high=None,
        clear=False,
        items_before=0 if old is None else old.items,
        items_after=0 if new is None else new.items,
        people_before=0,
        people_after=0,
    )
