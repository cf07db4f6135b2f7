"""Comment trees as Reddit cuts them: a best part at once, the rest as `more`, the depth as "continue this thread".

children of the root ──heap, best first──▶ picked ──▶ written as a tree (comments) or flat (morechildren)
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable

from integrations.sandbox.corpus import Corpus
from integrations.sandbox.items import Item
from integrations.sandbox.reddit_wire import Wire, listing, more

DEFAULT_LIMIT = 200
LARGEST_LIMIT = 500
"""Comments in one answer for accounts without a premium membership."""
DEEPEST = 10
"""Levels in one answer; below stands "continue this thread"."""
MORE_LIMIT = 100
"""Comments in one answer of `morechildren`."""

_SORTS: dict[str, Callable[[Item], tuple[int, int]]] = {
    "new": lambda item: (item.age_seconds, 0),
    "old": lambda item: (-item.age_seconds, 0),
}


def _best(item: Item) -> tuple[int, int]:
    return (-item.score, -item.age_seconds)


class Trees:
    """The comments of one corpus, by what they answer."""

    def __init__(self, corpus: Corpus) -> None:
        self._by_id = corpus.by_id
        self._answers: dict[str, list[Item]] = defaultdict(list)
        self._below: dict[str, int] = defaultdict(int)
        self.comment_counts: dict[str, int] = defaultdict(int)
        # Youngest first: an answer is always younger than what it answers, so its own count is complete by then.
        items = corpus.items_of("reddit")
        for item in reversed(items):
            if item.parent_id is not None:
                self._answers[item.parent_id].append(item)
                self.comment_counts[item.thread_id] += 1
        for item in sorted(items, key=lambda item: -item.depth):
            if item.parent_id is not None and not item.is_post:
                self._below[item.parent_id] += 1 + self._below[item.external_id]

    def answers(self, external_id: str) -> list[Item]:
        """Return what was answered right below one item."""
        return self._answers.get(external_id, [])

    def tree(
        self, wire: Wire, post: Item, *, limit: int, depth: int, sort: str, focus: Item | None, context: int
    ) -> bytes:
        """Write the listing of comments of `post`, or of the part below `focus` with `context` parents above it."""
        if focus is None:
            top, base = self.answers(post.external_id), 0
        else:
            for _ in range(context):
                if focus.parent_id is None or focus.parent_id == post.external_id:
                    break
                focus = self._by_id[focus.parent_id]
            top, base = [focus], focus.depth
        cut = _Cut(self, wire, post, sort, base=base, deepest=base + depth)
        cut.pick(top, limit)
        parent = post.external_id if focus is None else (focus.parent_id or post.external_id)
        return listing(cut.nested(parent, top))

    def more_children(self, wire: Wire, post: Item, wanted: Iterable[str], *, sort: str, alone: bool) -> list[bytes]:
        """Write the comments with the short ids `wanted` and what is below them, flat; `alone`: only they."""
        found = [
            item
            for short_id in wanted
            if (item := self._by_id.get(f"t1_{short_id}")) and item.thread_id == post.external_id
        ]
        highest = max((item.depth for item in found), default=0)
        deepest = DEEPEST if highest < DEEPEST else highest + DEEPEST
        cut = _Cut(self, wire, post, sort, base=0, deepest=deepest)
        cut.pick(found, MORE_LIMIT, descend=not alone)
        by_parent: dict[str, list[Item]] = defaultdict(list)
        for item in dict.fromkeys(found):
            by_parent[item.parent_id or post.external_id].append(item)
        things: list[bytes] = []
        for parent, items in by_parent.items():
            cut.flat(parent, items, things)
        return things

    def size_below(self, item: Item) -> int:
        """Return how many comments stand anywhere below one item."""
        return self._below.get(item.external_id, 0)


class _Cut:
    """One answer: which comments it holds and where it stops."""

    def __init__(self, trees: Trees, wire: Wire, post: Item, sort: str, *, base: int, deepest: int) -> None:
        self._trees = trees
        self._wire = wire
        self._post = post
        self._rank = _SORTS.get(sort, _best)
        self._base = base
        self._deepest = deepest
        self._picked: set[str] = set()

    def pick(self, top: Iterable[Item], limit: int, *, descend: bool = True) -> None:
        """Choose the best comments; an answer can only be chosen after what it answers."""
        heap = [(self._rank(item), item.external_id, item) for item in top]
        heapq.heapify(heap)
        while heap and len(self._picked) < limit:
            _, external_id, item = heapq.heappop(heap)
            if external_id in self._picked:
                continue
            self._picked.add(external_id)
            if descend and item.depth + 1 < self._deepest:
                for answer in self._trees.answers(external_id):
                    heapq.heappush(heap, (self._rank(answer), answer.external_id, answer))

    def nested(self, parent_id: str, items: list[Item]) -> list[bytes]:
        """Write the picked ones among `items` with their answers inside, then what is left out."""
        things = []
        left = []
        for item in sorted(items, key=self._rank):
            if item.external_id in self._picked:
                below = self._trees.answers(item.external_id)
                replies = listing(self.nested(item.external_id, below)) if below else b'""'
                things.append(self._wire.comment(item, self._post, item.depth - self._base, replies))
            else:
                left.append(item)
        if left:
            things.append(self._left_out(parent_id, left))
        return things

    def flat(self, parent_id: str, items: list[Item], things: list[bytes]) -> None:
        """Append the same to `things` in reading order, with nothing nested."""
        left = []
        for item in sorted(items, key=self._rank):
            if item.external_id in self._picked:
                things.append(self._wire.comment(item, self._post, item.depth - self._base, b'""'))
                if below := self._trees.answers(item.external_id):
                    self.flat(item.external_id, below, things)
            else:
                left.append(item)
        if left:
            things.append(self._left_out(parent_id, left))

    def _left_out(self, parent_id: str, left: list[Item]) -> bytes:
        depth = left[0].depth
        if depth >= self._deepest:
            return more(parent_id, depth - self._base, [], 0)
        count = sum(1 + self._trees.size_below(item) for item in left)
        return more(parent_id, depth - self._base, [item.short_id for item in left], count)
