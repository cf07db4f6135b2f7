"""The calls that are made to Reddit: paths, parameters, the limit of a minute, and what a refusal means.

References: https://www.reddit.com/dev/api
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from integrations.contracts import JsonValue, Scope
from integrations.errors import Gone, ProviderError, RateLimited, Rejected
from integrations.http import HttpClient
from integrations.http_answers import ResponseFacts
from integrations.oauth import ClientCredentials
from integrations.retry_after import retry_after_seconds
from integrations.sources._reddit_query import RedditConfig, RedditQuery

BATCH = 100
"""Most entries of one answer, and most ids per `morechildren` call
(https://www.reddit.com/dev/api#GET_api_morechildren)."""

_LONGEST_SEARCH = 512
"""Characters in a search (https://www.reddit.com/dev/api#GET_search)."""


class Calls:
    """What may be asked of Reddit, within its limit of a minute. All raise `ProviderError`."""

    def __init__(self, config: RedditConfig, http: HttpClient) -> None:
        self._config = config
        self._http = http
        self._login = ClientCredentials(config.auth_url, config.client_id, config.client_secret)
        self._open_again_at = 0.0

    async def read(self, query: RedditQuery, path: str, params: Mapping[str, str | int | None]) -> JsonValue:
        """Return the answer at a path."""
        url = self._config.base_url.rstrip("/") + path
        # Without raw_json=1 Reddit writes < > & as HTML entities (https://www.reddit.com/dev/api#response_body_encoding).
        params = {**params, "raw_json": 1}
        return await self._call(query, lambda headers: self._http.get_json(url, params=params, headers=headers))

    async def send(self, query: RedditQuery, path: str, form: Mapping[str, str]) -> JsonValue:
        """Return the answer to a form."""
        url = self._config.base_url.rstrip("/") + path
        return await self._call(
            query,
            lambda headers: self._http.post_form_json(url, data=form, params={"raw_json": 1}, headers=headers),
        )

    async def _call(
        self, query: RedditQuery, send: Callable[[Mapping[str, str]], Awaitable[tuple[JsonValue, ResponseFacts]]]
    ) -> JsonValue:
        wait = self._open_again_at - time.monotonic()
        if wait > 0:
            sentence = f"Reddit's limit for this minute is used up; we go on in {wait:.0f} seconds."
            raise RateLimited(sentence, provider="reddit", retry_after=wait)
        try:
            value, facts = await self._login.call(self._http, send)
        except Rejected as error:
            raise _explained(error, query) from None
        self._note_limit(facts.headers)
        if facts.path.startswith("/subreddits/"):  # where Reddit sends those who ask for a community that is not there
            raise Gone(f"There is no {query.label()} on Reddit.", provider="reddit", status=404)
        return value

    def _note_limit(self, headers: Mapping[str, str]) -> None:
        try:
            remaining = float(headers.get("x-ratelimit-remaining", "nan"))
        except ValueError:
            return
        if remaining < 1:
            reset = {"x-ratelimit-reset": headers.get("x-ratelimit-reset", "")}
            self._open_again_at = time.monotonic() + retry_after_seconds(reset, datetime.now(UTC))


def listing_call(query: RedditQuery, scope: Scope) -> tuple[str, dict[str, str | int | None]]:
    """Return path and parameters of a listing, or of a search when there are words to look for."""
    place = f"/r/{query.subreddit}" if query.subreddit else ""
    params: dict[str, str | int | None] = {"limit": BATCH}
    if query.sort == "top":
        params["t"] = _range(scope)
    keywords = " OR ".join(f'"{keyword}"' for word in scope.keywords if (keyword := word.replace('"', " ").strip()))
    words = f"({query.search}) AND ({keywords})" if query.search and keywords else query.search or keywords
    if not words:
        return f"{place}/{query.sort}", params
    if len(words) > _LONGEST_SEARCH:
        raise Rejected(
            f"Reddit's search takes at most {_LONGEST_SEARCH} characters; use fewer or shorter keywords.",
            provider="reddit",
        )
    params |= {"q": words, "sort": query.sort, "t": params.get("t", "all"), "type": "link"}
    if query.subreddit:
        params["restrict_sr"] = 1
    return f"{place}/search", params


def _range(scope: Scope) -> str:
    """Return the shortest of Reddit's ranges that reaches back to `since`; only `top` depends on it."""
    if scope.since is not None:
        # An hour of slack: "the last 30 days" was said a moment ago.
        age = (datetime.now(UTC) - scope.since).total_seconds() - 3600
        for name, days in (("day", 1), ("week", 7), ("month", 30), ("year", 365)):
            if age <= days * 86_400:
                return name
    return "all"


def _explained(error: Rejected, query: RedditQuery) -> ProviderError:
    """Say what a refusal means for the community that was asked for."""
    if error.status == 403:
        sentence = f"Reddit does not show {query.label()}: it is private, quarantined or closed."
        return Rejected(sentence, provider=error.provider, status=403, sample=error.sample)
    if isinstance(error, Gone):
        sentence = f"There is no {query.label()} on Reddit: it never existed, or it was deleted or banned."
        return Gone(sentence, provider=error.provider, status=error.status, sample=error.sample)
    return error
