"""The shapes of YouTube's answers: what is in them, the items that they become, and what its refusals mean. Pure.

Reading raises `ContractChanged` for a shape that it does not know, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from integrations.contracts import CollectedItem, ItemKind, JsonValue
from integrations.errors import ContractChanged, Gone, NeedsReauth, ProviderError, RateLimited, Rejected
from integrations.markup import plain_text
from integrations.quota import next_reset

Resource = dict[str, JsonValue]
"""A video, channel, thread or comment as YouTube sends it."""

PER_MINUTE_WAIT = 60.0
"""Seconds to wait when the limit of a minute, not of the day, is used up."""

_SITE = "https://www.youtube.com"
_LARGEST = 2**31
_FORMATTED = re.compile(r"<br\s*/?>|</?[abi]\b[^<>]*>", re.IGNORECASE)

# https://developers.google.com/youtube/v3/docs/errors and
# https://cloud.google.com/service-infrastructure/docs/reference/rest (reasons in `details`).
_DAY_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_KEY_REFUSED = frozenset(
    {
        "keyInvalid",
        "keyExpired",
        "API_KEY_INVALID",
        "API_KEY_SERVICE_BLOCKED",
        "API_KEY_HTTP_REFERRER_BLOCKED",
        "API_KEY_IP_ADDRESS_BLOCKED",
        "SERVICE_DISABLED",
        "CONSUMER_INVALID",
        "accessNotConfigured",
        "ipRefererBlocked",
        "authError",
        "required",
        "insufficientPermissions",
    }
)


class CommentsDisabled(Gone):
    """The video is there, its comments are switched off."""

    kind = "gone"


class StalePageToken(Rejected):
    """The mark of the next page is no longer known to YouTube."""

    kind = "rejected"


def changed(what: str) -> ContractChanged:
    """Return the error for an answer in which `what` is not as we know it."""
    return ContractChanged(f"YouTube's answer has a shape that we do not know: {what}.", provider="youtube")


def resources(answer: JsonValue) -> list[Resource]:
    """Return the entries of a list answer."""
    if not isinstance(answer, dict):
        raise changed("a list that is none")
    items = answer.get("items")
    if items is None and part(answer, "pageInfo").get("totalResults") == 0:
        return []  # channels.list leaves them out when nothing was found
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise changed("a list without its entries")
    return items


def next_token(answer: JsonValue) -> str | None:
    """Return the mark of the next page; None when this was the last one."""
    token = answer.get("nextPageToken") if isinstance(answer, dict) else None
    if token is not None and not isinstance(token, str):
        raise changed("the mark of the next page")
    return token or None


def part(resource: Resource, name: str) -> Resource:
    """Return one part of a resource (`snippet`)."""
    value = resource.get(name)
    if not isinstance(value, dict):
        raise changed(f"an entry without its {name}")
    return value


def name_of(value: JsonValue, what: str) -> str:
    """Return an id."""
    if not isinstance(value, str) or not value or len(value) > 128 or not value.isascii() or not value.isprintable():
        raise changed(f"an entry without its {what}")
    return value


def count(value: JsonValue) -> int | None:
    """Return a whole number, which YouTube writes as text in statistics; None when it is left out."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return min(value, _LARGEST - 1)


def moment(value: JsonValue) -> datetime:
    """Return when something was published (RFC 3339)."""
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise changed("an entry without its time") from None


def uploads_of(channel: Resource) -> str:
    """Return the playlist with all videos of a channel."""
    return name_of(part(part(channel, "contentDetails"), "relatedPlaylists").get("uploads"), "uploads")


def published(answer: JsonValue) -> list[tuple[str, datetime]]:
    """Return the videos of a page of uploads, with when they were published; private ones have no time."""
    entries = [part(entry, "contentDetails") for entry in resources(answer)]
    return [
        (name_of(entry.get("videoId"), "video"), moment(entry["videoPublishedAt"]))
        for entry in entries
        if "videoPublishedAt" in entry
    ]


def statistic(video: Resource, name: str) -> int | None:
    """Return a number of a video's statistics; None when YouTube does not give it."""
    statistics = video.get("statistics")
    return count(statistics.get(name)) if isinstance(statistics, dict) else None


def community(video: Resource) -> str:
    """Return the channel of a video as people write it."""
    snippet = part(video, "snippet")
    title = snippet.get("channelTitle")
    return _words(title) or name_of(snippet.get("channelId"), "channel")


def comments_of(thread: Resource) -> tuple[Resource, list[Resource], int]:
    """Return the comment at the top of a thread, the replies that came with it, and how many there are."""
    snippet = part(thread, "snippet")
    top = part(snippet, "topLevelComment")
    replies = thread.get("replies")
    found = replies.get("comments", []) if isinstance(replies, dict) else []
    if not isinstance(found, list) or not all(isinstance(reply, dict) for reply in found):
        raise changed("a thread without its replies")
    return top, found, count(snippet.get("totalReplyCount")) or 0


