"""The filters of the Items tab."""

from __future__ import annotations

from typing import Any

import reflex as rx

from state.analysis_items import Filter, ItemsState

_SENTIMENTS = (
    ("negative", "negative"),
    ("neutral", "neutral"),
    ("positive", "positive"),
    ("unscored", "not scored"),
)
_LANGUAGES = (
    ("en", "English"),
    ("de", "German"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("tr", "Turkish"),
    ("zh", "Chinese"),
)
_SHOWN_OR_NOT = (("false", "hidden"), ("true", "only these"))


def filters() -> rx.Component:
    """Show what narrows the list, with the search."""
    return rx.el.div(
        rx.el.div(
            rx.el.label("Words", html_for="items-text"),
            rx.input(
                id="items-text",
                type="search",
                placeholder="sync without cloud",
                value=ItemsState.text,
                on_change=ItemsState.search,
                max_length=200,
                size="2",
                custom_attrs={"data-keys": "/"},
            ),
            class_name="filter filter-wide",
        ),
        _select("topic", "Topic", ItemsState.topic, (), ItemsState.topics, half=True),
        _community(),
        _select("sentiment", "Sentiment", ItemsState.sentiment, _SENTIMENTS),
        _select("kind", "Kind", ItemsState.kind, (("post", "posts"), ("comment", "comments"))),
        _select("language", "Language", ItemsState.language, _LANGUAGES),
        _day("from_day", "From", ItemsState.from_day, latest=ItemsState.to_day),
        _day("to_day", "To", ItemsState.to_day, earliest=ItemsState.from_day),
        _select("spam", "Spam", ItemsState.spam, _SHOWN_OR_NOT, everything="shown"),
        _select("duplicates", "Repeats", ItemsState.duplicates, _SHOWN_OR_NOT, everything="shown"),
        _select("removed", "Removed", ItemsState.removed, _SHOWN_OR_NOT, everything="shown"),
        rx.foreach(
            ItemsState.only,
            lambda pair: rx.el.div(
                rx.el.span(pair[0], class_name="filter-name"),
                rx.el.span(pair[1], class_name="clip filter-value"),
                class_name="filter",
            ),
        ),
        rx.cond(
            ItemsState.clear_href != "",
            rx.link("Clear", href=ItemsState.clear_href, class_name="filter-clear", aria_label="Clear all filters"),
        ),
        class_name="filters panel",
        role="search",
        aria_label="Filter the items",
    )


def _select(
    name: Filter,
    label: str,
    value: Any,
    choices: tuple[tuple[str, str], ...],
    found: Any = None,
    *,
    everything: str = "all",
    half: bool = False,
) -> rx.Component:
    options = [rx.el.option(words, value=key) for key, words in choices]
    if found is not None:
        options.append(rx.foreach(found, lambda pair: rx.el.option(pair[1], value=pair[0])))
    return rx.el.div(
        rx.el.label(label, html_for=f"items-{name}"),
        rx.el.select(
            rx.el.option(everything, value=""),
            *options,
            id=f"items-{name}",
            value=value,
            on_change=lambda chosen: ItemsState.narrow(name, chosen),
            class_name="native-select",
        ),
        class_name="filter filter-half" if half else "filter",
    )


def _day(name: Filter, label: str, value: Any, *, earliest: Any = "", latest: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"items-{name}"),
        rx.el.input(
            id=f"items-{name}",
            type="date",
            value=value,
            min=earliest,
            max=latest,
            on_change=lambda chosen: ItemsState.narrow(name, chosen),
            title="A day in UTC",
            class_name="native-select",
        ),
        class_name="filter filter-half",
    )


def _community() -> rx.Component:
    return rx.el.div(
        rx.el.label("Community", html_for="items-community"),
        rx.el.select(
            rx.el.option("all", value=""),
            rx.foreach(ItemsState.communities, lambda name: rx.el.option(name, value=name)),
            id="items-community",
            value=ItemsState.community,
            on_change=lambda chosen: ItemsState.narrow("community", chosen),
            class_name="native-select",
        ),
        class_name="filter filter-half",
    )
