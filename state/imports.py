"""The list of files that a workspace has brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import reflex as rx
from pydantic import Field

from app.core import edge
from app.core.clock import rfc3339
from app.core.errors import AppError, NotSignedIn
from app.core.settings import settings
from app.services.access import Action, can
from app.services.imports import library
from app.services.imports.views import ImportRow
from state.base import Base
from state.gate import SIGN_IN, event

PAGE_SIZE = 50


@dataclass(frozen=True)
class FileRow:
    """One file as the list says it."""

    id: str
    name: str
    href: str
    use: str
    size: str
    rows: str
    comments: str
    problem: str
    brought: str


def row(found: ImportRow) -> FileRow:
    """Return the words of one file."""
    return FileRow(
        id=found.id,
        name=found.name,
        href=f"/imports/{found.id}",
        use=f"/new?{urlencode({'source': found.source})}",
        size=size_words(found.bytes),
        rows=f"{found.rows:,}",
        comments="\N{EN DASH}" if found.comments is None else f"{found.comments:,}",
        problem=found.problem or "",
        brought=rfc3339(found.created_at),
    )


def size_words(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)):,} kB"
    return f"{count / 1_000_000:,.1f} MB"


class Imports(Base, rx.State):
    """At most 50 files, newest first; `?cursor=` starts further back."""

    rows: list[FileRow] = []
    loaded: bool = False
    error: str = ""
    refusal: str = ""
    """Why this person may not bring any, as a sentence."""
    older_href: str = ""
    most_bytes: int = 0
    most: str = ""

    @event
    async def load(self) -> Any:
        """Show the list."""
        try:
            actor = await self._actor()
            cursor = self.router.url.query_parameters.get("cursor") or None
            page = await edge.read(library.rows, actor, cursor=cursor, limit=PAGE_SIZE)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.error, self.loaded = error.message, True
            return None
        answer = can(actor, Action.IMPORT_CHANGE)
        self.refusal = "" if answer is True else answer
        self.most_bytes = settings().import_max_bytes
        self.most = size_words(self.most_bytes)
        self.rows = [row(found) for found in page.rows]
        self.older_href = "/imports?" + urlencode({"cursor": page.next_cursor}) if page.next_cursor else ""
        self.error, self.loaded = "", True
        return None

    @event
    async def remove(self, import_id: Annotated[str, Field(max_length=64)]) -> Any:
        """Delete a file."""
        try:
            await edge.write(library.remove, await self._actor(), import_id)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.error = error.message
            return None
        return Imports.load
