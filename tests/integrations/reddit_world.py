"""Two small Reddits: a made-up community that cuts its trees early, and recorded answers, replayed by ids asked for."""

from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.local_server import Asked, Reply

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "reddit"
TOKEN = "made-up-token-0123456789"
START = 1_750_000_000


def recorded(name: str) -> list[dict]:
    """Return the exchanges of one recording, bodies decoded to text; skip the test where it is absent."""
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The recorded answers are not here: {path.name} belongs in ../shared/data/reddit.")
    exchanges = json.loads(path.read_text())["interactions"]
    for exchange in exchanges:
        body = exchange["response"]["body"] or {}
        text = body.get("string") or ""
        if packed := body.get("base64_string"):
            raw = base64.b64decode(packed)
            text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
        exchange["response"]["text"] = text
    return exchanges


def token() -> Reply:
    return Reply.of({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600, "scope": "*"})


def is_login(asked: Asked) -> bool:
    return asked.path == "/api/v1/access_token"


def post(name: str, number: int, comments: int = 0, **more: object) -> dict:
    data = {
        "id": name,
        "name": f"t3_{name}",
        "subreddit": "cheese",
        "author": "anna",
        "title": f"Title {number}",
        "selftext": f"Text {number}",
        "created_utc": float(START - number * 600),
        "score": number,
        "num_comments": comments,
        "permalink": f"/r/cheese/comments/{name}/title/",
        "stickied": False,
    }
    return {"kind": "t3", "data": {**data, **more}}


def comment(name: str, thread: str, parent: str, number: int = 0, **more: object) -> dict:
    data = {
        "id": name,
        "name": f"t1_{name}",
        "link_id": f"t3_{thread}",
        "parent_id": parent,
        "subreddit": "cheese",
        "author": "ben",
        "body": f"Answer {name}",
        "created_utc": START + number,
        "score": 1,
        "replies": "",
    }
    return {"kind": "t1", "data": {**data, **more}}


def listing(children: list, after: str | None = None) -> dict:
    return {"kind": "Listing", "data": {"children": children, "after": after, "before": None}}


