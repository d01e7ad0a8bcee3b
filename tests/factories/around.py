"""Everybody who could ask for one student's plan, and one of everything they could ask for by its id."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    Audience,
    DiscussionEntry,
    GuardianFlags,
    GuardianScope,
    Item,
    ItemChange,
    Level,
    LogChange,
    NeedChange,
    NewFile,
    Participant,
    Role,
    Scope,
    Voice,
)
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.factories.setup import appoint
from tests.factories.web import open_door
from tests.lti_tool.media import makes


@dataclass(frozen=True)
class World:
    """A cast with one closed and one open review and a round of reviews, to be asked for by their ids."""

    cast: Cast
    people: dict[str, Actor]  # the cast by name, and everybody the school appointed or linked
    review_id: Any
    cycle_id: Any
    item_id: Any
    entry_id: Any
    file_id: Any
    sheet_id: Any
    share_id: Any
    provision_id: Any
    linked_id: Any  # a sheet with a one-time link
    reported_id: Any
    framework: str  # the school's own, with a draft
    words_id: Any
    reported_words_id: Any
    need_id: Any  # what the teacher wrote about the student
    talk_id: Any

    def ids(self, route: str) -> list[Any]:
        """What the route's address names, but the session."""
        student, target = self.cast.student.person_id, self.cast.target_id
        if route == "plan-upgrade":
            return [api.student_panel(self.cast.student, activity_external_ids=()).plan_id]
        ids: dict[str, list[Any]] = {
            "review judge review-close target-new log log-write portfolio item-new home opened": [student],
            "ask ask-correction ask-erasure drafts": [student],
            "need-report": [student, self.need_id],
            "talk-report": [student, self.talk_id],
            "pack brought sheets sheet-send plan story needs review-new home-story home-sign": [student],
            "review-agree review-reopen review-preview home-review": [student, self.review_id],
            "review-closing": [student, self.review_id, 1],
            "target-edit target-stop": [student, target],
            "past-review": [student, self.review_id],
            "setup-course setup-storage": [self.cast.maths.course_id],
            "setup-end": [1],
            "cycle cycle-tell": [self.cycle_id],
            "log-entry log-delete log-report": [self.entry_id],
            "item-edit item-delete item-report": [student, self.item_id],
            "work-settle": [student, self.reported_id],
            "file file-withdraw file-describe file-keep file-check file-use": [self.file_id],
            "words-home review-report": [student, self.review_id],
            "words-send-home words-report": [student, self.words_id],
            "words-settle": [student, self.reported_words_id],
            "framework framework-choose framework-copy": ["general"],
            "framework-edit framework-publish framework-discard": [self.framework],
            "sheet sheet-link sheet-back sheet-report": [self.sheet_id],
            "sheet-code": [self.linked_id],
            "share share-end": [self.share_id],
            "provider-end": [self.provision_id],
            "who-sees": ["target", target],
        }
        return next((found for routes, found in ids.items() if route in routes.split()), [])

    def sent(self, route: str, who: str) -> dict[str, Any]:
        """What the route's form sends of this world: ids, where the address names none."""
        student, teacher = self.cast.student.person_id, self.cast.teacher.person_id
        by_route: dict[str, dict[str, Any]] = {
            "draft": {"ilp_subject": "words" if who == "classmate" else f"plan:{student}", "field": "goal"},
            "office-record": {"person": student},
            "office-bring": {"student": student},
            "office-act": {"do": "appoint", "role": "key_worker", "person": teacher, "student": student},
            "ask-correction": {"wrong": "A date"},
            "plan": {"do": "aims", "aim:aims.where_to": "There"},
        }
        return by_route.get(route, {})


