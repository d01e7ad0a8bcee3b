"""The domain's tables (label ilp_plans). Imported only inside `plans`."""

from .activity import Activity, Evidence, SourceSync
from .appointment import Appointment, GuardianLink, GuardianNaming
from .audit import AuditEvent, AuditHead
from .framework import FrameworkVersion
from .keeping import BroughtRecord, CorrectionRequest, Erasure, ErasureRequest, Join
from .leading import Lead
from .needs import Discussion, DiscussionPart, Statement
from .people import Course, Enrolment, Person, School
from .plan import Goal, Plan, Revision, Target, TargetActivity
from .planning import CurriculumTarget, LifeEvent, ProgrammeGoal, ProgrammePart, QualityCheck, Signature, TargetStep
from .portfolio import LogEntry, PortfolioItem, PortfolioTarget, Report, StoredFile
from .review import (
    Agreement,
    Closing,
    Contribution,
    Draft,
    FrozenTarget,
    Judgement,
    Opinion,
    Review,
    ReviewCycle,
    TargetOutcome,
)
from .sharing import OwnWords, Share, ShareItem
from .sheets import Sheet, SheetAnswer, SheetLink

__all__ = [
    "Activity", "Agreement", "Appointment", "AuditEvent", "AuditHead", "BroughtRecord", "Closing", "Contribution",
    "CorrectionRequest", "Course", "CurriculumTarget", "Discussion", "DiscussionPart", "Draft", "Enrolment",
    "Erasure", "ErasureRequest", "Evidence", "FrameworkVersion", "FrozenTarget", "Goal", "GuardianLink",
    "GuardianNaming", "Join", "Judgement", "Lead", "LifeEvent", "LogEntry", "Opinion", "OwnWords", "Person", "Plan",
    "PortfolioItem", "PortfolioTarget", "ProgrammeGoal", "ProgrammePart", "QualityCheck", "Report", "Review",
    "ReviewCycle", "Revision", "School", "Share", "ShareItem", "Sheet", "SheetAnswer", "SheetLink", "Signature",
    "SourceSync", "Statement", "StoredFile", "Target", "TargetActivity", "TargetOutcome", "TargetStep",
]  # fmt: skip
