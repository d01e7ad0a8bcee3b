"""The built-in frameworks of the guide, the article and the online school, each against its document."""

import pytest

from lti_tool.plans.frameworks.data import FieldKind, Framework, Stage
from lti_tool.plans.frameworks.loading import built_in
from lti_tool.plans.frameworks.when import After, Happening, InTerm, Years


def framework(key: str) -> Framework:
    return built_in(key).made()


def names(items) -> list[str]:
    return [item.name for item in items]


def keys(items) -> list[str]:
    return [item.key for item in items]


def fields_of(sections) -> dict[str, list[str]]:
    return {section.key: keys(section.fields) for section in sections}


# 002, Foundation Learning


@pytest.mark.requirement("002.1", "002.9", "002.10")
def test_foundation_learning_has_three_strands_three_stages_and_ten_questions():
    it = framework("foundation_learning")

    assert names([area for area in it.areas if not area.optional]) == [
        "Vocational/subject learning", "Personal and social development learning", "Functional skills",
    ]  # fmt: skip
    assert names([area for area in it.areas if area.optional]) == ["GCSE learning", "Work placement"]
    assert [sum(q.stage is stage for q in it.questions) for stage in Stage] == [4, 3, 3]
    assert [record.name for record in it.records][:3] == ["Identification of needs", "ILP", "Records of review"]


@pytest.mark.requirement("002.11", "002.12")
def test_foundation_learning_finds_out_needs_from_ten_sources():
    it = framework("foundation_learning")
    asked = {key for section in fields_of(it.needs).values() for key in section}

    assert {
        "attendance", "attitude", "preferences", "english_level", "mathematics_level", "ict_level", "personal_social",
        "interests", "ambitions", "difficulties", "circumstances",
    } <= asked  # fmt: skip
    assert len(it.sources) == 10


@pytest.mark.requirement("002.3", "002.13", "002.14", "002.16")
def test_foundation_learning_plans_towards_a_destination_all_sign_up_to():
    it = framework("foundation_learning")
    planned = {key for section in fields_of(it.plan_sections).values() for key in section}

    assert {
        "destination",
        "learning_support",
        "social_support",
        "statutory",
    } <= planned
    assert it.rules.contract
    assert [signer.role for signer in it.signers if signer.required] == ["learner", "tutor", "off_site_provider"]
    assert it.rules.goals_need_targets


@pytest.mark.requirement("002.6", "002.17", "002.18", "002.20")
def test_foundation_learning_reviews_begin_with_the_learner_as_often_as_is_chosen():
    it = framework("foundation_learning")

    assert keys(it.cadences) == ["as_needed", "termly", "half_termly", "four_weeks"]
    assert all(kind.learner_first and kind.preparation for kind in it.review_kinds)
    assert {"learned", "went_well", "went_less_well", "use_again"} <= set(
        keys(it.review_kind("progress").preparation)
    )
    assert {"learning", "success", "good", "why"} <= set(keys(it.target_fields))
    assert "action_plan" in keys(it.review_kind("provider").fields)


@pytest.mark.requirement("002.29", "002.36")
def test_foundation_learning_keeps_logs_of_six_weeks_and_finds_out_needs_in_six():
    it = framework("foundation_learning")

    assert it.rules.log_block_weeks == 6
    assert keys(it.log.forms) == ["diary", "voice", "blog", "placement_diary"]
    assert {"what", "how", "unplanned"} <= set(keys(it.log.prompts))
    assert it.log.filed_at_review
    assert it.rules.needs_within_weeks == 6
    due = next(item.due for item in it.calendar if item.key == "initial_review")
    assert due == After(Happening.ENROLMENT, 42)


@pytest.mark.requirement("002.32", "002.24", "002.31", "002.25")
def test_foundation_learning_has_its_checklist_toolkit_outcomes_and_units():
    it = framework("foundation_learning")
    checklist = next(each for each in it.checklists if each.key == "implementation")

    assert [len(section.lines) for section in checklist.sections] == [5, 9, 5, 3, 7, 2, 3, 6]
    assert names(checklist.answers) == ["Yes", "No", "This is a priority for development"]
    assert len(next(each for each in it.checklists if each.key == "standards").sections) == 4
    assert len(it.tag_sets[0].tags) == 5
    assert {tag.name.split()[0] for tag in it.tag_sets[1].tags} == {"D/500/4687", "Y/500/8902"}


@pytest.mark.requirement("002.37")
def test_rigby_hall_has_six_areas_and_four_fields_beside_each_target():
    it = framework("rigby_hall")

    assert names(it.areas) == [
        "English", "Mathematics", "Life skills", "Healthy living", "Leisure and recreation", "Work placement",
    ]  # fmt: skip
    assert [field.label for field in it.target_fields][:4] == [
        "Skills required", "Support strategy", "Assistance outside the classroom", "Notes on progress",
    ]  # fmt: skip
    assert it.review_kinds == framework("foundation_learning").review_kinds
    assert it.word("log") == "Learning log"


# 003, the three key elements


