"""The English words by which a question is read: what it asks for, and what it takes to mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.services.pipeline.retrieval import stem

Kind = Literal["said", "number", "communities", "sources", "topics", "authors", "days", "languages", "sentiments"]
"""What an answer shows: sentences alone, a number, or a table of these."""

INTENTS: Sequence[tuple[str, str, str]] = (
    (
        "complaint",
        "complaints",
        (
            r"complain(?:s|ed|ing|ts?)?|gripes?|griping|annoy(?:s|ed|ing|ances?)?|frustrat(?:es?|ed|ing|ions?)|hates?"
            r"|hated|dislikes?|unhappy|dissatisfied|upset|pain ?points?|struggles?|struggling|go(?:es)? wrong"
            r"|wrong with|bothers?"
        ),
    ),
    (
        "willingness_to_pay",
        "readiness to pay",
        (
            r"(?:would|will) (?:(?:any|some)(?:one|body)|people|they|users|customers|you) pay"
            r"|(?:willing|ready|happy) to pay|(?:would|will) pay|pay for"
        ),
    ),
    (
        "switching",
        "changes of product",
        r"switch(?:es|ed|ing)?|migrat(?:es?|ed|ing)|mov(?:es?|ed|ing) away|leav(?:e|es|ing)",
    ),
    ("workaround", "workarounds", r"work-?arounds?|get(?:s|ting)? (?:a?round|by)|make do|hacks?|cope|coping"),
    ("comparison", "comparisons", r"compar(?:es?|ed|ing|isons?)|versus|vs"),
    (
        "request",
        "wishes",
        (
            r"wish(?:es|ed|ing)?(?: for)?|request(?:s|ed|ing)?|ask(?:s|ed|ing)? for|want(?:s|ed|ing)?|would like"
            r"|desire[sd]?|features?|missing|miss|lack(?:s|ing)?"
        ),
    ),
    (
        "praise",
        "praise",
        (
            r"prais(?:es?|ed|ing)|loves?|loved|enjoy(?:s|ed|ing)?|happy (?:with|about)|satisfied|content with"
            r"|recommend(?:s|ed)?"
        ),
    ),
    ("question", "questions", r"questions?"),
)
"""Intent, how the limit is called, and the words that mean it."""

MOODS: Sequence[tuple[str, str]] = (
    ("negative", r"negative(?:ly)?|critical"),
    ("positive", r"positive(?:ly)?|favou?rabl[ey]"),
    ("neutral", r"neutral(?:ly)?"),
)
LANGUAGES = {"english": "en", "german": "de", "spanish": "es", "french": "fr", "italian": "it", "portuguese": "pt"}

KINDS: Sequence[tuple[Kind, str]] = (
    ("communities", r"(?:which|what) (?:\w+ )?(?:communit(?:y|ies)|subreddits?|channels?|forums?|groups?)|^where\b"),
    ("sources", r"(?:which|what) (?:\w+ )?(?:sources?|platforms?|sites?|providers?|networks?)"),
    ("topics", r"(?:which|what) (?:\w+ )?(?:\w+ )?(?:topics?|subjects?|themes?)"),
    ("languages", r"(?:which|what|how many) (?:\w+ )?languages?"),
    ("authors", r"^who(?:m)?\b|which (?:\w+ )?(?:authors?|users?|people|persons?|accounts?)"),
    ("days", r"^when\b|\bsince when\b|(?:which|what) (?:\w+ )?(?:days?|dates?)|over time|how often"),
    (
        "sentiments",
        r"(?:which|what|how) (?:\w+ )?(?:sentiments?|moods?)|how (?:do|did) (?:\w+ )?(?:people|they|users) feel",
    ),
    ("number", r"how many|how much (?:talk|discussion)|(?:what|which) (?:number|share|percentage)|number of|count of"),
)
"""In the order in which they are tried."""

_ASKING = """
advantage advice analysis answer answers anyone author authors cent channel channels comment comments common commonly
communities community complain concern concerns count data date dates day days deal describe described difficult discuss
discussed discussing discussion enormous everyone evidence exactly example examples experience experiences explain folk
folks forum forums frequent frequently biggest group groups handle handled huge important issue item items kind language
languages large main major many matter member members mention mentioned mentions mood number opinion opinions overview
per percentage person platform platforms popular quote quotes reaction reactions reason reasons recommend regard
regarding report reported respect result results sentiment sentiments severe share site sites situation sort source
sources speak spoken subject subjects subreddit subreddits suggest suggested suggestion suggestions summarise summarize
summary talk talking theme themes thoughts tiny top topic topics trouble user users usual view views
"""
ABOUT_ASKING = frozenset(stem(word) for word in _ASKING.split())
"""Terms of a question that speak of asking, not of what is asked about."""

_SAME = """
phone smartphone mobile
photo picture image photograph
computer pc
electricity power energy watts
wifi wlan network
alert alarm notification
subscription subscribe
slow sluggish
crash freeze hang
login signin
spare replacement
caption subtitle
video clip
cost expense price
delete erase
backup back-up
restore recover recovery
rollback revert
upgrade update
fix repair
family parent
customer client
remind reminder
overdue late
"""
SAME_AS: dict[str, tuple[str, ...]] = {
    term: group
    for group in (tuple(stem(word) for word in line.split()) for line in _SAME.strip().splitlines())
    for term in group
}
"""Terms that are looked for together, by each of them."""
