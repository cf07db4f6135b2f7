"""Tells spam by rules that can be read and by a fitted model, and says why in sentences for the user.

text ──rules──▶ reasons, each with a weight: 1 - Π(1 - weight)
     └─model─▶ probability (n-grams and what the rules found) ──▶ the verdict on a short text; longer ones: rules alone

The model was fitted to short comments and knows nothing of long posts. Both lean to mercy: wrongly hiding a voice is
worse than showing an advertisement, so where no rule has anything to say the model must be nearly sure. How well they
do, and on what: `docs/quality.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import compress, count
from operator import eq
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from app.services.pipeline import spam_phrases as phrases
from app.services.pipeline.wordings import Wordings

if TYPE_CHECKING:
    from app.services.pipeline.spam_model import SpamModel

SPAM_THRESHOLD = 0.6
"""Least score for spam. Below it lie texts with one weak sign, such as a bare link or capitals throughout."""

BARS = ((0.3, 0.4), (0.01, 0.6), (0.0, 0.8))
"""From which probability the model makes spam of a text, by what the rules score it at least: a firm finding, a weak
sign, nothing at all. Off the ground that it was fitted to, the model alone is often wrong."""
_READ = 2_000
"""Characters that the rules read of a text."""
_MANY = 21
"""Different words from which no text repeats itself too much: 35 % of sixty."""
_GLANCE = 300
"""Characters in which a text without links mostly shows as many."""

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|ly|gl|tk|ru|xyz|top|info|biz)/\S*", re.IGNORECASE)
_SHORTENER = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|adf\.ly|ow\.ly|is\.gd|cutt\.ly|rb\.gy|shorturl\.at|t\.me|wa\.me|tiny\.cc|"
    r"linktr\.ee|rebrand\.ly)/",
    re.IGNORECASE,
)
_PROMOTED = re.compile(
    r"(?:facebook|twitch|soundcloud|indiegogo|kickstarter|teespring|gofundme|patreon|onlyfans|ebay|instagram|etsy)\.\w+/"
    r"|play\.google\.com/store|[?&](?:ref|aff|affid|referral|refid|tag|invite)=|/(?:ref|invite|r)/",
    re.IGNORECASE,
)
_MARKETING_HOST = re.compile(
    r"(?:https?://|www\.)[\w.-]*(?:deals?|promo|cheap|best|click|bonus|prize|winn?(?:er|big)|casino|discount|offers?|"
    r"giveaway|traffic|followers|pills?|airdrop)[\w-]*\.[a-z]",
    re.IGNORECASE,
)
_LINK_LISTING = re.compile(r"^\s*(?:\d+[.)]|[-*]|\[\d+\])", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_RUN = re.compile(r"([^\s.\-=_*#~])\1{9,}")
_LINK_SIGN = re.compile(r"://|www\.|\.(?:com|net|org|ly|gl|tk|ru|xyz|top|info|biz)/")
"""In every link; over lower case it is found ten times sooner than a link is."""
_COMMON_LETTERS = "etaoinshrl"
_SMALL, _CAPITAL = ascii_lowercase.encode(), ascii_uppercase.encode()
_WORDINGS = Wordings(
    {
        "follow": phrases.FOLLOW,
        "own_work": phrases.OWN_WORK,
        "easy_money": phrases.EASY_MONEY,
        "crypto": phrases.CRYPTO,
        "other_work": phrases.OTHER_WORK,
        "contact": phrases.CONTACT,
        "advertisement": phrases.ADVERTISEMENT,
        "call": phrases.CALL,
        "newcomer": phrases.NEWCOMER,
    },
    instead={"follow": r"(?:^|[.!?,;:\n-])\s*su(?:b|bs|c|sc)s?c?ribe\b(?! to (?:a|an|the|your|their)\b)"},
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one text."""

    score: float
    """0 to 1."""
    reasons: tuple[str, ...]
    """Sentences for the user, the weightiest first."""

    @property
    def spam(self) -> bool:
        """Return True when the score reaches the threshold."""
        return self.score >= SPAM_THRESHOLD


