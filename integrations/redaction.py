"""Cuts what may be a credential or an address of a person out of a text that somebody will read."""

from __future__ import annotations

import re

_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"'<>,;]+"), r"\1 …"),
    (
        re.compile(
            r"(?i)([\"']?(?:[a-z_-]*token|[a-z_-]*secret|password|passwd|api[_-]?key|authorization|cookie|code|key)"
            r"[\"']?\s*[:=]\s*)(\"[^\"]*\"?|'[^']*'?|[^\s&,;<>}]+)"
        ),
        r"\1…",
    ),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "…"),  # mail addresses
    (re.compile(r"[A-Za-z0-9_\-+/=.]{32,}"), "…"),  # whatever is long and without spaces may be a token
)
"""What is cut from samples, and what stands there instead."""


def redact(text: str) -> str:
    """Return `text` on one line with everything that looks like a credential or an address replaced by `…`."""
    text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
