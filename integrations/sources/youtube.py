"""YouTube, through its Data API v3 with a key (https://developers.google.com/youtube/v3/docs).

    channel ─▶ uploads ─┐
              search ───┴▶ videos, 50 at once ─▶ for each: threads, 100 at once ─▶ replies of threads with more of them
                 ▲                                                                           │
                 └──────────────────── next page, until `since` or enough videos ◀───────────┘

One step is one request and one page. Every call takes units of a daily quota, which each page counts. The newest
threads come first, so reading ends at the page that passes `since`; later replies to older threads are left out.
Keywords become part of a search; of a video or a channel they choose among the comments.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import SecretStr

from integrations import paging
from integrations.contracts import (
    AuthMethod,
    CollectedItem,
    Cursor,
    Limits,
    Page,
    ProviderConfig,
    Scope,
    SourceQuery,
    Volume,
)
from integrations.errors import Gone
from integrations.http import HttpClient
from integrations.quota import Quota
from integrations.sources import _youtube_shapes as shapes
from integrations.sources import _youtube_volume as volumes
from integrations.sources._youtube_calls import QUOTA, Calls
from integrations.sources._youtube_progress import Progress, Video, expected_items, resumed
from integrations.sources._youtube_query import YouTubeConfig, YouTubeQuery, recognise


class YouTube:
    """Videos, comments and replies of YouTube."""

    id: ClassVar[str] = "youtube"
    label: ClassVar[str] = "YouTube"
    noun: ClassVar[str] = "channel"
    auth: ClassVar[AuthMethod] = AuthMethod.API_KEY
    limits: ClassVar[Limits] = Limits(requests_per_minute=600, page_size=100)
    """Google documents no limit of a minute for this API; ten calls a second are ours. Page sizes:
    https://developers.google.com/youtube/v3/docs/commentThreads/list"""
    quota: ClassVar[Quota | None] = QUOTA
    stored: ClassVar[bool] = False
    Config: ClassVar[type[ProviderConfig]] = YouTubeConfig
    Query: ClassVar[type[SourceQuery]] = YouTubeQuery

    def __init__(self, config: ProviderConfig, http: HttpClient) -> None:
        self._calls = Calls(YouTubeConfig.model_validate(config, from_attributes=True), http)
        self._http = http

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True when the key is set."""
        key = getattr(config, "api_key", None)
        return isinstance(key, SecretStr) and bool(key.get_secret_value())

    @classmethod
    def recognise(cls, text: str) -> YouTubeQuery | None:
        """Return the query of a YouTube link or of a name like `yt:@handle`; None for everything else."""
        try:
            return recognise(text)
        except ValueError:
            return None

    async def pages(self, query: SourceQuery, scope: Scope, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield videos, then the comments below them, page by page. Raises `ProviderError`."""
        wanted = YouTubeQuery.model_validate(query, from_attributes=True)
        state = resumed(wanted, cursor)
        while not state.finished():
            requests, units = self._http.requests, self._calls.units
            videos, comments, below = await self._step(wanted, scope, state)
            videos, comments = paging.within_limit(scope, state.items, videos, comments)
            state.items += len(videos) + len(comments)
            last = state.finished() or paging.is_enough(scope, state.items)
            yield Page(
                payload={
                    "videos": videos,
                    "comments": comments,
                    "video": below.id if below else "",
                    "channel": below.channel if below else "",
                },
                cursor=None if last else state.model_dump(mode="json"),
                requests=self._http.requests - requests,
                usage={QUOTA.unit: self._calls.units - units},
                expected_items=state.items if last else expected_items(state, scope),
            )
            if last:
                return

    def parse(self, page: Page) -> Sequence[CollectedItem]:
        """Map the videos and comments of one page, in their order. Raises `ContractChanged`."""
        try:
            video, channel = page.payload["video"], page.payload["channel"]
            items = [shapes.video_item(entry) for entry in page.payload["videos"]]
            items.extend(shapes.comment_item(entry, video, channel) for entry in page.payload["comments"])
        except (AttributeError, KeyError, TypeError):
            raise shapes.changed("a page without its videos and comments") from None
        return items

    async def measure(self, query: SourceQuery, scope: Scope) -> Volume:
        """Estimate in two calls of one unit at most. Raises `ProviderError`."""
        wanted = YouTubeQuery.model_validate(query, from_attributes=True)
        if wanted.search:
            most = wanted.videos or volumes.LISTED
            return volumes.of_search(most, QUOTA.cost("search"), wanted.label(), scope)
        if wanted.video:
            video = (await self._calls.videos([wanted.video], wanted))[0]
            item = shapes.video_item(video)
            return volumes.of_video(video, item.title or wanted.label(), scope)
        channel = await self._calls.channel(wanted)
        answer = await self._calls.uploads(shapes.uploads_of(channel), "")
        statistics, snippet = channel.get("statistics"), shapes.part(channel, "snippet")
        return volumes.of_channel(
            [time for _, time in shapes.published(answer)],
            shapes.count(statistics.get("videoCount")) if isinstance(statistics, dict) else None,
            most=wanted.videos,
            now=datetime.now(UTC),
            title=str(snippet.get("title") or wanted.label()),
            scope=scope,
        )

    async def _step(
        self, query: YouTubeQuery, scope: Scope, state: Progress
    ) -> tuple[list[shapes.Resource], list[shapes.Resource], Video | None]:
        """Make the next call; return videos, comments, and the video that the comments are below."""
        if state.video is None and state.videos:
            (video, channel, expected), *state.videos = state.videos
            state.video = Video(id=video, channel=channel, expected=expected)
        if state.video is not None:
            below = state.video
            comments = await self._read_comments(query, scope, below)
            if not below.unread():
                state.video = None
            return [], [comment for comment in comments if _wanted(query, scope, comment)], below
        if state.found:
            return await self._read_facts(query, scope, state), [], None
        if query.channel and state.uploads is None:
            state.uploads = shapes.uploads_of(await self._calls.channel(query))
        else:
            await self._read_listing(query, scope, state)
        return [], [], None

    async def _read_listing(self, query: YouTubeQuery, scope: Scope, state: Progress) -> None:
        """Read the next page of a channel's or a search's videos."""
        before = state.listing or ""
        if state.uploads is not None:
            answer = await self._calls.uploads(state.uploads, before)
            listed = shapes.published(answer)
            # The newest come first, so the page that reaches past `since` is the last one.
            passed = scope.since is not None and bool(listed) and listed[-1][1] < scope.since
            found = [video for video, time in listed if _in_range(time, scope)]
        else:
            answer = await self._calls.search(query, scope, before)
            entries = [shapes.part(entry, "id").get("videoId") for entry in shapes.resources(answer)]
            found, passed = [shapes.name_of(video, "video") for video in entries if video is not None], False
        most = query.videos or (volumes.LISTED if query.search else None)
        if most is not None:
            found = found[: most - state.listed]
        state.found = list(dict.fromkeys(found))
        state.listed += len(found)
        token = shapes.next_token(answer)
        enough = most is not None and state.listed >= most
        state.listing = None if passed or enough or token == before or not shapes.resources(answer) else token

    async def _read_facts(self, query: YouTubeQuery, scope: Scope, state: Progress) -> list[shapes.Resource]:
        """Read the videos that were found, and note whose comments follow."""
        videos = await self._calls.videos(state.found, query)
        state.found = []
        if not query.video:
            videos = [v for v in videos if _in_range(shapes.video_item(v).posted_at, scope)]
        for video in videos:
            comments = shapes.statistic(video, "commentCount")
            if comments == 0:
                continue
            own = shapes.name_of(video.get("id"), "id")
            state.videos.append((own, shapes.community(video), comments or 0))
        return videos

    async def _read_comments(self, query: YouTubeQuery, scope: Scope, video: Video) -> list[shapes.Resource]:
        """Make the next call for one video and note in `video` what is still missing after it."""
        try:
            found = await (self._read_replies(video) if video.threads else self._read_threads(scope, video))
        except shapes.StalePageToken:
            if video.restarted:
                raise
            # A mark kept overnight may have expired. What comes twice is stored once.
            video.token, video.threads, video.replies, video.last, video.restarted = "", [], None, [], True
            return []
        except Gone:
            if query.video and not video.threads and not video.token:
                raise
            # Deleted or closed since it was listed: that there is nothing more is the answer.
            if video.threads:
                video.threads, video.replies = video.threads[1:], None
            else:
                video.token = None
            return []
        video.got += len(found)
        return found

    async def _read_threads(self, scope: Scope, video: Video) -> list[shapes.Resource]:
        before = video.token
        answer = await self._calls.threads(video.id, before)
        found: list[shapes.Resource] = []
        names: list[str] = []
        oldest: datetime | None = None
        for thread in shapes.resources(answer):
            top, replies, total = shapes.comments_of(thread)
            name = shapes.name_of(top.get("id"), "id")
            names.append(name)
            oldest = shapes.comment_moment(top)
            if name in video.last:
                continue
            found.append({**top, "totalReplyCount": total})
            if len(replies) >= total:
                found += replies
            elif scope.until is None or oldest <= scope.until:  # no reply is older than what it answers
                video.threads.append(name)
        token = shapes.next_token(answer)
        passed = scope.since is not None and oldest is not None and oldest < scope.since
        video.token = None if passed or not names or token == before else token
        video.last = names if video.token else []
        return found

    async def _read_replies(self, video: Video) -> list[shapes.Resource]:
        answer = await self._calls.replies(video.threads[0], video.replies)
        found, token = shapes.resources(answer), shapes.next_token(answer)
        video.replies = token if found and token != video.replies else None
        if video.replies is None:
            video.threads = video.threads[1:]
        return found


def _in_range(time: datetime, scope: Scope) -> bool:
    return paging.in_range(scope, time, datetime.timestamp)


def _wanted(query: YouTubeQuery, scope: Scope, comment: shapes.Resource) -> bool:
    if not _in_range(shapes.comment_moment(comment), scope):
        return False
    if query.search or not scope.keywords:
        return True
    return paging.says_any(shapes.comment_words(comment), scope.keywords)
