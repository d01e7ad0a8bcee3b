"""The school's rules, on a page for its administrator."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Item
from lti_tool.plans.exceptions import Invalid, Refused
from lti_tool.plans.models import AuditEvent, Person, School
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.web.test_people import Browser, office

pytestmark = [pytest.mark.django_db]
PAGE = "setup/rules"
RULES = {
    "learners_share": "on", "share_days": "90", "learners_end_providers": "on", "readers_named": "on",
    "keep_years": "7", "keep_restricted_years": "1", "year_starts_month": "8", "review_every_days": "42",
    "emerging_below": "50", "exceeded_from": "80",
}  # fmt: skip


def school(cast: Cast) -> School:
    return School.objects.get(pk=cast.maths.school_id)


def sent(**changes: str | None) -> dict[str, Any]:
    return {name: value for name, value in (RULES | changes).items() if value is not None}


def test_the_office_reads_what_holds_and_every_rule_it_sets_holds_at_once() -> None:
    cast = make_cast()
    browser = office(cast)
    assert "Rules" in browser.get("setup/").content.decode()
    page = browser.get(PAGE).content.decode()
    assert 'value="90"' in page
    assert "deleted for good" in page
    for name, value in (("share_days", "10"), ("keep_years", "20"), ("keep_restricted_years", "3"),
                        ("review_every_days", "28"),
                        ("year_starts_month", "1"), ("emerging_below", "35.5"), ("exceeded_from", "75")):  # fmt: skip
        assert browser.post(PAGE, **sent(**{name: value})).status_code == 302
        assert getattr(school(cast), name) == float(value), name
    browser.post(PAGE, **sent(links_on_paper="on"))
    assert school(cast).links_on_paper
    browser.post(PAGE, **sent(learners_share=None, learners_end_providers=None, readers_named=None))
    stands = school(cast)
    assert [stands.learners_share, stands.learners_end_providers, stands.readers_named] == [False] * 3
    share = {"purpose": "Help", "ends_on": timezone.localdate()}
    with pytest.raises(Refused):
        plans.share(cast.student, cast.other_teacher.person_id, [Item("target", cast.target_id)], **share)


def test_a_shorter_longest_share_binds_the_next_one() -> None:
    cast = make_cast()
    office(cast).post(PAGE, **sent(share_days="3"))
    item, them = Item("target", cast.target_id), cast.other_teacher.person_id
    with pytest.raises(Invalid):
        plans.share(cast.student, them, [item], purpose="Help", ends_on=timezone.localdate() + timedelta(days=4))
    assert plans.share(cast.student, them, [item], purpose="Help", ends_on=timezone.localdate() + timedelta(days=3))


@pytest.mark.parametrize(
    "change",
    [{"share_days": "0"}, {"share_days": "367"}, {"keep_years": "0"}, {"keep_years": "61"}, {"keep_years": "x"},
     {"keep_restricted_years": "0"}, {"keep_restricted_years": "8"},
     {"year_starts_month": "13"}, {"review_every_days": ""}, {"emerging_below": "81"}, {"exceeded_from": "101"},
     {"emerging_below": "nan"}, {"exceeded_from": "inf"}],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_changes(change: dict[str, str]) -> None:
    cast = make_cast()
    before = plans.school_rules(_administrator(cast))
    answer = office(cast).post(PAGE, **sent(**change))
    assert answer.status_code == 422
    (field,) = change
    assert f'id="rule-{field}_error"' in answer.content.decode()
    assert plans.school_rules(_administrator(cast)) == before


def _administrator(cast: Cast) -> Any:
    office(cast)
    return plans.actor_for(cast.maths.school_id, cast.administrator.person_id, cast.maths.course_id)


def test_a_shorter_time_of_keeping_that_deletes_records_asks_first() -> None:
    cast = make_cast()
    gone = timezone.localdate() - timedelta(days=3 * 366)
    Person.objects.of(cast.maths.school_id).filter(pk=cast.left_teacher.person_id).update(left_on=gone)
    browser = office(cast)
    answer = browser.post(PAGE, **sent(keep_years="2"))
    assert answer.status_code == 422
    assert 'name="sure"' in answer.content.decode()
    assert school(cast).keep_years == 7
    assert browser.post(PAGE, **sent(keep_years="2", sure="on")).status_code == 302
    assert school(cast).keep_years == 2


@pytest.mark.trust("T42")
def test_each_change_of_a_rule_is_in_the_trail_and_the_same_rules_again_are_none() -> None:
    cast = make_cast()
    browser = office(cast)
    browser.post(PAGE, **sent(keep_years="9"))
    browser.post(PAGE, **sent(keep_years="9"))
    events = AuditEvent.objects.of(cast.maths.school_id).filter(verb="rules.set")
    assert [event.detail for event in events] == [{"keep_years": 9}]


@pytest.mark.trust("T63")
def test_rules_are_for_the_office_alone_and_a_stale_session_sets_none() -> None:
    cast = make_cast()
    stale = office(cast, at=timezone.now() - timedelta(minutes=20))
    assert stale.post(PAGE, **sent(keep_years="9")).status_code == 403
    assert school(cast).keep_years == 7
    for actor in (cast.student, cast.teacher, cast.stranger, cast.other_administrator):
        assert Browser(actor).get(PAGE).status_code == 404
        assert Browser(actor).post(PAGE, **sent()).status_code == 404
