"""The audit trail of the workspace, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode

import reflex as rx

from app.core import edge
from app.core.clock import rfc3339
from app.core.errors import AppError, InvalidInput, NotSignedIn
from app.services import audit_chain, audit_trail
from app.services.audit_trail import AuditRow
from app.services.audit_words import Kind
from state.base import Base
from state.gate import SIGN_IN, event

PAGE_SIZE = 50


@dataclass(frozen=True)
class ActShown:
    """One act as the list says it."""

    id: str
    what: str
    detail: str
    on: str
    href: str
    who: str
    operator: bool
    at: str


def act(found: AuditRow) -> ActShown:
    """Return the words of one act."""
    tab = "?tab=jobs" if found.action.startswith("job:") else ""
    return ActShown(
        id=found.id,
        what=found.what,
        detail=found.detail,
        on=found.on,
        href=f"/analyses/{found.analysis_id}{tab}" if found.analysis_id else "",
        who=found.who,
        operator=found.operator,
        at=rfc3339(found.at),
    )


def address(kind: str, cursor: str | None = None) -> str:
    """Return where a page of the list is."""
    asked = {name: value for name, value in (("kind", kind), ("cursor", cursor)) if value}
    return "/audit" + (f"?{urlencode(asked)}" if asked else "")


class Audit(Base, rx.State):
    """At most 50 acts, newest first; `?kind=` names a kind of them, `?cursor=` starts further back."""

    rows: list[ActShown] = []
    loaded: bool = False
    problem: str = ""
    may_retry: bool = False
    """Whether asking once more can help."""
    kind: str = ""
    newest_href: str = ""
    older_href: str = ""
    csv_href: str = ""
    verdict: str = ""
    """What was found when the trail was verified; empty until somebody asks."""
    is_broken: bool = False
    verifying: bool = False

    @event
    async def load(self) -> AsyncGenerator[Any, None]:
        """Show the list."""
        asked = self.router.url.query_parameters
        kind: Kind | None = next((one for one in get_args(Kind) if one == asked.get("kind")), None)
        cursor = asked.get("cursor") or None
        self.kind, self.newest_href = kind or "", address(kind or "") if cursor else ""
        self.rows, self.older_href, self.problem, self.loaded = [], "", "", False
        self.csv_href = "/api/v1/audit/exports/acts.csv" + (f"?kind={kind}" if kind else "")
        self.verdict, self.is_broken, self.verifying = "", False, False
        yield
        try:
            actor = await self._actor()
            page = await edge.read(audit_trail.rows, actor, kind=kind, cursor=cursor, limit=PAGE_SIZE)
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
            return
        except AppError as error:
            self.problem, self.loaded = error.message, True
            self.may_retry = error.retry_after is not None
            self.newest_href = address("") if isinstance(error, InvalidInput) else ""
            return
        self.rows = [act(found) for found in page.rows]
        self.older_href = address(self.kind, page.next_cursor) if page.next_cursor else ""
        self.loaded = True

    @event
    async def verify(self) -> AsyncGenerator[Any, None]:
        """Go through the whole trail, and say whether it is as it was written."""
        if self.verifying:
            return
        self.verifying, self.verdict = True, ""
        yield
        try:
            found = await edge.read(audit_chain.verify, await self._actor())
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
            return
        except AppError as error:
            self.verdict, self.is_broken = error.message, True
        else:
            self.verdict, self.is_broken = audit_chain.told(found), not found.unbroken
        finally:
            self.verifying = False
