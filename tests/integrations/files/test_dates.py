from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.dates import EARLIEST, LATEST, Unclear, moment, order_of

DAY = datetime(2026, 3, 25, tzinfo=UTC)
TIME = datetime(2026, 3, 25, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "expected", "zoned"),
    [
        ("2026-03-25T14:05:00Z", TIME, True),
        ("2026-03-25T16:05:00+02:00", TIME, True),
        ("2026-03-25 14:05:00 UTC", TIME, True),
        ("2026-03-25 14:05", TIME, False),
        ("2026-03-25", DAY, False),
        ("20260325", DAY, False),
        ("1774447500", TIME, True),
        ("1774447500.0", TIME, True),
        ("1774447500000", TIME, True),
        ("1774447500000000", TIME, True),
        ("25.03.2026", DAY, False),
        ("25.3.2026 14:05", TIME, False),
        ("03/25/2026 2:05 PM", TIME, False),
        ("25/03/2026", DAY, False),
        ("2026/3/25 14:05", TIME, False),
        ("25 March 2026", DAY, False),
        ("Mar 25, 2026, 2:05 PM", TIME, False),
        ("March 25th, 2026 at 2:05 p.m.", TIME, False),
        ("Wed, 25 Mar 2026 15:05:00 +0100", TIME, True),
        ("Wed Mar 25 14:05:00 +0000 2026", TIME, True),
    ],
)
def test_a_date_is_read_in_every_common_form(words, expected, zoned):
    assert moment(words) == (expected, zoned)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "yesterday",
        "45352.5",
        "31/02/2026",
        "2026-13-01",
        "0001-01-01",
        "9999-12-31T23:59:59-12:00",
        "5",
        "13:05",
        "x" * 99,
        "99999999",
    ],
)
def test_what_is_no_date_is_none(words):
    with pytest.raises(ValueError, match=r"."):
        moment(words)


def test_a_date_of_two_meanings_is_never_guessed():
    with pytest.raises(Unclear):
        moment("03/04/2026")
    assert moment("03/04/2026", "day_first")[0] == datetime(2026, 4, 3, tzinfo=UTC)
    assert moment("03/04/2026", "month_first")[0] == datetime(2026, 3, 4, tzinfo=UTC)
    assert moment("04/04/2026")[0] == datetime(2026, 4, 4, tzinfo=UTC)
    assert [order_of(words) for words in ("03/04/2026", "25/04/2026", "04/25/2026", "25.04.2026", "2026-04-03")] == [
        "either",
        "day_first",
        "month_first",
        None,
        None,
    ]


@given(st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None) - timedelta(days=1)))
def test_every_moment_is_read_back_from_rfc_3339(found):
    zoned = found.replace(tzinfo=UTC)
    assert moment(zoned.isoformat()) == (zoned, True)


@given(st.text(max_size=70), st.sampled_from([None, "day_first", "month_first"]))
def test_no_words_end_in_another_error(words, order):
    try:
        found, _ = moment(words, order)
    except ValueError:
        return
    assert EARLIEST <= found < LATEST
