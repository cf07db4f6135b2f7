"""A draft that asks an earlier analysis again: its form filled with what that one asked."""

from __future__ import annotations

from dataclasses import dataclass

from app.core import clock, edge
from app.core.money import MICROS_PER_DOLLAR
from app.services import rerun
from app.services.access import Actor
from app.services.contract import AnalysisRequest
from app.services.rerun import RerunView
from state.new_form import THRESHOLDS, Draft, Range

NOW, SAME = "again-now", "again-same"


@dataclass(frozen=True)
class RangeChoice:
    """A time range of the analysis that is asked again."""

    value: str
    label: str


@dataclass(frozen=True)
class RerunDraft:
    """What an earlier analysis asked, as a draft."""

    draft: Draft
    request: AnalysisRequest
    choices: list[RangeChoice]
    notes: list[str]

    @property
    def ranges(self) -> dict[str, Range]:
        """Return the time ranges by the value of `when`."""
        return dict(self.draft.again)

    def kept(self, wanted: AnalysisRequest) -> AnalysisRequest:
        """Return a request with what the form does not show."""
        told = self.request.notify.model_copy(update={"cost_threshold": wanted.notify.cost_threshold})
        return wanted.model_copy(update={"notify": told, "rescore": self.request.rescore})


async def prepare(actor: Actor, analysis_id: str) -> RerunDraft:
    """Return the draft that asks an analysis again. Raises `NotFound`."""
    moment = clock.now()
    moved = await edge.read(rerun.prepare, actor, analysis_id, "now", moment)
    same = await edge.read(rerun.prepare, actor, analysis_id, "same", moment)
    return draft(moved, same)


def draft(moved: RerunView, same: RerunView) -> RerunDraft:
    """Return the draft of a run that asks again, up to now unless its owner chooses the same dates."""
    asked = moved.request
    dollars, micros = divmod(asked.max_cost_micros, MICROS_PER_DOLLAR)
    threshold = str(round(asked.notify.cost_threshold * 100))
    cents = f"{micros:06}".rstrip("0")
    return RerunDraft(
        draft=Draft(
            sources=tuple(asked.sources),
            question=asked.question,
            when=NOW,
            keywords=tuple(asked.keywords),
            engine=asked.engine,
            cap=f"{dollars}.{cents:0<2}",
            max_items=str(asked.max_items or ""),
            threshold=threshold if threshold in THRESHOLDS else "80",
            again={
                NOW: (moved.request.since, moved.request.until),
                SAME: (same.request.since, same.request.until),
            },
        ),
        request=asked,
        choices=[
            RangeChoice(NOW, f"Up to now: {moved.range_words.removesuffix(', up to now')}"),
            RangeChoice(SAME, f"Same dates: {same.range_words}"),
        ],
        notes=list(moved.notes),
    )
