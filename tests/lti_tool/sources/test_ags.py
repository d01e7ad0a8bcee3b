"""Roster and gradebook over NRPS and AGS: what arrives, what changes, and what no trouble may do."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from lti_tool import http
from lti_tool.lti.models import Context, Platform, PlatformUser
from lti_tool.lti.services import paging
from lti_tool.lti.services.people import persons_of
from lti_tool.plans.data import Role
from tests.factories.evidence import Joined, actor, join
from tests.factories.lms import LIS, FakeLMS

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once; how long they wait is proven in tests/lti_tool/http."""
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=7, items=3, page=3, teachers=1) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def person(lms: FakeLMS, member: int) -> UUID:
    deployment = PlatformUser.objects.get(sub=lms.sub(0, member)).deployment_id
    return persons_of(deployment, [lms.sub(0, member)])[lms.sub(0, member)]


def role(lms: FakeLMS, joined: Joined, member: int) -> Role:
    return actor(joined, person(lms, member)).role


def only(path: str, answer: Answer) -> Answer:
    """Answer so where the path ends so; else as usual."""

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        return await answer(request) if request.path.endswith(path) else None

    return intercept


def says(status: int = 200, body: str = "", kind: str = "application/json", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=body, content_type=kind, headers=sent)

    return answer


def test_everything_of_a_paged_gradebook_arrives(lms: FakeLMS, joined: Joined) -> None:
    outcome = joined.read()
    assert outcome.code == ""
    assert (outcome.members, outcome.activities, outcome.written) == (7, 3, 21)
    assert joined.total() == lms.total()


