"""Says in words why a score moved."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.pipeline.compare_scores import Cause, ScorePart


def part_sentence(part: ScorePart, *, mixed: bool) -> str:
    """Return what one cause did, as a sentence.

    Args:
        part: The cause and its points.
        mixed: Whether engine or libraries differ too, so that grouping is not the data's alone.
    """
    moved = signed(part.points)
    if part.cause is Cause.RULES:
        return f"{moved}: the rules changed; this is what the same items score by the new ones."
    if part.cause is Cause.SCORING:
        return f"{moved}: unchanged words were judged otherwise."
    if part.cause is Cause.SETTINGS:
        return f"{moved}: other settings; {_items(part)}."
    if part.cause is Cause.DATA:
        return f"{moved}: other talk; {_items(part)}."
    doubt = (
        "whether the engine did it or the talk cannot be told apart"
        if mixed
        else "topics are drawn anew from all items"
    )
    return f"{moved}: of those that both hold, {_items(part, 'counts', 'count')}; {doubt}."


def why_words(parts: Sequence[ScorePart], points: int, *, mixed: bool) -> str:
    """Return the weightiest cause in one sentence."""
    if not any(part.points or part.came or part.went for part in parts):
        return "The same items speak for it."
    if points == 0 and not any(part.points for part in parts):
        return "Other items speak for it, and they score the same."
    most = max(parts, key=lambda part: (abs(part.points), part.came + part.went))
    words = part_sentence(most, mixed=mixed).partition(": ")[2]
    return f"Mostly {words}" if sum(bool(part.points) for part in parts) > 1 else words[:1].upper() + words[1:]


def no_parts(items: int, alone: int, *, later: bool) -> str:
    """Return what an opportunity is made of that only one side has."""
    whose = "no item of the earlier result" if later else "no item of the later result"
    if alone == items:
        return (
            f"All of its {_counted(items)} are {'new' if later else 'gone'}." if items > 1 else f"It rests on {whose}."
        )
    if alone == 0:
        return (
            f"Both hold its {_counted(items)}; {'before' if later else 'now'} they were not enough, or stood elsewhere."
            if items
            else "Its items were not kept."
        )
    return f"{alone} of its {_counted(items)} are {'new' if later else 'gone'}; both hold the others."


def signed(points: int) -> str:
    """Return points with their sign (`+5`, `±0`)."""
    return f"+{points}" if points > 0 else f"\N{MINUS SIGN}{-points}" if points < 0 else "±0"


def _items(part: ScorePart, one: str = "speaks for it", many: str = "speak for it") -> str:
    if not part.came and not part.went:
        return "how much else was said moved its share"
    words = [f"{part.came} more {f'item {one}' if part.came == 1 else f'items {many}'}"] if part.came else []
    if part.went:
        words.append(f"{part.went} {f'item no longer {one}' if part.went == 1 else f'items no longer {many}'}")
    return ", ".join(words)


def _counted(items: int) -> str:
    return "1 item" if items == 1 else f"{items} items"
