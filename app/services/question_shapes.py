"""The shapes in which questions cross the border."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.models import Question
from app.services.answer_views import AnswerView
from app.services.contract import Contract, Moment
from app.services.contract.basics import clean_text
from app.services.pipeline.understanding import LONGEST, ScopeName

LONGEST_NAME = 80
"""Characters of the name of a saved question."""

Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(clean_text)]


class QuestionRequest(Contract):
    """A question to ask."""

    text: Text = Field(description="One question, in your words.")
    without: list[ScopeName] = Field(
        default_factory=list, max_length=8, description="Limits not to read from the question's words."
    )


class QuestionEdit(Contract):
    """What can be changed of a question: whether and under which name it is saved."""

    saved_as: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(clean_text)] | None


class AgainRequest(Contract):
    """Where to ask a question again."""

    analysis_id: str | None = Field(None, max_length=36, description="Another analysis; null for the same.")


class QuestionView(Contract):
    """A question and its answer."""

    id: str
    analysis_id: str
    text: str
    without: list[str]
    status: Literal["asking", "answered"]
    note: str | None
    saved_as: str | None
    repeats: str | None
    created_at: Moment
    answered_at: Moment | None
    answer: AnswerView


class QuestionRow(Contract):
    """One line of a list of questions."""

    id: str
    analysis_id: str
    text: str
    status: Literal["asking", "answered"]
    outcome: Literal["answered", "not_in_data"]
    items: int
    saved_as: str | None
    created_at: Moment


def question_view(row: Question) -> QuestionView:
    """Return a stored question as the contract shows it."""
    return QuestionView(
        id=row.id,
        analysis_id=row.analysis_id,
        text=row.text,
        without=row.without,
        status="asking" if row.answered_at is None else "answered",
        note=row.note,
        saved_as=row.saved_as,
        repeats=row.repeats,
        created_at=row.created_at,
        answered_at=row.answered_at,
        answer=AnswerView.model_validate(row.answer),
    )


def question_row(row: Question) -> QuestionRow:
    """Return a stored question as a line of a list."""
    return QuestionRow(
        id=row.id,
        analysis_id=row.analysis_id,
        text=row.text,
        status="asking" if row.answered_at is None else "answered",
        outcome="not_in_data" if row.answer.get("outcome") == "not_in_data" else "answered",
        items=int(row.answer.get("items", 0)),
        saved_as=row.saved_as,
        created_at=row.created_at,
    )
