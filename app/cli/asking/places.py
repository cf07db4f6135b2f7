"""Where an analysis runs: here, by the services on this data folder, or there, by another Asterism's REST."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import BinaryIO, Protocol, Self, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.core import bus, clock, edge, hub
from app.core.errors import AppError, Conflict, InvalidInput, NotFound, NotSignedIn, TooMany, Unavailable
from app.core.ids import is_id, new_id
from app.core.settings import settings
from app.core.topic import polling_delay
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
from app.services.question_shapes import QuestionRequest, QuestionView
from app.services.rerun import Dates
from app.services.transitions import ANALYSIS_CLOSED
from integrations.asterism import AsterismClient
from integrations.errors import Gone, NeedsReauth, ProviderError, RateLimited, Retryable, Unreachable
from integrations.files.mapping import Mapping

M = TypeVar("M", bound=BaseModel)

STUCK = frozenset({"needs_choice", "needs_auth"})
"""Nothing goes on until a person does something."""
TRIES = 3
PATIENCE = 10
"""Failed looks in a row after which following there is given up: about two minutes."""
FIRST_LOOK_SECONDS = 0.5
ANSWER_SECONDS = 90.0
"""How long a model's answer is waited for; what the items say by themselves is there at once."""


class Place(Protocol):
    """Where an analysis runs."""

    async def recognise(self, text: str) -> SourceRequest:
        """Return what a link or name means. Raises `InvalidInput`."""

    async def create(self, wanted: AnalysisRequest) -> AnalysisView:
        """Start an analysis. Raises `AppError`."""

    async def view(self, analysis_id: str) -> AnalysisView:
        """Return the whole of it. Raises `NotFound`."""

    def follow(self, analysis_id: str) -> AsyncGenerator[AnalysisView, None]:
        """Give the analysis whenever it changed, the last time when it is over or stuck."""

    def items_csv(self, analysis_id: str) -> AsyncIterator[bytes]:
        """Give its items as CSV. Raises `NotFound`."""

    async def verification(self, identifier: str) -> VerificationView:
        """Check an analysis, or one of its opportunities, against the stored words. Raises `NotFound`."""

    async def choose(self, analysis_id: str, choice: str, max_cost_micros: int | None) -> AnalysisView:
        """Answer what an analysis asks about its cost. Raises `AppError`."""

    async def ask(self, analysis_id: str, question: str, without: Sequence[str]) -> QuestionView:
        """Ask a question of its items. Raises `AppError`."""

    async def comparison(self, before_id: str, after_id: str) -> ComparisonView:
        """Say what changed from one analysis to another. Raises `NotFound`."""

    async def rerun(self, analysis_id: str, dates: Dates) -> AnalysisView:
        """Ask an analysis again. Raises `AppError`."""

    async def bring(self, file: BinaryIO, name: str, columns: dict[str, str]) -> ImportView:
        """Bring a file; `columns` say otherwise than what its headers suggest. Raises `AppError`."""


def at_rest(view: AnalysisView) -> bool:
    """Return whether nothing more will happen by itself."""
    return view.status in ANALYSIS_CLOSED or view.status in STUCK


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
        wanted = _question(question, without)
        asked = await edge.with_database(asking.ask, self._actor, analysis_id, wanted)
        if await edge.read(queue.workers) == (0, 0):  # nobody would let a model word a better one
            return await edge.read(questions.view, self._actor, asked)
        return await _answered(lambda: edge.read(questions.view, self._actor, asked))

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
            await edge.write(library.set_mapping, self._actor, identifier, _mapping(view, columns))
            await edge.with_database(library.check, self._actor, identifier)
            view = await edge.read(library.view, self._actor, identifier)
        return view


