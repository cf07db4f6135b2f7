"""A small made-up Hacker News behind its search API: stories with conversations, and what people really write."""

from __future__ import annotations

import re

from tests.local_server import Asked, Reply

START = 1_750_000_000


def node(own: int, kind: str = "comment", parent: int | None = None, story: int | None = None, **more: object) -> dict:
    facts = {
        "id": own,
        "type": kind,
        "author": "anna",
        "title": f"Title {own}" if kind == "story" else None,
        "url": None,
        "text": f"Text <i>{own}</i>&#x27;s" if kind == "comment" else None,
        "points": 5 if kind == "story" else None,
        "parent_id": parent,
        "story_id": story or own,
        "created_at_i": START - own,
        "created_at": "2025-06-15T15:06:40Z",
        "children": [],
        "options": [],
    }
    return {**facts, **more}


def walk(root: dict) -> list[dict]:
    found, stack = [], [root]
    while stack:
        entry = stack.pop()
        found.append(entry)
        stack.extend(entry["children"])
    return found


class MadeUpHackerNews:
    """120 stories, newest first; two of them with conversations, one of these 300 answers deep."""

    most = 1000

    def __init__(self) -> None:
        self.stories = {own: node(own, "story") for own in range(1001, 1121)}
        deep = self.stories[1003]
        for own in range(2000, 2300):
            child = node(own, parent=deep["id"], story=1003)
            deep["children"].append(child)
            deep = child
        wide = self.stories[1110]
        wide["children"] = [node(own, parent=1110, story=1110) for own in range(3000, 3040)]
        gone = node(3040, parent=1110, story=1110, author=None, text=None)
        gone["children"] = [node(3041, parent=3040, story=1110)]
        wide["children"].append(gone)
        everything = [entry for story in self.stories.values() for entry in walk(story)]
        self.nodes = {entry["id"]: entry for entry in everything}
        self.ids = {str(own) for own in self.nodes}
        # Two pages of stories, two conversations.
        self.least = 2 + 2

    def answer(self, asked: Asked) -> Reply:
        match asked.path.strip("/").split("/"):
            case ["items", own]:
                found = self.nodes.get(int(own))
                return Reply.of(found) if found else Reply.of({"status": 404, "error": "Not Found"}, 404)
            case ["search" | "search_by_date" as path]:
                return self._search(asked, by_date=path == "search_by_date")
        return Reply.of({"status": 404, "error": "Not Found"}, 404)

    def _search(self, asked: Asked, *, by_date: bool) -> Reply:
        tags = asked.query.get("tags", "")
        hits = [hit for entry in self.nodes.values() if (hit := self._hit(entry)) and _tagged(hit, tags)]
        for word in asked.query.get("query", "").replace('"', "").casefold().split():
            hits = [hit for hit in hits if word in f"{hit['title']} {hit.get('comment_text')}".casefold()]
        for name, sign, value in re.findall(r"(\w+)([<>]=)(\d+)", asked.query.get("numericFilters", "")):
            hits = [
                hit
                for hit in hits
                if hit[name] is not None and (hit[name] <= int(value) if sign == "<=" else hit[name] >= int(value))
            ]
        hits.sort(key=lambda hit: -hit["created_at_i"] if by_date else -(hit["points"] or 0))
        size = min(int(asked.query.get("hitsPerPage", 20)), self.most)
        page = int(asked.query.get("page", 0))
        reachable = hits[: self.most]
        found = reachable[page * size : (page + 1) * size]
        return Reply.of({"hits": found, "nbHits": len(hits), "page": page, "nbPages": -(-len(reachable) // size)})

    def _hit(self, entry: dict) -> dict | None:
        if entry["author"] is None:
            return None  # deleted ones are in no search
        story = entry["type"] == "story"
        facts = {
            "objectID": str(entry["id"]),
            "author": entry["author"],
            "created_at_i": entry["created_at_i"],
            "points": entry["points"],
            "title": entry["title"],
            "story_id": entry["story_id"],
            "_tags": [entry["type"], f"author_{entry['author']}", f"story_{entry['story_id']}"],
        }
        if story:
            return {**facts, "story_text": entry["text"], "num_comments": len(walk(entry)) - 1}
        return {**facts, "comment_text": entry["text"], "parent_id": entry["parent_id"], "num_comments": None}


def _tagged(hit: dict, tags: str) -> bool:
    if tags.startswith("("):
        return any(tag in hit["_tags"] for tag in tags.strip("()").split(","))
    names = {*hit["_tags"], "front_page" if hit["objectID"] > "1100" and "story" in hit["_tags"] else ""}
    return all(tag in names for tag in tags.split(",") if tag)
