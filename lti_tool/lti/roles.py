"""What a platform's role names make of a person in one course (LTI Core 1.3, A.2; LIS vocabulary).

Only context roles count: an account's system or institution role never makes a teacher or a learner. Unknown and
missing roles give the least, nothing. The one other answer they can give is "administrator", who sees no plan.
"""

from collections.abc import Iterable
from functools import lru_cache

from lti_tool.plans.data import Role

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
LTI_SYSTEM = "http://purl.imsglobal.org/vocab/lti/system/person#"

# An Instructor's sub-roles that help and do not lead. A platform that names one also names Instructor itself.
ASSISTING = frozenset(
    {
        "TeachingAssistant", "TeachingAssistantGroup", "TeachingAssistantOffering", "TeachingAssistantSection",
        "TeachingAssistantSectionAssociation", "TeachingAssistantTemplate", "Grader",
    }
)  # fmt: skip
PRINCIPAL = {
    "Instructor": Role.TEACHER,
    "Learner": Role.LEARNER,
    "Mentor": Role.FAMILY,
    "Administrator": Role.ADMINISTRATOR,
}
# Who has several context roles is what comes first here.
ORDER = (Role.TEACHER, Role.ASSISTANT, Role.LEARNER, Role.FAMILY, Role.ADMINISTRATOR)
ADMINISTRATORS = frozenset(
    f"{LIS}{kind}/person#{name}" for kind in ("institution", "system") for name in ("Administrator", "SysAdmin")
)
WRITES_COURSE = frozenset({"Administrator", "ContentDeveloper"})
MOST_ROLES = 100  # of one message that are looked at


def role_of(roles: Iterable[object]) -> Role:
    """The one role the names give. Anything that is not text is ignored."""
    return _role_of(tuple(name for name in list(roles)[:MOST_ROLES] if isinstance(name, str)))


def may_place(roles: Iterable[object]) -> bool:
    """Whether the names let somebody put links into the course: whoever teaches, leads or writes it.

    It opens no plan: what a page then offers of a class is read through the live enrolment.
    """
    names = [name for name in list(roles)[:MOST_ROLES] if isinstance(name, str)]
    writes = any(found[0] in WRITES_COURSE for found in map(_context_role, names) if found)
    return writes or role_of(names) is Role.TEACHER


@lru_cache(maxsize=512)
def _role_of(names: tuple[str, ...]) -> Role:
    found: set[Role] = set()
    leads = assists = False
    for principal, sub_role in filter(None, map(_context_role, names)):
        if principal == "Instructor" and sub_role:
            assists = assists or sub_role in ASSISTING
            leads = leads or sub_role not in ASSISTING
        if principal in PRINCIPAL:
            found.add(PRINCIPAL[principal])
    if assists and not leads:
        found = found - {Role.TEACHER} | {Role.ASSISTANT}
    for role in ORDER:
        if role in found:
            return role
    return Role.ADMINISTRATOR if ADMINISTRATORS.intersection(names) else Role.NONE


def _context_role(name: str) -> tuple[str, str] | None:
    """Principal and sub-role of a context role: a URI of the LIS vocabulary, or the short name. Others: None."""
    if name.startswith(LIS + "membership#"):
        return _principal(name.removeprefix(LIS + "membership#"))
    if name.startswith(LIS + "membership/"):
        principal, _, sub_role = name.removeprefix(LIS + "membership/").partition("#")
        return principal, sub_role
    if ":" in name:  # another vocabulary's URI, or another kind of role
        return None
    principal, _, sub_role = name.replace("/", "#").partition("#")
    return (principal, sub_role) if sub_role else _principal(principal)


def _principal(name: str) -> tuple[str, str]:
    """A role named without its principal. In LTI 1.1 assistants had roles of their own; some platforms keep them."""
    return ("Instructor", name) if name in ASSISTING else (name, "")
