"""Asks a model one prompt at a time, so that no crash pays twice and no race passes the cap.

answer known? ──yes──▶ it            hash of the prompt, in this workspace
     │ no
choice needed? ─yes──▶ AwaitsChoice  the analysis waits for its owner; nothing was reserved
     │ no
reserve the worst case ─commit─▶ call, outside any transaction ─▶ settle and keep the answer, in one transaction
                                      └ no answer: what is known to have been taken, or else the worst case
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.core.clock import now
from app.core.crashpoints import crashpoint
from app.models import Analysis, ModelAnswer
from app.services import choices, claims, ledger
from app.services.contract import ChoiceOption
from app.services.engines import ModelEngine
from app.services.guard import RateGuard
from app.services.ownership import lock_analysis
from app.services.pipeline.model_answers import storable
from app.services.pipeline.model_prompts import VERSION, Asked
from app.services.stages.work import Work, cursor_of
from integrations.contracts import JsonValue
from integrations.errors import ContractChanged, Gone, NeedsReauth, ProviderError, RateLimited, Rejected
from integrations.language_model import Answer, UnusableAnswer

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 900.0
"""A job that its endpoint has made wait for so long, without getting on, goes on without it."""
LONGEST_IN_LINE_SECONDS = 3600.0
"""A job that the limit which we keep has made wait for so long since its last answer goes on without the model."""
MOST_REFUSED = 2
"""Prompts that may be left without an answer that we can use before the endpoint counts as of no use."""
_TOO_LONG_IN_LINE = "{} is asked only so often in a minute, and for an hour others were before this analysis."


class AwaitsChoice(Exception):
    """The owner of the analysis decides how it goes on; its jobs are paused."""


class NoMoreCalls(Exception):
    """The model is not asked any more: its owner chose so, or it cannot be used."""


class Desk:
    """Where the prompts of one job are asked."""

    def __init__(self, work: Work, engine: ModelEngine) -> None:
        """Go on from the job's cursor."""
        self._work = work
        self._engine = engine
        self._ordinal = 0
        self.cursor: dict[str, Any] = cursor_of(work.held)
        self.unusable: str = self.cursor.get("unusable", "")
        """Why the model is not asked any more, as a sentence; empty while it is."""

    def known(self, asked: Asked) -> JsonValue | None:
        """Return the answer that was paid for before; None when there is none."""
        with self._work.read() as session:
            row = session.get(ModelAnswer, self._key(asked))
            return None if row is None else row.value

    def refused(self, asked: Asked) -> bool:
        """Return whether this prompt got no answer that we can use."""
        return asked.sha256 in self.cursor.get("refused", [])

    def ask(self, asked: Asked, options: Callable[[Analysis, int], Sequence[ChoiceOption]]) -> JsonValue | None:
        """Return the answer to a prompt; None when this prompt gets none.

        Args:
            asked: The prompt.
            options: What its owner can choose from, given the analysis and what the next call could cost.

        Raises:
            AwaitsChoice: The call would pass the threshold or the cap.
            NoMoreCalls: Its owner chose to stop, or the model cannot be used.
            ProviderError: The call failed, and may be tried again later.
        """
        found = self.known(asked)
        if found is not None:
            self.remember(asked)
        if found is not None or self.refused(asked):
            return found
        if self.unusable:
            raise NoMoreCalls
        reservations = self._reserve(asked, options)
        crashpoint("model.reserved")
        try:
            answer = asyncio.run(self._call(asked))
        except ProviderError as error:
            self._settle_failure(reservations, error)
            self._after(asked, error)
            return None
        crashpoint("model.answered")
        value = storable(answer.value)
        self._keep(asked, answer, value, reservations)
        return value

    def note(self, **values: object) -> None:
        """Remember something with the job."""
        with self._work.commit(cursor=self.cursor | values):
            pass
        self.cursor |= values

    def give_up(self, why: str) -> None:
        """Ask the model nothing more in this job."""
        self.unusable = why
        self.note(unusable=why)

    def remember(self, asked: Asked) -> None:
        """Keep with the job that it has this answer, so that what was not bought again can be told."""
        kept = self.cursor.get("kept", [])
        if asked.sha256 not in kept:
            self.note(kept=[*kept, asked.sha256])

    def _reserve(self, asked: Asked, options: Callable[[Analysis, int], Sequence[ChoiceOption]]) -> dict[str, str]:
        worst = self._engine.worst_micros(asked.prompt)
        with self._work.commit() as (session, analysis):
            if choices.mode(analysis) == choices.Choice.STOP:
                raise NoMoreCalls
            waits = worst > 0 and analysis.spent_micros + analysis.reserved_micros + worst > choices.limit(analysis)
            if waits:
                choices.ask(session, self._work.held, analysis, next_micros=worst, options=options(analysis, worst))
            held = {} if waits else self._hold_back(session, asked)
        if waits:
            raise AwaitsChoice
        return held

    def _hold_back(self, session: Session, asked: Asked) -> dict[str, str]:
        held = {}
        for unit, quantity in self._engine.worst(asked.prompt).items():
            held[unit] = ledger.reserve(
                session,
                self._work.held,
                ordinal=self._ordinal,
                step="synthesise",
                provider=self._engine.setup.id,
                unit=unit,
                worst=quantity,
                listed=self._engine.prices[unit],
            )
            self._ordinal += 1
        return held

    async def _call(self, asked: Asked) -> Answer:
        setup = self._engine.setup
        guard = RateGuard(setup.id, setup.label, setup.model.limits, setup.config)
        async with setup.model(setup.config, guard=guard) as model:
            return await model.answer(asked.prompt)

    def _keep(self, asked: Asked, answer: Answer, value: Mapping[str, JsonValue], held: Mapping[str, str]) -> None:
        # What was paid for is written down even when the job was paused or taken away meanwhile: no claim is needed.
        with self._work.database.write() as session:
            lock_analysis(session, self._work.held.analysis_id)
            self._close(session, held, answer.usage)
            workspace, model, version, digest = self._key(asked)
            insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
            session.connection().execute(
                insert(ModelAnswer)
                .values(
                    workspace_id=workspace,
                    model=model,
                    prompt_version=version,
                    sha256=digest,
                    name=asked.prompt.name,
                    value=dict(value),
                    usage=dict(answer.usage),
                    reported=answer.reported,
                    created_at=now(),
                )
                .on_conflict_do_nothing()
            )
        crashpoint("model.kept")
        self.remember(asked)

    def _settle_failure(self, held: Mapping[str, str], error: ProviderError) -> None:
        """Write down what a failed call took: what it says, nothing when it was refused, else the worst case."""
        with self._work.database.write() as session:
            lock_analysis(session, self._work.held.analysis_id)
            if isinstance(error, UnusableAnswer):
                self._close(session, held, error.usage)
            elif error.refused:
                self._close(session, held, {})
            else:
                for reservation in held.values():
                    ledger.forfeit(session, self._work.held, reservation)

    def _close(self, session: Session, held: Mapping[str, str], usage: Mapping[str, int]) -> None:
        for unit, reservation in held.items():
            ledger.settle(session, self._work.held, reservation, quantity=max(0, int(usage.get(unit, 0))))

    def _after(self, asked: Asked, error: ProviderError) -> None:
        """Decide by the class of an error: try again later, leave this prompt, or leave the model.

        Raises:
            NoMoreCalls: The model cannot be used.
            ProviderError: The same, to be tried again later.
        """
        log.warning("model.failed", error=error.kind, reason=error.message, prompt=asked.prompt.name)
        if isinstance(error, RateLimited):
            if error.own_limit:
                if self._waited().in_line < LONGEST_IN_LINE_SECONDS:
                    raise error
                self.give_up(_TOO_LONG_IN_LINE.format(self._engine.setup.label))
                raise NoMoreCalls from error
            if self._waited().refused < LONGEST_WAIT_SECONDS:
                raise error
        elif isinstance(error, NeedsReauth | Gone):
            pass
        elif isinstance(error, ContractChanged | Rejected):
            if isinstance(error, ContractChanged) and self._attempts() < 2:
                raise error
            refused = [*self.cursor.get("refused", []), asked.sha256]
            if len(refused) < MOST_REFUSED and error.status not in {402, 403}:
                self.note(refused=refused)
                return
        elif self._attempts() < self._work.held.max_attempts:
            raise error
        self.give_up(error.message)
        raise NoMoreCalls from error

    def _attempts(self) -> int:
        with self._work.read() as session:
            return claims.attempts_so_far(session, self._work.held)

    def _waited(self) -> claims.Waited:
        with self._work.read() as session:
            return claims.waited(session, self._work.held)

    def _key(self, asked: Asked) -> tuple[str, str, str, str]:
        return (self._work.held.workspace_id, self._engine.key, VERSION, asked.sha256)
