"""Operations: queues, workers and jobs of the whole installation."""

from __future__ import annotations

import reflex as rx

from components import operations
from components.connection import connection_mark
from components.frame import frame
from state.frame import Frame
from state.operations import OperationsState
from state.operations_holds import HoldState
from state.operations_opened import OpenedJob
from state.operations_providers import ProvidersState

ROUTE = "/operations"
TITLE = "Operations · Asterism"
ON_LOAD = [Frame.load, HoldState.enter, OperationsState.watch, ProvidersState.watch, OpenedJob.follow]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        operations.panel(),
        title="Operations",
        here="operations",
        connection=connection_mark(OperationsState.mode, OperationsState.every_seconds),
    )
