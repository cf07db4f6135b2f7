"""How good the engine is on labelled texts: what `asterism evaluate` prints."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.core.errors import InvalidInput
from app.services.pipeline.prose import own_words
from app.services.pipeline.score import sentiments
from app.services.pipeline.spam import judge_all
from app.services.versions import ENGINE

SENTIMENT_LABELS = ("negative", "neutral", "positive")
SPAM_LABELS = ("spam", "ham")
TOGETHER = 200
"""Texts at once, as the stages do it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine found of labelled texts."""

    labels: tuple[str, ...]
    counts: dict[tuple[str, str], int]
    """By true label and found label."""
    seconds: float
    """Time that the engine took; reading the file is not in it."""
    engine: str = ENGINE

    @property
    def items(self) -> int:
        """Return how many texts there were."""
        return sum(self.counts.values())

    @property
    def items_per_second(self) -> float:
        """Return how many texts one process did in a second."""
        return self.items / self.seconds if self.seconds else 0.0

    def recall(self, label: str) -> float | None:
        """Return which share of a label's texts was found; None when there is no such text."""
        true = sum(self.counts.get((label, found), 0) for found in self.labels)
        return self.counts.get((label, label), 0) / true if true else None

    def precision(self, label: str) -> float | None:
        """Return which share of what was found is right; None when nothing was found."""
        found = sum(self.counts.get((true, label), 0) for true in self.labels)
        return self.counts.get((label, label), 0) / found if found else None

    def f1(self, label: str) -> float | None:
        """Return the harmonic mean of precision and recall; None when there is neither such a text nor a find."""
        precision, recall = self.precision(label), self.recall(label)
        if precision is None and recall is None:
            return None
        if not precision or not recall:
            return 0.0
        return 2 * precision * recall / (precision + recall)

    def macro_recall(self) -> float | None:
        """Return the mean recall over the labels that occur; None when there is no text."""
        known = [recall for label in self.labels if (recall := self.recall(label)) is not None]
        return sum(known) / len(known) if known else None

    def confusion(self) -> dict[str, dict[str, int]]:
        """Return counts by true label, then by found label."""
        return {true: {found: self.counts.get((true, found), 0) for found in self.labels} for true in self.labels}


def sentiment(lines: Iterable[str]) -> Outcome:
    """Judge English texts. Raises `InvalidInput` that names the line when one is not as it should be.

    Args:
        lines: JSON objects with `text` and `label` (`negative`, `neutral`, `positive`); read once, never all at a time.
    """

    def find(texts: Sequence[str]) -> list[str]:
        words = [own_words(text) for text in texts]
        return [
            str(label)
            for _, label in sentiments([own if own.strip() else text for own, text in zip(words, texts, strict=True)])
        ]

    return _judge(lines, SENTIMENT_LABELS, find)


def spam(lines: Iterable[str]) -> Outcome:
    """Judge comments under videos, each by its own words. Raises `InvalidInput` as `sentiment` does.

    Args:
        lines: JSON objects with `text` and `label` (`spam`, `ham`).
    """

    def find(texts: Sequence[str]) -> list[str]:
        return ["spam" if verdict.spam else "ham" for verdict in judge_all(texts, under_video=True)]

    return _judge(lines, SPAM_LABELS, find)


def _judge(lines: Iterable[str], labels: tuple[str, ...], find: Callable[[Sequence[str]], list[str]]) -> Outcome:
    find(["warm"])  # the model loads before the clock runs
    counts: Counter[tuple[str, str]] = Counter()
    seconds = 0.0
    rows = _rows(lines, labels)
    while batch := list(islice(rows, TOGETHER)):
        start = time.perf_counter()
        found = find([text for text, _ in batch])
        seconds += time.perf_counter() - start
        counts.update(zip((label for _, label in batch), found, strict=True))
    if not counts:
        raise InvalidInput(
            "The file holds no labelled text; each line is a JSON object with text and label.", field="input"
        )
    return Outcome(labels, dict(counts), seconds)


def _rows(lines: Iterable[str], labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(
                f"Line {number} is not JSON; write one object with text and label a line.", field="input"
            ) from error
        text = row.get("text") if isinstance(row, dict) else None
        label = row.get("label") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise InvalidInput(
                f"Line {number} has no text; write one object with text and label a line.", field="input"
            )
        if label not in labels:
            raise InvalidInput(f"Line {number} has a label other than {', '.join(labels)}; correct it.", field="input")
        yield text, label
