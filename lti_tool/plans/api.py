"""The one door of the domain. Everything outside `plans` imports from here, `data` and `exceptions` only.

Calls that a person stands behind take their Actor first, and fetch through the policy: what the actor may not
see is `NotFound`. Calls that take a school's id are the tool's own (launches, rosters, gradebooks, commands).
"""

from .activities import activities, find_activities, linked_activities, sync_activities
from .agreements import agree_review, record_agreement
from .aims import change_curriculum, change_goal, end_curriculum, end_goal, say_plan, set_curriculum, set_goal
from .answering import answer_words
from .appointments import (
    appoint,
    appointments,
    courses,
    end_administrator,
    end_appointment,
    find_people,
    make_administrator,
    my_students,
    schooling,
    set_schooling,
)
from .audit import record as record_event
from .audit import verify_audit
from .bringing import bring_record, bring_record_as_operator, brought, brought_records, take_out_record
from .carrying import carry_over, successors
from .class_list import take_class_list
from .closings import closed_reviews
from .comparing import compare_programmes
from .correcting import ask_correction, corrections_asked, decide_correction, my_correction
from .cycles import cycle, cycle_key, cycle_year, cycles, ensure_cycle, find_cycle
from .erasing import (
    ask_erasure,
    decide_erasure,
    delete_mine,
    erase_person,
    erasures_asked,
    my_erasure,
    retire_person,
)
from .files import check_others, describe_file, file, find_file, room_left, sweep_files, use_file, withdraw_file
from .frameworks.documenting import framework_format
from .frameworks.drafting import (
    check_framework,
    choose_framework,
    copy_framework,
    discard_framework_draft,
    framework_draft,
    publish_framework,
    save_framework_draft,
)
from .frameworks.keeping import framework_of
from .frameworks.listing import framework_to_see, frameworks
from .frameworks.upgrading import plan_upgrade_difference, upgrade_plan
from .frameworks.wording import shown
from .goals import shared_goals
from .guardians import children_of_sheets, end_guardian, guardians, link_guardian, my_children, tell_children
from .home import at_home, home_review, home_story
from .importing import import_plans
from .items import see, who_can_see
from .joining import join_people, joins, part_people
from .judging import close_review, judge_area, judge_target, judgement_history, set_next_steps
from .leading import end_lead, name_lead
from .life import answer_life_event, record_life_event
from .likeness import alike_in_class
from .logs import change_log, delete_log, log, log_entry, report_log, write_log
from .needs import change_need, need_history, needs, record_discussion, say_need
from .not_for_home import send_home, set_at_home
from .occasions import review_choices
from .opening import open_plan
from .opinions import record_opinion, say_opinion
from .outcomes import set_outcome
from .own_names import my_name, set_my_name, undo_own_name
from .packs import children_to_print, home_pack
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
from .permissions import allows, refused
from .plan_page import plan_page
from .portfolio import add_item, change_item, delete_item, item, items_for, portfolio, report_item
from .preparing import preparation, prepare
from .previewing import preview_closing
from .programme import change_programme_part, end_programme_part, set_programme_part
from .quality import check_target, share_with_family
from .readers import help_page, set_help, set_looks
from .records import export_record
from .reopening import closing_targets, reopen_review
from .reporting import (
    report_answers,
    report_need,
    report_review,
    report_talk,
    report_words,
    reported,
    settle_report,
)
from .resealing import seal_anew
from .results import evidence_total, record_results
from .retention import keep_to_retention
from .returning import begun, where_was_i
from .reviews import cycle_review, past_reviews, review, start_review
from .rounds import cycle_panel
from .school_rules import rule_limits, school_rules, set_school_rules
from .school_terms import check_terms, school_terms, set_school_terms
from .sharing import (
    end_provider,
    end_share,
    mine_to_share,
    my_providers,
    my_shares,
    preview,
    recipients,
    share,
    share_rules,
    shared,
    shared_with_me,
    standing_shares,
)
from .sheet_links import (
    answer_by_link,
    begun_by_link,
    enter_code,
    keep_by_link,
    mail_code,
    make_link,
    open_link,
    sheet_by_link,
    tell_code,
)
from .sheets import answer_sheet, send_sheet, sheet, sheets, take_back_sheet
from .signing import record_signature, sign
from .signs import adults_who_read
from .sounds import forget_sounds, keep_sound
from .starting import starts
from .steps import tick_step
from .story import plan_story
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
from .target_page import target_page
from .targets import achieve_target, agree_proposed, agree_target, change_target, propose_target, stop_target, target
from .trail import audit_trail, who_opened
from .words import clear_drafts, contribute, drafts, drafts_about, save_draft
from .writing import write_review