class There:
    """Another Asterism, by REST. Use it as `async with There(url, key) as place:`."""

    def __init__(self, url: str, key: str) -> None:
        try:
            self._client = AsterismClient(url, key)
        except ProviderError as error:
            raise InvalidInput(error.message, field="url") from None

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._client.__aexit__(None, None, None)

    async def answers(self) -> bool:
        """Return whether anybody is there who takes the key."""
        with contextlib.suppress(ProviderError):
            await self._client.get("analyses", {"limit": 1})
            return True
        return False

    async def recognise(self, text: str) -> SourceRequest:
        """See `Place`."""
        with _in_our_words():
            answer = await self._client.get("sources/recognise", {"text": text})
            return _parsed(SourceRequest, answer.get("source") if isinstance(answer, dict) else None)

    async def create(self, wanted: AnalysisRequest) -> AnalysisView:
        """See `Place`."""
        body = wanted.model_dump(mode="json")
        name = new_id()  # the same on every try, so that no try makes a second analysis
        with _in_our_words():
            for _ in range(TRIES - 1):
                with contextlib.suppress(Unreachable):
                    return _parsed(AnalysisView, await self._client.post("analyses", body, idempotency_key=name))
            return _parsed(AnalysisView, await self._client.post("analyses", body, idempotency_key=name))

    async def view(self, analysis_id: str) -> AnalysisView:
        """See `Place`."""
        with _in_our_words():
            return await self._look(analysis_id)

    async def follow(self, analysis_id: str) -> AsyncGenerator[AnalysisView, None]:
        """See `Place`."""
        before: AnalysisView | None = None
        quiet = failures = 0
        while True:
            try:
                view = await self._look(analysis_id)
            except Retryable as error:
                failures += 1
                if failures >= PATIENCE:
                    raise Unavailable(error.message) from None
                await asyncio.sleep(
                    error.retry_after if isinstance(error, RateLimited) else polling_delay(failures, busy=True)
                )
                continue
            except ProviderError as error:
                raise _app_error(error) from None
            failures = 0
            quiet = 0 if view != before else quiet + 1
            before = view
            yield view
            if at_rest(view):
                return
            await asyncio.sleep(min(FIRST_LOOK_SECONDS * 1.5 ** min(quiet, 10), 5.0))

    async def items_csv(self, analysis_id: str) -> AsyncIterator[bytes]:
        """See `Place`."""
        with _in_our_words():
            async for part in self._client.download(f"analyses/{_path_part(analysis_id)}/exports/items.csv"):
                yield part

    async def verification(self, identifier: str) -> VerificationView:
        """See `Place`."""
        with _in_our_words():
            return _parsed(VerificationView, await self._client.get(f"analyses/{_path_part(identifier)}/verification"))

    async def choose(self, analysis_id: str, choice: str, max_cost_micros: int | None) -> AnalysisView:
        """See `Place`."""
        body = {"choice": choice, "max_cost_micros": max_cost_micros}
        with _in_our_words():
            return _parsed(AnalysisView, await self._client.post(f"analyses/{_path_part(analysis_id)}/choice", body))

    async def ask(self, analysis_id: str, question: str, without: Sequence[str]) -> QuestionView:
        """See `Place`."""
        body = _question(question, without).model_dump(mode="json")
        with _in_our_words():
            first = _parsed(
                QuestionView, await self._client.post(f"analyses/{_path_part(analysis_id)}/questions", body)
            )

        async def look() -> QuestionView:
            with _in_our_words():
                return _parsed(QuestionView, await self._client.get(f"questions/{_path_part(first.id)}"))

        return first if first.status == "answered" else await _answered(look)

    async def comparison(self, before_id: str, after_id: str) -> ComparisonView:
        """See `Place`."""
        sides = {"before": _path_part(before_id), "after": _path_part(after_id)}
        with _in_our_words():
            return _parsed(ComparisonView, await self._client.get("comparisons", sides))

    async def rerun(self, analysis_id: str, dates: Dates) -> AnalysisView:
        """See `Place`."""
        path, name = f"analyses/{_path_part(analysis_id)}/rerun", new_id()
        with _in_our_words():
            return _parsed(AnalysisView, await self._client.post(path, {"dates": dates}, idempotency_key=name))

    async def bring(self, file: BinaryIO, name: str, columns: dict[str, str]) -> ImportView:
        """See `Place`."""
        with _in_our_words():
            view = _parsed(ImportView, await self._client.upload("imports", file, {"name": name}))
            if columns:
                mapping = _mapping(view, columns).model_dump(mode="json")
                view = _parsed(ImportView, await self._client.patch(f"imports/{view.id}/mapping", mapping))
            return view

    async def _look(self, analysis_id: str) -> AnalysisView:
        return _parsed(AnalysisView, await self._client.get(f"analyses/{_path_part(analysis_id)}"))


def _question(text: str, without: Sequence[str]) -> QuestionRequest:
    try:
        return QuestionRequest.model_validate({"text": text, "without": list(without)})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0])
        raise InvalidInput(
            f"The {'question' if name == 'text' else name} is not valid: {fault['msg']}.", field=name
        ) from None


async def _answered(look: Callable[[], Awaitable[QuestionView]]) -> QuestionView:
    """Return the question when its answer is final; after a while the one that is there."""
    view = await look()
    waited = 0.0
    while view.status == "asking" and waited < ANSWER_SECONDS:
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        waited += FIRST_LOOK_SECONDS
        view = await look()
    return view


def _mapping(view: ImportView, columns: dict[str, str]) -> Mapping:
    """Return what the file's columns are, with some of them said otherwise; an empty word takes a field away."""
    values = {name: word or None for name, word in columns.items()}
    said = set(values.values())
    kept = {name: column for name, column in view.mapping.model_dump().items() if column not in said}
    try:
        return Mapping.model_validate({**kept, **values})
    except ValidationError as error:
        name = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InvalidInput(
            f"--map {name}: there is no such field or value; fields are {', '.join(Mapping.model_fields)}.", field="map"
        ) from None


def _path_part(analysis_id: str) -> str:
    """Return the id, which goes into a path, if it is one."""
    if not is_id(analysis_id):
        raise NotFound(f"{analysis_id!r} is not the id of an analysis.")
    return analysis_id


def _parsed(model: type[M], answer: object) -> M:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise Unavailable(
            f"The other Asterism answers in a form that this version does not know ({where}); use the same version."
        ) from None


@contextlib.contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except ProviderError as error:
        raise _app_error(error) from None


def _app_error(error: ProviderError) -> AppError:
    if isinstance(error, Gone):
        return NotFound(error.message)
    if isinstance(error, NeedsReauth):
        return NotSignedIn(error.message)
    if isinstance(error, RateLimited):
        return TooMany(error.message, retry_after=error.retry_after)
    if isinstance(error, Retryable):
        return Unavailable(error.message)
    return InvalidInput(error.message)
