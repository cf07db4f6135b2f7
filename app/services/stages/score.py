"""Score: sentiment and intents of a run of items; what is spam, repeated or removed is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from app.models import Item
from app.services.pipeline.records import Scored
from app.services.pipeline.score import score
from app.services.reading import record, worth_reading
from app.services.stages.remote_sentiment import RemoteSentiment
from app.services.stages.work import Work, cursor_of
from app.services.versions import ENGINE

BATCH = 500
"""Items of one commit."""


def run(work: Work) -> None:
    """Score the items of this job's run of ids, from the cursor on."""
    after = str(cursor_of(work.held).get("after", work.held.payload["after"]))
    upto = str(work.held.payload["upto"])
    done = work.held.done
    remote = RemoteSentiment(work)
    while True:
        with work.read() as session:
            rows = list(
                session.exec(
                    select(Item)
                    .where(
                        Item.analysis_id == work.held.analysis_id,
                        col(Item.id) > after,
                        col(Item.id) <= upto,
                        *worth_reading(),
                    )
                    .order_by(col(Item.id))
                    .limit(BATCH)
                ).all()
            )
        if not rows:
            break
        after = rows[-1].id
        done += len(rows)
        items = [record(row) for row in rows]
        said = remote.judge(items, {row.id: row.content_sha256 for row in rows})
        scored = score(items, said=said, engine=ENGINE)
        with work.commit(cursor={"after": after}, done=done) as (session, analysis):
            session.connection().execute(_UPDATE, values(scored))
            remote.write(session, analysis)
        work.pause_for_others()
    with work.finish(done=work.held.total or done):
        pass


def values(scored: Sequence[Scored]) -> list[dict[str, object]]:
    """Return what is written of each item."""
    return [
        {
            "item": found.id,
            "new_sentiment": found.sentiment,
            "new_label": None if found.label is None else found.label.value,
            "new_engine": found.engine,
            "new_intents": list(found.intents),
            "new_spans": [asdict(span) for span in found.spans],
        }
        for found in scored
    ]


_UPDATE = (
    update(Item.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    .where(Item.__table__.c.id == bindparam("item"))  # type: ignore[attr-defined]
    .values(
        scored=True,
        sentiment=bindparam("new_sentiment"),
        sentiment_label=bindparam("new_label"),
        sentiment_engine=bindparam("new_engine"),
        intents=bindparam("new_intents"),
        intent_spans=bindparam("new_spans"),
    )
)
