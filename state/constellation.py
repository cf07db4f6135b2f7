"""The map page: every item a point, its topics as islands; a drawn line gives the items inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import reflex as rx
from plotly.graph_objects import Figure
from pydantic import Field
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import constellation, items
from app.services.access import Actor
from app.services.constellation import MAX_VERTICES, NO_TOPIC, Inside, MapView
from app.services.contract import ItemView
from app.services.pipeline.item_words import SCORED, item_words
from state import words
from state.analysis_live import Watching, view_of
from state.analysis_place import CLEAN, items_href
from state.analysis_tables import ItemRow, item_row
from state.constellation_figure import OTHER_TOPICS, TOPIC_COLOURS, Colour, draw, topic_class
from state.gate import event

PAGE = 50
Corner = Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)]
Line = Annotated[list[tuple[Corner, Corner]], Field(max_length=MAX_VERTICES)]


@dataclass(frozen=True)
class TopicRow:
    """One topic in the table beside the map."""

    number: int
    name: str
    total: str
    mood: str
    href: str


@dataclass(frozen=True)
class ColouredTopic:
    """One line of what the colours of topics mean."""

    name: str
    colour: int
    """Its class of colour."""


class ConstellationState(Watching, rx.State):
    """The map, how it is coloured, and what is selected on it."""

    figure: Figure = Figure()
    by: Colour = "sentiment"
    across: tuple[float, float] = (0.0, 1.0)
    up: tuple[float, float] = (0.0, 1.0)
    """What the map shows, from left to right and from bottom to top."""
    sources: list[str] = []
    coloured: list[ColouredTopic] = []
    """What the colours of topics mean."""
    names_words: str = ""
    """Which topics are named on the map, and where the names of the others are."""
    topics: list[TopicRow] = []
    points: int = 0
    drawn_words: str = ""
    """How many items the map shows, and of how many."""

    cleared: int = 1
    """Counts up when the drawn line is to go. Never 0: Plotly reads that as unset and drops the line at each change."""
    selected: bool = False
    selected_words: str = ""
    selection_problem: str = ""
    reading: bool = False
    rows: list[ItemRow] = []
    more: bool = False
    """There are older ones inside the line."""
    later: bool = False
    """The rows are not the newest ones inside the line."""

    _view: MapView | None = None
    _traces: list[list[int]] = []
    _line: list[tuple[float, float]] = []
    _cursor: str | None = None
    _sample: bool = False

    @event(background=True)
    async def watch(self) -> Any:
        """Draw the map, and draw it anew when other topics are found."""
        place = self._place()
        async with self:
            if self._enter(place):
                self._show(place.analysis_id, MapView())
                self._unselect()
                self.loaded = False
        drawn_for: object = None
        try:
            async for update in self._follow(view_of(place.analysis_id)):
                made_of = [topic.id for topic in update.value.results.topics]
                async with self:
                    self._sample = update.value.sample
                if made_of == drawn_for:
                    continue
                view = await self._steady(edge.read(constellation.points, await self._actor(), place.analysis_id))
                if view is None:
                    continue
                drawn_for = made_of
                async with self:
                    if view != self._view or not self.loaded:
                        self._show(place.analysis_id, view)
                    self._assign({"loaded": True, "problem": ""})
        except AppError as error:
            yield await self._refused(error)

    @event
    async def colour(self, by: Colour) -> None:
        """Colour the points by another property."""
        self.by = by
        if self._view is not None:
            self.figure = draw(self._view, by).figure

    @event
    async def select(self, line: Line) -> Any:
        """Show the items inside a line."""
        if len(line) < 3:
            return
        self._line, self._cursor = line, None
        async for _ in self._read():
            yield

    @event
    async def older(self) -> Any:
        """Show the next items inside the line."""
        if self._line and self.more:
            async for _ in self._read():
                yield

    @event
    async def newest(self) -> Any:
        """Show the first items inside the line again."""
        self._cursor = None
        if self._line:
            async for _ in self._read():
                yield

    @event
    async def open_point(self, trace: int, point: int) -> Any:
        """Show the item of one point."""
        if self._view is None or not 0 <= trace < len(self._traces) or not 0 <= point < len(self._traces[trace]):
            return None
        item_id = self._view.ids[self._traces[trace][point]]
        try:
            found = await edge.read(items.get, await self._actor(), self._analysis_id, item_id)
        except NotSignedIn:
            return rx.redirect("/sign-in")
        except AppError as error:
            self._assign({"selected": True, "selection_problem": error.message, "rows": []})
            return None
        self._line = []
        self._list([found], "1 item", more=False)
        return None

    @event
    async def clear(self) -> None:
        """Select nothing."""
        self._unselect()
        self.cleared += 1

    async def _read(self) -> Any:
        """Read the page that starts at the cursor."""
        later = self._cursor is not None
        self._assign({"selected": True, "reading": True, "selection_problem": ""})
        yield
        try:
            actor = await self._actor()
            found: Inside = await edge.read(_inside, actor, self._analysis_id, self._line, self._cursor)
        except NotSignedIn:
            yield rx.redirect("/sign-in")
            return
        except AppError as error:
            self._assign({"reading": False, "selection_problem": error.message, "rows": []})
            return
        self._cursor = found.next_cursor
        self._list(found.rows, words.counted(found.items, "item"), more=found.next_cursor is not None, later=later)

    def _list(self, found: list[ItemView], said: str, *, more: bool, later: bool = False) -> None:
        names = {topic.number: topic.name for topic in self._view.topics} if self._view else {}
        self._assign(
            {
                "selected": True,
                "reading": False,
                "selection_problem": "",
                "selected_words": said,
                "rows": [item_row(item, names, sample=self._sample) for item in found],
                "more": more,
                "later": later,
            }
        )

    def _unselect(self) -> None:
        self._line, self._cursor = [], None
        self._assign({"selected": False, "reading": False, "selection_problem": "", "rows": [], "more": False})

    def _show(self, analysis_id: str, view: MapView) -> None:
        drawing = draw(view, self.by)
        self._view, self._traces, self.figure = view, drawing.traces, drawing.figure
        self._assign({"across": drawing.across, "up": drawing.up})
        said = f"{item_words(view.items, SCORED)} on it"
        if len(view.ids) < view.items:
            said = f"{len(view.ids):,} of {view.items:,} {SCORED} are drawn; a selection gives all that lie inside"
        self._assign(
            {
                "points": len(view.ids),
                "drawn_words": said,
                "sources": view.sources,
                "coloured": coloured(view),
                "names_words": names_words(len(drawing.figure.layout.annotations), len(view.topics)),
                "topics": [
                    TopicRow(
                        number=topic.number,
                        name=topic.name,
                        total=f"{topic.items:,}",
                        mood=f"{topic.sentiment:+.2f}" if topic.sentiment is not None else "not scored",
                        href=items_href(analysis_id, topic=topic.number, **CLEAN),
                    )
                    for topic in view.topics
                ],
            }
        )


def coloured(view: MapView) -> list[ColouredTopic]:
    """Return what the colours of topics mean: each with a colour of its own, then those that share one, then none."""
    classes = sorted((topic_class(topic.number), topic.name) for topic in view.topics)
    found = [ColouredTopic(name, number) for number, name in classes if number != OTHER_TOPICS]
    others = len(classes) - len(found)
    if others:
        found.append(ColouredTopic(words.counted(others, "other topic"), OTHER_TOPICS))
    if NO_TOPIC in view.topic:
        found.append(ColouredTopic("no topic", TOPIC_COLOURS))
    return found


def names_words(shown: int, topics: int) -> str:
    """Say which topics are named on the map, and where the names of the others are."""
    if shown == topics:
        return "All topics are named on the map."
    said = f"{shown} of {words.counted(topics, 'topic')} are named on the map"
    return f"{said}: point at a dot, or see the table, for the others."


def _inside(
    session: Session, actor: Actor, analysis_id: str, line: list[tuple[float, float]], cursor: str | None
) -> Inside:
    return constellation.items_in(session, actor, analysis_id, line, cursor=cursor, limit=PAGE)
