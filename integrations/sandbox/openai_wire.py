"""How OpenAI writes answers and errors of both interfaces, counts tokens, and keeps prompts in its cache.

Shapes: https://developers.openai.com/api/reference/resources/responses and …/chat; errors:
https://developers.openai.com/api/docs/guides/error-codes.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import Any

from integrations.sandbox.remote import Response

_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_|\s+")
_CACHED_FROM, _CACHED_STEP = 1024, 128
"""https://developers.openai.com/api/docs/guides/prompt-caching: from 1,024 tokens on, in steps of 128."""
_REMEMBERED = 64
FRAME = 11
"""Tokens around a prompt for its roles."""

TYPES = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "invalid_request_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    429: "requests",
}
CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def tokens_in(text: str) -> int:
    """Return about how many tokens a text takes: a word of English one or two, a foreign letter up to one each."""
    count = 0
    for piece in _PIECE.findall(text):
        if piece.isspace():
            count += len(piece) > 1
        elif piece.isdigit():
            count += -(-len(piece) // 3)
        elif piece.isascii():
            count += -(-len(piece) // 7)
        else:
            count += -(-len(piece.encode()) // 4)
    return count


def cut_to(text: str, tokens: int) -> str:
    """Return the beginning of a text that takes no more than so many tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_in(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]


class PromptCache:
    """Remembers the last prompts, so that the beginning of a new one may be cheaper."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=_REMEMBERED)
        self._lock = Lock()

    def cached(self, model: str, prompt: str) -> int:
        """Return how many tokens of a prompt were read before, and remember it."""
        line = f"{model}\0{prompt}"
        with self._lock:
            longest = max((_alike(line, other) for other in self._recent), default=0)
            self._recent.append(line)
        same = tokens_in(line[len(model) + 1 : longest])
        return same // _CACHED_STEP * _CACHED_STEP if same >= _CACHED_FROM else 0


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


@dataclass(frozen=True, slots=True)
class Written:
    """One finished answer before it is put in its envelope."""

    text: str
    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cut: bool = False
    """Whether it ends where its limit of tokens was."""
    filtered: bool = False
    refusal: str = ""


def answer_id(kind: str, number: int, seed: str) -> str:
    """Return an id as they look there."""
    return f"{kind}_{hashlib.sha256(f'{seed} {number}'.encode()).hexdigest()[:48]}"


def as_response(written: Written, number: int, created: float, request: dict[str, Any]) -> dict[str, Any]:
    """Write the answer as the Responses interface does."""
    content: dict[str, Any] = {"type": "output_text", "annotations": [], "logprobs": [], "text": written.text}
    if written.refusal:
        content = {"type": "refusal", "refusal": written.refusal}
    incomplete = written.cut or written.filtered
    reason = "max_output_tokens" if written.cut else "content_filter"
    return {
        "id": answer_id("resp", number, written.model),
        "object": "response",
        "created_at": int(created),
        "status": "incomplete" if incomplete else "completed",
        "background": False,
        "error": None,
        "incomplete_details": {"reason": reason} if incomplete else None,
        "instructions": request.get("instructions"),
        "max_output_tokens": request.get("max_output_tokens"),
        "model": written.model,
        "output": [
            {
                "id": answer_id("msg", number, written.model),
                "type": "message",
                "status": "incomplete" if incomplete else "completed",
                "content": [content],
                "role": "assistant",
            }
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "none", "summary": None},
        "service_tier": "default",
        "store": request.get("store", True),
        "temperature": 1.0,
        "text": {"format": request.get("text", {}).get("format"), "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": written.input_tokens,
            "input_tokens_details": {
                "cached_tokens": written.cached_tokens,
                "cache_write_tokens": _kept(written),
            },
            "output_tokens": written.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": written.input_tokens + written.output_tokens,
        },
        "user": None,
        "metadata": {},
    }


def as_chat(written: Written, number: int, created: float) -> dict[str, Any]:
    """Write the answer as Chat Completions does."""
    finish = "length" if written.cut else "content_filter" if written.filtered else "stop"
    return {
        "id": f"chatcmpl-{answer_id('', number, written.model)[1:30]}",
        "object": "chat.completion",
        "created": int(created),
        "model": written.model,
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": None if written.refusal else written.text,
                    "refusal": written.refusal or None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": written.input_tokens,
            "completion_tokens": written.output_tokens,
            "total_tokens": written.input_tokens + written.output_tokens,
            "prompt_tokens_details": {"cached_tokens": written.cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _kept(written: Written) -> int:
    """Return how many tokens were put into the cache."""
    fresh = written.input_tokens - written.cached_tokens
    return fresh // _CACHED_STEP * _CACHED_STEP if written.input_tokens >= _CACHED_FROM else 0


def refusal(
    message: str, status: int = 400, *, code: str | None = None, kind: str | None = None, param: str | None = None
) -> Response:
    """Write an error as the provider does."""
    told = {
        "message": message,
        "type": kind or TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": param,
        "code": code or CODES.get(status),
    }
    return Response.json({"error": told}, status)
