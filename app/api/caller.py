"""Who calls the API: an API key in `Authorization`, or the session cookie that the pages use."""

from __future__ import annotations

import time
from typing import Annotated

import structlog
from fastapi import BackgroundTasks, Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from app.core import edge
from app.core.errors import NotSignedIn
from app.core.web import PLAIN_COOKIE, session_token
from app.services import keys, sessions
from app.services.access import Actor, ActorKind

log = structlog.get_logger(__name__)

NOTE_USE_SECONDS = 60.0
NO_CALLER = "Send an API key as `Authorization: Bearer ast_…`, or sign in; `asterism keys create NAME` makes a key."
BAD_KEY = "This API key is unknown or revoked; `asterism keys create NAME` makes a new one."

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key, `ast_…`.")
_cookie = APIKeyCookie(
    name=PLAIN_COOKIE, auto_error=False, scheme_name="session", description="The pages' session (`__Host-sid` on https)"
)
_noted: dict[str, float] = {}


async def find_actor(request: Request) -> Actor:
    """Return who sent the request, looked up in the database now.

    A request that brings a key is judged by its key alone, whatever cookies come with it.

    Raises:
        NotSignedIn: Nobody, or somebody whose key or session is no longer good.
    """
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        found = await edge.read(keys.actor_for_key, secret.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise NotSignedIn(BAD_KEY)
        return found
    token = session_token(request.headers.get("cookie", ""))
    found = await edge.read(sessions.actor_for_session, token) if token else None
    if found is None:
        raise NotSignedIn(NO_CALLER)
    return found


async def actor(
    request: Request,
    background: BackgroundTasks,
    key: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    session: Annotated[str | None, Security(_cookie)] = None,
) -> Actor:
    """Dependency of every route: who calls. The two schemes are named for the OpenAPI document.

    Raises:
        NotSignedIn: See `find_actor`.
    """
    del key, session
    found = await find_actor(request)
    if found.kind is ActorKind.KEY and _due(found.id):
        background.add_task(_note_use, found.id)
    return found


Caller = Annotated[Actor, Depends(actor)]


def _due(key_id: str) -> bool:
    """Return whether this process has not noted the key's use lately: most requests shall not even open a write."""
    now = time.monotonic()
    if now - _noted.get(key_id, -NOTE_USE_SECONDS) < NOTE_USE_SECONDS:
        return False
    if len(_noted) > 1000:
        _noted.clear()
    _noted[key_id] = now
    return True


async def _note_use(key_id: str) -> None:
    try:
        await edge.write(keys.note_use, key_id)
    except Exception as error:  # noqa: BLE001 - the answer has been given; when the key was used is only a courtesy
        log.warning("key.use_not_noted", key_id=key_id, error=type(error).__name__)
