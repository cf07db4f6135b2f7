"""A sentiment service of one's own, reached over HTTP: texts go there in batches, a label and two numbers come back.

POST {url}/analyze   {"texts": ["…", …]}
200                  {"results": [{"label": "negative", "score": -0.8, "confidence": 0.93}, …], "engine": "…"}
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from integrations.contracts import Guard, JsonValue, Limits
from integrations.errors import ContractChanged
from integrations.http import HttpClient
from integrations.network import origin_of

LABELS = ("negative", "neutral", "positive")
UNSCORED = "unscored_language"
"""What a service answers of a text in a language that it does not know, without numbers."""
BATCH = 100
"""Texts that go in one request; more are sent in several, one after another."""

LONGEST_ENGINE = 60
"""Characters of the engine's name that are kept."""

MAX_BYTES = 1_000_000
"""Most bytes of one answer; a hundred results take some 8,000."""


class SentimentConfig(BaseModel):
    """Settings of the service; each field is read from `ASTERISM_SENTIMENT_<FIELD>`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(
        "", description="Address of a sentiment service that answers POST /analyze. Empty: the built-in model scores."
    )
    api_key: SecretStr = Field(SecretStr(""), description="Sent to it as a bearer token, when it asks for one.")
    requests_per_minute: int = Field(600, ge=1, description="Most requests that it gets in a minute.")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value:
            origin_of(value)
        return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class SentimentAnswer:
    """What the service says of one text."""

    label: str
    """`negative`, `neutral`, `positive`, or `unscored_language`: then score and confidence are 0."""
    score: float
    """From -1, all bad, to 1, all good."""
    confidence: float
    """From 0 to 1."""
    engine: str
    """As the service names what it scored with, bounded in length; may be empty."""


class SentimentService:
    """Scores texts elsewhere.

    async with connect(config) as http:
        answers = await SentimentService(config, http).analyze(["I love it", "It broke again"])
    """

    id: ClassVar[str] = "sentiment"
    label: ClassVar[str] = "The sentiment service"
    limits: ClassVar[Limits] = Limits(requests_per_minute=600, page_size=BATCH)

    def __init__(self, config: SentimentConfig, http: HttpClient) -> None:
        """Keep both; make no call."""
        self._url = f"{config.url}/analyze"
        key = config.api_key.get_secret_value()
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = http

    @classmethod
    def ready(cls, config: SentimentConfig) -> bool:
        """Return True when an address is set."""
        return bool(config.url)

    async def analyze(self, texts: Sequence[str]) -> list[SentimentAnswer]:
        """Return one answer for each text, in the same order; one request for every `BATCH` texts.

        Raises:
            ProviderError: As for every provider; `ContractChanged` when an answer is not one for each text, or holds
                a label or a number that cannot be.
        """
        answers: list[SentimentAnswer] = []
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            told, _ = await self._http.post_json(
                self._url, value={"texts": batch}, headers=self._headers, operation="analyze"
            )
            answers += parse(told, len(batch))
        return answers


def connect(config: SentimentConfig, *, guard: Guard | None = None, total_seconds: float = 20.0) -> HttpClient:
    """Return a client that may reach the address in `config` and keeps its key out of every error."""
    return HttpClient(
        SentimentService.id,
        label=SentimentService.label,
        user_agent="asterism/0.1",
        guard=guard,
        base_urls=[config.url],
        secrets=[config.api_key.get_secret_value()],
        total_seconds=total_seconds,
        max_bytes=MAX_BYTES,
    )


def parse(told: JsonValue, wanted: int) -> list[SentimentAnswer]:
    """Map one answer to `wanted` results: pure, no network. Raises `ContractChanged`."""
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list):
        raise _changed("without results")
    if len(results) != wanted:
        raise _changed(f"with {len(results):,} results for {wanted:,} texts")
    named = told.get("engine")
    engine = "".join(sign for sign in named if sign.isprintable())[:LONGEST_ENGINE] if isinstance(named, str) else ""
    return [_answer(result, engine) for result in results]


def _answer(result: JsonValue, engine: str) -> SentimentAnswer:
    if not isinstance(result, dict):
        raise _changed("with a result in another shape")
    label = result.get("label")
    if label == UNSCORED:
        return SentimentAnswer(UNSCORED, 0.0, 0.0, engine)
    if label not in LABELS:
        raise _changed("with a label other than negative, neutral and positive")
    score, confidence = _number(result.get("score"), -1.0), _number(result.get("confidence"), 0.0)
    return SentimentAnswer(str(label), score, confidence, engine)


def _number(value: JsonValue, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _changed("without a number for score and confidence")
    if not math.isfinite(value) or not least <= value <= 1:
        raise _changed("with a score or a confidence out of its range")
    return float(value)


def _changed(what: str) -> ContractChanged:
    return ContractChanged(f"{SentimentService.label} answered {what}.", provider=SentimentService.id, status=200)
