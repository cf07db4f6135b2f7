"""A comparison in the words of its page."""

from __future__ import annotations

from app.services.comparing.score_words import part_sentence, signed, why_words
from app.services.comparing.shapes import MoodView, OpportunityChangeView, TopicChangeView
from app.services.contract import AnalysisRequest
from app.services.pipeline.compare_scores import Cause, ScorePart
from app.services.rerun import RerunView
from state.compare_links import NONE, compare_href
from state.compare_opportunities import opportunity_groups
from state.compare_topics import topic_groups, topic_rows
from state.new_again import NOW, SAME, draft
from state.new_form import wanted
from tests.factories import MOMENT


def topic(name: str, before: float | None, after: float | None, numbers: tuple[int | None, int | None] = (0, 0)):
    mood = MoodView(
        before=before, after=after, change=None, low=None, high=None, clear=False,
        items_before=3, items_after=4, people_before=2, people_after=2,
    )  # fmt: skip
    return TopicChangeView(
        change="grown", name=name, before_name=None, before_number=numbers[0], after_number=numbers[1],
        items_before=3, items_after=4, shared=2, mood=mood,
    )  # fmt: skip


def test_moods_stand_on_one_scale_and_numbers_are_doors():
    low, high = topic_rows([topic("sync", -0.5, -0.1), topic("backup", 0.1, 0.3)], "a", "b")
    assert float(low.at_before[:-1]) < float(low.at_after[:-1]) < float(high.at_before[:-1]) < float(high.at_after[:-1])
    assert low.before.href == "/analyses/a?tab=items&topic=0"
    assert low.after.href == "/analyses/b?tab=items&topic=0"
    assert low.before.label.startswith("items before in ")
    assert low.after.label.startswith("items after in ")


def test_a_topic_of_one_side_has_no_dots_and_one_door():
    (row,) = topic_rows([topic("sync", None, 0.2, (None, 3))], "a", "b")
    assert (row.dots, row.before.href, row.before.value) == (False, "", NONE)


def test_the_address_holds_what_is_listed():
    assert compare_href("a", "b") == "/compare/a/b"
    assert compare_href("a", "b", show="new", community="r/x", cursor="") == "/compare/a/b?show=new&community=r%2Fx"


def test_causes_are_said_in_words():
    assert part_sentence(ScorePart(Cause.DATA, 4, 1, 0), mixed=False) == "+4: other talk; 1 more item speaks for it."
    assert part_sentence(ScorePart(Cause.SETTINGS, 0, 0, 43), mixed=False).endswith("43 items no longer speak for it.")
    assert "cannot be told apart" in part_sentence(ScorePart(Cause.GROUPING, 1, 2, 1), mixed=True)
    assert signed(0) == "±0"
    assert why_words([ScorePart(Cause.DATA, 0)], 0, mixed=False) == "The same items speak for it."


def test_a_draft_that_asks_again_asks_the_same_over_the_chosen_range():
    request = AnalysisRequest.model_validate(
        {
            "question": "What now?",
            "sources": [{"provider": "reddit", "query": {"subreddit": "selfhosted"}}],
            "keywords": ["sync"],
            "max_items": 500,
            "max_cost_micros": 1_250_000,
            "rescore": True,
            "notify": {"email": True, "cost_threshold": 0.9},
        }
    )
    moved = RerunView(rerun_of="a", dates="now", range_words="all time, up to now", request=request, notes=[])
    same = moved.model_copy(update={"request": request.model_copy(update={"until": MOMENT})})
    found = draft(moved, same)
    assert (found.draft.when, found.draft.cap) == (NOW, "1.25")
    assert found.kept(wanted(found.draft, MOMENT)) == request
    assert set(found.ranges) == {NOW, SAME}
    assert found.choices[0].label == "Up to now: all time"


def test_topics_stand_by_what_became_of_them_and_small_changes_are_folded():
    grown = topic("sync", 0.1, 0.2).model_copy(update={"items_before": 10, "items_after": 20})
    hardly = topic("backup", 0.1, 0.2).model_copy(update={"items_before": 100, "items_after": 104})
    came = topic("tags", None, 0.2, (None, 3)).model_copy(update={"change": "new"})
    groups = topic_groups([grown, hardly, came], "a", "b")
    assert [(each.name, each.count, each.folded) for each in groups] == [
        ("New", "1", False),
        ("Grew", "1", False),
        ("About the same size", "1", True),
    ]


def test_chance_is_folded_and_long_groups_show_their_first():
    side = {
        "id": "x", "title": "Offline sync", "kind": "request", "rank": 0, "score": 82,
        "score_interval": (70, 90), "items": 9, "engine": "local",
    }  # fmt: skip
    up = OpportunityChangeView.model_validate(
        {
            "change": "up",
            "before": {**side, "score": 60},
            "after": side,
            "points": 22,
            "interval": (9, 30),
            "shared": 5,
            "came": 4,
            "went": 0,
            "why": "",
            "parts": None,
            "metrics": [],
        }
    )
    chance = up.model_copy(update={"change": "unclear"})
    groups = opportunity_groups([chance, *[up] * 8])
    assert [(each.name, each.count, each.folded) for each in groups] == [
        ("Clearly up", "8", False),
        ("No clear change", "1", True),
    ]
    assert (len(groups[0].rows), len(groups[0].more), groups[0].more_words) == (5, 3, "Show 3 more")
    assert groups[0].rows[0].points == "+22 (+9 to +30)"
    assert groups[0].rows[0].before.label == f"score before of {side['title']}"
