"""The page that compares two analyses, and the one on which the second is chosen."""

from __future__ import annotations

from typing import Any, get_args

import reflex as rx

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import analyses, comparison
from app.services.comparing.items import Change
from state import compare_choices, compare_items, compare_rows
from state.base import Base
from state.compare_choices import ChoiceRow
from state.compare_items import ItemRow
from state.compare_links import compare_href
from state.compare_rows import Comparison
from state.gate import SIGN_IN, event

MOST_CHOICES = 100
ITEMS_A_PAGE = 25
_TITLES = {"new": "New items", "gone": "Gone items", "edited": "Edited items"}


class CompareState(Base, rx.State):
    """One comparison."""

    loaded: bool = False
    problem: str = ""
    shown: Comparison = Comparison()
    item_title: str = ""
    """What the list of items holds; empty when none is asked for."""
    changed: list[ItemRow] = []
    items_problem: str = ""
    next_href: str = ""
    swap_href: str = ""
    _of: str = ""

    @event
    async def load(self) -> Any:
        """Read the comparison that the address names."""
        before_id, after_id = self._ids()
        if self._of != f"{before_id}/{after_id}":
            self.loaded, self.shown, self.changed, self.item_title = False, Comparison(), [], ""
            self._of = f"{before_id}/{after_id}"
            yield
        try:
            actor = await self._actor()
            found = await edge.read(comparison.compare, actor, before_id, after_id)
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
            return
        except AppError as error:
            self.shown, self.problem = Comparison(), error.message
            self.loaded = True
            return
        self.shown, self.problem = compare_rows.comparison(found), ""
        self.swap_href = compare_href(after_id, before_id)
        self.loaded = True
        await self._list_items(before_id, after_id, sample=found.before.sample or found.after.sample)

    async def _list_items(self, before_id: str, after_id: str, *, sample: bool) -> None:
        query = self.router.url.query_parameters
        change: Change | None = next((known for known in get_args(Change) if known == query.get("show")), None)
        self.item_title, self.changed, self.next_href, self.items_problem = "", [], "", ""
        if change is None:
            return
        community = query.get("community", "")[:200] or None
        self.item_title = _TITLES[change] + (f" from {community}" if community else "")
        try:
            page = await edge.read(
                comparison.changed_items,
                await self._actor(),
                before_id,
                after_id,
                change,
                community=community,
                cursor=query.get("cursor") or None,
                limit=ITEMS_A_PAGE,
            )
        except AppError as error:
            self.items_problem = error.message
            return
        self.changed = [compare_items.item_row(each, sample=sample) for each in page.rows]
        if page.next_cursor:
            asked = {"show": change, "community": community or "", "cursor": page.next_cursor}
            self.next_href = compare_href(before_id, after_id, **asked) + "#changed"

    def _ids(self) -> tuple[str, str]:
        _, _, before_id, after_id, *_ = (*self.router.url.path.split("/"), "", "", "", "")
        return before_id[:64], after_id[:64]


class CompareWithState(Base, rx.State):
    """What one analysis can be compared with."""

    loaded: bool = False
    problem: str = ""
    question: str = ""
    href: str = ""
    rows: list[ChoiceRow] = []

    @event
    async def load(self) -> Any:
        """Read the workspace's other analyses."""
        _, _, analysis_id, *_ = (*self.router.url.path.split("/"), "", "", "")
        try:
            actor = await self._actor()
            view = await edge.read(analyses.view, actor, analysis_id[:64])
            page = await edge.read(analyses.rows, actor, limit=MOST_CHOICES)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.rows, self.question, self.problem = [], "", error.message
        else:
            self.problem, self.question, self.href = "", view.request.question, f"/analyses/{view.id}"
            self.rows = compare_choices.choices(page.rows, view.id, view.request.question)
        self.loaded = True
        return None
