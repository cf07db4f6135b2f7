"""The sentiment of texts: the route that another Asterism, or any program, uses as its sentiment service."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import faults
from app.services import sentiment
from app.services.sentiment import TextsAnalyzed, TextsToAnalyze

router = APIRouter(tags=["sentiment"])


@router.post("/analyze", responses=faults(408, 413, 429))
async def analyze_texts(wanted: TextsToAnalyze, actor: Caller) -> TextsAnalyzed:
    """Say of each text whether it is negative, neutral or positive, by the local engine; nothing is stored.

    A text in a language that the engine does not know is `unscored_language`, never neutral.
    """
    return await asyncio.to_thread(sentiment.analyze, actor, wanted)
