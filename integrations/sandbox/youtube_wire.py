"""The JSON of the YouTube Data API v3: channels, videos, search results, playlist items, comment threads, comments.

Shapes: https://developers.google.com/youtube/v3/docs. Where the recordings of real answers and the pages differ, the
recordings win: comments carry `textOriginal` for everybody, and `pageInfo` of comment threads counts the page.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import blake2b
from html import escape

from integrations.sandbox.items import MARK, Community, Item

Thing = dict[str, object]

_TIME = re.compile(r"\b(\d{1,2}):([0-5]\d)\b")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
_CATEGORY = "28"


class Wire:
    """Writes things of one corpus whose ages count back from `started` (seconds since 1970)."""

    def __init__(self, channels: dict[str, Community], comment_counts: dict[str, int], started: float) -> None:
        self._channels = channels
        self._comment_counts = comment_counts
        self._started = int(started)

    def published(self, item: Item) -> str:
        """Return when an item was written, as RFC 3339."""
        return rfc3339(self._started - item.age_seconds)

    def channel(self, channel: Community, videos: int, parts: set[str]) -> Thing:
        """Write a channel."""
        words = {"title": channel.title, "description": channel.description}
        snippet = {
            **words,
            "customUrl": f"@{channel.name}",
            "publishedAt": rfc3339(self._started - 5 * 365 * 86_400),
            "thumbnails": _thumbnails(f"https://yt3.example/{channel.external_id}", 88),
            "localized": words,
            "country": {"de": "DE", "es": "ES", "fr": "FR"}.get(channel.language, "US"),
        }
        related = {"likes": "", "uploads": uploads(channel)}
        statistics = {
            "viewCount": str(channel.subscribers * 91),
            "subscriberCount": str(channel.subscribers),
            "hiddenSubscriberCount": False,
            "videoCount": str(videos),
        }
        choice: Thing = {"snippet": snippet, "contentDetails": {"relatedPlaylists": related}, "statistics": statistics}
        return _thing("channel", channel.external_id, choice, parts)

    def video(self, item: Item, parts: set[str], *, disabled: bool) -> Thing:
        """Write a video; without comments allowed it has no `commentCount`."""
        channel = self._channels[item.community]
        words = {"title": item.title, "description": item.text}
        statistics: Thing = {
            "viewCount": str(item.score * 37 + 400),
            "likeCount": str(item.score),
            "favoriteCount": "0",
        }
        if not disabled:
            statistics["commentCount"] = str(self._comment_counts.get(item.external_id, 0))
        seconds = 240 + item.score % 1500
        choice: Thing = {
            "snippet": {
                **self._about_video(item),
                "tags": [MARK, *str(item.truth.topic or "").split("_")],
                "categoryId": _CATEGORY,
                "liveBroadcastContent": "none",
                "defaultLanguage": channel.language,
                "localized": words,
                "defaultAudioLanguage": channel.language,
            },
            "contentDetails": {
                "duration": f"PT{seconds // 60}M{seconds % 60}S",
                "dimension": "2d",
                "definition": "hd",
                "caption": "false",
                "licensedContent": False,
                "contentRating": {},
                "projection": "rectangular",
            },
            "status": {
                "uploadStatus": "processed",
                "privacyStatus": "public",
                "license": "youtube",
                "embeddable": True,
                "publicStatsViewable": True,
                "madeForKids": False,
            },
            "statistics": statistics,
        }
        return _thing("video", item.external_id, choice, parts)

    def found_video(self, item: Item) -> Thing:
        """Write a search result; its texts are escaped, as there."""
        about = self._about_video(item)
        about["title"] = escape(str(item.title))
        about["description"] = escape(item.text.split("\n", maxsplit=1)[0])
        about["liveBroadcastContent"] = "none"
        about["publishTime"] = about["publishedAt"]
        name: Thing = {"kind": "youtube#video", "videoId": item.external_id}
        return _stamped({"kind": "youtube#searchResult", "id": name, "snippet": about})

    def found_channel(self, channel: Community) -> Thing:
        """Write a search result for a channel."""
        snippet = {
            "publishedAt": rfc3339(self._started - 5 * 365 * 86_400),
            "channelId": channel.external_id,
            "title": channel.title,
            "description": channel.description,
            "channelTitle": channel.title,
            "liveBroadcastContent": "none",
        }
        name: Thing = {"kind": "youtube#channel", "channelId": channel.external_id}
        return _stamped({"kind": "youtube#searchResult", "id": name, "snippet": snippet})

    def uploaded(self, item: Item, place: int, parts: set[str]) -> Thing:
        """Write a video as an item of its channel's uploads."""
        channel = self._channels[item.community]
        named = {"kind": "youtube#video", "videoId": item.external_id}
        snippet = {
            **self._about_video(item),
            "playlistId": uploads(channel),
            "position": place,
            "resourceId": named,
            "videoOwnerChannelTitle": channel.title,
            "videoOwnerChannelId": channel.external_id,
        }
        details = {"videoId": item.external_id, "videoPublishedAt": self.published(item)}
        choice: Thing = {"snippet": snippet, "contentDetails": details, "status": {"privacyStatus": "public"}}
        return _thing("playlistItem", _digest(f"{uploads(channel)}.{item.external_id}", 24), choice, parts)

    def thread(self, top: Item, replies: list[Item], count: int, parts: set[str], *, plain: bool) -> Thing:
        """Write a thread: the comment at its top, how many replies it has, and some of them."""
        channel = self._channels[top.community].external_id
        choice: Thing = {
            "snippet": {
                "channelId": channel,
                "videoId": top.thread_id,
                "topLevelComment": self.comment(top, plain=plain),
                "canReply": True,
                "totalReplyCount": count,
                "isPublic": True,
            }
        }
        if replies:
            choice["replies"] = {"comments": [self.comment(reply, plain=plain) for reply in replies]}
        return _thing("commentThread", top.external_id, choice, parts)

    def comment(self, item: Item, *, plain: bool) -> Thing:
        """Write a comment; `plain` leaves out the markup of `textDisplay`."""
        person = "UC" + _digest(item.author or "", 22)
        snippet: Thing = {
            "channelId": self._channels[item.community].external_id,
            "videoId": item.thread_id,
            "textDisplay": item.text if plain else markup(item.text, item.thread_id),
            "textOriginal": item.text,
            "authorDisplayName": item.author or "",
            "authorProfileImageUrl": f"https://yt3.example/{person}=s48",
            "authorChannelUrl": f"http://www.youtube.com/{item.author or ''}",
            "authorChannelId": {"value": person},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": max(0, item.score),
            "publishedAt": self.published(item),
            "updatedAt": self.published(item),
        }
        if item.depth:
            snippet["parentId"] = item.parent_id
        return _thing("comment", item.external_id, {"snippet": snippet}, {"snippet"})

    def _about_video(self, item: Item) -> Thing:
        channel = self._channels[item.community]
        return {
            "publishedAt": self.published(item),
            "channelId": channel.external_id,
            "title": item.title,
            "description": item.text,
            "thumbnails": _thumbnails(f"https://i.example/vi/{item.external_id}", 0),
            "channelTitle": channel.title,
        }


