"""Links inside the site: the page changes without a new document; and links to files."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink  # type: ignore[import-untyped]


def link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """Link to a page of ours, without any look of its own.

    Args:
        children: What is shown.
        to: The path (text or a var).
        props: Passed to the element (`class_name`, `custom_attrs`, …).
    """
    return ReactRouterLink.create(*children, to=to, **props)


def download(words: str, href: Any) -> rx.Component:
    """Link to a file of ours: the browser asks the server for it; a plain link would look for a page of that name.

    Args:
        words: What is shown.
        href: The path (text or a var).
    """
    return ReactRouterLink.create(
        rx.icon("download", size=14, aria_hidden="true"),
        words,
        to=href,
        reload_document=True,
        custom_attrs={"download": ""},
        class_name="list-export",
    )
