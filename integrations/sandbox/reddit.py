"""A stand-in for Reddit's OAuth API: tokens, communities, listings, search, comment trees, `morechildren`, `info`.

Paths and parameters: https://www.reddit.com/dev/api/. Any client id and secret are accepted, except the secret `wrong`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable
from itertools import islice
from math import log10
from threading import Lock
from typing import ClassVar

from integrations.sandbox.items import Item
from integrations.sandbox.reddit_search import compiled, searchable
from integrations.sandbox.reddit_trees import DEEPEST, DEFAULT_LIMIT, LARGEST_LIMIT, Trees
from integrations.sandbox.reddit_wire import Wire, listing
from integrations.sandbox.remote import Request, Response, World

TOKEN_SECONDS = 86_400
LISTING_CAP = 1000
"""No listing goes on after this many things."""
PRIVATE = "sampleprivate"
BANNED = "samplebanned"
QUOTA = 1_000_000
"""Requests in each window of ten minutes; generous, since faults can make it short."""
_WINDOW = 600

_SPANS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400, "year": 365 * 86_400}
_SHORT_ID = re.compile(r"[a-z0-9]+")
_ROUTES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/r/(?P<place>[\w+]+)/about", "about"),
        (r"/r/(?P<place>[\w+]+)/(?P<sort>new|hot|top|rising|controversial|best)", "listing"),
        (r"/(?P<sort>new|hot|top|rising|controversial|best)", "listing"),
        (r"/r/(?P<place>[\w+]+)", "listing"),
        (r"/r/(?P<place>[\w+]+)/search", "search"),
        (r"/search", "search"),
        (r"(?:/r/(?P<place>\w+))?/comments/(?P<post>\w+)(?:/[^/]*)?(?:/(?P<comment>\w+))?", "comments"),
        (r"/api/morechildren", "morechildren"),
        (r"(?:/r/(?P<place>[\w+]+))?/api/info", "info"),
    )
)


class RedditRemote:
    """Answers as `oauth.reddit.com` and, for tokens, as `www.reddit.com` would."""

    id: ClassVar[str] = "reddit"

    def __init__(self, world: World, quota: int = QUOTA) -> None:
        """Index the corpus; `quota` is how many requests each window of ten minutes may bring."""
        corpus = world.corpus
        self._clock = world.clock
        self._by_id = {item.external_id: item for item in corpus.items_of("reddit")}
        self._communities = {community.name: community for community in corpus.communities_of("reddit")}
        self._names = {name.lower(): name for name in self._communities}
        self._trees = Trees(corpus)
        self._wire = Wire(self._communities, self._trees.comment_counts, world.started)
        self._posts = [item for item in reversed(corpus.items_of("reddit")) if item.is_post]
        self._words = {post.external_id: searchable(post) for post in self._posts}
        self._tokens: dict[str, float] = {}
        self._quota = quota
        self._window = (0, 0)
        self._lock = Lock()

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        path = request.path.rstrip("/").removesuffix(".json") or "/hot"
        if path == "/api/v1/access_token":
            return self._access_token(request)
        if not self._authorised(request):
            return _error(401, "Unauthorized", **{"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'})
        used, reset = self._count()
        response = self._route(path, request) if used <= self._quota else _error(429, "Too Many Requests")
        if request.query.get("raw_json") != "1":
            response.body = _escaped(response.body)
        response.headers.update(
            {
                "x-ratelimit-remaining": f"{max(0, self._quota - used)}.0",
                "x-ratelimit-used": str(used),
                "x-ratelimit-reset": str(reset),
            }
        )
        return response

    def forget_token(self, request: Request) -> None:
        """Let the token of `request` expire now."""
        with self._lock:
            self._tokens.pop(_bearer(request), None)

    def _route(self, path: str, request: Request) -> Response:
        for pattern, name in _ROUTES:
            found = pattern.fullmatch(path)
            if not found:
                continue
            parts = {key: value for key, value in found.groupdict().items() if value}
            answer: Callable[[dict[str, str], Request], Response] = getattr(self, f"_{name}")
            return self._refused(parts.get("place")) or answer(parts, request)
        return _error(404, "Not Found")

    def _refused(self, place: str | None) -> Response | None:
        for name in (place or "all").lower().split("+"):
            if name == PRIVATE:
                return _error(403, "Forbidden", reason="private")
            if name == BANNED:
                return _error(404, "Not Found", reason="banned")
            if name not in self._names and name not in {"all", "popular"}:
                return _error(404, "Not Found", reason="unknown")
        return None

    def _about(self, parts: dict[str, str], _request: Request) -> Response:
        name = self._names.get(parts["place"].lower())
        if name is None:
            return _error(404, "Not Found")
        return Response(200, self._wire.community(self._communities[name]))

    def _listing(self, parts: dict[str, str], request: Request) -> Response:
        sort = parts.get("sort", "hot")
        posts = self._posts_of(parts.get("place"))
        if sort in {"top", "controversial"}:
            posts = self._within(posts, request)
        return self._page(self._sorted(posts, sort), request)

    def _search(self, parts: dict[str, str], request: Request) -> Response:
        query = request.query.get("q", "").strip()
        if len(query) > 512:
            return _error(400, "Bad Request", reason="query too long")
        kinds = request.query.get("type", "link").split(",")
        if not query or "link" not in kinds:
            return self._page([], request)
        here = request.query.get("restrict_sr", "").lower() in {"1", "on", "true", "yes"}
        posts = self._within(self._posts_of(parts.get("place") if here else None), request)
        fits = compiled(query)
        found = [post for post in posts if not post.truth.removed and fits(post, self._words[post.external_id])]
        return self._page(self._sorted(found, request.query.get("sort", "relevance")), request)

    def _comments(self, parts: dict[str, str], request: Request) -> Response:
        post = self._by_id.get(f"t3_{parts['post'].lower()}")
        if post is None:
            return _error(404, "Not Found")
        short_id = (parts.get("comment") or request.query.get("comment") or "").lower()
        focus = self._by_id.get(f"t1_{short_id}") if short_id else None
        if short_id and (focus is None or focus.thread_id != post.external_id):
            focus = None
        tree = self._trees.tree(
            self._wire,
            post,
            limit=_number(request, "limit", DEFAULT_LIMIT, LARGEST_LIMIT),
            depth=_number(request, "depth", DEEPEST, DEEPEST),
            sort=request.query.get("sort", "confidence"),
            focus=focus,
            context=_number(request, "context", 0, 8) if focus else 0,
        )
        return Response(200, b"[%b,%b]" % (listing([self._wire.post(post)], dist=True), tree))

    def _morechildren(self, _parts: dict[str, str], request: Request) -> Response:
        fields = {**request.query, **(request.form() if request.method == "POST" else {})}
        wanted = [part for part in fields.get("children", "").split(",") if part]
        if not all(_SHORT_ID.fullmatch(part) for part in wanted):
            page = b"<html><body><h1>400 Bad request</h1>\nThe request could not be read.\n</body></html>\n"
            return Response(400, page, "text/html")
        post = self._by_id.get(fields.get("link_id", ""))
        if post is None or not post.is_post:
            errors = [["NO_THING_ID", "id not specified", "link_id"]]
            return Response.json({"json": {"errors": errors}})
        alone = fields.get("limit_children", "").lower() in {"1", "true"}
        things = self._trees.more_children(self._wire, post, wanted, sort=fields.get("sort", "confidence"), alone=alone)
        return Response(200, b'{"json":{"errors":[],"data":{"things":[%b]}}}' % b",".join(things))

    def _info(self, _parts: dict[str, str], request: Request) -> Response:
        things = []
        by_id = {community.external_id: community for community in self._communities.values()}
        for name in islice(request.query.get("id", "").split(","), 100):
            if item := self._by_id.get(name):
                post = self._by_id[item.thread_id]
                things.append(
                    self._wire.post(item) if item.is_post else self._wire.comment(item, post, item.depth, b'""')
                )
            elif community := by_id.get(name):
                things.append(self._wire.community(community))
        return Response(200, listing(things, dist=True))

    def _posts_of(self, place: str | None) -> list[Item]:
        names = set((place or "all").lower().split("+"))
        if names & {"all", "popular"}:
            return self._posts
        return [post for post in self._posts if post.community.lower() in names]

    def _within(self, posts: list[Item], request: Request) -> list[Item]:
        span = _SPANS.get(request.query.get("t", "all"))
        return posts if span is None else [post for post in posts if post.age_seconds <= span]

    def _sorted(self, posts: list[Item], sort: str) -> list[Item]:
        if sort == "comments":
            return sorted(posts, key=lambda post: -self._trees.comment_counts[post.external_id])
        return sorted(posts, key=_RANKS.get(sort, lambda post: -_hot(post)))

    def _page(self, posts: list[Item], request: Request) -> Response:
        posts = posts[:LISTING_CAP]
        limit = _number(request, "limit", 25, 100)
        places = {post.external_id: place for place, post in enumerate(posts)}
        before, after = request.query.get("before"), request.query.get("after")
        if before:
            end = places.get(before, 0)
            start = max(0, end - limit)
        else:
            start = places[after] + 1 if after in places else (len(posts) if after else 0)
            end = start + limit
        chosen = posts[start:end]
        return Response(
            200,
            listing(
                [self._wire.post(post) for post in chosen],
                after=chosen[-1].external_id if chosen and end < len(posts) else None,
                before=chosen[0].external_id if chosen and start > 0 else None,
                dist=True,
            ),
        )

    def _access_token(self, request: Request) -> Response:
        if request.method != "POST":
            return _error(405, "Method Not Allowed")
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client, secret = "", ""
        if scheme.lower() != "basic" or not client or secret in {"", "wrong"}:
            return _error(401, "Unauthorized")
        if request.form().get("grant_type") not in {"client_credentials", "refresh_token"}:
            return Response.json({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe(24)
        now = self._clock()
        with self._lock:
            self._tokens = {known: until for known, until in self._tokens.items() if until > now}
            self._tokens[token] = now + TOKEN_SECONDS
        return Response.json({"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": "*"})

    def _authorised(self, request: Request) -> bool:
        return self._tokens.get(_bearer(request), 0) > self._clock()

    def _count(self) -> tuple[int, int]:
        now = int(self._clock())
        with self._lock:
            window, used = self._window
            used = used + 1 if window == now // _WINDOW else 1
            self._window = (now // _WINDOW, used)
        return used, _WINDOW - now % _WINDOW


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _number(request: Request, name: str, default: int, largest: int) -> int:
    try:
        number = int(request.query.get(name, default))
    except ValueError:
        return default
    return default if number <= 0 else min(number, largest)


def _hot(post: Item) -> float:
    # Ten times the votes weigh as much as 12.5 hours of youth.
    return log10(max(post.score, 1)) - post.age_seconds / 45_000


_RANKS: dict[str, Callable[[Item], float]] = {
    "new": lambda post: post.age_seconds,
    "top": lambda post: -post.score,
    "controversial": lambda post: post.score,
    "relevance": lambda post: -post.score,
}


def _escaped(body: bytes) -> bytes:
    """Without `raw_json=1` Reddit escapes three characters in every text; in JSON they stand nowhere else."""
    return body.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _error(status: int, message: str, reason: str | None = None, **headers: str) -> Response:
    facts = {"message": message, "error": status, **({"reason": reason} if reason else {})}
    return Response(status, json.dumps(facts).encode(), headers=headers)
