"""What a call took, as the endpoint tells it, held against what can be true."""

from __future__ import annotations

import math

from integrations.contracts import JsonValue
from integrations.language_model import CACHED_INPUT_TOKEN, FRAME_TOKENS, INPUT_TOKEN, OUTPUT_TOKEN, Prompt

LONGEST_TOKEN = 32
"""Bytes of UTF-8 that a token has at most, on average over a whole text; who tells fewer tokens tells too few."""

BYTES_A_TOKEN = 2
"""For an estimate on the high side: English has more than four, Chinese about three."""

CACHE_WRITE_SURCHARGE = 0.25
"""What OpenAI asks on top for a token that it keeps in its cache, in input tokens.

https://developers.openai.com/api/docs/models/gpt-5.6-luna: "Cache writes are billed at 1.25x the uncached input token
rate". A token has so much less than our bound of one byte that the worst case holds with it."""


def usage_of(prompt: Prompt, told: JsonValue, answered: str) -> tuple[dict[str, int], bool]:
    """Return the units that one call took, and whether all of them are as reported.

    Args:
        prompt: What was asked.
        told: The `usage` of the answer, of either interface, or whatever stands there.
        answered: The text that came back.
    """
    facts = told if isinstance(told, dict) else {}
    worst = prompt.worst_case()
    text = len(prompt.instructions.encode()) + len(prompt.data.encode())
    whole = worst[INPUT_TOKEN] - FRAME_TOKENS
    taken, input_true = _believed(
        _first(facts, "input_tokens", "prompt_tokens"), text, worst[INPUT_TOKEN], whole // BYTES_A_TOKEN + FRAME_TOKENS
    )
    size = len(answered.encode())
    output, output_true = _believed(
        _first(facts, "output_tokens", "completion_tokens"),
        size,
        worst[OUTPUT_TOKEN],
        -(-size // BYTES_A_TOKEN),
    )
    details = _first(facts, "input_tokens_details", "prompt_tokens_details")
    details = details if isinstance(details, dict) and input_true else {}
    cached, cached_true = _part(details.get("cached_tokens"), taken)
    written, written_true = _part(details.get("cache_write_tokens"), taken - cached)
    fresh = taken - cached + math.ceil(written * CACHE_WRITE_SURCHARGE)
    usage = {
        INPUT_TOKEN: min(fresh, worst[INPUT_TOKEN] - cached),
        CACHED_INPUT_TOKEN: cached,
        OUTPUT_TOKEN: output,
    }
    return usage, input_true and output_true and cached_true and written_true


def _believed(told: JsonValue, size: int, most: int, estimate: int) -> tuple[int, bool]:
    """Return a told count, or what stands in for one that cannot be."""
    if isinstance(told, int) and not isinstance(told, bool):
        if max(1, size // LONGEST_TOKEN) <= told <= most:
            return told, True
        if told > most:
            return most, False
    return min(max(estimate, 1), most), False


def _part(told: JsonValue, whole: int) -> tuple[int, bool]:
    """Return a count that is part of another; 0, which costs most, when it cannot be."""
    if told is None:
        return 0, True
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= whole:
        return told, True
    return 0, False


def _first(facts: dict[str, JsonValue], *names: str) -> JsonValue:
    return next((facts[name] for name in names if facts.get(name) is not None), None)
