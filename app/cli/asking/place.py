"""A place where an analysis runs, and what such places share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import BinaryIO, Protocol

from pydantic import ValidationError

from app.core.errors import InvalidInput
from app.services.comparing.shapes import ComparisonView
from app.services.contract import AnalysisRequest, AnalysisView, SourceRequest, VerificationView
from app.services.imports.views import ImportView
from app.services.question_shapes import QuestionRequest, QuestionView
from app.services.rerun import Dates
from app.services.transitions import ANALYSIS_CLOSED
from integrations.files.mapping import Mapping

STUCK = frozenset({"needs_choice", "needs_auth"})
"""Nothing goes on until a person does something."""
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


def question_request(text: str, without: Sequence[str]) -> QuestionRequest:
    """Return the question as the services take it. Raises `InvalidInput`."""
    try:
        return QuestionRequest.model_validate({"text": text, "without": list(without)})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0])
        raise InvalidInput(
            f"The {'question' if name == 'text' else name} is not valid: {fault['msg']}.", field=name
        ) from None


async def answered(look: Callable[[], Awaitable[QuestionView]]) -> QuestionView:
    """Return the question when its answer is final; after a while the one that is there."""
    view = await look()
    waited = 0.0
    while view.status == "asking" and waited < ANSWER_SECONDS:
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        waited += FIRST_LOOK_SECONDS
        view = await look()
    return view


def mapping_request(view: ImportView, columns: dict[str, str]) -> Mapping:
    """Return what the file's columns are, with some of them said otherwise; an empty word takes a field away.

    Raises:
        InvalidInput: There is no such field or value.
    """
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
