"""The page that replays how a score came about."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import receipts
from state.base import Base
from state.gate import SIGN_IN, event
from state.receipt_rows import Receipt, receipt


class ReceiptState(Base, rx.State):
    """One receipt."""

    loaded: bool = False
    problem: str = ""
    shown: Receipt = Receipt()

    @event
    async def load(self) -> Any:
        """Read the receipt that the address names; checks every quote anew."""
        opportunity_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1][:64]
        try:
            found = await edge.read(receipts.receipt, await self._actor(), opportunity_id)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.shown, self.problem = Receipt(), error.message
        else:
            self.shown, self.problem = receipt(found), ""
        self.loaded = True
        return None