__all__ = [
    "absent", "achieve_target", "activities", "actor_for", "add_item", "adults_who_read", "agree_proposed",
    "agree_review", "agree_target", "alike_in_class", "allows", "answer_by_link", "answer_life_event", "answer_sheet",
    "answer_words", "appoint", "appointments", "ask_correction", "ask_erasure", "at_home", "audit_trail", "begun",
    "begun_by_link", "bring_record", "bring_record_as_operator", "brought", "brought_records", "carry_over",
    "change_curriculum", "change_goal", "change_item", "change_log", "change_need", "change_programme_part",
    "change_target", "check_framework", "check_others", "check_target", "check_terms", "children_of_sheets",
    "children_to_print", "choose_framework", "claim_sync", "class_panel", "clear_drafts", "close_review",
    "closed_reviews", "closing_targets", "compare_programmes", "contribute", "copy_framework", "corrections_asked",
    "courses", "create_school", "cycle", "cycle_key", "cycle_panel", "cycle_review", "cycle_year", "cycles",
    "decide_correction", "decide_erasure", "delete_item", "delete_log", "delete_mine", "describe_file",
    "discard_framework_draft", "drafts", "drafts_about", "due_syncs", "end_administrator", "end_appointment",
    "end_curriculum", "end_goal", "end_guardian", "end_lead", "end_programme_part", "end_provider", "end_share",
    "ensure_course", "ensure_cycle", "ensure_person", "enter_code", "erase_person", "erasures_asked",
    "evidence_total", "export_record", "fail_sync", "file", "find_activities", "find_cycle", "find_file",
    "find_people", "finish_sync", "forget_names", "forget_sounds", "framework_draft", "framework_format",
    "framework_of", "framework_to_see", "frameworks", "guardians", "help_page", "home_pack", "home_review",
    "home_story", "import_plans", "item", "items_for", "join_people", "joins", "judge_area", "judge_target",
    "judgement_history", "keep_by_link", "keep_sound", "keep_to_retention", "link_guardian", "linked_activities",
    "log", "log_entry", "mail_code", "make_administrator", "make_link", "mine_to_share", "my_children",
    "my_correction", "my_erasure", "my_name", "my_providers", "my_shares", "my_students", "name_lead", "names",
    "need_history", "needs", "open_link", "open_plan", "part_people", "past_reviews", "persons_bulk", "plan_page",
    "plan_story", "plan_upgrade_difference", "portfolio", "preparation", "prepare", "preview", "preview_closing",
    "propose_target", "publish_framework", "recipients", "record_agreement", "record_discussion", "record_event",
    "record_life_event", "record_opinion", "record_results", "record_signature", "refused", "rename_person",
    "renew_sync", "reopen_review", "report_answers", "report_item", "report_log", "report_need", "report_review",
    "report_talk", "report_words", "reported", "request_sync", "retire_person", "retitle_course", "review",
    "review_choices", "room_left", "rule_limits", "save_draft", "save_framework_draft", "say_need", "say_opinion",
    "say_plan", "school_rules", "school_terms", "schooling", "schools", "seal_anew", "see", "send_home", "send_sheet",
    "set_at_home", "set_curriculum", "set_enrolment", "set_goal", "set_help", "set_looks", "set_my_name",
    "set_next_steps", "set_outcome", "set_programme_part", "set_school_rules", "set_school_terms", "set_schooling",
    "settle_report", "share", "share_rules", "share_with_family", "shared", "shared_goals", "shared_with_me", "sheet",
    "sheet_by_link", "sheets", "shown", "sign", "standing_shares", "start_review", "starts", "stop_target", "student",
    "student_panel", "successors", "sweep_files", "sync_activities", "sync_ref", "sync_roster", "sync_state",
    "take_back_sheet", "take_class_list", "take_out_record", "target", "target_page", "tell_children", "tell_code",
    "tell_names", "tick_step", "undo_own_name", "upgrade_plan", "use_file", "verify_audit", "where_was_i",
    "who_can_see", "who_opened", "withdraw_file", "write_log", "write_review",
]  # fmt: skip
