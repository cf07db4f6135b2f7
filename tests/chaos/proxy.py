"""A line that can be cut, frozen, delayed or made deaf on one side: TCP in front, any server behind.

client ──▶ Proxy (127.0.0.1:port) ──▶ server (unix socket or TCP)
"""

from __future__ import annotations

import asyncio
import threading
from enum import StrEnum
from pathlib import Path
from typing import Self


class Line(StrEnum):
    """What becomes of bytes."""

    OPEN = "open"
    FROZEN = "frozen"
    """Nothing passes, nothing is closed: a server that stopped, a firewall that drops."""
    DEAF = "deaf"
    """What clients say arrives, what the server answers does not: a half-open connection."""
    CUT = "cut"
    """Connections are closed, and new ones at once."""


class Proxy:
    """Runs in a thread of its own. Use as a context manager."""

    def __init__(self, target: Path | tuple[str, int]) -> None:
        self._target = target
        self._line = Line.OPEN
        self._delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.connections = 0
        """Accepted so far."""

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def set(self, line: Line, *, delay: float = 0.0) -> None:
        """Change the line for all connections, present and new; `delay` seconds are added each way."""

        async def change() -> None:
            self._line, self._delay = line, delay
            self._changed.set()
            self._changed = asyncio.Event()
            if line is Line.CUT:
                for writer in self._writers:
                    writer.transport.abort()

        asyncio.run_coroutine_threadsafe(change(), self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        ends = [writer]
        self._writers.add(writer)
        try:
            if self._line is Line.CUT:
                return
            await self._passing(to_client=False)
            if isinstance(self._target, Path):
                behind, to_server = await asyncio.open_unix_connection(self._target)
            else:
                behind, to_server = await asyncio.open_connection(*self._target)
            ends.append(to_server)
            self._writers.add(to_server)
            pumps = [
                asyncio.ensure_future(self._pump(reader, to_server, to_client=False)),
                asyncio.ensure_future(self._pump(behind, writer, to_client=True)),
            ]
            _, pending = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pending:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # there is nobody behind: the client sees its connection end
        finally:
            for end in ends:
                self._writers.discard(end)
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        while data := await reader.read(65_536):
            await self._passing(to_client=to_client)
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(data)
            await writer.drain()

    async def _passing(self, *, to_client: bool) -> None:
        while self._line is Line.FROZEN or (to_client and self._line is Line.DEAF):
            await self._changed.wait()
