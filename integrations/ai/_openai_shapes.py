"""Answers of both interfaces as they really come: text out of an envelope, a reason out of a refusal. Pure, no network.

Responses: https://developers.openai.com/api/reference/resources/responses
Chat Completions: https://developers.openai.com/api/reference/resources/chat
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.ai._openai_request import LONGEST_NAME
from integrations.contracts import JsonValue
from integrations.retry_after import retry_after_seconds

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in an envelope."""

    text: str
    model: str
    usage: JsonValue
    trouble: str = ""
    """How the sentence that begins with the endpoint's name goes on, when there is no answer to read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What an endpoint says went wrong."""

    code: str
    """Code and type, as far as they are told, lower case."""
    message: str

    @property
    def lacks_credit(self) -> bool:
        """Tell the lack of money, which waiting does not cure, from a limit of rate."""
        return any(word in self.code for word in ("insufficient_quota", "billing", "credit"))

    @property
    def too_long(self) -> bool:
        """Tell whether the prompt is longer than the model reads."""
        return "context_length" in self.code

    @property
    def names_model(self) -> bool:
        """Tell whether the model itself is what is missing."""
        return "model_not_found" in self.code

    @property
    def wants_the_other_limit(self) -> bool:
        """Tell whether the endpoint knows the limit of output by its other name only."""
        return "max_tokens" in self.message and "max_completion_tokens" in self.message


def failure_of(body: JsonValue) -> Failure:
    """Return what an error's body says; empty words when it says nothing."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Failure("", error if isinstance(error, str) else "")
    code = " ".join(str(error[name]) for name in ("code", "type") if isinstance(error.get(name), str))
    message = error.get("message")
    return Failure(code.lower(), message if isinstance(message, str) else "")


def said_in(body: JsonValue) -> Said | None:
    """Return what an envelope of either interface holds; None when it is neither."""
    if not isinstance(body, dict):
        return None
    named = body.get("model")
    model = named[:LONGEST_NAME] if isinstance(named, str) else ""
    if isinstance(body.get("choices"), list):
        text, trouble = _of_chat(body["choices"])
    elif isinstance(body.get("output"), list):
        text, trouble = _of_responses(body, body["output"])
    else:
        return None
    return Said(text, model, body.get("usage"), trouble)


_CUT = "stopped before its answer was complete: it would be longer than what was allowed for it"
_FILTERED = "kept its answer back: its content filter objects"
_DECLINED = "declines to answer"
_SILENT = "answered without any text"


def _of_chat(choices: list[JsonValue]) -> tuple[str, str]:
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    content = message.get("content")
    text = content if isinstance(content, str) else _joined(content, "text")
    match choice.get("finish_reason"):
        case "length":
            return text, _CUT
        case "content_filter":
            return text, _FILTERED
    if message.get("refusal"):
        return text, _DECLINED
    return text, "" if text else _SILENT


def _of_responses(body: dict[str, JsonValue], output: list[JsonValue]) -> tuple[str, str]:
    messages = [part for part in output if isinstance(part, dict) and part.get("type") == "message"]
    parts = [one for message in messages for one in _listed(message.get("content")) if isinstance(one, dict)]
    text = _joined([part for part in parts if part.get("type") == "output_text"], "text")
    status = body.get("status")
    if status == "incomplete":
        details = body.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return text, _FILTERED if reason == "content_filter" else _CUT
    if any(part.get("type") == "refusal" for part in parts):
        return text, _DECLINED
    if status not in {"completed", None}:
        return text, "gave its answer up before it was complete"
    return text, "" if text else _SILENT


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _joined(parts: JsonValue, name: str) -> str:
    texts = [part.get(name) for part in _listed(parts) if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def object_in(text: str) -> tuple[JsonValue, str]:
    """Return the JSON object that a text is; else None, and what it is instead, as a sentence goes on with it."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None, _what_it_is(text.strip())
    if isinstance(value, dict):
        return value, ""
    return None, "answered with a bare value where an object was asked for"


def _what_it_is(text: str) -> str:
    if text.startswith("```"):
        return "wrapped its answer in a code fence, against what was asked"
    if text.startswith("{"):
        try:
            json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
        except (ValueError, RecursionError):
            return "answered with data that is damaged or ends too early"
        return "added words after the data that was asked for"
    return "answered with words where data was asked for"


def _refuse(name: str) -> JsonValue:
    raise ValueError(f"{name} is not JSON")


def wait_of(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long a 429 asks us to wait, in seconds, from whichever header says so.

    `retry-after-ms` is finer than `Retry-After`; without both, the windows that are used up say when they open again
    (https://developers.openai.com/api/docs/guides/rate-limits: `x-ratelimit-reset-tokens: 6m0s`).
    """
    finer = headers.get("retry-after-ms", "")
    if re.fullmatch(r"\d{1,12}(\.\d+)?", finer):
        return retry_after_seconds({"retry-after": str(float(finer) / 1000)}, now)
    if not headers.get("retry-after"):
        resets = [
            seconds
            for unit in ("requests", "tokens")
            if headers.get(f"x-ratelimit-remaining-{unit}") == "0"
            and (seconds := _duration(headers.get(f"x-ratelimit-reset-{unit}", ""))) is not None
        ]
        if resets:
            return retry_after_seconds({"retry-after": str(max(resets))}, now)
    return retry_after_seconds(headers, now)


def _duration(text: str) -> float | None:
    """Return seconds for `1h2m3.5s`, `120ms` or `7`; None for anything else."""
    if re.fullmatch(r"\d{1,12}(\.\d+)?", text):
        return float(text)
    found = _DURATION.findall(text[:60])
    if not found or "".join(number + unit for number, unit in found) != text:
        return None
    seconds = math.fsum(float(number) * _SECONDS[unit] for number, unit in found)
    return seconds if math.isfinite(seconds) else None
