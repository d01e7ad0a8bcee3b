"""What was typed into any form about a student is there again after a closed tab, for its author alone (T83)."""

from typing import Any

import pytest

from lti_tool.plans import api as plans
from tests.factories.plans import Cast, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T83")]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def typed(visit: Any, student: Any, name: str, text: str) -> Any:
    return visit.post("draft", data={"ilp_subject": f"about:{student}", "field": name, "text": text})


def begun(visit: Any, student: Any) -> dict[str, str]:
    words: dict[str, str] = visit.get("drafts", student).json()["words"]
    return words


def test_words_of_any_form_come_back_to_their_author_alone(cast: Cast, visitor: Any) -> None:
    student, teacher = cast.student.person_id, visitor(cast.teacher)
    assert typed(teacher, student, "talk:new:note", "She said that").json()["kept"]
    assert begun(teacher, student) == {"talk:new:note": "She said that"}
    assert begun(visitor(cast.student), student) == {}
    assert begun(visitor(cast.maths.teacher()), student) == {}


def test_saving_one_form_forgets_its_words_and_no_others(cast: Cast, visitor: Any) -> None:
    student, teacher = cast.student.person_id, visitor(cast.teacher)
    for name in ("curriculum:new:wording", "programme:new:title"):
        typed(teacher, student, name, "Half a sent")
    form = {"ilp_words": f"about:{student} curriculum:new", "do": "curriculum", "subject": "Maths", "wording": "Add"}
    assert teacher.post("plan", student, data=form).status_code == 302
    assert begun(teacher, student) == {"programme:new:title": "Half a sent"}


def test_a_form_that_was_not_taken_keeps_everything_it_carried_ticks_included(cast: Cast, visitor: Any) -> None:
    student, teacher = cast.student.person_id, visitor(cast.teacher)
    form = {"ilp_words": f"about:{student} programme:new", "do": "programme", "title": "", "about": "On Fridays"}
    assert teacher.post("plan", student, data=form | {"areas": ["one", "two"]}).status_code == 422
    words = begun(teacher, student)
    assert words["programme:new:about"] == "On Fridays"
    assert words["programme:new:areas"] == "one\ntwo"


def test_saving_one_part_of_the_plan_leaves_what_was_typed_in_another(cast: Cast, visitor: Any) -> None:
    student, teacher = cast.student.person_id, visitor(cast.teacher)
    plans.save_draft(cast.teacher, f"plan:{student}", "goal", "To sail")
    form = {"do": "curriculum", "subject": "Maths", "wording": "Add"}
    assert teacher.post("plan", student, data=form).status_code == 302
    assert plans.drafts(cast.teacher, f"plan:{student}") == {"goal": "To sail"}


def test_why_one_does_not_agree_is_kept_when_the_word_was_not_taken(cast: Cast, visitor: Any) -> None:
    student = cast.student.person_id
    review_id = plans.start_review(cast.teacher, student)
    plans.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)
    plans.close_review(cast.teacher, review_id, version=plans.review(cast.teacher, review_id).version)
    mine = visitor(cast.student)
    page = mine.get("past-review", student, review_id).content.decode()
    assert f'name="ilp_words" value="about:{student} agree:{review_id}"' in page
    typed(mine, student, f"agree:{review_id}:agree_text", "I can do more")
    assert begun(mine, student) == {f"agree:{review_id}:agree_text": "I can do more"}
    form = {"ilp_words": f"about:{student} agree:{review_id}", "agrees": "0", "agree_text": "I can do more"}
    assert mine.post("review-agree", student, review_id, data=form).status_code == 302
    assert begun(mine, student) == {}


def test_a_form_names_itself_only_to_those_whose_words_are_kept(cast: Cast, visitor: Any) -> None:
    student = cast.student.person_id
    form = b'name="ilp_words" value="about:'
    assert form in visitor(cast.teacher).get("plan", student).content
    assert form not in visitor(cast.assistant).get("item-new", student).content
