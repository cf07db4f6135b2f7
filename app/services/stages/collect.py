"""Collect: read a source page by page; each page's items, cursor and cost are stored in one transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, update

from app.core.clock import now
from app.core.crashpoints import crashpoint
from app.core.errors import SettingsError
from app.core.ids import new_id
from app.core.settings import settings
from app.models import Item, Job
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.execution import build_execution_context
from app.services.imports.shelf import WorkspaceShelf
from app.services.providers import SourceSetup, check_query, in_words_of, source_setup
from app.services.pseudonyms import author_key
from app.services.quota import guard_for
from app.services.reading import words
from app.services.stages.step_costs import StepCosts
from app.services.stages.work import TurnOver, Work, cursor_of
from integrations import registry
from integrations.contracts import CollectedItem, Cursor, Page, Scope, Source, SourceQuery
from integrations.errors import NeedsReauth, ProviderError


def run(work: Work) -> None:
    """Read the source of this job to its end."""
    asyncio.run(_collect(work))


def scope_of(request: AnalysisRequest) -> Scope:
    """Return what the request wants of each of its sources."""
    most = settings().item_limit
    wanted = min(request.max_items or most, most)
    return Scope(
        since=request.since,
        until=request.until,
        keywords=tuple(request.keywords),
        item_limit=max(1, wanted // len(request.sources)),
    )


async def _collect(work: Work) -> None:
    source_request = SourceRequest.model_validate(work.held.payload["source"])
    setup = _setup(source_request.provider)
    query = check_query(source_request.provider, source_request.query)
    with work.commit() as (session, analysis):
        _keep_apart(setup, sample=analysis.sample)
        scope = scope_of(AnalysisRequest.model_validate(analysis.request))
        context = build_execution_context(session, work.held.job_id, setup)
        _note_authority(session, work.held.job_id, str(context.auth_method), str(context.token_source))
    guard = guard_for(setup)
    async with registry.connect(setup.id, setup.config, guard=guard) as http:
        costs = StepCosts(work, setup, http, guard)
        source = setup.open(http, WorkspaceShelf(work.held.workspace_id))
        try:
            await _read_all(work, costs, source, query, scope)
        except ProviderError as error:
            raise in_words_of(setup, error) from error


def _setup(provider: str) -> SourceSetup:
    """Return the source as it is set up at this moment. Raises `NeedsReauth` when a setting of it is wrong."""
    try:
        return source_setup(provider)
    except SettingsError as error:
        raise NeedsReauth(str(error), provider=provider) from error


def _keep_apart(setup: SourceSetup, *, sample: bool) -> None:
    """Refuse to go on with real items after SAMPLE ones, or the other way: keys may have come or gone meanwhile."""
    if setup.sample and not sample:
        raise NeedsReauth(
            f"{setup.label} has no key any more, and this analysis holds real items; set the key again and resume.",
            provider=setup.id,
        )
    if sample and not setup.sample:
        raise NeedsReauth(
            f"This analysis holds SAMPLE items, and {setup.label} is real by now; ask for a new analysis.",
            provider=setup.id,
        )


async def _read_all(work: Work, costs: StepCosts, source: Source, query: SourceQuery, scope: Scope) -> None:
    cursor: Cursor = cursor_of(work.held)
    if cursor.get("finished"):
        with work.finish():
            return
    done = work.held.done
    with work.commit() as (session, _):
        costs.reserve(session)
    crashpoint("collect.reserved")
    try:
        async for page in source.pages(query, scope, cursor.get("at")):
            rows = [_row(work, source.id, item) for item in source.parse(page)]
            ended = page.cursor is None
            crashpoint("collect.answered")
            with work.commit(**_progress(page, done + len(rows), ended=ended)) as (session, _):
                done += _store(session, rows)
                session.connection().execute(update(Job).where(col(Job.id) == work.held.job_id).values(done=done))
                costs.settle(session, page)
                if not ended:
                    costs.reserve(session)
            crashpoint("collect.committed")
            if not ended:
                work.pause_for_others()
    except (TurnOver, ProviderError):
        with work.commit() as (session, _):
            costs.abandon(session)
        raise
    with work.finish(cursor={"finished": True}, total=done) as (session, _):
        costs.abandon(session)


def _progress(page: Page, seen: int, *, ended: bool) -> dict[str, object]:
    cursor: Cursor = {"finished": True} if ended else {"at": page.cursor}
    expected = None if page.expected_items is None else max(page.expected_items, seen)
    return {"cursor": cursor, "total": expected}


def _row(work: Work, provider: str, item: CollectedItem) -> dict[str, Any]:
    title = None if item.title is None else _storable(item.title)
    text = _storable(item.text)
    return {
        "id": new_id(),
        "workspace_id": work.held.workspace_id,
        "analysis_id": work.held.analysis_id,
        "job_id": work.held.job_id,
        "provider": provider,
        "external_id": item.external_id,
        "kind": item.kind.value,
        "thread_external_id": item.thread_external_id,
        "parent_external_id": item.parent_external_id,
        "community": item.community,
        "author": None if item.author is None else _storable(item.author),
        "author_key": author_key(provider, item.author),
        "title": title,
        "text": text,
        "permalink": item.permalink,
        "upvotes": item.upvotes,
        "replies": item.replies,
        "removed": item.removed,
        "content_sha256": hashlib.sha256(words(title, text).encode()).hexdigest(),
        "posted_at": item.posted_at,
        "collected_at": now(),
        "cleaned": False,
        "spam": False,
        "spam_reasons": [],
        "scored": False,
        "intents": [],
        "intent_spans": [],
    }


def _store(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert what is not there yet; returns how many were new."""
    if not rows:
        return 0
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    stored = session.connection().execute(
        insert(Item)
        .on_conflict_do_nothing(index_elements=["analysis_id", "provider", "external_id"])
        .returning(col(Item.id)),
        [dict(row) for row in rows],
    )
    return len(stored.all())


def _storable(text: str) -> str:
    """Return the text without what no database stores: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _note_authority(session: Session, job_id: str, auth_method: str, token_source: str) -> None:
    session.connection().execute(
        update(Job).where(col(Job.id) == job_id).values(auth_method=auth_method, token_source=token_source)
    )
