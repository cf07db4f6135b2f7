"""A labelled field with its hint and its error beside it."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML  # type: ignore[import-untyped]


class PlainForm(BaseHTML):
    """A form that the browser itself sends: Reflex's own form prevents that."""

    tag = "form"


def plain_form(*children: rx.Component, method: str, action: str = "") -> rx.Component:
    """Return a form that ends in a page load.

    Args:
        children: The content, with a submit button.
        method: `post`, `get`, or `dialog` (which closes the dialog around it).
        action: Where to send it.
    """
    return PlainForm.create(*children, custom_attrs={"method": method, **({"action": action} if action else {})})


def field_error(message: Any, element_id: str) -> rx.Component:
    """Show a field's error (a text var; empty shows nothing) where its control's `aria-describedby` points."""
    return rx.el.div(
        rx.cond(
            message != "",
            rx.el.span(rx.icon("circle-alert", size=14, aria_hidden="true"), message, class_name="field-error"),
        ),
        id=element_id,
        aria_live="polite",
    )


def field(name: str, label: Any, *control: rx.Component, error: Any, hint: Any = None) -> rx.Component:
    """Put a label above a control, and a hint and an error below.

    Args:
        name: The control's id; the error gets `<name>-error`.
        label: What is asked.
        control: The control, with `id=name` and `aria_describedby=f"{name}-error"`.
        error: A text var; empty when all is well.
        hint: One quiet line.
    """
    return rx.el.div(
        rx.el.label(label, html_for=name),
        *control,
        *([rx.el.div(hint, class_name="field-hint")] if hint is not None else []),
        field_error(error, f"{name}-error"),
        class_name="field",
    )
