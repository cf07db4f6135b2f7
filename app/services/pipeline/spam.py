"""Tells spam by rules that can be read, and says why in sentences for the user.

Each rule that fires has a weight; together they give 1 - Π(1 - weight), so no single weak sign (capitals, a link)
makes spam, and several do. The rules were written by hand and their weights adjusted on the comments of two of the three
videos in the YouTube Spam Collection's development part (Alberto et al. 2015, https://doi.org/10.1109/ICMLA.2015.37).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

SPAM_THRESHOLD = 0.6
"""Least score for spam. Below it lie texts with one weak sign, such as a bare link or capitals throughout."""

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
_LINK_LISTING = re.compile(r"^\s*(?:\d+[.)]|[-*]|\[\d+\])", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_RUN = re.compile(r"([^\s.\-=_*#~])\1{9,}")
_I = re.IGNORECASE


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
    links: int
    words: tuple[str, ...]
    """Outside links, lower case."""


@dataclass(frozen=True, slots=True)
class _Rule:
    weight: float
    reason: str
    applies: Callable[[_Text], bool]


def _phrase(pattern: str) -> Callable[[_Text], bool]:
    compiled = re.compile(pattern, _I)
    return lambda text: compiled.search(text.raw) is not None


def _mostly_link(text: _Text) -> bool:
    return text.links > 0 and len(text.words) < 4


def _dense_links(text: _Text) -> bool:
    return text.links >= 2 and text.links * 8 > len(text.words) and not _LINK_LISTING.search(text.raw)


def _call_with_link(text: _Text) -> bool:
    return text.links > 0 and len(text.words) < 40 and _CALL.search(text.raw) is not None


def _promoted_link(text: _Text) -> bool:
    return text.links > 0 and len(text.words) < 60 and _PROMOTED.search(text.raw) is not None


def _link_outweighs_words(text: _Text) -> bool:
    return text.links > 0 and 4 <= len(text.words) < 10 and not text.raw.rstrip().endswith("?")


def _repeats_words(text: _Text) -> bool:
    return len(text.words) >= 12 and len(set(text.words)) < 0.35 * min(len(text.words), 60)


def _shouts(text: _Text) -> bool:
    letters = [character for character in text.raw if character.isalpha()]
    return len(letters) >= 20 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


_CALL = re.compile(
    r"\b(?:check (?:(?:this|it|them|him|her|these) )?out|click (?:here|this|the link|on)|(?:please|plz|pls) (?:like|"
    r"vote|watch|share|help|visit|check)|vote for|like (?:this|my|our)|sign ?up|register (?:here|now)|buy now|shop now|"
    r"visit (?:us|our|this|the)|watch (?:this|my)|support (?:me|us)|donate|order (?:here|now)|download (?:here|now)|"
    r"join (?:us|here|now)|free)\b",
    _I,
)

RULES: tuple[_Rule, ...] = (
    _Rule(
        0.75,
        "It asks readers to follow or subscribe to its author.",
        _phrase(
            r"(?:^|[.!?,;:\n-]\s*|\b(?:and|please|plz|pls|so|also|like|then) )su(?:b|bs|c|sc)s?c?ribe(?! to (?:a|an|the|your|"
            r"their|updates|notifications)\b)\b|\b(?:su[bcs]{1,3}ribe|sub)(?: back)?(?: \w+)? ?(?:to|2|for|4|on)? ?(?:me|my|us|our|mine|this channel)\b"
            r"|sub ?(?:4|for) ?sub|(?:please|plz|pls|and|go) sub\b|follow (?:my|him|her|us|this)\b"
            r"|i(?:'ll| will)? sub(?:scribe)? (?:back|to you)|follow (?:me|us) (?:on|at|for|back|and|@)|follow ?(?:4|for) ?"
            r"follow|(?:get|need|reach|want|hit|goal|to) \d[\d,k]* (?:more )?(?:subs|subscribers|followers|likes))"
        ),
    ),
    _Rule(
        0.7,
        "It advertises its author's own channel, page or work.",
        _phrase(
            r"\b(?:check(?:ing|ed)? (?:out )?(?:some of )?(?:me|my|our|us)\b|(?:new|latest|own) (?:track|mixtape|cover|single|"
            r"remix)\b|check(?: \w+)? out(?: \S+){0,4} channel|did (?:a|some) covers?|did you see my|(?:visit|view|see|watch|try) (?:to )?(?:my|our) (?:\w+ ){0,2}"
            r"(?:channel|page|website|site|profile|videos?|vids?|blog|store|shop|music|cover|stream|bio)|(?:come|look|head|"
            r"go|hop)(?: \w+)? (?:to|at|on|over to) (?:my|our) (?:\w+ )?(?:channel|page|profile|videos?|vids?|site|bio)|"
            r"on my (?:youtube |new )?(?:channel|page)|link in (?:my )?(?:bio|profile)|my (?:new |latest |own |first )?"
            r"(?:channel|youtube channel|cover|mixtape|soundcloud|onlyfans|song|music|videos|vids)\b)"
        ),
    ),
    _Rule(
        0.7,
        "It promises easy money, gifts or a giveaway.",
        _phrase(
            r"\b(?:(?:earn|make|making|earning|made) (?:up to |over |around |about |extra )?(?:[$€£] ?\d[\d,.k]*|\d[\d,.k]* ?"
            r"(?:dollars|bucks|usd|[$€£])|(?:free |real |quick |easy |fast |extra )*money (?:online|fast|from home|easily|"
            r"with|at home|free|by))|free (?:gift ?cards?|iphone|v-?bucks|robux|itunes|money|nitro|followers|bitcoin|"
            r"giveaway|codes?)|give ?aways? (?:now|here|on|at|live|today)|(?:enter|join|claim|win) (?:my|our|the|your|this)? ?"
            r"(?:\w+ )?(?:giveaway|prize|reward|gift)|work(?:ing)? from home and|(?:passive|extra|residual) income (?:from|"
            r"with|online|by|stream)|gift ?cards? (?:for|codes?|here)|cash ?app|get rich|financial freedom|"
            r"congratulations!? you(?:'ve| have)? (?:won|been)|guaranteed (?:income|winner|results|approval))"
        ),
    ),
    _Rule(
        0.7,
        "It promotes a crypto or trading scheme.",
        _phrase(
            r"\b(?:(?:double|triple|multiply) your (?:\w+ )?(?:btc|bitcoin|eth|crypto|money|investment|coins?)|guaranteed "
            r"(?:profits?|returns?|roi)|air ?drop (?:is |now )?(?:live|now|claim|here|link)|claim (?:your|the|free) (?:\w+ )?"
            r"(?:air ?drop|tokens?|btc|eth|crypto|coins?)|(?:free|send) (?:btc|bitcoin|eth|crypto|tokens)|(?:trading|forex|"
            r"crypto|pump) signals?\b|(?:crypto|forex|bitcoin) (?:giveaway|investment|expert|mentor|recovery)|(?:\d{2,}x|"
            r"\d{3,} ?%) (?:gains?|profits?|returns?)|(?:invest|investing|traded?|trading) with (?:mr|mrs|ms|expert|"
            r"coach|him|her)\b|recover(?:ed)? (?:my|your|lost|stolen) (?:\w+ )?(?:funds|crypto|bitcoin|wallet|money)|"
            r"presale (?:is )?(?:live|now))"
        ),
    ),
    _Rule(
        0.6,
        "It asks readers to get in touch outside the community.",
        _phrase(
            r"(?:whats ?app|telegram|tele?gram|wechat|signal|text|call|contact)(?: \w+){0,3}[:\s@]*\+?\d[\d\s().-]{7,}|"
            r"\b(?:dm|message|inbox|pm|text|contact|whats ?app) (?:me|us|him|her)(?: \w+)? (?:for|to (?:get|buy|earn|learn|"
            r"start|join)|if you want to (?:earn|make|buy))|\b(?:join|add) (?:me|us|my|our)(?: \w+)? (?:on )?(?:telegram|"
            r"whats ?app|discord|snapchat|kik|skype)|instagram:|snapchat:|kik:"
        ),
    ),
    _Rule(
        0.6,
        "It sells or discounts something in the words of an advertisement.",
        _phrase(
            r"\b(?:buy now|order now|shop now|act now|limited[- ]time|hurry up|best prices?|(?:use|with) (?:my |the |our )?"
            r"(?:promo |discount |referral |coupon |affiliate )?code:? [A-Z0-9]{4,}|(?:use|with|through) my (?:referral|"
            r"affiliate|invite|ref)(?: link)?|(?:promo|discount|referral|coupon) (?:code|link)s?\b|\d{2,} ?% off\b|100 ?% "
            r"(?:free|legit|working|real)|no credit card needed|cheap(?:est)? (?:\w+ ){0,2}(?:for sale|online|here)|"
            r"increase your (?:traffic|followers|sales|rank)|(?:seo|backlink) (?:services?|packages?)|(?:online )?"
            r"(?:casino|viagra|cialis|escorts?|payday loans?|replica watches)|essay writing service|hire a hacker)\b"
        ),
    ),
    _Rule(0.65, "It holds little besides a link.", _mostly_link),
    _Rule(0.35, "Its link outweighs its words.", _link_outweighs_words),
    _Rule(0.45, "Its link leads to a shop, a profile, a fund-raiser or a referral.", _promoted_link),
    _Rule(
        0.5,
        "It uses a link shortener, which hides where the link leads.",
        lambda text: bool(_SHORTENER.search(text.raw)),
    ),
    _Rule(0.45, "It calls on readers to open its link.", _call_with_link),
    _Rule(
        0.65,
        "It sends readers to another video, page or channel.",
        _phrase(
            r"\b(?:check|watch|look at|see|go to|listen to) (?:out )?(?:th(?:is|ese|at)|it|him|her) (?:\w+ ){0,2}(?:videos?|"
            r"page|channel|guys?|song|band|mix|playlist|cover|remix)s?\b"
        ),
    ),
    _Rule(
        0.4,
        "It calls on readers to look at something, like it or vote for it.",
        _phrase(
            r"\b(?:check (?:this|it|them|him|her|these) out|(?:please|plz|pls)[, ]+(?:\w+ )?(?:like|vote|watch|share|help me|visit|check|listen)|vote for (?:me|us|my)|"
            r"thumbs? (?:this )?up (?:if|so|for|this)|like (?:this comment|if|and share)|give (?:me|it|us) a (?:like|try|"
            r"chance|listen|thumbs?)|share this (?:with|on|video|post|to)|copy and paste|help (?:me|us) (?:reach|get|out by))"
        ),
    ),
    _Rule(
        0.35,
        "It presents itself as a newcomer who asks for an audience.",
        _phrase(
            r"\b(?:i(?:'m| am)|we(?:'re| are)) (?:an? )?(?:\w+ ){0,3}(?:rapper|singer|youtuber|musician|producer|artist|"
            r"band|dj|gamer|vlogger|small channel)s?\b|\bi (?:make|made|do|post|upload) (?:\w+ ){0,3}(?:videos|vids|covers|"
            r"beats|remix(?:es)?|tutorials|gaming)|\bhe(?:y|llo),? (?:guys|everyone|everybody|youtube|music fans?)\b"
        ),
    ),
    _Rule(0.4, "It packs many links into few words.", _dense_links),
    _Rule(0.4, "It says the same words over and over.", _repeats_words),
    _Rule(0.25, "It is written in capitals.", _shouts),
    _Rule(0.2, "It repeats one character many times.", lambda text: bool(_RUN.search(text.raw))),
)
"""Every rule that looks at the text alone. The reason is shown to the user as it stands."""

REPEATED_BY_AUTHOR = (0.65, "Its author posted the same words at least three times.")
LIKE_SPAM = (0.7, "It says almost the same as an item that was found to be spam.")


def judge(text: str) -> Verdict:
    """Return what the rules say of `text` alone. Never raises; an empty text scores 0."""
    links = len(_LINK.findall(text))
    words = tuple(_WORD.findall((_LINK.sub(" ", text) if links else text).lower()))
    seen = _Text(text, links, words)
    return combine([(rule.weight, rule.reason) for rule in RULES if rule.applies(seen)])


def combine(signs: list[tuple[float, str]]) -> Verdict:
    """Return the verdict from weighted signs: 1 - Π(1 - weight), reasons by weight."""
    innocent = 1.0
    for weight, _ in signs:
        innocent *= 1 - weight
    ordered = sorted(signs, key=lambda sign: -sign[0])
    return Verdict(round(1 - innocent, 4), tuple(reason for _, reason in ordered))
