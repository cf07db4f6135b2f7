"""A language model inside the test: it reads the prompts as a real one would, or lies, or dies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Self

import pytest
from pydantic import SecretStr

from app.services import engines
from app.services.pipeline import wants
from app.services.pipeline.counter_evidence import demands
from app.services.pipeline.prose import sentences
from app.services.providers import ModelSetup
from integrations.ai.openai import OpenAI
from integrations.contracts import AuthMethod, Limits
from integrations.language_model import INPUT_TOKEN, OUTPUT_TOKEN, Answer, Prompt

Reply = Callable[[Prompt], Any]


class FakeModel:
    """Answers with what its class is told to; keeps what it was asked."""

    id: ClassVar[str] = "openai"
    label: ClassVar[str] = "Fake"
    auth: ClassVar[AuthMethod] = AuthMethod.API_KEY
    limits: ClassVar[Limits] = Limits(requests_per_minute=100_000, page_size=1)
    Config = OpenAI.Config
    reply: ClassVar[Reply]
    asked: ClassVar[list[Prompt]]

    def __init__(self, config: object, *, guard: object = None, total_seconds: float = 60.0) -> None:
        del config, guard, total_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def answer(self, prompt: Prompt) -> Answer:
        type(self).asked.append(prompt)
        said = type(self).reply(prompt)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Answer):
            return said
        worst = prompt.worst_case()
        usage = {
            INPUT_TOKEN: worst[INPUT_TOKEN] // 4,
            OUTPUT_TOKEN: min(worst[OUTPUT_TOKEN], len(json.dumps(said)) // 4),
        }
        return Answer(said, "gpt-5-mini", usage, True, 0.01)


def connect(monkeypatch: pytest.MonkeyPatch, reply: Reply, **config: object) -> type[FakeModel]:
    """Set the program up with a model that answers so; returns its class."""

    class Model(FakeModel):
        asked: ClassVar[list[Prompt]] = []

    Model.reply = staticmethod(reply)
    values = {"api_key": SecretStr("secret"), "model": "gpt-5-mini", **config}
    setup = ModelSetup("openai", "Fake", Model, OpenAI.Config(**values), sample=False)
    monkeypatch.setattr(engines, "model_setup", lambda *_, **__: setup)
    return Model


def honest(prompt: Prompt) -> dict[str, Any]:
    """Answer as a careful reader would, with nothing but what the prompt shows."""
    data = json.loads(prompt.data)
    if prompt.name == "topic_names":
        return {"names": _names(data)}
    if prompt.name == "opportunities":
        found = [said for one in data["topics"] if (said := _opportunity(one))]
        return {"names": _names(data), "opportunities": found}
    if prompt.name == "summary":
        return {
            "sentences": [
                {"text": f"People want this: {one['title']}.", "items": [item["item"] for item in one["items"]]}
                for one in data["findings"]
            ]
        }
    return {"tones": [{"item": one["item"], "tone": "negative"} for one in data["items"]]}


def _names(data: dict[str, Any]) -> list[str]:
    return [" ".join(one["terms"].split(", ")[:2]) for one in data["topics"]]


def _opportunity(topic: dict[str, Any]) -> dict[str, Any] | None:
    quotes, kinds = [], Counter()
    wanted: Counter[str] = Counter()
    for number, text in topic["items"].items():
        for part in sentences(text):
            found = demands(part.text)
            if found:
                quotes.append((int(number), " ".join(part.text.split(" ")[:6])))
                kinds.update(found)
                break
        wanted.update(want.phrase for want in wants.find(text))
    if len(quotes) < 2:
        return None
    about = " and ".join(topic["terms"].split(", ")[:2])
    return {
        "title": f"Better support for {about}",
        "summary": f"People lack a simple way to handle {about}.",
        "kind": min(kinds, key=lambda name: (-kinds[name], name)),
        "items": [number for number, _ in quotes],
        "quote": quotes[0][1],
        "against": [],
    }
