"""How a job is run: claim, heartbeat, handler, and what each class of error leads to.

Retryable ─▶ again, later      RateLimited ─▶ again at its time, no attempt counted     NeedsReauth ─▶ set aside
Rejected, Gone ─▶ given up     ContractChanged ─▶ once more, then given up              anything else ─▶ a bug: again
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog
from sqlmodel import Session

from app.core import jobs
from app.core.crashpoints import crashpoint
from app.core.db import Database, database
from app.core.errors import AppError, CapReached
from app.core.ids import is_id
from app.core.settings import settings
from app.services import claims, taking
from app.services.claims import Claim, ClaimLost
from app.services.stages import plan
from app.services.stages.work import TurnOver, Work
from integrations.errors import ContractChanged, NeedsReauth, ProviderError, RateLimited, Rejected
from tasks.heartbeat import Heartbeat
from tasks.registry import handler
from tasks.who import worker_name

log = structlog.get_logger(__name__)

TRIES = 5
"""Claims that may be lost to other workers in a row before a message is left to the sweep."""
TOGETHER_SECONDS = 1.0
"""After this long a process gives back what it took together with others and has not begun."""
GIVE_BACK_SECONDS = 5.0
"""So long a process tries to do so when it has nothing else to do; then the leases end, and the sweep does it."""
AGAIN_SECONDS = 0.5
"""Between two of these tries."""
FIRST_DELAY_SECONDS = 2.0
LONGEST_DELAY_SECONDS = 600.0
LONGEST_RATE_WAIT_SECONDS = 3600.0
LONGEST_REFUSED_SECONDS = 3 * 86_400.0
"""A job that its provider has made wait for so long, without getting on, is given up; our own limits may hold it for
longer, and so may its owner."""


pool: taking.Slot | None = None
"""What the processes of this worker share, set before they fork; None where a job is run without a worker."""


def run_job(job_id: str) -> None:
    """Run the job whose turn it is, if any; what happens is in its row and its timeline. Never raises.

    Args:
        job_id: The job that woke us. It is not always the one that is taken: which goes first is decided here, when a
            slot is free, and not when the message was sent.
    """
    if not is_id(job_id):
        log.warning("job.no_id")
        return
    try:
        _run_next(job_id)
    except Exception:  # the database is away before or after the job: the sweep sends the message again
        log.exception("job.no_turn", job_id=job_id)


def _run_next(job_id: str) -> None:
    store = database()
    lease = settings().lease_seconds
    slot = replace(pool or taking.Slot(""), worker=worker_name())
    held = _take(store, slot, lease, job_id)
    if not held:
        log.debug("job.nothing_to_take", job_id=job_id)
        return
    crashpoint("job.claimed")
    _Turn(store, held, lease).run()
    _wake_next(store, slot)


class _Turn:
    """What a process took together: done one after another, and given back when the ones before take long."""

    def __init__(self, store: Database, held: Sequence[Claim], lease_seconds: float) -> None:
        self._store = store
        self._waiting = deque(held)  # its single steps are safe between this thread and that of the heartbeat
        self._lease = lease_seconds
        self._until = time.monotonic() + min(TOGETHER_SECONDS, lease_seconds / 3)

    def run(self) -> None:
        try:
            with Heartbeat(self._store, lease_seconds=self._lease, late=self._give_back_late) as heartbeat:
                self._work(heartbeat, self._waiting.popleft())
                while time.monotonic() < self._until and (held := self._next()) is not None:
                    self._work(heartbeat, held)
        finally:  # after the last beat: what that could not give back is among the waiting again
            until = time.monotonic() + GIVE_BACK_SECONDS
            while not self._give_back(until) and time.monotonic() < until:
                time.sleep(AGAIN_SECONDS)

    def _work(self, heartbeat: Heartbeat, held: Claim) -> None:
        with structlog.contextvars.bound_contextvars(job_id=held.job_id, analysis_id=held.analysis_id, kind=held.kind):
            work = Work(held, self._store)
            with heartbeat.of(work):
                _run(self._store, held, lambda: handler(held.kind)(work))

    def _next(self) -> Claim | None:
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def _give_back_late(self) -> None:
        """Give back in the heartbeat's thread, for no longer than the job that runs can do without a beat."""
        moment = time.monotonic()
        if moment >= self._until:
            self._give_back(moment + TOGETHER_SECONDS)

    def _give_back(self, until: float) -> bool:
        """Let others have what was taken together with a job that took long; return whether nothing is left."""
        while time.monotonic() < until and (held := self._next()) is not None:
            try:
                with self._store.write() as session:
                    claims.defer(session, held, seconds=0, why=None)
            except ClaimLost:
                log.info("job.lost", job_id=held.job_id)
            except Exception as error:  # noqa: BLE001 - the database is away: not given back, it would cost an attempt
                log.warning("job.not_given_back", job_id=held.job_id, error=str(error))
                self._waiting.appendleft(held)
                return False
        return not self._waiting


