"""A comparison as its page shows it: pure functions from the contract to words, numbers and doors."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.core.money import dollars
from app.services.comparing.shapes import ComparisonView, CostLineView, SideView
from app.services.pipeline.item_words import COLLECTED, SCORED, item_words
from state.analysis_numbers import Door
from state.compare_items import OriginRow, origin_rows
from state.compare_links import compare_href
from state.compare_opportunities import OpportunityGroup, opportunity_groups
from state.compare_topics import TopicGroup, change_words, mood_note, topic_groups


@dataclass(frozen=True)
class Side:
    """One of the two analyses."""

    question: str = ""
    sources: str = ""
    asked_at: str = ""
    status: str = ""
    sample: bool = False
    size: str = ""
    href: str = ""


@dataclass(frozen=True)
class PairRow:
    """One thing that differs."""

    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class KindRow:
    """What became of one kind of thing, in numbers that lead to them."""

    name: str
    counts: list[Door] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """The whole page but its list of items."""

    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    warnings: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    """At most two sentences: what matters, and why."""
    sentences: list[str] = field(default_factory=list)
    """More of it in words; folded."""
    unchanged: bool = False
    same_analysis: bool = False
    unfinished: bool = False
    mixed: bool = False
    """Whether SAMPLE and real items are compared."""
    kinds: list[KindRow] = field(default_factory=list)
    topics: list[TopicGroup] = field(default_factory=list)
    opportunities: list[OpportunityGroup] = field(default_factory=list)
    origins: list[OriginRow] = field(default_factory=list)
    settings: list[PairRow] = field(default_factory=list)
    settings_words: str = ""
    versions: list[PairRow] = field(default_factory=list)
    versions_words: str = ""
    cost: str = ""
    cost_lines: list[PairRow] = field(default_factory=list)
    seal: str = ""


def comparison(view: ComparisonView) -> Comparison:
    """Return a comparison's page."""
    ids = view.before.id, view.after.id
    topics, opportunities = topic_groups(view.topics, *ids), opportunity_groups(view.opportunities)
    return Comparison(
        before=_side(view.before),
        after=_side(view.after),
        warnings=view.warnings,
        summary=view.summary,
        sentences=[] if view.unchanged else view.sentences,
        unchanged=view.unchanged,
        same_analysis=view.before.id == view.after.id,
        unfinished=not (view.before.closed and view.after.closed),
        mixed=view.before.sample != view.after.sample,
        kinds=_kinds(view, topics, opportunities),
        topics=topics,
        opportunities=opportunities,
        origins=origin_rows(view.items, *ids),
        settings=[PairRow(each.name, each.before, each.after) for each in view.settings],
        settings_words=_differ(len(view.settings), "Both ask for the same"),
        versions_words=_differ(len(view.versions), "The same program, engine, rules and libraries"),
        versions=[PairRow(each.name, each.before, each.after) for each in view.versions],
        cost=view.cost.sentence,
        cost_lines=[_cost(each) for each in view.cost.lines],
        seal=_seal(view),
    )


def _side(view: SideView) -> Side:
    return Side(
        question=view.question,
        sources=", ".join(view.sources),
        asked_at=rfc3339(view.asked_at),
        status=view.status,
        sample=view.sample,
        size=item_words(view.items, COLLECTED),
        href=f"/analyses/{view.id}",
    )


def _kinds(view: ComparisonView, topics: list[TopicGroup], opportunities: list[OpportunityGroup]) -> list[KindRow]:
    """Return a row for each kind of thing; what is zero is left out, but for items."""
    items, ids = view.items, (view.before.id, view.after.id)
    here = compare_href(*ids)

    def door(label: str, count: int, show: str = "") -> Door:
        return Door(label, f"{count:,}", compare_href(*ids, show=show) + "#changed" if count and show else "")

    rows = [
        KindRow("Opportunities", [_group(each, f"{here}#opportunities") for each in opportunities]),
        KindRow("Topics", [_group(each, f"{here}#topics") for each in topics]),
        KindRow(
            f"{COLLECTED[:1].upper()}{COLLECTED[1:]}",
            [
                door("new", items.new, "new"),
                door("gone", items.gone, "gone"),
                door("edited", items.edited, "edited"),
                *([door("taken down", items.removed)] if items.removed else []),
                *([door("judged otherwise", items.judged_anew)] if items.judged_anew else []),
                door("in both", items.common),
            ],
        ),
        KindRow(f"Mood of {SCORED}", [Door(mood_note(view.mood), change_words(view.mood))]),
    ]
    return [row for row in rows if row.counts]


def _group(each: OpportunityGroup | TopicGroup, href: str) -> Door:
    return Door(each.name[:1].lower() + each.name[1:], each.count, href)


def _differ(count: int, none: str) -> str:
    return f"{count:,} {'differs' if count == 1 else 'differ'}" if count else none


def _cost(line: CostLineView) -> PairRow:
    who = f"{line.provider} {line.model}" if line.model else line.provider
    return PairRow(
        f"{line.step}: {who}, {line.unit.replace('_', ' ')}s",
        f"{line.quantity_before:,} ({dollars(line.micros_before)})",
        f"{line.quantity_after:,} ({dollars(line.micros_after)})",
    )


def _seal(view: ComparisonView) -> str:
    old, new = view.before.manifest_sha256, view.after.manifest_sha256
    if not old or not new:
        return ""
    return f"The same manifest: {new}" if old == new else f"Manifests differ: {old[:12]}… and {new[:12]}…"
