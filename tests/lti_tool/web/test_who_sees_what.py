"""T1: every route as every persona of two schools, against the committed matrix; and what every answer owes (T65)."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from pytest_django import DjangoDbBlocker

from lti_tool.lti import api as lti
from lti_tool.lti import ratelimit
from tests.factories.around import World, make_world
from tests.factories.web import open_door

pytestmark = [pytest.mark.django_db]

# Who comes with a role in a message, and whom the school appointed or linked.
MATRICES = [Path(__file__).with_name(name) for name in ("matrix.txt", "matrix_appointed.txt")]
WHOLE_SCHOOL = frozenset({"leadership", "office"})  # reach every student of theirs
# Routes that name something of the school, and such as name what every school has.
OF_SCHOOL = frozenset(
    {
        "cycle",
        "cycle-tell",
        "setup-course",
        "setup-storage",
        "framework-edit",
        "framework-publish",
        "framework-discard",
    }
)
NAME = re.compile(rb"(?<![\w-])Ana(?![\w-])")  # and not three letters of a token
WORDS = ("draft", "classmate")  # their own, whosever plan the others' drafts are about
NOBODYS = ["left_teacher", "former_key_worker", "stranger", "other_administrator", "outsider"]
OF_EVERYBODY = frozenset({"framework", "framework-choose", "framework-copy", "setup-end"})


@dataclass(frozen=True)
class Row:
    route: str
    method: str
    status: dict[str, int]  # by persona


def rows() -> list[Row]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for matrix in MATRICES:
        lines = [line.split() for line in matrix.read_text().splitlines() if line and not line.startswith("#")]
        for route, method, *cells in lines[1:]:
            told = zip(lines[0][2:], cells, strict=True)
            found.setdefault((route, method), {}).update({w: 404 if c == "-" else int(c) for w, c in told})
    return [Row(route, method, status) for (route, method), status in found.items()]


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
    door = open_door(world.people[who])
    client.cookies[door.cookie] = door.secret
    address = reverse(row.route, args=[door.handle, *(of or world).ids(row.route)])
    if row.method == "GET":
        return client.get(address)
    data = {"wording": "A target", "text": "My words", "field": "text", "review_version": "99"}
    data |= (of or world).sent(row.route, who)
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


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, World]]:
    """The student's own class, another class of their school, and another school; made once, nothing stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        own = make_world()
        beside = make_world(school_id=own.cast.maths.school_id, phase="Lower")
        yield {"own": own, "other class": beside, "other school": make_world()}
        transaction.set_rollback(True)


@pytest.fixture
def world(worlds: dict[str, World]) -> World:
    return worlds["own"]


def expected(row: Row, who: str, distance: str, world: World) -> int:
    """The matrix speaks of the student's own class; elsewhere only who reaches the whole school finds anything."""
    about_student = bool(world.ids(row.route) or world.sent(row.route, who)) and (row.route, who) != WORDS
    if distance == "own" or not about_student or row.route in OF_EVERYBODY:
        return row.status[who]
    if distance == "other class" and (who in WHOLE_SCHOOL or row.route in OF_SCHOOL):
        return row.status[who]
    return 404


@pytest.mark.trust("T1", "T3", "T4", "T7", "T28")
@pytest.mark.parametrize("distance", ["own", "other class", "other school"])
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.method} {row.route}")
def test_each_persona_gets_what_the_matrix_says(
    row: Row, distance: str, worlds: dict[str, World], undone: Callable[[], Any]
) -> None:
    world, of, wrong = worlds["own"], worlds[distance], {}
    for who in row.status:
        ratelimit._counts.clear()
        with undone():
            answer = ask(world, row, who, of=of)
        if answer.status_code != expected(row, who, distance, world):
            wrong[who] = answer.status_code
        if answer.status_code == 404 and "Content-Type" in answer:
            assert not NAME.search(answer.content)
    assert not wrong


@pytest.mark.trust("T3", "T28")
@pytest.mark.parametrize("who", NOBODYS)
def test_leavers_strangers_and_people_without_a_course_see_no_student(
    who: str, world: World, undone: Callable[[], Any]
) -> None:
    for row in rows():
        if world.ids(row.route):
            with undone():
                assert ask(world, row, who).status_code == 404, row


@pytest.mark.trust("T65")
@pytest.mark.parametrize("row", [row for row in rows() if row.method == "GET"], ids=lambda row: row.route)
def test_get_changes_no_row(row: Row, world: World, undone: Callable[[], Any]) -> None:
    """But for the trail: that a plan was read is itself written down (T43)."""
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
def test_a_post_without_its_token_is_refused_and_writes_nothing(
    row: Row, world: World, undone: Callable[[], Any]
) -> None:
    for who in row.status:
        with undone(), CaptureQueriesContext(connection) as queries:
            answer = ask(world, row, who, csrf=False)
        assert answer.status_code == 403, who
        assert not [sql for sql in _after_the_door(queries) if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]


@pytest.mark.trust("T65", "T64", "T23", "T80")
@pytest.mark.parametrize(
    "row", [row for row in rows() if not row.route.startswith("lti-")], ids=lambda row: f"{row.method} {row.route}"
)
def test_every_page_carries_the_headers_that_keep_it_private(
    row: Row, world: World, undone: Callable[[], Any]
) -> None:
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
