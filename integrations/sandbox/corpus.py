"""A made-up, labelled corpus of talk on Reddit, YouTube and Hacker News, in four languages.

bank + people ──grow threads, source by source──▶ drafts ──number by age──▶ items with truth ──group──▶ opportunities

The same seed gives the same ids, texts and labels on every machine. Nothing here reads a clock: an item knows how long
before the start of the sandbox it was written.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from types import MappingProxyType

from integrations.sandbox.bank import SOURCES, Bank, Need, Place, base36, places
from integrations.sandbox.growth import Draft, Grower
from integrations.sandbox.habits import HACKER_NEWS, REDDIT, REDDIT_AT_FIRST, YOUTUBE, Habits
from integrations.sandbox.items import MARK, Community, Item, Opportunity, Truth
from integrations.sandbox.voices import Voice, crowd

DEFAULT_SEED = 2026
SIZE_OF_B = 0.16
"""Voice `b` is for measuring only, so it says less: about 3,800 items at scale 1."""

_GIANTS = {"selfhosted": 640, "homelab": 560, "closetdatacenter": 640, "hackernews": 540}
"""Comments of the one thread in some communities that never fits into one answer."""
_FIRST_POST = int("1s4k2a0", 36)
_FIRST_COMMENT = int("nq0a3c0", 36)
_FIRST_HACKER_NEWS = 900_000_000
"""Far above what Hacker News has reached, so that no made-up id is a real one."""
_OLD_PLACES = 6
"""Communities on Reddit that grow first, with a chance of their own."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that was ever said in the sandbox, and what is true of it."""

    seed: int
    items: tuple[Item, ...]
    """Oldest first."""
    communities: tuple[Community, ...]
    opportunities: tuple[Opportunity, ...]
    by_id: Mapping[str, Item] = field(repr=False)
    voice: str = "a"

    def truth(self, external_id: str) -> Truth:
        """Return the labels of one item. Raises `KeyError` when there is no such item."""
        return self.by_id[external_id].truth

    def items_of(self, source: str) -> tuple[Item, ...]:
        """Return what was said at `reddit`, `youtube` or `hackernews`, oldest first."""
        return tuple(item for item in self.items if item.source == source)

    def communities_of(self, source: str) -> tuple[Community, ...]:
        """Return the communities of one source."""
        return tuple(community for community in self.communities if community.source == source)


def generate(seed: int = DEFAULT_SEED, scale: float = 1.0, voice: str = "a") -> Corpus:
    """Make a corpus of about `24,000 * scale` items.

    Args:
        seed: Of all chance.
        scale: Size; below 0.5 there are no threads over 500 comments.
        voice: `a`, or `b` for the same needs and labels in other words, in about a sixth of the items. Fit nothing to
            `b`: it is there to measure what was fitted to `a`.

    Raises:
        ValueError: There is no such voice.
    """
    bank = Bank(voice)
    names = bank.names
    size = scale if voice == "a" else scale * SIZE_OF_B
    giants = _GIANTS if size >= 0.5 else {}
    rng = Random(seed if voice == "a" else f"{seed}:{voice}")  # noqa: S311 - made-up talk needs no cryptography
    people = crowd(max(60, int(900 * min(size, 6))), names, rng)
    spammers = _spammers(people, rng)

    def grown(habits: Habits, where: tuple[Place, ...], chance: Random) -> list[Draft]:
        grower = Grower(chance, people, spammers, bank, habits)
        for place in where:
            grower.community(place, int(place.items * size), giants.get(place.community.name, 0))
        grower.take_down()
        return grower.drafts

    reddit = places("reddit")
    drafts = grown(REDDIT_AT_FIRST if voice == "a" else REDDIT, reddit[:_OLD_PLACES], rng)
    later = Random(f"{seed}:{voice}:later")  # noqa: S311 - made-up talk needs no cryptography
    drafts += grown(REDDIT, reddit[_OLD_PLACES:], later)
    everywhere = {"reddit": reddit}
    for habits in (YOUTUBE, HACKER_NEWS):
        everywhere[habits.source] = places(habits.source)
        drafts += grown(habits, everywhere[habits.source], later)
    items = _numbered(drafts, later)
    return Corpus(
        seed=seed,
        items=items,
        communities=tuple(place.community for source in SOURCES for place in everywhere[source]),
        opportunities=_opportunities(items, bank.needs),
        by_id=MappingProxyType({item.external_id: item for item in items}),
        voice=voice,
    )


def _spammers(people: list[Voice], rng: Random) -> list[str]:
    return [
        f"{voice.name}_{rng.choice(('official', 'deals', 'pro', 'xx'))}"
        for voice in people[:: max(1, len(people) // 30)]
    ]


def _numbered(drafts: list[Draft], rng: Random) -> tuple[Item, ...]:
    """Give each draft an id of its source's shape; numbers grow with time, as they do there."""
    numbers = {"t3_": _FIRST_POST, "t1_": _FIRST_COMMENT, "": _FIRST_HACKER_NEWS}

    def counted(prefix: str, step: int) -> int:
        numbers[prefix] += rng.randrange(1, step)
        return numbers[prefix]

    ids: dict[int, str] = {}

    def on_reddit(draft: Draft) -> str:
        prefix = "t1_" if draft.title is None else "t3_"
        return prefix + base36(counted(prefix, 900))

    def on_youtube(draft: Draft) -> str:
        if draft.parent is None:
            return MARK + _signs(5, rng)
        if draft.parent is draft.root:
            return f"Ug{rng.choice('wxyz')}{_signs(16, rng)}4AaABAg"
        return f"{ids[id(draft.parent)]}.{_signs(22, rng)}"

    ways: dict[str, Callable[[Draft], str]] = {
        "reddit": on_reddit,
        "youtube": on_youtube,
        "hackernews": lambda _draft: str(counted("", 40)),
    }
    ordered = sorted(drafts, key=lambda draft: -draft.age)
    for draft in ordered:
        ids[id(draft)] = ways[draft.source](draft)
    return tuple(_item(draft, ids) for draft in ordered)


def _signs(count: int, rng: Random) -> str:
    return urlsafe_b64encode(rng.randbytes(count)).decode()[:count]


def _item(draft: Draft, ids: Mapping[int, str]) -> Item:
    truth = draft.truth
    if draft.copied_from is not None:
        truth = replace(truth, duplicate_of=ids[id(draft.copied_from)])
    author = draft.author
    if author is not None and draft.source == "youtube" and draft.title is None:
        author = f"@{author}"
    return Item(
        external_id=ids[id(draft)],
        community=draft.community,
        author=author,
        title=draft.title,
        text=draft.text,
        thread_id=ids[id(draft.root or draft)],
        parent_id=ids[id(draft.parent)] if draft.parent else None,
        depth=draft.depth,
        age_seconds=draft.age,
        score=draft.score,
        truth=truth,
        source=draft.source,
        link=draft.link,
    )


def _opportunities(items: tuple[Item, ...], needs: tuple[Need, ...]) -> tuple[Opportunity, ...]:
    by_stance: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        truth = item.truth
        if truth.opportunity and truth.stance and truth.duplicate_of is None:
            by_stance[truth.opportunity, truth.stance].append(item.external_id)
    return tuple(
        Opportunity(
            id=need.id,
            title=need.title,
            supporting=tuple(by_stance[need.id, "for"]),
            against=tuple(by_stance[need.id, "against"]),
        )
        for need in needs
    )
