"""What a plan is for in everyday life: the teacher's five jobs, several teachers in one plan, one's own page."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext

from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, Item, ItemChange, LogChange, Look, Role, TargetChange
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, School
from tests.factories.plans import administrator_of, make_class
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    story = make_story()
    version = ensure_framework_version(story.maths.school_id, "foundation_learning")
    Plan.objects.of(story.maths.school_id).update(framework=version)
    School.objects.filter(pk=story.maths.school_id).update(framework_key="foundation_learning")
    return story


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def read(visitor: Visitor, route: str, *ids: object) -> str:
    return text(visitor.get(route, *ids).content.decode())


@pytest.mark.requirement("002.27")
def test_a_teacher_does_all_five_jobs_on_the_pages_and_each_reaches_whom_it_is_for(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    parent = plans.ensure_person(story.maths.school_id, name="Mere")
    plans.link_guardian(administrator_of(story.maths), parent, about)
    family = visitor(plans.actor_for(story.maths.school_id, parent, None))
    # 1. says what support there is
    assert (
        hers.post("plan", about, data={"do": "aims", "aim:support.learning_support": "A reader in tests"}).status_code
        == 302
    )
    assert "A reader in tests" in read(mine, "plan", about)
    # 2. helps to reach targets: support and a step of the school's own
    stands = plans.target(story.teacher, story.targets[0])
    change = {
        "wording": "Explain it",
        "version": str(stands.version),
        "more": "1",
        "support_inside": "Bars on the desk",
    }
    change |= {"step_what_0": "Print new bars", "step_who_0": "school"}
    assert hers.post("target-edit", about, story.targets[0], data=change).status_code == 302
    page = read(mine, "plan", about)
    assert "Bars on the desk" in page
    assert "Print new bars School" in page
    # 3. encourages to think back: the learner is asked first, and what they say opens the review
    asked = mine.get("preparation").content.decode()
    field = re.search(r'name="(answer:[^"]+)"', asked)
    assert field
    assert mine.post("preparation", data={field[1]: "I learned it by folding"}).status_code in (200, 302)
    review_id = plans.start_review(story.teacher, about)
    assert "I learned it by folding" in read(hers, "review", about)
    # 4. gives feedback
    plans.judge_target(
        story.teacher, review_id, story.targets[0], level="on_the_way", comment="You fold exactly", version=0
    )
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)
    assert "You fold exactly" in read(mine, "past-review", about, review_id)
    # 5. sees that parents and carers are involved
    assert hers.post("plan", about, data={"do": "home"}).status_code == 302
    sheet = plans.send_sheet(story.teacher, about, "family_planning")
    home = read(family, "home", about)
    assert "Explain it" in home
    assert family.get("sheet", sheet).status_code == 200


@pytest.mark.requirement("002.28")
def test_one_plan_gathers_the_work_of_several_teachers_for_one_review(visitor: Visit, story: Story) -> None:
    about, school_id = story.aroha.person_id, story.maths.school_id
    art = make_class("collage", school_id=school_id, title="Art")
    painter = art.teacher("Mr Paint")
    plans.set_enrolment(school_id, art.course_id, about, Role.LEARNER)
    made = plans.agree_target(
        painter, about, TargetChange("Mix my own colours", activity_ids=(art.activities["collage"],))
    )
    art.score(plans.actor_for(school_id, about, art.course_id), "collage", 8)
    hers, his = visitor(story.teacher), visitor(painter)
    for who in (hers, his, visitor(story.aroha)):
        page = read(who, "plan", about)
        assert "Mix my own colours" in page
        assert "Add and take away fractions" in page
    review_id = plans.start_review(story.teacher, about)
    plans.contribute(painter, text="She shows others how", review_id=review_id)
    plans.judge_target(painter, review_id, made, level="arrived", comment="Every shade", version=0)
    plans.judge_target(story.teacher, review_id, story.targets[0], level="on_the_way", comment="Bars help", version=0)
    plan_ids = {plans.plan_page(who, about).id for who in (story.teacher, painter)}
    assert len(plan_ids) == 1
    page = read(hers, "review", about)
    for words in ("She shows others how", "Mr Paint", "Every shade", "Bars help", "Mix my own colours"):
        assert words in page
    assert read(his, "review", about).count("Every shade") >= 1


@pytest.mark.requirement("002.30")
def test_somebody_who_reads_little_has_pictures_their_voice_and_reading_aloud(visitor: Visit, story: Story) -> None:
    plans.set_looks(story.aroha, [Look.EASY, Look.ALOUD])
    mine = visitor(plans.actor_for(story.maths.school_id, story.aroha.person_id, story.maths.course_id))
    for route in ("log", "plan"):
        page = mine.get(route, story.aroha.person_id).content.decode()
        assert re.search(r"<(html|body)[^>]*(easy|data-looks)", page), route
    log = mine.get("log", story.aroha.person_id).content.decode()
    assert "feel-hard" in log
    assert "data-record" in log
    entry = plans.write_log(story.aroha, LogChange({}, feeling="good"))
    assert entry.feeling == "good"


@pytest.mark.requirement("002.30")
@pytest.mark.parametrize("locale", ["ar", "es", "cy", "mi"])
def test_somebody_with_another_first_language_reads_the_page_in_it_and_writes_in_it(
    visitor: Visit, story: Story, locale: str
) -> None:
    mine, about = visitor(story.aroha, locale=locale), story.aroha.person_id
    page = mine.get("plan", about).content.decode()
    assert f'lang="{locale}"' in page
    with translation.override(locale):
        words = gettext("My plan")
    assert words != "My plan"
    assert words in page
    said = "أستطيع أن أشرح" if locale == "ar" else "Ka taea e au"
    assert mine.post("plan", about, data={"do": "aims", "aim:aims.where_now": said}).status_code == 302
    assert said in visitor(story.teacher).get("plan", about).content.decode()


@pytest.mark.requirement("002.30")
def test_what_makes_it_easier_for_a_learner_is_asked_and_known_to_class_staff(visitor: Visit, story: Story) -> None:
    about = story.aroha.person_id
    said = {"section": "support_needs", "field": "adjustments", "voice": "learner"}
    said |= {"say:support_needs.adjustments": "Large print, and time"}
    assert visitor(story.aroha).post("needs", about, data=said).status_code == 302
    assert "Large print, and time" in read(visitor(story.teacher), "needs", about)


@pytest.mark.requirement("002.33")
def test_a_learner_shows_others_parts_of_their_page_and_nothing_else(visitor: Visit, story: Story) -> None:
    mine, about = visitor(story.aroha), story.aroha.person_id
    own = {
        "enterprise.plan": "A stall of painted stones", "enterprise.budget": "Five for paint",
        "enterprise.swot_strengths": "Nobody else does it", "enterprise.swot_weaknesses": "Slow to make",
        "enterprise.swot_opportunities": "The summer fair", "enterprise.swot_threats": "Rain",
        "finding_out.questionnaires": "I like work outside", "finding_out.career_tools": "Gardener came first",
        "finding_out.role_models": "The stone mason’s film", "finding_out.healthy": "I cycle to school",
    }  # fmt: skip
    data = {"do": "aims"} | {f"aim:{key}": words for key, words in own.items()}
    assert mine.post("plan", about, data=data).status_code == 302
    page = read(mine, "plan", about)
    assert all(words in page for words in own.values())
    shown = plans.add_item(story.aroha, about, ItemChange("work", "My first stone"))
    plans.add_item(story.aroha, about, ItemChange("work", "A poem for nobody"))
    plans.write_log(story.aroha, LogChange({"what": "Cried today"}, audience=Audience.PRIVATE))
    share = plans.share(
        story.aroha, story.colleague.person_id, [Item("item", shown.id), Item("target", story.targets[0])],
        purpose="The fair", ends_on=timezone.localdate() + timedelta(days=9),
    )  # fmt: skip
    theirs = read(visitor(story.colleague), "share", share)
    assert "My first stone" in theirs
    assert "Add and take away fractions" in theirs
    for hidden in ("A poem for nobody", "Cried today", "painted stones", "protractor"):
        assert hidden not in theirs


@pytest.mark.requirement("002.36")
def test_the_plan_is_at_hand_in_class_for_whoever_teaches_there_and_the_learner_makes_choices(
    visitor: Visit, story: Story
) -> None:
    mine, about = visitor(story.aroha), story.aroha.person_id
    for who in (story.teacher, story.assistant):
        here = visitor(who)
        panel = here.get("panel").content.decode()
        assert here.address("plan", about) in panel or here.address("review", about) in panel
        assert "Add and take away fractions" in read(here, "plan", about)
    assert "Add and take away fractions" in read(mine, "panel")
    assert mine.post("plan", about, data={"do": "propose", "new_wording": "Bake bread alone"}).status_code == 302
    assert "Bake bread alone" in read(visitor(story.teacher), "plan", about)
    level = re.search(rf'name="(level:{story.targets[0]})" value="([^"]+)"', mine.get("preparation").content.decode())
    assert level
    assert mine.post("preparation", data={level[1]: level[2]}).status_code in (200, 302)
    (opinion,) = [one[2] for one in plans.preparation(story.aroha).targets if one[0] == story.targets[0]]
    assert opinion is not None
