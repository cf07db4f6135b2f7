"""What any unknown address shows, signed in or not."""

from __future__ import annotations

import reflex as rx

from components import states
from components.frame import frame

ROUTE = "404"
"""Reflex shows the page of this name wherever no other one answers."""
TITLE = "Nothing here · Asterism"


def page() -> rx.Component:
    """Return the page. It reads nothing, so a stranger sees it too."""
    return frame(
        rx.el.div(
            states.empty(
                "Nothing to see here",
                "There is no page at this address; it may be mistyped or of another program.",
                rx.link("All analyses", href="/", underline="always"),
                icon="compass",
            ),
            class_name="panel",
        ),
        title="Nothing here",
    )
