"""The plain values of the made-up corpus: what was said, and what is true of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

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
    """ISO 639-1."""
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

    def as_dict(self) -> dict[str, object]:
        """Return the labels as plain values, for reports."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Item:
    """One post or comment. Free of any clock: `age_seconds` counts back from the start of the sandbox."""

    external_id: str
    """Fullname: `t3_` and a base-36 number for a post, `t1_` for a comment."""
    community: str
    author: str | None
    """None when the account is deleted."""
    title: str | None
    """None for a comment."""
    text: str
    thread_id: str
    parent_id: str | None
    depth: int
    """0 for a post and for the comments right below it."""
    age_seconds: int
    score: int
    truth: Truth

    @property
    def is_post(self) -> bool:
        """True for a post, False for a comment."""
        return self.title is not None

    @property
    def short_id(self) -> str:
        """The id without its kind."""
        return self.external_id[3:]


@dataclass(frozen=True, slots=True)
class Community:
    """A made-up place to talk."""

    name: str
    external_id: str
    title: str
    description: str
    subscribers: int


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A need that was planted, and where the evidence for and against it stands."""

    id: str
    title: str
    supporting: tuple[str, ...]
    """Ids of the items that speak for it."""
    against: tuple[str, ...]
    """Ids of the items that speak against it."""
