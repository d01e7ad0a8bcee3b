"""The ports on edx-platform, over fakes that keep to its signatures, and a whole read through the front door."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory, override_settings
from edx_django_utils.ip import init_client_ips
from opaque_keys.edx.keys import CourseKey, UsageKey

from ilp_xblock import compat
from ilp_xblock.platform.addresses import segment
from ilp_xblock.platform.plugin_settings import EDX_PORTS
from ilp_xblock.platform.ports import Member, Role, ports
from tests.factories import platform as factories

from . import edx
from .edx import models, modules
from .edx.modules import Block

pytestmark = [pytest.mark.django_db, pytest.mark.database]
COURSE = "course-v1:School+Maths7+2026"
KEY = CourseKey.from_string(COURSE)
WHEN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The fakes' application, installed for this module: Django links relations of installed applications only."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, edx.__name__]), django_db_blocker.unblock():
        models.create_tables()
        yield
        models.drop_tables()


def usage(kind: str, name: str) -> UsageKey:
    return UsageKey.from_string(f"block-v1:School+Maths7+2026+type@{kind}+block@{name}")


HOMEWORK = str(usage("sequential", "homework"))
PANEL = str(usage("ilp", "panel"))
LONELY = str(usage("ilp", "lonely"))


def course() -> Block:
    def problem(name: str, raw: float | None, weight: float | None = None, *, graded: bool = True) -> Block:
        return Block(usage("problem", name), name, graded, True, weight, raw)

    panel = Block(usage("ilp", "panel"), "My plan")
    unit = Block(usage("vertical", "u1"), children=[problem("p1", 2.0), problem("p2", 4.0, 3.0), panel])
    rest = Block(usage("vertical", "u2"), children=[problem("p3", None), problem("p4", 9.0, graded=False)])
    homework = Block(usage("sequential", "homework"), "Homework 1", True, format="Homework", children=[unit, rest])
    reading = Block(
        usage("sequential", "reading"),
        "Reading",
        children=[Block(usage("vertical", "u3"), children=[Block(usage("ilp", "lonely"), "Lonely")])],
    )
    empty = Block(usage("sequential", "exam"), "Exam", True)
    return Block(
        usage("course", "course"),
        "Maths 7",
        children=[
            Block(usage("chapter", "c1"), children=[homework, reading]),
            Block(usage("chapter", "c2"), children=[empty]),
        ],
    )


@pytest.fixture(autouse=True)
def lms_platform(tables: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Block:
    """An LMS with one course, in place of edx-platform."""
    root = course()
    modules.install(monkeypatch, {KEY: root})
    monkeypatch.setattr(compat, "apps", SimpleNamespace(is_installed=lambda name: name == "lms.djangoapps.grades"))
    settings.LMS_ROOT_URL = factories.ISSUER
    settings.ILP_LTI_PORTS = EDX_PORTS
    models.ExternalIdType.objects.get_or_create(name="lti")
    models.CourseOverview.objects.create(
        id=KEY, display_name_with_default="Maths 7", display_number_with_default="Maths7"
    )
    cache.clear()
    return root


def person(name: str, *, enrolled: bool | None = True, role: str = "", org_role: str = "", **values: Any) -> Any:
    user = get_user_model().objects.create(username=name, email=f"{name}@example.org", **values)
    models.UserProfile.objects.create(user=user, name=name.title())
    if enrolled is not None:
        models.CourseEnrollment.objects.create(user=user, course_id=KEY, is_active=enrolled)
    if role:
        models.CourseAccessRole.objects.create(user=user, org="School", course_id=KEY, role=role)
    if org_role:
        models.CourseAccessRole.objects.create(user=user, org="School", course_id=None, role=org_role)
    return user


def sub_of(user: Any) -> str:
    found = models.ExternalId.batch_get_or_create_user_ids([user], "lti")
    assert found
    return str(found[user.id].external_user_id)


def grade(user: Any, earned: float, possible: float = 5.0, *, attempted: bool = True, **values: Any) -> Any:
    return models.PersistentSubsectionGrade.objects.create(
        user_id=user.id,
        course_id=KEY,
        usage_key=values.pop("usage_key", UsageKey.from_string(HOMEWORK)),
        earned_graded=earned,
        possible_graded=possible,
        first_attempted=WHEN if attempted else None,
        modified=WHEN,
    )


def rerun(new: str, of: str) -> None:
    models.CourseRerunState.objects.create(
        course_key=CourseKey.from_string(new), source_course_key=CourseKey.from_string(of), state="succeeded"
    )


def test_a_rerun_names_the_courses_it_was_made_from_the_nearest_first() -> None:
    years = [f"course-v1:School+Maths7+{year}" for year in (2026, 2025, 2024)]
    rerun(years[0], years[1])
    rerun(years[1], years[2])
    rerun("course-v1:School+History+2026", "course-v1:School+History+2025")
    first, second = ports().courses.origins(COURSE, PANEL)
    assert (first.course_id, first.block_id) == (years[1], PANEL.replace("2026", "2025"))
    assert (second.course_id, second.block_id) == (years[2], PANEL.replace("2026", "2024"))
    assert [origin.block_id for origin in ports().courses.origins(COURSE)] == ["", ""]
    assert not ports().courses.origins("course-v1:School+Art+2026")
    assert not ports().courses.origins("no course")


def test_courses_said_to_be_made_from_each_other_end_the_line() -> None:
    rerun(COURSE, "course-v1:School+Maths7+2025")
    rerun("course-v1:School+Maths7+2025", COURSE)
    assert [origin.course_id[-4:] for origin in ports().courses.origins(COURSE)] == ["2025"]


@pytest.mark.parametrize("in_lms", [True, False], ids=["lms", "studio"])
def test_graded_subsections_are_the_activities(monkeypatch: pytest.MonkeyPatch, in_lms: bool) -> None:
    monkeypatch.setattr(compat, "_in_lms", lambda: in_lms)
    homework, exam = ports().grades.activities(COURSE)
    assert (homework.id, homework.label, homework.tag) == (HOMEWORK, "Homework 1", "Homework")
    assert homework.score_maximum == 5.0  # two points, and a weight of three
    assert homework.url == f"{factories.ISSUER}/courses/{COURSE}/jump_to/{HOMEWORK}"
    assert exam.label == "Exam"
    assert exam.score_maximum > 0


def test_the_lms_builds_the_list_once_a_minute(lms_platform: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ports().grades.activities(COURSE)
    monkeypatch.setattr(compat, "_lms_activities", None)
    assert ports().grades.activities(COURSE) == found


@pytest.mark.parametrize("course_id", ["", "nonsense", "course-v1:", "\x00", "course-v1:Other+Course+2026"])
def test_a_course_that_is_none_has_nothing(course_id: str) -> None:
    assert ports().courses.course(course_id) is None
    assert ports().roster.members(course_id).members == []
    assert ports().grades.results(course_id, HOMEWORK).results == []
    if course_id != "course-v1:Other+Course+2026":
        assert ports().grades.activities(course_id) == ()


def test_a_course_has_its_title_and_short_name() -> None:
    found = ports().courses.course(COURSE)
    assert found
    assert (found.id, found.title, found.label) == (COURSE, "Maths 7", "Maths7")


def test_a_panel_is_about_the_subsection_it_stands_in_unless_the_author_chose(lms_platform: Block) -> None:
    found = ports().courses.placement(PANEL)
    assert found
    assert (found.course_id, found.title, found.activity_ids) == (COURSE, "My plan", (HOMEWORK,))
    assert found.url.endswith(f"/jump_to/{PANEL}")
    lonely = ports().courses.placement(LONELY)
    assert lonely
    assert lonely.activity_ids == ()
    next(block for block in lms_platform.walk() if str(block.location) == PANEL).activity_ids = ["chosen"]
    chosen = ports().courses.placement(PANEL)
    assert chosen
    assert chosen.activity_ids == ("chosen",)


def test_an_activity_chosen_before_a_rerun_is_the_one_of_the_new_course(lms_platform: Block) -> None:
    panel = next(block for block in lms_platform.walk() if str(block.location) == PANEL)
    panel.activity_ids = [HOMEWORK.replace("2026", "2025"), HOMEWORK, {"a": 1}, None]
    assert ports().courses.placement(PANEL).activity_ids == (HOMEWORK, HOMEWORK)


@pytest.mark.parametrize("value", [None, [], [{"a": 1}], [7]])
def test_a_panel_from_an_odd_course_file_is_about_its_own_subsection(lms_platform: Block, value: Any) -> None:
    panel = next(block for block in lms_platform.walk() if str(block.location) == PANEL)
    panel.activity_ids, panel.chosen_content, panel.display_name = value, None, None
    found = ports().courses.placement(PANEL)
    assert (found.activity_ids, found.content, found.title) == ((HOMEWORK,), {}, "")


@pytest.mark.parametrize(
    "part", ["+branch@draft-branch", "+branch@published-branch", "+version@519665f6223ebd6980884f2b"]
)
def test_a_branch_or_a_version_is_no_other_name_of_a_course_or_a_block(part: str) -> None:
    course_id, block_id = f"{COURSE}{part}", PANEL.replace("+type", f"{part}+type")
    person("ada")
    assert ports().courses.placement(block_id, draft=True) is None
    assert ports().courses.course(course_id) is None
    assert ports().roster.members(course_id).members == []
    assert ports().grades.activities(course_id) == ()


@pytest.mark.parametrize("block_id", ["lb:School:lib:ilp:panel", "lib-block-v1:School+lib+type@ilp+block@panel"])
def test_a_block_in_a_library_is_not_part_of_a_course(block_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise NotImplementedError("the store of courses knows no libraries")

    monkeypatch.setattr(modules.ModuleStore, "get_item", never)
    monkeypatch.setattr(modules.ModuleStore, "branch_setting", never)
    assert ports().courses.placement(block_id, draft=True) is None
    assert ports().courses.course("library-v1:School+lib") is None


@pytest.mark.parametrize("block_id", ["", "nonsense", str(usage("ilp", "nothing")), str(usage("problem", "p1"))])
def test_what_is_no_panel_is_no_placement(block_id: str) -> None:
    assert ports().courses.placement(block_id) is None


def test_results_are_of_enrolled_learners_who_attempted_and_a_zero_is_one() -> None:
    ada, ben, cyd = person("ada"), person("ben"), person("cyd")
    gone, never = person("gone", enrolled=False), person("never")
    grade(ada, 0.0)
    grade(ben, 2.5)
    grade(cyd, 0.0, attempted=False)
    grade(gone, 5.0)
    grade(ada, 1.0, usage_key=usage("sequential", "exam"))
    grade(never, 0.0, 0.0)
    found = ports().grades.results(COURSE, HOMEWORK).results
    assert [(row.sub, row.score, row.maximum, row.observed_at) for row in found] == [
        (sub_of(ada), 0.0, 5.0, WHEN),
        (sub_of(ben), 2.5, 5.0, WHEN),
    ]


def test_a_teachers_override_counts_also_where_nothing_was_attempted() -> None:
    ada, ben = person("ada"), person("ben")
    for user, attempted in ((ada, True), (ben, False)):
        models.PersistentSubsectionGradeOverride.objects.create(
            grade=grade(user, 1.0, attempted=attempted), earned_graded_override=4.0, modified=LATER
        )
    assert [
        (row.score, row.maximum, row.observed_at) for row in ports().grades.results(COURSE, HOMEWORK).results
    ] == [(4.0, 5.0, LATER)] * 2


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_results_and_members_meet_everyone_once(limit: int) -> None:
    people = [person(f"p{n}") for n in range(5)]
    for number, user in enumerate(people):
        grade(user, number, 0.0 if number == 1 else 5.0)
    scores: list[float] = []
    subs: list[str] = []
    after, more = "", True
    while more:
        page = ports().grades.results(COURSE, HOMEWORK, after=after, limit=limit)
        scores += [row.score for row in page.results]
        after, more = page.next, bool(page.next)
    after, more = "", True
    while more:
        members = ports().roster.members(COURSE, after=after, limit=limit)
        subs += [member.sub for member in members.members]
        after, more = members.next, bool(members.next)
    assert scores == [0.0, 2.0, 3.0, 4.0]
    assert subs == [sub_of(user) for user in people]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "²", "9" * 30])
def test_a_cursor_that_is_none_is_a_value_error(after: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        ports().grades.results(COURSE, HOMEWORK, after=after)
    with pytest.raises(ValueError, match="cursor"):
        ports().roster.members(COURSE, after=after)


def test_one_persons_result_is_read_alone() -> None:
    ada, ben = person("ada"), person("ben")
    grade(ada, 1.0)
    grade(ben, 2.0)
    assert [row.score for row in ports().grades.results(COURSE, HOMEWORK, sub=sub_of(ben)).results] == [2.0]
    for nobody in ("", "x", "00000000-0000-0000-0000-000000000000"):
        assert ports().grades.results(COURSE, HOMEWORK, sub=nobody).results == []


def test_the_roster_is_who_is_enrolled_now_and_the_courses_team() -> None:
    people = {
        "ada": person("ada"),
        "gone": person("gone", enrolled=False),
        "unconfirmed": person("unconfirmed", is_active=False),
        "stranger": person("stranger", enrolled=None, role="staff", is_active=False),
        "claimant": person("claimant", role="staff", is_active=False),
        "tina": person("tina", role="staff"),
        "head": person("head", enrolled=None, org_role="instructor"),
        "help": person("help", role="limited_staff"),
        "both": person("both", role="limited_staff", org_role="staff"),
        "root": person("root", enrolled=None, is_staff=True, is_superuser=True),
        "rooted": person("rooted", is_staff=True),
        "tester": person("tester", role="beta_testers"),
    }
    models.CourseAccessRole.objects.create(
        user=people["ada"], org="School", course_id=CourseKey.from_string("course-v1:School+X+1"), role="staff"
    )
    expected = {
        "ada": Role.LEARNER,
        "unconfirmed": Role.LEARNER,  # an address not confirmed keeps nobody from learning
        "claimant": Role.LEARNER,
        "tina": Role.INSTRUCTOR,
        "head": Role.INSTRUCTOR,
        "help": Role.ASSISTANT,
        "both": Role.INSTRUCTOR,
        "rooted": Role.LEARNER,
        "tester": Role.LEARNER,
    }
    found = {member.sub: member for member in ports().roster.members(COURSE).members}
    assert {sub: member.roles for sub, member in found.items()} == {
        sub_of(people[name]): (role,) for name, role in expected.items()
    }
    for wanted in Role:
        listed = {member.sub for member in ports().roster.members(COURSE, role=wanted).members}
        roles = (
            {wanted, Role.ASSISTANT} if wanted is Role.INSTRUCTOR else {wanted}
        )  # an assistant is an instructor too
        assert listed == {sub_of(people[name]) for name, role in expected.items() if role in roles}
    for name, user in people.items():
        member = ports().roster.member(COURSE, sub_of(user))
        assert (member.roles if member else None) == ((expected[name],) if name in expected else None)


def test_a_member_has_the_profiles_name_or_none() -> None:
    ada = person("ada")
    bare = get_user_model().objects.create(username="bare", email="bare@example.org")
    models.CourseEnrollment.objects.create(user=bare, course_id=KEY)
    assert ports().roster.member(COURSE, sub_of(ada)) == Member(
        sub_of(ada), (Role.LEARNER,), "Ada", "ada@example.org"
    )
    nameless = ports().roster.member(COURSE, sub_of(bare))
    assert nameless
    assert nameless.name == ""


def test_the_person_at_the_browser_is_the_one_logged_in() -> None:
    ada, ben = person("ada"), person("ben")
    request: Any = RequestFactory().get("/")
    request.user = ada
    assert ports().current_user.launching(request) == sub_of(ada)
    assert ports().current_user.is_current(request, sub_of(ada))
    assert not ports().current_user.is_current(request, sub_of(ben))
    request.user = AnonymousUser()
    assert ports().current_user.launching(request) is None
    assert not ports().current_user.is_current(request, sub_of(ada))


def test_an_lms_without_the_external_id_type_says_so() -> None:
    ada = person("ada")
    models.ExternalIdType.objects.all().delete()
    request: Any = RequestFactory().get("/")
    request.user = ada
    with pytest.raises(ImproperlyConfigured, match="lti"):
        ports().current_user.launching(request)


def test_a_tool_reads_the_lmss_gradebook_and_roster_through_the_front_door(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    side = factories.make_tool()
    people = [person(f"p{n}") for n in range(20)]
    for number, user in enumerate(people):
        grade(user, number % 6)
    lineitems = f"{factories.ISSUER}/ilp/courses/{COURSE}/lineitems"
    token = side.token()
    items = side.get(lineitems, token=token).json()
    assert [item["resourceId"] for item in items] == [HOMEWORK, str(usage("sequential", "exam"))]
    with django_assert_max_num_queries(8):
        rows = side.get(f"{lineitems}/{segment(HOMEWORK)}/results", token=token).json()
    assert {row["userId"]: row["resultScore"] for row in rows} == {
        sub_of(user): float(number % 6) for number, user in enumerate(people)
    }
    roster = lineitems.replace("lineitems", "memberships")
    with django_assert_max_num_queries(20):  # the first look notes who is there
        members = side.get(roster, token=token).json()["members"]
    assert len(members) == 20
    with django_assert_max_num_queries(9):
        assert side.get(roster, token=token).json()["members"] == members


def test_the_lmss_roster_tells_who_came_and_went(client: Any) -> None:
    side = factories.make_tool()
    ada, ben = person("ada"), person("ben")
    ids = {name: sub_of(user) for name, user in (("ada", ada), ("ben", ben))}
    asked = side.get(f"{factories.ISSUER}/ilp/courses/{COURSE}/memberships")
    models.CourseEnrollment.objects.filter(user=ben).update(is_active=False)
    cleo = person("cleo", first_name="Cleo", last_name="Marsh")
    told = side.get(factories.link_of(asked, "differences")).json()["members"]
    assert {(row["user_id"], row["status"], row.get("family_name")) for row in told} == {
        (ids["ben"], "Deleted", None),
        (sub_of(cleo), "Active", "Marsh"),
    }


def test_a_logged_in_learner_launches(client: Any) -> None:
    side = factories.make_tool()
    ada = person("ada")
    client.force_login(ada)
    login = factories.start_launch(client, block=PANEL)
    claims = factories.read_message(factories.form_of(client.get("/ilp/auth", factories.authentication(side, login))))
    assert claims["sub"] == sub_of(ada)
    assert claims["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["id"] == PANEL
    client.logout()
    stolen = factories.form_of(client.get("/ilp/auth", factories.authentication(side, login)))
    assert "id_token" not in stolen.fields


def test_cohorts_are_the_groups_of_a_course_that_uses_them() -> None:
    known = ports().groups
    assert known is not None
    ada, ben = person("ada"), person("ben")
    blue = models.CourseUserGroup.objects.create(name="Blue", course_id=KEY, group_type="cohort")
    green = models.CourseUserGroup.objects.create(name="Green", course_id=KEY, group_type="cohort")
    models.CourseUserGroup.objects.create(name="Chess", course_id=KEY, group_type="friends")
    models.CohortMembership.objects.create(course_user_group=blue, user=ada, course_id=KEY)
    assert (known.sets(COURSE), known.groups(COURSE), known.group_ids(COURSE, [sub_of(ada)])) == ((), (), {})
    models.CourseCohortsSettings.objects.create(course_id=KEY, is_cohorted=True)
    assert [one.name for one in known.sets(COURSE)] == ["Cohorts"]
    assert [(group.id, group.name) for group in known.groups(COURSE)] == [
        (str(blue.pk), "Blue"),
        (str(green.pk), "Green"),
    ]
    assert [group.name for group in known.groups(COURSE, sub=sub_of(ada))] == ["Blue"]
    assert list(known.groups(COURSE, sub=sub_of(ben))) == []
    assert list(known.groups(COURSE, sub="nobody")) == []
    assert known.group_ids(COURSE, [sub_of(ada), sub_of(ben)]) == {sub_of(ada): [str(blue.pk)]}


@pytest.mark.parametrize("course_id", ["", "nonsense", "course-v1:Other+Course+2026"])
def test_an_unknown_course_has_no_groups(course_id: str) -> None:
    known = ports().groups
    assert known is not None
    assert list(known.sets(course_id)) == list(known.groups(course_id)) == []
    assert known.group_ids(course_id, ["x"]) == {}


def test_a_block_that_is_not_published_yet_is_its_authors_only(lms_platform: Block) -> None:
    panel = next(block for block in lms_platform.walk() if str(block.location) == PANEL)
    panel.published = False
    assert ports().courses.placement(PANEL) is None
    assert ports().courses.placement(PANEL, draft=True) is not None


def test_a_blocks_user_is_known_by_the_sub_of_launches() -> None:
    ada = person("ada")
    assert ports().current_user.sub_of(ada.pk) == sub_of(ada)
    assert ports().current_user.sub_of(None) is None
    assert ports().current_user.sub_of(10**9) is None


def test_limits_count_the_address_that_the_lms_believes(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "198.51.100.7"})
    init_client_ips(request)
    assert compat.client_address(request) == "198.51.100.7"
