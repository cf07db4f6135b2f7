"""The data folder: writable, ours alone, and free of what an earlier kill -9 left running."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from app.cli.supervisor.lifeline import MARK
from app.core.errors import Conflict, SettingsError

LOCK_FILE = "asterism.lock"
GRACE_SECONDS = 2.0
"""What a leftover gets to close its files before it is killed."""


def prepare(folder: Path) -> None:
    """Make the data folder and its sub-folders, private to this user, and try that they can be written.

    Raises:
        SettingsError: They cannot; the message says why.
    """
    try:
        for part in (folder, folder / "run", folder / "logs"):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.chmod(0o700)  # one that was there before may be open to all: it holds everything that was collected
            probe = part / f".writable.{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"The data folder {folder} cannot be written ({error.strerror}): make it writable, or name another with "
            f"ASTERISM_DATA_DIR."
        ) from error


@contextlib.contextmanager
def only_one(folder: Path, public_url: str) -> Iterator[None]:
    """Hold the data folder while the block runs; the lock ends with this process, however that ends.

    Args:
        folder: A prepared data folder.
        public_url: Kept in the lock file, for the sentence that a second start shows.

    Raises:
        Conflict: Another process holds it.
    """
    path = folder / "run" / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(_already_running(file.read(), folder)) from error
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": public_url}))
        file.flush()
        yield
        file.truncate(0)


def running_url(folder: Path) -> str | None:
    """Return the address of the program that works in this data folder now; None when none does."""
    try:
        with (folder / "run" / LOCK_FILE).open("r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _url(file.read())
    except OSError:
        return None
    return None


def end_leftovers(folder: Path) -> int:
    """End every process that an earlier supervisor of this folder left running; return how many there were.

    They carry the folder's name in their environment, which no other process does and no reused process id can fake.
    Call it only while holding the folder. Where `/proc` is missing nothing is found.
    """
    found = _leftovers(folder)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for process_id in _leftovers(folder):  # looked up anew: ids are reused
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, sign)
        deadline = time.monotonic() + GRACE_SECONDS
        while _leftovers(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not _leftovers(folder):
            break
    return len(found)


def _leftovers(folder: Path) -> list[int]:
    mark = f"{MARK}={folder}".encode()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or another user's
            if int(process.name) != os.getpid() and mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def _already_running(content: str, folder: Path) -> str:
    address = _url(content)
    if address is None:
        return f"Asterism is already running in {folder}."
    return f"Asterism is already running here: open {address} (for a fresh sign-in link: asterism link)."


def _url(content: str) -> str | None:
    try:
        address = json.loads(content)["url"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(address)
