"""The list of analyses: what each row says, and when the list expects news."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import reflex as rx

from app.core.db import Database
from app.core.paging import Page
from app.models import AnalysisStatus
from app.services.contract import AnalysisRow
from components.marks import ANALYSIS_LOOKS
from state import home
from state.analysis import AnalysisState
from state.frame import Frame
from state.sign_in import ANY_OTHER, SENTENCES, SignIn, sentence
from tests.state.signed_in import opened, sign_in


def found(**changes: object) -> AnalysisRow:
    given = {
        "id": "01a2",
        "status": "running",
        "sample": True,
        "question": "What hurts?",
        "sources": ["r/homelab"],
        "overall": 0.56,
        "items": 2140,
        "opportunities": 7,
        "spent_micros": 13_200,
        "cap_micros": 500_000,
        "created_at": datetime(2026, 11, 22, 12, tzinfo=UTC),
        "finished_at": None,
    }
    return AnalysisRow.model_validate(given | changes)


def test_a_row_says_its_numbers_with_their_units_of_thought() -> None:
    row = home.row(found())
    assert row.href == "/analyses/01a2"
    assert row.percent == 56
    assert row.item_count == "2,140"
    assert (row.spent, row.cap) == ("$0.0132", "$0.50")
    assert row.created_at == "2026-11-22T12:00:00.000Z"


def test_opportunities_that_were_not_looked_for_are_not_none() -> None:
    assert home.row(found(opportunities=0)).opportunities == "\N{EN DASH}"
    assert home.row(found(opportunities=0, status="cancelled")).opportunities == "\N{EN DASH}"
    assert home.row(found(opportunities=0, status="completed")).opportunities == "0"
    assert home.row(found(opportunities=2)).opportunities == "2"


def test_many_sources_are_cut_short_with_how_many_more() -> None:
    assert home.row(found(sources=["r/a", "r/b", "r/c", "r/d"])).sources == "r/a · r/b · +2"
    assert home.row(found(sources=["r/a", "r/b"])).sources == "r/a · r/b"


@pytest.mark.parametrize("status", list(AnalysisStatus))
def test_every_status_has_a_word_an_icon_and_a_colour(status: AnalysisStatus) -> None:
    look = ANALYSIS_LOOKS[status.value]
    assert look.word
    assert look.icon
    assert home.row(found(status=status.value)).tone == look.tone


def test_news_is_expected_while_anything_is_open() -> None:
    assert home.is_busy(Page([found(status="completed"), found()], None))
    assert not home.is_busy(Page([found(status="completed"), found(status="failed")], None))


def test_only_a_first_page_without_rows_is_blank() -> None:
    page = opened(home.Home)
    assert not page.blank
    page._show(Page([], None))
    assert page.blank
    page._show(Page([found()], "abc="))
    assert not page.blank
    assert page.older_href == "/?cursor=abc%3D"


def test_progress_in_the_list_never_goes_backwards() -> None:
    page = opened(home.Home)
    for overall, percent in ((0.4, 40), (0.35, 40), (0.5, 50)):
        page._show(Page([found(overall=overall)], None))
        assert page.rows[0].percent == percent


@pytest.mark.anyio
async def test_the_frame_names_the_workspace_of_the_session(sqlite_database: Database) -> None:
    page = opened(Frame, sign_in(sqlite_database))
    assert await page.load() is None
    assert page.workspace == "My workspace"


@pytest.mark.anyio
async def test_another_page_forgets_the_analysis_that_was_shown_before(sqlite_database: Database) -> None:
    root = opened(rx.State, sign_in(sqlite_database))
    page, shown = (root.get_substate(kind.get_full_name().split(".")) for kind in (Frame, AnalysisState))
    shown._analysis_id, shown.loaded, shown.question, shown.can_pause = "01a2", True, "What hurts?", True
    await page.load()
    assert (shown._analysis_id, shown.loaded, shown.question, shown.can_pause) == ("", False, "", False)


@pytest.mark.anyio
async def test_the_frame_leads_a_stranger_to_the_sign_in(sqlite_database: Database) -> None:
    page = opened(Frame, "made up")
    answer = await page.load()
    assert "/sign-in" in str(answer.args[0][1])
    assert page.workspace == ""


def test_the_sign_in_page_never_shows_words_from_its_address() -> None:
    assert sentence("") == ""
    assert sentence("link") == SENTENCES["link"]
    assert sentence("<b>call this number</b>") == ANY_OTHER


@pytest.mark.anyio
async def test_who_is_signed_in_needs_no_sign_in_page(sqlite_database: Database) -> None:
    assert "/" in str((await opened(SignIn, sign_in(sqlite_database)).load()).args[0][1])
    assert await opened(SignIn).load() is None
