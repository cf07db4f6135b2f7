"""How far reading Reddit is: what of which listing and of which conversations is still missing. Pure; no network."""

from __future__ import annotations

from pydantic import BaseModel

from integrations.contracts import Cursor, Scope
from integrations.paging import at_most, taken_up
from integrations.sources import _reddit_shapes as shapes
from integrations.sources import _reddit_volume as volumes
from integrations.sources._reddit_query import RedditQuery

_CUT = 50
"""An answer to `morechildren` with this many comments may have been cut short (recorded ones end at 91 to 93), so ids
that it leaves out are asked for again; after a shorter one they are gone."""


class Tree(BaseModel):
    """What is still missing of one post's conversation."""

    post: str
    expected: int = 0
    got: int = 0
    calls_left: int | None = None
    """None before the first call. Each call brings a comment or ends a branch, so a tree that uses up more calls than
    it has comments runs in circles and is left."""
    more: list[str] = []
    threads: list[str] = []

    def unread(self) -> bool:
        """Return whether something of it is still to be asked for."""
        return self.calls_left is None or (self.calls_left > 0 and bool(self.more or self.threads))


class Progress(BaseModel):
    """The cursor: everything that is needed to go on in another process."""

    after: str | None = ""
    """Name of the last post seen; empty before the first page, None when the listing is over."""
    posts: list[tuple[str, int]] = []
    """Posts whose trees are still to be read, with their number of comments; at most one page of them."""
    tree: Tree | None = None
    items: int = 0
    listed: int = 0
    newest: float | None = None
    oldest: float | None = None

    def finished(self) -> bool:
        """Return whether everything was read."""
        return self.after is None and not self.posts and self.tree is None


def resumed(query: RedditQuery, cursor: Cursor | None) -> Progress:
    """Return where reading goes on, or begins."""
    begin = Progress(after=None, tree=Tree(post=query.post)) if query.post else Progress()
    return taken_up(Progress, cursor) or begin


def still_missing(waiting: list[str], asked: list[str], found: shapes.Branches) -> list[str]:
    """Return the ids to ask `morechildren` for, after it was asked for some and brought some."""
    answered = {shapes.identifier(comment) for comment in found.comments}
    left_out = [name for name in asked if name not in answered]
    # Without any progress, asking again would never end.
    progress = len(left_out) < len(asked)
    cut = len(found.comments) >= _CUT
    again = [name for name in left_out if cut or name in found.more] if progress else []
    new = [name for name in found.more if name not in set(asked)]
    return list(dict.fromkeys([*waiting, *again, *new]))


def expected_items(state: Progress, scope: Scope) -> int:
    """Guess the items of the whole query: those read, those announced, and the pages to come in proportion."""
    known = float(state.items + sum(comments for _, comments in state.posts))
    if state.tree is not None:
        known += max(state.tree.expected - state.tree.got, 0)
    if state.after is not None and state.listed:
        whole = volumes.LISTING_END / state.listed
        if scope.since is not None and state.newest is not None and state.oldest is not None:
            span = max(state.newest - state.oldest, 60.0)
            whole = min(whole, (state.newest - scope.since.timestamp()) / span)
        known *= max(whole, 1.0)
    return at_most(scope, round(known))
