"""A school with two rounds of reviews, placed in courses as a platform would keep what our deep link gave it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from lti_tool.lti.models import Context, Deployment, PlatformUser
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, CycleView
from tests.factories import lti
from tests.factories.lti import INSTRUCTOR, LEARNER, REMOVE, FakePlatform

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LMS = "https://lms.example"


def endpoint(course: str = "course-1", item: str = "", lists: bool = True) -> dict[str, Any]:
    """The gradebook's claim of a course, or of one column in it."""
    items = f"{LMS}/courses/{course}/items"
    told: dict[str, Any] = {"scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]}
    return (
        told
        | ({"lineitems": items + "?type_id=1"} if lists else {})
        | ({"lineitem": f"{items}/{item}?type_id=1"} if item else {})
    )


@dataclass
class Rounds:
    """`autumn` and `spring` are of the school; Ana and Ben learn in course-1, Ms Hill teaches it."""

    platform: FakePlatform = field(default_factory=lti.connected)

    def __post_init__(self) -> None:
        self.school_id: UUID = Deployment.objects.get(platform__issuer=self.platform.issuer).school_id
        self.autumn = self.cycle("Autumn review")
        self.spring = self.cycle("Spring review")
        for sub in ("ana", "ben"):
            self.launch(sub, custom={})
        self.launch("hill", custom={})

    def cycle(self, name: str, **more: Any) -> CycleView:
        return plans.ensure_cycle(self.school_id, plans.cycle_key(name), name, **more)

    def person(self, sub: str) -> UUID:
        return PlatformUser.objects.get(sub=sub, deployment__platform__issuer=self.platform.issuer).person_id

    def actor(self, sub: str, course: str = "course-1") -> Actor:
        course_id = Context.objects.get(
            id_on_platform=course, deployment__platform__issuer=self.platform.issuer
        ).course_id
        return plans.actor_for(self.school_id, self.person(sub), course_id)

    def launch(
        self, sub: str, browser: Client | None = None, *, course: str = "course-1", link: str = "link-1",
        item: str = "", **claims: Any,
    ) -> HttpResponse:  # fmt: skip
        """Somebody opens a link of a course; whoever is called hill, or so, teaches."""
        sent = {
            "sub": sub,
            "name": sub.title(),
            "roles": [INSTRUCTOR if sub.startswith("hill") else LEARNER],
            "context": {"id": course, "title": course},
            "resource_link": {"id": link, "title": "Plan"},
            AGS: endpoint(course, item),
            **claims,
        }
        return self.platform.launch(browser or Client(), **sent)

    def open_round(
        self, sub: str, cycle: CycleView | str, browser: Client | None = None, **more: Any
    ) -> HttpResponse:
        """A placed round of reviews, with its column."""
        code = cycle if isinstance(cycle, str) else cycle.code
        custom = {"ilp_view": "review_cycle", "ilp_cycle": code} | more.pop("custom", {})
        link = more.pop("link", f"link-{code}")
        item = more.pop("item", f"column-{code}")
        return self.launch(sub, browser, link=link, item=item, custom=custom, **more)

    def gradebook(
        self, sub: str, about: str, browser: Client | None = None, *, cycle: CycleView | str = "", item: str = "7",
        **claims: Any,
    ) -> HttpResponse:  # fmt: skip
        """Somebody opens a student's review from a column of the gradebook."""
        code = cycle if isinstance(cycle, str) else cycle.code
        sent = {
            "message_type": "LtiSubmissionReviewRequest",
            "for_user": {"user_id": about},
            "resource_link": REMOVE,
            "custom": {"ilp_view": "review_cycle", "ilp_cycle": code} if code else {},
            **claims,
        }
        return self.launch(sub, browser, item=item, **sent)
