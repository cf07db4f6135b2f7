"""Turns what an engine wrote into one line of plain text: no markup, no links, nothing unseen, no more than fits."""

from __future__ import annotations

import re
import unicodedata

_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\s*(?:\([^)]{0,2000}\)?|\[[^\]]{0,300}\]?)?")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\s*\([^)]{0,2000}\)?")
_TAG = re.compile(r"<[^<>]{0,2000}>?")
_URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.\-]{1,20}:/{0,2}(?=\S*[./])\S+|\bwww\.\S+|\b(?:javascript|data|mailto|tel):\S+"
    r"|\b(?:[\w-]+\.)+(?:com|net|org|io|dev|app|example|ly|co|info|biz|me|xyz|ru|de)\b(?:/\S*)?)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[`*_~#|<>\[\]{}\\!]+|&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)
_GONE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_EXAMINED = 4_000


def plain(text: str, longest: int) -> str:
    """Return `text` as one line of plain words, at most `longest` characters, cut at a word with "…".

    Control, format, tag and private characters go, and so do links, images and HTML; what a link was labelled stays.
    """
    text = unicodedata.normalize("NFKC", text[:_EXAMINED])
    text = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _GONE
    )
    # Until nothing changes: taking one mark away may join two halves of another.
    for _ in range(5):
        before = text
        for pattern, replacement in ((_IMAGE, " "), (_LINK, r"\1"), (_TAG, " "), (_URL, " "), (_MARKS, " ")):
            text = pattern.sub(replacement, text)
        if text == before:
            break
    else:
        text = " ".join(re.findall(r"[\w',\-]+", text))
    text = re.sub(r"\s+([.,;:?])", r"\1", " ".join(text.split())).strip(" -:;,")
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    at_word = cut.rfind(" ")
    return (cut[:at_word] if at_word > longest // 2 else cut).rstrip(" -:;,.") + "\u2026"