def uploads(channel: Community) -> str:
    """Return the playlist of all videos of a channel."""
    return "UU" + channel.external_id[2:]


def rfc3339(seconds: float) -> str:
    """Write seconds since 1970 as the API does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def markup(text: str, video: str) -> str:
    """Return a comment as HTML: escaped, with links, line breaks, and times that jump into the video."""
    marked = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
    if marked != escape(text):
        return marked.replace("\n", "<br>")
    jump = f'<a href="https://www.youtube.com/watch?v={video}&amp;t='
    marked = _TIME.sub(lambda found: f'{jump}{60 * int(found[1]) + int(found[2])}">{found[0]}</a>', marked)
    return marked.replace("\n", "<br>")


def listing(kind: str, items: list[Thing], info: dict[str, int], following: str | None, previous: str | None) -> Thing:
    """Write an answer of `kind` (`video`, `search`, …) that holds `items`."""
    told: Thing = {"kind": f"youtube#{kind}ListResponse", "etag": ""}
    if following:
        told["nextPageToken"] = following
    if previous:
        told["prevPageToken"] = previous
    told |= {"pageInfo": info, "items": items}
    told["etag"] = _digest("".join(str(item["etag"]) for item in items) + kind, 27)
    return told


def _thing(kind: str, name: str, choice: Thing, parts: set[str]) -> Thing:
    chosen = {part: value for part, value in choice.items() if part in parts}
    return _stamped({"kind": f"youtube#{kind}", "id": name, **chosen})


def _stamped(thing: Thing) -> Thing:
    return {"kind": thing["kind"], "etag": _digest(repr(thing), 27), **thing}


def _thumbnails(address: str, side: int) -> Thing:
    return {
        name: {"url": f"{address}/{name}.jpg", "width": side or width, "height": side or height}
        for name, (width, height) in _SIZES.items()
    }


def _digest(text: str, signs: int) -> str:
    return urlsafe_b64encode(blake2b(text.encode(), digest_size=24).digest()).decode()[:signs]
