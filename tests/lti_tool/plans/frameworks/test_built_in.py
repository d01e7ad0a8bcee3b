"""The built-in frameworks, each against what its document says (shared/requirements.md)."""

import pytest

from lti_tool.plans.frameworks.data import Framework, Sensitivity
from lti_tool.plans.frameworks.loading import BUILT_IN, built_in
from lti_tool.plans.frameworks.when import InTerm


def framework(key: str) -> Framework:
    return built_in(key).made()


def names(items) -> list[str]:
    return [item.name for item in items]


def keys(items) -> list[str]:
    return [item.key for item in items]


def fields_of(sections) -> dict[str, list[str]]:
    return {section.key: keys(section.fields) for section in sections}


def test_there_are_five_with_a_variant_and_a_plain_one():
    assert set(BUILT_IN) == {
        "general", "te_kura", "alfreton_park", "foundation_learning", "rigby_hall", "key_elements", "quarter_notes",
    }  # fmt: skip


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_one_can_be_planned_and_reviewed_with(key: str):
    it = framework(key)

    assert it.key == key
    assert it.areas
    assert it.target_types
    assert any(not kind.measurable for kind in it.target_types)
    assert all(it.scale(kind.scale) for kind in it.review_kinds if kind.judges != "none")
    assert any(kind.judges != "none" for kind in it.review_kinds)
    assert {"where_now", "where_to"} <= set(fields_of(it.plan_sections)["aims"])


@pytest.mark.parametrize("key", BUILT_IN)
def test_strengths_are_asked_for_before_anything_that_is_hard(key: str):
    asked = [field for section in framework(key).needs for field in section.fields]
    order = [field.key for field in asked]
    hard = [place for place, field in enumerate(asked) if field.sensitivity is Sensitivity.RESTRICTED]

    assert order[0] == "strengths"
    assert all(order.index("strengths") < place for place in hard)


@pytest.mark.parametrize("key", BUILT_IN)
@pytest.mark.trust("T88")
def test_levels_differ_in_words_and_in_shape(key: str):
    for scale in framework(key).scales:
        assert len({level.shape for level in scale.levels}) == len(scale.levels)
        assert len({level.name for level in scale.levels}) == len(scale.levels)


@pytest.mark.parametrize("key", BUILT_IN)
def test_texts_can_be_translated(key: str):
    texts = list(built_in(key).texts())

    assert texts
    assert [text for text in texts if set(text) & set('%{}"\n')] == []


# 000, Te Kura


@pytest.mark.requirement("000.13")
def test_te_kura_goes_from_past_learning_over_current_reality_to_future_aspirations():
    it = framework("te_kura")

    assert {"past_learning", "current_reality"} <= set(keys(it.needs))
    where_to = next(field for field in it.plan_sections[0].fields if field.key == "where_to")
    assert where_to.label == "Future aspirations"


@pytest.mark.requirement("000.4", "000.5")
def test_te_kura_asks_the_student_for_passions_place_culture_and_identity():
    asked = fields_of(framework("te_kura").needs)

    assert {"passions", "aspirations", "interests"} <= set(asked["passions"])
    assert {"place", "culture", "identity", "whanau"} == set(asked["identity"])
    own = [field for section in framework("te_kura").needs for field in section.fields if section.key == "identity"]
    assert all("learner" in field.filled_by for field in own)


@pytest.mark.requirement("000.7", "000.8")
def test_te_kura_has_year_bands_and_a_career_goal_from_year_7():
    it = framework("te_kura")

    assert [(band.years.first, band.years.last) for band in it.year_bands] == [(1, 6), (7, 10), (11, 13)]
    assert names(it.year_bands[0].focus) == ["Engagement", "Literacy", "Numeracy"]
    assert "A broad and balanced curriculum" in names(it.year_bands[1].focus)
    assert "Qualifications guidance" in names(it.year_bands[2].focus)
    assert it.rules.career_goal_from_year == 7


@pytest.mark.requirement("000.10", "000.11", "000.14")
def test_te_kura_names_who_has_a_plan_when_it_is_reviewed_and_where_knowledge_comes_from():
    it = framework("te_kura")

    assert {(each.key, each.need) for each in it.eligibility} == {
        ("full_time", "always"), ("fee_paying", "always"), ("young_adult", "where_appropriate"),
    }  # fmt: skip
    assert {item.review_kind for item in it.calendar} == {"mid_year", "end_of_year"}
    assert len(it.sources) == 4


