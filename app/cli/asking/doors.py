"""Which place a command works at, and how it gets there.

--url            ─▶ there, by REST with the given key
stack running    ─▶ here; by REST with a key of the moment when only the stack knows where its sandbox is
workers elsewhere ─▶ here
nothing running  ─▶ here, with a stack of our own for as long as it takes
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from app.cli.asking.here import Here, local_owner
from app.cli.asking.place import Place
from app.cli.asking.there import There
from app.cli.supervisor.child import Child, Part
from app.cli.supervisor.folder import running_url
from app.cli.supervisor.loop import Stopped
from app.cli.supervisor.stack import running_stack
from app.core import bus, edge, logging
from app.core.db import database
from app.core.errors import InvalidInput, Unavailable
from app.core.settings import settings
from app.models import Role
from app.services import keys, queue
from app.services.providers import source_setups

T = TypeVar("T")
Work = Callable[[Place], Awaitable[T]]
Say = Callable[[str], None]

KEY_NAME = "asterism on the command line"
LONGEST_SECONDS = 7 * 24 * 3600.0
"""For which a stack of our own is kept."""
SETTLE_SECONDS = 2.0


def at(url: str | None, key: str | None, work: Work[T]) -> T:
    """Do something that needs no worker: there when an address is given, else here."""
    logging.configure_beside_words()
    if url is not None:
        return asyncio.run(_there(url, key, work))
    return asyncio.run(_here(work))


def at_best(url: str | None, key: str | None, work: Work[T]) -> T:
    """Do something that workers make better, and that can be done without: there, through a running stack, or here.

    Raises:
        AppError: What `work` raises.
    """
    logging.configure_beside_words()
    if url is not None:
        return asyncio.run(_there(url, key, work))
    address = running_url(settings().folder())
    if address is not None and _only_the_stack_knows_its_sandbox():
        return asyncio.run(_through_the_door(address, work))
    return asyncio.run(_here(work))


def at_a_running(url: str | None, key: str | None, work: Work[T], say: Say, *, start: bool) -> T:
    """Do something that needs workers, with a stack of our own when none runs.

    Args:
        url: Address of another Asterism; None for this machine's.
        key: API key for that address.
        work: What to do.
        say: Shows a person one line.
        start: Whether a stack may be started for as long as `work` takes.

    Raises:
        AppError: What `work` raises, or why the stack does not start.
        KeyboardInterrupt: A person stopped it.
    """
    logging.configure_beside_words()
    if url is not None:
        return asyncio.run(_there(url, key, work))
    address = running_url(settings().folder())
    if address is not None and _only_the_stack_knows_its_sandbox():
        return asyncio.run(_through_the_door(address, work))
    if address is not None or _workers_elsewhere():
        return asyncio.run(_here(work))
    if not start:
        raise InvalidInput(
            "No Asterism runs in this data folder, so nothing would do the work: start `asterism run`, or wait for the "
            "result with --wait.",
            field="wait",
        )
    return _with_own_stack(work, say)


def _only_the_stack_knows_its_sandbox() -> bool:
    return settings().sandbox_url is None and any(found.sample for found in source_setups())


def _workers_elsewhere() -> bool:
    """Return whether workers on other hosts share this database; an embedded one has none without its stack."""
    config = settings()
    if config.is_embedded or config.database_url is None:
        return False
    try:
        with database().read() as session:
            return queue.workers(session)[1] > 0
    except SQLAlchemyError:  # never set up, or away: starting a stack of our own says what is wrong
        return False


async def _there(url: str, key: str | None, work: Work[T]) -> T:
    if not key:
        raise InvalidInput(
            "--url needs an API key: make one there with `asterism keys create NAME`, and give it with --key or "
            "ASTERISM_KEY.",
            field="key",
        )
    async with There(url, key) as place:
        return await work(place)


async def _here(work: Work[T]) -> T:
    try:
        return await work(Here(await local_owner()))
    finally:
        await asyncio.to_thread(bus.courier().settle, SETTLE_SECONDS)


async def _through_the_door(address: str, work: Work[T]) -> T:
    owner = await local_owner()
    made = await edge.write(keys.create, owner, KEY_NAME, role=Role.EDITOR)
    try:
        async with There(address, made.secret) as place:
            if not await place.answers():
                raise Unavailable(
                    f"Asterism works in this data folder, but {address} does not answer: it is starting, or another "
                    "`asterism analyse` runs; try again when that has ended."
                )
            return await work(place)
    finally:
        await edge.write(keys.revoke, owner, made.id)


def _with_own_stack(work: Work[T], say: Say) -> T:
    config = settings()
    try:
        with running_stack(config, say, web=None) as running:
            os.environ.update(running.environment)  # where the sandbox is
            settings.cache_clear()
            errand = _Errand(lambda: _here(work))
            errand.start()
            try:
                # Not a part of the stack, but waited for like one: meanwhile the supervisor looks after the parts.
                nobody = Child(Part("analysis", []), config.folder(), say)
                running.supervisor.wait(errand.over, seconds=LONGEST_SECONDS, child=nobody)
            finally:
                errand.stop()
    except Stopped:
        raise KeyboardInterrupt from None
    return errand.result()


class _Errand(threading.Thread, Generic[T]):
    """Async work in a thread of its own: the main thread belongs to the supervisor and its signals."""

    def __init__(self, main: Callable[[], Awaitable[T]]) -> None:
        super().__init__(name="errand", daemon=True)
        self._main = main
        self._values: list[T] = []
        self._error: BaseException | None = None
        self._ready = threading.Event()

    def run(self) -> None:
        """Do the work and keep what comes of it."""
        try:
            self._values.append(asyncio.run(self._as_task()))
        except BaseException as error:  # noqa: BLE001 - raised again by result()
            self._error = error
        finally:
            self._ready.set()

    def over(self) -> bool:
        """Return whether it has ended."""
        return not self.is_alive()

    def stop(self) -> None:
        """Cancel what still runs, and wait for its end."""
        self._ready.wait()
        if self.is_alive():
            with contextlib.suppress(RuntimeError):  # it ended meanwhile
                self._loop.call_soon_threadsafe(self._task.cancel)
        self.join()

    def result(self) -> T:
        """Return what came of it, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._values[0]

    async def _as_task(self) -> T:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._main())
        self._ready.set()
        return await self._task
