"""Takes out of a sentence what its author wants, as a short phrase that can be read on its own.

"I wish there was a way to tag letters by sender." → a way to tag letters by sender
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.services.pipeline.stop_words import STOP_WORDS

LONGEST_WORDS = 11
_TO = (
    r"(?:a|any|some|the|no) (?:\w+ )?(?:way|option|ability|possibility) to",
    r"(?:i|we) (?:\w+ )?(?:want|need|would like|'d like|'d love|would love|wish) (?:to be able )?to",
    r"(?:able|ability|easy|possible|easier|too much to ask|all i want is|my wish is|one wish) to",
    r"(?:please |could \w+ please |could you |can you |would \w+ |just )?let (?:me|us|users|people)",
    r"(?:something|anything|software|an? (?:tool|app|service|plugin|script)) (?:\w+ )?(?:to|that (?:can|could|would))",
    r"(?:if|when) (?:i|we|it) could",
    r"if it (?:can|could)",
    r"(?:pay|paid) (?:\S+ ){0,6}(?:just )?to",
    r"feature request:? (?:please )?(?:let me|allow (?:me|us) to|ability to)?",
    r"wish(?:ed)? (?:it|i|we|they|you|\w+) (?:could|would)",
    r"please (?=add|support|implement|allow|make|fix|bring|give)",
)
_THING = (
    r"looking for (?=an? |some |any )",
    r"(?:i|we) (?:really |just |still |badly )?(?:need|want|miss) (?=an? |some |better |proper )",
    r"would (?:love|like) (?:to see |to have )?(?=an? |some |better |proper )",
    r"(?:missing|lacks?|lacking|missing is) (?=an? |proper |any )",
    r"(?:somebody|someone|please) (?:please )?(?:build|make) (?=an? |some )",
    r"(?:pay|money|budget)(?: \S+){0,5}? for (?=an? |proper |real |good )",
    r"would be (?:nice|great|good|useful|helpful) to have (?=an? |some |\w)",
    r"wish (?:there was|there were|it had|they had|we had|i had) (?=an? |some |\w)",
)
_TO_PATTERN = re.compile(r"\b(?:" + "|".join(_TO) + r")\s+(?P<want>[^.!?;:()\n\"]{6,140})", re.IGNORECASE)
_THING_PATTERN = re.compile(r"\b(?:" + "|".join(_THING) + r")(?P<want>[^.!?;:()\n\"]{6,140})", re.IGNORECASE)
_BREAK = re.compile(
    r",| (?:because|but|so that|since|and i|and we|and it|which i|while|although|though|instead|unless|if|even|when i|"
    r"nobody|no questions|nothing|than|ideally|without \d)\b| - | \u2013 | \u2014 ",
    re.IGNORECASE,
)
# fmt: off
_EDGE = frozenset({
    "a", "an", "the", "to", "of", "and", "or", "for", "with", "in", "on", "at", "by", "is", "are", "was", "be", "it",
    "that", "which", "my", "our", "me", "us", "so", "as", "from", "than",
})
# fmt: on
_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
_UNREADABLE = re.compile(r"https?:|www\.|[<>\[\]{}|\\^~*_`#@=]|\d{4,}|[^\W_]{25,}")


@dataclass(frozen=True, slots=True)
class Want:
    """What one sentence asks for."""

    phrase: str
    """Without a leading article; "tag letters by sender" or "beginner guide"."""
    action: bool
    """True when it is something to do ("tag letters"), False when it is a thing ("beginner guide")."""
    stems: frozenset[str]
    """Its telling words, for comparing wants."""


def find(text: str) -> list[Want]:
    """Return the wants in `text`, in order; none when nothing is asked for in words that we know."""
    text = text[:2_000].replace("\u2019", "'")
    found: list[Want] = []
    for pattern, action in ((_TO_PATTERN, True), (_THING_PATTERN, False)):
        for match in pattern.finditer(text):
            want = _want(match["want"], action=action)
            if want is not None:
                found.append(want)
    return found


def stems(text: str) -> frozenset[str]:
    """Return the telling words of `text`, singular."""
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
        for word in (part.lower() for part in _WORD.findall(text))
        if len(word) > 2 and word not in STOP_WORDS
    )


def _want(raw: str, *, action: bool) -> Want | None:
    phrase = _BREAK.split(raw, maxsplit=1)[0]
    if _UNREADABLE.search(phrase):
        return None
    words = phrase.split()
    while words and words[0].lower() in {"a", "an", "the", "some", "any", "please", "to", "me", "us"}:
        words.pop(0)
    if len(words) > LONGEST_WORDS:
        return None
    while words and words[-1].lower().strip(",'") in _EDGE:
        words.pop()
    phrase = " ".join(words).strip(" ,'-")
    telling = stems(phrase)
    if len(words) < 2 or len(telling) < 2:
        return None
    return Want(phrase, action, telling)
