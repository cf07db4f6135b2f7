"""The shapes of the HN Search API's answers: what is in them, and the items that they become. Pure; no network.

Everything here raises `ContractChanged` for a shape that it does not know, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.contracts import CollectedItem, ItemKind, JsonValue
from integrations.errors import ContractChanged
from integrations.markup import plain_text

Thing = dict[str, JsonValue]
"""A hit of a search, or one node of a conversation without its children."""

COMMUNITY = "Hacker News"

_SITE = "https://news.ycombinator.com/item?id="
_TALK = frozenset({"story", "comment", "poll", "job"})
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search."""

    hits: list[Thing]
    total: int
    """How many match; the page's own number at the least."""
    pages: int


def changed(what: str) -> ContractChanged:
    """Return the error for an answer in which `what` is not as we know it."""
    return ContractChanged(f"Hacker News' answer has a shape that we do not know: {what}.", provider="hackernews")


def found(answer: JsonValue) -> Found:
    """Return the hits of a search."""
    hits = answer.get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list) or not all(isinstance(hit, dict) for hit in hits):
        raise changed("a search without its hits")
    return Found(hits, max(count(answer.get("nbHits")) or 0, len(hits)), count(answer.get("nbPages")) or 0)


def nodes(answer: JsonValue) -> list[Thing]:
    """Return a conversation as a list, each answer after what it answers; what is no talk is left out."""
    if not isinstance(answer, dict):
        raise changed("a conversation that is none")
    result: list[Thing] = []
    # A stack of our own: a conversation may be deeper than Python's.
    stack: list[JsonValue] = [answer]
    while stack:
        node = stack.pop()
        if not isinstance(node, dict):
            raise changed("an entry that is none")
        children = node.get("children", [])
        if not isinstance(children, list):
            raise changed("an entry without its answers")
        if node.get("type") in _TALK:
            result.append({name: value for name, value in node.items() if name not in {"children", "options"}})
        elif "type" not in node:
            raise changed("an entry without its type")
        stack.extend(reversed(children))
    return result


def identifier(value: JsonValue, what: str = "id") -> int:
    """Return an id, which hits write as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
        raise changed(f"an entry without its {what}")
    return value


def count(value: JsonValue) -> int | None:
    """Return a whole number that may be left out."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        return None
    return value


def written(thing: Thing) -> int:
    """Return when something was written, in seconds since 1970."""
    value = thing.get("created_at_i")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**33:
        raise changed("an entry without its time")
    return value


def is_comment(hit: Thing) -> bool:
    """Tell comments from stories among hits."""
    tags = hit.get("_tags")
    return "comment" in tags if isinstance(tags, list) else hit.get("comment_text") is not None


def words(thing: Thing) -> str:
    """Return all words of a hit or node, as plain text."""
    title = thing.get("title")
    return f"{title if isinstance(title, str) else ''} {_text(thing)}".strip()


def item_of_hit(hit: Thing) -> CollectedItem:
    """Map one hit of a search."""
    own = identifier(hit.get("objectID"), "objectID")
    comment = is_comment(hit)
    thread = identifier(hit.get("story_id"), "story") if comment else own
    return _item(hit, own, thread, identifier(hit.get("parent_id"), "parent") if comment else None)


def item_of_node(node: Thing, replies: int | None = None) -> CollectedItem:
    """Map one node of a conversation.

    Args:
        node: The node without its children.
        replies: How many answers are below, where that was counted.
    """
    own = identifier(node.get("id"))
    if node.get("type") != "comment":
        return _item(node, own, own, None, replies)
    parent = identifier(node.get("parent_id"), "parent")
    return _item(node, own, identifier(node.get("story_id") or parent, "story"), parent, replies)


def _item(thing: Thing, own: int, thread: int, parent: int | None, replies: int | None = None) -> CollectedItem:
    text, title, author = _text(thing), thing.get("title"), thing.get("author")
    title = _storable(title) if isinstance(title, str) and parent is None else None
    return CollectedItem(
        external_id=str(own),
        kind=ItemKind.POST if parent is None else ItemKind.COMMENT,
        thread_external_id=str(thread),
        parent_external_id=None if parent is None else str(parent),
        community=COMMUNITY,
        author=_storable(author) or None if isinstance(author, str) else None,
        title=title or None,
        text=text,
        posted_at=datetime.fromtimestamp(written(thing), UTC),
        permalink=f"{_SITE}{own}",
        upvotes=count(thing.get("points")),
        replies=count(thing.get("num_comments")) if replies is None else replies,
        # Deleted ones keep their place in the conversation, without words and author.
        removed=not text and not title,
    )


def _text(thing: Thing) -> str:
    for name in ("text", "comment_text", "story_text"):
        value = thing.get(name)
        if isinstance(value, str):
            return _storable(plain_text(value))
    return ""


def _storable(text: str) -> str:
    if "\x00" in text:  # PostgreSQL stores none
        text = text.replace("\x00", "")
    # Half of a surrogate pair cannot be stored either.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
