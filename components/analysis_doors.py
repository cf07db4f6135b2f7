"""Numbers that are doors: a click shows the items, jobs or entries that make them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from state.analysis_summary import Door


def number(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a number; a link where something can be shown behind it."""
    return rx.cond(
        door.href != "", rx.link(door.value, href=door.href, class_name="door-number"), rx.el.span(door.value)
    )


def tile(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a large number above what it counts."""
    return rx.el.li(
        rx.el.div(number(door), class_name="tile-number"),
        rx.el.div(door.label, class_name="tile-label"),
        rx.cond(door.note != "", rx.el.div(door.note, class_name="quiet small")),
        class_name="tile",
    )


def chip(door: rx.Var[Door] | Any) -> rx.Component:
    """Show a number and what it counts in one line."""
    return rx.el.li(number(door), " ", rx.el.span(door.label, class_name="quiet"), class_name="number-chip")
