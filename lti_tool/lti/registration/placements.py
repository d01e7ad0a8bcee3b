"""Where in an LMS people meet the tool, asked for as far as the LMS offers it (Dynamic Registration 1.0, 3.5).

Canvas has its own names and settings for that (its documents on dynamic registration and on JSON configuration);
other LMSs name placements in `messages_supported` or not at all.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lti_tool.lti import messages as taken
from lti_tool.lti.claims import DEEP_LINKING

if TYPE_CHECKING:
    from .documents import Offered

CANVAS = "https://canvas.instructure.com/lti/"
TOOL_ID = "ilp-panel"
PRIVACY_LEVEL = "name_only"  # no e-mail, no picture: a plan needs neither (T19). "anonymous" works too (T74)
CANVAS_TOOL = {CANVAS + "privacy_level": PRIVACY_LEVEL, CANVAS + "tool_id": TOOL_ID}
# A teacher switches it on in their course: a course it is not placed in is never asked for its people (T73).
CANVAS_NAVIGATION = {CANVAS + "course_navigation/default_enabled": False, CANVAS + "visibility": "members"}

COMMON = (taken.RESOURCE_LINK, DEEP_LINKING)  # what every LTI Advantage platform sends
LABELS = {
    taken.RESOURCE_LINK: "Individual Learning Plans",
    DEEP_LINKING: "Add learning plans",
    taken.SUBMISSION_REVIEW: "Review of a learning plan",
}
# By the last part of a platform's name for it: Canvas writes them with and without its prefix.
PLACES = {
    taken.RESOURCE_LINK: ("course_navigation",),
    DEEP_LINKING: ("assignment_selection", "link_selection", "ContentArea"),
    taken.SUBMISSION_REVIEW: ("submission_review",),
}


def messages(offered: "Iterable[Offered]", target_link_uri: str) -> list[dict[str, Any]]:
    """The messages to ask for: those we take and the platform sends; the two common ones where it lists none."""
    places = {offer.type: offer.placements for offer in offered}
    listed = places or dict.fromkeys(COMMON, ())
    wanted = [taken.RESOURCE_LINK, *sorted(listed.keys() & taken.KINDS.keys() - {taken.RESOURCE_LINK})]
    return [_message(kind, places.get(kind, ()), target_link_uri) for kind in wanted]


def _message(kind: str, offered: tuple[str, ...], target_link_uri: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": kind,
        "target_link_uri": target_link_uri,
        "label": LABELS.get(kind, LABELS[taken.RESOURCE_LINK]),
    }
    places = [place for place in offered if place.rpartition("/")[2] in PLACES.get(kind, ())]
    if places:
        message["placements"] = places
    if CANVAS + "course_navigation" in places or "course_navigation" in places:
        message |= CANVAS_NAVIGATION
    return message


def canvas_settings(target_link_uri: str) -> list[dict[str, Any]]:
    """The placements of Canvas's JSON configuration."""
    navigation = {
        "placement": "course_navigation",
        "message_type": taken.RESOURCE_LINK,
        "text": LABELS[taken.RESOURCE_LINK],
        "target_link_uri": target_link_uri,
        "enabled": True,
        "default": "disabled",
        "visibility": "members",
    }
    choosing = [
        {
            "placement": place,
            "message_type": DEEP_LINKING,
            "text": LABELS[DEEP_LINKING],
            "target_link_uri": target_link_uri,
            "enabled": True,
        }
        for place in ("assignment_selection", "link_selection")
    ]
    return [navigation, *choosing]
