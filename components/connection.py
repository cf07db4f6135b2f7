"""How the page learns of changes: live, polling, or not at all."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.memo import memo
from reflex_components_core.core.banner import has_connection_errors, has_too_many_connection_errors  # type: ignore[import-untyped]

from components.times import clock_when_shown


def connection_mark(mode: Any, every_seconds: Any) -> rx.Component:
    """Show how fresh the page is.

    Args:
        mode: `live`, `polling`, `offline`, `none` when nothing is watched, or empty while the page connects (a var,
            from the hub's updates).
        every_seconds: How often it polls, whole seconds (a var).
    """
    connecting = _live("live-dot ring", "connecting", "quiet", "The page is connecting to the server.")
    return rx.el.span(
        rx.el.span(
            _offline("This device has no network, and the server does not answer. What is shown may be old."),
            class_name="when-offline",
        ),
        rx.cond(
            has_connection_errors,
            _offline("The server cannot be reached; the page reconnects by itself and then shows the present state."),
            rx.match(
                mode,
                ("live", _live("live-dot beat", "live", "good", "Changes show here within a second.")),
                (
                    "polling",
                    _live(
                        "live-dot ring",
                        rx.el.span("polling every ", every_seconds, " s"),
                        "wait",
                        "The message bus does not answer, so the page asks the database instead.",
                    ),
                ),
                ("offline", _offline("The database does not answer; what you see may be old. The page keeps asking.")),
                ("none", rx.fragment()),
                connecting,
            ),
        ),
        aria_live="polite",
    )


def lost() -> rx.Component:
    """Say over any page that the server is away, in place of Reflex's own toast, which shows addresses."""

    def lost_connection() -> rx.Component:
        return rx.cond(
            has_too_many_connection_errors,
            rx.el.div(
                rx.el.div(
                    rx.icon("wifi-off", size=16, aria_hidden="true"),
                    rx.el.div(
                        "The server cannot be reached. What is shown is from ",
                        clock_when_shown(),
                        "; the page tries again by itself.",
                        class_name="notice-text",
                    ),
                    class_name="notice bad",
                ),
                class_name="lost",
                role="alert",
            ),
        )

    return rx.fragment(memo(lost_connection)())


def _live(dot: str, words: Any, tone: str, title: str) -> rx.Component:
    return rx.el.span(rx.el.span(class_name=dot, aria_hidden="true"), words, class_name=f"live {tone}", title=title)


def _offline(title: str) -> rx.Component:
    return rx.el.span(rx.icon("wifi-off", size=14, aria_hidden="true"), "offline", class_name="live bad", title=title)
