"""A Mentor launch opens the children it names, of its own platform, from its own course, and nobody else (T28)."""

from uuid import UUID

import pytest
from django.test import Client

from lti_tool.lti.models import PlatformUser
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, GuardianFlags, Role
from lti_tool.plans.exceptions import NotFound
from tests.factories.lti import INSTRUCTOR, LEARNER, MEMBERSHIP, REMOVE, FakePlatform, school

pytestmark = [pytest.mark.django_db]

MENTOR = MEMBERSHIP + "Mentor"


@pytest.fixture
def lms() -> FakePlatform:
    platform = FakePlatform()
    platform.register(school())
    for child in ("ana", "ben"):
        come(platform, child, [LEARNER])
    return platform


def come(platform: FakePlatform, sub: str, roles: list[str], **claims: object) -> Actor:
    """A launch by this account; what the person is to the tool right afterwards."""
    assert platform.launch(Client(), sub=sub, name=sub.title(), roles=roles, **claims).status_code == 303
    row = account(platform, sub)
    where = claims.get("context")
    course_id = None if where is REMOVE else course_of(platform, where or {"id": "course-1"})
    return plans.actor_for(row.deployment.school_id, row.person_id, course_id)


def account(platform: FakePlatform, sub: str) -> PlatformUser:
    return PlatformUser.objects.select_related("deployment").get(
        sub=sub, deployment__platform__issuer=platform.issuer
    )


def course_of(platform: FakePlatform, context: object) -> int:
    deployment = account(platform, "ana").deployment
    return deployment.contexts.get(id_on_platform=context["id"]).course_id


def person(platform: FakePlatform, sub: str) -> UUID:
    return account(platform, sub).person_id


def children(actor: Actor) -> set[UUID]:
    try:
        return {child.id for child in plans.my_children(actor)}
    except NotFound:
        return set()


@pytest.mark.trust("T28")
def test_a_mentor_reaches_exactly_the_children_the_launch_names(lms: FakePlatform) -> None:
    mother = come(lms, "mum", [MENTOR], role_scope_mentor=["ana"])
    assert mother.role is Role.FAMILY
    assert children(mother) == {person(lms, "ana")}
    with pytest.raises(NotFound):
        plans.student(mother, person(lms, "ana"))  # what staff see stays shut


@pytest.mark.parametrize(
    "named", [REMOVE, [], ["nobody-yet"], "ana", {"0": "ana"}, [["ana"]], [None, 7], ["Ana"], ["mum"]]
)
def test_a_mentor_of_nobody_we_know_reaches_nobody(lms: FakePlatform, named: object) -> None:
    assert children(come(lms, "mum", [MENTOR], role_scope_mentor=named)) == set()


def test_whom_the_next_launch_does_not_name_is_out_of_reach(lms: FakePlatform) -> None:
    come(lms, "mum", [MENTOR], role_scope_mentor=["ana", "ben"])
    mother = come(lms, "mum", [MENTOR], role_scope_mentor=["ben"])
    assert children(mother) == {person(lms, "ben")}
    assert children(come(lms, "mum", [MENTOR], role_scope_mentor=["ana", "ben"])) == {
        person(lms, "ana"),
        person(lms, "ben"),
    }


def test_a_course_opens_only_the_children_named_in_it(lms: FakePlatform) -> None:
    come(lms, "mum", [MENTOR], role_scope_mentor=["ana"])
    art = come(lms, "mum", [MENTOR], role_scope_mentor=["ben"], context={"id": "course-2", "title": "Art"})
    assert children(art) == {person(lms, "ben")}
    assert children(come(lms, "mum", [MENTOR], role_scope_mentor=["ana"])) == {person(lms, "ana")}


@pytest.mark.parametrize("roles", [[LEARNER], [INSTRUCTOR], [], [MEMBERSHIP + "Observer"]])
def test_nobody_but_a_mentor_is_believed_to_have_children(lms: FakePlatform, roles: list[str]) -> None:
    assert children(come(lms, "mum", roles, role_scope_mentor=["ana"])) == set()
    come(lms, "mum", [MENTOR], role_scope_mentor=["ana"])
    assert children(come(lms, "mum", roles, role_scope_mentor=["ana"])) == set()


@pytest.mark.trust("T7")
def test_an_id_of_another_platform_or_school_names_nobody(lms: FakePlatform) -> None:
    same_school = FakePlatform(issuer="https://other.example", kid="key-2")
    same_school.register(account(lms, "ana").deployment.school_id)
    other_school = FakePlatform(issuer="https://third.example", kid="key-3")
    other_school.register(school("Birch School"))
    for platform in (same_school, other_school):
        answer = platform.launch(Client(), sub="dad", roles=[MENTOR], role_scope_mentor=["ana"])
        assert answer.status_code == 303
        row = account(platform, "dad")
        for course_id in (None, row.deployment.contexts.get().course_id):
            assert children(plans.actor_for(row.deployment.school_id, row.person_id, course_id)) == set()


@pytest.mark.trust("T28")
def test_no_message_lifts_what_the_school_ended_or_a_court_ordered(lms: FakePlatform) -> None:
    father = come(lms, "dad", [MENTOR], role_scope_mentor=["ana", "ben"])
    office_id = plans.ensure_person(father.school_id)
    plans.make_administrator(father.school_id, office_id)
    office = plans.actor_for(father.school_id, office_id, None)
    plans.link_guardian(office, father.person_id, person(lms, "ana"), flags=GuardianFlags(no_contact=True))
    link = next(link for link in plans.guardians(office) if link.child.id == person(lms, "ben"))
    plans.end_guardian(office, link.id)
    assert children(father) == set()
    assert children(come(lms, "dad", [MENTOR], role_scope_mentor=["ana", "ben"])) == set()


def test_a_launch_from_outside_a_course_reaches_the_children_it_names(lms: FakePlatform) -> None:
    mother = come(lms, "mum", [MENTOR], role_scope_mentor=["ana"], context=REMOVE)
    assert mother.course_id is None
    assert children(mother) == {person(lms, "ana")}
