"""Tells what an English item wants to do: ask for something, complain, praise, say how it copes.

Rules of words, not a model: each line can be read, and each find can be explained by the words that made it. They read
the item's own words only, not the lines it quotes.
"""

from __future__ import annotations

import re

from app.services.pipeline.records import Span
from app.services.pipeline.wordings import Wordings

_REQUEST = (
    r"all (?:i|we) (?:really )?(?:want|need|ask)(?: \w+)? (?:is|for)",
    r"(?:my|our) (?:one |only |biggest )?wish",
    r"too much to ask",
    r"(?:please )?let (?:me|us|users|people) (?!know\b)\w+",
    r"(?:i|we) (?:both |really |also |still |just )?need (?:to be able|something|an?|to \w+)",
    r"there (?:has|have|ought) to be (?:an?|some)",
    r"(?:i|we) (?:have |'ve )?(?:looked|searched|been looking|been searching)",
    r"could (?:\w+ ){1,3}please",
    r"what(?:'s| is) missing",
    r"(?:would|it would) help (?:me |us |a lot )*if",
    r"somebody (?:please )?(?:build|make|write)",
    r"does any(?:thing|one|body) (?:exist|offer|sell|make)s?",
    (
        r"i(?:'d| would)? (?:really |just |so )?wish (?:\w+ )?(?:i|it|there|they|we|you|the|this|that|someone|"
        r"\w+ (?:had|would|could|did))"
    ),
    (
        r"(?:would|'d|it'd) (?:really |absolutely |also )?(?:love|like) (?:to (?:see|have|be able)|an?|if|for|"
        r"it if|the ability|support)"
    ),
    r"would be (?:\w+ )?(?:nice|great|good|awesome|amazing|helpful|useful|perfect|cool|ideal|lovely|fantastic)",
    (
        r"(?:please|pls|plz) (?:just )?(?:add|implement|support|make|let|give|bring|allow|consider|include|"
        r"fix|provide|offer)"
    ),
    r"feature request",
    r"feature idea",
    r"\+1 (?:for|on)",
    r"upvote for",
    r"(?:should|could) (?:\w+ )?(?:have|support|add|let (?:us|me|users|you)|allow|offer|include|provide) ",
    r"any (?:plans?|chance|eta|news|update) (?:to|of|on|for|that|we|you)",
    (
        r"(?:can|could|will) (?:you|we|they|someone|somebody) (?:please |ever )?(?:add|get|have|implement|"
        r"support|make|build)"
    ),
    r"looking for (?:an?|some|any|something|ways?|advice|recommendations|suggestions)\b(?! forward)",
    r"(?:if|when) only",
    r"i'm begging",
    r"hope(?:fully)? (?:you|they|it|the)(?: \w+)? (?:add|adds|get|gets|implement|support|will)",
    (
        r"(?:really |desperately |badly |all i |we |i |just )(?:need|want) (?:an?|some|something|it to|the "
        r"ability|to be able|better|proper|real|is)\b"
    ),
    (
        r"needs? (?:an? (?:\w+ )?(?:option|way|button|mode|setting|feature|toggle|api|app|client|view)|to "
        r"(?:have|support|add|let|be able)|proper|better)"
    ),
    r"(?:missing|lacks?|lacking) (?:an?|the|any|support|proper|only)",
    r"only thing missing",
    r"what's missing",
    r"still no (?:way|support|option)",
    r"is there (?:an?|any|some)(?: \w+)? (?:way|tool|app|option|plugin|service|setting|software|alternative|thing)",
    r"(?:does )?any(?:one|body)(?: here)? (?:know|have|got|recommend)s? (?:of )?(?:an?|any|some) ",
    r"why (?:can't|isn't there|is there no|don't they|doesn't it (?:have|support))",
    r"there should be",
    r"give us",
)
_COMPLAINT = (
    r"annoy(?:s|ing|ed)",
    r"drives? (?:me|us) \w+",
    r"the worst (?:part|thing)",
    r"fed up",
    r"be warned",
    r"ruin(?:s|ed|ing)",
    r"(?:un|ir)acceptable",
    r"unusable|useless",
    r"(?:third|second|fourth|\w+th) time (?:this|that|in)",
    r"why does (?:nobody|no one)|nobody (?:cares|seems)",
    r"(?:i|we) trusted|let (?:me|us) down|failed (?:me|us)",
    r"should not be (?:so|this) (?:hard|difficult)",
    r"what a mess",
    (
        r"(?:do(?:es)?n't|do(?:es)? not|did(?:n't| not)|won't|will not|can(?:'t|not)|never|stopped|isn't|is "
        r"not|not|no longer|barely|hardly) (?:even |actually |really |properly |ever |seem to |get it to "
        r")?(?:work|sync|load|open|start|connect|save|update|finish|respond|show|install|log in|upload|"
        r"download|play|boot|restore|find|usable|reliable|stable|figure|trust)(?:s|ed|ing)?"
    ),
    (
        r"(?:keeps?|kept|constantly|always|randomly|still|just) (?:\w+ )?(?:crash|fail|freez|hang|break|los|"
        r"drop|disconnect|stop|restart|corrupt|delet|ask|forget|duplicat|time|tim)\w*"
    ),
    (
        r"(?:is|are|was|got|gets|completely|totally|still|so|been) (?:\w+ )?(?:broken|buggy|unusable|useless|"
        r"terrible|awful|horrible|annoying|frustrating|unreliable|a mess|a nightmare|a joke|garbage|painful|"
        r"slow|clunky|confusing|ridiculous|unacceptable|a pain)"
    ),
    r"too (?:slow|expensive|complicated|hard|confusing|buggy|bloated|limited)",
    r"crash(?:es|ed|ing)",
    r"fail(?:s|ed|ing|ure)\b",
    r"\bbugs?\b",
    r"breaks? (?:every|when|my|the|after|on|everything)",
    r"corrupt(?:s|ed|ion)?",
    r"(?:sick|tired) of",
    r"fed up",
    r"drives? me (?:crazy|nuts|insane|mad)",
    r"driving me",
    r"i (?:really )?hate",
    r"can't stand",
    r"so annoying",
    r"annoys me",
    r"lost (?:all|my|everything|hours|days|data|half|\w+ (?:hours|days|photos|notes|files))",
    r"wast(?:e|ed|ing) (?:of|my|hours|so)",
    r"disappoint\w*",
    r"worst",
    r"frustrat\w*",
    r"nightmare",
    r"infuriat\w*",
    r"rip ?off",
    r"gave up",
    r"giving up",
    r"pain in the",
    r"(?:problem|issue|trouble)s? (?:is|with|when|after|where)",
    r"having (?:\w+ )?(?:problems|issues|trouble)",
    r"what a (?:joke|mess|waste)",
)
_PRAISE = (
    r"(?:pleasure|joy|delight|breeze) to use",
    r"credit where (?:it is |it's )?due",
    r"best (?:decision|purchase|thing|app|tool) (?:i|we|of|ever)",
    r"(?:it )?has been (?:excellent|great|solid|perfect)",
    r"recommend(?:s|ed)? (?:it|this|them) to",
    r"(?:i|we) (?:\w+ )?(?:love|adore|like) (?:it|this|how|that|the|using)",
    (
        r"works? (?:\w+ )?(?:great|perfect(?:ly)?|well|fine|flawless(?:ly)?|like a charm|beautifully|out of "
        r"the box|reliably)"
    ),
    (
        r"(?:is|are|been|was) (?:\w+ )?(?:great|awesome|amazing|excellent|fantastic|rock solid|solid|"
        r"brilliant|perfect|wonderful|the best)"
    ),
    r"(?:never|not) had (?:an?|any|a single) (?:problem|issue)s?",
    r"no (?:problems|issues|complaints)",
    r"happy with",
    r"impressed",
    r"(?:highly|definitely|can|would) recommend",
    r"kudos",
    r"great (?:work|job|app|tool|product|support|software)",
    r"game changer",
    r"hats off",
    r"well done",
    r"just works",
    r"already (?:works|does|supports|possible|there)",
    r"don't need",
)
_COMPARISON = (
    r"(?:run|used|tried|using|compared?) \w+(?: \w+)? (?:next to|against|alongside)",
    r"(?:faster|better|stronger|nicer|weaker|worse) (?:on|at|in|with|for) (?:\w+ ){1,6}(?:but|while|whereas)",
    r"\bvs\b\.?",
    r"versus",
    r"compar(?:ed|ing|ison) (?:to|with|between|of)?",
    r"(?:better|worse|faster|slower|cheaper|simpler|easier|nicer|lighter) than",
    r"alternatives? (?:to|for)",
    r"difference between",
    r"(?:prefer|choose|pick) \w+ (?:over|to)",
    r"unlike \w+",
    r"as good as",
    r"\w+ or \w+\?",
)
_PAY = (
    r"(?:a )?(?:fair|good|reasonable) price",
    r"name your price",
    (
        r"(?:would|'d|will|'ll|happily|gladly|willing to|happy to|ready to|glad to|want to|rather) (?:\w+ "
        r")?(?:pay|buy|subscribe|throw money|donate)"
    ),
    r"take my money",
    r"worth (?:paying|the money|the price|every (?:penny|cent)|[$€£]\d+)",
    r"pay(?:ing)? (?:good|real|serious|extra|more) (?:money|for)",
    r"(?:paid|pay) (?:[$€£]\d+|for (?:this|it|that|a|an|something))",
    r"instant(?:ly)? (?:buy|purchase)",
    r"shut up and take",
    r"(?:a|our|my) budget (?:of|for)",
)
_NO_PAY = re.compile(
    r"(?:wouldn't|would not|won't|will not|not|never|nobody|no one|refuse to|n't)(?: \w+){0,2} "
    r"(?:pay|buy|subscribe|worth)",
)
_SWITCHING = (
    r"(?:about to|going to|ready to|reason i|decided to|want to) leave",
    r"leaving \w+ (?:for|because|after|over|behind)",
    r"left \w+ (?:last|this|after|for|because|over|when|in)",
    r"cancell?(?:ed|ing) \w+",
    r"migrat(?:e|ed|ing) off",
    r"(?:switch|migrat|mov)(?:e|ed|es|ing)? (?:\w+ )?(?:to|from|away|over|back)\b",
    r"(?:ditch|dump|abandon)(?:ed|ing)\b",
    r"going back to",
    r"(?:alternative|replacement) (?:to|for)",
    r"replac(?:ed|ing) (?:it|my|our|the|\w+) (?:\w+ )?(?:with|by)",
    r"left (?:\w+ ){1,2}for",
    r"uninstall(?:ed|ing)",
    r"jump(?:ed|ing)? ship",
    r"dropp(?:ed|ing) (?:it|\w+) for",
)
_WORKAROUND = (
    r"what (?:i|we) do (?:instead|now|is)",
    r"until (?:that|it|this|they)(?: \w+)? (?:fixed|fix|works|changes)",
    r"(?:get|got|getting) around (?:it|this|that)",
    r"(?:it is|it's|is) a (?:\w+ )?hack",
    r"ended up with",
    r"my (?:\w+ )?(?:hack|trick) is",
    r"work-?arounds?",
    r"work(?:ing|ed)? around (?:it|this|that|the)",
    r"hack(?:y|ed|ish)?\b",
    (
        r"(?:i|we) (?:just |ended up |eventually |currently |then )+(?:use|using|export|copy|copying|wrote|"
        r"writing|run|running|do|doing|made|making|keep|keeping|put|email|sync|set)\w*"
    ),
    (
        r"(?:wrote|made|built|have|use|run) (?:an? |my own |myself an? )(?:\w+ )?(?:script|cron ?job|"
        r"spreadsheet|macro|shortcut|bash|wrapper)"
    ),
    r"(?:by hand|manually)\b",
    r"for now,? (?:i|we)",
    r"in the meantime",
    r"my (?:current )?(?:solution|setup|fix) (?:is|was|for)",
    r"duct tape",
    r"band-?aid",
    r"(?:temporary|dirty|quick) fix",
    r"instead,? i (?:just )?\w+",
    r"as a stopgap",
    r"the trick is",
    r"what i do is",
)

