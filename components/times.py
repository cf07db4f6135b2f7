"""Moments as people read them: "3 min ago", kept right by the browser, with the exact time on hover."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML  # type: ignore[import-untyped]


class RelativeTime(BaseHTML):
    """The custom element that `assets/times.js` defines."""

    # Reflex names a generated component after the tag, and a name in JavaScript has no hyphen.
    tag = "relativetime"

    def _render(self, *args: Any, **kwargs: Any) -> Any:
        return super()._render(*args, **kwargs).set(name='"relative-time"')


def moment(value: Any, **props: Any) -> rx.Component:
    """Show a moment relative to now.

    Args:
        value: RFC 3339 text (a var or a plain string); empty shows nothing.
        props: Passed to the element (`class_name`, …).
    """
    return RelativeTime.create(custom_attrs={"datetime": value}, **props)


def since(value: Any, beginning: Any, **props: Any) -> rx.Component:
    """Show how long after a beginning (RFC 3339) a moment was, and its time of day: "+3 s, 14:02:07"."""
    return RelativeTime.create(custom_attrs={"datetime": value, "data-since": beginning}, **props)


def clock(value: Any) -> rx.Component:
    """Show a moment as the time of day and relative to now: "14:02, in 6 min"."""
    return RelativeTime.create(custom_attrs={"datetime": value, "data-clock": ""})


def clock_when_shown() -> rx.Component:
    """Show the time of day (`14:32`) at which this came onto the page; it stays as it is."""
    return RelativeTime.create(custom_attrs={"data-fixed": ""})
