"""Small marks of state and trust: always an icon with a word, never colour alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import reflex as rx


class Look(NamedTuple):
    """How one state shows."""

    word: str
    icon: str
    tone: str
    """A class of the stylesheet: good, wait, bad, busy or quiet."""
    turns: bool = False


ANALYSIS_LOOKS = {
    "estimating": Look("Estimating", "calculator", "busy"),
    "queued": Look("Queued", "hourglass", "wait"),
    "running": Look("Running", "loader-circle", "busy", turns=True),
    "completed": Look("Completed", "circle-check", "good"),
    "partial": Look("Partial", "circle-slash", "wait"),
    "failed": Look("Failed", "circle-x", "bad"),
    "paused": Look("Paused", "circle-pause", "wait"),
    "needs_choice": Look("Needs your choice", "circle-help", "wait"),
    "needs_auth": Look("Needs a connection", "key-round", "wait"),
    "cancelled": Look("Cancelled", "ban", "quiet"),
}
JOB_LOOKS = {
    "queued": Look("Queued", "hourglass", "wait"),
    "running": Look("Running", "loader-circle", "busy", turns=True),
    "succeeded": Look("Done", "circle-check", "good"),
    "retrying": Look("Retrying", "rotate-cw", "wait"),
    "needs_auth": Look("Needs a connection", "key-round", "wait"),
    "paused": Look("Paused", "circle-pause", "wait"),
    "cancelled": Look("Cancelled", "ban", "quiet"),
    "dead": Look("Given up", "circle-x", "bad"),
}


def _mark(look: Look) -> rx.Component:
    icon = rx.icon(look.icon, size=14, aria_hidden="true", class_name="spin" if look.turns else "")
    return rx.el.span(icon, look.word, class_name=f"mark {look.tone}")


def _match(value: Any, looks: dict[str, Look]) -> rx.Component:
    # Icons chosen by a match are each 1 kB; one chosen by a var would bring the whole set.
    return rx.match(value, *[(name, _mark(look)) for name, look in looks.items()], rx.el.span(value, class_name="mark"))


def analysis_status(status: Any) -> rx.Component:
    """Show the status of an analysis (a var)."""
    return _match(status, ANALYSIS_LOOKS)


def job_status(status: Any) -> rx.Component:
    """Show the status of a job (a var)."""
    return _match(status, JOB_LOOKS)


def sample() -> rx.Component:
    """Say that the items are made up."""
    return rx.el.span(
        "SAMPLE",
        class_name="mark mark-box mark-sample",
        title="Made-up items from the sandbox: nobody wrote them. Add a provider's key to listen to real people.",
    )


def engine(name: Any) -> rx.Component:
    """Say which engine made it: `local`, or the name of a model (a var)."""
    return rx.el.span(
        rx.icon("cpu", size=14, aria_hidden="true"),
        rx.cond(name == "local", "local engine", name),
        class_name="mark quiet",
    )


def verified() -> rx.Component:
    """Say that a quote was found word for word in its item."""
    return rx.el.span(
        rx.icon("badge-check", size=14, aria_hidden="true"),
        "verified",
        class_name="mark good",
        title="These words were found in the stored item, character by character.",
    )


def repaired() -> rx.Component:
    """Say that a quote was moved to the nearest true words."""
    return rx.el.span(
        rx.icon("badge-check", size=14, aria_hidden="true"),
        "repaired",
        class_name="mark wait",
        title="The quote differed a little from the item; what is shown are the item's own words.",
    )


def degraded(instead: Any) -> rx.Component:
    """Say that a part ran with less than it should, and with what instead (a var or text)."""
    return rx.el.span(
        rx.icon("circle-alert", size=14, aria_hidden="true"), "degraded: ", instead, class_name="mark wait"
    )


def meter(percent: Any, label: str, tone: Any = "") -> rx.Component:
    """Show how full something is.

    Args:
        percent: 0 to 100 (a var).
        label: What is measured, for screen readers.
        tone: good, wait, bad, busy, or empty for the accent (text or a var).
    """
    return rx.el.div(
        rx.el.span(style={"width": f"{percent}%"}),
        role="progressbar",
        aria_label=label,
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow=percent,
        class_name=rx.Var.create("meter ") + tone,
    )