def _take(store: Database, slot: taking.Slot, lease_seconds: float, job_id: str) -> list[Claim]:
    """Claim what is next. Who loses it to another worker looks again: this message may be the only one for the next."""
    for _ in range(TRIES):
        with store.read() as session:  # many messages find their job done: they need not wait for the writers
            if not taking.next_offers(session, slot, named=job_id):
                return []
        with store.write() as session:
            held = taking.claim_next(session, slot, lease_seconds=lease_seconds, named=job_id)
        if held:
            return held
    return []


def _wake_next(store: Database, slot: taking.Slot) -> None:
    """Send a message for what may start now: its own may have come when there was no room for it."""
    with store.read() as session:
        following = taking.next_offers(session, slot)
    if following:
        jobs.send(jobs.Wakeup(following[0].job_id, jobs.QueueClass(following[0].queue)))


def delay_before(attempt: int) -> float:
    """Return the seconds to wait after failed attempt number `attempt`: doubling, with full jitter above half.

    Jitter as in https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("equal jitter").
    """
    longest = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** (attempt - 1))
    return longest / 2 + random.uniform(0, longest / 2)  # noqa: S311 - spreading load needs no secret


def _run(store: Database, held: Claim, call: Callable[[], None]) -> None:
    try:
        outcome = _attempt(held, call)
        if outcome is not None:
            with store.write() as session:
                outcome(session)
    except ClaimLost:
        log.info("job.lost", job_id=held.job_id)
    except Exception:  # the database is away: the lease ends, and the sweep gives the job to another
        log.exception("job.no_outcome", job_id=held.job_id)


def _attempt(held: Claim, call: Callable[[], None]) -> Callable[..., None] | None:
    """Run the handler; return what has to be written about how it ended, None when it wrote that itself."""
    try:
        call()
    except ClaimLost:
        raise
    except TurnOver:
        return lambda session: claims.defer(session, held, seconds=0, why=None)
    except (ProviderError, AppError) as error:
        return _after_refusal(held, error)
    except Exception as error:
        log.exception("job.bug")
        message = f"An error of ours stopped this step ({type(error).__name__})."
        return _failing(held, "bug", message, most=held.max_attempts)
    log.info("job.succeeded")
    return None


def _after_refusal(held: Claim, error: ProviderError | AppError) -> Callable[..., None]:
    message = error.message
    if isinstance(error, RateLimited):
        return _waiting(held, error)
    if isinstance(error, NeedsReauth):
        return lambda session: claims.park(session, held, message=message)
    kind = error.kind if isinstance(error, ProviderError) else error.code
    if isinstance(error, Rejected | CapReached):
        return _giving_up(held, kind, message)
    return _failing(held, kind, message, most=2 if isinstance(error, ContractChanged) else held.max_attempts)


def _waiting(held: Claim, error: RateLimited) -> Callable[..., None]:
    def write(session: Session) -> None:
        if not error.own_limit and claims.waited(session, held).refused >= LONGEST_REFUSED_SECONDS:
            message = f"{error.message} It has been so for days, so it is not tried again."
            _giving_up(held, error.kind, message)(session)
            return
        seconds = min(error.retry_after, LONGEST_RATE_WAIT_SECONDS)
        claims.defer(session, held, seconds=seconds, why=error.message, own_limit=error.own_limit)

    return write


def _failing(held: Claim, kind: str, message: str, *, most: int) -> Callable[..., None]:
    def write(session: Session) -> None:
        attempts = claims.attempts_so_far(session, held)
        if attempts >= most:
            _giving_up(held, kind, message)(session)
            return
        log.warning("job.failed", error=kind, reason=message, attempt=attempts)
        claims.fail(session, held, kind=kind, message=message, delay_seconds=delay_before(attempts))

    return write


def _giving_up(held: Claim, kind: str, message: str) -> Callable[..., None]:
    def write(session: Session) -> None:
        log.error("job.dead", error=kind, reason=message)
        plan.advance(session, claims.give_up(session, held, kind=kind, message=message))

    return write
