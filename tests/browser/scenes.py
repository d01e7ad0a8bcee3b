"""Every page a person can open, in the states worth looking at, on top of the story of one class."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.urls import get_resolver
from django.utils import timezone

from lti_tool.lti.models import Context, DeepLinking, Deployment, LaunchSession, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.data import (
    Actor,
    Audience,
    CurriculumChange,
    DiscussionEntry,
    GoalChange,
    GoalPurpose,
    GuardianScope,
    Item,
    ItemChange,
    JudgedPart,
    LifeEventEntry,
    LogChange,
    Look,
    NeedChange,
    NewFile,
    Participant,
    Role,
    Scope,
    StepChange,
    TargetChange,
    Voice,
)
from tests.factories.packages import packed
from tests.factories.setup import appoint
from tests.factories.web import Door, Story, open_door
from tests.lti_tool.media import makes

BROUGHT = {
    "Statement": [{"text": "Loves boats and the sea", "voice": "learner", "made_at": "2026-02-03T10:00:00Z"}],
    "Target": [{"wording": "Read a map of the harbour", "success": "I find my way alone", "state": "achieved"}],
    "Review": [{"id": 1, "number": 2, "closed_at": "2026-06-30T10:00:00Z", "next_steps": "More time on the water"}],
    "Agreement": [{"review": "1", "name": "Mere", "agrees": False, "text": "She does more at home"}],
}
PLACING = {
    "deep_link_return_url": "http://localhost:8010/return",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
    "accept_lineitem": True,
}
SOON = timedelta(days=14)
PARTS = ("plan", "about", "home", "places")


@dataclass(frozen=True)
class Scene:
    """A page: what a failure calls it, who looks, and its address below their session (or the whole of it)."""

    name: str
    door: Door | None
    path: str

    @property
    def address(self) -> str:
        return self.door.path + self.path if self.door else self.path

    @property
    def route(self) -> str:
        match = get_resolver().resolve(self.address.partition("?")[0])
        return str(match.url_name)


class World:
    """The story, a family, a key worker, a provider, an office; log, work, sheets, shares and frameworks."""

    def __init__(self, story: Story, locale: str = "en") -> None:
        self.story, self.locale = story, locale
        self.aroha, self.maths, self.school_id = story.aroha.person_id, story.maths, story.maths.school_id
        self._doors: dict[Any, Door] = {}
        self._people()
        self._own_things()
        self._grown_plan()
        self._sheets()
        self._frameworks()
        self._said_of_reviews()
        self.open_review = plans.start_review(story.teacher, self.aroha)
        plans.save_draft(story.colleague, f"review:{self.open_review}", "one", "2")
        self._round()

    def _people(self) -> None:
        """Whoever is not of the class. The office is the school's administrator and looks after connections."""
        teacher = self.maths.person(Role.TEACHER, "Robin Office")
        appoint(self.door(teacher))
        self.office = plans.actor_for(self.school_id, teacher.person_id, teacher.course_id)
        plans.bring_record(self.office, self.aroha, packed(BROUGHT))
        plans.set_help(self.office, name="Ms Rangi", phone="0800 123 456")
        self.mother = self._outside("Mere Ngata")
        self.aunt = self._outside("Ngaire Ngata")
        for child in (self.aroha, self.story.ben.person_id):
            plans.link_guardian(self.office, self.aunt.person_id, child)
        plans.link_guardian(self.office, self.mother.person_id, self.aroha, scope=GuardianScope.SHARED)
        self.stranger = self.maths.person(Role.FAMILY, "Sam Ngata")
        self.key_worker = self._appointed("Kim Key", Role.KEY_WORKER)
        leader = self._outside("Lee Head")
        plans.appoint(self.office, leader.person_id, Role.LEADERSHIP, Scope())
        self.leader = plans.actor_for(self.school_id, leader.person_id, None)
        self.provider = self._appointed("The bicycle workshop", Role.PROVIDER, ends_on=timezone.localdate() + SOON)

    def _outside(self, name: str) -> Actor:
        person_id = plans.ensure_person(self.school_id, name=name)
        return Actor(person_id, self.school_id, Role.NONE, None)

    def _appointed(self, name: str, role: Role, **more: Any) -> Actor:
        somebody = self._outside(name)
        plans.appoint(self.office, somebody.person_id, role, Scope(student_id=self.aroha), **more)
        return plans.actor_for(self.school_id, somebody.person_id, None)

    def _own_things(self) -> None:
        story = self.story
        for text, feeling, audience in (
            ("I drew bars and saw that the bottom number has to be the same.", "good", Audience.NOT_FOR_HOME),
            ("Taking away is still hard.", "hard", Audience.PRIVATE),
        ):
            self.entry = plans.write_log(story.aroha, LogChange({"what": text}, feeling=feeling, audience=audience))
        photo = NewFile(makes.picture(size=(640, 480)), "A bar cut into four parts", shows_others=True)
        change = ItemChange("work", "Fraction bars", "Four parts, one coloured.", target_ids=(story.targets[0],))
        self.item = plans.add_item(story.aroha, self.aroha, change, [photo])
        unseen = NewFile(makes.picture(size=(320, 240)), "")
        notes = ItemChange("work", "My notes", audience=Audience.NOT_FOR_HOME)
        noted = plans.add_item(story.aroha, self.aroha, notes, [unseen])
        plans.report_item(story.assistant, noted.id)
        until = timezone.localdate() + SOON
        shared = [Item("target", story.targets[0]), Item("item", self.item.id)]
        self.share = plans.share(
            story.aroha, story.colleague.person_id, shared, purpose="Science project", ends_on=until
        )
        plans.set_looks(story.ben, [Look.EASY, Look.ALOUD, Look.WIDE, Look.CREAM])

    def _grown_plan(self) -> None:
        """What stands around the targets: needs, talks, steps, goals, an event, signatures, the learner's part."""
        story, teacher, today = self.story, self.story.teacher, timezone.localdate()
        for section, field, text, voice in (
            ("about_me", "strengths", "She never gives up, and explains things to others.", Voice.SCHOOL),
            ("about_me", "interests", "Markets, and counting money with my nan.", Voice.LEARNER),
            ("learning", "barriers", "Noise. Long texts.", Voice.SCHOOL),
        ):
            who = story.aroha if voice is Voice.LEARNER else teacher
            plans.say_need(who, self.aroha, NeedChange(section, field, text, voice))
        people = (Participant("Mere Ngata", Voice.FAMILY), Participant("Aroha", Voice.LEARNER))
        plans.record_discussion(
            teacher, self.aroha, DiscussionEntry(today, "First talk", "At the kitchen table", people)
        )
        stands = plans.target(teacher, story.targets[0])
        steps = (StepChange("Fold a paper strip", Voice.LEARNER), StepChange("Print fraction bars", Voice.SCHOOL))
        plans.change_target(teacher, story.targets[0], replace(stands.change, steps=steps), version=stands.version)
        plans.set_goal(teacher, self.aroha, GoalChange("Run a market stall", purpose=GoalPurpose.CAREER))
        plans.set_curriculum(teacher, self.aroha, CurriculumChange("Mathematics", "Fractions with one bottom number"))
        plans.record_life_event(teacher, self.aroha, LifeEventEntry("new_school", today))
        plans.sign(story.aroha, self.aroha, "student")
        plans.propose_target(story.aroha, TargetChange(wording="Bake bread", success="We eat it"))
        plans.say_opinion(story.aroha, target_id=story.targets[0], level="expected", text="Bars help me.")

    def _said_of_reviews(self) -> None:
        """The first review was opened again and closed; its student and family see a judgement differently."""
        story = self.story
        (past,) = plans.past_reviews(story.teacher, self.aroha)
        plans.reopen_review(story.teacher, past.id, reason="The market stall was not looked at")
        plans.close_review(story.teacher, past.id, version=plans.review(story.teacher, past.id).version)
        about = JudgedPart(story.targets[0])
        plans.agree_review(story.aroha, past.id, agrees=False, text="I can do quarters now.", about=about)
        mother = plans.actor_for(self.school_id, self.mother.person_id, None)
        plans.agree_review(mother, past.id, agrees=True)
        plans.sign(mother, self.aroha, "family", agrees=False, text="Too many targets at once for her.")

    def _sheets(self) -> None:
        teacher = self.story.teacher
        self.sheet = plans.send_sheet(teacher, self.aroha, "family_planning", due_on=timezone.localdate() + SOON)
        said = {"going_well": "She cooks with her nan and measures everything.", "wishes": "That she dares to ask."}
        plans.answer_sheet(plans.actor_for(self.school_id, self.mother.person_id, None), self.sheet, said, version=0)
        self.open_sheet = plans.send_sheet(teacher, self.aroha, "family_progress")
        self.token = plans.make_link(teacher, self.open_sheet)

    def _frameworks(self) -> None:
        """One of the school's own, published twice, so that a plan of the first version can move up."""
        self.framework = plans.copy_framework(self.office, "alfreton_park", "Ysgol y Bryn")
        self._publish(lambda text: text)
        plans.choose_framework(self.office, self.framework)
        rows = plans.class_panel(self.story.teacher, activity_external_ids=()).rows
        eleri, iris = (row.student.id for row in rows if row.student.name in ("Eleri Pugh", "Iris Lund"))
        self.plan_to_move = plans.open_plan(self.story.teacher, eleri)
        change = TargetChange(wording="Ask for a break with my card", area="communication", type="scruffy")
        plans.agree_target(self.story.teacher, eleri, change)
        self._publish(lambda text: text.replace("name: Communication,", "name: Talking,"))
        self.own_plan = plans.student_panel(self.story.aroha, activity_external_ids=()).plan_id
        self.newest_plan = plans.open_plan(self.story.teacher, iris)
        plans.copy_framework(self.office, "te_kura", "A draft")

    def _publish(self, change: Callable[[str], str]) -> None:
        draft = plans.framework_draft(self.office, self.framework)
        saved = plans.save_framework_draft(self.office, self.framework, change(draft.text), draft.saves)
        plans.publish_framework(self.office, self.framework, saved.saves)

    def _round(self) -> None:
        today = timezone.localdate()
        cycle = plans.ensure_cycle(self.school_id, "autumn", "Autumn review", opens_on=today, due_on=today + SOON)
        self.cycle = cycle.id
        self.door(self.story.teacher)
        ResourceLink.objects.create(
            context=Context.objects.get(course_id=self.maths.course_id), id_on_platform="round", cycle_id=cycle.id,
            title="Autumn review", lineitem_url="http://localhost:8010/items/1", lineitem_since=timezone.now(),
        )  # fmt: skip
        Deployment.objects.filter(school_id=self.school_id).update(messages=["LtiResourceLinkRequest"])

    def door(self, actor: Actor, kind: str = "") -> Door:
        """One session each, and others by their kind."""
        key = (actor.person_id, kind)
        if key not in self._doors:
            self._doors[key] = open_door(actor, activity_ids=self.story.unit, locale=self.locale)
        return self._doors[key]

    def _session(self, actor: Actor, kind: str, **changes: Any) -> Door:
        door = self.door(actor, kind)
        LaunchSession.objects.filter(handle=door.handle).update(**changes)
        return door

    def _placing(self, kind: str, **settings: Any) -> Door:
        door = self.door(self.story.teacher, kind)
        row = LaunchSession.objects.get(handle=door.handle)
        DeepLinking.objects.get_or_create(session=row, defaults={"settings": PLACING | settings, "may_pick": True})
        return door

    def scenes(self, *parts: str) -> Iterator[Scene]:
        """Those of these parts of the tool, or all."""
        for part in parts or PARTS:
            for name, who, path in getattr(self, part)():
                yield Scene(name, self.door(who) if isinstance(who, Actor) else who, path)

    def plan(self) -> Iterator[tuple[str, Actor | Door, str]]:
        """Panel, class, review, targets, log and work."""
        story, student = self.story, f"students/{self.aroha}/"
        (past,) = plans.past_reviews(story.teacher, self.aroha)
        yield "student", story.aroha, ""
        yield "student, easy", story.ben, ""
        yield "student without a plan", story.chen, ""
        yield "student with targets elsewhere", story.dana, ""
        yield "student, one area", self._session(story.aroha, "area", area="communication"), ""
        yield "student, an area nobody knows", self._session(story.aroha, "gone", area="singing"), ""
        yield "class", story.teacher, ""
        yield "class, due", story.teacher, "?show=due"
        yield "class, one area", self._session(story.teacher, "area", area="communication"), ""
        yield "class, assistant", story.assistant, ""
        yield "review", story.teacher, student + "review/"
        yield "review, saved", story.teacher, student + "review/?saved=1"
        yield "review, assistant", story.assistant, student + "review/"
        yield "past review", story.teacher, f"{student}reviews/{past.id}"
        yield "before it closes, as the student", story.teacher, f"{student}reviews/{self.open_review}/preview"
        yield "before it closes, as the family", story.teacher, f"{student}reviews/{self.open_review}/preview?as=home"
        yield "an earlier closing", story.teacher, f"{student}reviews/{past.id}/closings/1"
        yield "an earlier closing, the student", story.aroha, f"{student}reviews/{past.id}/closings/1"
        yield "class, left in the middle", story.colleague, ""
        yield "my review", story.aroha, f"{student}reviews/{past.id}"
        yield "my reviews", story.aroha, "reviews/"
        yield "my reviews, none yet", story.chen, "reviews/"
        yield "no review", story.teacher, f"students/{story.chen.person_id}/review/"
        yield "no review, assistant", story.assistant, f"students/{story.chen.person_id}/review/"
        yield "begin a review", story.teacher, f"students/{story.ben.person_id}/review/new"
        yield "begin a review, one is open", story.teacher, student + "review/new"
        yield "review, one target a screen", story.teacher, student + "review/?one=1"
        yield "review, the last screen", story.teacher, student + "review/?one=9"
        yield "plan", story.aroha, student + "plan"
        yield "plan, easy", story.ben, f"students/{story.ben.person_id}/plan"
        yield "plan, teacher", story.teacher, student + "plan"
        yield "print for the family", story.teacher, student + "pack"
        yield "print for the family, in Arabic", story.teacher, student + "pack?language=ar"
        yield "print for the families", story.teacher, "packs"
        yield "print for the families, the key worker", self.key_worker, "packs"
        yield "plan, nothing yet", story.teacher, f"students/{story.chen.person_id}/plan"
        yield "plan, assistant", story.assistant, student + "plan"
        yield "needs", story.aroha, student + "needs"
        yield "needs, teacher", story.teacher, student + "needs"
        yield "needs, nothing yet", story.chen, f"students/{story.chen.person_id}/needs"
        yield "story", story.aroha, student + "story"
        yield "brought along", story.teacher, student + "brought"
        yield "brought along, nothing", story.teacher, f"students/{story.ben.person_id}/brought"
        yield "story, nothing yet", story.chen, f"students/{story.chen.person_id}/story"
        yield "preparation", story.aroha, "preparation"
        yield "preparation, nothing to prepare", story.chen, "preparation"
        yield "new target", story.teacher, student + "targets/new"
        yield "change target", story.teacher, f"{student}targets/{story.targets[0]}"
        yield "round", story.teacher, f"cycles/{self.cycle}/"
        yield "round, assistant", story.assistant, f"cycles/{self.cycle}/"
        yield "round, none of mine yet", story.aroha, f"cycles/{self.cycle}/"
        yield "log", story.aroha, student + "log"
        yield "log, empty and easy", story.ben, f"students/{story.ben.person_id}/log"
        yield "log, teacher", story.teacher, student + "log"
        yield "log, teacher, empty", story.teacher, f"students/{story.ben.person_id}/log"
        yield "log entry", story.aroha, f"log/{self.entry.id}"
        yield "work", story.aroha, student + "work"
        yield "work, empty", story.ben, f"students/{story.ben.person_id}/work"
        yield "work, teacher", story.teacher, student + "work"
        yield "new work", story.aroha, student + "work/new"
        yield "change work", story.aroha, f"{student}work/{self.item.id}"
        yield "not found", story.teacher, f"students/{story.teacher.person_id}/review/"

    def about(self) -> Iterator[tuple[str, Actor | Door, str]]:
        """What is kept, who sees it, how it looks, and whom to ask."""
        story, student = self.story, f"students/{self.aroha}/"
        yield "about", story.aroha, "about"
        yield "about, teacher", story.teacher, "about"
        yield "looks", story.aroha, "looks"
        yield "looks, easy", story.ben, "looks"
        yield "help", story.aroha, "help"
        yield "help, office", self.office, "help"
        yield "my data", story.aroha, "mine/"
        yield "asking the school", story.aroha, student + "ask"
        yield "reported", story.teacher, "reported"
        yield "who opened", story.aroha, student + "opened"
        yield "who opened, nobody", story.chen, f"students/{story.chen.person_id}/opened"
        yield "shares", story.aroha, "shares/"
        yield "shares, none", story.chen, "shares/"
        yield "new share", story.aroha, "shares/new"
        yield "new share, nothing to share", story.chen, "shares/new"
        yield "share", story.colleague, f"shares/{self.share}"
        yield "share, its owner", story.aroha, f"shares/{self.share}"
        yield "who sees", story.aroha, f"who/target/{story.targets[0]}"

    def home(self) -> Iterator[tuple[str, Actor | Door | None, str]]:
        """Families, and whoever looks after single students."""
        story, student = self.story, f"students/{self.aroha}/"
        yield "sheets", story.teacher, student + "sheets"
        yield "sheets, none yet", story.teacher, f"students/{story.ben.person_id}/sheets"
        yield "sheet, answered", story.teacher, f"sheets/{self.sheet}"
        yield "sheet, open", story.teacher, f"sheets/{self.open_sheet}"
        yield "family", self.mother, ""
        yield "family of two", self.aunt, "home/"
        yield "family of nobody", self.stranger, ""
        (past,) = plans.past_reviews(story.teacher, self.aroha)
        yield "review, family", self.mother, f"{student}home/reviews/{past.id}"
        yield "child", self.aunt, f"students/{story.ben.person_id}/home"
        yield "child's story", self.mother, student + "home/story"
        yield "sheets, family", self.mother, student + "sheets"
        yield "sheet, family, answered", self.mother, f"sheets/{self.sheet}"
        yield "sheet, family, open", self.mother, f"sheets/{self.open_sheet}"
        yield "key worker", self.key_worker, ""
        yield "students", self.key_worker, "students/"
        yield "key worker's student", self.key_worker, student + "review/"
        yield "provider", self.provider, "students/"
        yield "programmes compared", self.leader, "programmes"
        yield "who has not begun", self.leader, "starting"
        yield "who has not begun, the office", self.office, "starting?show=review"
        yield "who has not begun, nobody", self.leader, "starting?show=overdue"
        yield "door", None, f"/sheet/{self.token}"
        yield "door, no such link", None, "/sheet/no-such-link"
        yield "front door", None, "/"

    def places(self) -> Iterator[tuple[str, Actor | Door, str]]:
        """Placing, connections and frameworks."""
        yield "placing", self._placing("place"), "place"
        yield "placing one thing", self._placing("one", accept_multiple=False, accept_lineitem=False), "place"
        yield "placing, no kind of ours", self._placing("none", accept_types=["file"]), "place"
        yield "setup", self.office, "setup/"
        yield "setup, a code", self.story.colleague, "setup/"
        yield "setup, by hand", self.office, "setup/by-hand?lms=blackboard"
        yield "setup, gradebook", self.office, "setup/passback"
        yield "setup, course", self.office, f"setup/courses/{self.maths.course_id}"
        yield "setup, people", self.office, "setup/people/"
        yield "setup, rules", self.office, "setup/rules"
        yield "setup, words", self.office, "setup/words"
        yield "setup, school years", self.office, "setup/people/years"
        yield "frameworks", self.office, "frameworks/"
        yield "framework", self.office, "frameworks/quarter_notes"
        yield "framework, own", self.office, f"frameworks/{self.framework}"
        yield "framework, edit", self.office, f"frameworks/{self.framework}/edit"
        yield "upgrade", self.story.teacher, f"plans/{self.plan_to_move}/upgrade"
        yield "upgrade, to another framework", self.story.teacher, f"plans/{self.own_plan}/upgrade"
        yield "upgrade, nothing to do", self.story.teacher, f"plans/{self.newest_plan}/upgrade"
