"""Files of comments that a workspace has brought: CSV, NDJSON, JSON.

No network: the rows lie in blocks on the workspace's own shelf, and one block is one page. What a row means is said by
the mapping inside the query, fixed when the analysis is asked for, so that a later change of mind changes no analysis.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, Field, ValidationError

from integrations.contracts import (
    AuthMethod,
    CollectedItem,
    Cursor,
    Limits,
    Page,
    ProviderConfig,
    Scope,
    Shelf,
    SourceQuery,
    Volume,
)
from integrations.errors import ContractChanged, Gone, Rejected
from integrations.files.blocks import ROWS, of_plain, plain
from integrations.files.comments import Comment, Naming, comment
from integrations.files.mapping import Mapping
from integrations.files.rows import Row
from integrations.files.trees import Trees
from integrations.quota import Quota

_NAMED = re.compile(r"file:\s*([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
_KEPT = 2
"""Trees that a process keeps, so that it reads a file once for them, however many turns the file takes."""
_kept: OrderedDict[tuple[str, str], Trees] = OrderedDict()
"""By the id of the file, whose rows never change, and the mapping."""
_PREFIX = 12
"""Last letters of an import's id: before the ids that its rows give themselves."""


class FileConfig(ProviderConfig):
    """A file has no address."""

    base_url: str = ""


class FileQuery(SourceQuery):
    """Which file, and what its columns mean. Only `id` is asked for; the rest is filled in from the import."""

    id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    name: str = Field(default="", max_length=200)
    mapping: Mapping | None = None
    moment: datetime | None = None
    """When it was brought: the date of rows in a file without dates."""

    def label(self) -> str:
        """Return the file's name."""
        return self.name or f"file:{self.id}"

    def identity(self) -> str:
        """Return its id: files of one name are not one file."""
        return self.id


class _Progress(BaseModel):
    """The cursor."""

    block: int = 0
    """The next one to read."""
    seen: int = 0
    """Rows in the blocks before it."""
    kept: int = 0
    """Of them those that became items."""


