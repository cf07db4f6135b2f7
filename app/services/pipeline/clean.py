"""First look at each item: its language, whether it is spam, whether it repeats an earlier one.

text ──detect──▶ language
     ──judge───▶ spam by its words ──┐
     ──find────▶ duplicate of … ─────┴▶ spam by company (repeats spam; same author, same words, three times)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from app.services.pipeline.duplicates import SHORT_WORDS, DuplicateIndex, Fingerprint, fingerprint
from app.services.pipeline.language import UNDETERMINED, Identifier, detect, load_identifier
from app.services.pipeline.records import Cleaned, Record
from app.services.pipeline.spam import LIKE_SPAM, REPEATED_BY_AUTHOR, Verdict, combine, judge_all

_PLACEHOLDERS = frozenset({"", "[removed]", "[deleted]", "[removed by reddit]", "[deleted by user]"})
_TOO_OFTEN = 3
VIDEO_PROVIDERS = frozenset({"youtube"})
"""Where comments stand under videos: there a link means something else than in a forum."""
_TOGETHER = 200
"""Texts that the model reads at once."""


class Cleaner:
    """Cleans one analysis, batch by batch.

    An item repeats the earliest: batches in the order they come, and inside a batch by time, then id. What was said of
    an item is never taken back by a later batch.
    """

    def __init__(self, identifier: Callable[[], Identifier] = load_identifier) -> None:
        """Prepare an empty index.

        Args:
            identifier: Called once, when the first item is cleaned.
        """
        self._load = identifier
        self._index = DuplicateIndex()
        self._spam: set[str] = set()
        self._said: Counter[tuple[str, bytes]] = Counter()
        self._original: dict[str, str | None] = {}

    def remember(self, records: Iterable[Record], duplicate_of: Mapping[str, str | None] | None = None) -> None:
        """Rebuild the index from items that were cleaned before, after a resume.

        Args:
            records: All items of the analysis that were cleaned already, also spam and duplicates.
            duplicate_of: What `clean` said of each, by id; when given, it is taken over instead of found anew, so that
                items cleaned later name the same originals as without the interruption.
        """
        for record, verdict in _judged([record for record in _by_time(records) if not _is_gone(record)]):
            mark = fingerprint(record.text)
            known = duplicate_of is not None and record.id in duplicate_of
            found = duplicate_of[record.id] if duplicate_of is not None and known else self._find(record, mark)
            self._take(record, mark, verdict, found)

    def clean(self, records: Sequence[Record]) -> list[Cleaned]:
        """Return what is found of each record, in the order given. Safe to call again with the same records."""
        identifier = self._load()
        done: dict[str, Cleaned] = {}
        present = []
        for record in _by_time(records):
            if _is_gone(record):
                done[record.id] = Cleaned(record.id, UNDETERMINED, False, 0.0, (), None)  # noqa: FBT003
            else:
                present.append(record)
        for record, said in _judged(present):
            mark = fingerprint(record.text)
            original = self._find(record, mark)
            verdict = self._take(record, mark, said, original)
            done[record.id] = Cleaned(
                id=record.id,
                language=detect(record.text, identifier),
                spam=verdict.spam,
                spam_score=verdict.score,
                spam_reasons=verdict.reasons,
                duplicate_of=original,
            )
        return [done[record.id] for record in records]

    def _find(self, record: Record, mark: Fingerprint) -> str | None:
        if record.id in self._original:
            return self._original[record.id]
        return self._index.find(mark, author=record.author, thread=record.thread)

    def _take(self, record: Record, mark: Fingerprint, verdict: Verdict, original: str | None) -> Verdict:
        """Enter the record into the index and return its verdict with what its company adds."""
        new = record.id not in self._original
        self._original[record.id] = original
        if original is None and new:
            self._index.add(record.id, mark, author=record.author, thread=record.thread)
        signs: list[tuple[float, str]] = []
        if original in self._spam:
            signs.append(LIKE_SPAM)
        if record.author is not None and mark.words >= SHORT_WORDS:
            said = (record.author, mark.exact)
            self._said[said] += new
            if self._said[said] >= _TOO_OFTEN:
                signs.append(REPEATED_BY_AUTHOR)
        if signs:
            company = combine(signs)
            verdict = Verdict(
                round(1 - (1 - verdict.score) * (1 - company.score), 4), company.reasons + verdict.reasons
            )
        if verdict.spam:
            self._spam.add(record.id)
        return verdict


def _judged(records: Sequence[Record]) -> Iterator[tuple[Record, Verdict]]:
    for start in range(0, len(records), _TOGETHER):
        batch = records[start : start + _TOGETHER]
        said: dict[str, Verdict] = {}
        for under_video in (False, True):
            here = [record for record in batch if (record.provider in VIDEO_PROVIDERS) is under_video]
            verdicts = judge_all([record.text for record in here], under_video=under_video)
            said |= {record.id: verdict for record, verdict in zip(here, verdicts, strict=True)}
        yield from ((record, said[record.id]) for record in batch)


def _by_time(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.posted_at, record.id))


def _is_gone(record: Record) -> bool:
    return record.removed or record.text.strip().lower() in _PLACEHOLDERS
