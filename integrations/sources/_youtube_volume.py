"""How much a YouTube query will bring. Pure; no network.

YouTube counts the comments of a video, replies included, but not how many threads they make; nor does it count the
comments of a channel or a search without reading every video, so those bands are wide and say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from integrations.contracts import Scope, Volume
from integrations.sources._youtube_shapes import Resource, statistic

THREADS = 100
"""Threads or replies in one answer, at most."""

LISTED = 50
"""Videos in one answer, at most."""

_WITH_THEIR_OWN_CALL = 7
"""A thread brings up to five replies with it, so a call for the others comes with seven comments at the least."""

_COMMENTS_A_VIDEO = (0, 40, 1_000)
"""Assumed where they are not known."""

_DAY = 86_400.0


def of_video(video: Resource, title: str, scope: Scope) -> Volume:
    """Estimate one video from the number of comments that YouTube gives."""
    comments = statistic(video, "commentCount")
    if comments is None:
        note = "YouTube does not say how many comments there are; they may be switched off."
        return _band((1, 1, 1 + _COMMENTS_A_VIDEO[2]), (2, 2, 2 + _calls(_COMMENTS_A_VIDEO[2])), (note,), title, scope)
    partial = scope.since is not None or scope.until is not None or bool(scope.keywords)
    notes = [f"YouTube counts {comments:,} comments, replies included."]
    if partial:
        notes.append("How many of them are in the range and have the keywords is known only when they are read.")
    low = 1.0 if partial else 1 + comments * 0.85
    likely_calls = math.ceil(comments * 0.7 / THREADS) + round(comments * 0.02)
    return _band(
        (low, 1 + comments * (0.5 if partial else 1), 1 + math.ceil(comments * 1.02)),
        (1 + min(1, comments), 1 + max(likely_calls, min(1, comments)), 2 + _calls(comments)),
        tuple(notes),
        title,
        scope,
    )


def of_channel(
    times: Sequence[datetime], whole: int | None, *, most: int | None, now: datetime, title: str, scope: Scope
) -> Volume:
    """Estimate a channel from its newest uploads.

    Args:
        times: When the newest videos were published, newest first; at most one page of them.
        whole: How many videos the channel has, as YouTube counts them.
        most: Most videos asked for.
        now: Timezone-aware.
        title: The channel's name.
        scope: Time range and most items.
    """
    end = min(scope.until or now, now)
    wanted = [time for time in times if (scope.since is None or time >= scope.since) and time <= end]
    total = max(whole or 0, len(times))
    if len(times) < LISTED or (scope.since is not None and times[-1] < scope.since):
        videos = float(len(wanted))
        note = f"{len(wanted):,} videos are in the range."
    elif scope.since is None:
        videos = float(total)
        note = f"YouTube counts {total:,} videos."
    else:
        days = max((times[0] - times[-1]).total_seconds() / _DAY, 1 / 24)
        rate = len(times) / days
        videos = min(rate * max((end - scope.since).total_seconds(), 0) / _DAY, total)
        note = f"About {rate:,.1f} videos a day, as on the newest page."
    videos = min(videos, most or math.inf)
    return _of_videos(videos, 1 + math.ceil(max(videos, 1) / LISTED) * 2, (note,), title, scope)


def of_search(most: int, units: int, title: str, scope: Scope) -> Volume:
    """Estimate a search without asking: one call takes as many units as a hundred others."""
    calls = math.ceil(most / LISTED)
    note = f"The search itself takes {calls * units:,} of the day's units, so it is not made for an estimate."
    return _of_videos(most, calls * 2, (f"At most {most:,} videos.", note), title, scope)


def _of_videos(videos: float, listing: int, notes: tuple[str, ...], title: str, scope: Scope) -> Volume:
    least, likely, most = _COMMENTS_A_VIDEO
    assumed = (
        f"Between {least:,} and {most:,} comments for each video are assumed; YouTube counts them only one by one."
    )
    return _band(
        (0.0, videos * (1 + likely), math.ceil(videos * 1.2) * (1 + most)),
        (1, listing + math.ceil(videos), listing * 2 + math.ceil(videos * 1.2) * _calls(most)),
        (*notes, assumed),
        title,
        scope,
    )


def _calls(comments: int) -> int:
    """Return the most calls that a video's comments can take."""
    return math.ceil(comments / THREADS) + math.ceil(comments / _WITH_THEIR_OWN_CALL)


def _band(
    items: tuple[float, float, float], requests: tuple[int, int, int], notes: tuple[str, ...], title: str, scope: Scope
) -> Volume:
    cap = scope.item_limit if scope.item_limit is not None else math.inf
    low, likely, high = (int(min(round(value), cap)) for value in items)
    return Volume((low, likely, high), requests, notes, title)