class MadeUpReddit:
    """230 posts, three with conversations; a tree answer holds 20 comments and 4 levels, a batch at most 100."""

    def __init__(self, page: int = 100, first: int = 20, depth: int = 4) -> None:
        self.page, self.first, self.depth = page, first, depth
        self.posts = [post(f"p{number}", number) for number in range(230)]
        self.below: dict[str, list[dict]] = defaultdict(list)
        self.thread_of: dict[str, str] = {}
        for number in range(260):  # wide: needs three batches, one of them full
            self._grow("p3", "t3_p3", f"w{number}")
        for number in range(11):  # deep: the thread is continued three times
            self._grow("p120", f"t1_d{number - 1}" if number else "t3_p120", f"d{number}")
        self._grow("p7", "t3_p7", "gone", author="[deleted]", body="[removed]")
        self._grow("p7", "t1_gone", "orphan", author=None)
        for entry in self.posts:
            data = entry["data"]
            data["num_comments"] = sum(1 for thread in self.thread_of.values() if thread == data["id"])
        self.ids = {entry["data"]["name"] for entry in self.posts} | {f"t1_{name}" for name in self.thread_of}
        # A token, three pages, three trees, 240 ids in three batches, three continued threads.
        self.least = 1 + 3 + 3 + 3 + 3

    def _grow(self, thread: str, parent: str, name: str, **more: object) -> None:
        self.thread_of[name] = thread
        self.below[parent].append(comment(name, thread, parent, len(self.thread_of), **more))

    def answer(self, asked: Asked) -> Reply:
        if is_login(asked):
            return token()
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply.of({"message": "Unauthorized", "error": 401}, 401)
        assert asked.query.get("raw_json") == "1", asked
        match asked.path.strip("/").split("/"):
            case ["r", "cheese", "about"]:
                return Reply.of({"kind": "t5", "data": {"display_name_prefixed": "r/cheese", "subscribers": 12_345}})
            case ["r", "cheese", "new" | "hot" | "top"]:
                return Reply.of(self._listing(self.posts, asked))
            case ["r", "cheese", "search"] | ["search"]:
                words = [word.strip(' "').lower() for word in asked.query["q"].split(" OR ")]
                found = [p for p in self.posts if any(word in p["data"]["title"].lower().split() for word in words)]
                return Reply.of(self._listing(found, asked))
            case ["comments", name]:
                found = [entry for entry in self.posts if entry["data"]["id"] == name]
                if not found:
                    return Reply.of({"message": "Not Found", "error": 404}, 404)
                return Reply.of([listing(found), listing(self._tree(f"t3_{name}", 0, [self.first]))])
            case ["comments", name, "_", focus]:
                found = [entry for entry in self.posts if entry["data"]["id"] == name]
                own = next(c for answers in self.below.values() for c in answers if c["data"]["id"] == focus)
                replies = self._tree(f"t1_{focus}", 1, [self.first])
                return Reply.of([listing(found), listing([self._with(own, replies)])])
            case ["api", "morechildren"]:
                return self._more(asked)
        return Reply.of({"message": "Not Found", "error": 404}, 404)

    def _listing(self, posts: list[dict], asked: Asked) -> dict:
        names = [entry["data"]["name"] for entry in posts]
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        end = start + min(int(asked.query.get("limit", 25)), self.page)
        return listing(posts[start:end], names[end - 1] if end < len(names) else None)

    def _with(self, entry: dict, replies: list[dict]) -> dict:
        return {"kind": "t1", "data": {**entry["data"], "replies": listing(replies) if replies else ""}}

    def _tree(self, parent: str, depth: int, left: list[int]) -> list[dict]:
        answers = self.below[parent]
        if answers and depth >= self.depth:
            return [{"kind": "more", "data": {"id": "_", "count": 0, "parent_id": parent, "children": []}}]
        shown, hidden = [], []
        for entry in answers:
            if left[0] <= 0:
                hidden.append(entry["data"]["id"])
                continue
            left[0] -= 1
            shown.append(self._with(entry, self._tree(entry["data"]["name"], depth + 1, left)))
        if hidden:
            more = {"id": hidden[0], "count": len(hidden), "parent_id": parent, "children": hidden}
            shown.append({"kind": "more", "data": more})
        return shown

    def _more(self, asked: Asked) -> Reply:
        names = asked.form["children"].split(",")
        assert len(names) <= 100
        assert asked.form["api_type"] == "json"
        known = [c for answers in self.below.values() for c in answers if c["data"]["id"] in names]
        assert all(c["data"]["link_id"] == asked.form["link_id"] for c in known)
        return Reply.of({"json": {"errors": [], "data": {"things": known}}})


class RecordedTree:
    """The recorded conversation of 536 comments: `morechildren` answers by the ids asked for.

    With `whole` every recorded answer that holds one of the ids is given in full, so answers overlap.
    """

    def __init__(self, *, whole: bool = False) -> None:
        exchanges = recorded("TestCommentForest.test_replace__all_with_comment_limit")
        self.whole = whole
        self.trees: dict[str, str] = {}
        self.batches: list[tuple[set[str], list[dict]]] = []
        self.below: dict[str, list[dict]] = {}
        for exchange in exchanges[1:]:
            request, text = exchange["request"], exchange["response"]["text"]
            path = request["uri"].split("reddit.com")[1].split("?")[0].rstrip("/")
            if request["method"] == "GET":
                self.trees[path] = text
                continue
            names = set(parse_qs(request["body"])["children"][0].split(","))
            things = json.loads(text)["json"]["data"]["things"]
            self.batches.append((names, things))
            self._index(names, things)

    def _index(self, names: set[str], things: list[dict]) -> None:
        root: dict[str, str] = {}
        for thing in things:
            data = thing["data"]
            parent = data["parent_id"].partition("_")[2]
            own = data["id"]
            if thing["kind"] == "t1":
                root[own] = own if own in names and parent not in root else root[parent]
                self.below.setdefault(root[own], []).append(thing)
            elif parent in root:
                self.below[root[parent]].append(thing)

    def answer(self, asked: Asked) -> Reply:
        if is_login(asked):
            return token()
        if asked.path.rstrip("/") in self.trees:
            return Reply(self.trees[asked.path.rstrip("/")].encode(), headers={"content-type": "application/json"})
        names = {**asked.query, **asked.form}["children"].split(",")
        if self.whole:
            things = [thing for known, answer in self.batches if known & set(names) for thing in answer]
        else:
            things = [thing for name in names for thing in self.below.get(name, [])]
        return Reply.of({"json": {"errors": [], "data": {"things": things}}})
