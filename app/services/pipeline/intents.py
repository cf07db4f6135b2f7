"""Tells what an English item wants to do: ask for something, complain, praise, say how it copes.

Rules of words, not a model: each line can be read, and each find can be explained by the words that made it. They read
the item's own words only, not the lines it quotes.
"""

from __future__ import annotations

import re

from app.services.pipeline import intent_phrases as phrases
from app.services.pipeline.records import Span
from app.services.pipeline.wordings import Wordings

_NO_PAY = re.compile(
    r"(?:wouldn't|would not|won't|will not|not|never|nobody|no one|refuse to|n't)(?: \w+){0,2} "
    r"(?:pay|buy|subscribe|worth)",
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
        "request": phrases.REQUEST,
        "complaint": phrases.COMPLAINT,
        "praise": phrases.PRAISE,
        "comparison": phrases.COMPARISON,
        "willingness_to_pay": phrases.PAY,
        "switching": phrases.SWITCHING,
        "workaround": phrases.WORKAROUND,
    }
)

_READ = 2_000
"""Characters read of an item: who has not said it by then has another main point."""
_SPANS = 3
"""Kept of each intent."""
_TOO_BAD = -0.5
"""Sentiment below which words of praise are not believed: milder texts are often called bad that only sound dry."""


def intents(text: str, sentiment: float | None = None) -> tuple[str, ...]:
    """Return what `text` does, in the order of `INTENTS`; see `spans`."""
    return tuple(dict.fromkeys(span.intent for span in spans(text, sentiment)))


def spans(text: str, sentiment: float | None = None) -> tuple[Span, ...]:
    """Return what `text` does and the words that say so: by `INTENTS`, then by place, at most three of each.

    Args:
        text: An item's own words, English.
        sentiment: Its sentiment, -1 to 1; praise in words is not believed of a text that sounds very bad, nor of
            one that complains ("great, it crashed again").
    """
    text = lower(text[:_READ]).replace("\u2019", "'")
    found = _WORDINGS.find(text, _SPANS)
    if asked := _questions(text):
        found["question"] = asked
    if "praise" in found and ("complaint" in found or (sentiment is not None and sentiment < _TOO_BAD)):
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
