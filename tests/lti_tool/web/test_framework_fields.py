"""What a framework asks is asked and shown in its own way: picks as picks, days as days, in its words and order."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import CurriculumChange, DiscussionEntry, Participant, TargetChange, Voice
from lti_tool.plans.exceptions import Invalid
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]
LEAVING = "On the way out of school"


@pytest.fixture
def story() -> Story:
    return make_story()


def under(story: Story, key: str, year_group: int | None = None) -> None:
    """Aroha's plan by this framework, in this school year."""
    Plan.objects.of(story.maths.school_id).update(framework=ensure_framework_version(story.maths.school_id, key))
    if year_group is not None:
        plans.set_schooling(administrator_of(story.maths), {story.aroha.person_id: ("", year_group)})


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def plan_text(visitor: Visitor, story: Story) -> str:
    return text(visitor.get("plan", story.aroha.person_id).content.decode())


@pytest.mark.requirement("002.3")
def test_a_plan_asks_for_its_destination_until_one_is_picked_and_says_it_by_name(
    visitor: Visit, story: Story
) -> None:
    under(story, "foundation_learning")
    hers, mine, about = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    question = "Progression destination at the end of Key Stage 4"
    page = hers.get("plan", about).content.decode()
    assert f"An answer to this: {question}" in text(page)
    assert '<option value="supported_employment"' in page
    wrong = mine.post("plan", about, data={"do": "aims", "aim:aims.destination": "astronaut"})
    assert wrong.status_code == 422
    assert "Choose one of the answers." in text(wrong.content.decode())
    mine.post("plan", about, data={"do": "aims", "aim:aims.destination": "supported_employment"})
    after = plan_text(hers, story)
    assert f"{question} Supported employment" in after
    assert f"An answer to this: {question}" not in after
    assert "Supported employment" in text(mine.get("story", about).content.decode())


@pytest.mark.requirement("002.11")
def test_levels_so_far_are_picked_and_read_by_name(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    hers, about = visitor(story.teacher), story.aroha.person_id
    where = {"section": "history", "field": "english_level", "voice": "school"}
    assert hers.post("needs", about, data=where | {"say:history.english_level": "quite good"}).status_code == 422
    assert hers.post("needs", about, data=where | {"say:history.english_level": "level_1"}).status_code == 302
    page = hers.get("needs", about).content.decode()
    assert '<select id="say:history.english_level"' in page
    assert re.search(r'class="said"[^>]*>Level 1<', page)
    (statement,) = [
        said
        for section in plans.needs(story.teacher, about).sections
        for known in section.fields
        if known.field.key == "english_level"
        for said in known.statements
    ]
    changed = where | {"statement": str(statement.id), "version": "1", f"text-{statement.id}": "level_2"}
    assert hers.post("needs", about, data=changed).status_code == 302
    assert re.search(r'class="said"[^>]*>Level 2<', hers.get("needs", about).content.decode())


@pytest.mark.requirement("000.6", "002.6", "002.1", "002.7")
@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("te_kura", {"programme_of_learning": "Programme of learning (POL)", "strategies": "Strategies"}),
        (
            "foundation_learning",
            {
                "learning": "What I am learning",
                "good": "What good looks like",
                "why": "Why I am learning it",
                "links": "Links to my other strands",
                "practice": "Where I can practise and go further",
            },
        ),
        ("rigby_hall", {"skills_required": "Skills required", "progress_notes": "Notes on progress"}),
    ],
)
def test_the_learner_reads_on_the_plan_what_the_framework_asks_of_a_target(
    visitor: Visit, story: Story, key: str, asked: dict[str, str]
) -> None:
    under(story, key)
    hers, about, target = visitor(story.teacher), story.aroha.person_id, story.targets[0]
    stands = plans.target(story.teacher, target)
    said = {f"detail:{name}": f"Words for {name}" for name in asked}
    base = {"wording": "Explain it", "version": str(stands.version), "more": "1", "resources": "A fraction wall"}
    assert hers.post("target-edit", about, target, data=base | said).status_code == 302
    for reader in (hers, visitor(story.aroha)):
        page = plan_text(reader, story)
        for name, label in asked.items():
            assert f"{label} Words for {name}" in page
        assert "A fraction wall" in page


