"""What its owner decides when an analysis comes near its cap: go on, go on cheaper, or stop and keep what there is.

running ──a call would pass the threshold, or the cap──▶ needs_choice ──choose──▶ queued, and its job goes on

The threshold is asked about once. Going on is possible where the worst case of all that is still to be asked fits into
the cap, so that it is asked again only when calls fail; else only with a higher cap, given with the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from app.core.clock import now, rfc3339
from app.core.errors import Conflict, InvalidInput
from app.core.money import dollars
from app.models import Analysis, AnalysisStatus
from app.services import audit, steering_moves, timeline
from app.services.access import Action, Actor, require
from app.services.claims import Claim
from app.services.contract import MAX_CAP_MICROS, ChoiceOption, ChoiceView
from app.services.moves import move_analysis
from app.services.ownership import lock_analysis, owned_analysis
from app.services.stages import plan
from app.services.transitions import AnalysisMove


class Choice(StrEnum):
    """What can be chosen."""

    GO_ON = "go_on"
    CHEAPER = "cheaper"
    STOP = "stop"


UNASKED = "unasked"
"""Nothing was chosen yet: the threshold still counts."""

_DONE = {
    Choice.GO_ON: "You chose to go on, up to the cap of {cap}.",
    Choice.CHEAPER: "You chose to go on cheaper: the model reads a smaller sample of what is left.",
    Choice.STOP: "You chose to stop spending: the local engine words the rest, free of charge.",
}


def mode(analysis: Analysis) -> str:
    """Return the last choice; `unasked` before there was any."""
    made = (analysis.choice or {}).get("made", [])
    return str(made[-1]["choice"]) if made else UNASKED


def limit(analysis: Analysis) -> int:
    """Return up to how many micro-USD may be spent without asking (again)."""
    if mode(analysis) != UNASKED:
        return analysis.cap_micros
    threshold = float(analysis.request.get("notify", {}).get("cost_threshold", 0.8))
    return min(analysis.cap_micros, int(analysis.cap_micros * threshold))


def ask(
    session: Session, held: Claim, analysis: Analysis, *, next_micros: int, options: Sequence[ChoiceOption]
) -> None:
    """Hold the analysis and its jobs until its owner has chosen.

    Args:
        session: The transaction of the job that found it out (`Work.commit`): it holds the lock and the claim.
        held: The claim.
        analysis: Of which.
        next_micros: What the next call could cost.
        options: What can be chosen, with what each costs.
    """
    at_cap = analysis.spent_micros + analysis.reserved_micros + next_micros > analysis.cap_micros
    why = "cap" if at_cap else "threshold"
    steering_moves.pause_all(session, analysis.id)
    move_analysis(analysis, AnalysisMove.ASK)
    asked = ChoiceView(
        why=why,
        asked_at=now(),
        next_micros=next_micros,
        spent_micros=analysis.spent_micros,
        cap_micros=analysis.cap_micros,
        options=list(options),
    )
    analysis.choice = {**(analysis.choice or {}), "asked": asked.model_dump(mode="json")}
    timeline.record(
        session, analysis, "analysis.needs_choice", sentence(asked), job_id=held.job_id, stage=held.kind, why=why
    )


def sentence(asked: ChoiceView) -> str:
    """Say why the analysis waits."""
    spent = f"{dollars(asked.spent_micros)} of {dollars(asked.cap_micros)} is spent"
    if asked.why == "cap":
        why = f"the next call to the model could cost {dollars(asked.next_micros)}, more than the cap leaves"
    else:
        why = "the next call to the model could take it past the share at which you wanted to be asked"
    short = next((one for one in asked.options if one.choice == "go_on" and one.needs_higher_cap), None)
    rest = "" if short is None else f" All that is left to ask could cost up to {dollars(short.most_micros)}."
    return f"{spent}, and {why}.{rest} Nothing is spent until you choose."


def view(analysis: Analysis) -> ChoiceView | None:
    """Return what is asked now; None when nothing is."""
    asked = (analysis.choice or {}).get("asked")
    if asked is None or analysis.status != AnalysisStatus.NEEDS_CHOICE:
        return None
    return ChoiceView.model_validate(asked)


def choose(
    session: Session, actor: Actor, analysis_id: str, choice: Choice, *, max_cost_micros: int | None = None
) -> None:
    """Take the answer, and let the work go on in its way.

    Args:
        session: A write transaction.
        actor: Who chooses.
        analysis_id: For which analysis.
        choice: What.
        max_cost_micros: A new, higher cap; None keeps the one there is.

    Raises:
        Conflict: Nothing is asked, or that answer is not possible now.
        InvalidInput: The new cap is not above the present one.
        NotFound: There is no such analysis in the actor's workspace.
        NotPermitted: The actor's role does not allow it.
    """
    require(actor, Action.ANALYSIS_STEER)
    owned_analysis(session, actor, analysis_id)
    analysis = lock_analysis(session, analysis_id)
    asked, cap = view(analysis), analysis.cap_micros
    if asked is None:
        raise Conflict(f"This analysis is {analysis.status.replace('_', ' ')} and asks for no choice.")
    if max_cost_micros is not None:
        if not analysis.cap_micros < max_cost_micros <= MAX_CAP_MICROS:
            raise InvalidInput(
                f"The new cap must be above {dollars(analysis.cap_micros)} and at most {dollars(MAX_CAP_MICROS)}.",
                field="max_cost_micros",
            )
        _check_enough(analysis, asked, choice, max_cost_micros)
        analysis.cap_micros = max_cost_micros
    elif choice.value not in {option.choice for option in asked.options if not option.needs_higher_cap}:
        most = max((one.most_micros for one in asked.options if one.choice == choice.value), default=asked.next_micros)
        raise Conflict(
            f"That could cost {dollars(most)}, more than the cap leaves: give a higher cap with it, or choose another "
            "answer."
        )
    made: dict[str, Any] = {
        "choice": choice.value,
        "at": rfc3339(now()),
        "by": actor.reference,
        "cap_micros": analysis.cap_micros,
    }
    analysis.choice = {"asked": None, "made": [*(analysis.choice or {}).get("made", []), made]}
    move_analysis(analysis, AnalysisMove.RESUME)
    analysis.error = None
    facts = {"choice": choice.value, "cap_micros_before": cap, "cap_micros": analysis.cap_micros}
    audit.record(session, actor, "analysis:choose", analysis.id, **facts)
    words = _DONE[choice].format(cap=dollars(analysis.cap_micros))
    timeline.record(session, analysis, "analysis.chosen", words, choice=choice.value)
    steering_moves.resume_all(session, analysis.id)
    plan.advance(session, analysis)


def _check_enough(analysis: Analysis, asked: ChoiceView, choice: Choice, cap_micros: int) -> None:
    """Refuse a cap with which the answer's promise could not be kept: the question would only come again."""
    most = next((one.most_micros for one in asked.options if one.choice == choice.value and one.needs_higher_cap), 0)
    least = analysis.spent_micros + analysis.reserved_micros + most
    if cap_micros < least:
        raise InvalidInput(
            f"All that is left to ask could cost up to {dollars(most)}: for that the cap must be at least "
            f"{dollars(least)}.",
            field="max_cost_micros",
        )
