"""Reflex's own configuration. It imports none of our packages: Reflex reads this file again and again."""

import os
from urllib.parse import urlsplit

import reflex as rx

PUBLIC_URL = os.environ.get("ASTERISM_PUBLIC_URL", "").rstrip("/") or "http://localhost:3000"
STATE_REDIS_URL = os.environ.get("ASTERISM_STATE_REDIS_URL") or None
LOCAL_HOSTS = ("localhost", "127.0.0.1")

_parts = urlsplit(PUBLIC_URL)
_port = _parts.port or (443 if _parts.scheme == "https" else 80)
_origins = [PUBLIC_URL]
if _parts.hostname in LOCAL_HOSTS:
    # A local start is opened by either name, and the browser sends the one in its address bar.
    _port_text = f":{_parts.port}" if _parts.port else ""
    _origins = [f"{_parts.scheme}://{host}{_port_text}" for host in LOCAL_HOSTS]

config = rx.Config(
    app_name="app",
    api_url=PUBLIC_URL,
    deploy_url=PUBLIC_URL,
    frontend_port=_port,
    backend_port=_port,
    backend_host="127.0.0.1",
    cors_allowed_origins=_origins,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="system",
    redis_url=STATE_REDIS_URL,
    # One web process keeps page state in memory: it is a cache that every page rebuilds, and a frozen broker must not
    # freeze the pages.
    state_manager_mode=rx.constants.StateManagerMode.REDIS if STATE_REDIS_URL else rx.constants.StateManagerMode.MEMORY,
    disable_plugins=[rx.plugins.SitemapPlugin],
    plugins=[rx.plugins.RadixThemesPlugin(theme=rx.theme(accent_color="iris", gray_color="slate"))],
)
