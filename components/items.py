"""The Items tab: filters, the table, paging, export."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import palette, states
from components.item_filters import filters
from components.links import download
from components.times import moment
from state.analysis import AnalysisState
from state.analysis_items import ItemsState
from state.analysis_tables import IntentMark, ItemRow, Part

_SENTIMENT_MARKS = {
    "negative": ("frown", "bad"),
    "neutral": ("meh", "quiet"),
    "positive": ("smile", "good"),
}


def tab() -> rx.Component:
    """Show the Items tab."""
    return rx.el.div(
        filters(),
        rx.cond(
            ItemsState.problem != "",
            states.error(ItemsState.problem),
            rx.cond(
                ItemsState.rows.length() > 0,
                _table(),
                rx.cond(
                    ItemsState.loaded,
                    _none(),
                    rx.el.div(states.skeleton(8, "Reading the items"), class_name="panel"),
                ),
            ),
        ),
        class_name="stack",
    )


def _none() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ItemsState.clear_href != "",
            states.empty(
                "No item meets these filters",
                "Take one of them away, or clear them all.",
                rx.link("Clear the filters", href=ItemsState.clear_href),
                icon="search-x",
            ),
            rx.cond(
                AnalysisState.closed,
                states.empty(
                    "No items",
                    "The sources had nothing in this time range with these keywords. A longer range finds more.",
                    rx.link("New analysis", href="/new"),
                    icon="inbox",
                ),
                states.empty(
                    "No items yet", "They show here as soon as the first page is collected.", icon="hourglass"
                ),
            ),
        ),
        class_name="panel",
    )


def _table() -> rx.Component:
    heads = ("What was said", "Sentiment", "Topic", "Where and who", "When")
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                rx.cond(
                    ItemsState.clear_href != "",
                    rx.fragment(
                        rx.el.b(ItemsState.count), " of ", ItemsState.collected, " meet the filters, newest first"
                    ),
                    rx.fragment(ItemsState.collected, ", newest first"),
                ),
            ),
            rx.cond(
                AnalysisState.item_count > ItemsState.loaded_of,
                rx.el.a(
                    AnalysisState.item_count - ItemsState.loaded_of, " more have come; show them", href=ItemsState.here
                ),
            ),
            download("CSV of these", ItemsState.export_href),
            class_name="list-head",
        ),
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head, scope="col") for head in heads])),
            rx.el.tbody(rx.foreach(ItemsState.rows, _row)),
            class_name="rows items",
        ),
        rx.el.nav(
            rx.cond(ItemsState.newest_href != "", rx.link("Newest", href=ItemsState.newest_href)),
            rx.cond(
                ItemsState.next_href != "",
                rx.link("Next 50, older", href=ItemsState.next_href, class_name="list-next"),
            ),
            class_name="list-foot",
            aria_label="Pages",
        ),
        # While other filters are read, the rows of the last ones stay, faded: the page does not jump.
        class_name=rx.cond(ItemsState.loaded, "panel list", "panel list fading"),
        aria_busy=rx.cond(ItemsState.loaded, "false", "true"),
    )


def _row(row: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(_said(row), class_name="item-said"),
        rx.el.td(_sentiment(row), custom_attrs={"data-label": "Sentiment"}),
        rx.el.td(
            rx.cond(row.topic != "", rx.el.span(_swatch(row.topic_colour), row.topic, class_name="topic")),
            class_name="item-topic",
        ),
        rx.el.td(rx.el.div(row.community), rx.el.div(row.author, class_name="quiet small"), class_name="item-who"),
        rx.el.td(
            moment(row.posted_at),
            rx.cond(
                row.permalink != "",
                rx.el.a(
                    rx.icon("external-link", size=14, aria_hidden="true"),
                    href=row.permalink,
                    target="_blank",
                    rel="noopener noreferrer nofollow",
                    class_name="out",
                    aria_label="Where it was said",
                    title="Where it was said",
                ),
            ),
            title=rx.cond(AnalysisState.sample, "SAMPLE: not on the web", ""),
            class_name="item-when nowrap",
        ),
        key=row.id,
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _said(row: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.div(
        rx.cond(row.title != "", rx.el.div(_marked(row.title, row.title_parts), class_name="item-title")),
        rx.cond(
            row.rest != "",
            rx.el.details(
                rx.el.summary(_marked(row.clip, row.clip_parts), rx.el.span(" more", class_name="item-more")),
                rx.el.span(_marked(row.rest, row.rest_parts)),
                rx.cond(row.cut, rx.el.span(" (longer where it was said)", class_name="quiet")),
                class_name="item-text",
                open=row.opened,
            ),
            rx.el.div(_marked(row.clip, row.clip_parts), class_name="item-text"),
        ),
        rx.el.div(
            rx.el.span(row.kind, class_name="quiet small"),
            rx.cond(row.language != "", rx.el.span(row.language, class_name="quiet small", title="Language")),
            rx.foreach(row.intents, _intent),
            rx.cond(
                row.spam != "",
                rx.el.span(
                    rx.icon("shield-alert", size=14, aria_hidden="true"), "spam: ", row.spam, class_name="mark wait"
                ),
            ),
            rx.cond(
                row.duplicate,
                rx.el.span(
                    rx.icon("copy", size=14, aria_hidden="true"),
                    "repeat",
                    class_name="mark wait",
                    title="It says the same as another item, which is counted in its place.",
                ),
            ),
            rx.cond(
                row.removed,
                rx.el.span(rx.icon("trash-2", size=14, aria_hidden="true"), "removed", class_name="mark quiet"),
            ),
            class_name="item-flags",
        ),
    )


def _marked(text: Any, parts: rx.Var[list[Part]]) -> rx.Component:
    """Show a text with the words marked that were searched for; both stay text, never markup."""
    return rx.cond(
        parts.length() > 0,
        rx.fragment(rx.foreach(parts, lambda part: rx.cond(part.found, rx.el.mark(part.text), part.text))),
        text,
    )


def _intent(mark: rx.Var[IntentMark]) -> rx.Component:
    return rx.el.span(
        mark.name,
        rx.cond(mark.shown_by != "", rx.el.span(" ", mark.shown_by)),
        class_name="quiet small",
        title="What it does, and the words that show it",
    )


def _sentiment(row: rx.Var[ItemRow]) -> rx.Component:
    marks = [
        (
            name,
            rx.el.span(rx.icon(icon, size=14, aria_hidden="true"), name, class_name=f"mark {tone}"),
        )
        for name, (icon, tone) in _SENTIMENT_MARKS.items()
    ]
    return rx.el.span(
        rx.match(row.sentiment, *marks, rx.el.span("not scored", class_name="quiet small")), title=row.sentiment_words
    )


def _swatch(number: Any) -> rx.Component:
    places = len(palette.OKABE_ITO)
    colour = rx.match(
        number, *[(place, palette.topic_colour(place)) for place in range(places)], palette.topic_colour(places)
    )
    return rx.el.span(class_name="swatch", style={"background": colour}, aria_hidden="true")