@dataclass(frozen=True, slots=True)
class _Text:
    raw: str
    lower: str
    links: int
    words: tuple[str, ...]
    """Outside links, lower case; only the beginning of a text that has no link and many different words."""
    said: Collection[str]
    """Kinds of `_WORDINGS` that occur."""


@dataclass(frozen=True, slots=True)
class _Rule:
    weight: float
    reason: str
    applies: Callable[[_Text], bool]
    any_link: bool = False
    """Whether any link will do."""


def _says(kind: str) -> Callable[[_Text], bool]:
    return lambda text: kind in text.said


def _only_link(text: _Text) -> bool:
    return text.links > 0 and not text.words


def _mostly_link(text: _Text) -> bool:
    return text.links > 0 and 0 < len(text.words) < 4


def _dense_links(text: _Text) -> bool:
    return text.links >= 2 and text.links * 8 > len(text.words) and not _LINK_LISTING.search(text.raw)


def _call_with_link(text: _Text) -> bool:
    return text.links > 0 and len(text.words) < 40 and "call" in text.said


def _shortened_link(text: _Text) -> bool:
    return text.links > 0 and _SHORTENER.search(text.raw) is not None


def _repeats_character(text: _Text) -> bool:
    # A run of ten holds a place that five divides and the four after it, so most texts need a look at two in five.
    raw = text.raw
    for place in compress(count(0, 5), map(eq, raw[::5], raw[1::5])):
        if raw[place : place + 5] == 5 * raw[place]:
            return _RUN.search(raw) is not None
    return False


def _promoted_link(text: _Text) -> bool:
    return text.links > 0 and len(text.words) < 60 and _PROMOTED.search(text.raw) is not None


def _marketing_link(text: _Text) -> bool:
    return text.links > 0 and _MARKETING_HOST.search(text.raw) is not None


def _link_outweighs_words(text: _Text) -> bool:
    return text.links > 0 and 4 <= len(text.words) < 10 and not text.raw.rstrip().endswith("?")


def _repeats_words(text: _Text) -> bool:
    return len(text.words) >= 12 and len(set(text.words)) < _MANY / 60 * min(len(text.words), 60)


def _shouts(text: _Text) -> bool:
    if text.raw.isascii():  # the same as below, sooner
        raw = text.raw.encode()
        capitals = len(raw) - len(raw.translate(None, _CAPITAL))
        small = len(raw) - len(raw.translate(None, _SMALL))
        return capitals + small >= 20 and capitals > 0.7 * (capitals + small)
    if sum(map(text.raw.count, _COMMON_LETTERS)) > 0.3 * len(text.raw):
        return False  # so many small letters that the capitals are too few: spares looking at each
    letters = [character for character in text.raw if character.isalpha()]
    return len(letters) >= 20 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


RULES: tuple[_Rule, ...] = (
    _Rule(0.75, "It asks readers to follow or subscribe to someone.", _says("follow")),
    _Rule(0.7, "It advertises its author's own channel, page or work.", _says("own_work")),
    _Rule(0.7, "It promises easy money, gifts or a giveaway.", _says("easy_money")),
    _Rule(0.7, "It promotes a crypto or trading scheme.", _says("crypto")),
    _Rule(0.65, "It sends readers to another video, page or channel.", _says("other_work")),
    _Rule(0.6, "It holds nothing besides a link.", _only_link),
    _Rule(0.5, "It holds little besides a link.", _mostly_link, any_link=True),
    _Rule(0.6, "It asks readers to get in touch outside the community.", _says("contact")),
    _Rule(0.6, "It sells or discounts something in the words of an advertisement.", _says("advertisement")),
    _Rule(0.5, "It uses a link shortener, which hides where the link leads.", _shortened_link),
    _Rule(0.45, "It calls on readers to open its link.", _call_with_link),
    _Rule(0.45, "The name of the site that it links to is an advertisement.", _marketing_link),
    _Rule(0.45, "Its link leads to a shop, a profile, a fund-raiser or a referral.", _promoted_link),
    _Rule(0.4, "It calls on readers to look at something, like it or vote for it.", _says("call")),
    _Rule(0.5, "It packs many links into few words.", _dense_links, any_link=True),
    _Rule(0.4, "It says the same words over and over.", _repeats_words),
    _Rule(0.2, "Its link outweighs its words.", _link_outweighs_words, any_link=True),
    _Rule(0.35, "It presents itself to an audience.", _says("newcomer")),
    _Rule(0.25, "It is written in capitals.", _shouts),
    _Rule(0.2, "It repeats one character many times.", _repeats_character),
)
"""Every rule that looks at the text alone. The reason is shown to the user as it stands."""