class File:
    """Comments in a file."""

    id: ClassVar[str] = "file"
    label: ClassVar[str] = "File"
    noun: ClassVar[str] = "file"
    auth: ClassVar[AuthMethod] = AuthMethod.NONE
    stored: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(requests_per_minute=1_000_000, page_size=ROWS)
    """Nobody is called."""
    quota: ClassVar[Quota | None] = None
    Config: ClassVar[type[ProviderConfig]] = FileConfig
    Query: ClassVar[type[SourceQuery]] = FileQuery

    def __init__(self, config: ProviderConfig, shelf: Shelf) -> None:
        del config
        self._shelf = shelf

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True: it needs no key."""
        del config
        return True

    @classmethod
    def recognise(cls, text: str) -> FileQuery | None:
        """Return the query of `file:ID`; None for everything else."""
        match = _NAMED.fullmatch(text.strip())
        return None if match is None else FileQuery(id=match[1].lower())

    async def pages(self, query: SourceQuery, scope: Scope, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield what each block holds of the scope. Raises `Gone`, `Rejected`."""
        wanted = FileQuery.model_validate(query, from_attributes=True)
        mapping = _mapping(wanted)
        state = _Progress.model_validate(cursor or {})
        facts = await self._shelf.facts(wanted.id)
        if facts is None:
            raise _gone(wanted)
        trees = await self._trees(wanted, mapping)
        while True:
            rows = await self._rows(wanted, state.block)
            found = [(row, said) for row in rows if isinstance(said := comment(row, mapping), Comment)]
            kept = [(row, said) for row, said in found if _wanted(said, scope)]
            if scope.item_limit is not None:
                kept = kept[: scope.item_limit - state.kept]
            state = _Progress(block=state.block + 1, seen=state.seen + len(rows), kept=state.kept + len(kept))
            last = state.block >= facts.blocks or (scope.item_limit is not None and state.kept >= scope.item_limit)
            yield Page(
                payload={
                    "query": wanted.model_dump(mode="json"),
                    "rows": [plain(row) for row, _ in kept],
                    "roots": [None if trees is None else trees.root(said) for _, said in kept],
                },
                cursor=None if last else state.model_dump(),
                requests=0,
                expected_items=state.kept if last else _expected(state, facts.rows, scope),
            )
            if last:
                return

    def parse(self, page: Page) -> Sequence[CollectedItem]:
        """Map the rows of one page. Raises `ContractChanged`."""
        try:
            query = FileQuery.model_validate(page.payload["query"])
            mapping, naming = _mapping(query), _naming(query)
            pairs = list(zip(page.payload["rows"], page.payload["roots"], strict=True))
            said = [(comment(of_plain(row), mapping), root) for row, root in pairs]
        except (ValidationError, KeyError, TypeError, ValueError):
            raise ContractChanged(
                "The stored rows of this file are in a form that this version does not know; bring the file again.",
                provider=self.id,
            ) from None
        return [naming.item(found, root) for found, root in said if isinstance(found, Comment)]

    async def measure(self, query: SourceQuery, scope: Scope) -> Volume:
        """Count from what is known of the file. Raises `Gone`, `Rejected`."""
        wanted = FileQuery.model_validate(query, from_attributes=True)
        facts = await self._shelf.facts(wanted.id)
        if facts is None:
            raise _gone(wanted)
        dated = facts.days and (scope.since is not None or scope.until is not None)
        most = sum(count for day, count in facts.days.items() if _in_days(day, scope)) if dated else facts.rows
        inner = sum(count for day, count in facts.days.items() if _inside(day, scope)) if dated else facts.rows
        low = 0 if scope.keywords else inner
        notes = [f"{facts.rows:,} rows of the file are comments."]
        if not facts.days and (scope.since is not None or scope.until is not None):
            notes.append("The file has no dates, so the time range leaves nothing out.")
        if scope.item_limit is not None:
            low, most = min(low, scope.item_limit), min(most, scope.item_limit)
        likely = most if not scope.keywords else (low + most) // 2
        return Volume(items=(low, likely, most), requests=(0, 0, 0), assumptions=tuple(notes), title=facts.title)

    async def _rows(self, query: FileQuery, number: int) -> list[Row]:
        block = await self._shelf.block(query.id, number)
        if block is None:
            raise _gone(query)
        return [of_plain(row) for row in block]

    async def _trees(self, query: FileQuery, mapping: Mapping) -> Trees | None:
        """Read who answers whom; needed only where the file does not say which conversation a reply belongs to."""
        if mapping.parent_id is None or mapping.external_id is None:
            return None
        key = (query.id, mapping.model_dump_json())
        if (trees := _kept.get(key)) is not None:
            _kept.move_to_end(key)
            return trees
        trees, number = Trees(), 0
        while (block := await self._shelf.block(query.id, number)) is not None:
            for row in block:
                found = comment(of_plain(row), mapping)
                if isinstance(found, Comment):
                    trees.add(found)
            number += 1
        trees.forget_leaves()
        _kept[key] = trees
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return trees


def _mapping(query: FileQuery) -> Mapping:
    if query.mapping is None or query.mapping.text is None:
        raise Rejected(f"Of {query.label()} nobody has said which column is the text.", provider=File.id)
    return query.mapping


def _naming(query: FileQuery) -> Naming:
    moment = query.moment
    if moment is None:
        raise Rejected(f"Of {query.label()} it is not known when it was brought.", provider=File.id)
    return Naming(prefix=query.id[-_PREFIX:], community=query.label(), moment=moment)


def _gone(query: FileQuery) -> Gone:
    return Gone(f"The file {query.label()} is not there any more; bring it again.", provider=File.id)


def _wanted(found: Comment, scope: Scope) -> bool:
    """Tell whether a comment is in the scope; one without a date is in every range of time."""
    if found.posted_at is not None:
        if scope.since is not None and found.posted_at < scope.since:
            return False
        if scope.until is not None and found.posted_at > scope.until:
            return False
    words = f"{found.title or ''} {found.text}".casefold()
    return not scope.keywords or any(keyword.casefold() in words for keyword in scope.keywords)


def _expected(state: _Progress, rows: int, scope: Scope) -> int:
    expected = state.kept + max(0, rows - state.seen)
    return expected if scope.item_limit is None else max(state.kept, min(expected, scope.item_limit))


def _in_days(day: str, scope: Scope) -> bool:
    return not (scope.since and day < scope.since.date().isoformat()) and not (
        scope.until and day > scope.until.date().isoformat()
    )


def _inside(day: str, scope: Scope) -> bool:
    """Tell whether the whole day is in range."""
    return not (scope.since and day <= scope.since.date().isoformat()) and not (
        scope.until and day >= scope.until.date().isoformat()
    )
