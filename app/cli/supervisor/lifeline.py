"""Children that end when their parent does, even when it was killed with -9.

Linux sends a chosen signal to a child when its parent dies (`man 2 PR_SET_PDEATHSIG`); elsewhere this does nothing, and
the next start ends what was left (`app.cli.supervisor.folder`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From `linux/prctl.h`."""

MARK = "ASTERISM_SUPERVISED"
"""Environment variable that every supervised process carries: the data folder it works for."""


def tie_to_parent(parent: int, sign: signal.Signals = signal.SIGKILL) -> None:
    """Ask to be sent `sign` when the parent ends. Call it in a fresh child.

    Args:
        parent: Process id of the parent; when it is gone already, the sign is sent at once.
        sign: What to be ended with.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), sign)


def tie_own_children() -> None:
    """Make every process that this one forks from now on end with it; nothing for a program run by hand.

    A worker forks its pool: without this a kill -9 of the worker would leave the pool behind.
    """
    if sys.platform != "linux" or MARK not in os.environ:
        return
    forking = {"pid": os.getpid()}
    os.register_at_fork(
        before=lambda: forking.update(pid=os.getpid()),
        after_in_child=lambda: tie_to_parent(forking["pid"]),
    )


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
