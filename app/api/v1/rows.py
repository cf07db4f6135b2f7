"""What lists look like, and which ids and faults every route shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.core.ids import is_id
from app.core.paging import MAX_LIMIT, Page

T = TypeVar("T")

NO_ID = "00000000-0000-7000-8000-000000000000"
"""In the form of our ids, and of nothing: services answer to a malformed id as to any other unknown one."""


class Rows(BaseModel, Generic[T]):
    """Some rows, and the cursor that the next ones start at; null when these were the last."""

    model_config = ConfigDict(extra="forbid")

    rows: Sequence[T]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: Page[T]) -> Rows[T]:
        """Return a service's page in the API's form."""
        return cls(rows=page.rows, next_cursor=page.next_cursor)


class Problem(BaseModel):
    """What went wrong (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457)."""

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="One sentence: what happened, and what to do.")
    code: str = Field(description="Stable, for programs: `not_found`, `invalid_input`, …")
    field: str | None = Field(default=None, description="The input that is wrong.")


_PROBLEM = Problem.model_json_schema()


def faults(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries for statuses that answer with a problem; every route has 401, 403 and 422."""
    return {
        status: {"description": _MEANING[status], "content": {"application/problem+json": {"schema": _PROBLEM}}}
        for status in sorted({401, 403, 422, *statuses})
    }


_MEANING = {
    401: "No key or session, or one that is no longer good.",
    403: "The role does not allow it.",
    404: "It is not there, or belongs to another workspace.",
    408: "The body did not arrive in time.",
    409: "Not possible in the present state.",
    413: "More bytes than are taken.",
    422: "The request is malformed; `field` says where.",
    429: "Refused for now; `Retry-After` says until when.",
    503: "A part that this needs does not work now.",
}


def _known_form(value: str) -> str:
    return value if is_id(value) else NO_ID


def _analysis_id(analysis_id: Annotated[str, Path(description="Id of an analysis.")]) -> str:
    return _known_form(analysis_id)


def _item_id(item_id: Annotated[str, Path(description="Id of an item.")]) -> str:
    return _known_form(item_id)


def _opportunity_id(opportunity_id: Annotated[str, Path(description="Id of an opportunity.")]) -> str:
    return _known_form(opportunity_id)


def _question_id(question_id: Annotated[str, Path(description="Id of a question.")]) -> str:
    return _known_form(question_id)


def _job_id(job_id: Annotated[str, Path(description="Id of a job.")]) -> str:
    return _known_form(job_id)


def _import_id(import_id: Annotated[str, Path(description="Id of a file.")]) -> str:
    return _known_form(import_id)


def _key_id(key_id: Annotated[str, Path(description="Id of a key.")]) -> str:
    return _known_form(key_id)


AnalysisId = Annotated[str, Depends(_analysis_id)]
ItemId = Annotated[str, Depends(_item_id)]
OpportunityId = Annotated[str, Depends(_opportunity_id)]
QuestionId = Annotated[str, Depends(_question_id)]
JobId = Annotated[str, Depends(_job_id)]
ImportId = Annotated[str, Depends(_import_id)]
KeyId = Annotated[str, Depends(_key_id)]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the rows before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most rows in the answer.")]
