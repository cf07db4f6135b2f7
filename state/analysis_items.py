"""The Items tab: every item, filtered and paged. The address holds the filters, so a link shows the same list."""

from __future__ import annotations

from typing import Any, Literal, get_args

import reflex as rx
from pydantic import ValidationError
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError, InvalidInput
from app.core.paging import Page
from app.services import items, questions, results
from app.services.access import Actor
from app.services.contract import AnalysisView, ItemView
from app.services.items import ItemFilters
from app.services.pipeline.item_words import COLLECTED, item_words
from state import words
from state.analysis_live import Watching, view_of
from state.analysis_place import FILTERS, Place
from state.analysis_tables import ItemRow, item_row
from state.gate import event

PAGE = 50
Filter = Literal[
    "text", "topic", "sentiment", "kind", "community", "language", "from_day", "to_day", "spam", "duplicates", "removed"
]
CONTROLS: tuple[Filter, ...] = get_args(Filter)
_FILTER_WORDS = {
    "day": "day, in UTC",
    "opportunity": "speaks for",
    "intent": "what it does",
    "provider": "source",
    "question": "answers",
}


class ItemsState(Watching, rx.State):
    """One page of items and the filters that select them."""

    rows: list[ItemRow] = []
    count: str = ""
    next_href: str = ""
    newest_href: str = ""
    """Back to the first page; empty when this is it."""
    clear_href: str = ""
    """The list without filters; empty when there are none."""
    export_href: str = ""
    loaded_of: int = 0
    """How many items the analysis had when the rows were read; more have come when it has more now."""
    collected: str = ""
    """The same in words: what the number above the list is of."""
    here: str = ""
    topics: list[tuple[str, str]] = []
    communities: list[str] = []
    only: list[tuple[str, str]] = []
    """Filters without a control of their own, in words: the day or the opportunity that a link led from."""

    text: str = ""
    topic: str = ""
    sentiment: str = ""
    kind: str = ""
    community: str = ""
    language: str = ""
    from_day: str = ""
    to_day: str = ""
    spam: str = ""
    duplicates: str = ""
    removed: str = ""

    @event(background=True)
    async def watch(self) -> Any:
        """Read the page that the address asks for; wait for the first items of an analysis that has none yet."""
        place = self._place()
        if place.tab != "items":
            return
        async with self:
            self._take_over(place)
        try:
            async for update in self._follow(view_of(place.analysis_id)):
                shown = await self._steady(edge.read(_read, await self._actor(), place, update.value))
                if shown is None:
                    continue
                async with self:
                    self._assign({**shown, "loaded": True, "problem": ""})
                if shown["rows"] or update.value.metadata.finished_at is not None:
                    break
        except AppError as error:
            yield await self._refused(error)

    @event
    async def narrow(self, name: Filter, value: str) -> Any:
        """Set one filter; an empty value clears it."""
        return self._go(name, value)

    @event
    async def search(self, text: str) -> Any:
        """Narrow to the items that hold these words."""
        self.text = text
        return self._go("text", text.strip())

    def _go(self, name: str, value: str) -> Any:
        place = self._place()
        if place.filters.get(name, "") == value:
            return None
        return rx.redirect(place.with_filter(name, value).href())

    def _take_over(self, place: Place) -> None:
        """Show the filters at once, before the rows are read."""
        first = Place(place.analysis_id, "items", place.filters)
        if self._enter(place):
            self.rows = []
        if self.here != place.href():
            self._assign({"loaded": False, "problem": ""})
        self._assign(
            {
                **{name: place.filters.get(name, "") for name in CONTROLS},
                "here": place.href(),
                "newest_href": first.href() if place.cursor else "",
                "clear_href": Place(place.analysis_id, "items").href() if place.filters else "",
                "export_href": place.export_href(),
            }
        )


def _read(session: Session, actor: Actor, place: Place, view: AnalysisView) -> dict[str, Any]:
    try:
        filters = ItemFilters.model_validate(dict(place.filters))
    except ValidationError as error:
        name = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise InvalidInput(
            f"The filter {name} in this address is not valid; clear the filters and choose again."
        ) from error
    page: Page[ItemView] = items.page(session, actor, place.analysis_id, filters, cursor=place.cursor, limit=PAGE)
    topics = {topic.number: topic.name for topic in results.topics(session, actor, place.analysis_id)}
    offered = items.communities(session, actor, place.analysis_id)
    if filters.community is not None and filters.community not in offered:
        offered.append(filters.community)
    only = [(name, place.filters[name]) for name in FILTERS if name in place.filters and name not in CONTROLS]
    if filters.opportunity is not None:
        title = results.opportunity(session, actor, place.analysis_id, filters.opportunity).title
        only = [(name, title if name == "opportunity" else value) for name, value in only]
    if filters.question is not None:
        asked = questions.view(session, actor, filters.question).text
        only = [(name, asked if name == "question" else value) for name, value in only]
    return {
        "only": [(_FILTER_WORDS.get(name, name), value) for name, value in only],
        "rows": [item_row(item, topics, sample=view.sample, found=(filters.text or "").split()) for item in page.rows],
        "count": words.capped(items.count(session, actor, place.analysis_id, filters)),
        "next_href": Place(place.analysis_id, "items", place.filters, page.next_cursor).href()
        if page.next_cursor
        else "",
        "loaded_of": view.results.items,
        "collected": item_words(view.results.items, COLLECTED),
        "topics": [(str(number), name) for number, name in topics.items()],
        "communities": offered,
    }