def test_reading_again_writes_nothing(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    again = joined.read()
    assert (again.written, again.unchanged) == (0, 21)


def test_exactly_what_changed_is_written(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.set_score(0, 1, 2, 99.5)
    lms.set_score(0, 2, 6, 0.0)
    assert joined.read().written == 2
    assert joined.total() == lms.total()


def test_no_score_is_not_a_zero(lms: FakeLMS, joined: Joined) -> None:
    lms.set_score(0, 0, 0, None)
    lms.set_score(0, 0, 1, 0.0)
    joined.read()
    assert joined.total() == lms.total()
    assert joined.total()[0] == 20


def test_a_score_taken_back_no_longer_stands(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.set_score(0, 0, 3, None)
    assert joined.read().written == 1
    assert joined.total() == lms.total()


def test_the_roster_s_roles_are_the_course_s(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    assert role(lms, joined, 0) == Role.TEACHER
    assert role(lms, joined, 1) == Role.LEARNER


@pytest.mark.trust("T3")
def test_a_teacher_who_left_the_roster_is_nobody_in_the_course(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.gone.add(lms.sub(0, 0))
    assert joined.read().code == ""
    assert role(lms, joined, 0) == Role.NONE
    assert role(lms, joined, 1) == Role.LEARNER


@pytest.mark.trust("T3")
def test_a_member_told_to_be_inactive_has_left(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.inactive.add(lms.sub(0, 2))
    joined.read()
    assert role(lms, joined, 2) == Role.NONE


def test_one_unreadable_row_of_the_roster_takes_nobody_off_and_is_told(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    rows = [{"user_id": lms.sub(0, 1), "roles": [LIS + "Learner"]}, {"user_id": None, "roles": "Learner"}]
    lms.intercept = only("/memberships", says(body=json.dumps({"members": rows})))
    assert joined.read().code == "broken"
    assert role(lms, joined, 0) == Role.TEACHER


def test_an_empty_roster_takes_nobody_off_and_is_told(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.intercept = only("/memberships", says(body='{"members": []}'))
    assert joined.read().code == "broken"
    assert role(lms, joined, 0) == Role.TEACHER


def test_a_roster_that_shrinks_between_its_pages_loses_nobody_else(lms: FakeLMS, joined: Joined) -> None:
    """Pages counted by place: when one of the first page goes, one of the second slips into it unseen."""
    joined.read()
    left = False

    async def shrink(request: web.Request) -> web.StreamResponse | None:
        nonlocal left
        if request.path.endswith("/memberships") and request.query.get("page") == "2" and not left:
            left = True
            lms.gone.add(lms.sub(0, 1))
        return None

    lms.intercept = shrink
    assert joined.read().code == ""
    lms.intercept = None
    assert role(lms, joined, 3) == Role.LEARNER  # who slipped
    joined.read()
    assert role(lms, joined, 1) == Role.NONE  # who went


def test_results_that_shift_between_pages_take_no_score_back(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    before = joined.total()
    skipped = False

    async def skip(request: web.Request) -> web.StreamResponse | None:
        nonlocal skipped
        if request.path.endswith("/0/results") and request.query.get("page") == "2" and not skipped:
            skipped = True
            return web.json_response([])  # the rows slipped onto the page before; here the list ends
        return None

    lms.intercept = skip
    assert joined.read().code == ""
    assert joined.total() == before


def test_a_result_that_is_gone_from_a_long_list_no_longer_stands(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    before = joined.total()
    scores = lms.scores[0, 0]
    gone = scores.pop()
    lms._bodies.clear()
    joined.read()
    assert gone is not None
    assert joined.total() == (before[0] - 1, before[1] - gone)


def test_a_bad_row_is_left_out_and_told_and_the_good_ones_of_its_page_count(lms: FakeLMS, joined: Joined) -> None:
    rows = [
        {"userId": lms.sub(0, 1), "resultScore": 40, "resultMaximum": 50},
        {"userId": lms.sub(0, 2), "resultScore": "NaN"},
        {"userId": lms.sub(0, 3), "resultScore": 1, "resultMaximum": "NaN"},
        {"resultScore": 7},
        "row",
    ]
    lms.intercept = only("/0/results", says(body=json.dumps(rows)))
    outcome = joined.read()
    assert outcome.code == "broken"
    assert outcome.written == 1 + 2 * 7


def test_numbers_for_ids_and_scores_in_quotes_are_understood(lms: FakeLMS, joined: Joined) -> None:
    body = {"members": [{"user_id": 17, "roles": ["Learner"]}]}
    results = [{"userId": 17, "resultScore": "12.5"}]

    async def both(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/memberships"):
            return web.json_response(body)
        return web.json_response(results) if request.path.endswith("/results") else None

    lms.intercept = both
    assert joined.read().code == ""
    assert joined.total() == (3, 37.5)


def test_results_of_people_outside_the_course_are_not_kept(lms: FakeLMS, joined: Joined) -> None:
    lms.intercept = only("/results", says(body=json.dumps([{"userId": "stranger", "resultScore": 5}])))
    assert joined.read().code == ""
    assert joined.total() == (0, 0.0)


@pytest.mark.trust("T72")
def test_our_token_never_goes_to_another_server(lms: FakeLMS, joined: Joined) -> None:
    with FakeLMS() as other:
        row = {"id": f"{other.base}/courses/0/lineitems/0", "label": "Elsewhere", "scoreMaximum": 10}
        lms.intercept = only("/lineitems", says(body=json.dumps([row])))
        assert joined.read().code == "broken"
        lms.intercept = only("/0/results", says(body="[]", Link=f"<{other.base}/p2>; rel=next"))
        assert joined.read().code == "broken"
        assert other.requests.total() == 0


TROUBLE = [
    (says(500), "failing"),
    (says(401), "unauthorised"),
    (says(403), "forbidden"),
    (says(404), "refused"),
    (says(429, Retry_After="3600"), "throttled"),
    (says(302, Location="/login"), "redirected"),
    (says(200, "<html>Please sign in</html>", "text/html"), "broken"),
    (says(200, '[{"id": "x", '), "broken"),
    (says(200, '"text"'), "broken"),
]


@pytest.mark.parametrize("path", ["/memberships", "/lineitems", "/results", "/token"])
@pytest.mark.parametrize(("answer", "code"), TROUBLE)
def test_trouble_is_told_by_its_name_and_what_stood_before_still_stands(
    lms: FakeLMS, joined: Joined, path: str, answer: Answer, code: str
) -> None:
    joined.read()
    before = joined.total()
    if path == "/token":
        lms.tokens[:] = ["revoked"]
    lms.intercept = only(path, answer)
    outcome = joined.read()
    assert outcome.code == code
    assert joined.total() == before
    assert role(lms, joined, 0) == Role.TEACHER
    lms.intercept = None
    assert joined.read().code == ""


def test_an_lms_that_is_down_is_unreachable(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    Platform.objects.update(token_url="http://127.0.0.1:9/token")
    Context.objects.update(lineitems_url="http://127.0.0.1:9/li", memberships_url="http://127.0.0.1:9/m")
    assert joined.read().code == "unreachable"
    assert joined.total() == lms.total()


def test_an_lms_that_does_not_answer_in_time_is_slow(lms: FakeLMS, joined: Joined, settings: Any) -> None:
    settings.ILP_HTTP_TIMEOUT_SECONDS = 0.1
    lms.delay = 0.5
    assert joined.read().code == "slow"


def test_pages_that_never_end_are_broken_and_what_they_held_is_not_lost(
    lms: FakeLMS, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 20)

    async def endless(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/0/results"):
            return None
        number = int(request.query.get("page", 1))
        return web.json_response([], headers={"Link": f'<?page={number + 1}>; rel="next"'})

    lms.intercept = endless
    assert joined.read().code == "broken"
    assert joined.total()[0] == 14  # the other two columns


def test_one_column_s_trouble_leaves_the_others_alone(lms: FakeLMS, joined: Joined) -> None:
    lms.intercept = only("/1/results", says(404))
    outcome = joined.read()
    assert (outcome.code, outcome.written) == ("refused", 14)


def test_a_roster_that_may_not_be_read_leaves_the_results_of_known_people(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.set_score(0, 0, 0, 55.5)
    lms.intercept = only("/memberships", says(403))
    outcome = joined.read()
    assert (outcome.code, outcome.written) == ("forbidden", 1)


def test_an_lms_without_any_such_service_is_told_as_not_connected(lms: FakeLMS, joined: Joined) -> None:
    Context.objects.update(lineitems_url="", memberships_url="")
    assert joined.read().code == "not_connected"
    assert lms.requests.total() == 0


@pytest.mark.trust("T3")
def test_a_class_list_without_a_gradebook_is_read_and_whoever_left_is_out(lms: FakeLMS, joined: Joined) -> None:
    Context.objects.update(lineitems_url="")
    first = joined.read()
    assert (first.code, first.members, first.activities) == ("not_connected", lms.members, 0)
    lms.gone.add(lms.sub(0, 1))
    assert joined.read().members == lms.members - 1
    assert not any("/lineitems" in asked for asked in lms.requests)


def test_faults_here_and_there_leave_everything_complete(lms: FakeLMS, joined: Joined) -> None:
    lms.throttled, lms.failing = 0.1, 0.05
    assert joined.read().code == ""
    assert joined.total() == lms.total()


def test_canvas_is_asked_one_at_a_time_for_long_pages(lms: FakeLMS, joined: Joined) -> None:
    Platform.objects.update(product_family="canvas")
    asked: list[str] = []

    async def note(request: web.Request) -> web.StreamResponse | None:
        asked.append(request.path_qs)
        return None

    lms.intercept = note
    lms.delay = 0.005
    assert joined.read().code == ""
    assert any("results?limit=100" in path for path in asked)
    assert lms.most_at_once == 1
