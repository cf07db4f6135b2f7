"""The New analysis page's state: places, keywords, errors beside fields, one analysis for one draft."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.settings import settings
from app.models import Analysis, Member, Role
from app.services.contract import EstimateView
from state import new_form
from state.new import New
from tests.state.signed_in import opened, sign_in

FORM = {"question": "What hurts?", "cap": "0.25", "max_items": ""}


@pytest.fixture
def token(sqlite_database: Database, valkey: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sign in, with a sandbox that answers elsewhere."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    return sign_in(sqlite_database)


async def started(page: New, form: dict[str, Any]) -> list[Any]:
    return [answer async for answer in page.start(form) if answer is not None]


def target(answers: list[Any]) -> str:
    return str(answers[-1].args[0][1])


def analyses_in(database: Database) -> list[Analysis]:
    with database.read() as session:
        return list(session.exec(select(Analysis)).all())


@pytest.mark.anyio
async def test_several_pasted_lines_become_places_or_sentences_with_a_suggestion(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab\nhttps://www.reddit.com/r/selfhosted/\nself hosted\nr/homelab"})
    assert [(chip.name, chip.provider) for chip in page.chips if not chip.error] == [
        ("r/homelab", "Reddit"),
        ("r/selfhosted", "Reddit"),
    ]
    wrong = [chip for chip in page.chips if chip.error]
    assert [chip.text for chip in wrong] == ["self hosted"]
    assert "a search is written hn:self hosted or yt:self hosted." in wrong[0].error
    assert wrong[0].suggestions == ["hn:self hosted", "yt:self hosted"]
    assert page.blocked == "Remove or correct the place that cannot be read."
    await page.remove_source("self hosted")
    assert page.blocked == ""

    for text in [chip.text for chip in page.chips]:
        await page.remove_source(text)
    assert page.chips == []
    assert page.blocked == "Name at least one place to listen to."


@pytest.mark.anyio
async def test_a_draft_with_places_that_are_none_starts_nothing(token: str, sqlite_database: Database) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab\nself hosted\nno such place"})
    await started(page, FORM)
    assert page.refused
    assert page.blocked == "Remove or correct the 2 places that cannot be read."
    assert analyses_in(sqlite_database) == []


def _estimate(**about_gone: Any) -> EstimateView:
    place = {"provider": "reddit", "title": "", "sample": True}
    return EstimateView(
        items=(1, 2, 3),
        requests=(1, 1, 1),
        minutes=(1, 1, 1),
        micros=(0, 0, 0),
        assumptions=[],
        sources=[
            {**place, "label": "r/homelab", "error": None, "items": [1, 2, 3]},
            {**place, "label": "r/selfhosted", "items": None, **about_gone},
        ],
    )


@pytest.mark.anyio
async def test_a_place_that_is_not_there_blocks_and_one_that_was_slow_does_not(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab\nr/selfhosted"})
    page._show_estimate(_estimate(error="Reddit did not answer within 2 s.", gone=False), "")
    assert [(chip.error, chip.warning) for chip in page.chips] == [("", ""), ("", "Reddit did not answer within 2 s.")]
    assert page.blocked == ""
    page._show_estimate(_estimate(error="There is no r/selfhosted on Reddit.", gone=True), "")
    assert [chip.error for chip in page.chips] == ["", "There is no r/selfhosted on Reddit."]
    assert page.blocked == "Remove or correct the place that cannot be read."
    assert page.estimate.missing == "Without r/selfhosted: There is no r/selfhosted on Reddit."


@pytest.mark.anyio
async def test_a_wrong_field_keeps_the_last_estimate_and_marks_it_as_old(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab\nr/selfhosted"})
    page._show_estimate(_estimate(error="Reddit did not answer within 2 s.", gone=False), "")
    lines = list(page.estimate.lines)
    await page.set_max_items("x")
    assert page._measurable() is None
    assert (page.stale, page.estimate.lines) == (True, lines)
    assert page.blocked in page.problems.values()
    for text in ("r/homelab", "r/selfhosted"):
        await page.remove_source(text)
    assert page._measurable() is None
    assert (page.stale, page.estimate.lines) == (False, [])


@pytest.mark.anyio
async def test_typing_adds_nothing_and_a_paste_of_lines_adds_at_once(token: str) -> None:
    page = opened(New, token)
    await page.load()
    assert await page.typed_paste("r/home") is None
    assert page.chips == []
    await page.typed_paste("r/homelab\nr/selfhosted")
    assert len(page.chips) == 2


@pytest.mark.anyio
async def test_a_paste_of_thousands_of_lines_is_cut_with_a_sentence(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "\n".join(f"r/place{number}" for number in range(5000))})
    assert len(page.chips) == 40
    assert page.problems["sources"].startswith("Only the first 40 lines were taken")
    assert page.blocked
    await page.add_keywords({"keyword": ",".join(f"word{number}" for number in range(5000))})
    assert len(page.keywords) == 51
    assert "At most 50 keywords" in page.problems["keywords"]


@pytest.mark.anyio
async def test_keywords_are_kept_once_whatever_their_case(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.add_keywords({"keyword": "Sync, backup,  sync "})
    await page.leave_keywords("BACKUP")
    assert list(page.keywords) == ["Sync", "backup"]
    await page.remove_keyword("Sync")
    assert list(page.keywords) == ["backup"]


@pytest.mark.anyio
async def test_a_wrong_cap_is_said_beside_its_field_and_blocks_until_it_is_right(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab"})
    await page.set_cap("abc")
    assert "is not an amount of dollars" in page.problems["cap"]
    assert page.blocked in page.problems.values()
    await page.set_cap("2")
    assert page.problems == {}
    assert page.blocked == ""


@pytest.mark.anyio
async def test_a_double_click_makes_one_analysis(token: str, sqlite_database: Database) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab"})
    first = await started(page, FORM)
    second = await started(page, FORM)
    made = analyses_in(sqlite_database)
    assert len(made) == 1
    assert made[0].question == "What hurts?"
    assert f"/analyses/{made[0].id}" in target(first)
    assert target(first) == target(second)


@pytest.mark.anyio
async def test_a_started_draft_is_followed_by_a_new_one_and_an_unstarted_one_is_kept(token: str) -> None:
    page = opened(New, token)
    await page.load()
    key = page.form_key
    await page.paste({"paste": "r/homelab"})
    await page.load()
    assert page.form_key == key
    assert len(page.chips) == 1
    await started(page, FORM)
    await page.load()
    assert page.form_key != key
    assert page.chips == []
    assert page.question == ""


@pytest.mark.anyio
async def test_a_draft_outlives_a_look_at_an_earlier_question(token: str, sqlite_database: Database) -> None:
    earlier = opened(New, token)
    await earlier.load()
    await earlier.paste({"paste": "r/selfhosted"})
    await started(earlier, FORM)
    (analysis,) = analyses_in(sqlite_database)
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab"})
    await page.set_question("Half a question")
    key, plain = page.form_key, page.router
    page.router = opened(New, token, f"/new?again={analysis.id}").router
    await page.load()
    assert (page.question, [chip.name for chip in page.chips]) == ("What hurts?", ["r/selfhosted"])
    page.router = plain
    await page.load()
    assert (page.form_key, page.question, [chip.name for chip in page.chips]) == (key, "Half a question", ["r/homelab"])


@pytest.mark.anyio
async def test_one_place_written_in_two_ways_is_one_place(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/selfhosted\nhttps://www.reddit.com/r/SelfHosted/\nr/SELFHOSTED"})
    assert [chip.name for chip in page.chips] == ["r/selfhosted"]


@pytest.mark.anyio
async def test_errors_keep_what_was_written_and_start_nothing(token: str, sqlite_database: Database) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "r/homelab"})
    await started(page, {"question": "Kept?", "cap": "abc", "max_items": "x"})
    assert set(page.problems) == {"cap", "max_items"}
    assert page.question == "Kept?"
    assert page.cap == "abc"
    assert len(page.chips) == 1
    assert not page.starting
    assert analyses_in(sqlite_database) == []


@pytest.mark.anyio
async def test_a_viewer_is_told_why_and_cannot_start(token: str, sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        member = session.exec(select(Member)).one()
        member.role = Role.VIEWER
        session.add(member)
    page = opened(New, token)
    await page.load()
    assert "Your role is viewer" in page.blocked
    await page.paste({"paste": "r/homelab"})
    await started(page, FORM)
    assert page.refused
    page.refusal = ""  # the role was taken away after the page was opened
    await started(page, FORM)
    assert "Your role is viewer" in page.start_problem
    assert analyses_in(sqlite_database) == []


@pytest.mark.anyio
async def test_without_a_session_the_page_leads_to_the_sign_in(sqlite_database: Database) -> None:
    answer = await opened(New).load()
    assert "/sign-in" in str(answer.args[0][1])


@pytest.mark.anyio
async def test_a_suggestion_that_is_taken_stands_where_the_line_stood(token: str) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": "selfhosted\nr/homelab"})
    await page.take_suggestion("selfhosted", "r/elsewhere")
    assert [chip.text for chip in page.chips] == ["selfhosted", "r/homelab"]
    await page.take_suggestion("selfhosted", "r/selfhosted")
    assert [chip.name for chip in page.chips] == ["r/selfhosted", "r/homelab"]
    assert page.blocked == ""
    await page.paste({"paste": "homelab"})
    await page.take_suggestion("homelab", "r/homelab")
    assert [chip.name for chip in page.chips] == ["r/selfhosted", "r/homelab"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("pasted", "form", "reason"),
    [
        ("", FORM, "Name at least one place to listen to."),
        ("r/homelab\nself hosted", FORM, "Remove or correct the place that cannot be read."),
        ("self hosted", FORM, "Remove or correct the place that cannot be read."),
        ("r/homelab", FORM | {"cap": "much"}, "not an amount of dollars"),
        ("r/homelab", FORM | {"cap": "much", "max_items": "many"}, "Correct the fields that are marked."),
    ],
)
async def test_a_start_that_is_refused_leads_to_its_reason(
    token: str, sqlite_database: Database, pasted: str, form: dict[str, Any], reason: str
) -> None:
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": pasted})
    answers = await started(page, form)
    assert analyses_in(sqlite_database) == []
    assert reason in page.blocked
    assert page.refused
    assert "sources" not in page.problems or not pasted
    assert "start-reason" in str(answers[-1].args) or "start_reason" in str(answers[-1].args)
    await page.set_cap("0.25")
    assert not page.refused


@pytest.mark.anyio
async def test_the_form_says_whether_the_engine_in_force_reads_the_question(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(New, token)
    await page.load()
    assert page.question_unread  # auto, and no model is set up
    monkeypatch.setenv("ASTERISM_OPENAI_API_KEY", "made-up")
    settings.cache_clear()
    assert not new_form.question_unread("auto", 500_000, sample=False)
    assert not new_form.question_unread("model", None, sample=False)
    assert new_form.question_unread("local", 500_000, sample=False)
    assert new_form.question_unread("auto", 0, sample=False)  # nothing may be spent, so no model is asked


@pytest.mark.anyio
async def test_a_draft_is_kept_when_an_earlier_question_cannot_be_asked_again(token: str) -> None:
    page = opened(New, token)
    await page.load()
    page.question = "What hurts?"
    for address in ("/new?again=gone", "/new?again=gone", "/new"):
        page.router = opened(New, token, address).router
        await page.load()
        assert (page.question, page.again) == ("What hurts?", "")
