"""The shapes of Reddit's answers: what is in them, and the items that they become. Pure; no network.

Everything here raises `ContractChanged` for a shape that it does not know, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.contracts import CollectedItem, ItemKind, JsonValue
from integrations.errors import ContractChanged, Rejected

Thing = dict[str, JsonValue]
"""The `data` of one post or comment as Reddit sends it."""

_EMPTIED = frozenset({"[removed]", "[deleted]", "[deleted by user]", "[ removed by reddit ]"})
_SITE = "https://www.reddit.com"
_LATEST = 253_402_300_799.0
"""The last second that a `datetime` holds."""


@dataclass(slots=True)
class Branches:
    """The comments of one answer in reading order, and what it says is missing."""

    comments: list[Thing] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    """Ids to ask `morechildren` for."""
    threads: list[str] = field(default_factory=list)
    """Ids of comments whose thread is continued elsewhere."""


def changed(what: str) -> ContractChanged:
    """Return the error for an answer in which `what` is not as we know it."""
    return ContractChanged(f"Reddit's answer has a shape that we do not know: {what}.", provider="reddit")


def listing(answer: JsonValue) -> Thing:
    """Return the `data` of a listing, or of any other single thing."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise changed("a listing without data")
    return data


def posts(data: Thing) -> list[Thing]:
    """Return the posts of a listing; communities and accounts that a search mixes in are left out."""
    return [thing for kind, thing in _children(data.get("children")) if kind == "t3"]


def conversation(answer: JsonValue) -> tuple[Thing, JsonValue]:
    """Return the post of a comment page and the things below it."""
    if not isinstance(answer, list) or len(answer) != 2:
        raise changed("a post without its conversation")
    found = posts(listing(answer[0]))
    if len(found) != 1:
        raise changed("a conversation without its post")
    return found[0], listing(answer[1]).get("children")


def more_things(answer: JsonValue) -> JsonValue:
    """Return the things of a `morechildren` answer. Raises `Rejected` when it holds errors instead."""
    body = answer.get("json") if isinstance(answer, dict) else None
    if not isinstance(body, dict):
        raise changed("more comments without a body")
    if body.get("errors"):
        raise Rejected("Reddit refuses to give more comments of this post.", provider="reddit")
    data = body.get("data", {"things": []})
    if not isinstance(data, dict):
        raise changed("more comments without data")
    return data.get("things")


def branches(
    things: JsonValue, *, asked: Iterable[str] = (), below: str | None = None, everything: bool = False
) -> Branches:
    """Sort out an answer, each comment once.

    Kept is what hangs below what was asked for; an answer may repeat what an earlier one brought.

    Args:
        things: Children of a listing, or the flat things of a `morechildren` answer.
        asked: Ids of the comments that were asked for.
        below: Id of the comment whose thread was asked for; itself not kept.
        everything: Keep all: the answer is a whole conversation.
    """
    found: dict[str, Thing] = {}
    missing: list[Thing] = []
    # A stack of our own: a thread may be deeper than Python's.
    stack = [_children(things)]
    while stack:
        for kind, thing in stack[-1]:
            if kind == "more":
                missing.append(thing)
            elif kind == "t1":
                found.setdefault(identifier(thing), thing)
                replies = thing.get("replies")
                if replies:  # "" when there are none
                    stack.append(_children(listing(replies).get("children")))
                    break
        else:
            stack.pop()
    roots = frozenset(asked)
    kept = set(found) - {below} if everything else _below(found, roots, below)
    result = Branches([thing for name, thing in found.items() if name in kept])
    for thing in missing:
        parent = _text(thing, "parent_id").partition("_")[2]
        children = thing.get("children")
        if not isinstance(children, list) or not all(isinstance(child, str) for child in children):
            raise changed("missing comments without their ids")
        ours = everything or parent in kept or parent == below
        if children:
            result.more += children if ours else [child for child in children if child in roots]
        elif ours and parent in kept:
            result.threads.append(parent)
    result.more = [child for child in dict.fromkeys(result.more) if child not in found]
    return result


def identifier(thing: Thing) -> str:
    """Return the id of a post or comment, without its kind."""
    return _text(thing, "id")


def created(thing: Thing) -> float:
    """Return when a post or comment was written, in seconds since 1970."""
    value = thing.get("created_utc")
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LATEST:
        raise changed("a post or comment without its time")
    return value


