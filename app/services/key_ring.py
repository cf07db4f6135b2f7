"""Every process of one installation must hold the same secret keys, or people would be told apart in two ways.

Pseudonyms are made from the oldest key. Without this check a second host that made keys of its own would count the same
author twice, and nobody would notice.
"""

from __future__ import annotations

import hashlib
import hmac

import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.core import clock
from app.core.db import Database
from app.core.errors import SettingsError
from app.core.secrets import same, secret_keys
from app.core.settings import settings
from app.models import KeyRing

log = structlog.get_logger(__name__)

_PURPOSE = b"key ring fingerprint"


def require_same_keys(store: Database) -> None:
    """Refuse to start with other keys than the rest. A database that is away, or has no tables yet, is no reason.

    Raises:
        SettingsError: This process's oldest key is not the one that the data was made with.
    """
    try:
        with store.write() as session:
            check(session)
    except SQLAlchemyError as error:
        log.warning("key_ring.not_checked", error=type(error).__name__)


def check(session: Session) -> None:
    """Compare this process's oldest key with the installation's; the first process ever to ask writes its own down.

    Raises:
        SettingsError: They differ.
    """
    mine = _fingerprint()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(
        insert(KeyRing)
        .values(id=1, fingerprint=mine, created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["id"])
    )
    if not same(session.get_one(KeyRing, 1).fingerprint, mine):
        raise SettingsError(
            "This process has other secret keys than the ones that the data was made with: give every host the same "
            "ASTERISM_SECRET_KEYS (new keys first, the oldest last), or copy the file secret.keys of the first host's "
            "data folder. If the old keys are lost for good, run `asterism db accept-keys`: authors known so far will "
            "then count as other people than from now on."
        )


def accept(session: Session) -> None:
    """Take this process's keys as the installation's from now on."""
    mine = _fingerprint()
    row = session.get(KeyRing, 1)
    if row is None:
        session.add(KeyRing(id=1, fingerprint=mine))
    else:
        row.fingerprint = mine


def _fingerprint() -> str:
    oldest = secret_keys(settings())[-1]
    return hmac.new(oldest.encode(), _PURPOSE, hashlib.sha256).hexdigest()[:32]
