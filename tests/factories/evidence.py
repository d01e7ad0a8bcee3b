"""A school joined to a fake LMS, and what the tool holds of it."""

from dataclasses import dataclass
from uuid import UUID

from lti_tool.evidence import api as evidence
from lti_tool.evidence.collect import Outcome
from lti_tool.lti.services import tokens
from lti_tool.lti.services.joining import DescribedCourse, DescribedPlatform, describe
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Role

from .lms import FakeLMS, key_pair

PAIR = key_pair()  # one for the whole run: making one takes a tenth of a second


@dataclass(frozen=True)
class Joined:
    """A school and its courses, in the LMS's order."""

    school_id: UUID
    courses: list[int]

    def read(self, course: int = 0) -> Outcome:
        """Read a whole course now."""
        return evidence.read_courses(self.school_id, [self.courses[course]])[0].outcomes["ags"]

    def total(self) -> tuple[int, float]:
        return plans.evidence_total(self.school_id)


def join(lms: FakeLMS) -> Joined:
    """Describe the LMS to the tool as an operator would."""
    tokens.forget()
    lms.public_pem = PAIR[1]
    school_id, courses = describe(
        DescribedPlatform(
            issuer=lms.base,
            client_id=lms.client_id,
            deployment_id="1",
            auth_url=f"{lms.base}/auth",
            token_url=f"{lms.base}/token",
            jwks_url=f"{lms.base}/jwks",
            private_pem=PAIR[0],
        ),
        [
            DescribedCourse(f"course-{course}", lms.lineitems_url(course), lms.memberships_url(course))
            for course in range(lms.courses)
        ],
    )
    return Joined(school_id, courses)


def actor(joined: Joined, person_id: UUID, course: int = 0) -> Actor:
    return plans.actor_for(joined.school_id, person_id, joined.courses[course])


__all__ = ["Joined", "Role", "actor", "join"]
