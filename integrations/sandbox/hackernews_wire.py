"""The JSON of Hacker News: hits and item trees as Algolia writes them, items as Firebase does.

Shapes: https://hn.algolia.com/api and https://github.com/HackerNews/API.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from html import escape

from integrations.sandbox.items import Item

Thing = dict[str, object]

_LINK = re.compile(r"https?:&#x2F;&#x2F;[^\s<]*[^\s<.,;:!?)]")
_ITALIC = re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])")
_LONGEST_LINK = 60


class Wire:
    """Writes things of one corpus whose ages count back from `started` (seconds since 1970)."""

    def __init__(self, items: tuple[Item, ...], started: float) -> None:
        self._by_id = {item.external_id: item for item in items}
        self._started = int(started)
        self._below: dict[str, list[Item]] = defaultdict(list)
        self.comment_counts: dict[str, int] = defaultdict(int)
        for item in items:
            if item.parent_id is not None:
                self._below[item.parent_id].append(item)
                self.comment_counts[item.thread_id] += 1

    def created(self, item: Item) -> int:
        """Return when an item was written, in seconds since 1970."""
        return self._started - item.age_seconds

    def points(self, item: Item) -> int | None:
        """Return the points of a story; those of comments are not shown."""
        return max(1, item.score) if item.is_post else None

    def tags(self, item: Item) -> list[str]:
        """Return what Algolia files an item under."""
        tags = ["story" if item.is_post else "comment", f"author_{item.author}", f"story_{item.thread_id}"]
        for start, tag in (("Ask HN:", "ask_hn"), ("Show HN:", "show_hn")):
            if (item.title or "").startswith(start):
                tags.append(tag)
        return tags

    def hit(self, item: Item, words: list[str]) -> Thing:
        """Write an item as a result of a search for `words`."""
        story = self._by_id[item.thread_id]
        moment = _moment(self.created(item))
        children = [int(child.external_id) for child in self._below.get(item.external_id, ())]
        hit: Thing = {"_tags": self.tags(item), "author": item.author}
        marked = {"author": str(item.author)}
        if children:
            hit["children"] = children
        if item.is_post:
            hit |= {"num_comments": self.comment_counts[item.external_id], "points": self.points(item)}
            hit |= {"story_id": int(item.external_id), "title": item.title}
            marked["title"] = str(item.title)
            if item.text:
                hit["story_text"] = marked["story_text"] = markup(item.text)
            if item.link:
                hit["url"] = marked["url"] = item.link
        else:
            text = markup(item.text)
            hit |= {"comment_text": text, "parent_id": int(item.parent_id or 0), "story_id": int(story.external_id)}
            hit |= {"story_title": story.title, "points": None}
            marked |= {"comment_text": text, "story_title": str(story.title)}
            if story.link:
                hit["story_url"] = marked["story_url"] = story.link
        hit |= {"created_at": moment, "created_at_i": self.created(item), "updated_at": moment}
        hit["objectID"] = item.external_id
        hit["_highlightResult"] = {name: _highlighted(value, words) for name, value in marked.items()}
        return hit

    def tree(self, item: Item) -> Thing:
        """Write an item with everything below it; what was taken down has neither author nor text."""
        return {
            "author": None if item.truth.removed else item.author,
            "children": [self.tree(child) for child in self._below.get(item.external_id, ())],
            "created_at": _moment(self.created(item), ".000Z"),
            "created_at_i": self.created(item),
            "id": int(item.external_id),
            "options": [],
            "parent_id": int(item.parent_id) if item.parent_id else None,
            "points": self.points(item),
            "story_id": int(item.thread_id),
            "text": markup(item.text) if item.text else None,
            "title": item.title,
            "type": "story" if item.is_post else "comment",
            "url": item.link,
        }

    def firebase(self, item: Item) -> Thing:
        """Write an item as `/v0/item/<id>.json` does."""
        kind = "story" if item.is_post else "comment"
        told: Thing = {"id": int(item.external_id), "time": self.created(item), "type": kind}
        if item.parent_id:
            told["parent"] = int(item.parent_id)
        if kids := [int(child.external_id) for child in self._below.get(item.external_id, ())]:
            told["kids"] = kids
        if item.truth.removed:
            return told | {"deleted": True}
        told["by"] = item.author or "nobody"
        if item.text:
            told["text"] = markup(item.text)
        if item.is_post:
            told |= {"title": item.title, "score": self.points(item)}
            told["descendants"] = self.comment_counts[item.external_id]
            if item.link:
                told["url"] = item.link
        return told


def markup(text: str) -> str:
    """Return a text as the site keeps it: escaped, `<p>` between paragraphs, links that are not followed, italics."""
    html = escape(text, quote=False).replace('"', "&quot;").replace("'", "&#x27;").replace("/", "&#x2F;")
    html = _ITALIC.sub(r"<i>\1</i>", html)
    html = _LINK.sub(_anchor, html)
    return html.replace("\n\n", "<p>")


def _anchor(found: re.Match[str]) -> str:
    shown = found[0] if len(found[0]) <= _LONGEST_LINK else found[0][:_LONGEST_LINK] + "..."
    return f'<a href="{found[0]}" rel="nofollow">{shown}</a>'


def _highlighted(value: str, words: list[str]) -> Thing:
    matched = [word for word in words if re.search(rf"\b{re.escape(word)}", value, re.IGNORECASE)]
    if not matched:
        return {"matchLevel": "none", "matchedWords": [], "value": value}
    one = re.compile("|".join(rf"\b{re.escape(word)}" for word in matched), re.IGNORECASE)
    return {
        "fullyHighlighted": False,
        "matchLevel": "full" if len(matched) == len(words) else "partial",
        "matchedWords": matched,
        "value": one.sub(lambda found: f"<em>{found[0]}</em>", value),
    }


def _moment(seconds: int, end: str = "Z") -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + end
