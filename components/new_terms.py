"""On which terms an analysis runs: the engine, and what it may cost and collect at most."""

from __future__ import annotations

import reflex as rx

from components.form import field, field_error
from components.new_start import FORM
from state.new import New
from state.new_form import THRESHOLDS


def engine() -> rx.Component:
    """Ask who scores and writes."""
    return rx.el.fieldset(
        rx.el.legend("Engine"),
        rx.el.div(
            _engine_choice("auto", "Auto", New.auto_meaning),
            _engine_choice("local", "Local, free", "Runs on this machine; the same input gives the same answer."),
            _engine_choice("model", "Model", New.model_meaning, disabled=New.model_off),
            class_name="engines",
        ),
        field_error(New.problems.get("engine", ""), "engine-error"),
        class_name="field",
    )


def _engine_choice(
    value: str, label: str, meaning: str | rx.Var[str], *, disabled: bool | rx.Var[bool] = False
) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="engine",
            checked=New.engine == value,
            on_change=New.set_engine(value).stop_propagation,
            disabled=disabled,
        ),
        rx.el.span(label),
        rx.el.span(meaning, class_name="small quiet"),
        class_name="engine",
        aria_disabled=rx.cond(disabled, "true", "false"),
    )


def limits() -> rx.Component:
    """Ask for the cap, when to tell of it, and how many items at most."""
    return rx.el.div(
        field(
            "cap",
            "Cost cap",
            _amount("cap", New.cap, New.set_cap, "0.50", prefix="$"),
            error=New.problems.get("cap", ""),
            hint="It never costs more than this.",
        ),
        field(
            "threshold",
            "Tell me at",
            rx.select.root(
                rx.select.trigger(id="threshold", aria_describedby="threshold-error"),
                rx.select.content(
                    *[rx.select.item(f"{label} of the cap", value=value) for value, label in THRESHOLDS.items()],
                    position="popper",
                ),
                value=New.threshold,
                on_change=New.set_threshold,
                size="2",
            ),
            error=New.problems.get("threshold", ""),
        ),
        field(
            "max_items",
            rx.fragment("Most items ", optional()),
            _amount("max_items", New.max_items, New.set_max_items, "no limit"),
            error=New.problems.get("max_items", ""),
        ),
        class_name="ask-limits",
    )


def _amount(
    name: str, value: rx.Var[str], on_change: rx.EventHandler, placeholder: str, prefix: str = ""
) -> rx.Component:
    return rx.input(
        *([rx.input.slot(prefix)] if prefix else []),
        id=name,
        name=name,
        form=FORM,
        default_value=value,
        on_change=on_change,
        placeholder=placeholder,
        size="2",
        auto_complete=False,
        aria_describedby=f"{name}-error",
        custom_attrs={"inputMode": "decimal"},
    )


def optional() -> rx.Component:
    """Say beside a label that the field may stay empty."""
    return rx.el.span("optional", class_name="small quiet optional")
