"""What a synthesis engine is asked for. Nothing it answers is believed before `synthesise.check` has looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.services.pipeline.records import Record, TopicFound

KINDS = ("request", "complaint", "workaround", "switching", "willingness_to_pay", "question")
"""What an opportunity can be; anything else an engine says becomes the kind that its items speak for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One opportunity as an engine sees it."""

    title: str
    summary: str
    kind: str
    item_ids: tuple[str, ...]
    """Items that speak for it."""
    quotes: tuple[tuple[str, str], ...]
    """Item id and words quoted from it."""
    against: tuple[tuple[str, str], ...] = ()
    """The same for what speaks against it."""
    engine: str = ""
    """Who worded it, where several engines propose together; empty for the one that is asked."""


class Engine(Protocol):
    """Finds opportunities in topics: ours here, or a language model behind an adapter."""

    name: str

    def propose(self, topics: Sequence[TopicFound], records: Sequence[Record]) -> list[Proposal]:
        """Return proposals, the most important first. Raises what its adapter raises."""
