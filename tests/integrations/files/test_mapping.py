from __future__ import annotations

import pytest

from integrations.files.comments import Comment, RejectedRow, comment, link
from integrations.files.mapping import Mapping, guess
from integrations.files.rows import Row


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {
                "id": "a1",
                "body": "Sync is slow",
                "author": "ann",
                "created_utc": "1774447500",
                "score": "3",
                "parent_id": "t3_x",
                "link_id": "t3_x",
                "subreddit": "selfhosted",
            },
            {
                "external_id": "id",
                "text": "body",
                "author": "author",
                "posted_at": "created_utc",
                "upvotes": "score",
                "parent_id": "parent_id",
                "thread_id": "link_id",
                "community": "subreddit",
            },
        ),
        (
            {
                "snippet.textOriginal": "Nice",
                "snippet.authorDisplayName": "x",
                "snippet.publishedAt": "2026-01-01T00:00:00Z",
                "snippet.likeCount": "1",
            },
            {
                "text": "snippet.textOriginal",
                "author": "snippet.authorDisplayName",
                "posted_at": "snippet.publishedAt",
                "upvotes": "snippet.likeCount",
            },
        ),
        (
            {"Bewertung": "Gut", "Nutzer": "x", "Datum": "25.03.2026"},
            {"text": "Bewertung", "author": "Nutzer", "posted_at": "Datum"},
        ),
        ({"q1": "7", "q2": "I like it a lot"}, {"text": "q2"}),
        ({"text": "12", "note": "The real words are here"}, {"text": "note"}),
        ({"message": "hello", "date": "no date at all"}, {"text": "message"}),
    ],
)
def test_columns_are_guessed_from_names_and_values(row, expected):
    assert guess(list(row), [row]).columns() == expected


def test_the_order_of_a_date_is_proposed_only_where_nothing_speaks_against_it():
    rows = [{"text": "x", "date": date} for date in ("03/04/2026", "25/04/2026")]
    assert guess(["text", "date"], rows).date_order == "day_first"
    assert guess(["text", "date"], rows[:1]).date_order is None
    assert guess(["text", "date"], [*rows, {"date": "04/25/2026"}]).date_order is None


def said(mapping: Mapping, **cells: str) -> Comment | RejectedRow:
    return comment(Row(2, cells), mapping)


def test_markup_in_a_cell_is_text_and_links_are_web_addresses_only():
    mapping = Mapping(text="t", permalink="l", upvotes="u")
    found = said(mapping, t="<script>alert(1)</script> & <b>x</b>", l="javascript:alert(1)", u="1,234")
    assert isinstance(found, Comment)
    assert (found.text, found.permalink, found.upvotes) == ("<script>alert(1)</script> & <b>x</b>", "", 1234)
    assert [link(words) for words in ("https://a.b/c?d", "http://[", "//x", "data:x", "https://a b", "https://")] == [
        "https://a.b/c?d",
        "",
        "",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize("words", ["many", "1e400", "nan", "99999999999999", ""])
def test_what_is_no_count_is_none(words):
    found = said(Mapping(text="t", upvotes="u"), t="x", u=words)
    assert isinstance(found, Comment)
    assert found.upvotes is None


def test_a_row_says_why_it_is_not_taken():
    mapping = Mapping(text="t", posted_at="d", external_id="i", parent_id="p")
    cells = [{}, {"t": "x"}, {"t": "x", "d": "soon"}, {"t": "x", "d": "03/04/2026"}, {"t": "x", "i": "1", "p": "1"}]
    found = [said(mapping, **row) for row in cells]
    assert [row.reason[:22] for row in found if isinstance(row, RejectedRow)] == [
        "there is no text",
        "there is no date",
        "the date cannot be rea",
        "the date can be read i",
        "it is named as the ans",
    ]
