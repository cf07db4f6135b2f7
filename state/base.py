"""What every state of ours shares: who is signed in."""

from __future__ import annotations

import reflex as rx

from app.core import edge
from app.core.errors import NotSignedIn
from app.core.web import session_token
from app.services import sessions
from app.services.access import Actor


class Base(rx.State, mixin=True):
    """Mixin for page states."""

    def _session_token(self) -> str:
        """Return the token of the session cookie; empty when there is none."""
        return session_token(self.router.headers.cookie)

    async def _actor(self) -> Actor:
        """Return who is signed in, from the database: the cookie that a socket opened with outlives a sign-out.

        Raises:
            NotSignedIn: There is no session, or it has ended.
        """
        actor = await edge.read(sessions.actor_for_session, self._session_token())
        if actor is None:
            raise NotSignedIn("You are signed out; open the link that the program prints, or sign in again.")
        return actor
