"""A small template language for forum talk.

A phrase is text with slots: `Third time this {period} that {pain}.` A slot is filled from the topic's own lists first,
else from the common ones, and may hold slots itself. All lists are package data under `data/`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from random import Random

_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE_START = re.compile(r"(^|[.!?]\s+)([a-z])")

Phrase = tuple[str, ...]
"""Literal text and slot names in turn: even places are text, odd places are slots."""


class Lexicon:
    """Named lists of phrases, compiled once."""

    def __init__(self, lists: dict[str, list[str]], common: Lexicon | None = None) -> None:
        """Compile `lists`; slots that are not among them are looked up in `common`."""
        self._lists: dict[str, tuple[Phrase, ...]] = {
            name: tuple(tuple(_SLOT.split(text)) for text in texts) for name, texts in lists.items()
        }
        self._common = common

    def has(self, name: str) -> bool:
        """Say whether phrases of that name stand here or in the common lists."""
        return name in self._lists or (self._common is not None and self._common.has(name))

    def fill(self, name: str, rng: Random) -> str:
        """Return one phrase of the list `name` with every slot filled. Raises `KeyError` for an unknown name."""
        return self._expand(self.pick(name, rng), rng, self)

    def fill_at(self, name: str, place: int, rng: Random) -> str:
        """Return the phrase at `place` of the list `name`, filled. Raises `KeyError` or `IndexError` for none."""
        return self._expand(self._lists[name][place], rng, self)

    def sentence(self, name: str, rng: Random) -> str:
        """Return one filled phrase with each sentence starting in upper case."""
        return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), self.fill(name, rng))

    def pick(self, name: str, rng: Random) -> Phrase:
        """Return one phrase of the list `name`, its slots open."""
        choices = self._lists.get(name)
        if choices is None:
            if self._common is None:
                raise KeyError(name)
            return self._common.pick(name, rng)
        return choices[int(rng.random() * len(choices))]

    def _expand(self, phrase: Phrase, rng: Random, scope: Lexicon) -> str:
        if len(phrase) == 1:
            return phrase[0]
        parts = list(phrase)
        for place in range(1, len(parts), 2):
            parts[place] = self._expand(scope.pick(parts[place], rng), rng, scope)
        return "".join(parts)


@cache
def material(name: str) -> dict[str, object]:
    """Return the parsed package data `data/<name>.json`."""
    loaded = json.loads(files("integrations.sandbox").joinpath("data", f"{name}.json").read_text("utf-8"))
    if not isinstance(loaded, dict):
        raise TypeError(f"data/{name}.json must hold an object.")
    return loaded
