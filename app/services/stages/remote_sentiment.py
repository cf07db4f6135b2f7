"""Lets a sentiment service of one's own judge the items; when it is down, the caller goes on with the local model.

known texts ──▶ no call        others ──▶ a hundred a call, outside of transactions ──▶ kept with the items' rows

Retryable ─▶ again, twice      our own or its rate limit ─▶ sat out, or the job comes again      anything else ─▶ local
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog
from sqlmodel import Session

from app.core.clock import now, rfc3339
from app.core.errors import SettingsError
from app.models import Analysis
from app.services import claims, ledger, timeline
from app.services.guard import RateGuard
from app.services.pipeline.language import UNDETERMINED
from app.services.pipeline.records import Record, Sentiment
from app.services.pipeline.score import Said, readable
from app.services.providers import sentiment_setup
from app.services.scores import Judgement, Scorer, keep, kept
from app.services.stages.work import Work
from integrations.errors import ProviderError, RateLimited, Retryable, Unreachable
from integrations.sentiment.http import BATCH, UNSCORED, SentimentAnswer, SentimentConfig, SentimentService, connect

log = structlog.get_logger(__name__)

FEATURE = "sentiment_service"
INSTEAD = "local model"
SENT = 1_500
"""Characters of a text that are sent: a hundred such texts stay below the megabyte that servers commonly take."""
TRIES = 3
FIRST_DELAY_SECONDS = 0.5
CALL_SECONDS = 10.0
"""Longest wait for one answer."""
ALL_SECONDS = 45.0
"""Longest time for the texts of one commit, far below a job's lease times what the heartbeat allows."""
PATIENCE_SECONDS = 60.0
"""A service that wants a longer pause counts as down."""
LONGEST_IN_LINE_SECONDS = 3600.0
"""A job that the limit which we keep has made wait for so long since its last texts were judged goes on without it."""
_TOO_LONG_IN_LINE = (
    f"{SentimentService.label} is asked only so often in a minute, and for an hour others were before this analysis"
)
AWAY_SECONDS = 30.0
"""So long is a service that failed left alone by this process."""

_away: dict[str, float] = {}
"""Address → the moment (monotonic) from which it is asked again."""