@pytest.mark.requirement("000.7")
@pytest.mark.parametrize(
    ("year", "asked", "not_asked"),
    [
        (
            3,
            ["Literacy", "Numeracy", "Literacy and numeracy"],
            ["Qualifications guidance", LEAVING],
        ),
        (8, ["A broad and balanced curriculum", LEAVING], ["Literacy", "Qualifications guidance"]),
        (
            12,
            ["Qualifications guidance", LEAVING],
            ["Numeracy", "A broad and balanced curriculum"],
        ),
    ],
)
def test_what_a_plan_asks_goes_by_the_students_school_year(
    visitor: Visit, story: Story, year: int, asked: list[str], not_asked: list[str]
) -> None:
    under(story, "te_kura", year)
    hers, about = visitor(story.teacher), story.aroha.person_id
    page, form = plan_text(hers, story), text(hers.get("target-new", about).content.decode())
    for words in asked:
        assert words in page
    for words in not_asked:
        assert words not in page
    assert "Engagement" in form
    assert "Achievement" in form
    assert ("Literacy" in form, "Qualifications" in form) == (year < 7, year > 10)


@pytest.mark.requirement("000.7")
def test_what_was_said_in_earlier_years_stays_in_sight(visitor: Visit, story: Story) -> None:
    under(story, "te_kura", 6)
    about = story.aroha.person_id
    plans.say_plan(story.teacher, about, {"literacy_numeracy.literacy": "Reads to her brother"}, shown={})
    plans.agree_target(story.teacher, about, TargetChange("Read every night", area="literacy"))
    plans.set_schooling(administrator_of(story.maths), {about: ("", 7)})
    page = plan_text(visitor(story.aroha), story)
    assert "Reads to her brother" in page
    assert "Literacy Read every night" in page
    assert "Numeracy" not in page


@pytest.mark.requirement("000.3")
def test_every_plan_names_the_building_block_policy_and_focus_it_stands_under(visitor: Visit, story: Story) -> None:
    named = (
        "Building Block 4: Individual Learning Plan (ILP)",
        "Personalising Learning Policy",
        "Authentic learning",
    )
    under(story, "te_kura")
    for reader in (story.teacher, story.aroha):
        page = plan_text(visitor(reader), story)
        assert all(words in page for words in named)
    under(story, "alfreton_park")
    assert not any(words in plan_text(visitor(story.teacher), story) for words in named)


@pytest.mark.requirement("002.19")
@pytest.mark.parametrize(
    ("year", "told", "not_told"),
    [
        (9, "From Year 9 to Year 10", "Support with moving on from Year 11"),
        (10, "Learning needs are identified", "Support with moving on from Year 11"),
        (11, "Support with moving on from Year 11", "From Year 9 to Year 10"),
    ],
)
def test_the_plan_says_which_move_lies_ahead_or_behind(
    visitor: Visit, story: Story, year: int, told: str, not_told: str
) -> None:
    under(story, "foundation_learning", year)
    page = plan_text(visitor(story.teacher), story)
    assert told in page
    assert not_told not in page


@pytest.mark.requirement("001.8", "000.9")
def test_a_plan_asks_for_the_talk_it_is_written_after_until_all_sides_took_part(story: Story) -> None:
    under(story, "alfreton_park")
    about, today = story.aroha.person_id, timezone.localdate()

    def talk(*voices: Voice) -> bool:
        people = tuple(Participant(f"Somebody {voice}", voice) for voice in voices)
        plans.record_discussion(story.teacher, about, DiscussionEntry(today, "Targets", "", people))
        return "talk" in plans.plan_page(story.teacher, about).missing

    assert talk(Voice.SCHOOL, Voice.FAMILY)
    assert not talk(Voice.LEARNER)


