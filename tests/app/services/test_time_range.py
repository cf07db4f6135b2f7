"""A time range reads the same at every door, and each says what it takes when none is given."""

from datetime import UTC, datetime

import pytest

from app.services import time_range
from app.services.contract import AnalysisRequest
from state.new_form import Draft

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
LAST = datetime(2026, 10, 24, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (None, None, "all time"),
        (FIRST, None, "since 1 Oct 2026"),
        (None, LAST, "until 24 Oct 2026 16:30 UTC"),
        (FIRST, LAST, "1 Oct 2026 to 24 Oct 2026 16:30 UTC"),
    ],
)
def test_a_range_reads_in_days_and_times_of_utc(since, until, said):
    assert time_range.in_words(since, until) == said


def test_the_api_says_its_default_and_that_of_the_page():
    request = AnalysisRequest.model_validate(
        {"sources": [{"provider": "reddit", "query": {"subreddit": "selfhosted"}}]}
    )
    described = AnalysisRequest.model_json_schema()["properties"]["since"]["description"]
    assert (request.since, Draft().when) == (None, "30d")
    assert "Left out: all time." in described
    assert "last 30 days" in described
