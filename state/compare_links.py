"""Addresses of comparisons, and what stands where there is nothing."""

from __future__ import annotations

from urllib.parse import urlencode

NONE = "\N{EN DASH}"


def compare_href(before_id: str, after_id: str, **query: str) -> str:
    """Return the address of a comparison."""
    asked = {name: value for name, value in query.items() if value}
    return f"/compare/{before_id}/{after_id}" + (f"?{urlencode(asked)}" if asked else "")
