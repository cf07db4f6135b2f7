"""The button that deletes a file, after asking once more."""

from __future__ import annotations

from typing import Any

import reflex as rx


def delete_button(name: Any, on_delete: Any) -> rx.Component:
    """Return the button that deletes a file after asking once more."""
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(
            rx.el.button(
                rx.icon("trash-2", size=16, aria_hidden="true"),
                type="button",
                class_name="plain-button",
                custom_attrs={"aria-label": rx.Var.create("Delete ") + name},
            )
        ),
        rx.alert_dialog.content(
            rx.alert_dialog.title("Delete this file?"),
            rx.alert_dialog.description(
                name, " and its rows are deleted. Analyses keep the items that they took from it."
            ),
            rx.el.div(
                rx.alert_dialog.cancel(rx.button("Keep it", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(rx.button("Delete", color_scheme="red", on_click=on_delete)),
                class_name="import-next",
            ),
            max_width="420px",
        ),
    )
