"""A stand-in for a sentiment service: `POST /analyze` with texts, a label and two numbers for each.

It reads a few hundred words (`reading`). Its lies: results too few or too many, a label nobody knows, numbers out of
range, `NaN`, none at all, and every mood turned round.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from integrations.sandbox import reading
from integrations.sandbox.remote import Request, Response, World

MOST_TEXTS = 1000


class SentimentRemote:
    """Scores texts."""

    id: ClassVar[str] = "sentiment"

    def __init__(self, world: World) -> None:
        """Needs nothing of the world."""
        del world

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        return self.lie(request, "")

    def forget_token(self, request: Request) -> None:
        """Do nothing: there are no tokens."""

    def refuse(self, status: int) -> Response:
        """Write the error of a status."""
        return Response.json({"error": "The service cannot answer now."}, status)

    def lie(self, request: Request, lie: str) -> Response:
        """Answer one request; `lie` is one of `faults.LIES`, or empty for the truth."""
        if request.path.rstrip("/") != "/analyze":
            return Response.json({"error": "Ask POST /analyze."}, 404)
        if request.method != "POST":
            return Response.json({"error": "Ask POST /analyze."}, 405)
        texts = _texts(request.body)
        if texts is None:
            return Response.json({"error": f"Send {{'texts': […]}}, at most {MOST_TEXTS} strings."}, 400)
        results = [_result(reading.mood(text)) for text in texts]
        response = Response.json({"results": _spoiled(lie, results), "engine": "sample-words"})
        response.noted = {"texts": len(texts), "lie": lie}
        return response


def _texts(body: bytes) -> list[str] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    texts = value.get("texts") if isinstance(value, dict) else None
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS or not all(isinstance(text, str) for text in texts):
        return None
    return texts


def _result(score: float) -> dict[str, Any]:
    return {"label": reading.tone(score), "score": score, "confidence": round(0.5 + abs(score) / 2, 3)}


def _spoiled(lie: str, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {
        "unknown_label": {"label": "joyful"},
        "out_of_range": {"score": -17.0, "confidence": 3.5},
        "not_a_number": {"score": float("nan")},
        "no_numbers": {"score": "high", "confidence": None},
    }
    if lie == "too_few":
        return results[:-1]
    if lie == "too_many":
        return [*results, _result(0.0)]
    if lie == "turned_round":
        return [_result(-one["score"]) for one in results]
    return [{**one, **changes.get(lie, {})} for one in results]
