"""The Opportunities tab: one card for each."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import evidence_drawer, marks, states, unread
from components.times import moment
from state.analysis import AnalysisState
from state.analysis_evidence import EvidenceState
from state.analysis_opportunities import OpportunitiesState
from state.analysis_quotes import Card, MetricBar, Quote


def tab() -> rx.Component:
    """Show the Opportunities tab."""
    return rx.cond(
        OpportunitiesState.problem != "",
        states.error(OpportunitiesState.problem),
        rx.cond(
            OpportunitiesState.loaded,
            rx.cond(OpportunitiesState.cards.length() > 0, _cards(), _none()),
            rx.el.div(*[rx.el.div(states.skeleton(2), class_name="panel") for _ in range(3)], class_name="cards"),
        ),
    )


def _none() -> rx.Component:
    return rx.el.div(
        rx.match(
            OpportunitiesState.status,
            (
                "completed",
                states.empty(
                    "Not enough evidence for an opportunity",
                    "Nobody asked, complained or wished often enough to be sure. A longer time range or more sources "
                    "give more to go on.",
                    icon="search-x",
                ),
            ),
            ("partial", _ended_early()),
            ("failed", _ended_early()),
            ("cancelled", _ended_early()),
            states.empty(
                "No opportunities yet",
                "They are drawn from the topics at the end of the run. The items are already in their own tab.",
                icon="hourglass",
            ),
        ),
        class_name="panel",
    )


def _ended_early() -> rx.Component:
    return states.empty(
        "No opportunities",
        "The analysis ended before any were drawn. The items that were collected are in their own tab.",
        icon="circle-slash",
    )


def _cards() -> rx.Component:
    return rx.el.div(
        rx.cond(AnalysisState.question_unread, unread.note()),
        rx.el.p(rx.link("Rank by other weights", href=OpportunitiesState.weights_href), style={"margin": "0 0 8px"}),
        rx.el.ol(rx.foreach(OpportunitiesState.cards, _card), class_name="cards"),
        rx.cond(
            OpportunitiesState.more > 0,
            states.partial(
                rx.el.span("The 50 strongest are shown; ", OpportunitiesState.more, " more are in the export.")
            ),
        ),
    )


def _card(card: rx.Var[Card]) -> rx.Component:
    return rx.el.li(
        rx.el.article(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(card.title, class_name="card-title"),
                    rx.el.div(
                        rx.el.span(card.kind, class_name="mark mark-box quiet"),
                        marks.engine(card.engine),
                        _topic(card),
                        class_name="card-marks",
                    ),
                ),
                rx.el.div(
                    rx.el.span(card.score, class_name="card-score"),
                    rx.el.span(card.interval, class_name="quiet", title=card.interval_note),
                    rx.el.span("of 100", class_name="quiet small"),
                    class_name="card-score-box",
                ),
                class_name="card-head",
            ),
            rx.cond(card.summary != "", rx.el.p(card.summary, class_name="card-summary")),
            rx.el.dl(rx.foreach(card.metrics, _metric), class_name="metrics"),
            rx.cond(card.quote.words != "", _quote(card.quote, card.more)),
            rx.cond(
                card.cautions.length() > 0,
                rx.el.ul(
                    rx.foreach(
                        card.cautions,
                        lambda caution: rx.el.li(
                            rx.icon("triangle-alert", size=14, aria_hidden="true"), caution, class_name="caution wait"
                        ),
                    ),
                    class_name="cautions",
                    aria_label="What speaks for caution",
                ),
            ),
            rx.el.footer(
                evidence_drawer.drawer(card),
                rx.cond(
                    card.against != "",
                    rx.button(
                        rx.icon("scale", size=14, aria_hidden="true"),
                        card.against,
                        on_click=EvidenceState.open_against(card.id),
                        variant="outline",
                        color_scheme="gray",
                        size="2",
                        aria_haspopup="dialog",
                    ),
                ),
                rx.el.span(
                    rx.link(card.item_words, href=card.items_href, class_name="door-number"),
                    " · ",
                    card.authors,
                    " · ",
                    card.threads,
                    " · ",
                    rx.link("receipt", href="/receipts/" + card.id, class_name="door-words"),
                    class_name="card-counts",
                ),
                class_name="card-foot",
            ),
            class_name="panel panel-pad card",
            tab_index=-1,
            custom_attrs={"data-row": ""},
        ),
        key=card.id,
    )


def _topic(card: rx.Var[Card]) -> rx.Component:
    named = rx.el.span("topic: ", card.topic, class_name="quiet small")
    return rx.cond(card.topic_href != "", rx.link(named, href=card.topic_href, class_name="door-words"), named)


def _metric(metric: rx.Var[MetricBar]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(metric.name),
        rx.el.dd(marks.meter(metric.percent, metric.name), rx.el.span(metric.percent, class_name="metric-value")),
        class_name="metric",
        title=metric.note,
    )


def _quote(quote: rx.Var[Quote] | Any, more: Any) -> rx.Component:
    return rx.el.figure(
        rx.el.blockquote("\N{LEFT DOUBLE QUOTATION MARK}", quote.words, "\N{RIGHT DOUBLE QUOTATION MARK}"),
        rx.el.figcaption(
            evidence_drawer.verification(quote.verified),
            rx.el.span(quote.author),
            rx.el.span(quote.community),
            moment(quote.posted_at),
            rx.cond(more != "", rx.el.span(more, title="items that say the like")),
            class_name="quiet small quote-by",
        ),
        class_name="quote",
    )
