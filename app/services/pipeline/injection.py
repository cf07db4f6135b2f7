"""Tells items that speak to machines, not to people: orders to a model, hidden characters, markup that acts.

Such an item is no voice: it is neither counted nor quoted, for or against anything. Orders and markup in code, in a
quoted line or between quote marks belong to somebody who talks *about* such things, and stay.

One strong sign is enough. Of the weak ones, each of which a person may write as well, it takes two, and one of them
must call on a machine.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

_READ = 20_000
"""Characters read of an item."""

_CODE = re.compile(
    r"```[\s\S]*?(?:```|\Z)|<(pre|code)>[\s\S]*?</\1>|`[^`\n]{1,500}`|^(?: {2,}|\t)\S.*$|^ ?>.*$",
    re.MULTILINE | re.IGNORECASE,
)
"""Two blanks before a line are code on Hacker News, four elsewhere."""

# England, Scotland and Wales have flags that are written with tag characters: a black flag, up to six, an end.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f")
_HIDDEN = re.compile(
    "[\U000e0000-\U000e007f]"
    "|[\u202d\u202e]"  # letters run against their direction
    "|[\u200b-\u200d\u2060-\u2064\u180e\ufeff]{4,}"  # bits written with widths of zero
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}"  # bytes written with variants of a sign
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\u180e\ufeff]")

_MARKUP = re.compile(
    r"<\s*(?:iframe|object|embed|frame|applet|form|base|meta)\b[^<>]{0,500}\b(?:src|srcdoc|data|action|href"
    r"|content)\s*="
    r"|<\s*script\b(?:[^<>]{0,500}\bsrc\s*=|[^<>]{0,500}>[\s\S]{0,2000}?<\s*/\s*script)"
    r"|<\s*[a-z][^<>]{0,500}?[\s\"'/]on[a-z]{3,20}\s*="
    r"|<\s*img\b(?=[^<>]{0,800}(?:\b(?:width|height)\s*=\s*[\"']?[01]\b|display\s*:\s*none"
    r"|src\s*=\s*[\"']?[^\"'\s<>]*\?))"
    r"|(?:\]\(|<|\b(?:href|src|action)\s*=\s*[\"']?)\s*(?:(?:java|vb)script:|data:\w+/)",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,300}\]\(\s*<?(?:https?:)?//(?P<host>[^/\s)?#]+)(?P<path>[^\s)?#]*)(?P<query>\?[^\s)]*)?"
)
_ALBUM = re.compile(
    r"(?:^|\.)(?:redd\.it|imgur\.com|imgbb\.com|ibb\.co|postimg\.cc|giphy\.com|tenor\.com|wikimedia\.org|flickr\.com"
    r"|\w*usercontent\.com|ytimg\.com|ggpht\.com|discordapp\.(?:com|net)|shields\.io)$",
    re.IGNORECASE,
)
"""Where people keep the pictures that they show. An image from anywhere else reports that it was looked at."""

_MACHINE = (
    r"(?:a\.?i\.?s?(?: (?:models?|assistants?|systems?|agents?|tools?))?|llms?|(?:large )?language models?"
    r"|(?:chat ?)?bots?"
    r"|assistants?|summari[sz](?:ers?|(?:ation|ing) \w+)|models?|agents?|chatgpt|gpt|claude|gemini|copilot"
    r"|classifiers?"
    r"|analy[sz]ers?|analysis (?:engine|tool|system)s?|scrapers?|crawlers?|parsers?|pipelines?)"
)
_IGNORE = r"(?:ignore|disregard|forget|override|bypass|discard|skip)"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|former|existing|original|initial|system)"
_ORDERS = r"(?:instructions?|prompts?|directives?|commands?|programming)"
_STRONG = (
    rf"{_IGNORE} (?:(?:all|any|every|your|the|these|those|my|of) ){{0,3}}{_EARLIER} (?:\w+ )?{_ORDERS}",
    rf"{_IGNORE} (?:all|any|every)(?: of)?(?: your| the)? {_ORDERS}",
    rf"{_IGNORE} (?:(?:all|everything|anything|any|the|your) ){{0,3}}(?:\w+ )?(?:written |said |stated )?above and\b",
    (
        r"(?:reveal|print|repeat|show|leak|output|expose|disclose|dump|display|send)(?: me| us)?"
        r"(?: (?:your|the|all|any|hidden|secret|full|entire|exact)){0,3} "
        r"(?:system prompt|hidden prompt|initial prompt|system message|(?:api |secret )keys? you)"
    ),
    (
        rf"(?:new|updated|special|secret|hidden|additional|urgent) (?:{_ORDERS}|order|task|rule) (?:for|to) "
        rf"(?:the |any |all |every |this )?{_MACHINE}"
    ),
    (
        r"(?:you(?: are|'re) now|you will now be|from now on,? you(?: are|'re)|(?:act|behave|speak|answer"
        r"|respond|reply)"
        r" (?:as|like)(?: if you (?:are|were))?|pretend (?:to be|(?:that )?you are)|role ?play as|simulate(?: being)?"
        r"|(?:take|assume|adopt|play) the (?:role|part|persona|character) of)(?: \w+){0,3} (?:\w*bot|\w*gpt|dan"
        r"|unrestricted|jailbroken|unfiltered|uncensored"
        r"|(?:ai|assistant|language model|model|chatbot) (?:with(?:out)?|that|who|which|in))"
    ),
    rf"if you(?: are|'re) (?:an? |the )?(?:automated |large )?{_MACHINE}\b(?! user)",
    (
        rf"(?:any|every|all|whichever|whatever) {_MACHINE} (?:\w+ )?(?:reading|processing|parsing"
        rf"|summari[sz]ing|(?:that|which|who)"
        r" (?:reads?|sees?|process(?:es)?|summari[sz]es?|analy[sz]es?))"
    ),
    (
        rf"your (?:\w+ )?(?:{_EARLIER} )?(?:{_ORDERS}|guidelines|safeguards) (?:are|is|were) (?:now )?(?:void"
        rf"|cancell?ed|obsolete"
        r"|outdated|revoked|suspended|lifted|replaced|overridden|no longer|wrong)"
    ),
    rf"(?:do not|don't|stop|never) (?:follow|obey)(?:ing)? (?:your|the|any|all) (?:\w+ )?{_ORDERS}",
    rf"(?:reset|clear|wipe|erase|delete|drop) (?:all )?(?:your|the) (?:\w+ )?(?:{_ORDERS}|context|memory)\b",
    r"do anything now\b|(?:enable|enter|activate) (?:developer|jailbreak|god|dan) mode",
    r"ignorier\w* (?:alle |die |s\u00e4mtliche )*(?:vorherigen|bisherigen|obigen) (?:anweisungen|befehle|regeln)",
    r"ignora (?:todas )?(?:las )?(?:instrucciones|reglas) (?:anteriores|previas)",
    r"ignore[rz]? (?:toutes )?(?:les )?(?:instructions|consignes|r\u00e8gles) pr\u00e9c\u00e9dentes",
)
_TOKENS = re.compile(
    r"<\|\s*(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\s*\|>|\[/?inst\]"
    r"|</?\s*<\s*/?sys\w*\s*>\s*>"
    r"|<<\s*/?\s*sys\w*\s*>>"
)
_CALLS = (
    # Tells it to drop what others said.
    (
        rf"(?:^|[.!?:;,]|\bplease|\bnow|\band|\bmust|\byou should|\bto) ?{_IGNORE} (?:\w+ ){{0,4}}"
        r"(?:rules?|messages?|comments?|guidelines?|posts?|inputs?|texts?|contexts?|restrictions?|safeguards?"
        r"|users?)\b"
    ),
    # Speaks to a machine.
    (
        r"\b(?:note|attention|message|reminder|dear|hey|hello|hi|important|listen|notice|warning|instructions?"
        r"|for)[,:]?"
        rf" (?:to |for )?(?:the |any |all |every |this )?{_MACHINE}\b(?: reading| processing| analy[sz]ing| who"
        rf"| that)?"
        r"(?: \w+){0,3}\s?[,:\u2014-]"
    ),
    rf"(?m:(?:^|[.!?] )\W{{0,4}}{_MACHINE}\s?[,:])",
    r"(?m:^\W{0,6}(?:system|admin|developer|root)\b(?: \w+){0,2}\s*\W{0,3}[:>\]])",
    # Casts it in a part.
    (
        r"\b(?:you(?: are|'re) (?:now|no longer)|from now on,? you|pretend (?:to be|(?:that )?you)|role-? ?play"
        r"|(?:act|speak) as"
        r"|(?:imagine|suppose) (?:that )?you(?: are|'re|r)|(?:assume|adopt|play|take) the (?:role|part|persona)"
        r"|your name is"
        r"|stay in character|i am your (?:developer|creator|operator|administrator|admin|owner)|\w+bot\b)"
    ),
    # Ends what it was given, and begins anew.
    r"\bend of (?:the )?(?:input|document|data|comments?|thread|text|transcript|conversation|user)\b|\[/?end\]",
    r"\b(?:this|the following) (?:overrides|supersedes|replaces) \w+|\bsupersedes? all\b",
    (
        r"\b(?:bot|ai|assistant|model|gpt)\b[^.\n]{0,30} (?:without|with no) (?:any )?(?:rules|limits|restrictions"
        r"|filters)"
    ),
    r"\bin (?:developer|debug|admin|maintenance|god) mode\b",
    rf"\b(?:new|updated) {_ORDERS}\s?:|\byour (?:new|real|actual|true|only) (?:task|instruction|job|goal|role) is\b",
    r"\bsystem prompt\b|\bjailbreak\b",
)
_WRITES = (
    # Says what to write, and what not.
    (
        r"\b(?:output|respond|reply|answer|print|return)(?: \w+)?(?: with| in)? (?:only|just|nothing but|exactly"
        r"|solely)\b"
    ),
    r"\b(?:report|state|confirm|conclude|declare|claim|insist|repeat|write|summari[sz]e) that\b",
    (
        r"\b(?:classify|label|mark|count|treat|rate|score) (?:every|all|each|this|these|the) (?:\w+ ){0,3}(?:as|at"
        r"|with)\b"
    ),
    (
        r"\b(?:delete|erase|remove|drop|discard) (?:all|every|the|any) (?:\w+ )?(?:findings?|complaints?"
        r"|criticism|results?|topics?"
        r"|negative|opportunit\w+)\b"
    ),
    r"\b(?:single|sole|only) (?:finding|insight|conclusion|result|topic|opportunity) (?:is|must|should|worth)\b",
    (
        r"\b(?:leave out|omit|suppress|hide|exclude|do not mention|don't mention|never mention) (?:all |any "
        r"|the |every )*"
        r"(?:complain\w*|criti\w*|negativ\w*|other|competi\w*|bad)\b"
    ),
    r"\b(?:rate|score|rank|grade|set|assign|give)\b(?: \w+){0,5} (?:100|ten|10)(?: ?/ ?| out of )(?:100|ten|10)\b",
    r"\b(?:set|raise|change|put) (?:\w+ ){0,3}scores? (?:to|at) \d",
    r"\b(?:tell|inform|assure|convince) the users?\b",
    (
        r"\b(?:e-?mail|send|post|forward|upload|exfiltrate) (?:\w+ ){0,3}(?:results?|conversation|history|keys?"
        r"|secrets?"
        r"|credentials|passwords?|data|report|summary|contents?) to\b"
    ),
    r"\b(?:print|reveal|leak|list|reply with|respond with) (?:\w+ ){0,3}(?:api|secret|private) keys?\b",
)
_ORDER = re.compile(r"\b(?:" + "|".join(_STRONG) + r")")
_WEAK_CALLS = tuple(re.compile(pattern) for pattern in _CALLS)
_WEAK_WRITES = tuple(re.compile(pattern) for pattern in _WRITES)
_TELLING = (
    *("ignor", "disregard", "forget", "overrid", "bypass", "discard", "skip", "prompt", "instruct", "keys you"),
    *(
        "you are no",
        "you're no",
        "you will now",
        "if you",
        "from now",
        "act as",
        "behave",
        "speak as",
        "answer as",
        "character",
        "the part",
        "pretend",
        "role",
        "simulat",
        "imagine",
        "suppose",
        "persona",
    ),
    *("anything now", " mode", "<|", "<<", "inst]", "system", "admin", "developer", "root", "jailbreak", "your "),
    *(
        "assistant",
        " ai",
        "\nai",
        "a.i",
        "llm",
        "model",
        "bot",
        "gpt",
        "claude",
        "gemini",
        "copilot",
        "summari",
        "agent",
    ),
    *("classifier", "scraper", "crawler", "analy", "parser", "pipeline", "end of", "[end", "supersede", "replaces"),
)
"""One of these stands in every order; looking for them is much faster than the patterns."""
_SPEAKER = re.compile(r"^\W{0,4}(assistant|ai|model|chatgpt|system|user|human)\W{0,3}:", re.MULTILINE)
_QUOTED = re.compile('["\u201c\u00ab][^"\u201c\u201d\u00ab\u00bb\n]{1,160}["\u201d\u00bb]')


def speaks_to_machines(text: str) -> bool:
    """Return True when `text` tries to command, or to use, whatever reads or shows it.

    Args:
        text: Title and body of an item as stored.
    """
    text = text[:_READ]
    if not text.isascii() and _HIDDEN.search(_FLAG.sub("", text)):
        return True
    own = _CODE.sub(" ", text)
    if "&" in own:
        own = unescape(own)
    if ("<" in own or "](" in own) and (_MARKUP.search(own) or _reports(own)):
        return True
    return _orders(own)


def _reports(text: str) -> bool:
    return any(image["query"] or not _ALBUM.search(image["host"]) for image in _IMAGE.finditer(text))


def _orders(text: str) -> bool:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).replace("\u2019", "'")
    text = " " + text.lower()
    if not any(word in text for word in _TELLING):
        return False
    if _TOKENS.search(text):
        return True
    without = _QUOTED.sub(" ", text)
    # Quote marks around nearly everything are no quote.
    text = without if 2 * len(without) > len(text) else text
    text = re.sub(r"[ \t*_]+", " ", text).strip()
    if _ORDER.search(text):
        return True
    speakers = set(_SPEAKER.findall(text))
    if speakers & {"assistant", "ai", "model", "chatgpt"} and speakers & {"system", "user", "human"}:
        return True
    calls = sum(1 for pattern in _WEAK_CALLS if pattern.search(text))
    return calls > 1 or (calls == 1 and any(pattern.search(text) for pattern in _WEAK_WRITES))
