"""The domain's tables (label ilp_plans). Imported only inside `plans`."""

from .activity import Activity, Evidence, SourceSync
from .audit import AuditEvent, AuditHead
from .framework import FrameworkVersion
from .people import Course, Enrolment, Person, School
from .plan import Goal, Plan, Revision, Target, TargetActivity
from .review import Contribution, Draft, FrozenTarget, Judgement, Review, ReviewCycle

__all__ = [
    "Activity", "AuditEvent", "AuditHead", "Contribution", "Course", "Draft", "Enrolment", "Evidence",
    "FrameworkVersion", "FrozenTarget", "Goal", "Judgement", "Person", "Plan", "Review", "ReviewCycle", "Revision",
    "School", "SourceSync", "Target", "TargetActivity",
]  # fmt: skip
