"""Conversations of a file: which comment answers which, and where each conversation begins."""

from __future__ import annotations

from integrations.files.comments import Comment


class Trees:
    """Follows replies up to the first words of their conversation. Add every comment first."""

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}

    def add(self, found: Comment) -> None:
        """Take note of a comment; of two with the same id the first counts."""
        if found.id is not None:
            self._parents.setdefault(found.id, found.parent_id)

    def knows(self, identifier: str) -> bool:
        """Tell whether a comment of this id is in the file."""
        return identifier in self._parents

    def root(self, found: Comment) -> str | None:
        """Return the id at which its conversation begins, which may be missing itself; None for its own beginning."""
        if found.parent_id is None:
            return None
        at, seen = found.parent_id, {found.parent_id}
        while (above := self._parents.get(at)) is not None:
            if above in seen:  # they answer each other in a circle: any of them, but always the same
                return min(seen)
            seen.add(above)
            at = above
        return at
