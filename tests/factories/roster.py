"""An LMS whose roster tells what changed, narrows to a role or a link, and knows groups (NRPS, Course Groups)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from lti_tool.lti.models import Context

from .evidence import Joined
from .lms import LIS, FakeLMS

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


@dataclass
class RosterLMS(FakeLMS):
    """Members beyond the numbered ones come and go by `come` and `go`."""

    items: int = 0
    offers_differences: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # role by account
    news: list[tuple[str, str]] = field(default_factory=list)  # account, status
    groups: dict[str, set[str]] = field(default_factory=dict)  # accounts by group
    tells_groups_in_roster: bool = False
    group_reads: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.people = {f"user-{n}": "Instructor" if n < self.teachers else "Learner" for n in range(self.members)}

    def come(self, sub: str, role: str = "Learner") -> None:
        self.people[sub] = role
        self.news.append((sub, "Active"))

    def go(self, sub: str, status: str = "Deleted") -> None:
        del self.people[sub]
        self.news.append((sub, status))

    def wholes(self) -> int:
        """How often the whole roster was asked for, pages not counted."""
        return sum("since" not in query and "from" not in query for query in self.asked)

    # What it answers.

    def _routes(self, app: web.Application) -> None:
        app.router.add_get("/courses/{course}/groups", self._groups)
        app.router.add_get("/courses/{course}/groupsets", self._sets)
        super()._routes(app)

    async def _memberships(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.asked.append(query)
        if "since" in query:
            rows = [self._row(sub, status) for sub, status in self.news[int(query["since"]) :]]
        else:
            rows = [self._row(sub, "Active") for sub in self.people]
        if "role" in query:
            rows = [row for row in rows if query["role"] in row["roles"]]
        if "rlid" in query:
            for row in rows:
                row["message"] = [
                    {
                        CLAIM + "message_type": "LtiResourceLinkRequest",
                        CLAIM + "custom": {"ilp_view": f"{query['rlid']} of {row['user_id']}", "number": 5},
                    }
                ]
        size, start = int(query.get("limit", self.page)), int(query.get("from", 0))
        links = []
        if start + size < len(rows):
            links.append(f'<{request.url.with_query({**query, "from": str(start + size)})}>; rel="next"')
        elif self.offers_differences:
            links.append(f'<{self.memberships_url()}?since={len(self.news)}>; rel="differences"')
        body = {"id": self.memberships_url(), "context": {"id": "course-0"}, "members": rows[start : start + size]}
        return web.json_response(body, headers={"Link": ", ".join(links)} if links else {})

    def _row(self, sub: str, status: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "user_id": sub,
            "status": status,
            "name": f"Person {sub}",
            "roles": [LIS + self.people.get(sub, "Learner")],
        }
        if self.tells_groups_in_roster:
            row["group_enrollments"] = [{"group_id": name} for name, subs in self.groups.items() if sub in subs]
        return row

    async def _groups(self, request: web.Request) -> web.Response:
        user = request.query.get("user_id", "")
        self.group_reads[user] += 1
        rows = [
            {"id": name, "name": f"Group {name}", "set_id": "s1" if name < "m" else None}
            for name, subs in self.groups.items()
            if not user or user in subs
        ]
        return web.json_response({"id": str(request.url), "groups": rows})

    async def _sets(self, request: web.Request) -> web.Response:
        return web.json_response({"id": str(request.url), "sets": [{"id": "s1", "name": "Reading groups"}]})


def offer_groups(lms: RosterLMS, joined: Joined) -> None:
    """As a launch's claim would."""
    base = f"{lms.base}/courses/0/"
    Context.objects.filter(course_id=joined.courses[0]).update(
        groups_url=base + "groups", group_sets_url=base + "groupsets"
    )
