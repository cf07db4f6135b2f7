"""The web application, put together: pages, event gate, HTTP API, lifespan tasks."""

from __future__ import annotations

import importlib
import pkgutil

import reflex as rx

from app import pages
from components import head
from state.gate import Gate


def _add_pages(app: rx.App) -> None:
    """Add each module of `app.pages`: its ROUTE, TITLE, page() and, where it has one, ON_LOAD."""
    for found in sorted(pkgutil.iter_modules(pages.__path__), key=lambda module: module.name):
        page = importlib.import_module(f"{pages.__name__}.{found.name}")
        app.add_page(page.page, route=page.ROUTE, title=page.TITLE, on_load=getattr(page, "ON_LOAD", None))


app = rx.App(stylesheets=head.STYLESHEETS, head_components=head.head_components())
app.add_middleware(Gate())
_add_pages(app)
