"""What waits for a school's administrators, in one place."""

from dataclasses import dataclass

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of each: requests to delete, requests to put right, marks in gradebooks to delete by hand."""

    erasures: int
    corrections: int
    marks: int

    @property
    def any(self) -> bool:
        return bool(self.erasures or self.corrections or self.marks)


def waiting(actor: Actor) -> Waiting:
    """For an administrator. Three queries, and what it counts is shown in full on the page of people."""
    return Waiting(
        len(plans.erasures_asked(actor)),
        len(plans.corrections_asked(actor)),
        len(lti.marks(actor.school_id).by_hand),
    )
