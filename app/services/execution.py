"""The only place that turns settings and connections into authority for a job."""

from __future__ import annotations

from sqlmodel import Session

from app.models import Job
from app.services.providers import SourceSetup
from integrations.contracts import AuthMethod, ExecutionContext, TokenSource
from integrations.errors import NeedsReauth


def build_execution_context(session: Session, job_id: str, setup: SourceSetup) -> ExecutionContext:
    """Return the frozen authority with which a job calls a provider.

    Today that is the installation's own key, or the sandbox's made-up one; connections of users come before them as
    soon as a provider offers them.

    Raises:
        NeedsReauth: There is nothing to call with; the message says what to set.
    """
    if setup.problem:
        raise NeedsReauth(setup.problem, provider=setup.id)
    job = session.get_one(Job, job_id)
    return ExecutionContext(
        provider=setup.id,
        workspace_id=job.workspace_id,
        job_id=job_id,
        auth_method=AuthMethod(setup.source.auth),
        token_source=TokenSource(setup.token_source),
    )
