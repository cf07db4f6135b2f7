"""Conversations of a file: which comment answers which, and where each conversation begins."""

from __future__ import annotations

from integrations.files.comments import Comment


class Trees:
    """Follows replies up to the first words of their conversation. Add every comment first."""

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}
        self._roots: dict[str, str] = {}
        """What was found out already: a long chain of replies is walked along once, not once for each of them."""

    def add(self, found: Comment) -> None:
        """Take note of a comment; of two with the same id the first counts."""
        if found.id is not None:
            self._parents.setdefault(found.id, found.parent_id)

    def knows(self, identifier: str) -> bool:
        """Tell whether a comment of this id is in the file."""
        return identifier in self._parents

    def forget_leaves(self) -> None:
        """Let go of comments that nobody answers: no way leads over them. To be called when every comment is added."""
        answered = set(self._parents.values())
        self._parents = {identifier: above for identifier, above in self._parents.items() if identifier in answered}

    def root(self, found: Comment) -> str | None:
        """Return the id at which its conversation begins, which may be missing itself; None for its own beginning."""
        if found.parent_id is None:
            return None
        at = found.parent_id
        path: dict[str, None] = {}
        while at not in self._roots:
            if at in path:  # they answer each other in a circle: any of them, but always the same
                way = list(path)
                top = min(way[way.index(at) :])
                break
            path[at] = None
            above = self._parents.get(at)
            if above is None:
                top = at
                break
            at = above
        else:
            top = self._roots[at]
        self._roots.update(dict.fromkeys(path, top))
        return top
