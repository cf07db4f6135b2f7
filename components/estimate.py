"""What an analysis will take: bands, the likely value, and what they rest on."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks, states

LABELS = ("Items", "Requests", "Time", "Money")


def full(words: Any, busy: Any, stale: Any) -> rx.Component:
    """Show an estimate (a var of `EstimateWords`), dimmed while a newer one is on its way or cannot be made."""
    return rx.el.div(
        rx.el.dl(rx.foreach(words.lines, _line), class_name="band"),
        rx.cond(words.missing != "", states.partial(words.missing)),
        rx.cond(words.warning != "", states.partial(words.warning)),
        rx.el.details(
            rx.el.summary("How we know", rx.cond(words.sample, marks.sample())),
            rx.el.ul(rx.foreach(words.assumptions, rx.el.li), class_name="small quiet"),
            class_name="why",
        ),
        class_name=rx.cond(busy | stale, "estimate fading", "estimate"),
        aria_busy=busy,
    )


def skeleton() -> rx.Component:
    """Show the shape of an estimate while the first one is made."""
    return rx.el.dl(
        *[
            part
            for label in LABELS
            for part in (rx.el.dt(label), rx.el.dd(states.bone("96px", "14px"), class_name="band-bone"))
        ],
        class_name="band band-bones",
        aria_busy="true",
    )


def empty() -> rx.Component:
    """Say what will be here."""
    return rx.el.p(
        "Name a place, and this shows how many items, requests, minutes and dollars it will take. Nothing is spent"
        " before you start.",
        class_name="quiet",
    )


def _line(line: Any) -> rx.Component:
    return rx.fragment(
        rx.el.dt(line.label),
        rx.el.dd(
            line.band,
            rx.cond(line.band != line.likely, rx.el.div("likely ", line.likely, class_name="band-likely small")),
        ),
    )
