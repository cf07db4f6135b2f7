"""A receipt: items, spans, metrics and score, one step below the other."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services.pipeline.item_words import COUNTING_RULE, SCORED_RULE
from components import marks, states
from components.times import moment
from state.receipt import ReceiptState
from state.receipt_rows import ItemStep, MetricStep

_STEPS = {
    "doubt": "What to doubt",
    "items": "1 · Items and the words quoted from them",
    "metrics": "2 · Metrics",
    "score": "3 · Score",
}
_ITEM_HEADS = ("Where", "Who", "When", "Quoted", "Evidence for")
_GRID = {"display": "grid", "gap": "16px"}


def content() -> rx.Component:
    """Show the receipt, or why there is none."""
    return rx.cond(
        ReceiptState.problem != "",
        rx.el.div(
            states.empty("No such receipt", ReceiptState.problem, rx.link("All analyses", href="/"), icon="compass"),
            class_name="panel",
        ),
        rx.cond(ReceiptState.loaded, _steps(), rx.el.div(states.skeleton(6), class_name="panel")),
    )


def _steps() -> rx.Component:
    shown = ReceiptState.shown
    return rx.el.div(
        rx.el.p(
            rx.el.span(shown.score, class_name="card-score"),
            " of 100 · ",
            shown.interval,
            " · found by ",
            marks.engine(shown.engine),
            " for ",
            rx.link(shown.question, href=shown.analysis_href),
        ),
        _contents(),
        _verification(),
        _step(
            "doubt",
            rx.el.p(shown.bias),
            rx.cond(shown.mind != "", rx.el.p(shown.mind)),
            rx.cond(
                shown.mind_voices.length() > 0,
                rx.el.details(
                    rx.el.summary(shown.mind_words, class_name="receipt-more"),
                    _table("Items without which the verdict would be another", _ITEM_HEADS, shown.mind_voices, _item),
                ),
            ),
        ),
        _step(
            "items",
            rx.el.p(
                rx.link(shown.items_words, href=shown.items_href, class_name="door-number"),
                title=f"{SCORED_RULE} {COUNTING_RULE}",
            ),
            _table("Items", _ITEM_HEADS, shown.voices, _item),
            rx.cond(
                shown.more_voices.length() > 0,
                rx.el.details(
                    rx.el.summary(shown.more_words, class_name="receipt-more"),
                    _table("The other items", _ITEM_HEADS, shown.more_voices, _item),
                ),
            ),
            rx.cond(shown.left_out != "", rx.el.p(shown.left_out, class_name="quiet")),
        ),
        _step(
            "metrics",
            _table("Metrics", ("Metric", "Rule", "Value", "Weight", "Points", "From"), shown.metrics, _metric),
        ),
        _step(
            "score",
            rx.el.p(shown.total),
            rx.el.p(shown.seal, class_name="quiet small", style={"overflow_wrap": "anywhere"}),
        ),
        style=_GRID,
    )


def _verification() -> rx.Component:
    shown = ReceiptState.shown
    return rx.cond(
        shown.holds,
        rx.el.p(marks.verified(), " ", shown.checked),
        states.error(rx.el.div(shown.checked, rx.el.ul(rx.foreach(shown.faults, rx.el.li)))),
    )


def _contents() -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            *[rx.el.li(rx.el.a(title.partition(" · ")[2] or title, href=f"#{name}")) for name, title in _STEPS.items()],
            class_name="receipt-contents",
        ),
        aria_label="On this page",
    )


def _step(name: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(_STEPS[name], class_name="section-title"),
        *children,
        id=name,
        class_name="panel panel-pad",
        style={"min_width": "0"},
    )


def _table(name: str, heads: tuple[str, ...], rows: Any, row: Any) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head, scope="col") for head in heads])),
            rx.el.tbody(rx.foreach(rows, row)),
            class_name="rows jobs",
        ),
        class_name="scroll-x",
        tab_index=0,
        role="region",
        aria_label=name,
    )


def _item(item: rx.Var[ItemStep]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(
                item.permalink != "",
                rx.el.a(item.community, href=item.permalink, target="_blank", rel="noopener noreferrer nofollow"),
                item.community,
            )
        ),
        rx.el.td(item.author),
        rx.el.td(moment(item.posted_at)),
        rx.el.td(
            rx.foreach(item.spans, lambda span: rx.el.q(span, style={"display": "block"})),
            rx.cond(item.opening != "", rx.el.span(item.opening, class_name="quiet")),
        ),
        rx.el.td(item.shows, class_name="quiet small", custom_attrs={"data-label": "evidence for"}),
        key=item.id,
    )


def _metric(metric: rx.Var[MetricStep]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(metric.name, scope="row"),
        rx.el.td(metric.rule, class_name="quiet small"),
        rx.el.td(metric.value, custom_attrs={"data-label": "value"}),
        rx.el.td(metric.weight, custom_attrs={"data-label": "weight"}),
        rx.el.td(metric.points, custom_attrs={"data-label": "points"}),
        rx.el.td(metric.item_words, custom_attrs={"data-label": "from"}),
        key=metric.name,
    )
