"""Tells authors apart without their names: one keyed hash per person and provider.

Whoever sees the hashes alone cannot find the names by hashing guesses, and two installations cannot compare theirs.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from pathlib import Path

from app.core.secrets import secret_keys
from app.core.settings import settings

_PURPOSE = b"author pseudonym"


def author_key(provider: str, author: str | None) -> str | None:
    """Return the pseudonym of an author at a provider: 32 hexadecimal digits; None when nobody is named."""
    if not author:
        return None
    said = f"{provider}\x00{author}".encode("utf-8", "replace")
    config = settings()
    given = None if config.secret_keys is None else config.secret_keys.get_secret_value()
    return hmac.new(_key(config.folder(), given), said, hashlib.sha256).hexdigest()[:32]


@cache
def _key(folder: Path, given: str | None) -> bytes:  # noqa: ARG001 - both say which installation's key it is
    # The oldest of the ring: a new key put before it must not make new people of those already known.
    oldest = secret_keys(settings())[-1]
    return hmac.new(oldest.encode(), _PURPOSE, hashlib.sha256).digest()
