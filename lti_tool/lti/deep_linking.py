"""Deep Linking 2.0: what was asked for, and the signed answer with what a teacher placed. One answer a request.

The request lives in the session's row on the server: the page holds nothing of it but the address to return to.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from . import keys
from .claims import CLAIM, VERSION, DeepLinkingSettings, Launch
from .launch import launch_url
from .models import DeepLinking, LaunchSession
from .passback_switches import keep_wish
from .registration.documents import CUSTOM
from .sessions import origin

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LINK = "ltiResourceLink"
ANSWER_SECONDS = 300
MOST_PLACED = 50
REVIEW_TAG = "ilp-review"
# A review can be opened whatever a student has handed in: nothing has to be handed in for it.
REVIEWABLE = ["None", "Initialized", "Started", "InProgress", "Submitted", "Completed"]
IFRAME = {"width": 900, "height": 800}  # pixels
WINDOW = {"targetName": "ilp-panel", "width": 1100, "height": 900}


@dataclass(frozen=True, slots=True)
class Request:
    """What the platform would take, as far as the page that asks a person has to know."""

    may_pick: bool
    takes_links: bool
    takes_several: bool
    takes_columns: bool
    title: str  # the platform's proposals for the link's name and description
    text: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the gradebook that comes with a placement (AGS 2.0, line item)."""

    label: str
    score_maximum: float
    released: bool  # whether students may see its marks


@dataclass(frozen=True, slots=True)
class Window:
    """When something is open; None: no limit on that side."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """One link to put into the course. What it is about comes back with each launch of it."""

    view: str  # "panel", "reviews", "review_cycle"
    title: str
    text: str = ""
    goal: str = ""  # its key
    area: str = ""  # its key
    group: str = ""  # its key
    group_id: str = ""  # its id in this course
    cycle: str = ""  # its code
    column: Column | None = None
    open: Window = Window()
    is_told: bool = False  # its column is told of reviews that are done


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person's browser posts back to the platform."""

    return_url: str
    return_origin: str
    jwt: str


class NotTaken(Exception):
    """The request does not allow this answer, or was answered before; nothing was sent."""


def remember(handle: str, launch: Launch) -> None:
    """Keep the request of a verified launch beside its new session."""
    if launch.deep_linking is None:
        raise AssertionError("checked with the message")
    DeepLinking.objects.create(
        session_id=LaunchSession.objects.values_list("pk", flat=True).get(handle=handle),
        settings=launch.deep_linking.model_dump(),
        may_pick=launch.may_place,
    )


def request_of(handle: str) -> Request | None:
    """The request of this session, if it has one. One SELECT."""
    row = DeepLinking.objects.filter(session__handle=handle).first()
    if row is None:
        return None
    asked = DeepLinkingSettings.model_validate(row.settings)
    return Request(
        may_pick=row.may_pick,
        takes_links=LINK in asked.accept_types,
        takes_several=asked.accept_multiple,
        takes_columns=asked.accept_lineitem,
        title=asked.title,
        text=asked.text,
        answered=row.answered_at is not None,
    )


def answer(handle: str, placements: Sequence[Placement], *, message: str = "", error: str = "") -> Answer:
    """The signed answer; no placements: nothing was chosen. Of several tries at once exactly one gets it.

    `message` and `error` are sentences the platform may show. Raises NotTaken.
    """
    rows = DeepLinking.objects.select_related("session__deployment__platform", "session__platform_user")
    row = rows.filter(session__handle=handle).first()
    if row is None:
        raise NotTaken
    asked = DeepLinkingSettings.model_validate(row.settings)
    most = MOST_PLACED if asked.accept_multiple else 1
    if placements and not (row.may_pick and LINK in asked.accept_types and len(placements) <= most):
        raise NotTaken
    if not DeepLinking.objects.filter(pk=row.pk, answered_at=None).update(answered_at=timezone.now()):
        raise NotTaken
    deployment = row.session.deployment
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": deployment.platform.client_id,
        "aud": deployment.platform.issuer,
        "iat": now,
        "exp": now + ANSWER_SECONDS,
        "nonce": secrets.token_urlsafe(24),
        CLAIM + "deployment_id": deployment.deployment_id,
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": VERSION,
        DL + "content_items": [_item(placement, asked, row.session) for placement in placements],
    }
    told = {"data": asked.data, "msg": message or None, "errormsg": error or None}
    # For the platform's own log, in English and with nothing of anybody in it (Deep Linking 2.0, 3.2.5).
    told["log"] = f"ilp-panel: {len(placements)} placed" if message else None
    told["errorlog"] = f"ilp-panel: nothing placed, accept_types without {LINK}" if error else None
    claims |= {DL + name: value for name, value in told.items() if value is not None}
    return Answer(
        return_url=asked.deep_link_return_url,
        return_origin=origin(asked.deep_link_return_url),
        jwt=keys.sign(claims, deployment.platform_id),
    )


def _item(placement: Placement, asked: DeepLinkingSettings, session: LaunchSession) -> dict[str, Any]:
    """An LTI resource link as Deep Linking 2.0, 3.1.3 writes it; only what the platform says it can show."""
    about = {
        "ilp_goal": placement.goal,
        "ilp_area": placement.area,
        "ilp_group": placement.group,
        "ilp_group_id": placement.group_id,
        "ilp_cycle": placement.cycle,
    }
    custom = CUSTOM | {"ilp_view": placement.view} | {name: value for name, value in about.items() if value}
    item: dict[str, Any] = {
        "type": LINK,
        "title": placement.title,
        "url": launch_url(),
        "icon": {"url": _picture("icon.png"), "width": 64, "height": 64},
        "thumbnail": {"url": _picture("thumbnail.png"), "width": 160, "height": 160},
        "custom": custom,
    }
    if placement.text:
        item["text"] = placement.text
    if "iframe" in asked.accept_presentation_document_targets:
        item["iframe"] = IFRAME
    if "window" in asked.accept_presentation_document_targets:
        item["window"] = WINDOW
    window = _window(placement.open)
    if window:
        item["available"] = window
    if placement.column and asked.accept_lineitem:
        item["lineItem"] = _line_item(placement.column, placement)
        if window:
            item["submission"] = window
        if placement.is_told and session.context_id is not None:
            custom["ilp_wish"] = keep_wish(session.context_id, session.platform_user.person_id)
    return item


def _line_item(column: Column, placement: Placement) -> dict[str, Any]:
    """The column by the round it is for: the same `resourceId` in every course that holds it (AGS 2.0, 3.2.9)."""
    return {
        "label": column.label,
        "scoreMaximum": column.score_maximum,
        "resourceId": placement.cycle,
        "tag": REVIEW_TAG,
        "gradesReleased": column.released,
        "submissionReview": {
            "reviewableStatus": REVIEWABLE,
            "label": column.label,
            "url": launch_url(),
            "custom": {"ilp_view": placement.view, "ilp_cycle": placement.cycle},
        },
    }


def _window(window: Window) -> dict[str, str]:
    ends = {"startDateTime": window.start, "endDateTime": window.end}
    return {name: when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for name, when in ends.items() if when}


def _picture(name: str) -> str:
    """By its plain name: a link in a course keeps it for years, the named-by-content ones change."""
    return f"{settings.ILP_BASE_URL}{settings.STATIC_URL}ilp/{name}"
