"""A made-up, labelled corpus of forum talk: the same seed gives the same ids, texts and labels on every machine.

topics + people ──grow threads──▶ drafts ──number by age──▶ items with truth ──group──▶ opportunities

Nothing here reads a clock: an item knows how long before the start of the sandbox it was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from types import MappingProxyType
from typing import cast

from integrations.sandbox import talk
from integrations.sandbox.growth import Draft, Grower
from integrations.sandbox.items import MARK, Community, Item, Opportunity, Truth
from integrations.sandbox.phrases import Lexicon, material
from integrations.sandbox.voices import crowd

DEFAULT_SEED = 2026
ITEMS_AT_SCALE_ONE = 8_400
"""Items in all communities together when `scale` is 1."""

_GIANTS = {"selfhosted": 640, "homelab": 560}
"""Comments of the one thread per community that never fits into one answer."""
_FIRST_POST = int("1s4k2a0", 36)
_FIRST_COMMENT = int("nq0a3c0", 36)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that was ever said in the sandbox, and what is true of it."""

    seed: int
    items: tuple[Item, ...]
    """Oldest first."""
    communities: tuple[Community, ...]
    opportunities: tuple[Opportunity, ...]
    by_id: Mapping[str, Item] = field(repr=False)

    def truth(self, external_id: str) -> Truth:
        """Return the labels of one item. Raises `KeyError` when there is no such item."""
        return self.by_id[external_id].truth


def generate(seed: int = DEFAULT_SEED, scale: float = 1.0) -> Corpus:
    """Make a corpus of about `8,400 * scale` items; below a scale of 0.5 there are no threads over 500 comments."""
    rng = Random(seed)  # noqa: S311 - made-up talk needs no cryptography
    loaded = cast("dict[str, list[dict[str, object]]]", material("topics"))
    names = Lexicon(cast("dict[str, dict[str, list[str]]]", material("common"))["lists"])
    people = crowd(max(60, int(900 * min(scale, 6))), names, rng)
    spammers = [
        f"{voice.name}_{rng.choice(('official', 'deals', 'pro', 'xx'))}"
        for voice in people[:: max(1, len(people) // 30)]
    ]
    found_topics = talk.topics()
    grower = Grower(rng, people, spammers, found_topics)
    for entry in loaded["communities"]:
        name = str(entry["name"])
        size = int(ITEMS_AT_SCALE_ONE * scale * cast("float", entry["share"]))
        grower.community(name, size, _GIANTS.get(name, 0) if scale >= 0.5 else 0)
    grower.take_down()
    items = _numbered(grower.drafts, rng)
    return Corpus(
        seed=seed,
        items=items,
        communities=tuple(_community(entry, place) for place, entry in enumerate(loaded["communities"])),
        opportunities=_opportunities(items, found_topics),
        by_id=MappingProxyType({item.external_id: item for item in items}),
    )


def base36(number: int) -> str:
    """Write a number as Reddit writes its ids."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def _numbered(drafts: list[Draft], rng: Random) -> tuple[Item, ...]:
    """Give ids that grow with time, as they do at Reddit."""
    post_number, comment_number = _FIRST_POST, _FIRST_COMMENT
    ids: dict[int, str] = {}
    ordered = sorted(drafts, key=lambda draft: -draft.age)
    for draft in ordered:
        if draft.title is not None:
            post_number += rng.randrange(1, 900)
            ids[id(draft)] = "t3_" + base36(post_number)
        else:
            comment_number += rng.randrange(1, 900)
            ids[id(draft)] = "t1_" + base36(comment_number)
    items = []
    for draft in ordered:
        truth = draft.truth
        if draft.copied_from is not None:
            truth = replace(truth, duplicate_of=ids[id(draft.copied_from)])
        items.append(
            Item(
                external_id=ids[id(draft)],
                community=draft.community,
                author=draft.author,
                title=draft.title,
                text=draft.text,
                thread_id=ids[id(draft.root or draft)],
                parent_id=ids[id(draft.parent)] if draft.parent else None,
                depth=draft.depth,
                age_seconds=draft.age,
                score=draft.score,
                truth=truth,
            )
        )
    return tuple(items)


def _community(entry: dict[str, object], place: int) -> Community:
    return Community(
        name=str(entry["name"]),
        external_id="t5_" + base36(int("7s000", 36) + place * 77),
        title=f"{MARK} · {entry['title']}",
        description=f"{MARK}: made-up talk, no real people. {entry['about']}",
        subscribers=cast("int", entry["subscribers"]),
    )


def _opportunities(items: tuple[Item, ...], topics: tuple[talk.Topic, ...]) -> tuple[Opportunity, ...]:
    by_stance: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        truth = item.truth
        if truth.opportunity and truth.stance and truth.duplicate_of is None:
            by_stance[truth.opportunity, truth.stance].append(item.external_id)
    return tuple(
        Opportunity(
            id=topic.id,
            title=topic.opportunity,
            supporting=tuple(by_stance[topic.id, "for"]),
            against=tuple(by_stance[topic.id, "against"]),
        )
        for topic in topics
        if topic.opportunity
    )
