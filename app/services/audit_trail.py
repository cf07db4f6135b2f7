"""The audit trail of a workspace as its owner and admins read it: who did what, on what, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import ColumnElement, union_all
from sqlmodel import Session, col, select

from app.core.paging import Page, check_limit, cut, id_before
from app.models import Analysis, ApiKey, AuditEvent, Job, User
from app.services import operations_providers
from app.services.access import Action, Actor, ActorKind, require
from app.services.audit_words import ACTS, Kind, actions_of, detail_of, fact, words_of
from app.services.contract.basics import Contract, Moment
from app.services.jobs import label_of

ELSEWHERE = "in another workspace"
FIRST_START, FIRST_START_NAME = "first-start", "Asterism, first start"
"""Id and name under which the program acts when an installation starts for the first time."""
GONE = "Somebody who is gone"


class AuditRow(Contract):
    """One act that a person or a key asked for."""

    id: str
    number: int | None = Field(description="Its place in the chain that seals the trail; null until then.")
    at: Moment
    action: str = Field(description="For programs: `job:cancel`, `key:create`, …")
    what: str = Field(description="The same in words.")
    who: str = Field(description="Who did it, by name.")
    actor: str = Field(description="`user:<id>`, `key:<id>` or `system:<id>`.")
    operator: bool = Field(description="Whether somebody of another workspace did it who runs this Asterism.")
    subject: str = Field(description="Id or name of what it was done to.")
    on: str = Field(description="What it was done to, in words; empty where the act says it all.")
    analysis_id: str | None = Field(description="The analysis that it belongs to, if that is one of the workspace.")
    detail: str = Field(description="What explains it; empty for most.")


def rows(
    session: Session, actor: Actor, *, kind: Kind | None = None, cursor: str | None = None, limit: int = 50
) -> Page[AuditRow]:
    """Return the acts in the actor's workspace, newest first.

    Args:
        session: Where to read.
        actor: Who asks.
        kind: Only acts of this kind (`audit_words.KIND_WORDS`).
        cursor: `next_cursor` of the rows before.
        limit: Most rows, 1 to 100.

    Raises:
        NotPermitted: The actor is neither owner nor admin.
        InvalidInput: The cursor or the limit is none of ours.
    """
    require(actor, Action.AUDIT_READ)
    wanted = check_limit(limit) + 1
    conditions: list[ColumnElement[bool]] = [col(AuditEvent.workspace_id) == actor.workspace_id]
    before = id_before(cursor)
    if before is not None:
        conditions.append(col(AuditEvent.id) < before)
    query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(wanted)
    if kind is None:
        query = query.where(*conditions)
    else:  # each act by its own stretch of the index: a kind that is rare costs no walk through all the others
        newest = [
            select(AuditEvent.id)
            .where(*conditions, col(AuditEvent.action) == action)
            .order_by(col(AuditEvent.id).desc())
            .limit(wanted)
            .subquery()
            for action in actions_of(kind)
        ]
        query = query.where(col(AuditEvent.id).in_(union_all(*(select(one.c.id) for one in newest))))
    found = session.exec(query).all()
    shown, next_cursor = cut(found, limit, lambda row: [row.id])
    names = _Names.of(session, actor, shown)
    return Page([_row(event, names) for event in shown], next_cursor)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the ids on one page stand for; of other workspaces nothing is in here."""

    users: dict[str, str]
    keys: dict[str, str]
    questions: dict[str, str]
    """Of analyses."""
    jobs: dict[str, tuple[str, str]]
    """Analysis and label."""
    providers: dict[str, str]

    @classmethod
    def of(cls, session: Session, actor: Actor, events: Sequence[AuditEvent]) -> _Names:
        who = [event.actor.partition(":") for event in events]
        users = {name for kind, _, name in who if kind == ActorKind.USER}
        keys = {name for kind, _, name in who if kind == ActorKind.KEY} | _subjects(events, "key:")
        own = actor.workspace_id
        jobs = session.exec(select(Job).where(col(Job.id).in_(_subjects(events, "job:")), Job.workspace_id == own))
        labels = {job.id: (job.analysis_id or "", label_of(job)) for job in jobs}
        analyses = _subjects(events, "analysis:") | {analysis_id for analysis_id, _ in labels.values()}
        return cls(
            users=dict(session.exec(select(User.id, User.name).where(col(User.id).in_(users))).all()),
            keys=dict(
                session.exec(
                    select(ApiKey.id, ApiKey.name).where(col(ApiKey.id).in_(keys), ApiKey.workspace_id == own)
                ).all()
            ),
            questions=dict(
                session.exec(
                    select(Analysis.id, Analysis.question).where(
                        col(Analysis.id).in_(analyses), Analysis.workspace_id == own
                    )
                ).all()
            ),
            jobs=labels,
            providers=operations_providers.labels(),
        )


def _subjects(events: Iterable[AuditEvent], prefix: str) -> set[str]:
    return {event.subject for event in events if event.action.startswith(prefix)}


def _row(event: AuditEvent, names: _Names) -> AuditRow:
    on, analysis_id = _object(event, names)
    operator = fact(event.data, "operator")
    return AuditRow(
        id=event.id,
        number=event.number,
        at=event.at,
        action=event.action,
        what=words_of(event.action),
        who=operator or _who(event.actor, names),
        actor=event.actor,
        operator=bool(operator),
        subject=event.subject,
        on=on,
        analysis_id=analysis_id,
        detail=detail_of(event.action, event.data),
    )


def _who(reference: str, names: _Names) -> str:
    kind, _, identifier = reference.partition(":")
    if kind == ActorKind.USER:
        return names.users.get(identifier, GONE)
    if kind == ActorKind.KEY:
        return f"Key {names.keys[identifier]}" if identifier in names.keys else "A key that is gone"
    return FIRST_START_NAME if identifier == FIRST_START else "Asterism"


def _object(event: AuditEvent, names: _Names) -> tuple[str, str | None]:
    """Return what an act was done to, in words, and the analysis that it belongs to."""
    noun = event.action.partition(":")[0]
    if noun == "analysis":
        title = names.questions.get(event.subject)
        return (title or fact(event.data, "question"), event.subject if title is not None else None)
    if noun == "job":
        analysis_id, label = names.jobs.get(event.subject, ("", ""))
        title = names.questions.get(analysis_id)
        return (f"{label}: {title}", analysis_id) if title is not None else (label or ELSEWHERE, None)
    if noun == "key":
        return (names.keys.get(event.subject) or fact(event.data, "name"), None)
    if noun in {"breaker", "queue"}:
        return (names.providers.get(event.subject, event.subject), None)
    return (fact(event.data, "name") or fact(event.data, "text"), None) if event.action in ACTS else ("", None)
