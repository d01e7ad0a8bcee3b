"""Gradebooks a tool can write into, each with the peculiarities of one LMS: beside the roster of `FakeLMS`.

They hold only the tool's own columns, as every LMS but our own XBlock's shows them.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from aiohttp import web
from asgiref.sync import async_to_sync

from lti_tool.http import Outbound
from lti_tool.lti.models import Platform
from lti_tool.lti.services.connector import Connector
from lti_tool.lti.services.course import LINE_ITEMS, RESULTS_READ, SCORE, course_services

from .evidence import Joined, join
from .lms import FakeLMS

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"

T = TypeVar("T")


class Refusal(Exception):
    """The gradebook answers this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Gradebook(FakeLMS):
    """As the standard says. `columns` by number, `grades` by column and account."""

    family: ClassVar[str] = ""
    items: int = 0
    ignores_filters: bool = False
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    grades: dict[tuple[str, str], float | None] = field(default_factory=dict)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    exact_types: bool = False

    # What a test asks of it.

    def add_column(self, **members: Any) -> str:
        """A column of the tool's; returns its address."""
        number = str(len(self.columns) + 1)
        url = f"{self.lineitems_url()}/{number}{self.suffix}"
        self.columns[number] = {"id": url, "label": f"Column {number}", "scoreMaximum": 100, **members}
        return url

    def grade(self, url: str, sub: str) -> float | None:
        return self.grades.get((self._number(url), sub))

    suffix: ClassVar[str] = ""  # of a column's address

    def _number(self, url: str) -> str:
        return url.removesuffix(self.suffix).rsplit("/", 1)[-1]

    # What it answers.

    def _routes(self, app: web.Application) -> None:
        item = "/courses/{course}/lineitems/{item}"
        app.router.add_post("/courses/{course}/lineitems", self._guarded(self._create, ITEM))
        app.router.add_get(item, self._guarded(self._read, ITEM))
        app.router.add_put(item, self._guarded(self._change_column, ITEM))
        app.router.add_delete(item, self._guarded(self._delete, ""))
        app.router.add_post(item + "/scores", self._guarded(self._score, SCORE_TYPE))
        app.router.add_get(item + "/results/{user}", self._guarded(self._results, RESULTS))
        super()._routes(app)

    def _guarded(self, handler: Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]], kind: str) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            sent = request.headers["Accept" if request.method == "GET" else "Content-Type"] if kind else ""
            if self.exact_types and sent != kind:
                return web.Response(status=400)
            if "item" in request.match_info and request.match_info["item"] not in self.columns:
                return web.Response(status=404)
            try:
                return await handler(request)
            except Refusal as refusal:
                return web.Response(status=refusal.status)

        return guarded

    def check_column(self, body: dict[str, Any]) -> None:
        """Raises Refusal for a column this LMS does not take."""

    def check_change(self, body: dict[str, Any]) -> None:
        """Raises Refusal for a change this LMS does not take."""

    def keeps(self, body: dict[str, Any], *, new: bool) -> dict[str, Any]:
        """What of a column sent to it stays."""
        return body

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.check_column(body)
        url = self.add_column()
        number = self._number(url)
        self.columns[number] = {**self.keeps(body, new=True), "id": url}
        return web.json_response(self.columns[number], status=201)

    async def _read(self, request: web.Request) -> web.Response:
        return web.json_response(self.columns[request.match_info["item"]])

    async def _change_column(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.check_column(body)
        self.check_change(body)
        number = request.match_info["item"]
        self.columns[number] = {**self.keeps(body, new=False), "id": self.columns[number]["id"]}
        return web.json_response(self.columns[number])

    async def _delete(self, request: web.Request) -> web.Response:
        del self.columns[request.match_info["item"]]
        return web.Response(status=204)

    async def _line_items(self, request: web.Request) -> web.Response:
        if self.exact_types and request.headers["Accept"] != ITEMS:
            return web.Response(status=400)
        rows = list(self.columns.values())
        self.queries.append(dict(request.query))
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        for asked, member in names.items():
            if asked in request.query and not self.ignores_filters:
                rows = [row for row in rows if row.get(member) == request.query[asked]]
        return self._some(request, rows)

    async def _score(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.posted.append(body)
        place = (request.match_info["item"], body["userId"])
        moment = datetime.fromisoformat(body["timestamp"])
        if place in self.times and not self.is_later(moment, self.times[place]):
            raise Refusal(self.stale)
        self.times[place] = moment
        self.grades[place] = self.grade_of(body, self.grades.get(place))
        return web.json_response({})

    stale: ClassVar[int] = 409

    def is_later(self, moment: datetime, before: datetime) -> bool:
        return moment > before

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        given = body.get("scoreGiven")
        return None if given is None else given / body["scoreMaximum"]

    def wanted(self, request: web.Request) -> str | None:
        """Whose results are asked for."""
        return request.query.get("user_id")

    async def _results(self, request: web.Request) -> web.Response:
        number = request.match_info["item"]
        if number not in self.columns:
            return web.Response(status=404)
        url, user = self.columns[number]["id"], self.wanted(request)
        rows = [
            {"id": f"{url}/results/{sub}", "userId": sub, "resultScore": grade, "resultMaximum": 1, "scoreOf": url}
            for (item, sub), grade in self.grades.items()
            if item == number and user in {None, sub}
        ]
        return self._some(request, rows)

    def _some(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        """A page of rows: `limit` of them, the next page's address in a Link header."""
        size, start = self.size(request, len(rows)), self.start_of(request)
        headers = {}
        if start + size < len(rows) and (link := self.next_link(request, start + size)):
            headers["Link"] = link
        body = json.dumps(rows[start : start + size])
        return web.Response(text=body, content_type="application/json", headers=headers)

    def size(self, request: web.Request, number: int) -> int:
        return int(request.query.get("limit", self.page))

    def start_of(self, request: web.Request) -> int:
        return int(request.query.get("from", 0))

    def next_link(self, request: web.Request, start: int) -> str:
        query = {**request.query, "from": str(start)}
        return f'<{request.url.with_query(query)}>; rel="next"'


class Moodle(Gradebook):
    """Exact media types; Links with curly quotes and &amp;; a column's address has a query; whatever is not
    FullyGraded erases; whole seconds; PUT without resourceLinkId uncouples; POST drops submissionReview."""

    family = "moodle"
    suffix = "/lineitem?type_id=5"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.exact_types = True

    def _routes(self, app: web.Application) -> None:
        item = "/courses/{course}/lineitems/{item}/lineitem"
        app.router.add_get(item, self._guarded(self._read, ITEM))
        app.router.add_put(item, self._guarded(self._change_column, ITEM))
        app.router.add_delete(item, self._guarded(self._delete, ""))
        app.router.add_post(item + "/scores", self._guarded(self._score, SCORE_TYPE))
        app.router.add_get(item + "/results", self._guarded(self._results, RESULTS))
        super()._routes(app)

    def keeps(self, body: dict[str, Any], *, new: bool) -> dict[str, Any]:
        body.pop("submissionReview", None)
        return body

    def is_later(self, moment: datetime, before: datetime) -> bool:
        return int(moment.timestamp()) > int(before.timestamp())

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        return super().grade_of(body, before) if body["gradingProgress"] == "FullyGraded" else None

    def size(self, request: web.Request, number: int) -> int:
        return int(request.query.get("limit", number or 1))

    def next_link(self, request: web.Request, start: int) -> str:
        address = str(request.url.with_query({**request.query, "from": str(start)})).replace("&", "&amp;")
        return f"<{address}>; rel=“next”".encode().decode("latin-1")


class Deaf(Gradebook):
    """Answers "yes" to a score without a number, and keeps the grade it had."""

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        given = super().grade_of(body, before)
        return before if given is None else given


class Sakai(Gradebook):
    """As one of before 23: a score without a number is a bad request."""

    family = "sakai"

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        if "scoreGiven" not in body:
            raise Refusal(400)
        return super().grade_of(body, before)


class Canvas(Gradebook):
    """Ten a page unless asked for more, a hundred at most; the next page by an opaque bookmark whose case matters.

    Every score is an attempt of the student's, unless it says that it is none: `attempts`.
    """

    family = "canvas"
    attempts: int = 0

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        about = body.get("https://canvas.instructure.com/lti/submission", {})
        self.attempts += about.get("new_submission", True)
        return super().grade_of(body, before)

    def size(self, request: web.Request, number: int) -> int:
        return min(int(request.query.get("limit", 10)), 100)

    def start_of(self, request: web.Request) -> int:
        marks = {self._mark(number): number for number in range(0, 1000, 10)}
        return marks[request.query["page"]] if "page" in request.query else 0

    def next_link(self, request: web.Request, start: int) -> str:
        query = {**request.query, "page": self._mark(start)}
        return f'<{request.url.with_query(query)}>; rel="next",<{request.url}>; rel="current"'

    def _mark(self, number: int) -> str:
        return "bookmark:" + urlsafe_b64encode(f"[{number}]".encode()).decode()


class OpenEdxConsumer(Gradebook):
    """Whole maxima, label <= 100, tag <= 50; PUT needs both ids; DELETE is 403; ?user_id= means nothing; `limit` cuts
    off; a time that is not later is 400; a score of 0 never reaches the grade."""

    family = "Open edX"
    stale = 400

    def check_column(self, body: dict[str, Any]) -> None:
        whole = isinstance(body["scoreMaximum"], int)
        if not whole or len(body["label"]) > 100 or len(body.get("tag", "")) > 50:
            raise Refusal(400)

    def check_change(self, body: dict[str, Any]) -> None:
        if "resourceId" not in body or "resourceLinkId" not in body:
            raise Refusal(400)

    async def _delete(self, request: web.Request) -> web.Response:
        return web.Response(status=403)

    def wanted(self, request: web.Request) -> str | None:
        return request.match_info.get("user")

    def size(self, request: web.Request, number: int) -> int:
        return int(request.query.get("limit", number or 1))

    def next_link(self, request: web.Request, start: int) -> str:
        return ""

    def grade_of(self, body: dict[str, Any], before: float | None) -> float | None:
        return super().grade_of(body, before) or before


def join_gradebook(lms: Gradebook) -> Joined:
    """Describe the gradebook to the tool, its family too."""
    joined = join(lms)
    Platform.objects.update(product_family=lms.family)
    return joined


def ask(joined: Joined, work: Callable[[Connector], Coroutine[Any, Any, T]]) -> T:
    """What one asking of the first course's gradebook gives."""

    async def go() -> T:
        async with Outbound() as out:
            return await work(Connector(out, services, services.granted_of(LINE_ITEMS, RESULTS_READ, SCORE)))

    services = course_services(joined.courses[0])
    if services is None:
        raise AssertionError("the course was described")
    return async_to_sync(go)()
