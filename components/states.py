"""What a list, chart or card shows when it is not full: skeleton, empty, error, partial."""

from __future__ import annotations

from typing import Any

import reflex as rx


def bone(width: str = "100%", height: str = "12px") -> rx.Component:
    """One gray bar in the place of a text that is on its way."""
    return rx.el.div(class_name="bone", style={"width": width, "height": height})


def skeleton(rows: int = 3, label: str = "Loading") -> rx.Component:
    """Rows of bars, for lists and cards without a shape of their own."""
    lines = [rx.el.div(bone("38%", "14px"), bone("72%"), style={"display": "grid", "gap": "8px"}) for _ in range(rows)]
    return rx.el.div(
        rx.el.span(label, class_name="only-read"),
        *lines,
        role="status",
        aria_busy="true",
        style={"display": "grid", "gap": "20px", "padding": "16px"},
    )


def empty(title: Any, sentence: Any, *action: rx.Component, icon: str = "sparkles") -> rx.Component:
    """Say what will be here, and offer the one action that fills it."""
    return rx.el.div(
        rx.icon(icon, size=24, aria_hidden="true", class_name="empty-icon"),
        rx.el.h2(title, class_name="section-title"),
        rx.el.p(sentence, class_name="quiet"),
        *action,
        class_name="empty",
    )


def error(sentence: Any, on_retry: Any = None, *, retry: str = "Try again") -> rx.Component:
    """Say what failed in one sentence, and offer to try again when `on_retry` is an event."""
    return _notice("circle-x", "bad", sentence, on_retry, retry, role="alert")


def partial(sentence: Any, on_retry: Any = None, *, retry: str = "Try again") -> rx.Component:
    """Say what is missing and why, above what is there."""
    return _notice("circle-alert", "wait", sentence, on_retry, retry, role="status")


def _notice(icon: str, tone: str, sentence: Any, on_retry: Any, retry: str, *, role: str) -> rx.Component:
    action = (
        [rx.button(retry, on_click=on_retry, variant="soft", color_scheme="gray", size="1")]
        if on_retry is not None
        else []
    )
    return rx.el.div(
        rx.icon(icon, size=16, aria_hidden="true"),
        rx.el.div(sentence, class_name="notice-text"),
        *action,
        class_name=f"notice {tone}",
        role=role,
    )
