"""What the gate's decorator demands of a handler, and how arguments are checked."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError

from state.gate import LONGEST_TEXT, event, validated


class Tone(StrEnum):
    """A closed set of words."""

    WARM = "warm"


class Form(BaseModel):
    """A form as a model."""

    size: int


async def _handler(
    self: Any,
    number: int,
    share: float = 0.5,
    word: str | None = None,
    tone: Tone = Tone.WARM,
    day: date | None = None,
    kind: Literal["a", "b"] = "a",
    form: Form | None = None,
    many: list[str] | None = None,
    form_data: dict[str, Any] | None = None,
) -> None:
    """Take one of each type that pages use."""


def test_a_handler_that_is_not_async_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="must be async"):

        @event
        def stall(self: Any) -> None:
            """Stall every open page."""


def test_an_argument_without_a_type_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="'anything' needs a type"):

        @event
        async def trust(self: Any, anything) -> None:
            """Take whatever comes."""


def test_arguments_arrive_as_the_types_that_the_handler_names() -> None:
    given = {"number": 3, "share": 1, "tone": "warm", "day": "2026-11-22", "form": {"size": 2}, "many": ["x"]}
    assert validated(_handler, given) == {
        "number": 3,
        "share": 1.0,
        "tone": Tone.WARM,
        "day": date(2026, 11, 22),
        "form": Form(size=2),
        "many": ["x"],
    }


def test_arguments_that_are_not_sent_keep_the_handlers_defaults() -> None:
    assert validated(_handler, {"number": 1}) == {"number": 1}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"number": "3"},
        {"number": True},
        {"number": 2.5},
        {"number": None},
        {"number": 1, "share": "0.5"},
        {"number": 1, "word": 5},
        {"number": 1, "tone": "cold"},
        {"number": 1, "day": "yesterday"},
        {"number": 1, "kind": "c"},
        {"number": 1, "form": {"size": "2"}},
        {"number": 1, "many": "x"},
        {"number": 1, "many": [1]},
        {"number": 1, "form_data": []},
        {"number": 1, "self": "x"},
    ],
)
def test_arguments_of_another_type_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validated(_handler, given)


@pytest.mark.parametrize("name", ["word", "many"])
def test_a_text_is_bounded_also_where_its_annotation_forgets_to(name: str) -> None:
    def given(length: int) -> dict[str, Any]:
        return {"number": 1, name: "x" * length if name == "word" else ["x" * length]}

    assert validated(_handler, given(LONGEST_TEXT))
    with pytest.raises(ValidationError, match="at most"):
        validated(_handler, given(LONGEST_TEXT + 1))
