"""The web application, put together: pages, event gate, HTTP API, lifespan tasks."""

from __future__ import annotations

import importlib
import pkgutil

import reflex as rx

from app import pages
from app.api import build_site
from app.api.security import secure
from app.core import hub, logging
from app.core.settings import settings
from components import connection, head
from state import failures, socket
from state.gate import Gate


def _add_pages(app: rx.App) -> None:
    """Add each module of `app.pages`: its ROUTE, TITLE, page() and, where it has one, ON_LOAD."""
    for found in sorted(pkgutil.iter_modules(pages.__path__), key=lambda module: module.name):
        page = importlib.import_module(f"{pages.__name__}.{found.name}")
        app.add_page(page.page, route=page.ROUTE, title=page.TITLE, on_load=getattr(page, "ON_LOAD", None))


def _start_logging() -> None:
    """Log as the settings say, with credentials masked, also in Reflex's own lines."""
    logging.configure(settings())


app = rx.App(
    stylesheets=head.STYLESHEETS,
    head_components=head.head_components(),
    extra_app_wraps={(5, "Overlay"): lambda stateful: connection.lost() if stateful else None},
    api_transformer=[build_site(), secure],  # the last is the outermost
    backend_exception_handler=failures.answer,
)
app.add_middleware(Gate())
app.register_lifespan_task(_start_logging)
app.register_lifespan_task(hub.run)
app.register_lifespan_task(socket.install(app).watch_sessions)
_add_pages(app)
