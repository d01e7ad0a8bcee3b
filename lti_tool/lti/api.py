"""The door of `lti` for pages, sources and tasks."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from lti_tool.plans import api as plans

from . import copies, keys, notices, school_codes, withdrawing
from .browser import keep_media_proof, media_proof
from .deep_linking import Answer, Column, NotTaken, Placement, Window
from .deep_linking import Request as DeepLinkingRequest
from .deep_linking import answer as answer_deep_linking
from .deep_linking import request_of as deep_linking_request
from .models import (
    AccessToken,
    ClaimVisit,
    LaunchSession,
    Login,
    MediaPass,
    Notice,
    PlacementWish,
    RegistrationLink,
    SchoolCode,
    WrongCode,
)
from .passback import due as due_passback
from .passback import find as find_passback
from .passback import tell as pass_back
from .passback_switches import WISHES_KEPT_FOR, ToldPlacement, switch_placement
from .passback_switches import placements as told_placements
from .passback_switches import switch as switch_passback
from .passback_switches import switched_on as passback_since
from .passes import PLAYS_FOR, Taken, give_pass, take_pass
from .registration import links
from .services.course import Services, course_services, find_services
from .services.groups import GroupView, groups
from .services.people import persons_of
from .sessions import (
    WORDS_KEPT_FOR,
    Session,
    address,
    ancestors_of,
    check_csrf,
    csrf_token,
    end_session,
    end_sessions,
    keep_ancestors,
    locales,
    open_session,
)
from .withdrawing import MarkByHand, Marks, done_by_hand, marks, take_back, take_back_site
from .withdrawing import due as due_withdrawals

__all__ = [
    "PLAYS_FOR",
    "Answer",
    "Column",
    "DeepLinkingRequest",
    "GroupView",
    "MarkByHand",
    "Marks",
    "NotTaken",
    "Placement",
    "Services",
    "Session",
    "Taken",
    "ToldPlacement",
    "Window",
    "address",
    "ancestors_of",
    "answer_deep_linking",
    "check_csrf",
    "course_services",
    "csrf_token",
    "deep_linking_request",
    "done_by_hand",
    "due_passback",
    "due_withdrawals",
    "end_session",
    "end_sessions",
    "find_passback",
    "find_services",
    "follow_courses",
    "forget_expired",
    "give_pass",
    "groups",
    "keep_media_proof",
    "locales",
    "marks",
    "media_proof",
    "open_session",
    "pass_back",
    "passback_since",
    "persons_of",
    "registration_link",
    "rotate_keys",
    "school_code",
    "switch_passback",
    "switch_placement",
    "take_back",
    "take_back_site",
    "take_pass",
    "told_placements",
]  # fmt: skip

LINKS_KEPT_FOR = timedelta(days=90)  # so that an old link says "used", not "unknown"


def registration_link(school_id: UUID) -> str:
    """A new one-time link by which this school's IT connects an LMS."""
    return links.create(school_id)


def school_code(school_id: UUID) -> str:
    """A new one-time code by which this school claims a deployment or appoints an administrator."""
    return school_codes.create(school_id)


def rotate_keys() -> bool:
    """Let the tool's next key sign once the current one has served its time. True when that was now."""
    return bool(keys.rotate_when_due())


def follow_courses() -> int:
    """Ask platforms to tell of copied courses, carry targets into those heard of. Returns how many links it made."""
    for service_pk in notices.due():
        notices.ask_for_notices(service_pk)
    return copies.carry_over()


def forget_expired() -> int:
    """Delete what nobody can use any more, and names no LMS told for a day. Returns how many rows went."""
    plans.forget_names()
    keep_ancestors()
    now = timezone.now()
    gone = [
        Login.objects.filter(expires_at__lte=now),
        MediaPass.objects.filter(expires_at__lte=now),
        LaunchSession.objects.filter(expires_at__lte=now - WORDS_KEPT_FOR),
        AccessToken.objects.filter(expires_at__lte=now),
        Notice.objects.filter(received_at__lte=now - notices.KEPT_FOR),
        PlacementWish.objects.filter(asked_at__lte=now - WISHES_KEPT_FOR),
        ClaimVisit.objects.filter(expires_at__lte=now),
        WrongCode.objects.filter(at__lte=now - school_codes.COUNTED_FOR),
        SchoolCode.objects.filter(expires_at__lte=now),
        RegistrationLink.objects.filter(expires_at__lte=now - LINKS_KEPT_FOR),
        withdrawing.settled_long_ago(),
    ]
    return sum(rows.delete()[0] for rows in gone)
