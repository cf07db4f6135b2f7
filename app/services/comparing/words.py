"""The plain sentences that a reader meets first: what changed, the weightiest first, and what to know before."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.comparing.shapes import (
    Cause,
    DifferenceView,
    ItemsView,
    MoodView,
    OpportunityChangeView,
    OriginView,
    SideView,
    TopicChangeView,
)

CAUSES: dict[Cause, str] = {
    "later": "written since the earlier one was asked",
    "time": "outside of the other's time range",
    "sources": "from a source that the other was not asked for",
    "limits": "by other keywords or another limit on items",
    "talk": "the source shows other items now",
}
MOST = 3
"""Topics and opportunities that the sentences name; the lists below name all."""
_TELLING = 0.5
"""Share of the new items from which one community or cause is worth naming."""
_GREW = 0.1


def warnings(before: SideView, after: SideView, versions: Sequence[DifferenceView]) -> list[str]:
    """Return what to know before believing the rest."""
    found = []
    if before.id == after.id:
        found.append("This is one analysis twice, so nothing can differ; choose another one to compare it with.")
    if before.sample != after.sample:
        which = "The earlier" if before.sample else "The later"
        found.append(f"{which} one holds SAMPLE items, which are made up: what differs says nothing about real people.")
    for side, name in ((before, "The earlier"), (after, "The later")):
        if not side.closed:
            found.append(
                f"{name} one is still {side.status.replace('_', ' ')}: this is what stands now, not the result."
            )
        elif side.status in {"failed", "cancelled"}:
            found.append(f"{name} one {'failed' if side.status == 'failed' else 'was cancelled'}: it may lack items.")
        elif side.status == "partial":
            found.append(f"{name} one could not read every source to the end: what is gone may only be missing.")
    if before.id != after.id and before.asked_at > after.asked_at:
        found.append("The later one stands on the left: what came reads as gone.")
    if any(each.name == "engine" for each in versions):
        found.append("The engine changed in between: where topics moved, talk and engine cannot be told apart.")
    return found


def unchanged(
    items: ItemsView, mood: MoodView, topics: Sequence[TopicChangeView], opportunities: Sequence[OpportunityChangeView]
) -> bool:
    """Return whether both say the same of the same words."""
    return (
        not (items.new or items.gone or items.edited or items.removed or items.judged_anew or mood.change)
        and all(each.change == "same" and each.before_name is None for each in topics)
        and all(each.change == "same" and each.came == each.went == 0 for each in opportunities)
    )


def sentences(
    items: ItemsView, mood: MoodView, topics: Sequence[TopicChangeView], opportunities: Sequence[OpportunityChangeView]
) -> list[str]:
    """Return what changed."""
    if unchanged(items, mood, topics, opportunities):
        return ["Nothing changed: the same items with the same words give the same topics and the same scores."]
    apart = items.common == 0 and items.before and items.after
    found = [
        *(_strangers(items) if apart else _items(items)),
        _mood(mood),
        *_topic_moods(topics),
        _sizes(topics),
        _scores(opportunities),
    ]
    return [sentence for sentence in found if sentence]


def _strangers(items: ItemsView) -> list[str]:
    return [
        (
            f"They share no item: {items.before:,} before, {items.after:,} after. "
            "Topics and opportunities are matched by their words alone."
        )
    ]


def _items(items: ItemsView) -> list[str]:
    found = []
    if items.new:
        found.append(f"{counted(items.new, 'new item')}{_from(items.new, items.new_from)}.")
    if items.gone:
        found.append(f"{counted(items.gone, 'item')} gone{_from(items.gone, items.gone_from)}.")
    if items.edited:
        found.append(f"{counted(items.edited, 'item')} edited since.")
    if items.removed:
        found.append(f"{counted(items.removed, 'item')} taken down since.")
    if items.judged_anew:
        found.append(f"{counted(items.judged_anew, 'unchanged item')} judged otherwise.")
    if not found:
        found.append(f"The same {counted(items.common, 'item')}.")
    return found


def _from(total: int, origins: Sequence[OriginView]) -> str:
    """Return the community and the cause that most of them come from."""
    places: dict[str, int] = {}
    causes: dict[Cause, int] = {}
    for origin in origins:
        places[origin.community] = places.get(origin.community, 0) + origin.items
        causes[origin.cause] = causes.get(origin.cause, 0) + origin.items
    words = ""
    place, most = max(places.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    if most >= _TELLING * total and len(places) > 1:
        words += f", {most:,} of them from {place}"
    elif len(places) == 1:
        words += f" from {place}"
    cause, most = max(causes.items(), key=lambda pair: (pair[1], pair[0]), default=("talk", 0))
    if most >= _TELLING * total and cause != "talk":
        words += f" ({CAUSES[cause]})" if most == total else f" ({most:,} {CAUSES[cause]})"
    return words


def _mood(mood: MoodView) -> str:
    if mood.change is None:
        return "The mood cannot be compared: one side has no scored item."
    if not mood.clear:
        return f"No clear change of mood ({signed(mood.change)})." if mood.change else ""
    return f"The mood {_rose(mood.change)} by {abs(mood.change):.2f} ({_band(mood)})."


def _topic_moods(topics: Sequence[TopicChangeView]) -> list[str]:
    clear = [each for each in topics if each.mood.clear and each.mood.change]
    clear.sort(key=lambda each: (-abs(each.mood.change or 0), each.name))
    return [
        f"The mood of “{each.name}” {_rose(each.mood.change or 0)} by {abs(each.mood.change or 0):.2f}."
        for each in clear[:MOST]
    ]


def _sizes(topics: Sequence[TopicChangeView]) -> str:
    words = []
    for change in ("new", "gone"):
        names = [each.name for each in topics if each.change == change]
        if names:
            words.append(f"{counted(len(names), 'topic')} {change}: {_named(names)}")
    for change in ("grown", "shrunk"):
        names = [
            f"{each.name} ({each.items_before:,} → {each.items_after:,})"
            for each in topics
            if each.change == change and abs(each.items_after - each.items_before) >= _GREW * each.items_before
        ]
        if names:
            words.append(f"{change}: {_named(names)}")
    text = "; ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _scores(opportunities: Sequence[OpportunityChangeView]) -> str:
    words = []
    for change, verb in (("up", "up"), ("down", "down")):
        names = [
            f"“{each.after.title}” ({each.before.score} → {each.after.score})"
            for each in opportunities
            if each.change == change and each.before and each.after
        ]
        if names:
            words.append(f"{verb}: {_named(names)}")
    unclear = sum(each.change == "unclear" for each in opportunities)
    if unclear:
        words.append(f"{counted(unclear, 'score')} moved no further than chance may")
    incomparable = sum(each.change == "incomparable" for each in opportunities)
    if incomparable:
        words.append(f"{counted(incomparable, 'score')} cannot be compared")
    for change in ("new", "gone"):
        names = [
            f"“{side.title}”"
            for each in opportunities
            if each.change == change and (side := each.after or each.before) is not None
        ]
        if names:
            words.append(f"{change}: {_named(names)}")
    return f"Opportunities: {'; '.join(words)}." if words else ""


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more} more" if more > 0 else "")


def _rose(change: float) -> str:
    return "rose" if change > 0 else "fell"


def _band(mood: MoodView) -> str:
    return f"95 % sure of {signed(mood.low or 0)} to {signed(mood.high or 0)}"


def signed(value: float) -> str:
    """Return a change of mood with its sign (`+0.12`)."""
    text = f"{abs(value):.2f}"
    return f"\N{MINUS SIGN}{text}" if value < 0 and float(text) else f"+{text}" if float(text) else text


def counted(number: int, one: str, many: str = "") -> str:
    """Return a count with its unit (`1 new item`, `412 new items`)."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {many or f'{one}s'}"
