"""What a model will cost in one analysis, as a band, before it starts: items → topics → prompts → tokens → money.

The shares are those of docs/quality.md; the high end has room for another way of counting tokens and longer answers.
"""

from __future__ import annotations

import math

from app.core.money import dollars
from app.services.contract import Band
from app.services.engines import ModelEngine
from app.services.pipeline.cluster import group_count
from app.services.pipeline.model_prompts import TONES_AT_ONCE, TOPICS_AT_ONCE
from app.services.pipeline.model_sample import STANDARD
from app.services.stages.model_reading import JUDGED_SHARE, MOST_JUDGED
from integrations.language_model import INPUT_TOKEN, OUTPUT_TOKEN

WEIGHED = 0.75
"""Share of items that are no spam, no repeat, and in a language that is scored."""
TOPICS = (0.5, 0.7, 1.0)
"""Topics that are left of the groups that the clustering starts with: at best, likely, at worst."""
SPREAD = (0.8, 1.0, 1.5)
_FRAME, _ITEM, _TERMS, _SUMMED = 650, 50, 25, 800
"""Tokens read: around each prompt, for an item, for the terms of a topic, for the summary."""
_NAME, _FINDING, _SUMMARY = 10, 90, 300
"""Tokens written: for a name, for an opportunity, for the summary."""
_JUDGED, _TONE = 70, 12
"""Tokens read and written to judge how one item sounds."""


def model_band(items: Band, engine: ModelEngine, *, rescore: bool) -> tuple[Band, list[str]]:
    """Return what the model will cost in micro-USD, and what that rests on.

    Args:
        items: To be collected: low, likely, high.
        engine: The model, with its prices.
        rescore: Whether the least sure items are judged anew.
    """
    bands = [
        _tokens(count, share, spread, rescore=rescore)
        for count, share, spread in zip(items, TOPICS, SPREAD, strict=True)
    ]
    low, likely, high = (engine.micros(read, written) for _, _, read, written in bands)
    topics, prompts, read, written = bands[1]
    listed = engine.prices[INPUT_TOKEN].listed
    return (low, likely, high), [
        (
            f"{engine.setup.label} ({engine.name}): {items[1]:,} items make about {topics:,} topics, read in "
            f"{prompts:,} prompts with about {round(read, -2):,} tokens and answered in about {round(written, -2):,}."
        ),
        (
            f"A million tokens cost {dollars(engine.prices[INPUT_TOKEN].micros_per_million)} to read and "
            f"{dollars(engine.prices[OUTPUT_TOKEN].micros_per_million)} to write, by the list {listed}."
        ),
        "Before each call its worst case is held back, four times as much and more; so a small cap asks you early.",
    ]


def _tokens(items: int, share: float, spread: float, *, rescore: bool) -> tuple[int, int, int, int]:
    """Return topics, prompts, and the tokens read and written."""
    if not items:
        return 0, 0, 0, 0
    weighed = math.ceil(items * WEIGHED)
    topics = max(1, round(group_count(weighed) * share))
    shown = topics * STANDARD.items(weighed // topics)
    judged = min(MOST_JUDGED, round(JUDGED_SHARE * weighed)) if rescore else 0
    prompts = -(-topics // TOPICS_AT_ONCE) + 1 - (-judged // TONES_AT_ONCE)
    read = prompts * _FRAME + shown * _ITEM + topics * _TERMS + _SUMMED + judged * _JUDGED
    written = topics * (_NAME + _FINDING) + _SUMMARY + judged * _TONE
    return topics, prompts, round(read * spread), round(written * spread)
