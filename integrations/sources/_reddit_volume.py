"""How much a Reddit query will bring, told from its first page. Pure; no network.

posts wanted = posts per day on the first page * days asked for, never more than a listing holds
items = posts * (1 + comments per post), as a band
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from integrations.contracts import Scope, Volume
from integrations.sources._reddit_shapes import Thing, count, created

LISTING_END = 1000
"""Posts after which every Reddit listing ends, as measured by its users; the API's pages do not name it."""

PAGE = 100
TREE = 500
"""Comments in the first answer for a post, at most."""

_DAY = 86_400.0


def of_listing(
    posts: Sequence[Thing],
    *,
    goes_on: bool,
    newest_first: bool,
    scope: Scope,
    now: datetime,
    title: str,
    members: object = None,
) -> Volume:
    """Estimate a listing or search from its first page.

    Args:
        posts: The first page.
        goes_on: Whether there is a second one.
        newest_first: Whether the page is in the order of time, so that it shows how often people post.
        scope: Time range and most items.
        now: Timezone-aware.
        title: What the query points at.
        members: Subscribers as Reddit says, if it does.
    """
    start = scope.since.timestamp() if scope.since else -math.inf
    end = min(scope.until.timestamp() if scope.until else math.inf, now.timestamp())
    wanted = [post for post in posts if start <= created(post) <= end]
    sample = wanted or list(posts)
    comments = [count(post, "num_comments") or 0 for post in sample]
    notes = [f"{members:,} members."] if isinstance(members, int) and not isinstance(members, bool) else []
    times = [created(post) for post in posts if post.get("stickied") is not True]
    if not posts:
        return Volume((0, 0, 0), (1, 1, 2), (*notes, "There are no posts."), title)
    if not goes_on or (newest_first and times and times[-1] < start):
        low = likely = high = float(len(wanted))
        listed = float(len(posts))
        notes.append("All posts fit on one page, so they were counted.")
    else:
        days = max(times[0] - times[-1], 60.0) / _DAY if len(times) > 1 else 1.0
        rate = len(times) / days
        if newest_first and scope.since is not None:
            listed = min(rate * (now.timestamp() - start) / _DAY, LISTING_END)
            likely = min(rate * max(end - start, 0) / _DAY, LISTING_END)
            low = likely * 0.6
            notes.append(f"About {rate:,.1f} posts a day, as on the newest page.")
        else:
            listed = LISTING_END
            likely = LISTING_END * len(wanted) / len(posts)
            low = float(len(wanted))  # seen; nothing says how many more there are
            notes.append(f"Reddit lists at most {LISTING_END:,} posts.")
        high = min(likely * 1.6, LISTING_END)
    each = sum(comments) / len(comments)
    notes.append(f"About {each:,.1f} comments below each post.")
    talked = sum(1 for number in comments if number) / len(comments)
    batches = sum(_calls_below(number) for number in comments if number) / max(sum(1 for n in comments if n), 1)

    def requests(number: float, pages: float) -> int:
        return 1 + math.ceil(max(pages, 1) / PAGE) + math.ceil(number * talked * batches)

    return _band(
        (low * (1 + each * 0.8), likely * (1 + each), high * (1 + each * 1.2)),
        (requests(low, low), requests(likely, listed), requests(high, min(listed * 1.6, LISTING_END))),
        tuple(notes),
        title,
        scope,
    )


def of_post(post: Thing, scope: Scope) -> Volume:
    """Estimate one post's conversation from the number of comments that Reddit gives."""
    comments = count(post, "num_comments") or 0
    # Reddit counts deleted comments too, which it no longer gives.
    items = (1 + comments * 0.85, 1 + comments * 0.97, 1.0 + comments)
    calls = _calls_below(comments)
    title = post.get("title")
    return _band(
        items,
        (1 + min(1, calls), 1 + calls, 3 + math.ceil(calls * 1.6)),
        (f"Reddit counts {comments:,} comments, some of them deleted.",),
        title if isinstance(title, str) else "",
        scope,
    )


def _calls_below(comments: int) -> int:
    return 1 + math.ceil(max(0, comments - TREE) / PAGE)


def _band(
    items: tuple[float, float, float], requests: tuple[int, int, int], notes: tuple[str, ...], title: str, scope: Scope
) -> Volume:
    cap = scope.item_limit if scope.item_limit is not None else math.inf
    low, likely, high = (int(min(round(value), cap)) for value in items)
    return Volume((low, likely, high), requests, notes, title)