REPEATED_BY_AUTHOR = (0.65, "Its author posted the same words at least three times.")
LIKE_SPAM = (0.7, "It says almost the same as an item that was found to be spam.")


def judge(text: str, *, under_video: bool = False) -> Verdict:
    """Return what rules and model say of `text` alone; see `judge_all`."""
    return judge_all([text], under_video=under_video)[0]


def judge_all(texts: Sequence[str], model: SpamModel | None = None, *, under_video: bool = False) -> list[Verdict]:
    """Return what rules and model say of each text alone, in the order given. Never raises; an empty text scores 0.

    Args:
        texts: As collected.
        model: The shipped one when None.
        under_video: Whether they are comments under a video, as those that the model was fitted to. There nearly every
            link is spam. Elsewhere people help each other with links, so the model is not told of them.
    """
    from app.services.pipeline.spam_model import LONGEST, load_model  # noqa: PLC0415 - numpy starts threads at import

    seen = [_see(text) for text in texts]
    found = [[rule for rule in RULES if rule.applies(text)] for text in seen]
    verdicts = [_by_rules(rules) for rules in found]
    short = [place for place, text in enumerate(texts) if text.strip() and len(text) <= LONGEST]
    if short:
        model = model or load_model()
        told = [
            found[place] if under_video else [rule for rule in found[place] if not rule.any_link] for place in short
        ]
        shown = [texts[place] if under_video else _LINK.sub(" ", texts[place]) for place in short]
        likely = model.probabilities(shown, [_columns(rules) for rules in told])
        for place, rules, text, probability in zip(short, told, shown, likely, strict=True):
            bar = next(bar for least, bar in BARS if _by_rules(rules).score >= least)
            verdicts[place] = _weigh(text, verdicts[place], probability, bar, model)
    return verdicts


def rule_columns(text: str) -> list[float]:
    """Return what the model is told of the rules' findings in a comment under a video."""
    seen = _see(text)
    return _columns([rule for rule in RULES if rule.applies(seen)])


def _see(text: str) -> _Text:
    raw = text[:_READ]
    lower = raw.lower()
    links = len(_LINK.findall(raw)) if _LINK_SIGN.search(lower) else 0
    words = tuple(_WORD.findall(lower[:_GLANCE] if not links else _LINK.sub(" ", raw).lower()))
    if not links and len(lower) > _GLANCE and len(set(words)) <= _MANY:
        words = tuple(_WORD.findall(lower))
    return _Text(raw, lower, links, words, _WORDINGS.find(lower).keys())


def _columns(found: list[_Rule]) -> list[float]:
    return [2 * _by_rules(found).score, *(float(rule in found) for rule in RULES)]


def _by_rules(found: list[_Rule]) -> Verdict:
    return combine([(rule.weight, rule.reason) for rule in found])


def _weigh(text: str, by_rules: Verdict, probability: float, bar: float, model: SpamModel) -> Verdict:
    """Return the verdict of the model, its reason beside those of the rules."""
    if probability < bar:
        return Verdict(round(SPAM_THRESHOLD * probability / bar, 4), by_rules.reasons)
    score = round(SPAM_THRESHOLD + (1 - SPAM_THRESHOLD) * (probability - bar) / (1 - bar), 4)
    words = [f"\u201c{word}\u201d" for word in model.strongest(text)]
    reason = f"It reads like known spam, above all by {', '.join(words)}." if words else "It reads like known spam."
    return Verdict(score, (*by_rules.reasons, reason))


def combine(signs: list[tuple[float, str]]) -> Verdict:
    """Return the verdict from weighted signs: 1 - Π(1 - weight), reasons by weight."""
    innocent = 1.0
    for weight, _ in signs:
        innocent *= 1 - weight
    ordered = sorted(signs, key=lambda sign: -sign[0])
    return Verdict(round(1 - innocent, 4), tuple(reason for _, reason in ordered))
