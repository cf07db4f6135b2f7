"""The first analysis of a new installation: a real run over SAMPLE data, so that the first page shows one."""

from __future__ import annotations

from sqlmodel import Session, select

from app.models import Analysis
from app.services import analyses, providers
from app.services.access import Actor, ActorKind
from app.services.audit_trail import FIRST_START, FIRST_START_NAME
from app.services.contract import AnalysisRequest, SourceRequest

QUESTION = "What do people who host things themselves wish for?"


def first_analysis(session: Session, owner: Actor) -> str | None:
    """Ask for the sample analysis when the workspace has none yet: an act of the program, before anybody signed in.

    Args:
        session: A write transaction.
        owner: Whose workspace it is for.

    Returns:
        Its id; None when there is an analysis already or no sandbox answers.
    """
    if session.exec(select(Analysis.id).where(Analysis.workspace_id == owner.workspace_id).limit(1)).first():
        return None
    setup = providers.source_setup("reddit")
    if not setup.sample or setup.problem:
        return None
    wanted = AnalysisRequest(
        question=QUESTION,
        sources=[SourceRequest(provider="reddit", query={"subreddit": "selfhosted"})],
        engine="local",  # nobody asked for it, so it costs nobody anything
    )
    program = Actor(ActorKind.SYSTEM, FIRST_START, owner.workspace_id, owner.role, FIRST_START_NAME)
    return analyses.request(session, program, wanted, dedupe_key="first-sample")
