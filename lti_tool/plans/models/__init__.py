"""The domain's tables (label ilp_plans). Imported only inside `plans`."""

from .activity import Activity, Evidence, SourceSync
from .appointment import Appointment, GuardianLink, GuardianNaming
from .audit import AuditEvent, AuditHead
from .framework import FrameworkVersion
from .keeping import Erasure, ErasureRequest, Join
from .people import Course, Enrolment, Person, School
from .plan import Goal, Plan, Revision, Target, TargetActivity
from .portfolio import LogEntry, PortfolioItem, PortfolioTarget, Report, StoredFile
from .review import Contribution, Draft, FrozenTarget, Judgement, Review, ReviewCycle
from .sharing import OwnWords, Share, ShareItem

__all__ = [
    "Activity", "Appointment", "AuditEvent", "AuditHead", "Contribution", "Course", "Draft", "Enrolment",
    "Erasure", "ErasureRequest", "Evidence", "FrameworkVersion", "FrozenTarget", "Goal", "GuardianLink",
    "GuardianNaming", "Join", "Judgement", "LogEntry", "OwnWords", "Person", "Plan", "PortfolioItem",
    "PortfolioTarget", "Report", "Review", "ReviewCycle", "Revision", "School", "Share", "ShareItem",
    "SourceSync", "StoredFile", "Target", "TargetActivity",
]  # fmt: skip
