"""Role names of LMSs become one role; what is unknown gets the least."""

import pytest

from lti_tool.lti.roles import role_of
from lti_tool.plans.data import Role

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
MEMBERSHIP = LIS + "membership#"
INSTITUTION = LIS + "institution/person#"
SYSTEM = LIS + "system/person#"


@pytest.mark.trust("T61")
@pytest.mark.parametrize(
    ("names", "role"),
    [
        ([MEMBERSHIP + "Instructor"], Role.TEACHER),
        ([MEMBERSHIP + "Learner"], Role.LEARNER),
        ([MEMBERSHIP + "Mentor"], Role.FAMILY),
        ([MEMBERSHIP + "Administrator"], Role.ADMINISTRATOR),
        ([MEMBERSHIP + "ContentDeveloper"], Role.NONE),
        ([MEMBERSHIP + "Member"], Role.NONE),
        (["Instructor"], Role.TEACHER),
        (["Learner"], Role.LEARNER),
        (["Mentor"], Role.FAMILY),
        (["TeachingAssistant"], Role.ASSISTANT),
        # An assistant is named with the principal role Instructor beside the sub-role (Canvas).
        ([LIS + "membership/Instructor#TeachingAssistant"], Role.ASSISTANT),
        ([LIS + "membership/Instructor#TeachingAssistant", MEMBERSHIP + "Instructor"], Role.ASSISTANT),
        ([LIS + "membership/Instructor#Grader", MEMBERSHIP + "Instructor"], Role.ASSISTANT),
        # Or, as in LTI 1.1, as a role of its own: it must not pass for the Instructor beside it.
        ([MEMBERSHIP + "TeachingAssistant"], Role.ASSISTANT),
        ([MEMBERSHIP + "TeachingAssistant", MEMBERSHIP + "Instructor"], Role.ASSISTANT),
        ([MEMBERSHIP + "Grader"], Role.ASSISTANT),
        (["TeachingAssistant", "Instructor"], Role.ASSISTANT),
        ([LIS + "membership/Instructor#PrimaryInstructor", MEMBERSHIP + "Instructor"], Role.TEACHER),
        (
            [LIS + "membership/Instructor#TeachingAssistant", LIS + "membership/Instructor#Lecturer"],
            Role.TEACHER,
        ),
        # A learner's sub-role is called Instructor: still a learner.
        ([LIS + "membership/Learner#Instructor"], Role.LEARNER),
        ([LIS + "membership/Learner#GuestLearner", MEMBERSHIP + "Learner"], Role.LEARNER),
        # A system or institution role makes nobody a teacher or a learner.
        ([INSTITUTION + "Instructor"], Role.NONE),
        ([INSTITUTION + "Student"], Role.NONE),
        ([INSTITUTION + "Learner", SYSTEM + "User"], Role.NONE),
        ([SYSTEM + "User", MEMBERSHIP + "Instructor"], Role.TEACHER),
        ([INSTITUTION + "Student", MEMBERSHIP + "Instructor"], Role.TEACHER),
        ([INSTITUTION + "Faculty", MEMBERSHIP + "Learner"], Role.LEARNER),
        ([INSTITUTION + "Administrator"], Role.ADMINISTRATOR),
        ([SYSTEM + "SysAdmin"], Role.ADMINISTRATOR),
        ([SYSTEM + "Administrator", MEMBERSHIP + "Learner"], Role.LEARNER),
        ([INSTITUTION + "Administrator", MEMBERSHIP + "Instructor"], Role.TEACHER),
        # Canvas's "student view".
        (["http://purl.imsglobal.org/vocab/lti/system/person#TestUser", MEMBERSHIP + "Learner"], Role.LEARNER),
        (["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], Role.NONE),
        # A family member who also learns here sees their own plan; a mentor is never staff.
        ([MEMBERSHIP + "Mentor", MEMBERSHIP + "Learner"], Role.LEARNER),
        ([INSTITUTION + "Instructor", MEMBERSHIP + "Mentor"], Role.FAMILY),
        ([], Role.NONE),
        ([""], Role.NONE),
        (["instructor"], Role.NONE),
        ([" Instructor"], Role.NONE),
        (["urn:lti:role:ims/lis/Instructor"], Role.NONE),
        (["http://example.org/vocab#Instructor"], Role.NONE),
        ([MEMBERSHIP + "Instructor/x"], Role.NONE),
        ([7, None, {}, [], MEMBERSHIP + "Learner"], Role.LEARNER),
        (["x"] * 1000 + [MEMBERSHIP + "Instructor"], Role.NONE),
    ],
)
def test_names_of_roles_give_one_role(names, role):
    assert role_of(names) is role
