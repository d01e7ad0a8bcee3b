"""The messages the tool takes, what each must hold beyond the claims of every message, and the page it opens.

Our own reading of the claims comes first (`claims`), so PyLTI1p3's validators meet only shapes they know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pylti1p3.exception import LtiException
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator

from lti_tool.lti.claims import DEEP_LINKING, PRIVACY, Launch
from lti_tool.lti.refusals import Refused

RESOURCE_LINK = "LtiResourceLinkRequest"
CONTEXT = "LtiContextLaunchRequest"  # a draft; some platforms send it from a course's navigation
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


class Validator(Protocol):
    def validate(self, jwt_body: dict[str, object]) -> bool: ...  # raises LtiException


@dataclass(frozen=True, slots=True)
class Kind:
    """`is_complete` looks at the launch, `validator` at the raw claims after it."""

    is_complete: Callable[[Launch], bool] = lambda launch: True
    validator: Validator | None = None


def _names_whom_and_what(launch: Launch) -> bool:
    return bool(launch.for_user and launch.lineitem_url)


KINDS: dict[str, Kind] = {
    RESOURCE_LINK: Kind(lambda launch: bool(launch.resource_link_id), ResourceMessageValidator()),
    CONTEXT: Kind(lambda launch: bool(launch.context_id)),
    DEEP_LINKING: Kind(lambda launch: launch.deep_linking is not None),
    SUBMISSION_REVIEW: Kind(_names_whom_and_what, SubmissionReviewLaunchValidator()),
    **dict.fromkeys(PRIVACY, Kind()),
}


def check(launch: Launch, raw: dict[str, Any]) -> None:
    """Whether the message is of a type we take, and whole. Raises Refused."""
    kind = KINDS.get(launch.message_type)
    if kind is None:
        raise Refused("message_type")
    if not kind.is_complete(launch):
        raise Refused("message_incomplete")
    try:
        if kind.validator is not None:
            kind.validator.validate(raw)
    except LtiException:
        raise Refused("message_incomplete") from None
