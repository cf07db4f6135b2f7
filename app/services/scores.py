"""Judgements of scorers that cost money or time, kept by what was judged: an unchanged item is never sent twice.

    known = kept(session, workspace_id, scorer, hashes)      # of those, what needs no call
    …call for the others, outside of any transaction…
    keep(session, workspace_id, scorer, found)               # with the rows that the judgements go to

The local model needs none of this: it is faster than the look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.clock import now
from app.models import ItemScore

_TOGETHER = 500
"""Hashes of one query, far below what either database takes."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """What judges: another version is another scorer."""

    name: str
    """`sentiment_service`, or a provider and its model (`openai/gpt-5-mini`)."""
    version: str
    """Whatever makes its judgements differ: its address, its prompt, how the text is put to it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a scorer said of one text."""

    label: str
    """`negative`, `neutral` or `positive`."""
    value: float
    """-1 to 1."""
    confidence: float
    """0 to 1."""
    engine: str = ""
    """As the scorer names what it judged with."""


def kept(session: Session, workspace_id: str, scorer: Scorer, hashes: Iterable[str]) -> dict[str, Judgement]:
    """Return what is known of these texts, by their hash (`Item.content_sha256`); unknown ones are absent."""
    found: dict[str, Judgement] = {}
    wanted = list(dict.fromkeys(hashes))
    for start in range(0, len(wanted), _TOGETHER):
        rows = session.exec(
            select(ItemScore).where(
                ItemScore.workspace_id == workspace_id,
                ItemScore.scorer == scorer.name,
                ItemScore.version == scorer.version,
                col(ItemScore.content_sha256).in_(wanted[start : start + _TOGETHER]),
            )
        )
        found |= {row.content_sha256: Judgement(row.label, row.value, row.confidence, row.engine) for row in rows}
    return found


def keep(session: Session, workspace_id: str, scorer: Scorer, found: Mapping[str, Judgement]) -> None:
    """Store judgements by the hash of their text; what is there already stays as it is."""
    if not found:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(
        insert(ItemScore).on_conflict_do_nothing(),
        [
            {
                "workspace_id": workspace_id,
                "scorer": scorer.name,
                "version": scorer.version,
                "content_sha256": sha256,
                "created_at": now(),
                **asdict(judgement),
            }
            # In one order everywhere: two jobs that store the same texts must not wait for each other in a circle.
            for sha256, judgement in sorted(found.items())
        ],
    )
