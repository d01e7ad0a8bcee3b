"""One learner with accounts in several LMSs has one plan; the office joins, and parts again (T28, T42)."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lti_tool.lti.models import PlatformUser
from lti_tool.plans import api
from lti_tool.plans.data import Actor, GuardianFlags, Level, Role, TargetChange
from lti_tool.plans.exceptions import Invalid, NotFound, Refused
from lti_tool.plans.models import Enrolment, Evidence, Plan, Review, Target
from tests.factories.lti import LEARNER, FakePlatform
from tests.factories.plans import Cast, administrator_of, make_cast, make_class

pytestmark = [pytest.mark.django_db]


class Twice:
    """Ana in maths on one LMS and in music on another: two persons so far, each with a plan, scores and a teacher."""

    def __init__(self) -> None:
        self.cast: Cast = make_cast()
        self.office = administrator_of(self.cast.maths)
        self.music = make_class("song", school_id=self.cast.maths.school_id, title="Music")
        self.other = self.music.learner("")
        self.music_teacher = self.music.teacher("Mr Bell")
        self.song_id = self.music.target(self.music_teacher, self.other, "Sing in parts", "song")
        self.music.score(self.other, "song", 4)
        self.cast.maths.score(self.cast.student, "fractions", 7)

    def join(self) -> UUID:
        return api.join_people(self.office, self.cast.student.person_id, self.other.person_id)

    def from_music(self) -> Actor:
        return api.actor_for(self.office.school_id, self.cast.student.person_id, self.music.course_id)


def wordings(actor: Actor, *ids: str) -> set[str]:
    panel = api.student_panel(actor, activity_external_ids=ids)
    return {card.wording for card in panel.here} | {f"and {panel.elsewhere} more"}


def test_after_joining_there_is_one_plan_from_either_course() -> None:
    twice = Twice()
    twice.join()
    ana, school_id = twice.cast.student, twice.office.school_id
    assert wordings(ana) == {"Explain my answer", "and 1 more"}
    assert wordings(twice.from_music()) == {"Sing in parts", "and 1 more"}
    assert Plan.objects.of(school_id).filter(student_id=ana.person_id).count() == 1
    review_id = api.start_review(twice.music_teacher, ana.person_id)
    judged = {target.card.wording for target in api.review(twice.cast.teacher, review_id).targets}
    assert judged == {"Explain my answer", "Sing in parts"}
    with pytest.raises(NotFound):
        api.student(twice.music_teacher, twice.other.person_id)
    assert ("song", 4) in {
        (value.activity.label, value.score_given)
        for value in Evidence.objects.of(school_id).filter(person_id=ana.person_id).select_related("activity")
    }
    assert api.verify_audit(school_id)


def test_parting_gives_each_back_what_was_theirs() -> None:
    twice = Twice()
    before = stands(twice)
    join_id = twice.join()
    assert [join[0] for join in api.joins(twice.office)] == [join_id]
    assert stands(twice) != before
    api.part_people(twice.office, join_id)
    api.part_people(twice.office, join_id)
    assert stands(twice) == before
    assert wordings(twice.cast.student) == {"Explain my answer", "and 0 more"}
    assert wordings(twice.other) == {"Sing in parts", "and 0 more"}


def stands(twice: Twice) -> dict[str, Any]:
    school_id = twice.office.school_id
    return {
        "enrolments": set(Enrolment.objects.of(school_id).values_list("course_id", "person_id", "active")),
        "targets": set(Target.objects.of(school_id).values_list("id", "plan__student_id")),
        "values": set(Evidence.objects.of(school_id).values_list("activity_id", "person_id", "score_given")),
    }


def test_of_two_values_of_one_activity_the_newer_stands_and_reviews_are_numbered_on() -> None:
    twice = Twice()
    maths, ana, teacher = twice.cast.maths, twice.cast.student, twice.cast.teacher
    again = maths.learner("Ana again")
    target_id = maths.target(teacher, again, "Ask when I am stuck", "fractions")
    maths.score(again, "fractions", 9)
    for who, judged_id in ((ana, twice.cast.target_id), (again, target_id)):
        review_id = api.start_review(teacher, who.person_id)
        api.judge_target(teacher, review_id, judged_id, level=Level.EXPECTED, comment="", version=0)
        api.close_review(teacher, review_id, version=api.review(teacher, review_id).version)
    api.join_people(twice.office, ana.person_id, again.person_id)
    school_id = twice.office.school_id
    standing = Evidence.objects.of(school_id).filter(activity_id=maths.activities["fractions"], latest=True)
    assert [value.score_given for value in standing] == [9]
    reviews = Review.objects.of(school_id).filter(plan__student_id=ana.person_id)
    assert sorted(reviews.values_list("number", flat=True)) == [1, 2]
    assert len(api.past_reviews(ana, ana.person_id)) == 2
    listed = [row.student.id for row in api.class_panel(teacher, activity_external_ids=[]).rows]
    assert again.person_id not in listed
    api.agree_target(teacher, ana.person_id, TargetChange(wording="A third"))


def test_only_the_office_joins_and_only_people_who_can_be_one() -> None:
    twice = Twice()
    cast, ana, other = twice.cast, twice.cast.student.person_id, twice.other.person_id
    for who, actor in cast.everybody().items():
        with pytest.raises(NotFound):
            api.join_people(actor, ana, other)
        assert who
    with pytest.raises(NotFound):
        api.join_people(twice.office, ana, cast.stranger.person_id)
    with pytest.raises(Invalid):
        api.join_people(twice.office, ana, ana)
    api.link_guardian(twice.office, cast.outsider.person_id, ana)
    with pytest.raises(Invalid):
        api.join_people(twice.office, ana, cast.outsider.person_id)
    api.start_review(cast.teacher, ana)
    api.start_review(twice.music_teacher, other)
    with pytest.raises(Refused):
        twice.join()
    assert (
        not Enrolment.objects.of(cast.student.school_id)
        .filter(person_id=ana, course_id=twice.music.course_id)
        .exists()
    )


@pytest.mark.trust("T28")
def test_what_stands_against_a_guardian_survives_joining_their_accounts() -> None:
    twice = Twice()
    school_id, ana = twice.office.school_id, twice.cast.student.person_id
    one, two = (api.ensure_person(school_id) for _ in range(2))
    api.link_guardian(twice.office, one, ana)
    api.link_guardian(twice.office, two, ana, flags=GuardianFlags(no_contact=True))
    api.join_people(twice.office, one, two)
    with pytest.raises(NotFound):
        api.at_home(api.actor_for(school_id, one, None), ana)


def test_the_next_launch_from_either_lms_is_the_one_person() -> None:
    twice = Twice()
    school_id = twice.office.school_id
    subs: list[PlatformUser] = []
    for number in (1, 2):
        lms = FakePlatform(issuer=f"https://lms-{number}.example", kid=f"key-{number}")
        lms.register(school_id)
        assert lms.launch(Client(), sub="ana", roles=[LEARNER]).status_code == 303
        subs.append(PlatformUser.objects.get(deployment__platform__issuer=lms.issuer))
    api.join_people(twice.office, subs[0].person_id, subs[1].person_id)
    assert lms.launch(Client(), sub="ana", roles=[LEARNER]).status_code == 303
    people = set(PlatformUser.objects.filter(sub="ana").values_list("person_id", flat=True))
    assert people == {subs[0].person_id}
    course_id = lms_course(lms)
    assert api.actor_for(school_id, subs[0].person_id, course_id).role is Role.LEARNER


def lms_course(lms: FakePlatform) -> int:
    user = PlatformUser.objects.select_related("deployment").get(deployment__platform__issuer=lms.issuer)
    return user.deployment.contexts.get().course_id
