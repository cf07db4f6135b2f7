"""A stand-in for OpenAI, at `/v1`: `/responses`, `/chat/completions` and `/models`.

Its mind is a reader of a few rules (`openai_tasks`), its manners are the provider's: it asks for a key, checks schemas
as strictly, counts tokens, remembers prompts, and says how many calls are left. The request log keeps what each call
truly took, under `noted`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import count
from threading import Lock
from typing import Any, ClassVar

from integrations.sandbox import openai_lies as lies
from integrations.sandbox.openai_schema import BadSchemaError, check_strict, fill
from integrations.sandbox.openai_tasks import meaning_of
from integrations.sandbox.openai_wire import (
    FRAME,
    PromptCache,
    Written,
    answer_id,
    as_chat,
    as_response,
    cut_to,
    refusal,
    tokens_in,
)
from integrations.sandbox.remote import Request, Response, World

MODELS = ("gpt-5.6-luna", "gpt-5.6-terra", "gpt-4.1-mini")
REQUESTS_PER_MINUTE = 60_000
TOKENS_PER_MINUTE = 200_000_000
LONGEST_PROMPT = 400_000
"""Tokens that a model reads."""
_LEAST_OUTPUT = 16
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One prompt, whichever interface it came by."""

    model: str
    name: str
    schema: dict[str, Any]
    instructions: str
    data: str
    most: int
    """Tokens of output."""


class _Refused(Exception):
    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.answer = refusal(message, status, param=param, code=code)


