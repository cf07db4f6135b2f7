"""Items by filters, page by page, and as CSV: on both databases."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.core.db import Database
from app.core.errors import InvalidInput, NotFound
from app.core.paging import encode_cursor
from app.services import items, results, spreadsheet
from app.services.access import Actor
from app.services.exports import csv_lines
from app.services.items import ItemFilters
from tests.factories import MOMENT, ask, item


@pytest.fixture
def analysis_id(database: Database, workspace_actor: Actor) -> str:
    labels = ("negative", "neutral", "positive", None)
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        for number in range(120):
            session.add(
                item(
                    analysis,
                    number,
                    scored=True,
                    sentiment_label=labels[number % 4],
                    intents=["request"] if number % 5 == 0 else [],
                    spam=number % 10 == 3,
                    duplicate_of="x" if number % 20 == 4 else None,
                    topic_number=number % 3,
                    title="100% offline_first" if number == 7 else None,
                    posted_at=MOMENT,  # all at once: the order must still hold
                )
            )
        return analysis.id


def everything(database: Database, actor: Actor, analysis_id: str, filters: ItemFilters, limit: int = 50):
    found = []
    cursor = None
    while True:
        with database.read() as session:
            page = items.page(session, actor, analysis_id, filters, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_pages_hold_every_item_once(database: Database, workspace_actor: Actor, analysis_id: str):
    found = everything(database, workspace_actor, analysis_id, ItemFilters(), limit=7)
    assert len(found) == 120
    assert len({row.id for row in found}) == 120


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"sentiment": "negative"}, 30),
        ({"sentiment": "unscored"}, 30),
        ({"intent": "request"}, 24),
        ({"intent": "reques"}, 0),
        ({"spam": True}, 12),
        ({"spam": False}, 108),
        ({"duplicates": True}, 6),
        ({"topic": 0, "kind": "comment"}, 40),
        ({"text": "offline_first"}, 1),
        ({"text": "100%"}, 1),
        ({"text": "OFFLINE_FIRST sync"}, 1),
        ({"text": "offlineXfirst"}, 0),
        ({"day": date(2026, 11, 1)}, 120),
        ({"day": date(2026, 11, 2)}, 0),
        ({"from_day": date(2026, 11, 1)}, 120),
        ({"from_day": date(2026, 11, 2)}, 0),
        ({"to_day": date(2026, 11, 1)}, 120),
        ({"to_day": date(2026, 10, 31)}, 0),
        ({"from_day": date(2026, 10, 30), "to_day": date(2026, 11, 3), "sentiment": "negative"}, 30),
        ({"author": "author1"}, 17),
        ({"opportunity": "none"}, 0),
    ],
)
def test_a_filter_keeps_what_it_names(
    database: Database, workspace_actor: Actor, analysis_id: str, filters: dict[str, object], count: int
):
    wanted = ItemFilters.model_validate(filters)
    assert len(everything(database, workspace_actor, analysis_id, wanted)) == count
    with database.read() as session:
        assert items.count(session, workspace_actor, analysis_id, wanted) == count


def test_days_are_walked_through_page_by_page_inside_the_index(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        analysis_id = analysis.id
        for number in range(60):
            session.add(item(analysis, number, posted_at=MOMENT + timedelta(hours=12 * number)))
    days = ItemFilters(from_day=(MOMENT + timedelta(days=5)).date(), to_day=(MOMENT + timedelta(days=14)).date())
    found = everything(database, workspace_actor, analysis_id, days, limit=7)
    moments = [row.posted_at for row in found]
    assert len(found) == len({row.id for row in found}) == 20
    assert moments == sorted(moments, reverse=True)
    assert (moments[-1].date(), moments[0].date()) == (days.from_day, days.to_day)


def test_a_cursor_that_is_not_ours_is_refused(database: Database, workspace_actor: Actor, analysis_id: str):
    odd = [encode_cursor(moment, "x") for moment in ("0001-01-01T00:00:00+23:59", "2026-01-01", "a\x00b", "\ud800")]
    for cursor in ("x", "W10", "WyJhIiwiYiJd", "é", *odd):
        with database.read() as session, pytest.raises(InvalidInput, match="cursor is not one that we gave"):
            items.page(session, workspace_actor, analysis_id, ItemFilters(), cursor=cursor)


@pytest.mark.parametrize(
    "filters", [{"topic": 2**40}, {"day": "9999-12-31"}, {"to_day": "9999-12-31"}, {"text": "a\x00b"}]
)
def test_a_filter_that_no_database_takes_is_refused(filters: dict[str, object]):
    with pytest.raises(ValidationError):
        ItemFilters.model_validate(filters)


def test_an_item_of_another_analysis_is_not_there(
    database: Database, workspace_actor: Actor, other_actor: Actor, analysis_id: str
):
    with database.write() as session:
        elsewhere = item(ask(session, other_actor), 1)
        session.add(elsewhere)
        foreign = elsewhere.id
    with database.read() as session:
        for identifier in (foreign, "nonsense"):
            with pytest.raises(NotFound, match="no such item in this analysis"):
                items.get(session, workspace_actor, analysis_id, identifier)


def test_counts_add_up(database: Database, workspace_actor: Actor, analysis_id: str):
    with database.read() as session:
        counts = results.counts(session, analysis_id)
        overview = results.overview(session, workspace_actor, analysis_id)
    assert counts.items == 120
    assert (counts.spam, counts.duplicates, counts.unscored_language) == (12, 6, 30)
    assert counts.sentiment == {"negative": 30, "neutral": 30, "positive": 30}
    shown = overview.days[0]
    assert shown.negative + shown.neutral + shown.positive + shown.unscored == 120 - 12 - 6


def test_the_export_holds_every_item_and_no_formula(database: Database, workspace_actor: Actor, analysis_id: str):
    with database.write() as session:
        analysis = session.get_one(type(ask(session, workspace_actor)), analysis_id)
        session.add(item(analysis, 999, text='=HYPERLINK("x")', author="+evil", title="\t@cmd"))
    lines = list(csv_lines(workspace_actor, analysis_id, ItemFilters(), sample=True))
    rows = list(csv.DictReader(io.StringIO("".join(lines))))

    assert len(rows) == 121
    assert {row["sample"] for row in rows} == {"SAMPLE"}
    newest = rows[0]
    assert newest["text"] == '\'=HYPERLINK("x")'
    assert newest["author"] == "'+evil"
    assert newest["title"] == "'\t@cmd"


@given(st.text())
def test_no_cell_starts_like_a_formula(text: str):
    cell = spreadsheet.neutral(text)
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == text
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    assert not cell.startswith(("\t", "\r", "\n", "\x00"))


def test_the_communities_of_an_analysis_are_all_there_and_no_others(
    database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    with database.write() as session:
        analysis, other = ask(session, workspace_actor, "one"), ask(session, other_actor, "two")
        session.flush()
        for number in range(40):
            where = ("r/b", "r/A", "Closet Datacenter", "r/b")[number % 4]
            session.add(item(analysis, number, community=where))
            session.add(item(other, number, community="r/elsewhere"))
        identifier = analysis.id
    with database.read() as session:
        assert items.communities(session, workspace_actor, identifier) == ["Closet Datacenter", "r/A", "r/b"]
        with pytest.raises(NotFound):
            items.communities(session, other_actor, identifier)
        monkeypatch.setattr(items, "MOST_COMMUNITIES", 2)
        assert len(items.communities(session, workspace_actor, identifier)) == 2


def test_an_analysis_without_items_has_no_communities(database: Database, workspace_actor: Actor):
    with database.write() as session:
        identifier = ask(session, workspace_actor, "one").id
    with database.read() as session:
        assert items.communities(session, workspace_actor, identifier) == []
