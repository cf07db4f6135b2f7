"""A stand-in for the YouTube Data API v3: videos, channels, search, uploads, comment threads and replies.

Parameters, errors and costs: https://developers.google.com/youtube/v3/docs and …/v3/determine_quota_cost. Any key is
accepted except `wrong` and none; a bearer token does too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from integrations.sandbox.items import Community, Item
from integrations.sandbox.quota import Quota
from integrations.sandbox.remote import Request, Response, World
from integrations.sandbox.youtube_request import (
    Refused,
    check_key,
    mark_of,
    one_of,
    parts_of,
    place_of,
    plain_text,
    refusal,
    required,
    size_of,
    token_of,
)
from integrations.sandbox.youtube_search import Finder
from integrations.sandbox.youtube_wire import Thing, Wire, listing, uploads

ROOT = "/youtube/v3/"
DAILY_UNITS = 10_000_000
"""Generous, since `/_control/quota` can make it short; at YouTube it is 10,000 for a new project."""
COSTS = {"search": 100, "videos": 1, "channels": 1, "playlistItems": 1, "commentThreads": 1, "comments": 1}
"""Units of one call, whatever it asks for or finds."""
INLINE_REPLIES = 5
SEARCH_CAP = 500
"""No search goes on after this many results."""
_PARTS = {
    "search": {"snippet"},
    "videos": {"snippet", "contentDetails", "status", "statistics", "id"},
    "channels": {"snippet", "contentDetails", "statistics", "id"},
    "playlistItems": {"snippet", "contentDetails", "status", "id"},
    "commentThreads": {"snippet", "replies", "id"},
    "comments": {"snippet", "id"},
}
_LARGEST = {"search": 50, "videos": 50, "channels": 50, "playlistItems": 50, "commentThreads": 100, "comments": 100}


class YouTubeRemote:
    """Answers as `www.googleapis.com/youtube/v3` would."""

    id: ClassVar[str] = "youtube"

    def __init__(self, world: World, daily_units: int = DAILY_UNITS) -> None:
        """Index the corpus; `daily_units` is what one day may cost."""
        corpus = world.corpus
        items = corpus.items_of("youtube")
        self.quota = Quota(daily_units, world.clock)
        self._channels = {channel.external_id: channel for channel in corpus.communities_of("youtube")}
        self._by_id = {item.external_id: item for item in items}
        self._below: dict[str, list[Item]] = defaultdict(list)
        self._by_channel: dict[str, list[Item]] = defaultdict(list)
        counts: dict[str, int] = defaultdict(int)
        for item in reversed(items):
            if item.parent_id is None:
                self._by_channel[item.community].append(item)
            else:
                self._below[item.parent_id].append(item)
                counts[item.thread_id] += 1
        silent = sorted(item.external_id for item in items if item.is_post and not counts[item.external_id])
        self._disabled = frozenset(silent[::2])
        names = {channel.name: channel for channel in self._channels.values()}
        self._wire = Wire(names, counts, world.started)
        self._answers: dict[str, Callable[[Request], Thing]] = {
            "videos": self._list_videos,
            "channels": self._list_channels,
            "search": self._search,
            "playlistItems": self._list_playlist_items,
            "commentThreads": self._list_threads,
            "comments": self._list_comments,
        }
        self._finder = Finder(self._wire, names, [item for item in reversed(items) if item.is_post])

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        method = request.path.removeprefix(ROOT)
        if method not in COSTS or not request.path.startswith(ROOT) or request.method != "GET":
            return refusal(Refused("notFound", "Not Found", "", 404))
        try:
            check_key(request)
            self._charge(method)
            return Response.json(self._answers[method](request))
        except Refused as refused:
            return refusal(refused)

    def forget_token(self, request: Request) -> None:
        """Do nothing: keys do not expire."""

    def _charge(self, method: str) -> None:
        if not self.quota.take(COSTS[method]):
            message = (
                'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started'
                '#quota">quota</a>.'
            )
            raise Refused("quotaExceeded", message, status=403, domain="youtube.quota")

    def _list_videos(self, request: Request) -> Thing:
        parts = parts_of(request, _PARTS["videos"])
        asked = required(request, "id").split(",")
        found = [item for name in asked[:50] if (item := self._by_id.get(name)) and item.is_post]
        things = [
            self._wire.video(item, parts, disabled=item.external_id in self._disabled) for item in dict.fromkeys(found)
        ]
        return listing("video", things, {"totalResults": len(things), "resultsPerPage": len(things)}, None, None)

    def _channels_found(self, request: Request) -> list[Community]:
        if handle := request.query.get("forHandle"):
            return [one for one in self._channels.values() if one.name == handle.removeprefix("@").lower()]
        if name := request.query.get("forUsername"):
            return [one for one in self._channels.values() if one.name == name.lower()]
        wanted = one_of(request, "id", "forHandle", "forUsername").split(",")
        return [self._channels[name] for name in wanted if name in self._channels]

    def _list_channels(self, request: Request) -> Thing:
        parts = parts_of(request, _PARTS["channels"])
        found = self._channels_found(request)
        things = [self._wire.channel(one, len(self._by_channel[one.name]), parts) for one in found]
        answer = listing("channel", things, {"totalResults": len(things), "resultsPerPage": 5}, None, None)
        if not things:
            del answer["items"]
        return answer

    def _search(self, request: Request) -> Thing:
        parts_of(request, _PARTS["search"])
        channel = self._channels.get(request.query.get("channelId", ""))
        if request.query.get("channelId") and channel is None:
            return self._page("search", [], request)
        kinds = request.query.get("type", "video,channel,playlist").split(",")
        return self._page("search", self._finder.found(request.query, channel, kinds)[:SEARCH_CAP], request)

    def _list_playlist_items(self, request: Request) -> Thing:
        parts = parts_of(request, _PARTS["playlistItems"])
        playlist = required(request, "playlistId")
        channel = next((one for one in self._channels.values() if uploads(one) == playlist), None)
        if channel is None:
            raise Refused(
                "playlistNotFound",
                "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
                "playlistId",
                404,
            )
        videos = self._by_channel[channel.name]
        writers = [partial(self._wire.uploaded, item, place, parts) for place, item in enumerate(videos)]
        return self._page("playlistItem", writers, request, method="playlistItems")

    def _list_threads(self, request: Request) -> Thing:
        parts = parts_of(request, _PARTS["commentThreads"])
        tops = self._tops(request)
        plain = plain_text(request)
        if request.query.get("order", "time") not in {"time", "relevance"}:
            raise Refused("invalidParameter", "Invalid value for parameter order.", "order", 400)
        if request.query.get("order") == "relevance":
            tops = sorted(tops, key=lambda item: (-item.score, item.age_seconds))
        if words := request.query.get("searchTerms", "").lower().split():
            tops = [top for top in tops if all(word in top.text.lower() for word in words)]
        writers = [partial(self._thread, top, parts, plain=plain) for top in tops]
        return self._page("commentThread", writers, request, method="commentThreads", counts_page=True)

    def _thread(self, top: Item, parts: set[str], *, plain: bool) -> Thing:
        replies = self._below.get(top.external_id, [])
        return self._wire.thread(top, replies[:INLINE_REPLIES], len(replies), parts, plain=plain)

    def _tops(self, request: Request) -> list[Item]:
        if name := request.query.get("videoId"):
            video = self._by_id.get(name)
            if video is None or not video.is_post:
                raise Refused(
                    "videoNotFound",
                    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId'
                    "</a></code> parameter could not be found.",
                    "videoId",
                    404,
                )
            if name in self._disabled:
                raise Refused(
                    "commentsDisabled",
                    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId'
                    "</a></code> parameter has disabled comments.",
                    "videoId",
                    403,
                )
            return list(self._below.get(name, ()))
        if name := request.query.get("allThreadsRelatedToChannelId"):
            channel = self._channels.get(name)
            if channel is None:
                raise Refused("channelNotFound", "The channel could not be found.", "channelId", 404)
            videos = self._by_channel[channel.name]
            tops = [top for video in videos for top in self._below.get(video.external_id, ())]
            return sorted(tops, key=lambda item: item.age_seconds)
        names = one_of(request, "id", "videoId", "allThreadsRelatedToChannelId").split(",")
        return [item for name in names if (item := self._by_id.get(name)) and item.depth == 0 and not item.is_post]

    def _list_comments(self, request: Request) -> Thing:
        parts_of(request, _PARTS["comments"])
        plain = plain_text(request)
        if names := request.query.get("id"):
            found = [item for name in names.split(",") if (item := self._by_id.get(name)) and not item.is_post]
        else:
            parent = self._by_id.get(one_of(request, "parentId", "id"))
            if parent is None or parent.is_post:
                raise Refused(
                    "commentNotFound", "One or more of the specified comments cannot be found.", "parentId", 404
                )
            found = self._below.get(parent.external_id, [])
        writers = [partial(self._wire.comment, item, plain=plain) for item in found]
        return self._page("comment", writers, request, method="comments", counts_page=True)

    def _page(
        self,
        kind: str,
        writers: Sequence[Callable[[], Thing]],
        request: Request,
        *,
        method: str | None = None,
        counts_page: bool = False,
    ) -> Thing:
        largest = _LARGEST[method or kind]
        size = size_of(request, default=20 if largest == 100 else 5, largest=largest)
        mark = mark_of(request)
        start = place_of(request.query.get("pageToken"), mark)
        end = start + size
        things = [write() for write in writers[start:end]]
        total = len(things) if counts_page else len(writers)
        info = {"totalResults": total, "resultsPerPage": size}
        if kind == "comment":
            del info["totalResults"]
        following = token_of(end, mark) if end < len(writers) else None
        previous = token_of(max(0, start - size), mark) if start and not counts_page else None
        return listing(kind, things, info, following, previous)
