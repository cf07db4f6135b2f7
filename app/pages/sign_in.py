"""How to get in."""

from __future__ import annotations

import reflex as rx

from components import states
from components.form import plain_form
from components.frame import logo
from state.sign_in import SignIn

ROUTE = "/sign-in"
TITLE = "Sign in · Asterism"
ON_LOAD = SignIn.load
ACTION = "/api/auth/sign-in"


def page() -> rx.Component:
    """Return the page."""
    return rx.el.main(
        rx.el.div(
            rx.el.div(logo(), rx.el.div("Asterism", class_name="brand-name"), class_name="brand door-brand"),
            rx.el.h1("Sign in"),
            rx.el.p(
                "Open the link that the terminal printed when Asterism started, or run ",
                rx.el.code("asterism link", class_name="command"),
                " for a new one.",
            ),
            rx.cond(SignIn.error != "", states.error(SignIn.error)),
            plain_form(
                rx.el.div(
                    rx.el.label("Link or token", html_for="token"),
                    rx.input(
                        id="token",
                        name="token",
                        type="text",
                        required=True,
                        auto_complete=False,
                        auto_focus=True,
                        placeholder="http://…/welcome?token=…",
                        size="3",
                        spell_check=False,
                    ),
                    class_name="field",
                ),
                rx.el.input(type="hidden", name="next", value=SignIn.following),
                rx.button("Sign in", type="submit", size="3"),
                method="post",
                action=ACTION,
            ),
            class_name="panel door-card",
        ),
        class_name="door",
        id="main",
    )