class OpenAIRemote:
    """Answers as `api.openai.com` would."""

    id: ClassVar[str] = "openai"

    def __init__(self, world: World) -> None:
        """Start with an empty cache."""
        self._clock = world.clock
        self._cache = PromptCache()
        self._numbers = count(1)
        self._lock = Lock()
        self._minute, self._calls = 0, 0

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        return self.lie(request, "")

    def forget_token(self, request: Request) -> None:
        """Do nothing: keys do not expire."""

    def refuse(self, status: int) -> Response:
        """Write the error of a status as the provider does."""
        message = {
            401: "Incorrect API key provided. You can find your API key in your account.",
            403: "Your project does not have access to this model.",
            429: "Rate limit reached. Please try again later.",
            503: "That model is currently overloaded with other requests.",
        }
        return refusal(message.get(status, "The server had an error while processing your request."), status)

    def lie(self, request: Request, lie: str) -> Response:
        """Answer one request; `lie` is one of `faults.LIES`, or empty for the truth."""
        number = next(self._numbers)
        try:
            response = self._answer(request, lie, number)
        except _Refused as refused:
            response = refused.answer
        left = self._left()
        response.headers |= {
            "x-request-id": answer_id("req", number, "request")[:36],
            "openai-processing-ms": "12",
            "openai-version": "2020-10-01",
            "x-ratelimit-limit-requests": str(REQUESTS_PER_MINUTE),
            "x-ratelimit-limit-tokens": str(TOKENS_PER_MINUTE),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-remaining-tokens": str(TOKENS_PER_MINUTE),
            "x-ratelimit-reset-requests": f"{60 - self._clock() % 60:.0f}s",
            "x-ratelimit-reset-tokens": "1ms",
        }
        return response

    def _left(self) -> int:
        with self._lock:
            minute = int(self._clock() // 60)
            if minute != self._minute:
                self._minute, self._calls = minute, 0
            self._calls += 1
            return max(0, REQUESTS_PER_MINUTE - self._calls)

    def _answer(self, request: Request, lie: str, number: int) -> Response:
        _check_key(request)
        if request.path == "/v1/models" and request.method == "GET":
            listed = [
                {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "system"} for name in MODELS
            ]
            return Response.json({"object": "list", "data": listed})
        chat = request.path == "/v1/chat/completions"
        if request.method != "POST" or not (chat or request.path == "/v1/responses"):
            message = f"Invalid URL ({request.method} {request.path})"
            raise _Refused(message, status=404, code="unknown_url")
        if lie == "no_responses" and not chat:
            raise _Refused("Not found: this server has no such route", status=404, code="not_found")
        if (early := lies.replaced(lie)) is not None:
            return early
        body = _object(request.body)
        asked = _of_chat(body) if chat else _of_responses(body)
        written = self._written(asked, lie)
        created = self._clock()
        envelope = as_chat(written, number, created) if chat else as_response(written, number, created, body)
        response = Response.json(lies.told(lie, envelope))
        response.noted = {
            "task": asked.name,
            "model": asked.model,
            "input_tokens": written.input_tokens,
            "cached_tokens": written.cached_tokens,
            "output_tokens": written.output_tokens,
            "most": asked.most,
            "lie": lie,
        }
        return response

    def _written(self, asked: _Asked, lie: str) -> Written:
        """Read the prompt and write the answer, within its limit of tokens."""
        beginning = f"{asked.instructions}\n{json.dumps(asked.schema)}\n"
        taken = tokens_in(beginning) + tokens_in(asked.data) + FRAME
        if taken > LONGEST_PROMPT:
            message = f"Your input of {taken} tokens exceeds the context window of this model."
            raise _Refused(message, code="context_length_exceeded")
        cached = self._cache.cached(asked.model, beginning + asked.data)
        meaning = lies.meant(lie, meaning_of(asked.name, asked.data), asked.data)
        text = lies.said(lie, json.dumps(fill(asked.schema, meaning), ensure_ascii=False))
        most = min(asked.most, max(1, tokens_in(text) // 2)) if lie == "cut" else asked.most
        cut = tokens_in(text) > most
        text = cut_to(text, most) if cut else text
        written = Written(text, asked.model, taken, cached, max(1, tokens_in(text)), cut=cut)
        if lie == "refuses":
            return replace(written, text="", refusal="I'm sorry, but I can't help with that.", cut=False)
        return replace(written, text="", filtered=True, cut=False) if lie == "filtered" else written


def _check_key(request: Request) -> None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise _Refused("You didn't provide an API key.", status=401, code="missing_api_key")
    if key == "wrong":
        raise _Refused("Incorrect API key provided: wrong.", status=401)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _Refused("We could not parse the JSON body of your request.")
    if value.get("tools"):
        raise _Refused("This stand-in has no tools.", param="tools")
    return value


def _of_responses(body: dict[str, Any]) -> _Asked:
    form = body.get("text", {}).get("format") if isinstance(body.get("text"), dict) else None
    given = body.get("input")
    data = given if isinstance(given, str) else _joined(given, "input")
    return _asked(body, form, str(body.get("instructions") or ""), data, "max_output_tokens")


def _of_chat(body: dict[str, Any]) -> _Asked:
    form = body.get("response_format")
    if isinstance(form, dict) and isinstance(form.get("json_schema"), dict):
        form = {**form["json_schema"], "type": form.get("type")}
    messages = body.get("messages")
    ours = [one for one in messages if one.get("role") in {"system", "developer"}] if isinstance(messages, list) else []
    theirs = [one for one in messages if one.get("role") == "user"] if isinstance(messages, list) else None
    if "max_tokens" in body and "max_completion_tokens" in body:
        raise _Refused("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    limit = "max_completion_tokens" if "max_completion_tokens" in body else "max_tokens"
    return _asked(body, form, _joined(ours, "messages"), _joined(theirs, "messages"), limit)


def _joined(messages: Any, param: str) -> str:  # noqa: ANN401 - foreign JSON
    """Return the words of a list of messages."""
    if not isinstance(messages, list):
        raise _Refused(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")
    contents = [one.get("content") for one in messages if isinstance(one, dict)]
    parts = [[one] if isinstance(one, str) else one for one in contents if isinstance(one, str | list)]
    return "\n".join(
        one if isinstance(one, str) else str(one.get("text", "")) for part in parts for one in part if one is not None
    )


def _asked(body: dict[str, Any], form: Any, instructions: str, data: str, limit: str) -> _Asked:  # noqa: ANN401
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise _Refused("you must provide a model parameter", param="model")
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        raise _Refused("This stand-in answers by a JSON schema alone.", param="text.format")
    name, schema = form.get("name"), form.get("schema")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Refused("Invalid 'name': string does not match pattern '^[a-zA-Z0-9_-]+$'.", param="text.format.name")
    try:
        check_strict(schema)
    except BadSchemaError as error:
        raise _Refused(f"Invalid schema for response_format '{name}': {error}", code="invalid_json_schema") from error
    most = body.get(limit)
    if not isinstance(most, int) or most < _LEAST_OUTPUT:
        message = f"Invalid '{limit}': integer below minimum value. Expected a value >= {_LEAST_OUTPUT}."
        raise _Refused(message, param=limit, code="integer_below_min_value")
    return _Asked(model, name, dict(schema or {}), instructions, data, most)