@pytest.mark.requirement("000.3", "000.17")
def test_te_kura_links_to_the_documents_it_stands_on():
    it = framework("te_kura")

    assert "Building Block 4: Individual Learning Plan (ILP)" in names(it.tag_sets[0].tags)
    assert any("AL000" in tag.name for tag in it.tag_sets[1].tags)
    assert len(it.library) == 10
    assert {"Supervisor", "In-region staff", "Learner Services Team Leader"} <= set(names(it.roles))


# 001, Alfreton Park


@pytest.mark.requirement("001.1", "001.7", "001.11")
def test_alfreton_park_has_four_areas_two_kinds_of_target_and_three_levels():
    it = framework("alfreton_park")

    assert [(area.name, area.short) for area in it.areas] == [
        ("Communication", "C"), ("Personal", "P"), ("Social", "S"), ("Academic", "A"),
    ]  # fmt: skip
    assert [(kind.name, kind.measurable) for kind in it.target_types] == [("SMART", True), ("SCRUFFY", False)]
    assert names(it.scales[0].levels) == ["Emerging Progress", "Expected Progress", "Exceeded Target"]


@pytest.mark.requirement("001.12", "001.13", "001.15")
def test_alfreton_park_agrees_with_all_on_both_kinds_of_evidence_after_a_check():
    it = framework("alfreton_park")

    assert set(it.rules.agreed_by) == {"learner", "family", "school"}
    assert it.rules.both_evidence_kinds
    assert it.review_kind("interim").both_evidence_kinds
    assert it.review_kind("final").both_evidence_kinds
    assert (it.rules.quality_check_before_family, it.rules.quality_checker_role) == (True, "phase_leader")
    assert next(role for role in it.roles if role.key == "phase_leader").acts_as == "phase_leader"


@pytest.mark.requirement("001.19", "001.20", "001.21")
def test_alfreton_park_goes_through_its_year():
    it = framework("alfreton_park")
    due = {item.key: item for item in it.calendar}

    assert len(it.school_year.terms) == 6
    assert due["send_home"].due == InTerm("autumn_1", "end")
    assert (due["interim"].due, due["interim"].review_kind) == (InTerm("spring_1", "end"), "interim")
    assert (due["final"].due, due["final"].review_kind) == (InTerm("summer_1", "end"), "final")
    assert due["planning_sheet"].form == "planning"
    assert [item.due.term for item in it.calendar if item.form == "progress_monitoring"] == ["spring_1", "summer_1"]
    assert [item.due.term for item in it.calendar if item.key.endswith("moderation")] == ["summer_2", "summer_2"]


@pytest.mark.requirement("001.23", "001.24", "001.25")
def test_alfreton_park_prints_its_three_sheets():
    it = framework("alfreton_park")

    for key in ("planning", "progress_monitoring"):
        sheet = it.sheet(key)
        assert [field.label for field in sheet.fields] == [
            "Pupil Name", "Date", "Communication Targets", "Personal Targets", "Social Targets",
        ]  # fmt: skip
        assert sheet.reply_to == "class_teacher"
        assert all("For example: " in field.prompt for field in sheet.fields if field.area)
    grid = next(paper for paper in it.papers if paper.prints == "review_grid")
    assert grid.areas == ("communication", "personal", "social", "academic")
    assert grid.review_kinds == ("interim", "final")
    plan = next(paper for paper in it.papers if paper.prints == "plan")
    assert names(plan.copies) == ["Home", "Pupil file"]


@pytest.mark.requirement("001.10", "001.6", "001.22")
def test_alfreton_park_collects_seven_kinds_of_evidence_from_three_contexts():
    it = framework("alfreton_park")

    assert len(it.evidence_kinds) == 7
    assert {kind.nature for kind in it.evidence_kinds} == {"qualitative", "quantitative", "either"}
    assert [kind.key for kind in it.evidence_kinds if kind.from_home] == ["home"]
    assert keys(it.contexts) == ["home", "class", "community"]
    assert it.rules.annual_targets
    nexts = [field.area for field in it.review_kind("final").fields if field.key.startswith("next_")]
    assert nexts == ["communication", "personal", "social", "academic"]


@pytest.mark.requirement("001.14", "001.16", "001.17")
def test_alfreton_park_says_who_looks_after_quality():
    done = {each.key: each for each in framework("alfreton_park").oversight}

    assert (done["audit"].by, done["audit"].times_a_year) == ("slt", 2)
    assert done["phase_moderation"].by == "phase_leader"
    assert done["school_moderation"].other_schools
    assert {"parents", "governors", "website"} <= set(done)
