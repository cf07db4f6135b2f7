"""What the handlers of jobs need, by kind of job: a payload that was edited by hand is checked here first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from app.core.errors import InvalidInput
from app.models import Job
from app.services.contract import SourceRequest
from app.services.contract.basics import Contract
from app.services.providers import check_query


class CollectPayload(Contract):
    """A source to read."""

    source: SourceRequest


class ScorePayload(Contract):
    """A run of items: above one id, up to and with another."""

    after: str = Field(max_length=36)
    upto: str = Field(min_length=1, max_length=36)


class NoPayload(Contract):
    """Nothing: the analysis itself says all."""


PAYLOADS: Mapping[str, type[Contract]] = {
    "collect": CollectPayload,
    "clean": NoPayload,
    "score": ScorePayload,
    "cluster": NoPayload,
    "synthesise": NoPayload,
    "report": NoPayload,
}


def checked(job: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edited payload in the form that the job's handler reads.

    Raises:
        InvalidInput: It does not fit the kind of job, names another provider, or its query is wrong.
    """
    model = PAYLOADS.get(job.kind)
    if model is None:
        raise InvalidInput(f"Jobs of kind {job.kind} cannot be edited; retry it as it is.", field="payload")
    try:
        parsed = model.model_validate(dict(payload))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(["payload", *(str(part) for part in fault["loc"])])
        raise InvalidInput(f"{place}: {fault['msg']}; correct it.", field=place) from None
    if isinstance(parsed, CollectPayload):
        if parsed.source.provider != job.provider:
            raise InvalidInput(
                f"This job reads {job.provider}; its provider stays, only the query can change.",
                field="payload.source.provider",
            )
        check_query(parsed.source.provider, parsed.source.query)
    return parsed.model_dump(mode="json")