def count(thing: Thing, name: str) -> int | None:
    """Return a whole number that Reddit may leave out; None also for one that no database column holds."""
    value = thing.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -(2**31) < value < 2**31:
        return None
    return int(value)


def post_item(thing: Thing) -> CollectedItem:
    """Map one post."""
    own = identifier(thing)
    text, removed = _words(thing.get("selftext"))
    title, title_removed = _words(thing.get("title"))
    return CollectedItem(
        external_id=f"t3_{own}",
        kind=ItemKind.POST,
        thread_external_id=f"t3_{own}",
        parent_external_id=None,
        community=_community(thing),
        author=_author(thing),
        title=title or None,
        text=text,
        posted_at=_moment(thing),
        permalink=_permalink(thing, own, None),
        upvotes=None if thing.get("hide_score") is True else count(thing, "score"),
        replies=count(thing, "num_comments"),
        removed=removed or title_removed or bool(not text and thing.get("removed_by_category")),
    )


def comment_item(thing: Thing) -> CollectedItem:
    """Map one comment."""
    own, thread = identifier(thing), _text(thing, "link_id")
    text, removed = _words(thing.get("body"))
    return CollectedItem(
        external_id=f"t1_{own}",
        kind=ItemKind.COMMENT,
        thread_external_id=thread,
        parent_external_id=_text(thing, "parent_id"),
        community=_community(thing),
        author=_author(thing),
        title=None,
        text=text,
        posted_at=_moment(thing),
        permalink=_permalink(thing, thread.partition("_")[2], own),
        upvotes=None if thing.get("score_hidden") is True else count(thing, "score"),
        removed=removed,
    )


def _children(value: JsonValue) -> Iterator[tuple[str, Thing]]:
    if not isinstance(value, list):
        raise changed("a listing without children")
    for child in value:
        data = child.get("data") if isinstance(child, dict) else None
        if not isinstance(data, dict):
            raise changed("an entry without data")
        yield str(child.get("kind")), data


def _below(found: dict[str, Thing], roots: frozenset[str], below: str | None) -> set[str]:
    """Return the ids that are in `roots` or hang below one or below `below`; parents may come after their children."""
    verdict: dict[str, bool] = dict.fromkeys(roots, True)
    if below is not None:
        verdict[below] = True
    for name in found:
        path: list[str] = []
        step = name
        while step in found and step not in verdict:
            verdict[step] = False  # until known better; also ends a circle
            path.append(step)
            step = _text(found[step], "parent_id").partition("_")[2]
        if verdict.get(step, False):
            verdict.update(dict.fromkeys(path, True))
    return {name for name in found if verdict[name] and name != below}


def _text(thing: Thing, name: str) -> str:
    value = thing.get(name)
    if not isinstance(value, str) or not value or len(value) > 64 or not value.isascii() or not value.isprintable():
        raise changed(f"a post or comment without its {name}")
    return value


def _words(value: JsonValue) -> tuple[str, bool]:
    """Return storable text, and whether the words were taken away."""
    if not isinstance(value, str):
        return "", False
    if value.lower() in _EMPTIED:
        return "", True
    if "\x00" in value:  # PostgreSQL stores none
        value = value.replace("\x00", "")
    if not value.isascii():  # half of a surrogate pair cannot be stored either
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value, False


def _author(thing: Thing) -> str | None:
    name, removed = _words(thing.get("author"))
    return None if removed or not name else name


def _community(thing: Thing) -> str:
    prefixed = thing.get("subreddit_name_prefixed")
    return prefixed if isinstance(prefixed, str) and prefixed.isascii() else f"r/{_text(thing, 'subreddit')}"


def _moment(thing: Thing) -> datetime:
    try:
        return datetime.fromtimestamp(created(thing), UTC)
    except (ValueError, OverflowError, OSError):
        raise changed("a post or comment with an impossible time") from None


def _permalink(thing: Thing, post: str, comment: str | None) -> str:
    link = thing.get("permalink")
    if (
        isinstance(link, str)
        and link.startswith(("/r/", "/user/", "/u/", "/comments/"))
        and link.isprintable()
        and " " not in link
    ):
        return _SITE + link
    # Older comments come without one.
    return f"{_SITE}/comments/{post}/_/{comment}/" if comment else f"{_SITE}/comments/{post}/"
