"""Which function runs which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from app.models import Stage
from app.services.stages.work import Work

ERRANDS = ("answer",)
"""Kinds of jobs that belong to no stage; they may come after the analysis's end."""

_MODULES: dict[str, str] = {
    kind: f"app.services.stages.{kind}" for kind in (*(stage.value for stage in Stage), *ERRANDS)
}
"""Loaded on first use: a child that only collects never pays for what scoring imports."""


def handler(kind: str) -> Callable[[Work], None]:
    """Return the handler of a kind of job.

    Raises:
        LookupError: This version of the program does not know the kind.
    """
    if kind not in _MODULES:
        raise LookupError(f"no handler for jobs of kind {kind!r}")
    run: Callable[[Work], None] = import_module(_MODULES[kind]).run
    return run
