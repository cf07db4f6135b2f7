"""Errors as `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457).

One sentence in `detail`, a stable `code`, and `field` where one input is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.core.errors import AppError, InvalidInput
from app.core.ids import new_id

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_NOT_AN_OBJECT = frozenset({"model_attributes_type", "model_type", "dict_type"})
_SHOULD = "Input should "


def problem(
    status: int, code: str, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as a response.

    Args:
        status: HTTP status.
        code: Stable name for programs.
        detail: One sentence for people: what, why, what to do.
        field: Name of the input that is wrong.
        headers: Further headers.
    """
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def of_error(error: AppError) -> Response:
    """Return the response for one of our errors."""
    headers = {} if error.retry_after is None else {"Retry-After": str(math.ceil(error.retry_after))}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, error.code, error.message, field=error.field, headers=headers)


def install(api: FastAPI) -> None:
    """Make every error of an API a problem document."""
    api.add_exception_handler(AppError, _app_error)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(Exception, _unexpected)


async def _app_error(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, AppError):
        raise error
    return of_error(error)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, RequestValidationError):
        raise error
    name, sentence = explained(error.errors()[0])
    return problem(InvalidInput.status, InvalidInput.code, sentence, field=name)


def explained(fault: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of the wrong input and one sentence about it, from one fault that pydantic found.

    Args:
        fault: One of `errors()` (https://docs.pydantic.dev/latest/errors/validation_errors/), whose place begins with
            where the input came from: body, query, path.
    """
    origin, *rest = (str(part) for part in fault["loc"])
    kind, reason = str(fault["type"]), str(fault["msg"])
    if kind == "json_invalid":  # the place is the number of a character, not a name
        return origin, f"The {origin} is not JSON; correct it near character {'.'.join(rest) or 1}."
    name = ".".join(rest) or origin
    shown = name if rest else f"The {origin}"
    if kind in _NOT_AN_OBJECT:
        sentence = f"{shown} must be a JSON object; put the fields into {{}}."
    elif kind == "missing":
        sentence = f"{shown} is missing; add it."
    elif kind == "extra_forbidden":
        sentence = f"{shown} is not a field that is known here; remove it or correct its name."
    elif kind == "value_error":  # our own sentence, which says what to do
        sentence = f"{name}: {reason.removeprefix('Value error, ')}."
    elif reason.startswith(_SHOULD):
        sentence = f"{shown} must {reason.removeprefix(_SHOULD)}; correct it."
    else:
        sentence = f"{shown}: {reason[:1].lower()}{reason[1:]}; correct it."
    return name, sentence


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail, code = f"There is nothing at {request.url.path}; see /api/openapi.json for what there is.", "not_found"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, code = f"{request.method} is not possible here; see /api/openapi.json.", "method_not_allowed"
    else:
        detail, code = str(error.detail), HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return problem(error.status_code, code, detail, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    reference = new_id()
    log.error("api.failed", path=request.url.path, reference=reference, exc_info=error)
    return problem(
        500, "error", f"Something went wrong on our side; try again, and quote {reference} if it stays.", headers={}
    )
