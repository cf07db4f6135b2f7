"""The contract of an analysis: what REST, CLI `--json`, SSE and exports speak.

Money is integer micro-USD in fields that end in `_micros`; fractions are 0 to 1; times are RFC 3339 in UTC.
"""

from __future__ import annotations

from app.services.contract.analysis import AnalysisRow, AnalysisView, MetadataView
from app.services.contract.basics import Band, Contract, Moment
from app.services.contract.choice import ChoiceOption, ChoiceView
from app.services.contract.costs import CostEntryView, CostView, EstimateView
from app.services.contract.findings import (
    CitedSentence,
    DayCounts,
    EvidenceView,
    FaultView,
    MetricView,
    OpportunityView,
    OverviewView,
    ResultsView,
    SummaryView,
    TopicCounts,
    TopicView,
    VerificationView,
)
from app.services.contract.items import IntentSpan, ItemView
from app.services.contract.progress import (
    DegradedView,
    EventView,
    JobView,
    ProgressView,
    QueueView,
    StageJobs,
    StageProgress,
)
from app.services.contract.request import (
    DEFAULT_QUESTION,
    MAX_CAP_MICROS,
    MAX_KEYWORDS,
    MAX_QUESTION,
    MAX_SOURCES,
    AnalysisRequest,
    NotifyRequest,
    SourceRequest,
)

__all__ = [
    "DEFAULT_QUESTION",
    "MAX_CAP_MICROS",
    "MAX_KEYWORDS",
    "MAX_QUESTION",
    "MAX_SOURCES",
    "AnalysisRequest",
    "AnalysisRow",
    "AnalysisView",
    "Band",
    "ChoiceOption",
    "ChoiceView",
    "CitedSentence",
    "Contract",
    "CostEntryView",
    "CostView",
    "DayCounts",
    "DegradedView",
    "EstimateView",
    "EventView",
    "EvidenceView",
    "FaultView",
    "IntentSpan",
    "ItemView",
    "JobView",
    "MetadataView",
    "MetricView",
    "Moment",
    "NotifyRequest",
    "OpportunityView",
    "OverviewView",
    "ProgressView",
    "QueueView",
    "ResultsView",
    "SourceRequest",
    "StageJobs",
    "StageProgress",
    "SummaryView",
    "TopicCounts",
    "TopicView",
    "VerificationView",
]