_ASKS = re.compile(r"\?(?:\s|$|[)\"'])", re.MULTILINE)
_ASKS_WITHOUT_MARK = re.compile(
    r"(?:how|what|why|when|where|who|which|does|do|did|is|are|can|could|has|have|should|would) "
    r"(?:do|does|did|can|is|are|i|you|"
    r"we|the|there|it|any|anyone|this|that|my)\b[^.!]*$",
    re.MULTILINE,
)
"""At the beginning of a line."""

INTENTS = (
    "request",
    "complaint",
    "question",
    "praise",
    "comparison",
    "willingness_to_pay",
    "switching",
    "workaround",
)
"""In the order in which they are named."""

_WORDINGS = Wordings(
    {
        "request": _REQUEST,
        "complaint": _COMPLAINT,
        "praise": _PRAISE,
        "comparison": _COMPARISON,
        "willingness_to_pay": _PAY,
        "switching": _SWITCHING,
        "workaround": _WORKAROUND,
    }
)

_READ = 2_000
"""Characters read of an item: who has not said it by then has another main point."""
_SPANS = 3
"""Kept of each intent."""


def intents(text: str, sentiment: float | None = None) -> tuple[str, ...]:
    """Return what `text` does, in the order of `INTENTS`; see `spans`."""
    return tuple(dict.fromkeys(span.intent for span in spans(text, sentiment)))