@pytest.mark.requirement("003.5", "003.7")
def test_the_three_key_elements_with_the_fast_habit():
    it = framework("key_elements")

    assert names([area for area in it.areas if not area.optional]) == [
        "Academic Goals", "Career Objectives", "Personal Growth",
    ]  # fmt: skip
    assert [field.label for field in it.target_type("fast").fields] == [
        "Frequent discussion", "Actionable steps", "Specific target", "Timeliness",
    ]  # fmt: skip


@pytest.mark.requirement("003.9", "003.10")
def test_the_key_elements_are_updated_twice_a_year_and_at_transitions():
    it = framework("key_elements")

    assert it.rules.reviews_per_year == 2
    assert {move.name: names(move.focus) for move in it.transitions} == {
        "6th Grade": ["Career exploration", "Initial education plan alignment"],
        "8th to 9th Grade": ["Career matching", "Resume development", "High school planning"],
        "12th Grade": ["Refined career planning", "Postsecondary education options"],
    }
    assert [item.applies_to.first for item in it.calendar if item.review_kind == "transition"] == [6, 8, 9, 12]


@pytest.mark.requirement("003.1", "003.2", "003.3", "003.8", "003.11")
def test_the_key_elements_hold_background_ability_experiences_and_other_plans():
    it = framework("key_elements")
    asked = {key for section in fields_of((*it.needs, *it.plan_sections)).values() for key in section}

    assert {
        "preferences", "strengths", "interests", "barriers", "adjustments", "supports", "cultural", "linguistic",
        "socio_economic", "thinking_skills", "coursework", "course_selections", "extracurricular",
        "special_interests", "beyond_school", "performance", "ambition", "college_financing", "resume", "iep",
        "section_504", "mandate",
    } <= asked  # fmt: skip


@pytest.mark.requirement("003.14", "003.16")
def test_the_key_elements_keep_seven_considerations_seven_signs_and_the_research():
    it = framework("key_elements")

    assert len(it.checklists[0].sections[0].lines) == 7
    assert len(it.indicators) == 7
    assert len([each for each in it.library if each.kind == "research"]) == 5


# 004, the quarter notes


@pytest.mark.requirement("004.2")
@pytest.mark.parametrize(
    ("enrolled", "required", "optional"),
    [
        (1, {"welcome_note", "action_q2", "action_q3", "synopsis"}, {"action_q1"}),
        (2, {"welcome_note", "action_q3", "synopsis"}, {"action_q2"}),
        (3, {"welcome_note", "synopsis"}, {"action_q3"}),
        (4, {"welcome_note", "synopsis"}, set()),
    ],
)
def test_the_quarter_table_says_which_notes_an_enrolment_asks_for(enrolled: int, required: set, optional: set):
    notes = [record for record in framework("quarter_notes").records if record.kind in ("note", "summary")]

    assert {record.key for record in notes if enrolled in record.required_from} == required
    assert {record.key for record in notes if enrolled in record.optional_from} == optional


@pytest.mark.requirement("004.3", "004.4", "004.5", "004.6", "004.8", "004.9", "004.10")
def test_the_quarter_notes_have_their_templates_times_attempts_and_approvals():
    it = framework("quarter_notes")
    records = {record.key: record for record in it.records}
    due = {item.key: item for item in it.calendar}

    assert [field.key for field in records["welcome_call"].fields] == [
        "interests",
        "strengths",
        "weaknesses",
        "goals",
    ]
    assert (due["welcome_call_ideal"].due.days, due["welcome_call"].due.days) == (3, 14)
    assert records["welcome_note"].attempts == 5
    assert records["welcome_note"].unsuccessful == "Welcome Note - Contact Unsuccessful After 5+ Attempts"
    for key in ("action_q1", "action_q2", "action_q3"):
        assert keys(records[key].fields)[:5] == ["action", "communicated", "follow_up", "resources", "data"]
    assert records["synopsis"].carries_over
    assert records["synopsis"].template == "ILP Action Qtr 4 Note Template"
    assert {record.key for record in it.records if record.approved_by == "rvp"} == {
        "welcome_call", "synopsis", "communication_plan",
    }  # fmt: skip
    returning, *new = (due[f"graduation_{who}"] for who in ("returning", "new_1", "new_2"))
    assert (returning.due, returning.learners) == (After(Happening.YEAR_START, 63), "returning")
    assert [(item.learners, item.due) for item in new] == [
        ("new", InTerm("semester_1")), ("new", InTerm("semester_2")),
    ]  # fmt: skip
    assert {item.applies_to for item in (returning, *new)} == {Years(9, 12)}
    assert next(section.years for section in it.plan_sections if section.key == "graduation") == Years(9, 12)


@pytest.mark.requirement("004.7")
def test_an_action_note_holds_the_facts_of_an_intervention():
    note = next(record for record in framework("quarter_notes").records if record.key == "action_q2")

    assert {"data", "group", "times_a_week", "minutes", "attendance", "coach_called"} <= set(keys(note.fields))
    assert {"mark_12", "math_lab", "study_island", "alp", "math_level", "clubs"} <= set(keys(note.actions))
    assert next(field for field in note.fields if field.key == "minutes").kind is FieldKind.NUMBER
