"""Which language an item is written in, and an honest `und` where that cannot be told.

The model is py3langid's (Naive Bayes over byte n-grams, https://github.com/adbar/py3langid). It is unsure about the
short, jargon-laden sentences of a forum ("sync is broken" reads as Dutch to it), so a short text that uses English
function words and is not clearly something else counts as English.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

UNDETERMINED = "und"
"""ISO 639-2 code for "undetermined"."""

# fmt: off
LANGUAGES = (
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ka", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw",
    "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
)
# fmt: on
"""What people write in the communities we read; over all the model's languages, short English turns into Tagalog."""

CONFIDENT = 0.8
"""Least probability for a language other than English."""
CONFIDENT_ENGLISH = 0.5
"""Least probability for English: nearly all of what we read is, so it needs less to be believed."""
PLAUSIBLE_ENGLISH = 0.05
"""… and with function words at hand, far less."""

_READ = 240
"""Characters looked at: more does not change the answer."""
_NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|https?://\S+|www\.\S+|<[^>]{0,200}>|&\w{1,8};|&#\d+;|[@#]\w+|\b[ru]/\w+|[\d_*>|~=\\/]+",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
# fmt: off
_FUNCTION_WORDS = frozenset({
    "the", "a", "an", "is", "are", "was", "were", "be", "been", "i", "i'm", "i've", "you", "it", "it's", "its",
    "this", "that", "these", "those", "and", "or", "but", "to", "of", "for", "with", "from", "my", "your",
    "our", "their", "not", "no", "don't", "doesn't", "didn't", "can't", "won't", "isn't", "wasn't", "couldn't",
    "how", "what", "why", "when", "where", "who", "which", "does", "did", "do", "has", "have", "had", "would",
    "could", "should", "will", "can", "just", "really", "very", "same", "here", "there", "anyone", "someone",
    "please", "thanks", "thank", "still", "every", "any", "some", "only", "if", "so", "then", "than", "after",
    "before", "again", "we", "they", "he", "she", "as", "on", "at", "by", "keeps", "love", "hate", "great",
    "good", "bad", "works", "working", "broken",
})
# fmt: on
# fmt: off
_SHARED_WITH_OTHERS = frozenset({
    "a", "an", "is", "was", "i", "no", "do", "as", "on", "at", "so", "he", "we", "die", "in", "be", "can", "or",
    "here", "had", "has", "have", "will",
})
# fmt: on
"""English function words that are also words of German, Dutch, Spanish, Portuguese, French or Italian."""


class Identifier(Protocol):
    """What tells a language; py3langid's `LanguageIdentifier` is one."""

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return languages with their probabilities, the likeliest first."""


@cache
def load_identifier() -> Identifier:
    """Return the process's one identifier. The first call reads 4.6 MB and takes about 0.6 s."""
    # Here and not above: numpy starts threads at import, and processes that fork import this module.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier: Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)  # type: ignore[attr-defined]
    return identifier


def detect(text: str, identifier: Identifier) -> str:
    """Return the ISO 639-1 code of the language of `text`, or `und` when it is too short or too unclear to tell."""
    prose = " ".join(_NOT_PROSE.sub(" ", text[: 4 * _READ])[:_READ].split())
    words = [word.replace("\u2019", "'").lower() for word in _WORD.findall(prose)]
    letters = sum(map(len, words))
    if letters < 2 or (letters < 6 and prose.isascii()):
        return UNDETERMINED
    ranked = identifier.rank(prose)
    best, probability = ranked[0]
    if best == "en":
        return "en" if probability >= CONFIDENT_ENGLISH and len(words) > 1 else _unless_english(words, ranked)
    if probability >= CONFIDENT and (len(words) > 1 or not prose.isascii()):
        # Seven words of jargon around one "the" fool the model; three plainly English words do not lie.
        return "en" if probability < 0.97 and _unless_english(words, ranked) == "en" and len(words) > 3 else best
    return _unless_english(words, ranked)


def _unless_english(words: list[str], ranked: list[tuple[str, float]]) -> str:
    if len(words) < 2 or dict(ranked)["en"] < PLAUSIBLE_ENGLISH:
        return UNDETERMINED
    found = [word for word in words if word in _FUNCTION_WORDS]
    own = [word for word in found if word not in _SHARED_WITH_OTHERS]
    return "en" if own and len(found) * 4 >= len(words) else UNDETERMINED
