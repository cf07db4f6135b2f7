"""From a pasted link to a source."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.api.caller import Caller
from app.api.v1.rows import faults
from app.services import sources
from app.services.contract import SourceRequest

router = APIRouter(tags=["sources"])


class Recognised(BaseModel):
    """What a text means: put `source` into `sources` of a request."""

    source: SourceRequest
    label: str


@router.get("/sources/recognise", responses=faults())
async def recognise_source(
    actor: Caller, text: Annotated[str, Query(max_length=sources.MAX_TEXT, description="A link or a name.")]
) -> Recognised:
    """Say which source a pasted link or a typed name means."""
    del actor
    found = sources.recognise(text)
    return Recognised(source=found, label=sources.label(found))
