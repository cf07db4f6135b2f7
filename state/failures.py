"""What a page says when a handler fails: our own errors in their sentence, bugs with a reference to the log."""

from __future__ import annotations

from typing import cast

import reflex as rx
import structlog
from reflex.event import EventSpec

from app.core.errors import AppError, NotSignedIn
from app.core.ids import new_id
from state.gate import SIGN_IN, Fault

log = structlog.get_logger(__name__)


def answer(exception: Exception) -> EventSpec:
    """Return the event that tells the page; Reflex calls this with whatever a handler raised."""
    if isinstance(exception, NotSignedIn):
        return rx.redirect(SIGN_IN)
    if isinstance(exception, AppError):
        return _shown(exception.message)
    reference = new_id()
    log.error("page.handler_failed", reference=reference, exc_info=exception)
    return _shown(f"An error of ours stopped this; try again, and name {reference} when you report it.")


def _shown(sentence: str) -> EventSpec:
    return cast("EventSpec", Fault.show(sentence))  # on the class, a handler makes the event that calls it
