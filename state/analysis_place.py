"""The address of an analysis page: which analysis, which tab, which filters. The query string is the page's memory.

`/analyses/<id>?tab=items&sentiment=negative&topic=3` ↔ `Place`. Filter names are those of `services.items.ItemFilters`,
so that the same query string also makes the export's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlencode

Tab = Literal["overview", "opportunities", "map", "ask", "items", "cost", "jobs"]
TABS: tuple[Tab, ...] = get_args(Tab)
OWN_PAGES: tuple[Tab, ...] = ("map", "ask")
"""The tabs that are pages of their own, as `/analyses/<id>/map`."""
FILTERS = (
    "text",
    "topic",
    "sentiment",
    "kind",
    "community",
    "author",
    "language",
    "spam",
    "duplicates",
    "removed",
    "intent",
    "day",
    "from_day",
    "to_day",
    "opportunity",
    "provider",
    "question",
)
_MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What an address of the page asks for."""

    analysis_id: str
    tab: Tab = "overview"
    filters: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None

    def with_filter(self, name: str, value: str) -> Place:
        """Return the Items tab with one filter set, or cleared when the value is empty; paging starts again."""
        kept = {key: old for key, old in self.filters.items() if key != name}
        return Place(self.analysis_id, "items", {**kept, name: value} if value else kept)

    def href(self) -> str:
        """Return the address inside this site."""
        if self.tab in OWN_PAGES:
            return f"/analyses/{self.analysis_id}/{self.tab}"
        query: dict[str, str] = {} if self.tab == "overview" else {"tab": self.tab}
        if self.tab == "items":
            query |= {name: self.filters[name] for name in FILTERS if self.filters.get(name)}
            if self.cursor:
                query["cursor"] = self.cursor
        return f"/analyses/{self.analysis_id}" + (f"?{urlencode(query)}" if query else "")

    def export_href(self) -> str:
        """Return where the same items are had as CSV."""
        query = {name: self.filters[name] for name in FILTERS if self.filters.get(name)}
        return f"/api/v1/analyses/{self.analysis_id}/exports/items.csv" + (f"?{urlencode(query)}" if query else "")


def parse(path: str, query: Mapping[str, str]) -> Place:
    """Return the place that an address means. What is not known is left out; the id is not checked here."""
    path = path.rstrip("/")
    for own in OWN_PAGES:
        if path.endswith(f"/{own}"):
            return Place(path.removesuffix(f"/{own}").rsplit("/", 1)[-1][:_MAX_VALUE], own)
    analysis_id = path.rsplit("/", 1)[-1][:_MAX_VALUE]
    asked = query.get("tab", "overview")
    tab = next((known for known in TABS if known == asked and known not in OWN_PAGES), "overview")
    filters = {name: query[name][:_MAX_VALUE] for name in FILTERS if query.get(name)}
    return Place(analysis_id, tab, filters, query.get("cursor") or None)


CLEAN = {"spam": "false", "duplicates": "false", "removed": "false"}
"""The filters that leave the items which sums and charts count."""


def items_href(analysis_id: str, **filters: str | int) -> str:
    """Return the address of the items that make a number."""
    return Place(analysis_id, "items", {name: str(value) for name, value in filters.items()}).href()
