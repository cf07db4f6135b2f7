"""How the talk of one source runs: sizes of threads, who answers whom, and how much of it is not honest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from integrations.sandbox import talk
from integrations.sandbox.talk import Said, Tone, Topic


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of one source."""

    source: str
    tone: Tone
    opens: Callable[[Topic, Random], Said]
    """What stands at the top of a thread."""
    size: tuple[float, float] = (2.1, 0.9)
    """Mean and deviation of the logarithm of the comments in a thread: many small ones, few large ones."""
    to_root: float = 0.4
    """Share of comments that answer the top and nobody else."""
    deepest: int = 8
    """Depth from which answers go to the top again."""
    flat: bool = False
    """True where an answer to an answer stands beside it."""
    odd_openings: bool = True
    """Whether spam and copies open threads too."""
    copied_from: int = 90
    """Characters that a text must have to be worth copying."""
    tombstones: bool = True
    """Whether what is taken down leaves its place behind."""
    own_translations: bool = True
    """Whether other languages speak of the same topic; else of this and that."""
    strict: bool = True
    """Whether texts that differ in numbers and signs alone count as the same, and are said in other words."""
    spam: float = 0.05
    foreign: float = 0.04
    injection: float = 0.008
    copy: float = 0.03
    drift: float = 0.08


REDDIT_AT_FIRST = Habits("reddit", talk.REDDIT, talk.post, own_translations=False, strict=False)
REDDIT = Habits("reddit", talk.REDDIT, talk.post)
YOUTUBE = Habits(
    "youtube", talk.YOUTUBE, talk.video, size=(3.6, 1.0), to_root=0.62, flat=True, odd_openings=False, copied_from=60,
    tombstones=False, spam=0.08, foreign=0.03, injection=0.01, copy=0.035,
)  # fmt: skip
HACKER_NEWS = Habits(
    "hackernews", talk.HACKER_NEWS, talk.story, size=(2.7, 1.0), to_root=0.28, spam=0.015, foreign=0.0, injection=0.01,
    copy=0.015,
)  # fmt: skip
