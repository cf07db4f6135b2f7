"""Compares two analyses of a workspace: a run that asks again with its predecessor, or one community with another."""

from __future__ import annotations

from sqlmodel import Session

from app.core.paging import Page
from app.models import Analysis
from app.services.access import Action, Actor, require
from app.services.comparing import costs, items, moods, topics, words
from app.services.comparing.coverage import Coverage, coverage
from app.services.comparing.items import Change
from app.services.comparing.opportunities import Scores
from app.services.comparing.shapes import ChangedItemView, ComparisonView, DifferenceView, SideView
from app.services.comparing.summary import RULES_NAME, summary
from app.services.ownership import owned_analysis
from app.services.pipeline.compare_requests import differences
from app.services.transitions import ANALYSIS_CLOSED

VERSION_NAMES = {"asterism": "Asterism", "engine": "engine", "metrics": RULES_NAME}


def compare(session: Session, actor: Actor, before_id: str, after_id: str) -> ComparisonView:
    """Return what changed from one analysis to another.

    Both may be the same, and either may still run: `warnings` then says so.

    Raises:
        NotFound: One of them is not there, or belongs to another workspace.
    """
    before, after = _sides(session, actor, before_id, after_id)
    both = items.overlap(session, before, after)
    new, gone = items.alone(session, after, before), items.alone(session, before, after)
    shape = items.shape(both, new, gone)
    mood = moods.overall(session, before, after)
    found = topics.changes(session, before, after, both)
    scores = Scores(session, before, after, new, gone).changes()
    versions = _versions(before.analysis, after.analysis)
    asked = [
        DifferenceView(name=each.name, before=each.before, after=each.after)
        for each in differences(before.asked, after.asked)
    ]
    left, right = _side(before, shape.before), _side(after, shape.after)
    return ComparisonView(
        before=left,
        after=right,
        unchanged=words.unchanged(shape, mood, found, scores),
        warnings=words.warnings(left, right, versions),
        summary=summary(shape, mood, found, scores, asked, versions),
        sentences=words.sentences(shape, mood, found, scores),
        items=shape,
        mood=mood,
        topics=found,
        opportunities=scores,
        settings=asked,
        versions=versions,
        cost=costs.change(session, before.analysis, after.analysis),
    )


def changed_items(
    session: Session,
    actor: Actor,
    before_id: str,
    after_id: str,
    change: Change,
    *,
    community: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ChangedItemView]:
    """Return the items that are new, gone or edited, the last collected first. Raises `NotFound`, `InvalidInput`."""
    before, after = _sides(session, actor, before_id, after_id)
    return items.page(session, before, after, change, community=community, cursor=cursor, limit=limit)


def _sides(session: Session, actor: Actor, before_id: str, after_id: str) -> tuple[Coverage, Coverage]:
    require(actor, Action.ANALYSIS_READ)
    rows = owned_analysis(session, actor, before_id), owned_analysis(session, actor, after_id)
    return coverage(session, rows[0]), coverage(session, rows[1])


def _side(side: Coverage, count: int) -> SideView:
    analysis = side.analysis
    return SideView(
        id=analysis.id,
        question=analysis.question,
        sources=list(side.asked.sources),
        sample=analysis.sample,
        status=analysis.status,
        closed=analysis.status in ANALYSIS_CLOSED,
        items=count,
        asked_at=analysis.created_at,
        finished_at=analysis.finished_at,
        rerun_of=analysis.rerun_of,
        manifest_sha256=analysis.manifest_sha256,
    )


def _versions(before: Analysis, after: Analysis) -> list[DifferenceView]:
    names = sorted({*before.versions, *after.versions}, key=lambda name: (name not in VERSION_NAMES, name))
    return [
        DifferenceView(
            name=VERSION_NAMES.get(name, name),
            before=str(before.versions.get(name, "not kept")),
            after=str(after.versions.get(name, "not kept")),
        )
        for name in names
        if before.versions.get(name) != after.versions.get(name)
    ]
