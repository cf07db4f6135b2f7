"""HTTP beside the pages: everything under /api, and the welcome link."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from app.api import auth, health, problems, v1

__all__ = ["build_api", "build_site"]


def build_api() -> FastAPI:
    """Return the API, to be mounted at `/api`.

    Each module of `app.api.v1` with a `router` is part of it, under `/api/v1`. The schema is at `/api/openapi.json`;
    there is no docs page, since the usual ones load scripts from elsewhere, which our content security policy forbids.
    """
    api = FastAPI(title="Asterism", version="1", docs_url=None, redoc_url=None)
    problems.install(api)
    api.include_router(auth.router)
    api.include_router(health.router)
    for found in sorted(pkgutil.iter_modules(v1.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{v1.__name__}.{found.name}")
        if hasattr(module, "router"):
            api.include_router(module.router, prefix="/v1")
    return api


def build_site() -> Starlette:
    """Return what answers before the pages do."""
    return Starlette(routes=[Mount("/api", app=build_api()), Route("/welcome", auth.welcome, methods=["GET"])])
