"""The frame of every page of one analysis: its question, where it stands, and how it is steered."""

from __future__ import annotations

import reflex as rx

from components import marks, progress
from components.connection import connection_mark
from components.frame import frame
from state.analysis import AnalysisState


def analysis_frame(*children: rx.Component, name: str) -> rx.Component:
    """Put a page of an analysis into the frame that all of them share. Its ON_LOAD includes `AnalysisState.watch`.

    Args:
        children: The content.
        name: Stands in the place of the question until that is read.
    """
    return frame(
        *children,
        title=rx.cond(AnalysisState.question == "", name, AnalysisState.question),
        here="analyses",
        beside=(
            rx.cond(AnalysisState.status != "", marks.analysis_status(AnalysisState.status)),
            rx.cond(AnalysisState.sample, marks.sample()),
        ),
        connection=connection_mark(AnalysisState.mode, AnalysisState.every_seconds),
        actions=progress.steering(),
    )
