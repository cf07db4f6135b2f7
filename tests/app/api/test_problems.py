"""What the API says about input that does not fit, with the faults that pydantic really finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import httpx
import pytest
from fastapi import Body, FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api import problems

pytestmark = pytest.mark.anyio


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=5)
    engine: Literal["auto", "local"] = "auto"
    keywords: list[str] = []

    @field_validator("keywords")
    @classmethod
    def _not_empty(cls, value: list[str]) -> list[str]:
        if "" in value:
            raise ValueError("is empty; write at least one word")
        return value


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    api = FastAPI()
    problems.install(api)

    @api.post("/things")
    async def make(wanted: Annotated[_Wanted, Body()], limit: Annotated[int, Query(ge=1)] = 1) -> None:
        del wanted, limit

    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://localhost") as found:
        yield found


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ("{x", "body", "The body is not JSON; correct it near character 1."),
        ("[]", "body", "The body must be a JSON object; put the fields into {}."),
        ('"x"', "body", "The body must be a JSON object; put the fields into {}."),
        ("", "body", "The body is missing; add it."),
        ("{}", "name", "name is missing; add it."),
        ('{"name": 1}', "name", "name must be a valid string; correct it."),
        ('{"name": "toolong"}', "name", "name: string should have at most 5 characters; correct it."),
        ('{"name": "x", "engine": "y"}', "engine", "engine must be 'auto' or 'local'; correct it."),
        ('{"name": "x", "nmae": 1}', "nmae", "nmae is not a field that is known here; remove it or correct its name."),
        ('{"name": "x", "keywords": [""]}', "keywords", "keywords: is empty; write at least one word."),
    ],
)
async def test_each_fault_of_a_body_gets_one_clear_sentence(
    client: httpx.AsyncClient, body: str, field: str, sentence: str
) -> None:
    answer = await client.post("/things", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["detail"]) == (field, sentence)


async def test_a_number_out_of_its_range_says_which(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things?limit=0", json={"name": "x"})
    assert answer.json()["detail"] == "limit must be greater than or equal to 1; correct it."
