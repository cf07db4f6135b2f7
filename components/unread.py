"""Says that the question changed nothing, where the local engine made the result, and what to do about it."""

from __future__ import annotations

import reflex as rx

from state.analysis import AnalysisState


def note() -> rx.Component:
    """Show the note."""
    return rx.el.p(
        rx.cond(
            AnalysisState.question_written,
            "The local engine does not read your question: this is what all the items say. ",
            "No question was written, and the local engine reads none: this is what all the items say. ",
        ),
        rx.link("Ask the items", href=AnalysisState.ask_href, underline="always"),
        ", narrow with keywords when you run it again, or set a model key (",
        rx.el.code("ASTERISM_OPENAI_API_KEY", class_name="command"),
        ") to have a question read.",
        class_name="quiet small unread",
    )
