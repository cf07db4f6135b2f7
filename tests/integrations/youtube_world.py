"""Two small YouTubes: a made-up one with channels, searches and busy videos, and recorded answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.local_server import Asked, Reply

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "youtube"
KEY = "made-up-key-of-the-project"
START = datetime(2025, 6, 1, 12, tzinfo=UTC)
TALK = START - timedelta(hours=24)
"""When the comments begin, so that a range can hold some of them and some videos."""
CHANNEL = "UC" + "c" * 22
BUSY = "video_00003"


def recorded(name: str) -> dict:
    """Return one recorded answer; skip the test where it is absent."""
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The recorded answers are not here: {path.name} belongs in ../shared/data/youtube.")
    return json.loads(path.read_text())


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def video(name: str, number: int, comments: int | None, **snippet: object) -> dict:
    statistics = {"viewCount": "1000", "likeCount": str(number)}
    if comments is not None:
        statistics["commentCount"] = str(comments)
    facts = {
        "publishedAt": written(START - timedelta(hours=number)),
        "channelId": CHANNEL,
        "channelTitle": "Cheese & Co",
        "title": f"Title {number}",
        "description": f"Description {number}",
    }
    return {"kind": "youtube#video", "id": name, "snippet": {**facts, **snippet}, "statistics": statistics}


def comment(name: str, number: int, parent: str | None = None, **snippet: object) -> dict:
    facts = {
        "authorDisplayName": "@anna",
        "textDisplay": f"Comment {name}",
        "likeCount": 2,
        "publishedAt": written(TALK + timedelta(minutes=number)),
        "updatedAt": written(TALK + timedelta(minutes=number)),
    }
    if parent is not None:
        facts["parentId"] = parent
    return {"kind": "youtube#comment", "id": name, "snippet": {**facts, **snippet}}


def listing(items: list[dict], token: str | None = None) -> dict:
    more = {"nextPageToken": token} if token else {}
    return {"kind": "youtube#listResponse", "items": items, "pageInfo": {"totalResults": len(items)}, **more}


def refusal(status: int, reason: str, message: str = "No.") -> Reply:
    error = {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}
    return Reply.of({"error": error}, status)


class MadeUpYouTube:
    """A channel of 60 videos; one with 250 threads, some with more replies than come with them, one closed."""

    inline = 5

    def __init__(self) -> None:
        self.threads: dict[str, list[dict]] = {}
        self.replies: dict[str, list[dict]] = {}
        self.closed = {"video_00005"}
        for number in range(250):
            self._thread(BUSY, f"Ug{number:022}AB", 250 - number, {7: 230, 30: 12, 31: 5, 249: 6}.get(number, 0))
        for number in range(3):
            self._thread("video_00055", f"Up{number:022}AB", 3 - number, 1)
        counts = {name: sum(1 + len(self.replies[t["id"]]) for t in found) for name, found in self.threads.items()}
        self.videos = {
            (name := f"video_{number:05}"): video(name, number, None if name in self.closed else counts.get(name, 0))
            for number in range(60)
        }
        self.busy_ids = {BUSY} | self._below(BUSY)
        self.ids = set(self.videos) | self._below(BUSY) | self._below("video_00055")
        # The video, three pages of threads, three pages of 230 replies, 12 and 6 replies.
        self.least_of_busy = 1 + 3 + 3 + 1 + 1
        # The channel, two pages of uploads, two of facts, the closed video's refusal, and the comments of two videos.
        self.least = 1 + 2 + 2 + 1 + (self.least_of_busy - 1) + 1

    def _thread(self, below: str, name: str, number: int, replies: int) -> None:
        own = comment(name, number * 10)
        self.replies[name] = [comment(f"{name}.r{place:04}", number * 10 + 1 + place, name) for place in range(replies)]
        thread = {
            "kind": "youtube#commentThread",
            "id": name,
            "snippet": {"videoId": below, "topLevelComment": own, "totalReplyCount": replies},
        }
        if replies:
            thread["replies"] = {"comments": self.replies[name][-self.inline :]}
        self.threads.setdefault(below, []).append(thread)

    def _below(self, name: str) -> set[str]:
        return {entry["id"] for thread in self.threads[name] for entry in [thread, *self.replies[thread["id"]]]}

    def answer(self, asked: Asked) -> Reply:
        query = asked.query
        if query.get("key") != KEY:
            return refusal(400, "keyInvalid")
        match asked.path.strip("/"):
            case "channels":
                known = query.get("forHandle") == "@cheese" or query.get("id") == CHANNEL
                facts = {
                    "id": CHANNEL,
                    "snippet": {"title": "Cheese & Co"},
                    "statistics": {"videoCount": str(len(self.videos))},
                    "contentDetails": {"relatedPlaylists": {"uploads": "UU" + "c" * 22}},
                }
                return Reply.of(listing([facts])) if known else Reply.of({"pageInfo": {"totalResults": 0}})
            case "playlistItems":
                assert query["playlistId"] == "UU" + "c" * 22
                entries = [
                    {"contentDetails": {"videoId": name, "videoPublishedAt": entry["snippet"]["publishedAt"]}}
                    for name, entry in self.videos.items()
                ]
                return self._page(entries, asked, 50)
            case "search":
                assert query["type"] == "video"
                found = [{"id": {"videoId": name}, "snippet": v["snippet"]} for name, v in self.videos.items()]
                return self._page(found, asked, 50)
            case "videos":
                names = query["id"].split(",")
                assert len(names) <= 50
                return Reply.of(listing([self.videos[name] for name in names if name in self.videos]))
            case "commentThreads":
                assert (query["textFormat"], query["order"]) == ("plainText", "time")
                if query["videoId"] in self.closed:
                    return refusal(403, "commentsDisabled")
                if query["videoId"] not in self.videos:
                    return refusal(404, "videoNotFound")
                return self._page(self.threads.get(query["videoId"], []), asked, 100)
            case "comments":
                assert query["textFormat"] == "plainText"
                return self._page(self.replies[query["parentId"]], asked, 100)
        return refusal(404, "notFound")

    def _page(self, entries: list[dict], asked: Asked, most: int) -> Reply:
        start = int(asked.query.get("pageToken", "0"))
        size = int(asked.query["maxResults"])
        assert size <= most
        end = start + size
        return Reply.of(listing(entries[start:end], str(end) if end < len(entries) else None))
