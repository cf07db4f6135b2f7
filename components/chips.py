"""What was pasted, one line per place, and keywords as chips; each can be taken away."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks
from state.new import New
from state.new_places import SourceChip


def source_line(chip: SourceChip) -> rx.Component:
    """Show one pasted line: the place that it means, or why it means none and what it may mean."""
    return rx.cond(
        chip.error != "",
        rx.el.li(
            rx.icon("circle-x", size=16, aria_hidden="true"),
            rx.el.div(
                rx.el.div(chip.text, class_name="source-name"),
                rx.el.div(chip.error, class_name="small bad"),
                rx.cond(
                    chip.suggestions.length() > 0,
                    rx.el.div(
                        rx.foreach(
                            chip.suggestions,
                            lambda each: rx.button(
                                "Use ",
                                each,
                                type="button",
                                on_click=New.take_suggestion(chip.text, each),
                                variant="soft",
                                size="1",
                            ),
                        ),
                        class_name="source-suggestions",
                    ),
                ),
            ),
            _remove(chip.text, New.remove_source(chip.text)),
            class_name="source bad",
        ),
        rx.el.li(
            rx.cond(
                chip.warning != "",
                rx.icon("circle-alert", size=16, aria_hidden="true", class_name="wait"),
                rx.icon("circle-check", size=16, aria_hidden="true", class_name="good"),
            ),
            rx.el.div(
                rx.el.div(
                    rx.el.span(chip.name, class_name="source-name"),
                    rx.el.span(chip.provider, class_name="small quiet"),
                    rx.cond(chip.sample, marks.sample()),
                    class_name="source-head",
                ),
                rx.cond(chip.facts != "", rx.el.div(chip.facts, class_name="small quiet")),
                rx.cond(chip.warning != "", rx.el.div(chip.warning, class_name="small wait")),
            ),
            _remove(chip.name, New.remove_source(chip.text)),
            class_name="source",
        ),
    )


def keyword_chip(keyword: Any) -> rx.Component:
    """Show one keyword."""
    return rx.el.li(
        rx.el.span(keyword, class_name="clip"), _remove(keyword, New.remove_keyword(keyword)), class_name="chip"
    )


def _remove(name: Any, on_click: Any) -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=14, aria_hidden="true"),
        type="button",
        on_click=on_click,
        class_name="chip-x",
        custom_attrs={"aria-label": rx.Var.create("Remove ") + name},
    )
