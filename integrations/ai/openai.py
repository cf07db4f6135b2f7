"""OpenAI, and every server that speaks like it: Responses, or Chat Completions where only that is known.

Prompt ─▶ guard.admit ─▶ SDK ─▶ our transport (one origin, ≤ 2 MB) ─▶ envelope ─▶ text ─▶ JSON object ─▶ Answer
                      within one deadline, no retry                          usage, held against what can be true
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from integrations.ai import _openai_shapes as shapes
from integrations.ai._openai_request import OPENAI_URL, OpenAIConfig, chat_call, responses_call
from integrations.ai._openai_transport import AnswerTooLarge, CappedTransport, UnknownEncoding
from integrations.ai._openai_usage import usage_of
from integrations.contracts import AuthMethod, Guard, JsonValue, Limits, ProviderConfig
from integrations.errors import (
    ContractChanged,
    Gone,
    NeedsReauth,
    NotConnected,
    ProviderError,
    RateLimited,
    Rejected,
    Unreachable,
)
from integrations.http_answers import SAMPLE_LENGTH
from integrations.language_model import Answer, Prompt, UnusableAnswer
from integrations.network import AddressRefused, Resolver, resolve
from integrations.redaction import redact

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

MAX_BYTES = 2_000_000
"""Most bytes of one answer: a thousand times what a prompt of ours asks for."""

_RETRY_LATER = frozenset({408, 409, 425})
_NO_SUCH_ROUTE = frozenset({404, 405})

_chat_only: set[str] = set()
"""Addresses that do not know the newer interface, learnt by asking; for the life of this process."""

_completion_limit: set[str] = set()
"""Addresses that know the limit of output by its newer name only, learnt in the same way."""


class OpenAI:
    """A model behind one address."""

    id: ClassVar[str] = "openai"
    label: ClassVar[str] = "OpenAI"
    auth: ClassVar[AuthMethod] = AuthMethod.API_KEY
    limits: ClassVar[Limits] = Limits(requests_per_minute=500, page_size=1)
    """The least of the paid tiers: https://developers.openai.com/api/docs/guides/rate-limits"""
    Config: ClassVar[type[ProviderConfig]] = OpenAIConfig

    def __init__(
        self,
        config: ProviderConfig,
        *,
        guard: Guard | None = None,
        total_seconds: float = 60.0,
        max_bytes: int = MAX_BYTES,
        resolver: Resolver = resolve,
    ) -> None:
        """Keep the settings; make no call. See `LanguageModel`; `max_bytes` and `resolver` are for tests."""
        self._config = OpenAIConfig.model_validate(config, from_attributes=True)
        self._key = self._config.api_key.get_secret_value()
        self._name = self.label if self._config.at_openai else urlsplit(self._config.base_url).netloc
        self._guard = guard
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._resolver = resolver
        self._client: AsyncOpenAI | None = None

    def __repr__(self) -> str:
        return f"OpenAI({self._config.model!r} at {self._name!r})"

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True when there is a key, or an address of one's own, which may need none."""
        found = OpenAIConfig.model_validate(config, from_attributes=True)
        return bool(found.api_key.get_secret_value()) or found.base_url != OPENAI_URL

    async def __aenter__(self) -> Self:
        """Open the connections; loads the SDK on first use (0.4 s), beside the event loop."""
        sdk = await asyncio.to_thread(importlib.import_module, "openai")
        # At its level `debug` it writes what is asked and answered.
        logging.getLogger("openai").setLevel(logging.WARNING)
        transport = CappedTransport(
            self._config.base_url,
            user_agent="asterism/0.1",
            max_bytes=self._max_bytes,
            with_key=bool(self._key),
            resolver=self._resolver,
        )
        self._client = sdk.AsyncOpenAI(
            api_key=self._key or "none",
            base_url=self._config.base_url,
            max_retries=0,
            timeout=self._total_seconds,
            http_client=httpx.AsyncClient(
                transport=transport, timeout=self._total_seconds, follow_redirects=False, trust_env=False
            ),
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close them."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once. Raises `ProviderError`; see `LanguageModel.answer`.

        A server that does not know an interface or a name of a parameter says so before it does any work; it is asked
        again in its own way, and remembered.
        """
        started = time.monotonic()
        base = self._config.base_url
        for _ in range(3):
            chat = self._config.api == "chat" or (not self._config.api and base in _chat_only)
            try:
                return await self._guarded(prompt, started, chat=chat)
            except _AskDifferently as advice:
                (_chat_only if advice.chat else _completion_limit).add(base)
        raise ContractChanged(f"{self._name} knows neither of the ways that we can ask.", provider=self.id)

    async def _guarded(self, prompt: Prompt, started: float, *, chat: bool) -> Answer:
        if self._guard is not None:
            await self._guard.admit(self.id, prompt.name)
        sent = time.monotonic()
        try:
            answer = await self._attempt(prompt, started, chat=chat)
        except (ProviderError, _AskDifferently) as error:
            # To be told how to ask is an answer.
            failure = error if isinstance(error, ProviderError) else None
            if self._guard is not None:
                await self._guard.report(self.id, prompt.name, seconds=time.monotonic() - sent, error=failure)
            raise
        if self._guard is not None:
            await self._guard.report(self.id, prompt.name, seconds=time.monotonic() - sent, error=None)
        return answer

    async def _attempt(self, prompt: Prompt, started: float, *, chat: bool) -> Answer:
        """Make one call and read it; every failure becomes one of our errors.

        The library's errors are not chained: they hold the request, and with it the key.
        """
        if self._client is None:
            raise RuntimeError("Use the model as `async with …`.")
        cut_off = f"{self._name} broke off before its answer was complete; we try again later."
        late = f"{self._name} did not finish its answer within {self._total_seconds:g} seconds; we try again later."
        import openai  # noqa: PLC0415 - loaded by `__aenter__`

        try:
            async with asyncio.timeout(self._total_seconds - (time.monotonic() - started)):
                raw = await self._send(self._client, prompt, chat=chat)
        except TimeoutError:
            raise Unreachable(late, provider=self.id) from None
        except openai.APIStatusError as error:
            raise self._refusal(error.response, chat=chat) from None
        except AddressRefused as error:
            raise Rejected(f"The call was not made: {error}.", provider=self.id) from None
        except AnswerTooLarge:
            sentence = f"{self._name} answered with more than {self._max_bytes:,} bytes, so we stopped reading."
            raise Unreachable(sentence, provider=self.id) from None
        except UnknownEncoding:
            sentence = f"{self._name} answered in an encoding that we did not ask for."
            raise ContractChanged(sentence, provider=self.id) from None
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise NotConnected(f"{self._name} cannot be reached; we try again later.", provider=self.id) from None
        except httpcore.TimeoutException:
            raise Unreachable(late, provider=self.id) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError, openai.APIConnectionError):
            raise Unreachable(cut_off, provider=self.id) from None
        return self._read(prompt, raw, time.monotonic() - started)

    async def _send(self, client: AsyncOpenAI, prompt: Prompt, *, chat: bool) -> bytes:
        """Ask through the SDK and return the body as it came: its own models believe what they are given."""
        config = self._config
        if chat:
            newer = config.at_openai or config.base_url in _completion_limit
            call = chat_call(config, prompt, newer_limit=newer)
            return bytes((await client.chat.completions.with_raw_response.create(**call)).content)
        call = responses_call(config, prompt)
        return bytes((await client.responses.with_raw_response.create(**call)).content)

    def _read(self, prompt: Prompt, body: bytes, seconds: float) -> Answer:
        try:
            envelope = json.loads(body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            page = body.lstrip()[:1] == b"<"
            raise ContractChanged(
                f"{self._name} answered with {'a web page' if page else 'something'} where data was expected.",
                provider=self.id,
                status=200,
                sample=self._sample(body.decode("utf-8", "replace")),
            ) from None
        if failure := shapes.failure_of(envelope) if _has_failed(envelope) else None:
            raise self._failed(failure)
        said = shapes.said_in(envelope)
        if said is None:
            raise ContractChanged(
                f"{self._name} answered in a shape that we do not know.",
                provider=self.id,
                status=200,
                sample=self._sample(body.decode("utf-8", "replace")),
            )
        usage, reported = usage_of(prompt, said.usage, said.text)
        value, trouble = shapes.object_in(said.text) if not said.trouble else (None, said.trouble)
        if trouble:
            raise UnusableAnswer(
                f"{self._name} {trouble}.",
                provider=self.id,
                status=200,
                sample=self._sample(said.text),
                usage=usage,
                reported=reported,
            )
        return Answer(value, said.model or self._config.model, usage, reported, seconds)

    def _failed(self, failure: shapes.Failure) -> ProviderError:
        """Return the error for a call that was taken on and then given up."""
        if failure.lacks_credit:
            return self._no_credit(200)
        kind = Rejected if "invalid" in failure.code else Unreachable
        ending = "refuses the prompt" if kind is Rejected else "failed while it wrote its answer; we try again later"
        if "rate_limit" in failure.code:  # not `RateLimited`, whose tries are not counted: each of these may cost
            ending = "began and then stopped at its rate limit; we try again later"
        return kind(f"{self._name} {ending}.", provider=self.id, status=200, sample=self._sample(failure.message))

    def _refusal(self, response: httpx2.Response, *, chat: bool) -> Exception:
        """Return the error that a status means, or how to ask differently."""
        status = int(response.status_code)
        body = _decoded(response.content)
        failure = shapes.failure_of(body)
        if status in _NO_SUCH_ROUTE and not chat and not self._config.api and not failure.names_model:
            return _AskDifferently(chat=True)
        knows_newer = self._config.at_openai or self._config.base_url in _completion_limit
        if chat and status in {400, 422} and failure.wants_the_other_limit and not knows_newer:
            return _AskDifferently(chat=False)
        if status in {402, 403, 429} and failure.lacks_credit:
            return self._no_credit(status)
        if status == 429:
            headers = {name.lower(): value for name, value in response.headers.items()}
            wait = shapes.wait_of(headers, datetime.now(UTC))
            sentence = f"{self._name} asks us to wait {wait:.0f} seconds."
            return RateLimited(sentence, provider=self.id, retry_after=wait, status=status)
        kind, ending = self._meaning(status, failure)
        sample = self._sample(response.content[: SAMPLE_LENGTH * 4].decode("utf-8", "replace"))
        return kind(f"{self._name} {ending}", provider=self.id, status=status, sample=sample)

    def _meaning(self, status: int, failure: shapes.Failure) -> tuple[type[ProviderError], str]:
        if status >= 500 or status in _RETRY_LATER:
            return Unreachable, f"answers with an error ({status}); we try again later."
        if status == 401:
            return NeedsReauth, "does not accept the key (401); check it in the settings."
        if status in _NO_SUCH_ROUTE:
            return Gone, f"has no model {self._config.model!r} at this address ({status}); check both in the settings."
        if status in {402, 403}:
            return Rejected, f"does not let this key use the model {self._config.model!r} ({status})."
        if status >= 400:
            why = "the prompt is longer than the model reads" if failure.too_long else f"{status}"
            return Rejected, f"refuses the request ({why})."
        return Rejected, f"redirects to another address ({status}), which we do not follow."

    def _no_credit(self, status: int) -> ProviderError:
        sentence = f"{self._name} has no credit left for this key; add some there, or choose the local engine."
        return Rejected(sentence, provider=self.id, status=status)

    def _sample(self, text: str) -> str:
        text = text[: SAMPLE_LENGTH * 4]
        return redact(text.replace(self._key, "…") if self._key else text)[:SAMPLE_LENGTH]


class _AskDifferently(Exception):
    """The server does not know the interface, or the name of a parameter; nothing was done."""

    def __init__(self, *, chat: bool) -> None:
        super().__init__()
        self.chat = chat
        """True for the older interface, False for the newer name of the limit of output."""


def _has_failed(envelope: JsonValue) -> bool:
    if not isinstance(envelope, dict) or not isinstance(envelope.get("error"), dict | str):
        return False
    return envelope.get("status") == "failed" or not {"output", "choices"} & envelope.keys()


def _decoded(body: bytes) -> JsonValue:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
