"""How far reading YouTube is: what of which listing and of which videos is still missing. Pure; no network."""

from __future__ import annotations

from pydantic import BaseModel

from integrations.contracts import Cursor, Scope
from integrations.paging import at_most, taken_up
from integrations.sources._youtube_query import YouTubeQuery


class Video(BaseModel):
    """What is still missing of one video's comments."""

    id: str
    channel: str
    expected: int = 0
    got: int = 0
    token: str | None = ""
    """Mark of the next page of threads; empty before the first, None after the last."""
    threads: list[str] = []
    """Threads of the last page whose replies are missing."""
    replies: str | None = None
    """Mark of the next page of replies of the first of them."""
    last: list[str] = []
    """Threads of the last page: while people write, pages shift, and the next one repeats some."""
    restarted: bool = False

    def unread(self) -> bool:
        """Return whether something of it is still to be asked for."""
        return self.token is not None or bool(self.threads)


class Progress(BaseModel):
    """The cursor: everything that is needed to go on in another process."""

    uploads: str | None = None
    """Playlist with all videos of the channel."""
    listing: str | None = ""
    """Mark of the next page of videos; empty before the first, None after the last."""
    listed: int = 0
    found: list[str] = []
    """Videos whose facts are still to be read; at most one page of them."""
    videos: list[tuple[str, str, int]] = []
    """Videos whose comments are still to be read: id, channel, number of comments."""
    video: Video | None = None
    items: int = 0

    def finished(self) -> bool:
        """Return whether everything was read."""
        return self.listing is None and not self.found and not self.videos and self.video is None


def resumed(query: YouTubeQuery, cursor: Cursor | None) -> Progress:
    """Return where reading goes on, or begins."""
    begin = Progress(listing=None, found=[query.video]) if query.video else Progress()
    return taken_up(Progress, cursor) or begin


def expected_items(state: Progress, scope: Scope) -> int:
    """Guess the items of the whole query: those read and those announced."""
    known = state.items + len(state.found) + sum(expected for _, _, expected in state.videos)
    if state.video is not None:
        known += max(state.video.expected - state.video.got, 0)
    return at_most(scope, known)
