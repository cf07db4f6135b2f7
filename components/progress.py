"""How far an analysis is: place in line, workers, stages, jobs, cost; and pausing, resuming, cancelling it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks
from components.analysis_doors import chip
from state.analysis import AnalysisState
from state.analysis_progress import StageRow

_STAGE_ICONS = {
    "done": ("circle-check", "good", "done"),
    "running": ("circle-play", "busy", "running"),
    "held": ("circle-pause", "wait", "on hold"),
    "failed": ("circle-x", "bad", "failed"),
    "partly": ("circle-slash", "wait", "done in part"),
    "skipped": ("circle-minus", "quiet", "skipped"),
}
_STAGE_METERS = (("done", "good"), ("failed", "bad"), ("running", "busy"), ("held", "wait"), ("partly", "wait"))


def panel() -> rx.Component:
    """Show an analysis that is not finished."""
    return rx.el.section(
        _line(),
        rx.el.div(
            _bar(),
            rx.el.span(AnalysisState.overall, " %", class_name="progress-percent"),
            class_name="progress-main",
        ),
        # Beside what is read out: a number that changes every second would speak over everything.
        rx.cond(AnalysisState.left_words != "", rx.el.p(AnalysisState.left_words, class_name="quiet small nowrap")),
        rx.el.ol(rx.foreach(AnalysisState.stages, _stage), class_name="stages", aria_label="Stages"),
        rx.el.div(_cost(), _jobs(), class_name="progress-foot"),
        class_name="panel panel-pad progress",
        aria_label="Progress",
    )


def early() -> rx.Component:
    """Show the first results while the rest is still under way."""
    return rx.cond(
        AnalysisState.early.length() > 0,
        rx.el.section(
            rx.el.h2("First results are already here", class_name="section-title"),
            rx.el.ul(rx.foreach(AnalysisState.early, chip), class_name="number-chips"),
            class_name="panel panel-pad early",
        ),
    )


def steering() -> tuple[rx.Component, ...]:
    """Return the buttons that hold, continue and end an analysis; each shows only where it can do something."""
    return (
        rx.cond(
            AnalysisState.can_pause,
            _button("Pause", "pause", on_click=AnalysisState.pause),
        ),
        rx.cond(
            AnalysisState.can_resume,
            _button("Resume", "play", on_click=AnalysisState.resume, variant="solid"),
        ),
        rx.cond(AnalysisState.can_cancel, _cancel()),
        rx.cond(AnalysisState.compare_href != "", _way("Compare with…", "git-compare", AnalysisState.compare_href)),
        rx.cond(AnalysisState.again_href != "", _way("Run again", "rotate-cw", AnalysisState.again_href)),
    )


def _way(words: str, icon: str, href: rx.Var[str]) -> rx.Component:
    return rx.button(
        rx.link(rx.icon(icon, size=14, aria_hidden="true"), words, href=href, underline="none"),
        as_child=True,
        variant="soft",
        size="2",
    )


def _button(words: str, icon: str, *, variant: str = "soft", **props: Any) -> rx.Component:
    return rx.button(
        rx.icon(icon, size=14, aria_hidden="true"),
        words,
        variant=variant,
        size="2",
        disabled=AnalysisState.steering_refused != "",
        title=AnalysisState.steering_refused,
        **props,
    )


def _cancel() -> rx.Component:
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(_button("Cancel", "ban")),
        rx.alert_dialog.content(
            rx.alert_dialog.title("Cancel this analysis?", size="4"),
            rx.alert_dialog.description(
                "It ends now and cannot be resumed. What was collected and found until now stays here, and nothing "
                "more is spent.",
                size="2",
            ),
            rx.el.div(
                rx.alert_dialog.cancel(rx.button("Keep it going", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(
                    rx.button("Cancel the analysis", color_scheme="red", on_click=AnalysisState.cancel)
                ),
                class_name="dialog-actions",
            ),
            max_width="440px",
        ),
    )


def _line() -> rx.Component:
    parts = (AnalysisState.line_words, AnalysisState.workers_words, AnalysisState.why_waiting)
    return rx.el.p(
        rx.cond(parts[0] != "", rx.el.span(parts[0], class_name="line-place")),
        rx.cond(parts[1] != "", rx.el.span(parts[1])),
        rx.cond(parts[2] != "", rx.el.span(parts[2])),
        class_name="line",
        aria_live="polite",
    )


def _bar() -> rx.Component:
    tone = rx.match(
        AnalysisState.status,
        ("running", "busy"),
        ("paused", "wait"),
        ("needs_choice", "wait"),
        ("needs_auth", "wait"),
        "",
    ).to(str)
    return rx.el.div(marks.meter(AnalysisState.overall, "Overall progress", tone), class_name="progress-bar")


def _stage(stage: rx.Var[StageRow]) -> rx.Component:
    icons = [
        (name, rx.el.span(rx.icon(icon, size=14, aria_label=word), class_name=tone))
        for name, (icon, tone, word) in _STAGE_ICONS.items()
    ]
    return rx.el.li(
        rx.el.div(
            rx.match(
                stage.state, *icons, rx.el.span(rx.icon("circle", size=14, aria_label="waiting"), class_name="quiet")
            ),
            rx.el.span(stage.label, class_name="stage-name"),
            class_name="stage-head",
        ),
        rx.el.div(
            rx.match(stage.state, ("waiting", "waiting"), ("skipped", "not needed"), stage.words),
            class_name="quiet small stage-words",
        ),
        marks.meter(
            stage.percent,
            stage.label,
            rx.match(stage.state, *_STAGE_METERS, "").to(str),
        ),
        class_name="stage",
        custom_attrs={"data-state": stage.state},
    )


def _cost() -> rx.Component:
    near = rx.cond(AnalysisState.cost_percent >= 80, "wait", "good")
    tone = rx.cond(AnalysisState.cost_percent >= 100, "bad", near).to(str)
    return rx.el.div(
        rx.el.div(
            rx.el.span("cost ", class_name="quiet"),
            rx.link(AnalysisState.cost_words, href=AnalysisState.cost_href, class_name="door-number"),
            rx.cond(
                AnalysisState.reserved_words != "", rx.el.span(AnalysisState.reserved_words, class_name="quiet small")
            ),
            class_name="cost-words",
        ),
        marks.meter(AnalysisState.cost_percent, "Spent of the cap", tone),
        class_name="cost-now",
    )


def _jobs() -> rx.Component:
    return rx.el.div(
        rx.el.span("jobs", class_name="quiet"),
        rx.el.ul(rx.foreach(AnalysisState.job_doors, chip), class_name="number-chips", aria_label="Jobs"),
        class_name="jobs-now",
    )