def spans(text: str, sentiment: float | None = None) -> tuple[Span, ...]:
    """Return what `text` does and the words that say so: by `INTENTS`, then by place, at most three of each.

    Args:
        text: An item's own words, English.
        sentiment: Its sentiment, -1 to 1; praise in words is not believed of a text that sounds bad as a whole, nor of
            one that complains ("great, it crashed again").
    """
    text = lower(text[:_READ]).replace("\u2019", "'")
    found = _WORDINGS.find(text, _SPANS)
    if asked := _questions(text):
        found["question"] = asked
    if "praise" in found and ("complaint" in found or (sentiment is not None and sentiment < 0)):
        del found["praise"]
    if "willingness_to_pay" in found and _NO_PAY.search(text):
        del found["willingness_to_pay"]
    return tuple(_within(name, text, start, end) for name in INTENTS for start, end in found.get(name, ()))


def _questions(text: str) -> list[tuple[int, int]]:
    """Return the first places that ask: a question mark, or a line that begins like a question."""
    found: list[tuple[int, int]] = []
    after = 0
    while len(found) < _SPANS:
        marked = _ASKS.search(text, after)
        unmarked = _unmarked(text, after, marked.start() if marked else len(text))
        first = unmarked or marked
        if first is None:
            break
        found.append(first.span())
        after = first.end()
    return found


def _unmarked(text: str, after: int, before: int) -> re.Match[str] | None:
    start = 0 if after == 0 else text.find("\n", after - 1) + 1
    while start < before and (start > 0 or after == 0):
        if found := _ASKS_WITHOUT_MARK.match(text, start):
            return found
        start = text.find("\n", start) + 1
        if not start:
            break
    return None


def _within(name: str, text: str, start: int, end: int) -> Span:
    """Return the span without white space around it; of a lone question mark, the sentence that it ends."""
    while end > start and text[end - 1].isspace():
        end -= 1
    if name == "question" and text[start:end].startswith("?"):
        end = start + 1
        before = max(text.rfind(stop, 0, start) for stop in (". ", "! ", "? ", "\n"))
        start = before + 1
    while start < end and text[start].isspace():
        start += 1
    return Span(name, start, end)


def lower(text: str) -> str:
    """Return `text` in lower case and as long as before: a few letters would become two."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
