"""How threads grow: who answers whom, when, and what is planted among the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from integrations.sandbox import talk
from integrations.sandbox.bank import Bank, Place
from integrations.sandbox.habits import Habits
from integrations.sandbox.items import Truth
from integrations.sandbox.planting import Planted, Planter, near_copy
from integrations.sandbox.talk import Said, Topic
from integrations.sandbox.voices import Voice

DAYS = 60
"""The oldest thread is at most this old."""

_PLAIN_TRIES, _TRIES = 5, 14
"""How often something is said anew: first as it is, then with a detail added."""
_SHORT = 24
"""Letters below which the same words twice mean nothing."""
_NOT_LETTERS = re.compile(r"[\W\d_]+")

Words = TypeVar("Words", Said, Planted)

_DEEP_CHAIN = 16
"""Longer than the ten levels that Reddit answers at once."""
HUGE = 500
"""Comments from which on a thread counts as huge."""
_FAVOURITE = 0.55
"""Share of the replies in a huge flat thread that go to its first comment: more than one page of replies."""


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
    source: str = "reddit"
    link: str | None = None


@dataclass(slots=True)
class Grower:
    """Grows the threads of some communities with one source of chance."""

    rng: Random
    people: list[Voice]
    spammers: list[str]
    bank: Bank
    habits: Habits
    drafts: list[Draft] = field(default_factory=list)
    _planter: Planter = field(init=False)
    _seen: set[str] = field(default_factory=set)
    _copyable: list[Draft] = field(default_factory=list)
    _promotions: list[Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find who plants what is not honest here."""
        self._planter = self.bank.planter(self.habits.source)

    def community(self, place: Place, size: int, giant: int = 0) -> None:
        """Grow threads of `size` items in all, one of them with `giant` comments (0 for none)."""
        name, language = place.community.name, place.community.language
        known = self.bank.topics(self.habits.source, language)
        here = [known[topic] for topic, weight in place.topics.items() if topic in known for _ in range(weight)]
        left = size
        number = 0
        while left > 0:
            comments = giant if number == 0 and giant else int(self.rng.lognormvariate(*self.habits.size))
            if self.habits.flat and number % 12 == 5:
                comments = 0
            comments = min(comments, left - 1)
            self._thread(name, here, self.rng.choice(here), comments, deep=number % 9 == 2 and not self.habits.flat)
            left -= comments + 1
            number += 1

    def take_down(self) -> None:
        """Remove some of the comments and posts that have answers, and delete some accounts."""
        for draft in self.drafts if self.habits.tombstones else ():
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
        age = 300 + int(rng.random() ** 1.4 * (DAYS if comments < HUGE else 20) * 86_400)
        root = self._open(community, topic, age, comments)
        thread = [root]
        tip = root
        for place in range(comments):
            if deep and place < _DEEP_CHAIN:
                parent = tip
            elif rng.random() < self.habits.to_root:
                parent = root
            else:
                parent = self._answered(root, thread, huge=comments >= HUGE)
            about = rng.choice(here) if rng.random() < self.habits.drift else topic
            tip = self._answer(parent, root, about)
            thread.append(tip)

    def _answered(self, root: Draft, thread: list[Draft], *, huge: bool) -> Draft:
        parent = thread[int(self.rng.random() * len(thread))]
        if self.habits.flat:
            if huge and len(thread) > 1 and self.rng.random() < _FAVOURITE:
                parent = thread[1]
            above = parent.parent
            return parent if above is None or above is root else above
        return root if parent.depth >= self.habits.deepest else parent

    def _open(self, community: str, topic: Topic, age: int, comments: int) -> Draft:
        rng = self.rng
        score = max(0, int(rng.lognormvariate(2.5, 1.2)) + comments)
        chance = rng.random() if self.habits.odd_openings else 1.0
        if chance < 0.03:
            planted = self._planter.spam(rng)
            title = planted.text.split(".", maxsplit=1)[0][:90].strip()
            draft = Draft(community, rng.choice(self.spammers), title, planted.text, age, 0, planted.truth)
        elif chance < 0.06 and (source := self._older(age, posts=True)):
            draft = self._copy(source, community, age)
        else:
            voice = self._voice()
            said = self._said(self.habits.opens, topic, voice)
            author = community if self.habits.flat else voice.name
            draft = Draft(community, author, said.title, said.text, age, score, said.truth, link=said.link)
            self._copyable.append(draft)
        draft.source = self.habits.source
        self.drafts.append(draft)
        return draft

    def _answer(self, parent: Draft, root: Draft, topic: Topic) -> Draft:
        rng, habits = self.rng, self.habits
        to_foreign = habits.spam + habits.foreign
        to_injection = to_foreign + habits.injection
        wait = rng.expovariate(1 / min(20_000, parent.age / 4))
        age = max(30, parent.age - int(min(wait, parent.age * 0.9)))
        chance = rng.random()
        if chance < habits.spam:
            draft = self._spam(root.community, age)
        elif chance < to_foreign and not habits.own_translations:
            planted = self._unseen(lambda _number: self._planter.foreign(rng))
            draft = Draft(root.community, self._voice().name, None, planted.text, age, 1, planted.truth)
        elif to_foreign <= chance < to_injection:
            planted = self._unseen(lambda _number: self._planter.injection(rng))
            draft = Draft(root.community, self._voice().name, None, planted.text, age, 0, planted.truth)
        elif to_injection <= chance < to_injection + habits.copy and (source := self._older(age, posts=False)):
            draft = self._copy(source, root.community, age)
        else:
            voice = self._voice()
            if chance < to_foreign and (others := self.bank.others(topic, habits.source)):
                topic = rng.choice(others)
            said = self._said(lambda about, dice: talk.comment(about, dice, habits.tone), topic, voice)
            score = int(rng.lognormvariate(1.2, 1.1)) - (3 if said.truth.stance == "against" else 0)
            draft = Draft(root.community, voice.name, None, said.text, age, score, said.truth)
            self._copyable.append(draft)
        draft.parent, draft.root, draft.source = parent, root, habits.source
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
        plant = self._planter.spam
        planted = self._unseen(lambda _number: plant(rng)) if self.habits.strict else plant(rng)
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
            if (source.title is not None) is posts and source.age > age and len(source.text) > self.habits.copied_from:
                return source
        return None

    def _said(self, say: Callable[[Topic, Random], Said], topic: Topic, voice: Voice) -> Said:
        def attempt(number: int) -> Said:
            said = say(topic, self.rng)
            text = said.text
            if number >= _PLAIN_TRIES and text and self.habits.strict:
                text = f"{text} {topic.lexicon.sentence('detail', self.rng)}"
            return replace(said, text=voice.write(text, self.rng))

        return self._unseen(attempt)

    def _unseen(self, attempt: Callable[[int], Words]) -> Words:
        """Return what `attempt` gives once nobody has said it before; give up after a few tries."""
        for number in range(_TRIES if self.habits.strict else 6):
            words = attempt(number)
            key = words.text.lower().rstrip(".")
            if self.habits.strict and len(letters := _NOT_LETTERS.sub(" ", key).strip()) >= _SHORT:
                # Where only a number or a face differs, it is a copy that nobody planted.
                key = letters
            if key not in self._seen:
                break
        self._seen.add(key)
        return words

    def _voice(self) -> Voice:
        # Squared: few people write much, many write little.
        return self.people[int(self.rng.random() ** 2 * len(self.people))]
