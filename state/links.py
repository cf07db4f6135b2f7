"""Addresses that came from outside, before a page makes them clickable."""

from __future__ import annotations

from urllib.parse import urlsplit


def outward(address: str) -> str:
    """Return the address when it leads to a web page; empty text for `javascript:`, `data:` and everything else."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""
