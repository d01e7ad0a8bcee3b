"""T1: every route as every persona of two schools, against the committed matrix; and what every answer owes (T65)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from lti_tool.lti import api as lti
from lti_tool.lti import ratelimit
from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience, Item, ItemChange, Level, LogChange, NewFile, Role, Scope
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.factories.web import open_door
from tests.lti_tool.media import makes

pytestmark = [pytest.mark.django_db]

MATRIX = Path(__file__).with_name("matrix.txt")
BOTH_SCHOOLS = pytest.mark.parametrize("school", ["their own school", "the other school"])


@dataclass(frozen=True)
class Row:
    route: str
    method: str
    status: dict[str, int]  # by persona


def rows() -> list[Row]:
    lines = [line.split() for line in MATRIX.read_text().splitlines() if line and not line.startswith("#")]
    personas = lines[0][2:]
    return [
        Row(
            route, method, {who: 404 if cell == "-" else int(cell) for who, cell in zip(personas, cells, strict=True)}
        )
        for route, method, *cells in lines[1:]
    ]


@dataclass(frozen=True)
class World:
    """A cast with one closed and one open review and a round of reviews, to be asked for by their ids."""

    cast: Cast
    review_id: Any
    cycle_id: Any
    item_id: Any
    entry_id: Any
    file_id: Any
    sheet_id: Any
    share_id: Any
    provision_id: Any

    def ids(self, route: str) -> list[Any]:
        student, target = self.cast.student.person_id, self.cast.target_id
        if route == "plan-upgrade":
            return [plans.student_panel(self.cast.student, activity_external_ids=()).plan_id]
        ids: dict[str, list[Any]] = {
            "review judge review-close target-new log log-write portfolio item-new home opened ask-erasure": [
                student
            ],
            "sheets sheet-send plan story needs": [student],
            "review-agree review-reopen": [student, self.review_id],
            "target-edit target-stop": [student, target],
            "past-review": [student, self.review_id],
            "setup-course setup-storage": [self.cast.maths.course_id],
            "setup-end": [1],
            "cycle cycle-tell": [self.cycle_id],
            "log-entry log-delete log-report": [self.entry_id],
            "item-edit item-delete item-report work-settle": [student, self.item_id],
            "file file-withdraw file-check": [self.file_id],
            "framework framework-choose framework-copy framework-edit framework-publish framework-discard": [
                "general"
            ],
            "sheet sheet-link sheet-code sheet-back": [self.sheet_id],
            "share share-end": [self.share_id],
            "provider-end": [self.provision_id],
            "who-sees": ["target", target],
        }
        return next((found for routes, found in ids.items() if route in routes.split()), [])


def make_world() -> World:
    cast = make_cast()
    cast.maths.score(cast.student, "fractions", 7)
    review_id = plans.start_review(cast.teacher, cast.student.person_id)
    plans.judge_target(
        cast.teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="Drawn with care", version=0
    )
    plans.close_review(cast.teacher, review_id, version=plans.review(cast.teacher, review_id).version)
    plans.start_review(cast.teacher, cast.student.person_id)
    cycle_id = plans.ensure_cycle(cast.maths.school_id, "autumn", "Autumn review").id
    photo = NewFile(makes.picture(), "A drawing", shows_others=True)
    home = Audience.NOT_FOR_HOME
    item = plans.add_item(cast.student, cast.student.person_id, ItemChange("work", "Drawing", audience=home), [photo])
    sheet_id = plans.send_sheet(cast.teacher, cast.student.person_id, "family_planning")
    entry = plans.write_log(cast.student, LogChange({"text": "I drew it"}, audience=home))
    until = timezone.localdate() + timedelta(days=7)
    shared = [Item("target", cast.target_id)]
    share_id = plans.share(cast.student, cast.other_teacher.person_id, shared, purpose="Reading", ends_on=until)
    provider_id = plans.ensure_person(cast.maths.school_id, name="Workshop")
    scope = Scope(student_id=cast.student.person_id)
    provision_id = plans.appoint(administrator_of(cast.maths), provider_id, Role.PROVIDER, scope, ends_on=until)
    made = (cycle_id, item.id, entry.id, item.files[0].id, sheet_id, share_id, provision_id)
    return World(cast, review_id, *made)


def ask(world: World, row: Row, who: str, *, of: World | None = None, csrf: bool = True) -> HttpResponse:
    """One persona's request for one route, with the ids of their own world or of another."""
    client = Client()
    if row.route.startswith("lti-"):
        address = reverse(row.route, args=["no-such-token"] if row.route == "lti-register" else [])
        return client.generic(row.method, address)
    if row.route == "sheet-door":
        return client.generic(row.method, reverse(row.route, args=["no-such-link"]))
    if row.route == "front-door":
        return client.get(reverse(row.route))
    door = open_door(getattr(world.cast, who))
    client.cookies[door.cookie] = door.secret
    address = reverse(row.route, args=[door.handle, *(of or world).ids(row.route)])
    if row.method == "GET":
        return client.get(address)
    subject = f"target:new:{(of or world).cast.student.person_id}" if "teacher" in who else "words"
    data = {
        "wording": "A target",
        "text": "My words",
        "field": "text",
        "review_version": "99",
    }
    if row.route == "draft":  # the other forms name the review they were written for, or nothing
        data["ilp_subject"] = subject
    if csrf:
        data["ilp_csrf"] = lti.csrf_token(door.handle, door.secret)
    return client.post(address, data)


