"""Who asks, and whether they may. Every service checks here; a page that hides a button is only polite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.core.errors import NotPermitted
from app.models import OperatorRole, Role


class ActorKind(StrEnum):
    """What kind of caller it is."""

    USER = "user"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a signed-in user, an API key, or the program itself."""

    kind: ActorKind
    id: str
    workspace_id: str
    role: Role
    name: str
    operator: OperatorRole | None = None
    """What they may do across workspaces; None for all but those who run the installation."""

    @property
    def reference(self) -> str:
        """Return how audit events and analyses name the actor (`user:…`)."""
        return f"{self.kind}:{self.id}"


class Action(StrEnum):
    """What can be asked for."""

    ANALYSIS_READ = "analysis:read"
    ANALYSIS_CREATE = "analysis:create"
    ANALYSIS_STEER = "analysis:steer"
    """Pause, resume, cancel."""
    QUESTION_ASK = "question:ask"
    """Ask the items of an analysis, save and delete questions."""
    IMPORT_READ = "import:read"
    IMPORT_CHANGE = "import:change"
    """Bring a file, say what its columns mean, delete it."""
    KEY_READ = "key:read"
    KEY_CREATE = "key:create"
    KEY_REVOKE = "key:revoke"
    AUDIT_READ = "audit:read"
    """Read who did what in the workspace."""
    OPERATIONS_READ = "operations:read"
    """See queues, workers and jobs of all workspaces."""
    OPERATIONS_STEER = "operations:steer"
    """Pause, resume, cancel and retry jobs of all workspaces; hold queues."""


_MEMBER = frozenset({Action.ANALYSIS_READ, Action.IMPORT_READ})
_EDITOR = _MEMBER | {
    Action.ANALYSIS_CREATE,
    Action.ANALYSIS_STEER,
    Action.QUESTION_ASK,
    Action.IMPORT_CHANGE,
    Action.KEY_READ,
    Action.KEY_CREATE,
    Action.KEY_REVOKE,
}
_ADMIN = _EDITOR | {Action.AUDIT_READ}

PERMITTED: dict[Role, frozenset[Action]] = {
    Role.VIEWER: _MEMBER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _ADMIN,
}

OPERATIONS: dict[OperatorRole, frozenset[Action]] = {
    OperatorRole.READ: frozenset({Action.OPERATIONS_READ}),
    OperatorRole.STEER: frozenset({Action.OPERATIONS_READ, Action.OPERATIONS_STEER}),
}


def can(actor: Actor, action: Action) -> Literal[True] | str:
    """Return True, or the reason why not as a sentence for the user."""
    if actor.kind is ActorKind.SYSTEM or action in PERMITTED[Role(actor.role)]:
        return True
    if actor.operator is not None and action in OPERATIONS[OperatorRole(actor.operator)]:
        return True
    if action in OPERATIONS[OperatorRole.STEER]:
        return _why_no_operator(actor)
    return f"Your role is {actor.role}, which does not include {action}; ask an owner or admin of the workspace."


def _why_no_operator(actor: Actor) -> str:
    """Say what gives the right: it lies with who starts the program, and with the keys for administering they make."""
    if actor.operator is not None:
        whose = "This key" if actor.kind is ActorKind.KEY else "Your sign-in"
        return f"{whose} may look and change nothing; of those who run this Asterism, ask one who may steer it."
    if actor.kind is ActorKind.KEY:
        return (
            "This is for those who run this Asterism; on the machine where it is started, "
            "`asterism keys create NAME --role admin` makes a key that may."
        )
    return "This is for those who run this Asterism; ask them, or sign in with the link of `asterism link`."


def require(actor: Actor, action: Action) -> None:
    """Do nothing when the actor may.

    Raises:
        NotPermitted: It may not; the message says why.
    """
    answer = can(actor, action)
    if answer is not True:
        raise NotPermitted(answer)
