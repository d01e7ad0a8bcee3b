"""Other providers fill in the area's common plan and, every four weeks, a review with a short plan (002.20)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, GuardianScope, Role, Scope
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, School
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]
PLAN = {
    "answer_qualifications": "Certificate in hairdressing, Level 1",
    "answer_days_times": "Tuesdays, 9 to 3",
    "answer_career_aspirations": "Her own salon",
    "answer_targets_year": "Cut, colour, talk with clients",
}


@pytest.fixture
def story() -> Story:
    story = make_story()
    school_id = story.maths.school_id
    School.objects.filter(pk=school_id).update(framework_key="foundation_learning")
    Plan.objects.of(school_id).update(framework=ensure_framework_version(school_id, "foundation_learning"))
    return story


@pytest.fixture
def salon(story: Story) -> Actor:
    """An off-site provider, named for Aroha only."""
    return provider_of(story, "The salon")


def provider_of(story: Story, name: str) -> Actor:
    school_id, office = story.maths.school_id, administrator_of(story.maths)
    person_id = plans.ensure_person(school_id, name=name)
    until = timezone.localdate() + timedelta(days=90)
    plans.appoint(office, person_id, Role.PROVIDER, Scope(student_id=story.aroha.person_id), ends_on=until)
    return plans.actor_for(school_id, person_id, None)


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def sent(visitor: Visitor, story: Story, form: str) -> str:
    answer = visitor.post("sheet-send", story.aroha.person_id, data={"form": form})
    assert answer.status_code == 302
    return str(answer["Location"]).rsplit("/", 1)[-1]


@pytest.mark.requirement("002.20", "002.5")
def test_a_provider_answers_the_common_form_and_student_and_school_read_it_on_the_plan(
    visitor: Visit, story: Story, salon: Actor
) -> None:
    hers, theirs, about = visitor(story.teacher), visitor(salon), story.aroha.person_id
    sheet = sent(hers, story, "provider_plan")
    assert "Forms" in text(theirs.get("students").content.decode())
    listed = text(theirs.get("sheets", about).content.decode())
    assert "Learning plan with an off-site provider" in listed
    form = text(theirs.get("sheet", sheet).content.decode())
    for label in (
        "Qualifications",
        "Days and times of learning",
        "Career aspirations",
        "Targets for the school year",
    ):
        assert label in form
    assert theirs.post("sheet", sheet, data=PLAN | {"version": "0"}).status_code == 302
    for reader in (hers, visitor(story.aroha), theirs):
        page = text(reader.get("plan", about).content.decode())
        assert "Days and times of learning Tuesdays, 9 to 3" in page
        assert "Career aspirations Her own salon" in page
    (view,) = [one for one in plans.sheets(story.teacher, about).sheets if one.form.key == "provider_plan"]
    assert view.answered_by == "The salon"


@pytest.mark.requirement("002.20")
def test_every_four_weeks_the_provider_reviews_and_leaves_a_short_action_plan_with_support(
    visitor: Visit, story: Story, salon: Actor
) -> None:
    hers, theirs, about = visitor(story.teacher), visitor(salon), story.aroha.person_id
    for round_, support in ((1, "A mirror at the side"), (2, "Pictures of each step")):
        sheet = sent(hers, story, "provider_review")
        said = {
            "answer_achieved": f"Round {round_}: washes hair",
            "answer_action_plan": "Blow-dry one client a week",
            "answer_support": support,
            "answer_next_on": "soon",
        }
        wrong = theirs.post("sheet", sheet, data=said | {"version": "0"})
        assert wrong.status_code == 422
        assert support in wrong.content.decode()
        day = (timezone.localdate() + timedelta(weeks=4)).isoformat()
        assert theirs.post("sheet", sheet, data=said | {"version": "0", "answer_next_on": day}).status_code == 302
    page = text(visitor(story.aroha).get("plan", about).content.decode())
    assert "Short-term action plan Blow-dry one client a week" in page
    assert "Pictures of each step" in page
    assert "A mirror at the side" not in page
    kept = plans.sheets(story.teacher, about).sheets
    assert [dict(view.answers)["support"] for view in kept] == ["Pictures of each step", "A mirror at the side"]


@pytest.mark.requirement("002.20")
def test_forms_are_their_providers_alone_and_family_sheets_are_none_of_theirs(
    visitor: Visit, story: Story, salon: Actor
) -> None:
    school_id, about = story.maths.school_id, story.aroha.person_id
    hers = visitor(story.teacher)
    form, for_home = sent(hers, story, "provider_plan"), sent(hers, story, "family_planning")
    aunt = plans.ensure_person(school_id, name="Ngaire")
    plans.link_guardian(administrator_of(story.maths), aunt, about, scope=GuardianScope.SHARED)
    family = plans.actor_for(school_id, aunt, None)
    assert visitor(salon).get("sheet", for_home).status_code == 404
    assert visitor(family).get("sheet", form).status_code == 404
    assert [view.form.key for view in plans.sheets(salon, about).sheets] == ["provider_plan"]
    assert [view.form.key for view in plans.sheets(family, about).sheets] == ["family_planning"]
    for nobody in (story.aroha, story.ben, story.assistant):
        assert visitor(nobody).get("sheet", form).status_code == 404
    with pytest.raises(NotFound):
        plans.sheets(salon, story.ben.person_id)
    refused = hers.post("sheet", form, data=PLAN | {"version": "0", "name": ""})
    assert refused.status_code == 422
    assert hers.post("sheet", form, data=PLAN | {"version": "0", "name": "Jo of the salon"}).status_code == 302
