"""Going on keeps its word: who chose it is not asked again, even if every call takes all that it can."""

from __future__ import annotations

import pytest

from app.core.db import Database
from app.core.errors import Conflict, InvalidInput
from app.services import choices
from app.services.access import Actor
from app.services.choices import Choice
from app.services.pipeline import model_prompts
from app.services.pipeline.records import OpportunityFound, Quote, Verification
from integrations.language_model import Answer, Prompt
from tests.app.services.model_fake import connect, honest
from tests.app.services.pipeline.test_synthesise import talk
from tests.app.services.stages.test_synthesise_with_model import ready, shown, turn

FIRST_CALL_FITS = 3_000
"""Micro-USD: more than the first call can take, less than all calls together."""


def dear(prompt: Prompt) -> Answer:
    """Answer honestly, and take all that was held back."""
    return Answer(honest(prompt), "gpt-5-mini", prompt.worst_case(), True, 0.01)


@pytest.mark.parametrize("rescore", [False, True])
@pytest.mark.parametrize(("choice", "at"), [(Choice.GO_ON, 0), (Choice.CHEAPER, 1)])
def test_going_on_is_not_offered_where_the_rest_may_not_fit(
    database: Database,
    workspace_actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
    choice: Choice,
    at: int,
    rescore: bool,
) -> None:
    connect(monkeypatch, dear)
    analysis_id = ready(
        database,
        workspace_actor,
        max_cost_micros=FIRST_CALL_FITS,
        notify={"cost_threshold": 0.0001},
        rescore=rescore,
    )
    turn(database, analysis_id)

    asked = shown(database, workspace_actor, analysis_id).choice
    assert asked is not None
    assert asked.why == "threshold", "the next call alone would fit"
    option = asked.options[at]
    assert option.needs_higher_cap
    assert option.likely_micros <= option.most_micros
    assert option.most_micros > FIRST_CALL_FITS
    with pytest.raises(Conflict, match="give a higher cap"), database.write() as session:
        choices.choose(session, workspace_actor, analysis_id, choice)
    with pytest.raises(InvalidInput, match="the cap must be at least"), database.write() as session:
        choices.choose(session, workspace_actor, analysis_id, choice, max_cost_micros=option.most_micros - 1)
    with database.write() as session:
        choices.choose(session, workspace_actor, analysis_id, choice, max_cost_micros=option.most_micros)
    turn(database, analysis_id)

    after = shown(database, workspace_actor, analysis_id)
    assert (after.choice, after.status) == (None, "running"), "what was promised is kept"
    assert after.results.opportunities[0].engine == "gpt-5-mini"
    assert FIRST_CALL_FITS < after.cost.spent_micros <= option.most_micros


def test_a_summary_never_takes_more_than_was_counted_for_it() -> None:
    records, _ = talk(24)
    quotes = [Quote(one.id, "\N{SNOWMAN}" * 480, 0, 480, Verification.VERIFIED) for one in records]
    found = [
        OpportunityFound(
            title="\N{SNOWMAN}" * 90,
            summary="",
            kind="request",
            score=1,
            score_interval=(1, 1),
            confidence=0.5,
            metrics={},
            evidence=tuple(quotes[number : number + 2]),
            against=tuple(quotes[number + 2 : number + 3]),
            topic=None,
            items=3,
            authors=3,
            threads=3,
        )
        for number in range(0, 24, 3)
    ]

    asked = model_prompts.summing_up(found, {one.id: one for one in records}, question="\N{SNOWMAN}" * 300)

    assert asked is not None
    longest = model_prompts.longest_summary().worst_case()
    assert all(units <= longest[unit] for unit, units in asked.prompt.worst_case().items())
    assert set(asked.items) == {f"i{number}" for number in range(1, len(asked.items) + 1)}
