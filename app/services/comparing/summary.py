"""The short answer to "what changed": one sentence on what matters, one on why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from app.services.comparing.opportunities import ENGINE_VERSIONS
from app.services.comparing.shapes import (
    DifferenceView,
    ItemsView,
    MoodView,
    OpportunityChangeView,
    TopicChangeView,
)
from app.services.comparing.words import counted, unchanged

RULES_NAME = "rules of the score"
"""How the comparison calls the version of the rules."""
GREW = 0.1
"""Share of its items by which a topic must have grown or shrunk to be worth a word."""
_LONGEST_NAME = 60
_OF_THE_ENGINE = frozenset({"Engine", "Judged anew by the model"})
"""Settings that choose who judges."""
_NO_REASON = frozenset({"Cost cap"})
"""Settings that change no result by themselves: what a cap left unread is missing from the items."""
_SIZES: tuple[Literal["new", "gone", "grown", "shrunk"], ...] = ("new", "gone", "grown", "shrunk")


def summary(
    items: ItemsView,
    mood: MoodView,
    topics: Sequence[TopicChangeView],
    opportunities: Sequence[OpportunityChangeView],
    settings: Sequence[DifferenceView],
    versions: Sequence[DifferenceView],
) -> list[str]:
    """Return at most two sentences: what came, went, grew and moved; and which of talk, settings and engine did it."""
    if unchanged(items, mood, topics, opportunities):
        return ["Nothing changed: the same items with the same words give the same topics and the same scores."]
    return [_what(items, mood, topics, opportunities), _why(items, opportunities, settings, versions)]


def resized(each: TopicChangeView) -> bool:
    """Return whether a topic that both hold grew or shrank by so much that it is worth a word."""
    return each.change in {"grown", "shrunk"} and abs(each.items_after - each.items_before) >= GREW * each.items_before


def _what(
    items: ItemsView,
    mood: MoodView,
    topics: Sequence[TopicChangeView],
    opportunities: Sequence[OpportunityChangeView],
) -> str:
    clauses = [*_opportunities(opportunities), *_topics(topics)]
    if items.common == 0 and items.before and items.after:
        clauses.insert(0, "they share no item, so all is matched by words alone")
    if mood.clear and mood.change:
        clauses.append(f"the mood {'rose' if mood.change > 0 else 'fell'} by {abs(mood.change):.2f}")
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}."


def _opportunities(opportunities: Sequence[OpportunityChangeView]) -> list[str]:
    counts = Counter(each.change for each in opportunities)
    found = []
    if counts["new"]:
        best = next(each.after for each in opportunities if each.change == "new" and each.after)
        first = f"“{_short(best.title)}”, {best.score}"
        which = f"({first})" if counts["new"] == 1 else f"(the best: {first})"
        found.append(f"{_many(counts['new'])} new {which}")
    if counts["gone"]:
        found.append(f"{counts['gone']:,} gone" if found else f"{_many(counts['gone'])} gone")
    came = [", ".join(found)] if found else []
    moved = [f"{counts[change]:,} clearly {change}" for change in ("up", "down") if counts[change]]
    if counts["incomparable"]:
        moved.append(f"{counts['incomparable']:,} that cannot be compared")
    if moved:
        return [*came, f"scores: {', '.join(moved)}"]
    return [*came, "no score clearly moved"] if came else ["no opportunity came or went, and no score clearly moved"]


def _topics(topics: Sequence[TopicChangeView]) -> list[str]:
    counts = Counter(each.change for each in topics if each.change in {"new", "gone"} or resized(each))
    found = [f"{counts[change]:,} {change}" for change in _SIZES if counts[change]]
    return [f"topics: {', '.join(found)}"] if found else []


def _why(
    items: ItemsView,
    opportunities: Sequence[OpportunityChangeView],
    settings: Sequence[DifferenceView],
    versions: Sequence[DifferenceView],
) -> str:
    rules = any(each.name == RULES_NAME for each in versions)
    engine = _other_engine(opportunities, settings, versions)
    asked = items.new_by_settings + items.gone_by_settings
    said = items.new + items.gone - asked + items.edited + items.removed
    causes = [(said, f"the talk ({counted(said, 'item')} new, gone, edited or taken down)")] if said else []
    # By name in lower case: they are names of fields ("From", "Keywords").
    which = ", ".join(each.name.lower() for each in settings if each.name not in _OF_THE_ENGINE | _NO_REASON)
    if which or asked:
        only = f"{counted(asked, 'item')} that only one of them asked for" if asked else "without effect on items"
        apart = ": " if which and asked else ", " if which else ""
        causes.append((asked, f"the settings ({which}{apart}{only})"))
    causes.sort(key=lambda each: -each[0])
    words = [each for _, each in causes]
    if rules:
        words.append("the rules of the score")
    if engine:
        words.append("the engine, whose part cannot be told from the talk's" if said else "the engine")
    alike = [
        name
        for name, differs in (("talk", said), ("settings", which or asked), ("engine", engine), ("rules", rules))
        if not differs
    ]
    verb = "is" if alike in (["talk"], ["engine"]) else "are"
    same = f"; {_listed(alike)} {verb} the same" if alike else ""
    return f"Why: {_listed(words) if words else _otherwise(items)}{same}."


def _other_engine(
    opportunities: Sequence[OpportunityChangeView],
    settings: Sequence[DifferenceView],
    versions: Sequence[DifferenceView],
) -> bool:
    return (
        not {each.name for each in versions}.isdisjoint(ENGINE_VERSIONS)
        or not {each.name for each in settings}.isdisjoint(_OF_THE_ENGINE)
        or any(each.before and each.after and each.before.engine != each.after.engine for each in opportunities)
    )


def _otherwise(items: ItemsView) -> str:
    return "unchanged items were judged otherwise" if items.judged_anew else "what is kept of the two does not tell"


def _many(count: int) -> str:
    return counted(count, "opportunity", "opportunities")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_NAME else f"{title[: _LONGEST_NAME - 1].rstrip()}…"
