"""Whose parent somebody is, as a Mentor launch tells it: `role_scope_mentor` (LTI Core 1.3, 5.4.5 and A.2.3).

The ids are accounts of the message's own deployment. Nobody reaches a child through another platform's id, by
a name or by an address, nor a child whom no launch or roster has told of yet.
"""

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Role

from .claims import Launch
from .services.people import persons_of


def tell(launch: Launch, deployment_pk: int, known: Actor) -> None:
    """Make the guardian links of this person from this course what the launch says: none for other roles' launches.

    `known`: who they are by what stood before. Costs nothing for people who are nobody's guardian.
    """
    if launch.role is Role.FAMILY:
        children = persons_of(deployment_pk, launch.mentors_of)
        plans.tell_children(known.school_id, known.person_id, known.course_id, set(children.values()))
    elif Role.FAMILY in known.appointed:
        plans.tell_children(known.school_id, known.person_id, known.course_id, ())
