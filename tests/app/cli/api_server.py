"""The API over real HTTP, in a thread beside the command that is tested."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

from granian.constants import Interfaces
from granian.server.embed import Server

from app.api import build_site


@contextlib.contextmanager
def api_server() -> Iterator[str]:
    """Serve on a free port of loopback; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    ready = threading.Event()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        asked = asyncio.Event()
        stop.append((asyncio.get_running_loop(), asked))
        server = Server(build_site(), address="127.0.0.1", port=port, interface=Interfaces.ASGINL)
        serving = asyncio.create_task(server.serve())
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.01)
        ready.set()
        await asked.wait()
        server.stop()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(20)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop, asked = stop[0]
        loop.call_soon_threadsafe(asked.set)
        thread.join(20)
