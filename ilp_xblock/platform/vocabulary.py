"""LTI's words: claims, scopes, roles, media types (LTI Core 1.3, AGS 2.0, NRPS 2.0, DL 2.0, Course Groups 1.0)."""

from .ports import Role

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
TOOL_PLATFORM_CLAIM = CLAIM + "tool_platform"
PRESENTATION_CLAIM = CLAIM + "launch_presentation"
FOR_USER_CLAIM = CLAIM + "for_user"
DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
GROUPS_CLAIM = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
MESSAGES = (RESOURCE_LINK, DEEP_LINKING, SUBMISSION_REVIEW)
VERSION = "1.3.0"

PRODUCT_FAMILY = "ilp-xblock"
VARIABLES = (
    "User.id",
    "Context.id",
    "Context.title",
    "Context.label",
    "Context.id.history",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.id.history",
    "Message.locale",
)

LINEITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
MEMBERSHIP_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUPS_READ = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
# Known, never granted: what would change a gradebook that belongs to the course.
LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
REGISTER = "https://purl.imsglobal.org/spec/lti-reg/scope/registration"
SCOPES = (LINEITEM_READ, RESULT_READ, MEMBERSHIP_READ, GROUPS_READ)

LINEITEM_MEDIA = "application/vnd.ims.lis.v2.lineitem+json"
LINEITEMS_MEDIA = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_MEDIA = "application/vnd.ims.lis.v2.resultcontainer+json"
RESULT_MEDIA = "application/vnd.ims.lis.v2.result+json"
GROUPS_MEDIA = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"  # of groups and of sets
MEMBERS_MEDIA = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
ROLE_URIS: dict[Role, tuple[str, ...]] = {
    Role.LEARNER: (f"{_MEMBERSHIP}#Learner",),
    Role.INSTRUCTOR: (f"{_MEMBERSHIP}#Instructor",),
    # A sub-role comes with its principal role (LTI Core A.2.3.1).
    Role.ASSISTANT: (f"{_MEMBERSHIP}/Instructor#TeachingAssistant", f"{_MEMBERSHIP}#Instructor"),
}
_ASKED_ROLES = {
    "Learner": Role.LEARNER,
    "Instructor": Role.INSTRUCTOR,
    "TeachingAssistant": Role.ASSISTANT,
    **{uris[0]: role for role, uris in ROLE_URIS.items()},
}


def role_uris(roles: tuple[Role, ...]) -> list[str]:
    """The full URIs of a member's roles, each once."""
    return list(dict.fromkeys(uri for role in roles for uri in ROLE_URIS[role]))


def asked_role(text: str) -> Role | None:
    """The role that a full URI or a short name asks for; None for one that nobody here has.

    A role of an institution or a system is not the course's of the same name.
    """
    return _ASKED_ROLES.get(text)
