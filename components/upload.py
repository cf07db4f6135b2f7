"""The form that sends a file, with progress (`assets/uploads.js`)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.form import PlainForm

ROUTE = "/api/v1/imports"


def upload(most_bytes: Any, most: Any) -> rx.Component:
    """Return the form.

    Args:
        most_bytes: The cap (a var).
        most: The same in words (a var).
    """
    return PlainForm.create(
        rx.el.label("Choose a file of comments", html_for="file", class_name="field-label"),
        rx.el.div(
            rx.el.input(
                type="file",
                id="file",
                name="file",
                accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/csv,application/json",
                aria_describedby="file-hint file-problem",
            ),
            rx.button(rx.icon("upload", size=16, aria_hidden="true"), "Bring it", type="submit", size="2"),
            class_name="upload-row",
        ),
        rx.el.p(
            "CSV, NDJSON or JSON with one comment a row",
            rx.cond(most != "", rx.el.span(", at most ", most)),
            ". Not compressed, no Excel workbook. Nothing is analysed yet: first you see what the columns mean.",
            id="file-hint",
            class_name="field-hint",
        ),
        rx.el.div(
            rx.el.progress(max="1", custom_attrs={"data-upload-bar": "", "aria-label": "Sent"}),
            rx.el.span(custom_attrs={"data-upload-words": "", "role": "status"}),
            rx.el.button("Stop", type="button", class_name="plain-button", custom_attrs={"data-upload-stop": ""}),
            class_name="upload-way",
            hidden=True,
            custom_attrs={"data-upload-way": ""},
        ),
        rx.el.p(
            id="file-problem",
            class_name="notice bad",
            role="alert",
            hidden=True,
            custom_attrs={"data-upload-problem": ""},
        ),
        class_name="upload",
        custom_attrs={
            "method": "post",
            "action": ROUTE,
            "encType": "multipart/form-data",
            "data-upload": "",
            "data-then": "/imports/",
            "data-most": most_bytes,
        },
    )
