"""Numbers that are doors: a click shows the items, jobs or entries that make them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from state.analysis_numbers import Door


def number(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a number; a link where something can be shown behind it."""
    # Read aloud among other links, a number says nothing without what it counts.
    named = _link(door.value, door.href, aria_label=f"{door.value} {door.label}")
    return rx.cond(door.href != "", named, rx.el.span(door.value))


def door(value: Any, href: Any) -> rx.Component:
    """Show a number as a link, unless it is none."""
    return rx.cond(value == "0", rx.el.span(value), _link(value, href))


def tile(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a large number above what it counts."""
    return rx.el.li(
        rx.el.div(number(door), class_name="tile-number"),
        rx.el.div(door.label, class_name="tile-label"),
        rx.cond(door.note != "", rx.el.div(door.note, class_name="quiet small")),
        class_name="tile",
    )


def _link(value: Any, href: Any, **props: Any) -> rx.Component:
    return rx.link(value, href=href, class_name="door-number", **props)


def chip(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a number and what it counts in one line."""
    return rx.el.li(number(door), " ", rx.el.span(door.label, class_name="quiet"), class_name="number-chip")
