"""What a page says when a handler fails: our own errors in their sentence, bugs with a reference to the log."""

from __future__ import annotations

import reflex as rx
import structlog
from reflex.event import EventSpec

from app.core.errors import AppError, NotSignedIn
from app.core.ids import new_id
from state.gate import SIGN_IN

log = structlog.get_logger(__name__)


def answer(exception: Exception) -> EventSpec:
    """Return the event that tells the page; Reflex calls this with whatever a handler raised."""
    if isinstance(exception, NotSignedIn):
        return rx.redirect(SIGN_IN)
    if isinstance(exception, AppError):
        return rx.toast.error(exception.message)
    reference = new_id()
    log.error("page.handler_failed", reference=reference, exc_info=exception)
    return rx.toast.error(f"Something went wrong on our side; try again, and quote {reference} if it stays.")
