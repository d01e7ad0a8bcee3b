"""The article's plan on its pages (003): what it holds, who fits it to whom, and what is due when."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import NeedChange, Role, Scope, TargetChange, Voice
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, School
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    story = make_story()
    version = ensure_framework_version(story.maths.school_id, "key_elements")
    Plan.objects.of(story.maths.school_id).update(framework=version)
    School.objects.filter(pk=story.maths.school_id).update(framework_key="key_elements")
    return story


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def page_of(visitor: Visitor, route: str, story: Story) -> str:
    return text(visitor.get(route, story.aroha.person_id).content.decode())


@pytest.mark.requirement("003.1", "003.2")
def test_a_plan_holds_each_thing_by_its_name_and_class_staff_read_it_on_the_pages(
    visitor: Visit, story: Story
) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    known = {
        "strengths.strengths": "My strengths", "strengths.interests": "My interests",
        "ability.preferences": "Learning preferences", "barriers.barriers": "Barriers",
        "barriers.adjustments": "Adjustments", "barriers.supports": "Supports in place",
        "background.cultural": "Culture", "background.linguistic": "Languages",
    }  # fmt: skip
    for key in known:
        section, field = key.split(".")
        own = field in ("preferences", "interests", "cultural", "linguistic")
        who, voice = (story.aroha, Voice.LEARNER) if own else (story.teacher, Voice.SCHOOL)
        plans.say_need(who, about, NeedChange(section, field, f"Words for {field}", voice))
    stands = plans.target(story.teacher, story.targets[0])
    due = timezone.localdate() + timedelta(days=30)
    asked = {
        "strategies": "Strategies, in order", "adaptations": "Adaptations", "fits_me": "How it fits who I am",
        "classroom": "In everyday lessons",
    }  # fmt: skip
    change = {"wording": "Explain it", "version": str(stands.version), "more": "1", "due_on": due.isoformat()}
    change |= {"area": "academic", "goal": "Study medicine", "support_inside": "A quiet place"}
    change |= {f"detail:{name}": f"Words for {name}" for name in asked}
    assert hers.post("target-edit", about, story.targets[0], data=change).status_code == 302
    for reader in (hers, visitor(story.aroha)):
        needs, plan = page_of(reader, "needs", story), page_of(reader, "plan", story)
        for key, label in known.items():
            assert label in needs
            assert f"Words for {key.split('.')[1]}" in needs
        for name, label in asked.items():
            assert f"{label} Words for {name}" in plan
        for words in ("Study medicine", "A quiet place", "Academic Goals"):
            assert words in plan
        assert f"{due.day} " in plan


@pytest.mark.requirement("003.2")
def test_home_and_means_are_for_those_named_for_it_alone(visitor: Visit, story: Story) -> None:
    about = story.aroha.person_id
    worker = plans.ensure_person(story.maths.school_id, name="Kim Key")
    plans.appoint(administrator_of(story.maths), worker, Role.KEY_WORKER, Scope(student_id=about))
    counselor = plans.actor_for(story.maths.school_id, worker, None)
    told = NeedChange("background", "socio_economic", "We share one room", Voice.FAMILY)
    plans.say_need(counselor, about, told)
    assert "We share one room" in repr(plans.needs(counselor, about))
    for who in (story.teacher, story.assistant, story.aroha):
        assert "We share one room" not in page_of(visitor(who), "needs", story)


@pytest.mark.requirement("003.11")
def test_how_the_plan_fits_an_iep_and_a_504_plan_is_said_on_it_and_kept_from_those_below(
    visitor: Visit, story: Story
) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    told = {
        "other_plans.iep": "Reading goals are shared with her IEP", "other_plans.section_504": "More time in tests",
        "other_plans.mandate": "The state wants a plan from grade 6",
    }  # fmt: skip
    answer = hers.post("plan", about, data={"do": "aims"} | {f"aim:{key}": words for key, words in told.items()})
    assert answer.status_code == 302
    for reader in (story.teacher, story.aroha):
        page = page_of(visitor(reader), "plan", story)
        for label in ("Individualized Education Plan (IEP)", "Section 504 plan", "What our state asks of an ILP"):
            assert label in page
        assert all(words in page for words in told.values())
    below = page_of(visitor(story.assistant), "plan", story)
    assert "Reading goals are shared" not in below
    assert "More time in tests" not in below


@pytest.mark.requirement("003.7")
def test_targets_stand_under_the_key_elements_and_what_goes_beside_them(visitor: Visit, story: Story) -> None:
    wanted = {
        "academic": "Academic Goals", "career": "Career Objectives", "personal_growth": "Personal Growth",
        "learning_skills": "Learning skills", "social_emotional": "Social and emotional needs",
        "habits": "Learning habits",
    }  # fmt: skip
    for area in wanted:
        plans.agree_target(story.teacher, story.aroha.person_id, TargetChange(f"One of {area}", area=area))
    page = page_of(visitor(story.aroha), "plan", story)
    for area, name in wanted.items():
        assert f"{name} One of {area}" in page
    form = text(visitor(story.teacher).get("target-new", story.aroha.person_id).content.decode())
    for words in ("problem-solving", "anxiety", "regular attendance", "time management", "work placements"):
        assert words in form


@pytest.mark.requirement("003.6")
def test_a_review_holds_what_others_say_what_is_celebrated_and_what_is_learned_from_a_miss(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    said = {"answer:celebrate": "I did all my bars", "answer:missed": "The test: I began too late"}
    assert mine.post("preparation", data=said).status_code in (200, 302)
    review_id = plans.start_review(story.teacher, about)
    plans.write_review(story.teacher, review_id, {"feedback": "Her coach sees more trust"}, shown={})
    plans.judge_target(story.teacher, review_id, story.targets[0], level="success", comment="Done!", version=0)
    plans.judge_target(story.teacher, review_id, story.targets[1], level="missed", comment="", version=0)
    page = page_of(hers, "review", story)
    for words in (
        "What I celebrate", "I did all my bars", "What I missed and what I learn from it", "I began too late",
        "Feedback of those who support the student", "Her coach sees more trust", "Success", "Missed so far",
    ):  # fmt: skip
        assert words in page
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)
    closed = text(mine.get("past-review", about, review_id).content.decode())
    assert "Reached: celebrate it." in closed
    assert "Think about what got in the way." in closed


@pytest.mark.requirement("003.9")
def test_each_half_of_the_year_asks_for_a_review_of_the_students_own(story: Story) -> None:
    asked = {}
    for day in ("2026-10-01", "2027-02-01"):
        with time_machine.travel(f"{day}T10:00:00Z", tick=False):
            for choice in plans.review_choices(story.teacher, story.ben.person_id).regular:
                if choice.kind.key == "interim":
                    asked[day] = (choice.occasion, choice.due)
            review = plans.start_review(story.teacher, story.ben.person_id, kind="interim")
            plans.close_review(story.teacher, review, version=plans.review(story.teacher, review).version)
    assert asked == {
        "2026-10-01": ("Hold the first student review", True),
        "2027-02-01": ("Hold the second student review", True),
    }


@pytest.mark.requirement("003.9", "003.10")
@pytest.mark.parametrize(
    ("year", "occasion", "focus"),
    [
        (6, "Make the first plan and explore careers", ["Career exploration", "Initial education plan alignment"]),
        (8, "Get ready for high school", ["Career matching", "Resume development", "High school planning"]),
        (9, "Bring the plan up to date in high school", ["Career matching", "High school planning"]),
        (12, "Refine the plan for what comes after school", ["Refined career planning", "Postsecondary education"]),
        (7, "", []),
        (3, "", ["Foundations of life and career skills"]),
    ],
)
def test_a_transition_asks_for_its_update_and_says_what_it_is_about(
    visitor: Visit, story: Story, year: int, occasion: str, focus: list[str]
) -> None:
    about = story.aroha.person_id
    plans.set_schooling(administrator_of(story.maths), {about: ("", year)})
    with time_machine.travel("2026-11-10T10:00:00Z" if year != 8 else "2027-05-20T10:00:00Z", tick=False):
        choices = plans.review_choices(story.teacher, about).regular
    assert next((one.occasion for one in choices if one.kind.key == "transition"), "") == occasion
    page = page_of(visitor(story.teacher), "plan", story)
    for words in focus:
        assert words in page
    if year == 7:
        assert "Refined career planning" not in page


@pytest.mark.requirement("003.8")
def test_a_longitudinal_record_and_a_log_of_experiences_go_on_from_year_to_year(visitor: Visit, story: Story) -> None:
    mine, about = visitor(story.aroha), story.aroha.person_id
    own = {
        "record.ambition": "I want to be a vet", "record.resume": "Volunteer at the shelter",
        "record.college_financing": "A scholarship form by May", "experiences.course_selections": "Biology",
        "experiences.extracurricular": "Kapa haka", "experiences.special_interests": "Horses",
        "experiences.beyond_school": "Helps at the farm", "experiences.coursework": "A study of pulses",
    }  # fmt: skip
    data = {"do": "aims"} | {f"aim:{key}": words for key, words in own.items()}
    assert mine.post("plan", about, data=data).status_code == 302
    plans.say_plan(story.teacher, about, {"record.performance": "B in science"}, shown={})
    assert (
        mine.post("log-write", about, data={"answer_what": "I fed the lambs", "audience": "private"}).status_code
        == 302
    )
    with time_machine.travel(timezone.now() + timedelta(days=365), tick=True):
        plans.open_plan(story.teacher, about)
        answers = {}
        for section in plans.plan_page(story.aroha, about).sections:
            answers |= section.answers
        assert set(own.values()) | {"B in science"} <= set(answers.values())
        entries = [entry for block in plans.log(story.aroha, about).blocks for entry in block.entries]
        assert [entry.answers["what"] for entry in entries] == ["I fed the lambs"]


def test_everyone_the_article_names_can_be_of_the_meeting(story: Story) -> None:
    roles = {
        role.name: role.acts_as for role in plans.plan_page(story.teacher, story.aroha.person_id).framework.roles
    }
    assert {"Student", "School counselor", "Educator", "Parent or caregiver", "Therapist"} <= roles.keys()
    assert roles["School counselor"] == Role.KEY_WORKER
