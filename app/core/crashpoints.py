"""Named places where a test lets a process die, as a power cut would. Nothing happens unless a setting names them.

    ASTERISM_CRASHPOINT=collect.committed          the first process that comes by kills itself
    ASTERISM_CRASHPOINT=collect.answered:3,…       the first three do

Who has died is kept as files in the data folder (`crashpoints/`), since the dead remember nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

SETTING = "ASTERISM_CRASHPOINT"

CRASHPOINTS: Mapping[str, str] = {
    "job.claimed": "a worker has taken a job and done nothing of it",
    "collect.reserved": "the price of a call is held back, the call not made",
    "collect.answered": "the provider has answered, nothing of it is stored",
    "collect.committed": "a page and its cursor are stored",
    "model.reserved": "the price of a prompt is held back, the model not asked",
    "model.answered": "a model has answered, nothing of it is stored",
    "model.kept": "an answer and its price are stored, the cursor is not",
    "answer.reserved": "the price of an answer is held back, the model not asked",
    "answer.answered": "a model has answered a question, nothing of it is stored",
    "ledger.settling": "a call was made, its line in the ledger is being written",
    "work.committing": "rows, cursor and cost are written, not committed",
    "finish.committing": "a job is closed and what follows is planned, not committed",
    "finish.committed": "a job is closed",
    "database.committed": "a change is committed, broker and bus have not heard of it",
    "wake.sending": "a message to the broker is about to leave",
    "wake.sent": "the broker has it",
    "bus.publishing": "news to the pages is about to leave",
    "heartbeat.extending": "a lease is being extended",
    "sweep.reclaiming": "a dead worker's job is put back, not committed",
    "sweep.reclaimed": "a dead worker's job is put back",
    "sweep.resent": "lost messages of one analysis were sent again",
    "schedule.starting": "what was due has its next time, its action has not run",
    "scheduler.round": "a round of the scheduler begins",
}
"""Each name and what has just happened there."""


def crashpoint(name: str) -> None:
    """Die here by SIGKILL when a test has asked for it. Otherwise one look into a dict that is empty.

    Args:
        name: One of `CRASHPOINTS`.
    """
    if name in _armed:
        _die(name)


def armed(text: str) -> dict[str, int]:
    """Return how often each named point strikes.

    Raises:
        ValueError: There is no such point.
    """
    found = {}
    for part in filter(None, text.split(",")):
        name, _, times = part.strip().partition(":")
        if name not in CRASHPOINTS:
            raise ValueError(f"{SETTING} names {name!r}; the points are {', '.join(CRASHPOINTS)}.")
        found[name] = int(times or 1)
    return found


def _die(name: str) -> None:
    folder = Path(os.environ.get("ASTERISM_DATA_DIR", ".asterism")) / "crashpoints"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_armed[name]):
        try:
            (folder / f"{name}.{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)
    del _armed[name]


_armed = armed(os.environ.get(SETTING, ""))
