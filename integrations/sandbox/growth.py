"""How threads grow: who answers whom, when, and what is planted among the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from integrations.sandbox import talk
from integrations.sandbox.items import Truth
from integrations.sandbox.planting import Planted, Planter, near_copy
from integrations.sandbox.talk import Said, Topic
from integrations.sandbox.voices import Voice

DAYS = 60
"""The oldest thread is at most this old."""

Words = TypeVar("Words", Said, Planted)

_SPAM, _FOREIGN, _INJECTION, _COPY, _DRIFT = 0.05, 0.04, 0.008, 0.03, 0.08
_USUAL_DEPTH = 8
_DEEP_CHAIN = 16
"""Longer than the ten levels that Reddit answers at once."""


@dataclass(slots=True)
class Draft:
    """An item before it has an id."""

    community: str
    author: str | None
    title: str | None
    text: str
    age: int
    score: int
    truth: Truth
    parent: Draft | None = None
    root: Draft | None = None
    depth: int = 0
    copied_from: Draft | None = None
    answered: bool = False
    copied: bool = False


@dataclass(slots=True)
class Grower:
    """Grows the threads of all communities with one source of chance."""

    rng: Random
    people: list[Voice]
    spammers: list[str]
    topics: tuple[Topic, ...]
    drafts: list[Draft] = field(default_factory=list)
    _planter: Planter = field(default_factory=Planter)
    _seen: set[str] = field(default_factory=set)
    _copyable: list[Draft] = field(default_factory=list)
    _promotions: list[Draft] = field(default_factory=list)

    def community(self, name: str, size: int, giant: int) -> None:
        """Grow threads of `size` items in all, one of them with `giant` comments (0 for none)."""
        here = [topic for topic in self.topics for _ in range(topic.communities.get(name, 0))]
        left = size
        number = 0
        while left > 0:
            # Lognormal: many small threads, few large ones; about a dozen comments on average.
            comments = giant if number == 0 and giant else int(self.rng.lognormvariate(2.1, 0.9))
            comments = min(comments, left - 1)
            self._thread(name, here, self.rng.choice(here), comments, deep=number % 9 == 2)
            left -= comments + 1
            number += 1

    def take_down(self) -> None:
        """Remove some of the comments and posts that have answers, and delete some accounts."""
        for draft in self.drafts:
            chance = self.rng.random()
            if draft.answered and not draft.copied and chance < (0.015 if draft.title else 0.07):
                kind = "removed" if chance * 2 < (0.015 if draft.title else 0.07) else "deleted"
                draft.text = ""
                draft.author = None
                draft.copied_from = None
                draft.truth = Truth(topic=draft.truth.topic, removed=kind)
            elif chance > 0.993:
                draft.author = None

    def _thread(self, community: str, here: list[Topic], topic: Topic, comments: int, *, deep: bool) -> None:
        rng = self.rng
        # A huge thread is recent: wherever it fell, it would tip the balance of months.
        age = 300 + int(rng.random() ** 1.4 * (DAYS if comments < 500 else 20) * 86_400)
        root = self._open(community, topic, age, comments)
        thread = [root]
        tip = root
        for place in range(comments):
            if deep and place < _DEEP_CHAIN:
                parent = tip
            elif rng.random() < 0.4:
                parent = root
            else:
                parent = thread[int(rng.random() * len(thread))]
                if parent.depth >= _USUAL_DEPTH:
                    parent = root
            about = rng.choice(here) if rng.random() < _DRIFT else topic
            tip = self._answer(parent, root, about)
            thread.append(tip)

    def _open(self, community: str, topic: Topic, age: int, comments: int) -> Draft:
        rng = self.rng
        score = max(0, int(rng.lognormvariate(2.5, 1.2)) + comments)
        chance = rng.random()
        if chance < 0.03:
            planted = self._planter.spam(rng)
            title = planted.text.split(".", maxsplit=1)[0][:90].strip()
            draft = Draft(community, rng.choice(self.spammers), title, planted.text, age, 0, planted.truth)
        elif chance < 0.06 and (source := self._older(age, posts=True)):
            draft = self._copy(source, community, age)
        else:
            voice = self._voice()
            said = self._said(talk.post, topic, voice)
            draft = Draft(community, voice.name, said.title, said.text, age, score, said.truth)
            self._copyable.append(draft)
        self.drafts.append(draft)
        return draft

    def _answer(self, parent: Draft, root: Draft, topic: Topic) -> Draft:
        rng = self.rng
        wait = rng.expovariate(1 / min(20_000, parent.age / 4))
        age = max(30, parent.age - int(min(wait, parent.age * 0.9)))
        chance = rng.random()
        if chance < _SPAM:
            draft = self._spam(root.community, age)
        elif chance < _SPAM + _FOREIGN:
            planted = self._unseen(lambda: self._planter.foreign(rng))
            draft = Draft(root.community, self._voice().name, None, planted.text, age, 1, planted.truth)
        elif chance < _SPAM + _FOREIGN + _INJECTION:
            planted = self._unseen(lambda: self._planter.injection(rng))
            draft = Draft(root.community, self._voice().name, None, planted.text, age, 0, planted.truth)
        elif chance < _SPAM + _FOREIGN + _INJECTION + _COPY and (source := self._older(age, posts=False)):
            draft = self._copy(source, root.community, age)
        else:
            voice = self._voice()
            said = self._said(talk.comment, topic, voice)
            score = int(rng.lognormvariate(1.2, 1.1)) - (3 if said.truth.stance == "against" else 0)
            draft = Draft(root.community, voice.name, None, said.text, age, score, said.truth)
            self._copyable.append(draft)
        draft.parent, draft.root = parent, root
        draft.depth = 0 if parent is root else parent.depth + 1
        parent.answered = True
        self.drafts.append(draft)
        return draft

    def _spam(self, community: str, age: int) -> Draft:
        rng = self.rng
        earlier = [draft for draft in self._promotions[-12:] if draft.age > age]
        if earlier and rng.random() < 0.25:
            source = rng.choice(earlier)
            truth = replace(source.truth, duplicate_kind="exact")
            source.copied = True
            return Draft(community, source.author, None, source.text, age, 0, truth, copied_from=source)
        planted = self._planter.spam(rng)
        draft = Draft(community, rng.choice(self.spammers), None, planted.text, age, 0, planted.truth)
        if planted.truth.spam == "self_promotion":
            self._promotions.append(draft)
        return draft

    def _copy(self, source: Draft, community: str, age: int) -> Draft:
        rng = self.rng
        kind = "exact" if rng.random() < 0.4 else "near"
        text = source.text if kind == "exact" else near_copy(source.text, rng)
        truth = replace(source.truth, duplicate_kind=kind)
        source.copied = True
        return Draft(community, self._voice().name, source.title, text, age, 1, truth, copied_from=source)

    def _older(self, age: int, *, posts: bool) -> Draft | None:
        for _ in range(8 if self._copyable else 0):
            source = self._copyable[int(self.rng.random() * len(self._copyable))]
            if (source.title is not None) is posts and source.age > age and len(source.text) > 90:
                return source
        return None

    def _said(self, say: Callable[[Topic, Random], Said], topic: Topic, voice: Voice) -> Said:
        def attempt() -> Said:
            said = say(topic, self.rng)
            return replace(said, text=voice.write(said.text, self.rng))

        return self._unseen(attempt)

    def _unseen(self, attempt: Callable[[], Words]) -> Words:
        """Return what `attempt` gives once nobody has said it before; give up after a few tries."""
        for _ in range(6):
            words = attempt()
            key = words.text.lower().rstrip(".")
            if key not in self._seen:
                break
        self._seen.add(key)
        return words

    def _voice(self) -> Voice:
        # Squared: few people write much, many write little.
        return self.people[int(self.rng.random() ** 2 * len(self.people))]