@pytest.mark.requirement("001.8", "001.22")
def test_the_plan_says_for_each_area_what_is_expected_by_the_end_of_the_year(visitor: Visit, story: Story) -> None:
    under(story, "alfreton_park")
    hers, about = visitor(story.teacher), story.aroha.person_id
    for area in ("communication", "personal", "social", "academic"):
        said = {"do": "aims", f"aim:expectations.{area}": f"By summer: {area}"}
        assert hers.post("plan", about, data=said).status_code == 302
    plans.set_curriculum(story.teacher, about, CurriculumChange("English", "Read ten words", "Reading", "Six so far"))
    page = plan_text(visitor(story.aroha), story)
    assert "Expectation for the academic year" in page
    for area in ("Communication", "Personal", "Social", "Academic"):
        assert f"{area} By summer: {area.lower()}" in page
    assert "English · Reading Read ten words How it goes: Six so far" in page
    with pytest.raises(Invalid):
        plans.say_plan(story.aroha, about, {"expectations.social": "Mine"}, shown={})


@pytest.mark.requirement("001.1")
def test_a_plan_has_targets_in_each_of_the_four_areas_and_asks_for_those_it_lacks(
    visitor: Visit, story: Story
) -> None:
    under(story, "alfreton_park")
    hers, about = visitor(story.teacher), story.aroha.person_id
    names = ["Communication", "Personal", "Social", "Academic"]
    for name in names:
        page = plan_text(hers, story)
        assert f"A target in this area: {name}" in page
        added = {"wording": f"A step in {name}", "area": name.lower(), "type": "scruffy", "more": "1"}
        assert hers.post("target-new", about, data=added).status_code == 302
    page = plan_text(visitor(story.aroha), story)
    places = [page.index(f"A step in {name}") for name in names]
    assert places == sorted(places)
    assert "A target in this area" not in plan_text(hers, story)


@pytest.mark.requirement("001.26", "000.17", "002.21")
@pytest.mark.parametrize(
    ("key", "roles"),
    [
        (
            "alfreton_park",
            {
                "Pupil": "has the plan",
                "Parent or carer": "reads what is shared",
                "Class teacher": "writes and reviews",
                "Class staff": "adds evidence",
                "Phase leader": "checks written targets",
                "Phase team": "sees nothing",
                "Senior leadership team (SLT)": "reads every plan",
                "Governing Body": "sees nothing",
                "Other professional": "reads one student’s plan",
                "Other special schools": "sees nothing",
            },
        ),
        ("te_kura", {"Supervisor": "answers sheets", "In-region staff": "speaks in reviews"}),
        ("foundation_learning", {"Tutor": "leads one student’s plan", "Off-site provider": "one student’s plan"}),
    ],
)
def test_the_framework_says_who_takes_part_and_what_each_may_do(
    visitor: Visit, story: Story, key: str, roles: dict[str, str]
) -> None:
    office = administrator_of(story.maths)
    page = text(visitor(office).get("framework", key).content.decode())
    for name, right in roles.items():
        assert re.search(rf"\b{re.escape(name)} [^.]*{right}", page), name


def test_nobody_is_asked_what_is_not_theirs_to_say(visitor: Visit, story: Story) -> None:
    under(story, "foundation_learning")
    mine = visitor(story.aroha).get("needs", story.aroha.person_id).content.decode()
    assert 'id="add-history.preferences"' in mine
    assert 'id="add-history.english_level"' not in mine
    assert (
        'id="add-history.english_level"'
        in visitor(story.teacher).get("needs", story.aroha.person_id).content.decode()
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("alfreton_park", ["My plan Individual Learning Plan (ILP)"]),
        ("te_kura", ["My goals Goal", "My plan Individual Learning Plan (ILP)"]),
        (
            "foundation_learning",
            [
                "My goals Long-term target",
                "My targets Short-term target",
                "We agree to this plan Learning contract",
                "My plan Individual learning plan (ILP)",
            ],
        ),
        ("rigby_hall", ["My plan Individual education plan"]),
    ],
)  # fmt: skip
def test_the_plan_uses_the_schools_own_terms_beside_plain_words(
    visitor: Visit, story: Story, key: str, words: list[str]
) -> None:
    under(story, key)
    page = plan_text(visitor(story.aroha), story)
    for term in words:
        assert term in page
