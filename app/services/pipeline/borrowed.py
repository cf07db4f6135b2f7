"""Tells words that only a single person wrote: no item speaks for us, in no title, name or summary."""

from __future__ import annotations

from collections.abc import Iterable

from app.services.pipeline.plain_text import plain
from app.services.pipeline.records import Record

WORDS = 6
"""So many words in a row that only one person wrote are borrowed."""

_FRAME = ("a", "way", "to")
"""Our own words before what many people want; one of them may have used the same."""


class Borrowed:
    """Who wrote the runs of words that some texts may show."""

    def __init__(self, texts: Iterable[str], records: Iterable[Record], longest: int) -> None:
        """Note, for every run of words in `texts`, how many people wrote it.

        Args:
            texts: What an engine would like to show.
            records: Everything that was written, also what is no voice: an order to a machine is borrowed too.
            longest: Characters of a text that would be shown.
        """
        self._writers: dict[str, set[str]] = {run: set() for text in texts for run in _runs(plain(text, longest))}
        if not self._writers:
            return
        for record in records:
            for run in _runs(record.text):
                writers = self._writers.get(run)
                if writers is not None and len(writers) < 2:
                    writers.add(record.author or record.id)

    def repeats(self, text: str) -> bool:
        """Return True when `text`, one of those given, repeats the words of a single person."""
        return any(len(self._writers.get(run, ())) == 1 for run in _runs(text, framed=True))


def _runs(text: str, *, framed: bool = False) -> list[str]:
    words = "".join(character if character.isalnum() else " " for character in text.lower()).split()
    if framed and tuple(words[:3]) == _FRAME:
        words = words[3:]
    return [" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)]
