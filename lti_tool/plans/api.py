"""The one door of the domain. Everything outside `plans` imports from here, `data` and `exceptions` only.

Calls that a person stands behind take their Actor first, and fetch through the policy: what the actor may not
see is `NotFound`. Calls that take a school's id are the tool's own (launches, rosters, gradebooks, commands).
"""

from .activities import activities, find_activities, linked_activities, sync_activities
from .appointments import (
    appoint,
    appointments,
    end_administrator,
    end_appointment,
    make_administrator,
    my_students,
    set_schooling,
)
from .audit import record as record_event
from .audit import verify_audit
from .carrying import carry_over
from .closings import closed_reviews
from .cycles import cycle, cycle_key, cycles, ensure_cycle, find_cycle
from .goals import shared_goals
from .guardians import end_guardian, guardians, link_guardian, my_children, tell_children
from .importing import import_plans
from .judging import close_review, judge_target, judgement_history, set_next_steps
from .panels import class_panel, student_panel
from .people import (
    absent,
    actor_for,
    create_school,
    ensure_course,
    ensure_person,
    forget_names,
    names,
    persons_bulk,
    rename_person,
    retitle_course,
    schools,
    set_enrolment,
    student,
    sync_roster,
    tell_names,
)
from .permissions import allows
from .results import evidence_total, record_results
from .reviews import cycle_review, past_reviews, review, start_review
from .syncs import (
    claim_sync,
    due_syncs,
    fail_sync,
    finish_sync,
    renew_sync,
    request_sync,
    sync_ref,
    sync_state,
)
from .targets import agree_target, change_target, open_plan, stop_target, target
from .trail import audit_trail
from .words import clear_drafts, contribute, drafts, save_draft

__all__ = [
    "absent", "activities", "actor_for", "agree_target", "allows", "appoint", "appointments", "audit_trail",
    "carry_over", "change_target", "claim_sync", "class_panel", "clear_drafts", "close_review", "closed_reviews",
    "contribute", "create_school", "cycle", "cycle_key", "cycle_review", "cycles", "drafts", "due_syncs",
    "end_administrator", "end_appointment", "end_guardian", "ensure_course", "ensure_cycle", "ensure_person",
    "evidence_total", "fail_sync", "find_activities", "find_cycle", "finish_sync", "forget_names", "guardians",
    "import_plans", "judge_target", "judgement_history", "link_guardian", "linked_activities", "make_administrator",
    "my_children", "my_students", "names", "open_plan", "past_reviews", "persons_bulk", "record_event",
    "record_results", "rename_person", "renew_sync", "request_sync", "retitle_course", "review", "save_draft",
    "schools", "set_enrolment", "set_next_steps", "set_schooling", "shared_goals", "start_review", "stop_target",
    "student", "student_panel", "sync_activities", "sync_ref", "sync_roster", "sync_state", "target",
    "tell_children", "tell_names", "verify_audit",
]  # fmt: skip
