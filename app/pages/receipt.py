"""The permanent page of one opportunity: how its score came about."""

from __future__ import annotations

import reflex as rx

from components import marks, receipt
from components.frame import frame
from state.frame import Frame
from state.receipt import ReceiptState

ROUTE = "/receipts/[opportunity_id]"
TITLE = "Receipt · Asterism"
ON_LOAD = [Frame.load, ReceiptState.load]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        receipt.content(),
        title=rx.cond(ReceiptState.shown.title == "", "Receipt", ReceiptState.shown.title),
        here="analyses",
        beside=(rx.cond(ReceiptState.shown.sample, marks.sample()),),
    )
