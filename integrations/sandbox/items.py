"""The plain values of the made-up corpus: what was said, and what is true of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

MARK = "SAMPLE"
"""Stands wherever a person sees made-up talk: community titles, flairs, links."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one item, known because it was planted."""

    topic: str | None = None
    """Id of the topic that it speaks of; None for small talk, spam and the like."""
    intents: tuple[str, ...] = ()
    """Of `complaint`, `request`, `question`, `praise`, `workaround`, `switching`, `comparison` and
    `willingness_to_pay`."""
    sentiment: str | None = None
    """`negative`, `neutral` or `positive`; None for spam, injections and what was removed."""
    sarcasm: bool = False
    language: str = "en"
    """ISO 639-1; `und` where there is no word at all."""
    spam: str | None = None
    """`link_farm`, `crypto`, `giveaway`, `self_promotion` or `follow_me`; None for honest talk."""
    injection: str | None = None
    """`override`, `markdown_image`, `html`, `unicode_tags` or `role_play`; None for everything else."""
    duplicate_of: str | None = None
    """Id of the earlier item that this one copies."""
    duplicate_kind: str | None = None
    """`exact` or `near`."""
    opportunity: str | None = None
    """Id of the planted opportunity that it bears on."""
    stance: str | None = None
    """`for` or `against` that opportunity; None when it only touches on it."""
    removed: str | None = None
    """`removed` (by a moderator) or `deleted` (by its author): the place is kept, the words are not."""

    def joined(self, other: Truth) -> Truth:
        """Return what is true of a text that says both: a clear mood wins over none, two moods make none."""
        moods = {self.sentiment, other.sentiment} - {"neutral"}
        return replace(
            self,
            intents=tuple(dict.fromkeys(self.intents + other.intents)),
            sentiment=moods.pop() if len(moods) == 1 else "neutral",
            stance=self.stance or other.stance,
        )

    def as_dict(self) -> dict[str, object]:
        """Return the labels as plain values, for reports."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Item:
    """One post or comment. Free of any clock: `age_seconds` counts back from the start of the sandbox."""

    external_id: str
    """As its source writes it. Reddit: fullname, `t3_` and a base-36 number for a post, `t1_` for a comment. YouTube:
    11 signs for a video, 26 for a comment, for a reply those of its parent, a dot and 22. Hacker News: a number."""
    community: str
    author: str | None
    """None when the account is deleted. For a video its channel's name."""
    title: str | None
    """None for a comment."""
    text: str
    thread_id: str
    parent_id: str | None
    depth: int
    """0 for a post and for the comments right below it; on YouTube never above 1."""
    age_seconds: int
    score: int
    truth: Truth
    source: str = "reddit"
    """`reddit`, `youtube` or `hackernews`."""
    link: str | None = None
    """Where a story on Hacker News leads; None for all else."""

    @property
    def is_post(self) -> bool:
        """True for a post, a video or a story, False for a comment."""
        return self.title is not None

    @property
    def short_id(self) -> str:
        """The id without its kind; on Reddit only."""
        return self.external_id[3:]


@dataclass(frozen=True, slots=True)
class Community:
    """A made-up place to talk: a subreddit, a channel, or Hacker News as a whole."""

    name: str
    external_id: str
    title: str
    description: str
    subscribers: int
    source: str = "reddit"
    language: str = "en"
    """ISO 639-1; of most of what is said there."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A need that was planted, and where the evidence for and against it stands."""

    id: str
    title: str
    supporting: tuple[str, ...]
    """Ids of the items that speak for it."""
    against: tuple[str, ...]
    """Ids of the items that speak against it."""
