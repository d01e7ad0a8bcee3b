"""What crosses the door of `plans`: frozen values, never a model and never a request.

Scores are plain numbers on the activity's own scale (`score_given` out of `score_maximum`); times are
aware datetimes in UTC; ids are UUIDs except activities and courses, which are integers.
Each room of the domain has its file here; everybody imports from the package.
"""

from ..frameworks.data import Sensitivity
from .activities import ActivityRead, ActivityView
from .audit import AuditView
from .cycles import CycleView
from .evidence import EvidenceView, EvidenceWritten, Level, ResultRead, Suggestion, Track
from .frameworks import Changed, Difference, FrameworkDraft, FrameworkLine, UpgradeDifference
from .judgements import JudgementView
from .panels import ClassPanel, ClassRow, CyclePanel, CycleRow, StudentPanel
from .people import Actor, PersonRef, Role, RosterEntry
from .portfolio import (
    FileContent,
    FileView,
    ItemChange,
    ItemView,
    LogBlock,
    LogChange,
    LogPage,
    LogView,
    NewFile,
    PortfolioPage,
    TargetName,
)
from .reviews import (
    ClosedReview,
    ContributionView,
    NextSteps,
    PastReview,
    ReviewPage,
    ReviewState,
    ReviewTarget,
    Voice,
)
from .rights import Act, Reach
from .sharing import (
    AppointmentView,
    Audience,
    GuardianEvidence,
    GuardianFlags,
    GuardianScope,
    GuardianView,
    HomePage,
    Item,
    Opening,
    Piece,
    Reader,
    Scope,
    ShareView,
)
from .syncs import SyncLease, SyncProblem, SyncRef, SyncState
from .targets import SharedGoal, TargetCard, TargetChange, TargetState, TargetView

__all__ = [
    "Act",
    "ActivityRead",
    "ActivityView",
    "Actor",
    "AppointmentView",
    "Audience",
    "AuditView",
    "Changed",
    "ClassPanel",
    "ClassRow",
    "ClosedReview",
    "ContributionView",
    "CyclePanel",
    "CycleRow",
    "CycleView",
    "Difference",
    "EvidenceView",
    "EvidenceWritten",
    "FileContent",
    "FileView",
    "FrameworkDraft",
    "FrameworkLine",
    "GuardianEvidence",
    "GuardianFlags",
    "GuardianScope",
    "GuardianView",
    "HomePage",
    "Item",
    "ItemChange",
    "ItemView",
    "JudgementView",
    "Level",
    "LogBlock",
    "LogChange",
    "LogPage",
    "LogView",
    "NewFile",
    "NextSteps",
    "Opening",
    "PastReview",
    "PersonRef",
    "Piece",
    "PortfolioPage",
    "Reach",
    "Reader",
    "ResultRead",
    "ReviewPage",
    "ReviewState",
    "ReviewTarget",
    "Role",
    "RosterEntry",
    "Scope",
    "Sensitivity",
    "ShareView",
    "SharedGoal",
    "StudentPanel",
    "Suggestion",
    "SyncLease",
    "SyncProblem",
    "SyncRef",
    "SyncState",
    "TargetCard",
    "TargetChange",
    "TargetName",
    "TargetState",
    "TargetView",
    "Track",
    "UpgradeDifference",
    "Voice",
]
