"""Search words, one by one."""

from __future__ import annotations

import pytest

from integrations.sandbox.items import Item, Truth
from integrations.sandbox.reddit_search import compiled, searchable

POST = Item(
    "t3_a",
    "homelab",
    "anna",
    "Quiet alerts, at last",
    "One outage gives one alert. Not forty!",
    "t3_a",
    None,
    0,
    1,
    1,
    Truth(),
)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("outage", True),
        ("OUTAGE alert", True),
        ("out", False),
        ("outage flood", False),
        ("flood OR outage", True),
        ("flood OR storm", False),
        ('"one alert"', True),
        ('"alert one"', False),
        ("outage -forty", False),
        ("outage NOT flood", True),
        ("(flood OR outage) AND quiet", True),
        ("(flood OR storm) quiet", False),
        ("title:quiet", True),
        ("title:outage", False),
        ('selftext:"one outage"', True),
        ("author:Anna", True),
        ("author:ben", False),
        ("subreddit:homelab", True),
        ("", False),
        ("(((", False),
        ("OR OR", False),
    ],
)
def test_a_query_fits_what_it_says(query, fits):
    assert compiled(query)(POST, searchable(POST)) is fits
