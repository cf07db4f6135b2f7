"""Which items a number is of: three sets, each in the same words at every door; docs/opportunities.md has the rules.

items collected ─no repeats, no spam, not taken down─▶ items that count ─in a language we score─▶ scored items
"""

COLLECTED = "items collected"
"""All that the sources gave."""
COUNTING = "items that count"
"""Those that are no repeat, no spam and not taken down: what a question is asked of."""
SCORED = "scored items"
"""Those that count, in a language that the engine scores: what mood, topics, map and opportunities are made of."""
COUNTING_RULE = "Items that count are no repeats, no spam and not taken down."
SCORED_RULE = "Scored items are those that count, in a language that the engine scores."
_ONE = {COLLECTED: "item collected", COUNTING: "item that counts", SCORED: "scored item"}


def item_words(number: int, kind: str) -> str:
    """Return how many items of one of the three sets: `2,140 items collected`, `1 scored item`."""
    return f"{number:,} {_ONE[kind] if number == 1 else kind}"
