"""Lines of the schools' documents that hold of a whole plan, tried on its pages by the people they are about."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine

from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, Grounds, LogChange, TargetChange
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, School
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def under(story: Story, key: str) -> None:
    school_id = story.maths.school_id
    School.objects.filter(pk=school_id).update(framework_key=key)
    Plan.objects.of(school_id).update(framework=ensure_framework_version(school_id, key))


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def read(visitor: Visitor, route: str, *ids: object) -> str:
    answer = visitor.get(route, *ids)
    assert answer.status_code == 200
    return text(answer.content.decode())


@pytest.mark.requirement("000.5")
def test_a_student_drives_the_plan_in_their_own_words_with_place_culture_and_identity(
    visitor: Visit, story: Story
) -> None:
    under(story, "te_kura")
    mine, hers, about = visitor(story.aroha, locale="mi"), visitor(story.teacher), story.aroha.person_id
    said = {
        "place": "Ko Taranaki te maunga, ko Waitōtara te awa",
        "culture": "Te reo Māori i te kāinga",
        "identity": "He uri ahau nō Ngāti Ruanui",
        "whanau": "Tōku kuia rāua ko tōku tuakana",
    }
    for field, words in said.items():
        where = {"section": "identity", "field": field, f"say:identity.{field}": words}
        assert mine.post("needs", about, data=where).status_code == 302
    for doing in (
        {"do": "goal", "goal": "Kia matatau ki te reo"},
        {"do": "propose", "new_wording": "Kōrero ki tōku kuia ia rā", "new_area": "engagement"},
        {"do": "aims", "aim:aims.where_to": "He kaiako ahau"},
    ):
        assert mine.post("plan", about, data=doing).status_code == 302
    page = mine.get("needs", about).content.decode()
    assert '<html lang="mi"' in page
    for label in ("Tōku tūrangawaewae", "Tōku ahurea", "Tōku tuakiri", "Tōku whānau"):
        assert label in page
    for reader in (mine, hers):
        known, plan = read(reader, "needs", about), read(reader, "plan", about)
        assert all(words in known for words in said.values())
        for words in ("Kia matatau ki te reo", "Kōrero ki tōku kuia ia rā", "He kaiako ahau"):
            assert words in plan
    own = [
        statement
        for section in plans.needs(story.teacher, about).sections
        for known in section.fields
        for statement in known.statements
    ]
    assert all(statement.own_hand and statement.author.id == about for statement in own)
    forged = {"section": "identity", "field": "culture", "voice": "school", "say:identity.culture": "I say so"}
    assert hers.post("needs", about, data=forged).status_code == 422


@pytest.mark.requirement("000.11")
def test_reviews_go_with_the_years_two_reports_and_can_be_held_whenever_they_are_useful(
    visitor: Visit, story: Story
) -> None:
    under(story, "te_kura")
    about = story.ben.person_id
    teacher = story.teacher
    held = []
    for month, kind in ((3, "discussion"), (6, "mid_year"), (8, "discussion"), (11, "end_of_year")):
        with time_machine.travel(datetime(2027, month, 10, 9, tzinfo=UTC), tick=True):
            hers = visitor(teacher)
            assert hers.post("review", about, data={} if kind != "discussion" else {"kind": kind}).status_code == 302
            page = plans.review(teacher, about)
            assert page.kind is not None
            held.append(page.kind.key)
            if kind in {"mid_year", "end_of_year"}:
                assert {"engagement", "achievement", "for_report"} <= {field.key for field in page.fields}
                written = {"field:for_report": f"For the {kind} report", "was-field:for_report": ""}
                assert hers.post("judge", about, data=written).status_code == 302
            plans.close_review(teacher, page.id, version=plans.review(teacher, about).version)
            assert f"For the {kind} report" in read(hers, "past-review", about, page.id) or kind == "discussion"
    assert held == ["discussion", "mid_year", "discussion", "end_of_year"]


@pytest.mark.requirement("000.12")
def test_the_trail_of_a_plan_cannot_be_altered_and_goes_out_with_the_record(visitor: Visit, story: Story) -> None:
    mine, about, target = visitor(story.aroha), story.aroha.person_id, story.targets[0]
    visitor(story.teacher).get("plan", about)
    stands = plans.target(story.teacher, target)
    changed = TargetChange("Halve a recipe", activity_ids=stands.change.activity_ids)
    plans.change_target(story.teacher, target, changed, version=stands.version)
    trail = plans.audit_trail(story.teacher, about)
    assert {"target.changed", "review.closed", "plan.read"} <= {entry.verb for entry in trail}
    answer = mine.post("mine-record")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        names = package.namelist()
        everything = "\n".join(package.read(name).decode() for name in names if name.endswith((".json", ".html")))
        told = [json.loads(package.read(name)) for name in names if name.endswith(".json")]
    assert told
    for words in ("Halve a recipe", stands.change.wording, "Ten minutes of fraction bars", "Ms Patel"):
        assert words in everything
    assert plans.verify_audit(story.maths.school_id)
    office = plans.export_record(administrator_of(story.maths), about)
    assert office.opened


@pytest.mark.requirement("001.2")
def test_the_learner_owns_a_working_plan_that_leads_on_from_step_to_step(visitor: Visit, story: Story) -> None:
    plans.write_log(story.aroha, LogChange({"what": "I halved a pizza at nan’s"}, audience=Audience.SHARED))
    under(story, "alfreton_park")
    mine, about = visitor(story.aroha), story.aroha.person_id
    page = read(mine, "plan", about)
    for part in ("My plan", "My goals", "My targets", "Next step", "Suggest a target", "Add a goal"):
        assert part in page
    panel = read(mine, "panel")
    assert "Draw a bar for each fraction before you work it out." in panel
    for reader in (mine, visitor(story.teacher)):
        assert "I halved a pizza at nan’s" in read(reader, "log", about)
        assert "Ten minutes of fraction bars on Mondays." in read(reader, "story", about)


@pytest.mark.requirement("001.3")
def test_the_learners_voice_and_the_familys_hopes_stand_side_by_side_each_as_theirs(
    visitor: Visit, story: Story
) -> None:
    under(story, "alfreton_park")
    mine, hers, about = visitor(story.aroha), visitor(story.teacher), story.aroha.person_id
    mine.post("needs", about, data={"section": "voice", "field": "wishes", "say:voice.wishes": "I want a dog"})
    hopes = {
        "section": "family_hopes", "field": "hopes", "voice": "family", "source": "family",
        "source_note": "Parents’ evening", "say:family_hopes.hopes": "That she makes a friend",
    }  # fmt: skip
    assert hers.post("needs", about, data=hopes).status_code == 302
    for reader in (mine, hers):
        page = read(reader, "needs", about)
        assert "The pupil’s voice" in page
        assert "Hopes and aspirations of the family" in page
        assert "I want a dog" in page
        assert "That she makes a friend From the parent or carer, written down by Ms Patel" in page
    as_school = hopes | {"voice": "school", "say:family_hopes.hopes": "Our hope"}
    assert hers.post("needs", about, data=as_school).status_code == 422
    mine_not = {"section": "family_hopes", "field": "hopes", "say:family_hopes.hopes": "My hope"}
    assert mine.post("needs", about, data=mine_not).status_code == 422


@pytest.mark.requirement("002.2")
def test_learners_go_on_sideways_at_the_same_level_and_at_their_own_pace(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    base = {"more": "1", "area": "functional_skills", "version": "0"}
    sideways = base | {"wording": "Weigh things in the kitchen too", "type": "horizontal"}
    assert hers.post("target-new", about, data=sideways).status_code == 302
    page = read(mine, "plan", about)
    assert "Weigh things in the kitchen too" in page
    (target,) = [one for one in plans.plan_page(story.teacher, about).targets if one.words.type == "horizontal"]
    assert target.asks == ()
    assert target.words.due_on is None
    for level in ("Entry level", "Level 1", "Level 2"):
        assert level in read(hers, "needs", about)
    for destination in ("Level 2", "Supported employment", "Independent living"):
        assert destination in page
    framework = read(visitor(administrator_of(story.maths)), "framework", "foundation_learning")
    assert "After 16" in framework


@pytest.mark.requirement("002.4")
def test_the_plan_tells_how_far_a_learner_has_come(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    about, target = story.aroha.person_id, story.targets[0]
    for level in ("setting_out", "on_the_way"):
        review_id = plans.start_review(story.teacher, about, kind="progress")
        grounds = Grounds("Seen in class")
        plans.judge_target(story.teacher, review_id, target, level=level, comment="", version=0, grounds=grounds)
        plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, about).version)
    mine = visitor(story.aroha)
    page = read(mine, "plan", about)
    assert re.search(r"How far I have come .*Setting out.*On the way", page), page
    told = read(mine, "story", about)
    assert told.index("On the way") < told.index("Setting out")


@pytest.mark.requirement("002.9", "002.10")
def test_the_plan_goes_through_three_stages_each_with_its_record(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    said = {"section": "strengths", "field": "strengths", "say:strengths.strengths": "I mend bikes"}
    mine.post("needs", about, data=said)
    mine.post("plan", about, data={"do": "aims", "aim:aims.destination": "employment"})
    hers.post("review", about, data={"kind": "progress"})
    plans.close_review(
        story.teacher, plans.review(story.teacher, about).id, version=plans.review(story.teacher, about).version
    )
    for route, asked, record in (
        ("needs", "What am I good at?", "I mend bikes"),
        ("plan", "What skills do I need to develop to get there?", "Employment"),
    ):
        page = read(mine, route, about)
        assert asked in page
        assert record in page
    assert "What progress have I made?" in read(mine, "preparation")
    assert "Review 2" in read(mine, "my-reviews")


@pytest.mark.requirement("002.13")
def test_the_learning_plan_says_what_is_needed_who_supports_and_how_it_meets_the_law(
    visitor: Visit, story: Story
) -> None:
    under(story, "foundation_learning")
    hers, about = visitor(story.teacher), story.aroha.person_id
    said = {
        "aims.destination": "further_education",
        "skills.vocational": "Hold scissors safely",
        "skills.personal_social": "Greet a client",
        "skills.functional_skills": "Measure in millimetres",
        "programme.statutory": "English, mathematics and science go on",
        "support.learning_support": "A reader in class",
        "support.social_support": "Lunch with her mentor",
    }
    sent = {"do": "aims"} | {f"aim:{key}": words for key, words in said.items()}
    assert hers.post("plan", about, data=sent).status_code == 302
    salon = {"title": "The salon", "setting": "placement", "qualification": "Certificate in hairdressing"}
    assert hers.post("plan", about, data={"do": "programme"} | salon).status_code == 302
    for reader in (hers, visitor(story.aroha)):
        page = read(reader, "plan", about)
        assert "The salon In a work placement Certificate in hairdressing" in page
        assert "Learning without a qualification" not in page  # one place for the programme
        for words in ("Further education", *list(said.values())[1:]):
            assert words in page
