"""The calls that are made to YouTube: paths, parameters, and the units that each takes.

References: https://developers.google.com/youtube/v3/docs/{search,channels,playlistItems,videos,commentThreads,comments}/list
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from integrations.contracts import JsonValue, Scope
from integrations.errors import Gone
from integrations.http import HttpClient
from integrations.quota import Quota
from integrations.sources import _youtube_shapes as shapes
from integrations.sources._youtube_query import YouTubeConfig, YouTubeQuery
from integrations.sources._youtube_volume import LISTED, THREADS

QUOTA = Quota(unit="quota_unit", units_per_day=10_000, costs={"search": 100})
"""https://developers.google.com/youtube/v3/determine_quota_cost: every list call takes 1 unit. A search took 100 of the
10,000; newer projects may make 100 searches a day besides them. Counted as 100, it stays within both."""

Params = dict[str, str | int | None]


class Calls:
    """YouTube's endpoints, one method each. All raise `ProviderError`."""

    def __init__(self, config: YouTubeConfig, http: HttpClient) -> None:
        self._config = config
        self._http = http
        self.units = 0
        """Units taken so far; refused calls take them too, calls that never left do not."""

    async def search(self, query: YouTubeQuery, scope: Scope, token: str) -> JsonValue:
        """Return one page of videos that a search finds. 100 units."""
        words = query.search or ""
        if scope.keywords:  # "|" is YouTube's OR
            alternatives = (f'"{word}"' if " " in word else word for word in scope.keywords)
            words = f"{words} {'|'.join(alternatives)}"
        params: Params = {
            "part": "snippet",
            "type": "video",
            "q": words,
            "order": query.sort,
            "publishedAfter": _written(scope.since),
            "publishedBefore": _written(scope.until),
            "maxResults": min(LISTED, query.videos or LISTED),
            "pageToken": token or None,
        }
        return await self._call("search", query.label(), params, operation="search")

    async def channel(self, query: YouTubeQuery) -> shapes.Resource:
        """Return the channel of a query. 1 unit. Raises `Gone` when there is none."""
        named = query.channel or ""
        params: Params = {"part": "snippet,contentDetails,statistics"}
        params |= {"forHandle": named} if named.startswith("@") else {"id": named}
        found = shapes.resources(await self._call("channels", query.label(), params))
        if not found:
            raise _nothing(query)
        return found[0]

    async def uploads(self, playlist: str, token: str) -> JsonValue:
        """Return one page of a channel's videos, newest first. 1 unit, where a search would take 100."""
        params: Params = {"part": "contentDetails", "playlistId": playlist, "maxResults": LISTED}
        params["pageToken"] = token or None
        try:
            return await self._call("playlistItems", "list of uploads", params)
        except Gone:
            return {"items": []}  # a channel without uploads has no such list

    async def videos(self, names: Sequence[str], query: YouTubeQuery) -> list[shapes.Resource]:
        """Return the facts of at most 50 videos. 1 unit. Raises `Gone` when the one that was named is not there."""
        params: Params = {"part": "snippet,statistics", "id": ",".join(names), "maxResults": LISTED}
        found = shapes.resources(await self._call("videos", query.label(), params))
        if not found and query.video:
            raise _nothing(query)
        return found

    async def threads(self, video: str, token: str | None) -> JsonValue:
        """Return one page of a video's threads, newest first, with some of their replies. 1 unit."""
        params: Params = {"part": "snippet,replies", "videoId": video, "order": "time", "textFormat": "plainText"}
        params |= {"maxResults": THREADS, "pageToken": token or None}
        return await self._call("commentThreads", f"video {video}", params)

    async def replies(self, thread: str, token: str | None) -> JsonValue:
        """Return one page of a thread's replies. 1 unit."""
        params: Params = {"part": "snippet", "parentId": thread, "textFormat": "plainText", "maxResults": THREADS}
        params["pageToken"] = token
        return await self._call("comments", f"thread {thread}", params)

    async def _call(
        self, path: str, what: str, params: Mapping[str, str | int | None], *, operation: str = "read"
    ) -> JsonValue:
        before = self._http.requests
        try:
            answer, _ = await self._http.get_json(
                f"{self._config.base_url.rstrip('/')}/{path}",
                params={**params, "key": self._config.api_key.get_secret_value()},
                operation=operation,
                explain=lambda error, body: shapes.explained(error, body, what=what, now=datetime.now(UTC)),
            )
        finally:
            if self._http.requests > before:
                self.units += QUOTA.cost(operation)
        return answer


def _nothing(query: YouTubeQuery) -> Gone:
    sentence = f"There is no {query.label()} on YouTube: it never existed, or it was deleted or made private."
    return Gone(sentence, provider="youtube", status=200)


def _written(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
