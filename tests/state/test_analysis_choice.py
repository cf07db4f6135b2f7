"""The question about the cost in words."""

from __future__ import annotations

from datetime import UTC, datetime

from app.services.contract import ChoiceOption, ChoiceView
from state import analysis_choice
from state.analysis_summary import summary
from tests.state.views import analysis_view


def view(why="threshold", **first):
    asked = ChoiceView(
        why=why,
        asked_at=datetime(2026, 11, 22, tzinfo=UTC),
        next_micros=7_700,
        spent_micros=1_200,
        cap_micros=20_000,
        options=[
            ChoiceOption(**{"choice": "go_on", "likely_micros": 6_300, "most_micros": 18_800, **first}),
            ChoiceOption(choice="cheaper", likely_micros=5_500, most_micros=18_800),
            ChoiceOption(choice="stop", likely_micros=0, most_micros=0),
        ],
    )
    return analysis_view(status="needs_choice").model_copy(update={"choice": asked})


def test_each_answer_says_what_it_costs():
    shown = summary(view(), ["r/selfhosted"])
    assert shown.choice_asked.startswith("$0.0012 of $0.02 is spent, and the next call to the model could take it past")
    assert [(one.label, one.cost) for one in shown.choice_options] == [
        ("Go on", "about $0.0063 more, never above $0.0188"),
        ("Go on cheaper", "about $0.0055 more, never above $0.0188"),
        ("Stop spending", "nothing more"),
    ]
    assert not shown.choice_needs_cap
    assert not shown.can_resume, "resuming would choose blindly"


def test_at_the_cap_going_on_takes_a_higher_one():
    shown = summary(view("cap", needs_higher_cap=True), ["r/selfhosted"])
    assert "could cost $0.0077, more than the cap leaves" in shown.choice_asked
    assert shown.choice_needs_cap
    assert "All that is left to ask could cost up to $0.0188." in shown.choice_asked
    assert shown.choice_options[0].blocked
    assert "up to your cap" not in shown.choice_options[0].meaning, "what cannot be kept is not promised"
    assert shown.choice_cap == "1.00", "twice the present cap, which is more than enough"
    assert shown.choice_options[0].cost == "about $0.0063 more, with a cap of $0.04 or more"


def test_the_cap_to_begin_with_suffices_for_going_on():
    shown = summary(view("cap", needs_higher_cap=True, most_micros=1_500_000), ["r/selfhosted"])
    assert shown.choice_cap == "1.52", "$0.0132 is spent"


def test_without_a_question_nothing_is_shown():
    shown = summary(analysis_view(status="running"), ["r/selfhosted"])
    assert shown.choice_asked == ""
    assert shown.choice_options == []
    assert analysis_choice.asked(analysis_view(status="running")) == ""
