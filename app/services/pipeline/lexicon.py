"""What VADER says of many texts: its analyzer's scores of the beginning, its lexicon's figures of the whole.

Hutto & Gilbert 2014, https://doi.org/10.1609/icwsm.v8i1.14550, MIT licence, as installed. The analyzer knows emoticons,
capitals and boosters, but reads word by word, too slowly for long texts; so of what follows only the valences of the
words are summed, turned about after a negation by its factor of -0.74.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from string import punctuation
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.services.pipeline.linear_model import Floats
from app.services.pipeline.text_features import Batch, Hashes, Words

_NEGATED = -0.74
"""https://github.com/cjhutto/vaderSentiment/blob/master/vaderSentiment/vaderSentiment.py, `N_SCALAR`."""
_SPREAD = 15.0
"""By which VADER maps a sum s into -1..1: s / √(s² + 15)."""
_STRONGEST = 4.0
_ONE_WORD = re.compile(r"[\w']+")
READ = 280
"""Characters that the analyzer reads of a text: the length of the posts that the model was fitted to."""
COLUMNS = 19


class Analyzer(Protocol):
    """What scores a text by word and rule; VADER's `SentimentIntensityAnalyzer` is one, ours the same, sooner."""

    def polarity_scores(self, text: str) -> dict[str, float]:
        """Return `compound` from -1 to 1, and the shares `neg`, `neu` and `pos`."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Valences (-4 to 4) by the hash of their word, in the order of the hashes, and the analyzer."""

    hashes: Hashes
    valences: Floats
    analyzer: Analyzer


@cache
def load() -> Lexicon:
    """Return the process's one lexicon. The first call reads 7,500 lines, about 50 ms."""
    analyzer = _analyzer()
    valences: dict[str, float] = analyzer.lexicon
    known = {word: value for word, value in valences.items() if _ONE_WORD.fullmatch(word)}
    batch = Batch(list(known))
    words = batch.words()
    hashes = words.hashes[np.searchsorted(words.text, np.arange(len(known)))]
    order = np.argsort(hashes)
    return Lexicon(hashes[order], np.array(list(known.values()))[order], analyzer)


def _analyzer() -> Any:  # noqa: ANN401 - VADER is untyped
    """Return VADER, without the steps that change nothing for a text: same figures, a third of the time."""
    from vaderSentiment import vaderSentiment as vader  # noqa: N813, PLC0415 - imports requests

    rules = vader.SentimentIntensityAnalyzer
    turning = frozenset({*vader.NEGATE, "so", "this"})
    emoji: set[str] = set()

    class QuickAnalyzer(vader.SentimentIntensityAnalyzer):  # type: ignore[misc]
        """Asks VADER's rules only about words that its lexicon knows, and about negation only where one stands."""

        def polarity_scores(self, text: str) -> dict[str, float]:
            if not emoji.isdisjoint(text):  # VADER puts them into words first
                found: dict[str, float] = super().polarity_scores(text)
                return found
            text = text.strip()
            words = _words(text)
            lower = [word.lower() for word in words]
            moods: list[float] = [0] * len(words)
            said = SimpleNamespace(words_and_emoticons=words, is_cap_diff=_some_capitals(words))
            for place, word in enumerate(lower):
                kind_of = word == "kind" and lower[place + 1 : place + 2] == ["of"]
                if word in self.lexicon and word not in vader.BOOSTER_DICT and not kind_of:
                    (moods[place],) = self.sentiment_valence(0, said, words[place], place, [])
            if "but" in lower:
                moods = self._but_check(words, moods)
            valued: dict[str, float] = self.score_valence(moods, text)
            return valued

        @staticmethod
        def _negation_check(valence: float, words: list[str], start: int, place: int) -> float:
            # VADER looks at the words from there to the place, and lowers all there are before it does.
            before = [word.lower() for word in words[place - start - 1 : place]]
            if turning.isdisjoint(before) and "n't" not in " ".join(before):
                return valence
            turned: float = rules._negation_check(valence, before, start, start + 1)  # noqa: SLF001
            return turned

        @staticmethod
        def _special_idioms_check(valence: float, words: list[str], place: int) -> float:
            # From three words before, which are always there, to two after.
            turned: float = rules._special_idioms_check(valence, words[place - 3 : place + 3], 3)  # noqa: SLF001
            return turned

        @staticmethod
        def _sift_sentiment_scores(moods: list[float]) -> tuple[float, float, int]:
            telling = [mood for mood in moods if mood]
            positive, negative, _ = rules._sift_sentiment_scores(telling)  # noqa: SLF001
            return positive, negative, len(moods) - len(telling)

    analyzer = QuickAnalyzer()
    emoji.update(sign for sign in analyzer.emojis if len(sign) == 1)  # it looks at single signs only
    return analyzer


def _words(text: str) -> list[str]:
    """Return the words without the signs around them; what would be left of two characters or less stays as it is."""
    return [bare if len(bare := word.strip(punctuation)) > 2 else word for word in text.split()]


def _some_capitals(words: list[str]) -> bool:
    """Return whether some words are written in capitals, but not all."""
    return any(map(str.isupper, words)) and not all(map(str.isupper, words))


def measure(texts: Sequence[str], words: Words, lexicon: Lexicon) -> Floats:
    """Return `COLUMNS` figures for each text, all about -1 to 1.

    Args:
        texts: As written: capitals and signs count.
        words: Of the same texts, normalised.
        lexicon: What knows the words.
    """
    return np.column_stack([_of_words(words, len(texts), lexicon), [_of_beginning(text, lexicon) for text in texts]])


def _of_beginning(text: str, lexicon: Lexicon) -> list[float]:
    found = lexicon.analyzer.polarity_scores(text[:READ])
    compound = found["compound"]
    return [compound, found["neg"], found["pos"], found["neu"], max(compound, 0), max(-compound, 0), compound == 0]


def _of_words(words: Words, texts: int, lexicon: Lexicon) -> Floats:
    place = np.minimum(np.searchsorted(lexicon.hashes, words.hashes), len(lexicon.hashes) - 1)
    valence = np.where(lexicon.hashes[place] == words.hashes, lexicon.valences[place], 0.0)
    valence = np.where(words.negated, _NEGATED * valence, valence)

    def total(values: NDArray[Any]) -> Floats:
        return np.bincount(words.text, values.astype(np.float64), texts).astype(np.float64)

    count = np.maximum(total(np.ones(len(valence))), 1)
    good, bad = total(np.maximum(valence, 0)), total(np.maximum(-valence, 0))
    good_words, bad_words = total(valence > 0), total(valence < 0)
    best, worst = np.zeros(texts), np.zeros(texts)
    np.maximum.at(best, words.text, valence)
    np.minimum.at(worst, words.text, valence)
    balance = _squash(good - bad)
    return np.column_stack(
        [
            balance,
            np.maximum(balance, 0),
            np.minimum(balance, 0),
            _squash(good),
            _squash(bad),
            best / _STRONGEST,
            worst / _STRONGEST,
            np.minimum(good_words, 5) / 5,
            np.minimum(bad_words, 5) / 5,
            (good_words + bad_words) > 0,
            good / count,
            bad / count,
        ]
    )


def _squash(total: Floats) -> Floats:
    return np.asarray(total / np.sqrt(total**2 + _SPREAD))