@pytest.fixture
def undone() -> Callable[[], Any]:
    """A savepoint that is rolled back: each request meets the same world."""

    class Undone:
        def __enter__(self) -> None:
            self.point = transaction.savepoint()

        def __exit__(self, *_: object) -> None:
            transaction.savepoint_rollback(self.point)

    return Undone


@pytest.mark.trust("T1")
def test_every_route_stands_in_the_matrix() -> None:
    def names(patterns: list[Any]) -> Iterator[str]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from names(pattern.url_patterns)
            else:
                yield pattern.name

    assert set(names(get_resolver().url_patterns)) == {row.route for row in rows()}


@pytest.mark.trust("T1", "T3", "T7")
@BOTH_SCHOOLS
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.method} {row.route}")
def test_each_persona_gets_what_the_matrix_says(row: Row, school: str, undone: Callable[[], Any]) -> None:
    world = make_world()
    of = make_world() if school == "the other school" else None
    names_student = bool(world.ids(row.route))
    for who, status in row.status.items():
        ratelimit._counts.clear()
        with undone():
            answer = ask(world, row, who, of=of)
        about_student = names_student or (row.route == "draft" and who == "teacher")
        expected = 404 if of and about_student else status
        assert answer.status_code == expected, who
        if answer.status_code == 404 and "Content-Type" in answer:
            assert b"Ana" not in answer.content


@pytest.mark.trust("T3")
@pytest.mark.parametrize("who", ["left_teacher", "stranger", "other_administrator", "outsider"])
def test_leavers_strangers_and_people_without_a_course_see_no_student(who: str, undone: Callable[[], Any]) -> None:
    world = make_world()
    for row in rows():
        if world.ids(row.route):
            with undone():
                assert ask(world, row, who).status_code == 404, row


@pytest.mark.trust("T65")
@pytest.mark.parametrize("row", [row for row in rows() if row.method == "GET"], ids=lambda row: row.route)
def test_get_changes_no_row(row: Row, undone: Callable[[], Any]) -> None:
    """But for the trail: that a plan was read is itself written down (T43)."""
    world = make_world()
    for who in row.status:
        with undone(), CaptureQueriesContext(connection) as queries:
            ask(world, row, who)
        requested = _after_the_door(queries)
        writes = [sql for sql in requested if sql.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
        assert [sql for sql in writes if "ilp_plans_audit" not in sql] == [], who


def _after_the_door(queries: CaptureQueriesContext) -> list[str]:
    """What the request itself asked the database: all after the session row a launch would have made."""
    every = [query["sql"] for query in queries.captured_queries]
    made = [index for index, sql in enumerate(every) if sql.startswith("INSERT") and "launchsession" in sql]
    return every[made[-1] + 1 :] if made else every


@pytest.mark.trust("T65")
@pytest.mark.parametrize(
    "row",
    [row for row in rows() if row.method == "POST" and not row.route.startswith(("lti-", "sheet-door"))],
    ids=lambda row: row.route,
)
def test_a_post_without_its_token_is_refused_and_writes_nothing(row: Row, undone: Callable[[], Any]) -> None:
    world = make_world()
    for who in row.status:
        with undone(), CaptureQueriesContext(connection) as queries:
            answer = ask(world, row, who, csrf=False)
        assert answer.status_code == 403, who
        assert not [sql for sql in _after_the_door(queries) if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]


@pytest.mark.trust("T65", "T64", "T23", "T80")
@pytest.mark.parametrize(
    "row", [row for row in rows() if not row.route.startswith("lti-")], ids=lambda row: f"{row.method} {row.route}"
)
def test_every_page_carries_the_headers_that_keep_it_private(row: Row, undone: Callable[[], Any]) -> None:
    world = make_world()
    for who in row.status:
        with undone():
            answer = ask(world, row, who)
        policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert policy["base-uri"] == "'none'"
        if "script-src" in policy and b"<script" in answer.content:
            assert policy["script-src"].startswith("'nonce-")
        assert policy["frame-ancestors"] == (
            "'none'" if row.route in {"front-door", "sheet-door"} else "http://localhost:8010"
        )
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in answer["Permissions-Policy"]
        assert {"camera=(self)", "microphone=(self)"} <= set(answer["Permissions-Policy"].split(", "))


@pytest.mark.trust("T76", "T80")
def test_no_name_and_no_words_in_titles_addresses_or_logs(
    undone: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    world = make_world()
    private = ["Ana", "Ben", "Ms Hill", "Explain my answer", "Drawn with care", "My words", "secret-"]
    for row in rows():
        for who in row.status:
            with undone():
                answer = ask(world, row, who)
            title = answer.content.decode(errors="replace").partition("<title>")[2].partition("</title>")[0]
            for said in (title, answer.get("Location", ""), answer.request["PATH_INFO"]):
                assert not [word for word in private if word in said], (row.route, said)
    assert not [word for word in private if word in caplog.text]


@pytest.mark.trust("T1")
def test_a_page_of_another_person_opens_with_nobody_elses_secret() -> None:
    world = make_world()
    mine, theirs = open_door(world.cast.classmate), open_door(world.cast.student)
    client = Client()
    client.cookies[mine.cookie] = mine.secret
    client.cookies[theirs.cookie] = mine.secret
    assert client.get(theirs.path).status_code == 401
