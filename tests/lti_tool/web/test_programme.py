"""Goals inform what is learned, in and out of school, and what teacher and student talk about."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import (
    Audience,
    DiscussionEntry,
    GoalChange,
    ItemChange,
    Participant,
    ProgrammeChange,
    Role,
    Scope,
    Setting,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]
STALL = "Run a market stall"
MARKET = GoalChange(STALL, resources="A till")


@pytest.fixture
def story() -> Story:
    return make_story()


def under(story: Story, key: str) -> None:
    Plan.objects.of(story.maths.school_id).update(framework=ensure_framework_version(story.maths.school_id, key))


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def do(visitor: Visitor, story: Story, what: str, status: int = 200, **data: object) -> str:
    answer = visitor.post("plan", story.aroha.person_id, data={"do": what, **data}, follow=True)
    assert answer.status_code == status, text(answer.content.decode())[:2000]
    return text(answer.content.decode())


def goal_of(story: Story, wording: str = STALL) -> str:
    page = plans.plan_page(story.teacher, story.aroha.person_id)
    return next(str(goal.id) for goal in page.goals if goal.wording == wording)


def talk_of(goal: UUID) -> DiscussionEntry:
    people = (Participant("Mere", Voice.FAMILY),)
    return DiscussionEntry(timezone.localdate(), "Nan is ill", people=people, goal_id=goal)


@pytest.mark.requirement("000.1")
def test_a_goal_and_the_programme_of_learning_it_informs_name_each_other(visitor: Visit, story: Story) -> None:
    under(story, "te_kura")
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    do(mine, story, "goal", goal=STALL)
    do(hers, story, "programme", title="Enterprise in my town", about="A stall each month", goals=[goal_of(story)])
    for reader in (hers, mine):
        page = text(reader.get("plan", about).content.decode())
        assert "Taken up in: Enterprise in my town" in page
        assert f"Takes up: {STALL}" in page
    (part,) = plans.plan_page(story.teacher, about).programme
    do(hers, story, "programme", part_id=str(part.id), version="1", title="Enterprise in my town")
    assert "Taken up in" not in text(mine.get("plan", about).content.decode())
    told = text(mine.get("story", about).content.decode())
    assert "A part of the programme changed" in told
    assert "Enterprise in my town A stall each month" in told


@pytest.mark.requirement("000.1")
def test_what_teacher_and_student_say_and_do_about_a_goal_or_target_is_kept_with_it(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    do(mine, story, "goal", goal=STALL)
    today, before = timezone.localdate(), timezone.localdate() - timedelta(days=9)
    where = {"goal_id": goal_of(story), "other": "Mere", "other_as": "family"}
    do(hers, story, "talk", held_on=before.isoformat(), talk="Chose what to sell", **where)
    do(hers, story, "talk", held_on=today.isoformat(), talk="Did the sums", **where)
    do(hers, story, "talk", held_on=today.isoformat(), talk="Drew it", target=str(story.targets[0]))
    page = text(mine.get("plan", about).content.decode())
    assert "Talked about 2 times" in page
    assert "Talked about once" in page
    goal = next(goal for goal in plans.plan_page(story.aroha, about).goals if goal.wording == STALL)
    assert [talk.about for talk in goal.talks] == ["Did the sums", "Chose what to sell"]
    kept = plans.needs(story.teacher, about).discussions
    people = {person.name for person in kept[0].people} | {person.name for person in kept[-1].people}
    assert {"Aroha Ngata", "Ms Patel", "Mere"} <= people
    late = (today + timedelta(days=2)).isoformat()
    assert "Later" in do(hers, story, "talk", 422, held_on=late, talk="Later", goal_id=goal_of(story))
    theirs = plans.plan_page(story.teacher, story.ben.person_id).targets[0].card.id
    do(hers, story, "talk", 422, held_on=today.isoformat(), talk="Not hers", target=str(theirs))
    do(mine, story, "talk", 404, held_on=today.isoformat(), talk="By myself", goal_id=goal_of(story))


@pytest.mark.requirement("000.1")
def test_what_was_said_in_a_talk_is_not_for_readers_of_plain_words_only(story: Story) -> None:
    about = story.aroha.person_id
    provider = plans.ensure_person(story.maths.school_id, name="The bicycle workshop")
    until = timezone.localdate() + timedelta(days=30)
    plans.appoint(administrator_of(story.maths), provider, Role.PROVIDER, Scope(student_id=about), ends_on=until)
    goal = plans.set_goal(story.teacher, about, MARKET)
    plans.record_discussion(story.teacher, about, talk_of(goal))
    outside = plans.actor_for(story.maths.school_id, provider, None)
    for reader, said in ((story.teacher, "Nan is ill"), (outside, "")):
        goals = {goal.wording: goal for goal in plans.plan_page(reader, about).goals}
        assert [talk.about for talk in goals[STALL].talks] == [said]


@pytest.mark.requirement("000.6")
def test_strategies_and_resources_are_kept_with_a_goal_and_their_former_words_in_the_story(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    do(mine, story, "goal", goal=STALL)
    said = {"goal_id": goal_of(story), "wording": STALL, "strategies": "Act it out first", "resources": "Play money"}
    page = do(hers, story, "goal-change", version="1", **said)
    assert "What makes it work Act it out first" in page
    assert "Things that help Play money" in page
    assert "Saved while" not in page
    stale = hers.post("plan", about, data={"do": "goal-change", "version": "1", **said, "resources": "A till"})
    assert stale.status_code == 409
    assert "A till</textarea>" in stale.content.decode()
    do(mine, story, "goal-change", version="2", **said | {"resources": "A real till"})
    told = text(mine.get("story", about).content.decode())
    assert "A real till" in told
    assert "Play money" in told


@pytest.mark.requirement("002.5", "002.8", "002.13", "002.20")
def test_one_plan_holds_what_is_learned_in_and_out_of_school_when_where_and_for_which_certificate(
    visitor: Visit, story: Story
) -> None:
    under(story, "foundation_learning")
    hers, about = visitor(story.teacher), story.aroha.person_id
    college = {
        "title": "Hairdressing", "setting": "provider", "provider": "Michael John", "days_times": "Tuesdays 9 to 3",
        "qualification": "Certificate in hairdressing", "level": "Level 1", "areas": ["vocational"],
    }  # fmt: skip
    do(hers, story, "programme", **college)
    do(hers, story, "programme", title="Garden project", setting="project", areas=["personal_social"])
    do(hers, story, "programme", title="Café", setting="placement", days_times="One week in May")
    for reader in (hers, visitor(story.aroha)):
        page = text(reader.get("plan", about).content.decode())
        assert "Hairdressing With another provider · Michael John · Tuesdays 9 to 3" in page
        assert "Certificate in hairdressing · Level 1" in page
        assert "Garden project In a project Learning without a certificate" in page
        assert "Café In a work placement · One week in May" in page


@pytest.mark.requirement("002.1")
def test_a_part_of_the_programme_shows_which_strands_meet_in_it(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    hers = visitor(story.teacher)
    strands = ["vocational", "personal_social", "functional_skills"]
    page = do(hers, story, "programme", title="School shop", setting="project", areas=strands)
    names = "Vocational/subject learning + Personal and social development learning + Functional skills"
    assert f"These meet here: {names}" in page
    for strand in (*strands, "gcse", "work_placement"):
        do(hers, story, "programme", title=f"Only {strand}", areas=[strand])
    page = text(hers.get("plan", story.aroha.person_id).content.decode())
    assert "Only gcse In school Learning without a certificate Serves: GCSE learning" in page
    wrong = hers.post("plan", story.aroha.person_id, data={"do": "programme", "title": "X", "areas": ["nowhere"]})
    assert wrong.status_code == 422


@pytest.mark.requirement("002.5", "002.13")
def test_a_new_school_year_goes_on_with_the_programme_and_the_goals_it_takes_up(story: Story) -> None:
    about = story.aroha.person_id
    goal = plans.set_goal(story.teacher, about, MARKET)
    plans.record_discussion(story.teacher, about, talk_of(goal))
    change = ProgrammeChange("Enterprise", Setting.PROVIDER, "Town hall", qualification="Award", goals=(goal,))
    plans.set_programme_part(story.teacher, about, change)
    gone = plans.set_programme_part(story.teacher, about, ProgrammeChange("Over"))
    plans.end_programme_part(story.teacher, gone)
    with time_machine.travel(timezone.now() + timedelta(days=365), tick=True):
        plans.open_plan(story.teacher, about)
    page = plans.plan_page(story.teacher, about)
    (part,) = page.programme
    assert (part.said.title, part.said.provider, part.said.qualification) == ("Enterprise", "Town hall", "Award")
    (now,) = [goal for goal in page.goals if goal.id in part.said.goals]
    assert now.wording == STALL
    assert now.resources == "A till"
    assert [talk.about for talk in now.talks] == ["Nan is ill"]


@pytest.mark.requirement("002.5")
def test_parts_of_a_programme_are_the_staffs_to_write_and_a_clash_or_a_slip_loses_nothing(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    assert "Potting sheds" in do(hers, story, "programme", 422, title="", about="Potting sheds")
    part = plans.set_programme_part(story.teacher, about, ProgrammeChange("Pottery"))
    plans.change_programme_part(story.teacher, part, ProgrammeChange("Pottery", about="Clay"), version=1)
    with pytest.raises(Conflict):
        plans.change_programme_part(story.colleague, part, ProgrammeChange("Wood"), version=1)
    for change in (ProgrammeChange("x" * 256), ProgrammeChange("Ben’s", goals=(story.targets[0],))):
        with pytest.raises(Invalid):
            plans.set_programme_part(story.teacher, about, change)
    for who in (story.aroha, story.ben, story.assistant):
        with pytest.raises(NotFound):
            plans.change_programme_part(who, part, ProgrammeChange("Mine"), version=2)
    do(mine, story, "programme", 404, title="Mine")


@pytest.mark.requirement("001.6")
def test_a_target_says_in_which_contexts_work_has_shown_it_and_in_which_not_yet(visitor: Visit, story: Story) -> None:
    under(story, "alfreton_park")
    hers, mine, about, target = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id, story.targets[0]
    stands = plans.target(story.teacher, target)
    said = {"wording": "Take turns", "version": str(stands.version), "more": "1", "contexts": ["home", "class"]}
    hers.post("target-edit", about, target, data=said)
    page = text(hers.get("plan", about).content.decode())
    assert "At home not yet" in page
    assert "In class not yet" in page
    for title, contexts, audience in (
        ("A game at nan’s", ("home", "community"), Audience.SHARED),
        ("Cards at home", ("home",), Audience.SHARED),
        ("My own", ("class",), Audience.PRIVATE),
    ):
        change = ItemChange("work_samples", title, contexts=contexts, target_ids=(target,), audience=audience)
        plans.add_item(story.aroha, about, change)
    page = text(hers.get("plan", about).content.decode())
    assert "At home 2 pieces of work In class not yet In the community 1 piece of work" in page
    assert "In class 1 piece of work" in text(mine.get("plan", about).content.decode())


@pytest.mark.requirement("001.2", "003.6")
def test_what_was_reached_stays_on_the_plan_with_where_it_was_shown(visitor: Visit, story: Story) -> None:
    under(story, "alfreton_park")
    hers, mine, about, target = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id, story.targets[0]
    stands = plans.target(story.teacher, target)
    said = {"wording": "Take turns", "version": str(stands.version), "more": "1", "area": "social"}
    hers.post("target-edit", about, target, data=said)
    shown = ItemChange("work_samples", "Cards", contexts=("home",), target_ids=(target,), audience=Audience.SHARED)
    plans.add_item(story.aroha, about, shown)
    page = do(hers, story, "achieve", target=str(target), version=str(stands.version + 1))
    assert "What has been reached Take turns Social · At home" in page
    assert "What I have reached Take turns" in text(mine.get("plan", about).content.decode())