def make_world(*, school_id: UUID | None = None, phase: str = "Upper") -> World:
    """The world of one student: of a school of its own, or one class more of the given one."""
    cast = make_cast(school_id)
    cast.maths.score(cast.student, "fractions", 7)
    student_id, school_id = cast.student.person_id, cast.maths.school_id
    review_id = api.start_review(cast.teacher, student_id)
    api.judge_target(
        cast.teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="Drawn with care", version=0
    )
    words_id = api.contribute(cast.student, text="My words", audience=Audience.NOT_FOR_HOME).id
    reported_words_id = api.contribute(cast.teacher, text="No", review_id=review_id).id
    api.report_words(cast.assistant, reported_words_id)
    api.close_review(cast.teacher, review_id, version=api.review(cast.teacher, review_id).version)
    api.start_review(cast.teacher, student_id)
    cycle_id = api.ensure_cycle(school_id, f"autumn-{phase.lower()}", "Autumn review").id
    photo = NewFile(makes.picture(), "A drawing", shows_others=True)
    home = Audience.NOT_FOR_HOME
    item = api.add_item(cast.student, student_id, ItemChange("work", "Drawing", audience=home), [photo])
    sheet_id = api.send_sheet(cast.teacher, student_id, "family_planning")
    entry = api.write_log(cast.student, LogChange({"text": "I drew it"}, audience=home))
    until = timezone.localdate() + timedelta(days=7)
    shared = [Item("target", cast.target_id)]
    share_id = api.share(cast.student, cast.other_teacher.person_id, shared, purpose="Reading", ends_on=until)
    office = administrator_of(cast.maths)
    people, provision_id = _appointed(cast, office, phase)
    people |= _linked(cast, office)
    linked_id = api.send_sheet(cast.teacher, student_id, "family_planning")
    api.make_link(cast.teacher, linked_id)
    reported = api.add_item(cast.student, student_id, ItemChange("work", "Oh no", audience=home))
    api.report_item(cast.assistant, reported.id)
    need = NeedChange("about_me", "strengths", "Patient", Voice.SCHOOL)
    need_id = api.say_need(cast.teacher, student_id, need).id
    talk = DiscussionEntry(timezone.localdate(), "The plan", people=(Participant("Mrs Ana", Voice.FAMILY),))
    talk_id = api.record_discussion(cast.teacher, student_id, talk)
    framework = api.copy_framework(office, "general", f"Plans of {phase} {school_id}")
    made = (cycle_id, item.id, entry.id, item.files[0].id, sheet_id, share_id, provision_id, linked_id, reported.id)
    return World(
        cast, cast.everybody() | people, review_id, *made, framework, words_id, reported_words_id, need_id, talk_id
    )


def _appointed(cast: Cast, office: Actor, phase: str) -> tuple[dict[str, Actor], UUID]:
    """One person to each office, in no other role; with the provider's appointment."""
    student_id, school_id = cast.student.person_id, cast.maths.school_id
    api.set_schooling(office, {student_id: (phase, 7)})
    until = timezone.localdate() + timedelta(days=7)
    scopes = {
        Role.KEY_WORKER: Scope(student_id=student_id),
        Role.SUBJECT_TEACHER: Scope(course_id=cast.maths.course_id),
        Role.PHASE_LEADER: Scope(phase=phase),
        Role.LEADERSHIP: Scope(),
        Role.PROVIDER: Scope(student_id=student_id),
    }
    ids = {role: api.ensure_person(school_id, name=role.value) for role in scopes}
    rows = {role: api.appoint(office, ids[role], role, scope, ends_on=until) for role, scope in scopes.items()}
    people = {role.value: api.actor_for(school_id, ids[role], None) for role in scopes}
    former_id = api.ensure_person(school_id, name="Former")
    api.end_appointment(office, api.appoint(office, former_id, Role.KEY_WORKER, scopes[Role.KEY_WORKER]))
    people["former_key_worker"] = api.actor_for(school_id, former_id, None)
    at_the_office = cast.maths.person(Role.ADMINISTRATOR)
    appoint(open_door(at_the_office))
    people["office"] = api.actor_for(school_id, at_the_office.person_id, cast.maths.course_id)
    return people, rows[Role.PROVIDER]


def _linked(cast: Cast, office: Actor) -> dict[str, Actor]:
    """Guardians of every kind: linked by the school, told of by a Mentor launch, for sheets only, barred, ended."""
    school_id, student_id = cast.maths.school_id, cast.student.person_id

    def guardian(name: str, course_id: int | None = None, **terms: Any) -> Actor:
        person_id = api.ensure_person(school_id, name=name)
        if course_id is None:
            link = api.link_guardian(office, person_id, student_id, **terms)
            if name == "former_guardian":
                api.end_guardian(office, link)
        else:
            api.tell_children(school_id, person_id, course_id, [student_id])
        return api.actor_for(school_id, person_id, course_id)

    return {
        "guardian": guardian("guardian"),
        "mentor": guardian("mentor", cast.maths.course_id),
        "sheet_guardian": guardian("sheet_guardian", scope=GuardianScope.SHEETS),
        "barred_guardian": guardian("barred_guardian", flags=GuardianFlags(no_contact=True)),
        "former_guardian": guardian("former_guardian"),
    }
