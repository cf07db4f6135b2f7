"""Here: the services of this program, on its own database and bus."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import BinaryIO

from sqlalchemy.exc import OperationalError, ProgrammingError

from app.cli.asking.place import answered, at_rest, mapping_request, question_request
from app.core import bus, clock, edge, hub
from app.core.errors import Conflict, InvalidInput, Unavailable
from app.core.settings import settings
from app.services import (
    analyses,
    asking,
    choices,
    comparison,
    estimates,
    exports,
    questions,
    queue,
    rerun,
    sessions,
    sources,
    verification,
)
from app.services.access import Actor
from app.services.choices import Choice
from app.services.comparing.shapes import ComparisonView
from app.services.contract import AnalysisRequest, AnalysisView, SourceRequest, VerificationView
from app.services.imports import library, receiving
from app.services.imports.views import ImportView
from app.services.items import ItemFilters
from app.services.question_shapes import QuestionView
from app.services.rerun import Dates


@contextlib.contextmanager
def needing_tables() -> Iterator[None]:
    """Turn the database's word for "there are no tables" into a sentence.

    Raises:
        Conflict: Asterism never ran on this database.
    """
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            raise Conflict(
                f"There is no Asterism in {settings().folder()} yet; start it once with `asterism run`, or name "
                "another folder with ASTERISM_DATA_DIR."
            ) from error
        raise Unavailable(f"The database cannot be used now ({type(error.orig).__name__}); try again.") from error


async def local_owner() -> Actor:
    """Return the person whom the embedded program belongs to. Raises `Conflict` when it never ran."""
    with needing_tables():
        return await edge.write(sessions.local_owner)


class Here:
    """The services of this program, on its own database and bus."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    async def recognise(self, text: str) -> SourceRequest:
        """See `Place`."""
        return sources.recognise(text)

    async def create(self, wanted: AnalysisRequest) -> AnalysisView:
        """See `Place`."""
        estimate = await estimates.estimate(self._actor, wanted)
        return await self.view(await edge.write(analyses.request, self._actor, wanted, estimate=estimate))

    async def view(self, analysis_id: str) -> AnalysisView:
        """See `Place`."""
        return await edge.read(analyses.view, self._actor, analysis_id)

    async def follow(self, analysis_id: str) -> AsyncGenerator[AnalysisView, None]:
        """See `Place`."""
        listener = asyncio.create_task(hub.run())
        watcher = hub.watch(
            bus.analysis_channel(analysis_id), lambda: self.view(analysis_id), busy=lambda view: not at_rest(view)
        )
        try:
            async with contextlib.aclosing(watcher) as updates:
                async for update in updates:
                    yield update.value
                    if at_rest(update.value):
                        return
        finally:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener

    async def items_csv(self, analysis_id: str) -> AsyncIterator[bytes]:
        """See `Place`."""
        sample = (await self.view(analysis_id)).sample
        lines = exports.csv_lines(self._actor, analysis_id, ItemFilters(), sample=sample)
        while line := await asyncio.to_thread(next, lines, ""):
            yield line.encode()

    async def verification(self, identifier: str) -> VerificationView:
        """See `Place`."""
        return await edge.read(verification.verify, self._actor, identifier)

    async def choose(self, analysis_id: str, choice: str, max_cost_micros: int | None) -> AnalysisView:
        """See `Place`."""
        chosen = Choice(choice)
        await edge.write(choices.choose, self._actor, analysis_id, chosen, max_cost_micros=max_cost_micros)
        return await self.view(analysis_id)

    async def ask(self, analysis_id: str, question: str, without: Sequence[str]) -> QuestionView:
        """See `Place`."""
        wanted = question_request(question, without)
        asked = await edge.with_database(asking.ask, self._actor, analysis_id, wanted)
        if await edge.read(queue.workers) == (0, 0):  # nobody would let a model word a better one
            return await edge.read(questions.view, self._actor, asked)
        return await answered(lambda: edge.read(questions.view, self._actor, asked))

    async def comparison(self, before_id: str, after_id: str) -> ComparisonView:
        """See `Place`."""
        return await edge.read(comparison.compare, self._actor, before_id, after_id)

    async def rerun(self, analysis_id: str, dates: Dates) -> AnalysisView:
        """See `Place`."""
        prepared = await edge.read(rerun.prepare, self._actor, analysis_id, dates, clock.now())
        estimate = await estimates.estimate(self._actor, prepared.request)
        made = await edge.write(rerun.start, self._actor, analysis_id, prepared.request, estimate=estimate)
        return await self.view(made)

    async def bring(self, file: BinaryIO, name: str, columns: dict[str, str]) -> ImportView:
        """See `Place`."""
        size = file.seek(0, os.SEEK_END)
        if size > settings().import_max_bytes:
            raise InvalidInput(
                f"The file is larger than {settings().import_max_bytes:,} bytes; bring a part of it, or raise "
                "ASTERISM_IMPORT_MAX_BYTES.",
                field="file",
            )
        identifier = await edge.with_database(receiving.take, self._actor, file, name, size)
        view = await edge.read(library.view, self._actor, identifier)
        if columns:
            await edge.write(library.set_mapping, self._actor, identifier, mapping_request(view, columns))
            await edge.with_database(library.check, self._actor, identifier)
            view = await edge.read(library.view, self._actor, identifier)
        return view
