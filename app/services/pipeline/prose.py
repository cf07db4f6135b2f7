"""Tells an item's own sentences from code, links and quoted lines, without losing their place in the stored text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINE_ASIDE = re.compile(r"^(?: {4}|\t).*$|^ {0,3}>.*$", re.MULTILINE)
_INLINE_ASIDE = re.compile(r"`[^`\n]{1,500}`|!?\[(?P<label>[^\[\]\n]{0,300})\]\([^)\s]{0,2000}\)|https?://\S+|www\.\S+")
_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<![.!?\u2026])[.!?\u2026]+[\"'\u201d\u2019]?(?=\s)"
    r"|\n\s*\n|\n(?=\s*[-*\u2022\d])"
    r"|[\u3002\uff01\uff1f]"  # full stop, exclamation and question mark of Chinese and Japanese
)
_NOT_NEWLINE = re.compile(r"[^\n]")
_BULLET = re.compile(r"\s*(?:[-*\u2022#>]+|\d{1,2}[.)])?\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it stands."""

    text: str
    start: int
    """Offset in the whole text, in characters."""
    end: int


def own_words(text: str) -> str:
    """Return `text` with blanks in place of code, quoted lines and links: every word stays where it stands."""
    if "`" not in text and ">" not in text and "/" not in text and "\n" not in text and "www." not in text:
        return text
    text = _FENCE.sub(_blank, text)
    text = _LINE_ASIDE.sub(_blank, text)
    return _INLINE_ASIDE.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    whole = found[0]
    label = found.groupdict().get("label")
    if label:
        before = whole.index(label)
        return " " * before + label + " " * (len(whole) - before - len(label))
    return _NOT_NEWLINE.sub(" ", whole)


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text` in order, without bullets and outer white space. Their spans never overlap."""
    found: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        _append(found, text, start, match.end())
        start = match.end()
    _append(found, text, start, len(text))
    return found


def _append(found: list[Sentence], text: str, start: int, end: int) -> None:
    bullet = _BULLET.match(text, start, end)
    begin = bullet.end() if bullet else start
    stripped = text[begin:end].rstrip()
    if stripped:
        found.append(Sentence(stripped, begin, begin + len(stripped)))
