"""Who talks, and how: made-up names, and habits of writing that stay with a person."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from integrations.sandbox.phrases import Lexicon


@dataclass(frozen=True, slots=True)
class Voice:
    """One made-up person."""

    name: str
    lower_case: bool
    drops_last_stop: bool
    mistypes: bool

    def write(self, text: str, rng: Random) -> str:
        """Return `text` as this person would have typed it."""
        if self.mistypes:
            text = mistype(text, rng)
        if self.lower_case:
            text = text.lower()
        if self.drops_last_stop and text.endswith("."):
            text = text[:-1]
        return text


def crowd(size: int, lexicon: Lexicon, rng: Random) -> list[Voice]:
    """Return `size` people with different names."""
    people: dict[str, Voice] = {}
    while len(people) < size:
        first, second = lexicon.fill("name_first", rng), lexicon.fill("name_second", rng)
        number = str(rng.randrange(1, 1000)) if rng.random() < 0.7 else ""
        joint = rng.choice(("_", "", "-"))
        name = f"{first}{joint}{second}{number}"
        people[name] = Voice(name, rng.random() < 0.12, rng.random() < 0.2, rng.random() < 0.15)
    return list(people.values())


def mistype(text: str, rng: Random) -> str:
    """Swap two neighbouring letters inside one word, or lose an apostrophe."""
    if "'" in text and rng.random() < 0.5:
        return text.replace("'", "", 1)
    words = text.split(" ")
    long_words = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long_words:
        return text
    place = rng.choice(long_words)
    word = words[place]
    cut = rng.randrange(1, len(word) - 2)
    words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)
