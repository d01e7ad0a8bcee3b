"""Which gradebooks are told that a review is done: a school's, or one placement's; and only of their own round."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from lti_tool import http
from lti_tool.lti import api
from lti_tool.lti.models import ResourceLink, ReviewScore, ScorePassback, ScoreState
from lti_tool.plans import api as plans
from lti_tool.plans.models import AuditEvent
from tests.factories.evidence import actor
from tests.factories.gradebook import Gradebook
from tests.factories.lti import school

from .test_passback import Scene, scenes

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@pytest.fixture
def scene() -> Iterator[Scene]:
    yield from scenes(Gradebook)


def close_review(scene: Scene, cycle: str | None = None, member: int = 1) -> None:
    teacher, student = (actor(scene.joined, scene.person(scene.lms.sub(0, n))) for n in (0, member))
    review_id = plans.start_review(teacher, student.person_id, cycle_key=cycle)
    plans.close_review(teacher, review_id, version=plans.review(teacher, review_id).version)


def column(scene: Scene, link: ResourceLink, member: int = 1) -> float | None:
    return scene.lms.grade(link.lineitem_url, scene.lms.sub(0, member))


def other_placement(scene: Scene) -> ResourceLink:
    return scene.place(scene.lms.add_column(label="Another", scoreMaximum=1, tag="ilp-review"), "another")


def verbs(scene: Scene) -> list[str]:
    return list(
        AuditEvent.objects.of(scene.joined.school_id)
        .filter(verb__startswith="passback.")
        .order_by("number")
        .values_list("verb", flat=True)
    )


def test_one_placement_is_told_and_the_others_are_not(scene: Scene) -> None:
    first, second = ResourceLink.objects.get(), other_placement(scene)
    assert api.switch_placement(scene.joined.school_id, first.pk, on=True)
    close_review(scene)
    assert scene.work() == [ScoreState.SENT]
    assert (column(scene, first), column(scene, second)) == (1, None)
    assert api.passback_since(scene.joined.school_id) is None


@pytest.mark.trust("T42")
def test_the_trail_keeps_each_switching_once(scene: Scene) -> None:
    link, school_id = ResourceLink.objects.get(), scene.joined.school_id
    assert [api.switch_placement(school_id, link.pk, on=on) for on in (True, True, False, False)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert verbs(scene) == ["passback.placement_on", "passback.placement_off"]
    assert not ScorePassback.objects.exists()


def test_what_closed_before_the_placement_was_switched_on_is_not_told(scene: Scene) -> None:
    close_review(scene)
    api.switch_placement(scene.joined.school_id, ResourceLink.objects.get().pk, on=True)
    assert scene.work() == []
    close_review(scene, member=2)
    assert scene.work() == [ScoreState.SENT]


def test_the_schools_switch_off_leaves_a_placement_on_that_was_switched_by_itself(scene: Scene) -> None:
    first, second = ResourceLink.objects.get(), other_placement(scene)
    scene.wants_it()
    api.switch_placement(scene.joined.school_id, first.pk, on=True)
    close_review(scene)
    api.find_passback()
    assert ReviewScore.objects.filter(state=ScoreState.DUE).count() == 2
    assert api.switch_passback(scene.joined.school_id, on=False)
    assert scene.work() == [ScoreState.SENT]
    assert (column(scene, first), column(scene, second)) == (1, None)
    assert api.switch_passback(scene.joined.school_id, on=True)
    assert api.passback_since(scene.joined.school_id) is not None
    api.switch_placement(scene.joined.school_id, first.pk, on=False)
    close_review(scene, member=2)
    assert scene.work() == [ScoreState.SENT] * 2  # the whole school's are told, these too


def test_switched_off_between_finding_and_telling_nothing_is_sent(scene: Scene) -> None:
    link, school_id = ResourceLink.objects.get(), scene.joined.school_id
    api.switch_placement(school_id, link.pk, on=True)
    close_review(scene)
    api.find_passback()
    (pk,) = api.due_passback()
    ResourceLink.objects.update(told_since=None)
    assert api.pass_back(pk) is ScoreState.UNFIT
    assert scene.lms.posted == []


@pytest.mark.trust("T7")
def test_nobody_switches_another_schools_or_courses_placement(scene: Scene) -> None:
    link, school_id = ResourceLink.objects.get(), scene.joined.school_id
    assert not api.switch_placement(school(), link.pk, on=True)
    assert not api.switch_placement(school_id, link.pk, on=True, course_id=plans.ensure_course(school_id))
    assert not api.switch_placement(school_id, link.pk + 1, on=True)
    assert not ScorePassback.objects.exists()
    assert api.told_placements(school("Birch School")) == []


def test_a_placement_without_a_column_is_none(scene: Scene) -> None:
    link = ResourceLink.objects.get()
    ResourceLink.objects.update(lineitem_url="")
    assert api.told_placements(scene.joined.school_id) == []
    assert not api.switch_placement(scene.joined.school_id, link.pk, on=True)


def test_the_list_says_which_are_on_and_of_which_round(scene: Scene) -> None:
    school_id = scene.joined.school_id
    cycle = plans.ensure_cycle(school_id, "autumn", "Autumn")
    first, second = ResourceLink.objects.get(), other_placement(scene)
    ResourceLink.objects.filter(pk=first.pk).update(cycle_id=cycle.id)
    api.switch_placement(school_id, second.pk, on=True)
    told = {row.id: (row.cycle_id, row.since is not None, row.course_id) for row in api.told_placements(school_id)}
    course_id = scene.joined.courses[0]
    assert told == {first.pk: (cycle.id, False, course_id), second.pk: (None, True, course_id)}


# A round's column takes that round's reviews


def test_a_rounds_column_takes_that_rounds_reviews_and_no_others(scene: Scene) -> None:
    school_id = scene.joined.school_id
    first, second = ResourceLink.objects.get(), other_placement(scene)
    for link, key in ((first, "autumn"), (second, "spring")):
        cycle = plans.ensure_cycle(school_id, key, key)
        ResourceLink.objects.filter(pk=link.pk).update(cycle_id=cycle.id)
    scene.wants_it()
    close_review(scene, "autumn", 1)
    close_review(scene, None, 2)
    assert scene.work() == [ScoreState.SENT]
    assert (column(scene, first, 1), column(scene, second, 1), column(scene, first, 2)) == (1, None, None)
    close_review(scene, "spring", 1)
    assert scene.work() == [ScoreState.SENT]
    assert (column(scene, first, 1), column(scene, second, 1)) == (1, 1)


def test_a_rounds_review_counts_however_late_it_was_closed(scene: Scene) -> None:
    cycle = plans.ensure_cycle(scene.joined.school_id, "autumn", "Autumn")
    ResourceLink.objects.update(cycle_id=cycle.id)
    scene.lms.columns["1"]["endDateTime"] = (timezone.now() - timedelta(days=3)).isoformat()
    scene.wants_it()
    close_review(scene, "autumn")
    assert scene.work() == [ScoreState.SENT]
