"""The outermost layer of the web process: what every request must pass, and what every response carries.

    Host → blocked paths → origin of changes → rate limit → body (size, deadline) → the application → headers

Each layer is one small ASGI class; websockets pass the Host check only (the socket server checks origins itself).
"""

from __future__ import annotations

from starlette.types import ASGIApp

from app.api.bodies import Bodies
from app.api.headers import Headers, Policy
from app.api.origins import Origins
from app.api.rates import Rates
from app.core.settings import settings


def secure(app: ASGIApp) -> ASGIApp:
    """Put the application behind every layer."""
    config = settings()
    return Headers(Origins(Rates(Bodies(app), config), config), Policy.of_built_pages(config))
