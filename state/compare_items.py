"""The items of a comparison as its page shows them: where they came from and went, and one by one."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.clock import rfc3339
from app.services.comparing.shapes import ChangedItemView, ItemsView, OriginView
from app.services.comparing.words import CAUSES
from state.analysis_numbers import Door
from state.compare_links import compare_href
from state.links import outward


@dataclass(frozen=True)
class OriginRow:
    """New or gone items of one community for one reason."""

    what: str
    community: str
    why: str
    count: Door


@dataclass(frozen=True)
class ItemRow:
    """One changed item."""

    key: str
    community: str
    author: str
    posted_at: str
    permalink: str
    title: str
    text: str
    before_text: str
    note: str


def origin_rows(items: ItemsView, before_id: str, after_id: str) -> list[OriginRow]:
    """Return where items came from and went, the new ones first."""
    ids = before_id, after_id
    return [
        *(_origin(each, "new", ids) for each in items.new_from),
        *(_origin(each, "gone", ids) for each in items.gone_from),
    ]


def item_row(view: ChangedItemView, *, sample: bool) -> ItemRow:
    """Return one changed item."""
    said = "\n\n".join(part for part in (view.before_title, view.before_text) if part)
    notes = [CAUSES[view.cause] if view.cause else "", f"topic: {view.topic}" if view.topic else ""]
    return ItemRow(
        key=view.item_id,
        community=view.community,
        author=view.author or "unnamed",
        posted_at=rfc3339(view.posted_at),
        permalink="" if sample else outward(view.permalink),
        title=view.title or "",
        text=view.text,
        before_text=said,
        note=" · ".join(note for note in notes if note),
    )


def _origin(each: OriginView, show: str, ids: tuple[str, str]) -> OriginRow:
    href = compare_href(*ids, show=show, community=each.community) + "#changed"
    count = Door(f"{show} items from {each.community}", f"{each.items:,}", href)
    return OriginRow(show, each.community, CAUSES[each.cause], count)
