"""Random people write, open, share, come and go; whatever anybody then reads, the table lets them."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from lti_tool.plans import api
from lti_tool.plans.data import (
    Actor,
    Audience,
    GuardianFlags,
    Item,
    ItemChange,
    LogChange,
    NeedChange,
    Role,
    Scope,
    Sensitivity,
    TargetChange,
)
from lti_tool.plans.exceptions import PlanError
from lti_tool.plans.models import AuditEvent, AuditHead, Contribution, School, Target
from lti_tool.privacy import annotated
from tests.factories.furnished import BOTH
from tests.factories.plans import administrator_of, make_class
from tests.lti_tool.plans.words_of_people import Given, Known, Word

pytestmark = [pytest.mark.django_db]

LEARNERS = ["ana", "ben", "cleo"]
ADULTS = ["hill", "wood", "helper", "worker", "leader", "head", "agency", "mum", "dad"]
COURSES = ["maths", "music", ""]
TOLD = [Role.TEACHER, Role.ASSISTANT, Role.NONE]
KINDS = {"target": "target", "log": "log", "item": "item", "next_steps": "review"}
who_ = st.sampled_from([*ADULTS, *LEARNERS])
adult_, learner_ = st.sampled_from(ADULTS), st.sampled_from(LEARNERS)
course_, audience_ = st.sampled_from(["maths", *COURSES]), st.sampled_from(Audience)


class RandomPeople(RuleBasedStateMachine):
    @initialize()
    def a_school(self) -> None:
        self.point = transaction.atomic()
        self.point.__enter__()
        maths, self.away = make_class(), make_class()
        self.school_id = maths.school_id
        music = make_class(school_id=self.school_id)
        School.objects.filter(pk=self.school_id).update(framework_key="alfreton_park")
        self.courses = {"maths": maths.course_id, "music": music.course_id, "": None}
        self.office = administrator_of(maths)
        names = [*ADULTS, *LEARNERS]
        self.ids = dict(zip(names, api.persons_bulk(self.school_id, names), strict=True))
        self.known, self.words, self.reviews = Known(), list[Word](), dict[UUID, str]()
        for name, course, role in (
            ("ana", "maths", Role.LEARNER), ("ben", "maths", Role.LEARNER), ("cleo", "music", Role.LEARNER),
            ("hill", "maths", Role.TEACHER), ("wood", "music", Role.TEACHER), ("helper", "maths", Role.ASSISTANT),
        ):  # fmt: skip
            self.enrol(name, course, role)
        self.move_up("ana", "upper")
        for given in (
            Given("worker", Role.KEY_WORKER, student="ana"), Given("leader", Role.PHASE_LEADER, phase="upper"),
            Given("head", Role.LEADERSHIP), Given("agency", Role.PROVIDER, student="ana"),
        ):  # fmt: skip
            self.appoint(given)
        self.link("mum", "ana", False)
        self.link("dad", "ben", False)
        self.begin()
        stranger = self.away.teacher()
        self.away.target(stranger, self.away.learner("dora"), "zq0q")
        self.stranger, self.their_rows = stranger, self.rows_away()

    def begin(self) -> None:
        """Something of every kind, so that even a short play has what could leak."""
        for teacher, course, student in (
            ("hill", "maths", "ana"),
            ("hill", "maths", "ben"),
            ("wood", "music", "cleo"),
        ):
            self.set_a_target(teacher, course, student, False)
            self.set_a_target(student, course, student, True)
            self.add_to_the_portfolio(teacher, course, student, Audience.NOT_FOR_HOME)
            self.answer_a_sheet(teacher, course, student)
            self.tell_a_need(teacher, course, student, Sensitivity.SENSITIVE)
            for audience in Audience:
                self.write_in_the_log(student, course, audience)
                self.add_to_the_portfolio(student, course, student, audience)
        for guarded in Sensitivity:
            self.tell_a_need("worker", "", "ana", guarded)
        for student, closes in (("ana", False), ("ben", True)):
            self.start_a_review("hill", "maths", student)
            review = next(key for key, whose in self.reviews.items() if whose == student)
            self.say("hill", "maths", review, Audience.SHARED)
            self.say(student, "maths", review, Audience.NOT_FOR_HOME)
            self.judge("hill", "maths", review)
            if closes:
                self.close_or_reopen("hill", "maths", review)
        assert len(self.words) > 40, self.words

    def teardown(self) -> None:
        if hasattr(self, "their_rows"):
            for who in [*ADULTS, *LEARNERS]:
                self.read_everything(who, next((c for n, c in self.known.enrolled if n == who), ""))
        assert self.rows_away() == self.their_rows
        assert api.verify_audit(self.school_id)
        assert api.verify_audit(self.away.school_id)
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    def rows_away(self) -> list[Any]:
        """Every row of the other school; its trail may tell of tries."""
        tables = [model for model, _ in annotated() if model not in (AuditEvent, AuditHead, School)]
        owned = [model for model in tables if any(one.name == "school" for one in model._meta.fields)]
        return [
            list(model._base_manager.filter(school=self.away.school_id).order_by("pk").values()) for model in owned
        ]

    def actor(self, who: str, course: str) -> Actor:
        return api.actor_for(self.school_id, self.ids[who], self.courses[course])

    def tries(self, ask: Callable[..., Any], *told: Any, **more: Any) -> Any:
        """What came of it, or that it was done; None where it was refused."""
        try:
            with transaction.atomic():
                done = ask(*told, **more)
        except PlanError:
            return None
        return True if done is None else done

    def new(self, kind: str, student: str, author: str, **more: Any) -> Word:
        return Word(f"zq{len(self.words) + 1}q", kind, student, author, **more)

    def keep(self, word: Word, row: UUID | None) -> None:
        if row is not None:
            word.row = row
            self.words.append(word)

    # who is what

    @rule(
        who=who_, course=st.sampled_from(COURSES[:2]), role=st.sampled_from([Role.TEACHER, Role.ASSISTANT, Role.NONE])
    )
    def enrol(self, who: str, course: str, role: Role) -> None:
        role = Role.LEARNER if who in LEARNERS and role is not Role.NONE else role
        api.set_enrolment(self.school_id, self.courses[course], self.ids[who], role)
        self.known.enrolled[who, course] = role
        self.end_shares_of_leavers()

    @rule(learner=learner_, phase=st.sampled_from(["upper", "lower"]))
    def move_up(self, learner: str, phase: str) -> None:
        api.set_schooling(self.office, {self.ids[learner]: (phase, None)})
        self.known.phases[learner] = phase

    @rule(given=st.builds(Given, adult_, st.sampled_from([Role.KEY_WORKER, Role.PROVIDER]), student=learner_))
    def appoint(self, given: Given) -> None:
        student = self.ids.get(given.student)
        scope = Scope(student, self.courses.get(given.course) if given.course else None, given.phase)
        today = timezone.localdate()
        self.known.given[given] = api.appoint(self.office, self.ids[given.who], given.role, scope, ends_on=today)

    @precondition(lambda self: self.known.given)
    @rule(data=st.data())
    def dismiss(self, data: st.DataObject) -> None:
        given = data.draw(st.sampled_from(sorted(self.known.given, key=repr)))
        api.end_appointment(self.office, self.known.given.pop(given))
        self.end_shares_of_leavers()

    @rule(who=adult_, learner=learner_, barred=st.booleans())
    def link(self, who: str, learner: str, barred: bool) -> None:
        api.link_guardian(self.office, self.ids[who], self.ids[learner], flags=GuardianFlags(no_contact=barred))
        self.known.guards[who, learner] = not barred

    def end_shares_of_leavers(self) -> None:
        staff = {name for (name, _), role in self.known.enrolled.items() if role in (Role.TEACHER, Role.ASSISTANT)}
        staff |= {given.who for given in self.known.given}
        self.known.shares = {key: told for key, told in self.known.shares.items() if told[0] in staff}

    # what they write

    @rule(who=who_, course=course_, student=learner_, proposed=st.booleans())
    def set_a_target(self, who: str, course: str, student: str, proposed: bool) -> None:
        actor, word = self.actor(who, course), self.new("target", who if proposed else student, who)
        change = TargetChange(word.text, success=word.text)
        if proposed:
            self.keep(word, self.tries(api.propose_target, actor, change))
        else:
            self.keep(word, self.tries(api.agree_target, actor, self.ids[student], change))

    @rule(who=who_, course=course_, data=st.data())
    def check_a_target(self, who: str, course: str, data: st.DataObject) -> None:
        for word in self.drawn(data, "target"):
            actor, version = self.actor(who, course), Target.objects.of(self.school_id).get(pk=word.row).version
            asked = self.tries(api.check_target, actor, word.row, passed=True, version=version)
            word.home = word.home or asked is not None

    @rule(who=who_, course=course_, student=learner_, guarded=st.sampled_from([None, *Sensitivity]))
    def tell_a_need(self, who: str, course: str, student: str, guarded: Sensitivity | None) -> None:
        actor, word = self.actor(who, course), self.new("need", student, who)
        change = NeedChange("voice", "likes", word.text, sensitivity=guarded)
        made = self.tries(api.say_need, actor, self.ids[student], change)
        if made:
            word.guarded = made.sensitivity
            self.keep(word, made.id)

    @rule(who=who_, course=course_, data=st.data())
    def guard_a_need(self, who: str, course: str, data: st.DataObject) -> None:
        for word in self.drawn(data, "need"):
            actor = self.actor(who, course)
            change = NeedChange("voice", "likes", f"{word.text} too", sensitivity=Sensitivity.RESTRICTED)
            if self.tries(api.change_need, actor, word.row, change, version=1):
                word.guarded = Sensitivity.RESTRICTED

    @rule(who=learner_, course=course_, audience=audience_)
    def write_in_the_log(self, who: str, course: str, audience: Audience) -> None:
        actor, word = self.actor(who, course), self.new("log", who, who, audience=audience)
        made = self.tries(api.write_log, actor, LogChange({"text": word.text}, audience=audience))
        self.keep(word, made and made.id)

    @rule(who=who_, course=course_, student=learner_, audience=audience_)
    def add_to_the_portfolio(self, who: str, course: str, student: str, audience: Audience) -> None:
        actor, word = self.actor(who, course), self.new("item", student, who)
        made = self.tries(api.add_item, actor, self.ids[student], ItemChange("home", word.text, audience=audience))
        if made:
            word.audience = made.audience
            self.keep(word, made.id)

    @rule(audience=audience_, course=course_, data=st.data())
    def open_or_close_an_entry(self, audience: Audience, course: str, data: st.DataObject) -> None:
        for word in self.drawn(data, "log"):
            actor, change = self.actor(word.author, course), LogChange({"text": word.text}, audience=audience)
            entry = self.tries(api.log_entry, actor, word.row)
            if entry and self.tries(api.change_log, actor, word.row, change, version=entry.version):
                word.audience = audience

    @rule(who=who_, course=course_, student=learner_)
    def answer_a_sheet(self, who: str, course: str, student: str) -> None:
        actor, word = self.actor(who, course), self.new("sheet", student, who)
        sheet = self.tries(api.send_sheet, actor, self.ids[student], "planning")
        page = self.tries(api.sheets, actor, self.ids[student])
        for one in page.sheets[:1] if page and not sheet else ():
            sheet = one.id
        said = {"social": word.text}
        made = sheet and self.tries(api.answer_sheet, actor, sheet, said, version=0, name="Mere")
        self.keep(word, made and made.id)

    # reviews

    @rule(who=adult_, course=course_, student=learner_)
    def start_a_review(self, who: str, course: str, student: str) -> None:
        actor = self.actor(who, course)
        made = self.tries(api.start_review, actor, self.ids[student])
        if made:
            self.reviews[made] = student

    @precondition(lambda self: self.reviews)
    @rule(who=who_, course=course_, audience=audience_, data=st.data())
    def speak_in_a_review(self, who: str, course: str, audience: Audience, data: st.DataObject) -> None:
        self.say(who, course, data.draw(st.sampled_from(list(self.reviews))), audience)

    def say(self, who: str, course: str, review: UUID, audience: Audience) -> None:
        student, actor = self.reviews[review], self.actor(who, course)
        word = self.new("words", student, who)
        spoken = self.tries(api.contribute, actor, text=word.text, review_id=review, audience=audience)
        if spoken:
            self.keep(word, review)
            mine = Contribution.objects.of(self.school_id).filter(review=review, author_id=self.ids[who])
            told = Audience(mine.latest("written_at").audience)  # of all of theirs in this review
            for one in self.words:
                if (one.kind, one.row, one.author) == ("words", review, who):
                    one.audience = told

    @precondition(lambda self: self.reviews)
    @rule(who=who_, course=course_, data=st.data())
    def judge_in_a_review(self, who: str, course: str, data: st.DataObject) -> None:
        self.judge(who, course, data.draw(st.sampled_from(list(self.reviews))))

    def judge(self, who: str, course: str, review: UUID) -> None:
        student, actor = self.reviews[review], self.actor(who, course)
        for target in [one.row for one in self.words if (one.kind, one.student) == ("target", student)][:1]:
            word = self.new("comment", student, who)
            said = {"level": "expected", "comment": word.text, "version": 0, "grounds": BOTH}
            judged = self.tries(api.judge_target, actor, review, target, **said)
            self.keep(word, judged and review)
        word = self.new("next_steps", student, who)
        if self.tries(api.set_next_steps, actor, review, next_steps=word.text, next_review_on=None, version=99):
            self.keep(word, review)

    @precondition(lambda self: self.reviews)
    @rule(who=who_, course=course_, data=st.data())
    def close_or_reopen_a_review(self, who: str, course: str, data: st.DataObject) -> None:
        self.close_or_reopen(who, course, data.draw(st.sampled_from(list(self.reviews))))

    def close_or_reopen(self, who: str, course: str, review: UUID) -> None:
        actor = self.actor(who, course)
        if review in self.known.closed:
            done = self.tries(api.reopen_review, actor, review, reason="A slip")
            self.known.closed -= {review} if done else set()
        elif self.tries(api.close_review, actor, review, version=99):
            self.known.closed |= {review}
            for word in self.words:  # an agreed review names what it judged
                word.home = word.home or (word.kind == "target" and word.student == self.reviews[review])

    @rule(course=course_, recipient=adult_, data=st.data())
    def share_something(self, course: str, recipient: str, data: st.DataObject) -> None:
        for word in self.drawn(data, *KINDS):
            actor, item = self.actor(word.student, course), Item(KINDS[word.kind], word.row)
            today = timezone.localdate()
            made = self.tries(api.share, actor, self.ids[recipient], [item], purpose="Help", ends_on=today)
            if made:
                self.known.shares[made] = (recipient, word.row)

    @precondition(lambda self: self.known.shares)
    @rule(course=course_, data=st.data())
    def end_a_share(self, course: str, data: st.DataObject) -> None:
        share = data.draw(st.sampled_from(list(self.known.shares)))
        for learner in LEARNERS:
            if self.tries(api.end_share, self.actor(learner, course), share):
                del self.known.shares[share]
                return

    def drawn(self, data: st.DataObject, *kinds: str) -> list[Word]:
        found = [word for word in self.words if word.kind in kinds]
        return [data.draw(st.sampled_from(found))] if found else []

    # what they read

    @rule(who=who_, course=course_)
    def read_everything(self, who: str, course: str) -> None:
        actor, read = self.actor(who, course), set[str]()
        for ask in self.reads(actor):
            read |= set(re.findall(r"zq\d+q", str(self.tries(ask))))
        leaked = [word for word in self.words if word.text in read and not self.known.may_read(who, course, word)]
        assert not leaked, (who, course, actor.roles, leaked)
        assert "zq0q" not in read
        for ask in self.reads(self.stranger):
            assert not set(re.findall(r"zq\d+q", str(self.tries(ask)))) - {"zq0q"}

    def reads(self, actor: Actor) -> Iterator[Callable[[], Any]]:
        for call in (api.plan_page, api.plan_story, api.needs, api.past_reviews, api.review, api.portfolio, api.log,
                     api.at_home, api.home_story, api.sheets, api.who_opened, api.audit_trail):  # fmt: skip
            for student in LEARNERS:
                yield partial(call, actor, self.ids[student])
        for review in self.reviews:
            yield partial(api.review, actor, review)
            yield partial(api.closing_targets, actor, review, 1)
        for word in self.words[-12:]:
            yield from self.reads_of(actor, word)
        for mine in (api.shared_with_me, api.my_shares, api.mine_to_share, api.preparation, api.shared_goals):
            yield partial(mine, actor)
        yield partial(api.student_panel, actor, activity_external_ids=[])
        yield partial(api.class_panel, actor, activity_external_ids=[])

    def reads_of(self, actor: Actor, word: Word) -> Iterator[Callable[[], Any]]:
        row: Any = word.row
        by_kind: dict[str, Callable[[Actor, UUID], Any]] = {
            "target": api.target, "need": api.need_history, "log": api.log_entry, "item": api.item,
            "sheet": api.sheet,
        }  # fmt: skip
        if word.kind in by_kind:
            yield partial(by_kind[word.kind], actor, row)
        if word.kind in KINDS:
            yield partial(api.see, actor, Item(KINDS[word.kind], row))
        if word.kind == "target":
            yield partial(api.items_for, actor, [row])
            for student in LEARNERS:
                yield partial(api.alike_in_class, actor, self.ids[student], word.text)
            for review in self.reviews:
                yield partial(api.judgement_history, actor, review, row)


@pytest.mark.trust("T1", "T2", "T4", "T5", "T11", "T28")
def test_nobody_ever_reads_a_word_the_table_forbids_them() -> None:
    told = settings(max_examples=4, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(RandomPeople, settings=told)
