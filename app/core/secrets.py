"""Keys, tokens and their hashes. A token is shown once and stored as a hash only."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from app.core.settings import Settings

KEY_FILE = "secret.keys"


def new_token(prefix: str = "") -> str:
    """Return 256 random bits as text, after `prefix`."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token. Plain SHA-256 is enough: the token itself holds 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def secret_keys(config: Settings) -> list[str]:
    """Return the key ring: the first signs, all verify. One is made in the data folder when none is set."""
    given = "" if config.secret_keys is None else config.secret_keys.get_secret_value()
    if keys := [key.strip() for key in given.split(",") if key.strip()]:
        return keys
    path = config.folder() / KEY_FILE
    if not path.exists():
        _create_private(path, new_token() + "\n")
    return path.read_text(encoding="utf-8").split()


def _create_private(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    try:
        os.link(temporary, path)  # fails when another process was first; its key stands
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
