"""Links inside the site: the page changes without a new document."""

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
