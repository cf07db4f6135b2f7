"""What changed between two analyses: sentences first, then topics, opportunities, items, settings and versions."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks, states
from components.analysis_doors import number, tile
from components.times import moment
from state.compare import CompareState, CompareWithState
from state.compare_rows import ChoiceRow, ItemRow, OpportunityRow, OriginRow, PairRow, Side, TopicRow

_STACK = {"display": "grid", "gap": "16px"}


def content() -> rx.Component:
    """Show the comparison, or why there is none."""
    return rx.cond(
        CompareState.problem != "",
        rx.el.div(
            states.empty("Nothing to compare", CompareState.problem, rx.link("All analyses", href="/"), icon="compass"),
            class_name="panel",
        ),
        rx.cond(CompareState.loaded, _found(), rx.el.div(states.skeleton(8), class_name="panel")),
    )


def choice() -> rx.Component:
    """Show what one analysis can be compared with."""
    return rx.cond(
        CompareWithState.problem != "",
        states.error(CompareWithState.problem),
        rx.cond(
            CompareWithState.loaded,
            rx.cond(
                CompareWithState.rows.length() > 0,
                rx.el.div(
                    _table(
                        "Analyses", ("Question", "Sources", "Asked", "Status", "#Items"), CompareWithState.rows, _choice
                    ),
                    class_name="panel",
                ),
                rx.el.div(
                    states.empty(
                        "No other analysis",
                        "Run this one again, or ask the same of another community; then both can be compared.",
                        rx.link("Back to the analysis", href=CompareWithState.href),
                    ),
                    class_name="panel",
                ),
            ),
            rx.el.div(states.skeleton(5), class_name="panel"),
        ),
    )


def _found() -> rx.Component:
    shown = CompareState.shown
    return rx.el.div(
        rx.el.section(_side("Before", shown.before), _side("After", shown.after), class_name="panel compare-sides"),
        rx.foreach(shown.warnings, _warning),
        rx.cond(
            shown.unfinished,
            rx.el.p(
                rx.button("Look again", on_click=CompareState.load, variant="soft", size="2"),
                rx.el.span(" Compare when both are done; this is what stands now.", class_name="quiet"),
            ),
        ),
        _section(
            "What changed",
            rx.el.ul(rx.foreach(shown.sentences, rx.el.li), class_name="compare-sentences"),
            rx.el.ul(rx.foreach(shown.tiles, tile), class_name="tiles"),
        ),
        rx.cond(CompareState.item_title != "", _items()),
        rx.cond(shown.topics.length() > 0, _topics()),
        rx.cond(shown.opportunities.length() > 0, _opportunities()),
        rx.cond(shown.origins.length() > 0, _origins()),
        rx.cond(
            shown.settings.length() > 0,
            _section("Asked otherwise", _pairs("Settings", shown.settings)),
            _section("Asked otherwise", rx.el.p("Both ask for the same.", class_name="quiet")),
        ),
        rx.cond(
            shown.versions.length() > 0,
            _section("Made by other versions", _pairs("Versions", shown.versions)),
            _section(
                "Made by other versions", rx.el.p("The same program, engine, rules and libraries.", class_name="quiet")
            ),
        ),
        _section(
            "Cost",
            rx.el.p(shown.cost),
            rx.cond(shown.cost_lines.length() > 0, _pairs("Cost", shown.cost_lines)),
            rx.cond(
                shown.seal != "", rx.el.p(shown.seal, class_name="quiet small", style={"overflow_wrap": "anywhere"})
            ),
        ),
        style=_STACK,
    )


def _warning(sentence: rx.Var[str]) -> rx.Component:
    return states.partial(sentence)


def _side(name: str, side: rx.Var[Side] | Any) -> rx.Component:
    return rx.el.div(
        rx.el.h2(name, class_name="section-title"),
        rx.link(side.question, href=side.href),
        rx.el.p(side.sources, class_name="quiet small"),
        rx.el.p(
            marks.analysis_status(side.status),
            " ",
            rx.cond(side.sample, marks.sample()),
            " asked ",
            moment(side.asked_at),
            " · ",
            side.size,
            class_name="small",
        ),
        class_name="panel-pad",
    )


def _topics() -> rx.Component:
    return _section(
        "Topics",
        rx.el.p(
            "Mood: ",
            rx.el.span(class_name="compare-dot compare-dot-before"),
            " before, ",
            rx.el.span(class_name="compare-dot compare-dot-after"),
            " after; the farther right, the better. The numbers stand beside it.",
            class_name="quiet small",
        ),
        _table(
            "Topics",
            ("Topic", "#Items before", "#Items after", "Mood", "Before → after"),
            CompareState.shown.topics,
            _topic,
        ),
    )


def _topic(row: rx.Var[TopicRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, rx.el.div(row.note, class_name="quiet small"), scope="row"),
        rx.el.td(number(row.before), class_name="number", custom_attrs={"data-label": "items before"}),
        rx.el.td(number(row.after), class_name="number", custom_attrs={"data-label": "after"}),
        rx.el.td(rx.cond(row.dots, _dumbbell(row)), aria_hidden="true"),
        rx.el.td(row.mood, rx.el.div(row.mood_note, class_name="quiet small"), custom_attrs={"data-label": "mood"}),
        key=row.key,
    )


def _dumbbell(row: rx.Var[TopicRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="compare-bar", style={"left": row.left, "width": row.width}),
        rx.el.span(class_name="compare-dot compare-dot-before placed", style={"left": row.at_before}),
        rx.el.span(class_name="compare-dot compare-dot-after placed", style={"left": row.at_after}),
        class_name="compare-track",
    )


def _opportunities() -> rx.Component:
    heads = ("Opportunity", "#Before", "#After", "#Change", "Why")
    return _section("Opportunities", _table("Opportunities", heads, CompareState.shown.opportunities, _opportunity))


def _opportunity(row: rx.Var[OpportunityRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, rx.el.div(row.note, class_name="quiet small"), scope="row"),
        rx.el.td(
            number(row.before),
            rx.el.div(row.before.note, class_name="quiet small"),
            class_name="number",
            custom_attrs={"data-label": "before"},
        ),
        rx.el.td(
            number(row.after),
            rx.el.div(row.after.note, class_name="quiet small"),
            class_name="number",
            custom_attrs={"data-label": "after"},
        ),
        rx.el.td(
            rx.el.span(row.points, class_name=row.tone), class_name="number", custom_attrs={"data-label": "change"}
        ),
        rx.el.td(
            row.why,
            rx.cond(
                (row.parts.length() > 0) | (row.metrics.length() > 0),
                rx.el.details(
                    rx.el.summary("Step by step", class_name="small"),
                    rx.el.ol(rx.foreach(row.parts, rx.el.li), class_name="small compare-parts"),
                    rx.cond(
                        row.metrics.length() > 0,
                        rx.el.ul(rx.foreach(row.metrics, rx.el.li), class_name="small quiet compare-parts"),
                    ),
                ),
            ),
        ),
        key=row.key,
    )


def _origins() -> rx.Component:
    return _section(
        "Where items came and went",
        _table("Items by community", ("", "Community", "#Items", "Why"), CompareState.shown.origins, _origin),
    )


def _origin(row: rx.Var[OriginRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.what),
        rx.el.th(row.community, scope="row"),
        rx.el.td(number(row.count), class_name="number", custom_attrs={"data-label": "items"}),
        rx.el.td(row.why, class_name="quiet small"),
    )


def _items() -> rx.Component:
    return rx.el.section(
        rx.el.h2(CompareState.item_title, class_name="section-title"),
        rx.cond(CompareState.items_problem != "", states.error(CompareState.items_problem)),
        rx.cond(
            CompareState.changed.length() > 0,
            rx.el.ul(rx.foreach(CompareState.changed, _item), class_name="compare-items"),
            rx.cond(CompareState.items_problem == "", rx.el.p("There are none.", class_name="quiet")),
        ),
        rx.cond(CompareState.next_href != "", rx.link("More", href=CompareState.next_href)),
        id="changed",
        class_name="panel panel-pad",
    )


def _item(row: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                row.permalink != "",
                rx.el.a(row.community, href=row.permalink, target="_blank", rel="noopener noreferrer nofollow"),
                row.community,
            ),
            " · ",
            row.author,
            " · ",
            moment(row.posted_at),
            rx.cond(row.note != "", rx.el.span(" · ", row.note)),
            class_name="quiet small",
        ),
        rx.cond(row.title != "", rx.el.b(row.title)),
        rx.cond(row.before_text != "", rx.el.p(rx.el.del_(row.before_text), class_name="quiet compare-text")),
        rx.el.p(row.text, class_name="compare-text"),
        key=row.key,
    )


def _pairs(name: str, rows: Any) -> rx.Component:
    def pair(row: rx.Var[PairRow]) -> rx.Component:
        return rx.el.tr(
            rx.el.th(row.name, scope="row"),
            rx.el.td(row.before, custom_attrs={"data-label": "before"}),
            rx.el.td(row.after, custom_attrs={"data-label": "after"}),
            key=row.name,
        )

    return _table(name, ("", "Before", "After"), rows, pair)


def _choice(row: rx.Var[ChoiceRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.link(row.question, href=row.href),
            rx.cond(row.same, rx.el.div("the same question", class_name="quiet small")),
            scope="row",
        ),
        rx.el.td(row.sources),
        rx.el.td(moment(row.asked_at)),
        rx.el.td(marks.analysis_status(row.status), " ", rx.cond(row.sample, marks.sample())),
        rx.el.td(row.size, class_name="number"),
        key=row.href,
    )


def _section(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="section-title"), *children, class_name="panel panel-pad", style={"min_width": "0"}
    )


def _head(head: str) -> rx.Component:
    if not head:
        return rx.el.td()
    plain = head.removeprefix("#")  # the head of a column of numbers stands above them
    return rx.el.th(plain, scope="col", class_name="number" if plain != head else "")


def _table(name: str, heads: tuple[str, ...], rows: Any, row: Any) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[_head(head) for head in heads])),
            rx.el.tbody(rx.foreach(rows, row)),
            class_name="rows jobs compare-rows",
        ),
        class_name="scroll-x",
        tab_index=0,
        role="region",
        aria_label=name,
    )
