"""There: another Asterism, by its REST."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import BinaryIO, Self, TypeVar

from pydantic import BaseModel, ValidationError

from app.cli.asking.place import FIRST_LOOK_SECONDS, answered, at_rest, mapping_request, question_request
from app.core.errors import AppError, InvalidInput, NotFound, NotSignedIn, TooMany, Unavailable
from app.core.ids import is_id, new_id
from app.core.topic import polling_delay
from app.services.comparing.shapes import ComparisonView
from app.services.contract import AnalysisRequest, AnalysisView, SourceRequest, VerificationView
from app.services.imports.views import ImportView
from app.services.question_shapes import QuestionView
from app.services.rerun import Dates
from integrations.asterism import AsterismClient
from integrations.errors import Gone, NeedsReauth, ProviderError, RateLimited, Retryable, Unreachable

M = TypeVar("M", bound=BaseModel)

TRIES = 3
PATIENCE = 10
"""Failed looks in a row after which following there is given up: about two minutes."""


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
        body = question_request(question, without).model_dump(mode="json")
        with _in_our_words():
            first = _parsed(
                QuestionView, await self._client.post(f"analyses/{_path_part(analysis_id)}/questions", body)
            )

        async def look() -> QuestionView:
            with _in_our_words():
                return _parsed(QuestionView, await self._client.get(f"questions/{_path_part(first.id)}"))

        return first if first.status == "answered" else await answered(look)

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
                mapping = mapping_request(view, columns).model_dump(mode="json")
                view = _parsed(ImportView, await self._client.patch(f"imports/{view.id}/mapping", mapping))
            return view

    async def _look(self, analysis_id: str) -> AnalysisView:
        return _parsed(AnalysisView, await self._client.get(f"analyses/{_path_part(analysis_id)}"))


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
