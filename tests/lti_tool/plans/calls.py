"""Each call of `plans.api` that a person stands behind: how to make it about one student, and which act it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Act,
    Actor,
    AgreementEntry,
    CurriculumChange,
    DiscussionEntry,
    Ending,
    GoalChange,
    Item,
    ItemChange,
    Job,
    LeadEntry,
    LifeEventEntry,
    LogChange,
    NeedChange,
    OpinionEntry,
    Outcome,
    Participant,
    ProgrammeChange,
    Role,
    SchoolRules,
    Scope,
    Setting,
    SignatureEntry,
    SignedBy,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import NotFound
from tests.factories.furnished import BOTH, Kept
from tests.factories.packages import packed

Ask = Callable[[Actor, Kept], Any]
NOT_THE_LEARNER = frozenset({Role.LEARNER})
LEARNER = frozenset({Role.LEARNER})
READS = (Act.READ_PLAN, Act.READ_SHARED)
SHEETS = (Act.READ_SHEETS, Act.ANSWER_SHEET)
CHANGE = TargetChange("Something else")
THING = ItemChange("home", "A bridge")
TERMS = {"mi": {"ākonga": "tauira"}}
RULES = SchoolRules(
    learners_share=True,
    share_days=30,
    learners_end_providers=True,
    readers_named=True,
    links_on_paper=True,
    keep_years=9,
    keep_restricted_years=2,
    review_every_days=40,
    year_starts_month=9,
    emerging_below=40,
    exceeded_from=90,
)


@dataclass(frozen=True)
class Call:
    """Allowed where one of `acts` reaches the student; `own` are the acts that count for learners instead."""

    name: str
    ask: Ask
    acts: tuple[Act, ...] = ()
    own: tuple[Act, ...] = ()
    only: frozenset[Role] = frozenset()  # what one added oneself: the learner's, in that world
    never: frozenset[Role] = frozenset()
    refused: Mapping[Role, str] = field(default_factory=dict)  # reached, but a rule says no, by its code
    of_actor: bool = False  # names nobody
    of_school: bool = False  # names something of the school
    anybody: bool = False  # for everybody, about themselves


CALLS: dict[str, Call] = {}


def _call(ask: Ask, *acts: Act, name: str, variant: str = "", **rules: Any) -> None:
    key = f"{name} {variant}".strip()
    assert key not in CALLS
    CALLS[key] = Call(name, ask, acts, **rules)


def _today() -> date:
    return timezone.localdate()


def _listed(found: bool) -> None:
    """Lists leave out what is out of reach: not in it is not found."""
    if not found:
        raise NotFound


def _ids(*refs: Any) -> set[Any]:
    return {ref.id for ref in refs}


# Reading one student's plan
_call(lambda a, k: api.student(a, k.id), Act.READ_PLAN, name="student")
_call(lambda a, k: api.plan_page(a, k.id), Act.READ_PLAN, name="plan_page")
_call(lambda a, k: api.name_lead(a, k.id, LeadEntry(Job.PLAN, "Jo")), Act.CHANGE_PLAN, name="name_lead")
_call(lambda a, k: api.end_lead(a, k.lead), Act.CHANGE_PLAN, name="end_lead")
_call(lambda a, k: api.plan_story(a, k.id), Act.READ_PLAN, name="plan_story")
_call(lambda a, k: api.brought(a, k.id), Act.READ_PLAN, name="brought")
_call(lambda a, k: api.needs(a, k.id), Act.READ_PLAN, name="needs")
_call(lambda a, k: api.need_history(a, k.statement), Act.READ_PLAN, name="need_history")
_call(lambda a, k: api.past_reviews(a, k.id), Act.READ_PLAN, name="past_reviews")
_call(lambda a, k: api.review(a, k.closed), Act.READ_PLAN, name="review", variant="closed")
_call(lambda a, k: api.review(a, k.open), Act.READ_PLAN, name="review", variant="open", never=NOT_THE_LEARNER)
_call(lambda a, k: api.closing_targets(a, k.closed, 1), Act.READ_PLAN, name="closing_targets")
_call(lambda a, k: api.judgement_history(a, k.closed, k.target), Act.READ_PLAN, name="judgement_history")
_call(lambda a, k: api.cycle_review(a, k.id, k.school.cycle_code), Act.READ_PLAN, name="cycle_review")
_call(lambda a, k: api.home_review(a, k.closed), Act.READ_SHARED, name="home_review")
_call(lambda a, k: api.preview_closing(a, k.open), Act.REVIEW, name="preview_closing")
_call(lambda a, k: api.review_choices(a, k.id), Act.REVIEW, name="review_choices")
_call(lambda a, k: api.target(a, k.target), Act.CHANGE_PLAN, name="target")
_call(lambda a, k: api.target_page(a, k.id, k.target), Act.CHANGE_PLAN, name="target_page")
_call(lambda a, k: api.alike_in_class(a, k.id, "x"), Act.CHANGE_PLAN, name="alike_in_class")
_call(lambda a, k: api.plan_upgrade_difference(a, k.plan), Act.UPGRADE_PLAN, name="plan_upgrade_difference")
_call(lambda a, k: api.audit_trail(a, k.id), Act.READ_TRAIL, name="audit_trail")
_call(lambda a, k: api.who_opened(a, k.id), Act.SEE_READERS, name="who_opened")
_call(lambda a, k: api.at_home(a, k.id), Act.READ_SHARED, name="at_home")
_call(lambda a, k: api.home_pack(a, k.id), Act.SEND_SHEET, name="home_pack")
_call(lambda a, k: _listed(k.id in _ids(*api.children_to_print(a))), Act.SEND_SHEET, name="children_to_print")
_call(lambda a, k: api.home_story(a, k.id), Act.READ_SHARED, name="home_story")
_call(lambda a, k: api.portfolio(a, k.id), *READS, name="portfolio")
_call(lambda a, k: api.item(a, k.item), *READS, name="item")
_call(lambda a, k: api.log(a, k.id), *READS, name="log")
_call(lambda a, k: api.log_entry(a, k.log), *READS, name="log_entry")
_call(lambda a, k: api.file(a, k.file), *READS, name="file")
_call(lambda a, k: api.find_file(a, k.file), *READS, name="find_file")
_call(lambda a, k: api.see(a, Item("item", k.item)), *READS, name="see")
_call(lambda a, k: api.see(a, Item("target", k.target)), *READS, name="see", variant="target")
_call(lambda a, k: api.who_can_see(a, Item("review", k.closed)), *READS, name="who_can_see")
_call(lambda a, k: api.sheets(a, k.id), *SHEETS, Act.ANSWER_FORM, name="sheets")
_call(lambda a, k: api.sheet(a, k.sheet), *SHEETS, name="sheet")
_call(lambda a, k: api.compare_programmes(a), Act.COMPARE, name="compare_programmes", of_actor=True)
_call(lambda a, k: api.items_for(a, [k.target]), *READS, name="items_for", of_actor=True)
_call(lambda a, k: _listed(k.id in _ids(*api.my_students(a))), Act.READ_PLAN, name="my_students")
_call(
    lambda a, k: _listed(k.id in _ids(*(row.student for row in api.starts(a).rows))), Act.READ_STARTS, name="starts"
)
_call(lambda a, k: _listed(k.id in _ids(*api.my_children(a))), Act.READ_SHARED, name="my_children")
_call(lambda a, k: api.children_of_sheets(a), Act.ANSWER_SHEET, name="children_of_sheets", of_actor=True)

# Changing one student's plan
_WRITER = {"own": (Act.CONTRIBUTE,)}
_call(lambda a, k: api.open_plan(a, k.id), Act.CHANGE_PLAN, name="open_plan")
_call(lambda a, k: api.agree_target(a, k.id, CHANGE), Act.CHANGE_PLAN, name="agree_target")
_call(lambda a, k: api.change_target(a, k.target, CHANGE, version=1), Act.CHANGE_PLAN, name="change_target")
_call(lambda a, k: api.agree_proposed(a, k.proposed, version=1), Act.CHANGE_PLAN, name="agree_proposed")
_call(lambda a, k: api.achieve_target(a, k.target, version=1), Act.CHANGE_PLAN, name="achieve_target")
_call(lambda a, k: api.stop_target(a, k.target, version=1), Act.CHANGE_PLAN, name="stop_target")
_call(
    lambda a, k: api.check_target(a, k.target, passed=True, version=1), Act.CHECK_QUALITY, name="check_target"
)  # fmt: skip
_call(lambda a, k: api.share_with_family(a, k.id), Act.CHANGE_PLAN, name="share_with_family")
_call(lambda a, k: api.tick_step(a, k.step, done=True), Act.CHANGE_PLAN, name="tick_step", **_WRITER)
_call(
    lambda a, k: api.say_plan(a, k.id, {"aims.where_to": "There"}, shown={}), Act.CHANGE_PLAN,
    name="say_plan", **_WRITER,
)  # fmt: skip
_call(lambda a, k: api.set_goal(a, k.id, GoalChange("Drive")), Act.CHANGE_PLAN, name="set_goal", **_WRITER)
_call(
    lambda a, k: api.change_goal(a, k.goal, GoalChange("Drive"), version=1), Act.CHANGE_PLAN,
    name="change_goal", **_WRITER,
)  # fmt: skip
_POTTERY = ProgrammeChange("Pottery", Setting.PROVIDER)
_call(lambda a, k: api.set_programme_part(a, k.id, _POTTERY), Act.CHANGE_PLAN, name="set_programme_part")
_call(
    lambda a, k: api.change_programme_part(a, k.programme, _POTTERY, version=1), Act.CHANGE_PLAN,
    name="change_programme_part",
)  # fmt: skip
_call(lambda a, k: api.end_programme_part(a, k.programme), Act.CHANGE_PLAN, name="end_programme_part")
_call(lambda a, k: api.end_goal(a, k.goal), Act.CHANGE_PLAN, name="end_goal", **_WRITER)
_call(
    lambda a, k: api.set_curriculum(a, k.id, CurriculumChange("Art", "Clay")), Act.CHANGE_PLAN,
    name="set_curriculum",
)  # fmt: skip
_call(
    lambda a, k: api.change_curriculum(a, k.curriculum, CurriculumChange("Art", "Clay"), version=1),
    Act.CHANGE_PLAN, name="change_curriculum",
)  # fmt: skip
_call(lambda a, k: api.end_curriculum(a, k.curriculum), Act.CHANGE_PLAN, name="end_curriculum")
_call(
    lambda a, k: api.upgrade_plan(a, k.plan, api.plan_upgrade_difference(a, k.plan).to), Act.UPGRADE_PLAN,
    name="upgrade_plan",
)  # fmt: skip
_SIGNED = SignatureEntry("family", SignedBy.PAPER, "Mere", date(2026, 9, 1))
_call(lambda a, k: api.record_signature(a, k.id, _SIGNED), Act.CHANGE_PLAN, name="record_signature")
_call(
    lambda a, k: api.sign(a, k.id, "school"), *READS, name="sign",
    refused=dict.fromkeys(
        (Role.LEARNER, Role.FAMILY, Role.ASSISTANT, Role.LEADERSHIP, Role.PROVIDER), "not_yours"
    ),
)  # fmt: skip
_call(lambda a, k: api.sign(a, k.id, "learner"), *READS, name="sign", variant="as the learner",
      refused=dict.fromkeys(set(Role) - LEARNER, "not_yours"))  # fmt: skip
_call(
    lambda a, k: api.record_life_event(a, k.id, LifeEventEntry("other", _today())), Act.CHANGE_PLAN,
    name="record_life_event", **_WRITER,
)  # fmt: skip
_call(lambda a, k: api.answer_life_event(a, k.event, answer="All well"), Act.CHANGE_PLAN, name="answer_life_event")
_LIKES = NeedChange("voice", "likes", "Boats", Voice.LEARNER)
_call(lambda a, k: api.say_need(a, k.id, _LIKES), Act.CONTRIBUTE, name="say_need")
_call(
    lambda a, k: api.change_need(a, k.statement, _LIKES, version=1), Act.CONTRIBUTE, name="change_need",
    refused={Role.LEARNER: "not_yours"},
)  # fmt: skip
_TALK = DiscussionEntry(date(2026, 9, 1), "Hopes", people=(Participant("Mere", Voice.FAMILY),))
_call(
    lambda a, k: api.record_discussion(a, k.id, _TALK), Act.CONTRIBUTE, name="record_discussion",
    never=NOT_THE_LEARNER,
)  # fmt: skip

# Reviews
_call(lambda a, k: api.start_review(a, k.id), Act.REVIEW, name="start_review")
_call(
    lambda a, k: api.judge_target(a, k.open, k.target, level="expected", comment="", version=0, grounds=BOTH),
    Act.REVIEW, name="judge_target",
)  # fmt: skip
_call(
    lambda a, k: api.judge_area(a, k.open, "social", level="expected", comment="", version=0, grounds=BOTH),
    Act.REVIEW, name="judge_area",
)  # fmt: skip
_call(
    lambda a, k: api.set_next_steps(a, k.open, next_steps="More", next_review_on=None, version=9), Act.REVIEW,
    name="set_next_steps",
)  # fmt: skip
_call(lambda a, k: api.write_review(a, k.open, {"comments": "Good"}, shown={}), Act.REVIEW, name="write_review")
_call(lambda a, k: api.set_outcome(a, k.open, k.target, Outcome(Ending.REACHED)), Act.REVIEW, name="set_outcome")
_call(lambda a, k: api.close_review(a, k.open, version=99), Act.REVIEW, name="close_review")
_call(lambda a, k: api.reopen_review(a, k.closed, reason="A slip"), Act.REVIEW, name="reopen_review")
_HEARD = AgreementEntry(Voice.FAMILY, "Mere", True)
_call(lambda a, k: api.record_agreement(a, k.closed, _HEARD), Act.REVIEW, name="record_agreement")
_call(
    lambda a, k: api.agree_review(a, k.closed, agrees=True), Act.AGREE, name="agree_review"
)  # fmt: skip
_call(
    lambda a, k: api.agree_review(a, k.open, agrees=True), Act.CONTRIBUTE, name="agree_review", variant="open",
    never=NOT_THE_LEARNER,
)  # fmt: skip
_call(lambda a, k: api.contribute(a, text="Mine", review_id=k.open), Act.CONTRIBUTE, name="contribute")
_call(
    lambda a, k: api.say_opinion(a, target_id=k.target, text="Mine", review_id=k.open), Act.CONTRIBUTE,
    name="say_opinion",
)  # fmt: skip
_SEEN = OpinionEntry(Voice.OTHERS, "Ben", text="He helps", peer=True)
_call(lambda a, k: api.record_opinion(a, k.open, _SEEN, target_id=k.target), Act.REVIEW, name="record_opinion")
_call(lambda a, k: api.send_home(a, k.words, reason="Asked for"), Act.SEND_HOME, name="send_home")
_call(lambda a, k: api.save_draft(a, f"review:{k.open}", "comment", "…"), Act.REVIEW, name="save_draft")
_call(
    lambda a, k: api.save_draft(a, f"about:{k.id}", "agree:1:agree_text", "…"), Act.KEEP_DRAFTS,
    name="save_draft", variant="of any form",
)  # fmt: skip
_call(lambda a, k: api.drafts_about(a, k.id), Act.KEEP_DRAFTS, name="drafts_about")

# Log, portfolio, sheets
_call(lambda a, k: api.add_item(a, k.id, THING), Act.ADD_EVIDENCE, name="add_item")
_MINE = {"only": LEARNER}
_call(lambda a, k: api.change_item(a, k.item, THING, version=1), Act.ADD_EVIDENCE, name="change_item", **_MINE)
_call(lambda a, k: api.delete_item(a, k.item), Act.ADD_EVIDENCE, name="delete_item", **_MINE)
_call(
    lambda a, k: api.change_log(a, k.log, LogChange({"text": "More"}), version=1), Act.KEEP_LOG,
    name="change_log", **_MINE,
)  # fmt: skip
_call(lambda a, k: api.delete_log(a, k.log), Act.KEEP_LOG, name="delete_log", **_MINE)
_call(lambda a, k: api.describe_file(a, k.file, "A tower"), Act.ADD_EVIDENCE, name="describe_file", **_MINE)
_call(lambda a, k: api.use_file(a, k.file, []), Act.ADD_EVIDENCE, name="use_file", **_MINE)
_call(lambda a, k: api.withdraw_file(a, k.file), Act.ADD_EVIDENCE, name="withdraw_file", **_MINE)
# The file is a picture, so that even its owner finds no recording.
_call(lambda a, k: api.keep_sound(a, k.file, keep=True), Act.KEEP_LOG, name="keep_sound", never=LEARNER)
_call(lambda a, k: api.check_others(a, k.file), Act.CHECK_OTHERS, name="check_others")
_call(lambda a, k: api.report_item(a, k.item), *READS, name="report_item")
_call(lambda a, k: api.report_need(a, k.statement), Act.READ_PLAN, name="report_need")
_call(lambda a, k: api.report_talk(a, k.talk), Act.READ_PLAN, name="report_talk")
_call(lambda a, k: api.report_answers(a, k.answered), Act.READ_SHEETS, name="report_answers")
_call(lambda a, k: api.report_words(a, k.words), Act.READ_PLAN, name="report_words", never=NOT_THE_LEARNER)
_call(lambda a, k: api.set_at_home(a, k.closed, at_home=True), Act.KEEP_LOG, name="set_at_home", **_MINE)
_call(lambda a, k: api.report_review(a, k.closed), *READS, name="report_review")
_call(lambda a, k: api.report_log(a, k.log), *READS, name="report_log")
_call(lambda a, k: api.settle_report(a, k.reported, keep=True), Act.SETTLE_REPORTS, name="settle_report")
_call(lambda a, k: api.send_sheet(a, k.id, "planning"), Act.SEND_SHEET, name="send_sheet")
_call(lambda a, k: api.take_back_sheet(a, k.sheet), Act.SEND_SHEET, name="take_back_sheet")
_call(lambda a, k: api.make_link(a, k.sheet), Act.SEND_SHEET, name="make_link")
_call(lambda a, k: api.tell_code(a, k.linked), Act.SEND_SHEET, name="tell_code")
_call(
    lambda a, k: api.answer_sheet(a, k.sheet, {"social": "Waits"}, version=0, name="Mere"),
    Act.ANSWER_SHEET, Act.SEND_SHEET, name="answer_sheet",
)  # fmt: skip
_call(
    lambda a, k: api.save_draft(a, f"sheet:{k.sheet}", "answer_social", "W"), Act.ANSWER_SHEET, Act.SEND_SHEET,
    name="save_draft", variant="of a sheet",
)  # fmt: skip

# The learner's own
_call(lambda a, k: api.student_panel(a, activity_external_ids=[]), Act.READ_OWN_PANEL, name="student_panel",
      of_actor=True)  # fmt: skip
_call(lambda a, k: api.propose_target(a, CHANGE), Act.READ_OWN_PANEL, name="propose_target", of_actor=True)
_call(lambda a, k: api.preparation(a), Act.READ_OWN_PANEL, name="preparation", of_actor=True)
_call(lambda a, k: api.prepare(a, {"hard": "Halves"}), Act.READ_OWN_PANEL, name="prepare", of_actor=True)
_call(lambda a, k: api.write_log(a, LogChange({"text": "So"})), Act.KEEP_LOG, name="write_log", of_actor=True)
_call(lambda a, k: api.my_name(a), Act.KEEP_LOG, name="my_name", of_actor=True)
_call(lambda a, k: api.set_my_name(a, own="Ana", pronouns=""), Act.KEEP_LOG, name="set_my_name", of_actor=True)
_call(lambda a, k: api.delete_mine(a), Act.DELETE_MINE, name="delete_mine", of_actor=True)
_call(lambda a, k: api.recipients(a), Act.SHARE, name="recipients", of_actor=True)
_call(lambda a, k: api.mine_to_share(a), Act.SHARE, name="mine_to_share", of_actor=True)
_call(lambda a, k: api.share_rules(a), Act.SHARE, name="share_rules", of_actor=True)
_call(lambda a, k: _listed(k.reported in {one.piece.item.id for one in api.reported(a)}), Act.SETTLE_REPORTS,
      name="reported")  # fmt: skip
_call(lambda a, k: api.my_shares(a), Act.SHARE, name="my_shares", of_actor=True)
_call(lambda a, k: api.my_providers(a), Act.SHARE, name="my_providers", of_actor=True)
_call(lambda a, k: api.preview(a, [Item("target", k.target)]), Act.SHARE, name="preview")
_call(
    lambda a, k: api.share(a, k.colleague, [Item("item", k.item)], purpose="Job", ends_on=_today()), Act.SHARE,
    name="share",
)  # fmt: skip
_call(lambda a, k: api.shared(a, k.share), Act.SHARE, name="shared")
_call(lambda a, k: api.end_provider(a, k.provider), Act.SHARE, name="end_provider")
_call(lambda a, k: api.end_share(a, k.share), Act.SHARE, Act.MANAGE_PEOPLE, name="end_share")
_call(lambda a, k: api.ask_erasure(a, k.id), Act.ASK_ERASURE, name="ask_erasure")
_call(lambda a, k: api.my_erasure(a, k.id), Act.ASK_ERASURE, name="my_erasure")
_call(lambda a, k: api.ask_correction(a, k.id, wrong="A date"), Act.ASK_ERASURE, name="ask_correction")
_call(lambda a, k: api.my_correction(a, k.id), Act.ASK_ERASURE, name="my_correction")
_call(lambda a, k: api.export_record(a, k.id), Act.EXPORT, name="export_record")

# The class
_CLASS = {"of_actor": True}
_call(lambda a, k: api.class_panel(a, activity_external_ids=[]), Act.READ_CLASS, name="class_panel", **_CLASS)
_call(lambda a, k: api.take_class_list(a), Act.READ_CLASS, name="take_class_list", **_CLASS)
_call(lambda a, k: api.shared_goals(a), Act.READ_CLASS, name="shared_goals", **_CLASS)
_call(lambda a, k: api.activities(a), Act.PICK_ACTIVITIES, name="activities", **_CLASS)
_call(lambda a, k: api.find_activities(a, "frac"), Act.PICK_ACTIVITIES, name="find_activities", **_CLASS)
_call(lambda a, k: api.cycle_panel(a, k.school.cycle_id), Act.READ_CLASS, name="cycle_panel", of_school=True)

# The school's office
_call(lambda a, k: api.appointments(a), Act.MANAGE_PEOPLE, name="appointments", of_actor=True)
_call(lambda a, k: api.find_people(a, "Ana"), Act.MANAGE_PEOPLE, name="find_people", of_actor=True)
_call(lambda a, k: api.guardians(a), Act.MANAGE_PEOPLE, name="guardians", of_actor=True)
_call(lambda a, k: api.joins(a), Act.MANAGE_PEOPLE, name="joins", of_actor=True)
_call(lambda a, k: api.erasures_asked(a), Act.ERASE, name="erasures_asked", of_actor=True)
_call(
    lambda a, k: api.appoint(a, k.colleague, Role.KEY_WORKER, Scope(student_id=k.id)), Act.MANAGE_PEOPLE,
    name="appoint",
)  # fmt: skip
_call(lambda a, k: api.end_appointment(a, k.provider), Act.MANAGE_PEOPLE, name="end_appointment")
_call(lambda a, k: api.courses(a), Act.MANAGE_PEOPLE, name="courses", of_actor=True)
_call(lambda a, k: api.schooling(a, k.school.room.course_id), Act.MANAGE_PEOPLE, name="schooling", of_actor=True)
_call(lambda a, k: api.set_schooling(a, {k.id: ("Lower", 8)}), Act.MANAGE_PEOPLE, name="set_schooling")
_call(lambda a, k: api.link_guardian(a, k.twin, k.id), Act.MANAGE_PEOPLE, name="link_guardian")
_call(lambda a, k: api.bring_record(a, k.id, packed()), Act.MANAGE_PEOPLE, name="bring_record")
_call(lambda a, k: api.brought_records(a), Act.MANAGE_PEOPLE, name="brought_records", of_actor=True)
_call(lambda a, k: api.take_out_record(a, k.brought), Act.MANAGE_PEOPLE, name="take_out_record")
_call(lambda a, k: api.end_guardian(a, k.link), Act.MANAGE_PEOPLE, name="end_guardian")
_call(lambda a, k: api.join_people(a, k.id, k.twin), Act.MANAGE_PEOPLE, name="join_people")
_call(lambda a, k: api.part_people(a, k.join), Act.MANAGE_PEOPLE, name="part_people")
_call(lambda a, k: api.decide_erasure(a, k.erasure, grant=True, answer="Yes"), Act.ERASE, name="decide_erasure")
_call(
    lambda a, k: api.decide_correction(a, k.correction, grant=True, answer="Yes"), Act.ERASE, name="decide_correction"
)
_call(lambda a, k: api.corrections_asked(a), Act.ERASE, name="corrections_asked", of_actor=True)
_call(lambda a, k: api.standing_shares(a), Act.MANAGE_PEOPLE, name="standing_shares", of_actor=True)
_call(lambda a, k: api.undo_own_name(a, k.id, reason="hurtful"), Act.MANAGE_PEOPLE, name="undo_own_name")
_call(lambda a, k: api.erase_person(a, k.id), Act.ERASE, name="erase_person")
_call(lambda a, k: api.school_rules(a), Act.SET_RULES, name="school_rules", of_actor=True)
_call(lambda a, k: api.set_school_rules(a, RULES), Act.SET_RULES, name="set_school_rules", of_actor=True)
_call(lambda a, k: api.school_terms(a), Act.SET_RULES, name="school_terms", of_actor=True)
_call(lambda a, k: api.set_school_terms(a, TERMS), Act.SET_RULES, name="set_school_terms", of_actor=True)
_call(lambda a, k: api.set_help(a, name="Mr Ho", phone=""), Act.SET_RULES, name="set_help", of_actor=True)
_FRAMES = Act.MANAGE_FRAMEWORKS
_call(lambda a, k: api.frameworks(a), _FRAMES, name="frameworks", of_actor=True)
_call(lambda a, k: api.framework_to_see(a, k.school.framework), _FRAMES, name="framework_to_see", of_school=True)
_call(lambda a, k: api.framework_draft(a, k.school.framework), _FRAMES, name="framework_draft", of_school=True)
_call(lambda a, k: api.copy_framework(a, k.school.framework, "New"), _FRAMES, name="copy_framework", of_school=True)
_call(
    lambda a, k: api.save_framework_draft(a, k.school.framework, "no framework", 1), _FRAMES,
    name="save_framework_draft", of_school=True,
)  # fmt: skip
_call(
    lambda a, k: api.publish_framework(a, k.school.framework, 1), _FRAMES, name="publish_framework", of_school=True
)  # fmt: skip
_call(
    lambda a, k: api.discard_framework_draft(a, k.school.framework), _FRAMES, name="discard_framework_draft",
    of_school=True,
)  # fmt: skip
_call(lambda a, k: api.choose_framework(a, k.school.framework), _FRAMES, name="choose_framework", of_school=True)

# Everybody's own
_call(lambda a, k: api.allows(a, Act.READ_PLAN), name="allows", anybody=True)
_call(lambda a, k: api.where_was_i(a), name="where_was_i", anybody=True)
_call(lambda a, k: api.begun(a, "words"), name="begun", anybody=True)
_call(lambda a, k: api.adults_who_read(a), name="adults_who_read", anybody=True)
_call(lambda a, k: api.refused(a, "plan", k.id, "role"), name="refused", anybody=True)
_call(lambda a, k: api.help_page(a), name="help_page", anybody=True)
_call(lambda a, k: api.set_looks(a, []), name="set_looks", anybody=True)
_call(lambda a, k: api.drafts(a, f"review:{k.open}"), name="drafts", anybody=True)
_call(lambda a, k: api.clear_drafts(a, f"review:{k.open}"), name="clear_drafts", anybody=True)
_call(lambda a, k: api.shared_with_me(a), name="shared_with_me", anybody=True)
