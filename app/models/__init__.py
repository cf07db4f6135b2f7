"""Every table. Importing this package registers them all with SQLModel's metadata."""

from app.models.analysis import Analysis, AnalysisStatus, Stage
from app.models.answer import ModelAnswer
from app.models.audit import AuditEvent, AuditHead
from app.models.cost import CostEntry, Reservation, ReservationStatus
from app.models.finding import Evidence, Opportunity, OpportunityItem, Topic
from app.models.imports import FileImport, ImportBlock, ImportMapping, ImportStatus
from app.models.item import Item
from app.models.job import DeadLetter, Job, JobEvent, JobStatus, QueueHold, Schedule, Worker
from app.models.key_ring import KeyRing
from app.models.question import Question, QuestionItem, SearchShard
from app.models.score import ItemScore
from app.models.workspace import ApiKey, LoginSession, Member, OperatorRole, Role, User, WelcomeLink, Workspace

__all__ = [
    "Analysis",
    "AnalysisStatus",
    "ApiKey",
    "AuditEvent",
    "AuditHead",
    "CostEntry",
    "DeadLetter",
    "Evidence",
    "FileImport",
    "ImportBlock",
    "ImportMapping",
    "ImportStatus",
    "Item",
    "ItemScore",
    "Job",
    "JobEvent",
    "JobStatus",
    "KeyRing",
    "LoginSession",
    "Member",
    "ModelAnswer",
    "OperatorRole",
    "Opportunity",
    "OpportunityItem",
    "Question",
    "QuestionItem",
    "QueueHold",
    "Reservation",
    "ReservationStatus",
    "Role",
    "Schedule",
    "SearchShard",
    "Stage",
    "Topic",
    "User",
    "WelcomeLink",
    "Worker",
    "Workspace",
]
