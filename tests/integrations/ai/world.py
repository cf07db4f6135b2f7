"""What the tests of a language model share: a prompt, answers as servers write them, a call from start to end."""

from __future__ import annotations

import asyncio
import json

from integrations import registry
from integrations.language_model import Answer, Prompt
from tests.local_server import Asked, Reply

KEY = "sk-made-up-0123456789abcdefghijklmnopqrstuvwxyz"
SCHEMA = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"type": "string"}}},
    "required": ["names"],
    "additionalProperties": False,
}
PROMPT = Prompt(
    name="topic_names",
    instructions="Name the topic in words of its own.",
    data=json.dumps({"items": [{"id": f"i{number}", "text": "The backup never finishes."} for number in range(20)]}),
    schema=SCHEMA,
    max_output_tokens=200,
)
TEXT = '{"names": ["Backups"]}'
USAGE = {"input_tokens": 300, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 9, "total_tokens": 309}


def envelope(text: str = TEXT, **changes: object) -> dict[str, object]:
    """Return an answer of the Responses interface."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-made-up-2026",
        "output": [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": content}],
        "usage": USAGE,
        **changes,
    }


def chat(text: str | None = TEXT, finish: str = "stop", **message: object) -> dict[str, object]:
    """Return an answer of Chat Completions."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
    usage = {"prompt_tokens": 300, "prompt_tokens_details": {"cached_tokens": 128}, "completion_tokens": 9}
    return {"id": "chatcmpl-1", "model": "small-model", "choices": [choice], "usage": usage}


def truthful(asked: Asked) -> Reply:
    return Reply.of(chat() if asked.path.endswith("/chat/completions") else envelope())


def answered(base: str, prompt: Prompt = PROMPT, *, guard=None, total_seconds=5.0, times=1, **settings) -> Answer:
    """Ask the model behind an address, in a loop of its own; return the last answer."""

    async def ask() -> Answer:
        model = registry.model("openai")
        config = model.Config.model_validate({"base_url": f"{base}/v1", "api_key": KEY, **settings})
        async with model(config, guard=guard, total_seconds=total_seconds) as opened:
            for _ in range(times):
                answer = await opened.answer(prompt)
            return answer

    return asyncio.run(ask())


class Watch:
    """A guard that takes notes, or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.notes: list[tuple[str, ...]] = []
        self._refusal = refusal

    async def admit(self, provider: str, operation: str) -> None:
        self.notes.append(("admit", provider, operation))
        if self._refusal is not None:
            raise self._refusal

    async def report(self, provider: str, operation: str, *, seconds: float, error: Exception | None) -> None:
        assert 0 <= seconds < 60
        self.notes.append(("report", provider, operation, type(error).__name__ if error else "well"))