class RemoteSentiment:
    """The service as one job uses it.

    remote = RemoteSentiment(work)
    said = remote.judge(records, hashes)            # outside of transactions
    with work.commit(…) as (session, analysis):
        …
        remote.write(session, analysis)             # what was found, what it took, and whether it was down
    """

    def __init__(self, work: Work) -> None:
        """Look at the settings; make no call."""
        self._work = work
        self._config, self._trouble = _configured()
        self._scorer = Scorer(FEATURE, f"{self._config.url} {SENT}")
        self._found: dict[str, Judgement] = {}
        self._reservation: str | None = None
        self._ordinal = 0
        self._requests = 0
        self._told = False

    @property
    def wanted(self) -> bool:
        """Whether this installation has a sentiment service."""
        return bool(self._config.url or self._trouble)

    def judge(self, records: Sequence[Record], hashes: Mapping[str, str]) -> dict[str, Said]:
        """Return by record id what the service says; what is missing is for the local model.

        Args:
            records: Cleaned items.
            hashes: By record id the hash of its words (`Item.content_sha256`).

        Raises:
            RateLimited: It has to be asked later.
            ClaimLost: The job is no longer ours.
        """
        if not self.wanted:
            return {}
        texts: dict[str, str] = {}
        for record in records:
            words = None if record.language in {None, UNDETERMINED} else readable(record)
            if words is not None:
                texts.setdefault(hashes[record.id], words[:SENT])
        with self._work.read() as session:
            known = kept(session, self._work.held.workspace_id, self._scorer, texts)
        self._found = {}
        missing = {sha256: text for sha256, text in texts.items() if sha256 not in known}
        if missing and not self._trouble and time.monotonic() < _away.get(self._config.url, 0.0):
            self._trouble = f"{SentimentService.label} did not answer a moment ago"
        if missing and not self._trouble:
            self._call(missing)
        judged = known | self._found
        return {record.id: _said(judged[sha256]) for record in records if (sha256 := hashes[record.id]) in judged}

    def write(self, session: Session, analysis: Analysis) -> None:
        """Store, with the rows that the judgements go to, what was found, what it took and whether it was down."""
        keep(session, analysis.workspace_id, self._scorer, self._found)
        self._settle(session)
        if self._trouble and not self._told:
            self._told = True
            if all(stamp.get("feature") != FEATURE for stamp in analysis.degraded):
                stamp = {"feature": FEATURE, "since": rfc3339(now()), "instead": INSTEAD}
                analysis.degraded = [*analysis.degraded, stamp]
                timeline.record(
                    session,
                    analysis,
                    "score.fallback",
                    f"{self._trouble.rstrip('.')}. The local model scores what it knows the language of.",
                )

    def _call(self, missing: Mapping[str, str]) -> None:
        calls = -(-len(missing) // BATCH)
        with self._work.commit() as (session, _):
            self._reservation = ledger.reserve(
                session,
                self._work.held,
                ordinal=self._ordinal,
                step="score",
                provider=SentimentService.id,
                unit="request",
                worst=calls * TRIES,
            )
        self._ordinal += 1
        try:
            asyncio.run(self._ask(missing))
        except RateLimited as error:
            if not (self._too_long_in_line() if error.own_limit else error.retry_after > PATIENCE_SECONDS):
                with self._work.commit() as (session, analysis):
                    keep(session, analysis.workspace_id, self._scorer, self._found)
                    self._settle(session)
                raise
            if error.own_limit:
                self._trouble = _TOO_LONG_IN_LINE  # of this job: others may find the line short
            else:
                self._give_up(error.message)
        except ProviderError as error:
            self._give_up(error.message)

    def _too_long_in_line(self) -> bool:
        with self._work.read() as session:
            return claims.waited(session, self._work.held).in_line >= LONGEST_IN_LINE_SECONDS

    def _give_up(self, why: str) -> None:
        log.warning("sentiment_service.down", reason=why)
        self._trouble = why
        _away[self._config.url] = time.monotonic() + AWAY_SECONDS

    async def _ask(self, missing: Mapping[str, str]) -> None:
        guard = RateGuard(SentimentService.id, SentimentService.label, SentimentService.limits, self._config)
        hashes = list(missing)
        async with connect(self._config, guard=guard, total_seconds=CALL_SECONDS) as http:
            service = SentimentService(self._config, http)
            try:
                async with asyncio.timeout(ALL_SECONDS):
                    for start in range(0, len(hashes), BATCH):
                        some = hashes[start : start + BATCH]
                        answers = await _patiently(service, [missing[sha256] for sha256 in some])
                        self._found |= {
                            sha256: Judgement(answer.label, answer.score, answer.confidence, answer.engine)
                            for sha256, answer in zip(some, answers, strict=True)
                        }
            except TimeoutError:
                raise Unreachable(
                    f"{SentimentService.label} took longer than {ALL_SECONDS:g} s.", provider=SentimentService.id
                ) from None
            finally:
                self._requests = http.requests

    def _settle(self, session: Session) -> None:
        if self._reservation is not None:
            ledger.settle(session, self._work.held, self._reservation, quantity=self._requests)
            self._reservation = None


async def _patiently(service: SentimentService, texts: Sequence[str]) -> list[SentimentAnswer]:
    """Ask again after an error that may pass. Raises the last one."""
    for attempt in range(1, TRIES):
        try:
            return await service.analyze(texts)
        except RateLimited:
            raise
        except Retryable:
            await asyncio.sleep(FIRST_DELAY_SECONDS * 2 ** (attempt - 1))
    return await service.analyze(texts)


def _configured() -> tuple[SentimentConfig, str]:
    """Return the settings, and why they cannot be used; both empty when there is no service."""
    try:
        return sentiment_setup().config, ""
    except SettingsError as error:
        return SentimentConfig(), str(error)


def _said(judgement: Judgement) -> Said:
    engine = f"{FEATURE}: {judgement.engine}" if judgement.engine else FEATURE
    if judgement.label == UNSCORED:
        return Said(None, None, engine)
    return Said(judgement.value, Sentiment(judgement.label), engine)
