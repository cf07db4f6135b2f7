"""The frame of every page: rail, title, actions, how fresh the page is. On a phone the rail becomes a bottom bar."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import reflex as rx

from components import keys
from components.form import plain_form
from components.links import link
from state.frame import Frame
from state.gate import Fault

MAIN = "main"
SIGN_OUT = "/api/auth/sign-out"


class Place(NamedTuple):
    """One entry of the rail."""

    name: Literal["analyses", "new", "files", "audit", "operations"]
    label: str
    short: str
    icon: str
    href: str
    keys: str
    shown_key: str


PLACES = (
    Place("analyses", "Analyses", "Analyses", "layers", "/", "g h|g a", "g h"),
    Place("new", "New analysis", "New", "plus", "/new", "n", "n"),
    Place("files", "Files", "Files", "file-text", "/imports", "g f", "g f"),
)
AUDIT = Place("audit", "Audit", "Audit", "scroll-text", "/audit", "g t", "g t")
"""Only for the owner and admins of the workspace."""
OPERATIONS = Place("operations", "Operations", "Operations", "activity", "/operations", "g o", "g o")
"""Only for those who run this installation."""


def frame(
    *children: rx.Component,
    title: Any,
    here: Literal["analyses", "new", "files", "audit", "operations", ""] = "",
    beside: tuple[rx.Component, ...] = (),
    actions: tuple[rx.Component, ...] = (),
    connection: rx.Component | None = None,
) -> rx.Component:
    """Put a page into the frame. The page's ON_LOAD includes `Frame.load`.

    Args:
        children: The content.
        title: The one title of the page (text or a var).
        here: Which entry of the rail is the present page.
        beside: Marks right after the title (SAMPLE, status).
        actions: Buttons at the right of the title.
        connection: `components.connection.connection_mark(...)`, left of the actions.
    """
    side = [*([connection] if connection is not None else []), *actions]
    return rx.el.div(
        rx.el.a("Skip to the content", href=f"#{MAIN}", class_name="skip"),
        _rail(here),
        _top_bar(),
        rx.el.main(
            rx.el.header(
                rx.el.h1(title),
                *beside,
                *([rx.el.div(*side, class_name="page-side")] if side else []),
                class_name="page-head",
            ),
            _fault(),
            *children,
            id=MAIN,
            tab_index=-1,
            class_name="page",
        ),
        _bottom_bar(here),
        keys.sheet(),
        class_name="frame",
    )


def _fault() -> rx.Component:
    return rx.cond(
        Fault.sentence != "",
        rx.el.div(
            rx.el.div(Fault.sentence, class_name="notice-text"),
            rx.el.button("Close", type="button", class_name="plain-button", on_click=Fault.close),
            class_name="notice bad",
            role="alert",
        ),
    )


def logo() -> rx.Component:
    """Three small stars: the asterism."""
    stars = ((16, 8), (8, 23), (24, 23))
    arms = [f"M{x} {y - 4.5}v9M{x - 3.9} {y - 2.25}l7.8 4.5M{x + 3.9} {y - 2.25}l-7.8 4.5" for x, y in stars]
    return rx.el.svg(
        *[rx.el.path(d=arm) for arm in arms],
        custom_attrs={"viewBox": "0 0 32 32", "strokeWidth": "2.6", "strokeLinecap": "round", "aria-hidden": "true"},
    )


def _brand() -> rx.Component:
    return rx.el.div(
        logo(),
        rx.el.div(
            rx.el.div("Asterism", class_name="brand-name"),
            rx.el.div(Frame.workspace, class_name="brand-place quiet small clip", title="Workspace"),
            class_name="brand-words",
        ),
        class_name="brand",
    )


def _rail(here: str) -> rx.Component:
    def rail_link(place: Place) -> rx.Component:
        return link(
            rx.icon(place.icon, size=16, aria_hidden="true"),
            place.label,
            keys.key(place.shown_key),
            to=place.href,
            class_name="rail-link",
            custom_attrs={"data-keys": place.keys, **({"aria-current": "page"} if place.name == here else {})},
        )

    return rx.el.aside(
        _brand(),
        rx.el.nav(
            *[rail_link(place) for place in PLACES],
            rx.cond(Frame.audits, rail_link(AUDIT)),
            rx.cond(Frame.operates, rail_link(OPERATIONS)),
            aria_label="Main",
        ),
        rx.el.div(*_tools(), class_name="rail-foot"),
        class_name="rail",
    )


def _tools() -> list[rx.Component]:
    sign_out = plain_form(
        rx.el.button(
            rx.icon("log-out", size=16),
            type="submit",
            class_name="plain-button",
            title="Sign out",
            aria_label="Sign out",
        ),
        method="post",
        action=SIGN_OUT,
    )
    return [
        rx.el.button(
            rx.color_mode.icon(light_component=rx.icon("moon", size=16), dark_component=rx.icon("sun", size=16)),
            on_click=rx.toggle_color_mode,
            type="button",
            class_name="plain-button",
            title="Light or dark",
            aria_label="Switch between light and dark",
        ),
        rx.el.button(
            rx.icon("keyboard", size=16),
            type="button",
            class_name="plain-button hide-phone",
            title="Keys (?)",
            aria_label="Show the keys",
            custom_attrs={"data-keys": "?", "data-opens": keys.SHEET},
        ),
        sign_out,
    ]


def _top_bar() -> rx.Component:
    return rx.el.div(_brand(), *_tools(), class_name="top-bar")


def _bottom_bar(here: str) -> rx.Component:
    def bar_link(place: Place) -> rx.Component:
        return link(
            rx.icon(place.icon, size=20, aria_hidden="true"),
            place.short,
            to=place.href,
            class_name="bottom-link",
            custom_attrs={"aria-current": "page"} if place.name == here else {},
        )

    return rx.el.nav(
        *[bar_link(place) for place in PLACES],
        rx.cond(Frame.audits, bar_link(AUDIT)),
        rx.cond(Frame.operates, bar_link(OPERATIONS)),
        aria_label="Main",
        class_name="bottom-bar",
    )
