"""The sign-in page: it only explains; the form posts to the API, which sets the cookie."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core import web
from app.core.errors import NotSignedIn
from state.base import Base
from state.gate import event

SENTENCES = {
    "link": "That link or token is not valid: it is unknown, or older than 24 hours. Run “asterism link” for a new one."
}
ANY_OTHER = "That did not sign you in. Run “asterism link” and open the link that it prints."


def sentence(code: str) -> str:
    """Return what an error code in the address means: never the address's own words, which anybody can write."""
    return SENTENCES.get(code, ANY_OTHER) if code else ""


class SignIn(Base, rx.State):
    """Why the last attempt failed."""

    error: str = ""
    following: str = ""
    """Where the person wanted to go, a path of ours; empty when that is the start."""

    @event(anonymous=True)
    async def load(self) -> Any:
        """Say why the person is here, or go on when the session is good."""
        asked = self.router.url.query_parameters
        self.error, self.following = sentence(asked.get("error", "")), web.own_path(asked.get("next", ""))
        try:
            await self._actor()
        except NotSignedIn:
            return None
        return rx.redirect(self.following or "/")
