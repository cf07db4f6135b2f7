"""What the head of every page carries: the stylesheet, the icon, the font, some small scripts."""

from __future__ import annotations

import reflex as rx

STYLESHEETS = ["/asterism.css", "/analysis.css", "/ask.css", "/imports.css", "/compare.css"]
"""Files in `assets/`; the front-end build bundles them."""


def head_components() -> list[rx.Component]:
    """Return what goes into `<head>`. Scripts are files of our own, so the content policy needs no exception."""
    return [
        rx.el.link(rel="icon", href="/logo.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href="/fonts/inter-latin.woff2",
            type="font/woff2",
            cross_origin="anonymous",
            custom_attrs={"as": "font"},
        ),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.script(src="/keys.js", defer=True),
        rx.el.script(src="/times.js", defer=True),
        rx.el.script(src="/uploads.js", defer=True),
        rx.el.script(src="/online.js", defer=True),
    ]
