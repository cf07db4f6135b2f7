"""The keys that work on every page, and the sheet that lists them. `assets/keys.js` listens."""

from __future__ import annotations

import reflex as rx

from components.form import plain_form

SHEET = "keys-sheet"
MOD = "mod"
"""⌘ on a Mac, Ctrl elsewhere; the stylesheet writes it."""
LIST = (
    (("n",), "New analysis"),
    (("/",), "Search, or the first field of the page"),
    (("j", "k"), "Next row, previous row"),
    (("Enter",), "Open the row, or the rest of its text"),
    ((MOD, "↵"), "Start the analysis you are writing"),
    (("g", "h"), "Go to your analyses"),
    (("g", "f"), "Go to your files"),
    (("g", "t"), "Go to the audit trail, for owners and admins"),
    (("g", "o"), "Go to operations, for those who run this Asterism"),
    (("?",), "This list"),
    (("Esc",), "Close"),
)


def key(text: str) -> rx.Component:
    """Show one key."""
    return rx.el.kbd(class_name="key mod") if text == MOD else rx.el.kbd(text, class_name="key")


def sheet() -> rx.Component:
    """Return the dialog that lists the keys; a button with `data_opens=SHEET` opens it."""
    lines: list[rx.Component] = []
    for keys, meaning in LIST:
        lines += [rx.el.dt(*[key(text) for text in keys]), rx.el.dd(meaning)]
    close = plain_form(
        rx.el.button(rx.icon("x", size=16), class_name="plain-button", aria_label="Close", type="submit"),
        method="dialog",
    )
    return rx.el.dialog(
        rx.el.div(rx.el.h2("Keys", class_name="section-title"), close, class_name="sheet-head"),
        rx.el.dl(*lines, class_name="keys"),
        rx.el.label(
            rx.el.input(type="checkbox", default_checked=True, custom_attrs={"data-single-keys": ""}),
            "Keys of a single character work",
            class_name="keys-switch",
        ),
        id=SHEET,
        class_name="sheet",
        aria_label="Keys",
    )
