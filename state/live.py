"""How fresh a live page is, shared by every page that watches something."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core.topic import Update


class Live(rx.State, mixin=True):
    """Mixin for states with a watcher."""

    mode: str = ""
    """`live`, `polling`, `offline`; empty until the first update; `none` when nothing is watched."""
    every_seconds: int = 0

    def _note_freshness(self, update: Update[Any]) -> None:
        """Take over how the update came. Call it inside `async with self`."""
        every = round(update.every_seconds or 0)
        if self.mode != update.mode.value:
            self.mode = update.mode.value
        if self.every_seconds != every:
            self.every_seconds = every
