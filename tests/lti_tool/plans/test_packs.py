"""T34: whatever was shared, hidden, checked or said, the pack holds exactly what the family's page holds."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Audience, HomePage, ItemChange, LogChange, TargetChange
from tests.factories.furnished import BOTH, Kept, furnish, furnished_school

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T34")]

audience_ = st.sampled_from(Audience)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), audience_),
        st.tuples(st.just("item"), audience_),
        st.tuples(st.just("words"), st.sampled_from([Audience.SHARED, Audience.NOT_FOR_HOME])),
        st.tuples(st.just("target"), st.booleans()),
        st.tuples(st.just("review"), st.booleans()),
        st.tuples(st.just("differ"), st.sampled_from(["mother", "father", "student"])),
        st.tuples(st.just("sheet"), st.sampled_from(["planning", "progress_monitoring"])),
        st.tuples(st.just("report"), st.booleans()),
    ),
    max_size=9,
)


def do(kept: Kept, people: dict[str, Actor], number: int, what: str, how: object) -> None:
    teacher, student, text = kept.school.teacher, kept.student, f"Thing {number}"
    if what == "log":
        api.write_log(student, LogChange({"text": text}, audience=how))
    elif what == "item":
        item = api.add_item(student, kept.id, ItemChange("photographs", text, audience=how))
        if number % 3 == 0 and how is Audience.SHARED:
            api.report_item(people["mother"], item.id)
    elif what == "words":
        api.contribute(student, text=text, audience=how)
    elif what == "target":
        target = api.agree_target(teacher, kept.id, TargetChange(text, success="I can"))
        if how:
            api.achieve_target(teacher, target, version=1)
    elif what == "review":
        review = api.review(teacher, kept.id)
        view = next(one for one in review.targets if one.card.id == kept.target)
        version = view.judgement.version if view.judgement else 0
        api.judge_target(
            teacher,
            review.id,
            kept.target,
            level="expected",
            comment=text,
            version=version,
            grounds=BOTH,
            reason="So",
        )
        if how:
            api.close_review(teacher, review.id, version=api.review(teacher, review.id).version)
            api.start_review(teacher, kept.id)
    elif what == "differ":
        api.agree_review(people[str(how)], kept.closed, agrees=False, text=text)
    elif what == "sheet":
        api.send_sheet(teacher, kept.id, str(how))
    elif how:
        api.report_item(people["mother"], kept.item)


def shown(page: HomePage) -> tuple[object, ...]:
    return (page.student, page.targets, page.reviews, page.words, page.work, page.parties, page.answered)


@pytest.fixture
def kept() -> Kept:
    school = furnished_school("Ours")
    return furnish(school, school.room.learner("Ana"))


@pytest.fixture
def father(kept: Kept) -> Actor:
    school_id = kept.school.room.school_id
    person_id = api.ensure_person(school_id, name="Father")
    api.link_guardian(kept.school.office, person_id, kept.id)
    return api.actor_for(school_id, person_id, None)


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(deeds=DEEDS)
def test_the_pack_of_each_guardian_is_their_page(kept: Kept, father: Actor, deeds: list[tuple[str, object]]) -> None:
    people, teacher = {"mother": kept.guardian, "father": father, "student": kept.student}, kept.school.teacher
    with transaction.atomic():
        for number, (what, how) in enumerate(deeds):
            do(kept, people, number, what, how)
        for guardian in (kept.guardian, father):
            pack = api.home_pack(teacher, kept.id, reader_id=guardian.person_id)
            assert shown(pack.page) == shown(api.at_home(guardian, kept.id))
            assert [one.id for one in pack.sheets] == [one.id for one in api.sheets(guardian, kept.id).sheets]
        whole, page = api.home_pack(teacher, kept.id), api.at_home(father, kept.id)
        assert whole.reader is None
        for part in ("targets", "reviews", "words", "work"):
            assert [one.item for one in getattr(whole.page, part)] == [one.item for one in getattr(page, part)]
        said = {code for piece in whole.page.reviews for code, _words in piece.lines}
        assert "differs:family" not in said
        transaction.set_rollback(True)


def test_a_pack_takes_the_same_queries_however_much_is_in_it(kept: Kept) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            api.home_pack(kept.school.teacher, kept.id)
        counts.append(len(queries))
        for number in range(5):
            api.write_log(kept.student, LogChange({"text": str(number)}, audience=Audience.SHARED))
            api.agree_target(kept.school.teacher, kept.id, TargetChange(f"Target {number}"))
    assert counts[1] <= counts[0] < 45  # the second print leaves no second event
