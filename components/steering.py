"""A button of the operations page: disabled, with the reason, for those who may only look."""

from __future__ import annotations

from typing import Any

import reflex as rx

from state.operations import OperationsState


def steering_button(label: Any, on_click: Any, title: Any, **props: Any) -> rx.Component:
    """Return a small quiet button."""
    return rx.button(
        label,
        on_click=on_click,
        disabled=OperationsState.refused != "",
        title=rx.cond(OperationsState.refused != "", OperationsState.refused, title),
        variant="soft",
        color_scheme="gray",
        size="1",
        **props,
    )