def comment_moment(comment: Resource) -> datetime:
    """Return when a comment was written."""
    return moment(part(comment, "snippet").get("publishedAt"))


def comment_words(comment: Resource) -> str:
    """Return the text of a comment.

    `textOriginal` is what was typed, but given to few callers; `textDisplay` holds entities also as plain text
    (https://developers.google.com/youtube/v3/docs/comments#snippet.textDisplay).
    """
    snippet = part(comment, "snippet")
    original, display = snippet.get("textOriginal"), snippet.get("textDisplay")
    if isinstance(original, str):
        return original
    if not isinstance(display, str):
        raise changed("a comment without its text")
    return plain_text(display) if "&" in display or _FORMATTED.search(display) else display


def video_item(video: Resource) -> CollectedItem:
    """Map one video: its title and description."""
    own, snippet = name_of(video.get("id"), "id"), part(video, "snippet")
    return CollectedItem(
        external_id=own,
        kind=ItemKind.POST,
        thread_external_id=own,
        parent_external_id=None,
        community=community(video),
        author=_words(snippet.get("channelTitle")) or None,
        title=_words(snippet.get("title")) or None,
        text=_words(snippet.get("description")),
        posted_at=moment(snippet.get("publishedAt")),
        permalink=f"{_SITE}/watch?v={own}",
        upvotes=statistic(video, "likeCount"),
        replies=statistic(video, "commentCount"),
    )


def comment_item(comment: Resource, video: str, channel: str) -> CollectedItem:
    """Map one comment or reply below `video` of `channel`."""
    own, snippet = name_of(comment.get("id"), "id"), part(comment, "snippet")
    parent = snippet.get("parentId")
    return CollectedItem(
        external_id=own,
        kind=ItemKind.COMMENT,
        thread_external_id=video,
        parent_external_id=video if parent is None else name_of(parent, "parent"),
        community=channel,
        author=_words(snippet.get("authorDisplayName")) or None,
        title=None,
        text=_storable(comment_words(comment)),
        posted_at=moment(snippet.get("publishedAt")),
        permalink=f"{_SITE}/watch?v={video}&lc={own}",
        upvotes=count(snippet.get("likeCount")),
        replies=count(comment.get("totalReplyCount")),
    )


def explained(error: ProviderError, body: JsonValue, *, what: str, now: datetime) -> ProviderError:
    """Say what a refusal means for `what` was asked for; the reason stands in the answer's body, not in its status."""
    reasons = _reasons(body)
    if reasons & _DAY_USED_UP:
        reset = next_reset(now)
        return RateLimited(
            "YouTube's units for today are used up; collecting goes on when they come back at midnight Pacific Time, "
            f"{reset:%H:%M} UTC.",
            provider=error.provider,
            retry_after=max(1.0, (reset - now).total_seconds()),
            status=error.status,
        )
    if isinstance(error, RateLimited) or not isinstance(error, Rejected | NeedsReauth):
        return error
    if reasons & _TOO_FAST:
        return RateLimited(
            "YouTube asks us to slow down; we go on in a minute.",
            provider=error.provider,
            retry_after=PER_MINUTE_WAIT,
            status=error.status,
        )
    kind, sentence = _meaning(error, reasons, what)
    return kind(sentence, provider=error.provider, status=error.status, sample=error.sample)


def _meaning(error: ProviderError, reasons: set[str], what: str) -> tuple[type[ProviderError], str]:
    if reasons & _KEY_REFUSED or error.status == 401:
        return NeedsReauth, (
            "YouTube does not accept the key; check ASTERISM_YOUTUBE_API_KEY, and that the YouTube Data API is "
            "switched on for its project."
        )
    if "commentsDisabled" in reasons:
        return CommentsDisabled, f"Comments are switched off for {what} on YouTube."
    if "invalidPageToken" in reasons:
        return StalePageToken, "YouTube no longer knows the page where we stopped."
    if isinstance(error, Gone):
        return Gone, f"There is no {what} on YouTube: it never existed, or it was deleted or made private."
    if error.status == 403:
        return Rejected, f"YouTube does not show {what}: it is private or closed to this key."
    return type(error), error.message


def _reasons(body: JsonValue) -> set[str]:
    """Return all reasons that an error answer names."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return set()
    lists = (error.get("errors"), error.get("details"))
    entries: Sequence[JsonValue] = [entry for found in lists if isinstance(found, list) for entry in found]
    reasons = (entry.get("reason") for entry in entries if isinstance(entry, dict))
    return {reason for reason in reasons if isinstance(reason, str)}


def _words(value: JsonValue) -> str:
    return _storable(value) if isinstance(value, str) else ""


def _storable(text: str) -> str:
    if "\x00" in text:  # PostgreSQL stores none
        text = text.replace("\x00", "")
    # Half of a surrogate pair cannot be stored either.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
