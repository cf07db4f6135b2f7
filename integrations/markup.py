"""HTML that providers send as text, as plain text. Pure; no network.

What comes back is text and nothing else: whoever shows it must escape it like any other foreign text.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"(</?[A-Za-z][^<>]*>|<!--[^<>]*-->)")
"""Stops at the next bracket, so that no text, however hostile, is read twice. Providers write brackets as entities."""

_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ADDRESS = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_GAPS = re.compile(r"\s*\n\s*\n\s*")
_PARAGRAPHS = frozenset({"p", "div", "pre", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"br", "li", "tr"})
_SILENT = frozenset({"script", "style"})


def plain_text(source: str) -> str:
    """Return the words of a piece of HTML: paragraphs apart, links as their address, entities decoded once.

    A text without markup comes back as it is, apart from its entities; `<` that begins no tag stays.
    """
    if "<" in source:
        # By far the most frequent tag, and often the only one.
        source = source.replace("<p>", "\n\n")
        if "<" in source:
            source = _without_tags(_TAG.split(source))
    return html.unescape(source).strip() if "&" in source else source.strip()


def _without_tags(parts: list[str]) -> str:
    """Join the texts between tags; `parts` holds texts and tags in turn."""
    texts = [parts[0]]
    link: tuple[str, int] | None = None  # address, and where its words begin
    silent = ""
    for tag, text in zip(parts[1::2], parts[2::2], strict=True):
        match = _NAME.match(tag)
        closing, name = (bool(match.group(1)), match.group(2).lower()) if match else (True, "")
        if silent:
            if not (closing and name == silent):
                continue
            silent = ""
        elif name in _SILENT and not closing:
            silent = name
            continue
        elif name == "a":
            _close(texts, link)
            address = None if closing else _ADDRESS.search(tag)
            link = (address.group(1) or address.group(2) or "", len(texts)) if address else None
        texts.append(_gap(name, closing=closing) + text)
    _close(texts, link)
    return _GAPS.sub("\n\n", "".join(texts))


def _gap(name: str, *, closing: bool) -> str:
    if name in _PARAGRAPHS:
        return "\n\n"
    return "\n" if name in _LINES and not closing else ""


def _close(texts: list[str], link: tuple[str, int] | None) -> None:
    """Replace the words of an open link by what is shown of it."""
    if link is not None:
        address, start = link
        texts[start:] = [_linked("".join(texts[start:]), address)]


def _linked(words: str, address: str) -> str:
    """Return the address of a link, after its words where these say something else; both still with entities."""
    shown, whole = html.unescape(words).strip(), html.unescape(address)
    if not whole.lower().startswith(("http://", "https://")):
        return words
    # Long addresses are shown cut, with dots at their end.
    cut = shown.endswith(("...", "…")) and whole.startswith(shown.rstrip(".…"))
    if not shown or cut or whole.rstrip("/").partition("://")[2] == shown.rstrip("/").rpartition("://")[2]:
        return address
    return f"{words} ({address})"
