"""The absolute addresses of the platform's endpoints, and activity ids as path segments."""

import base64
import binascii

from django.urls import get_resolver

from .configuration import issuer

URLS = "ilp_xblock.platform.urls"
PREFIX = "ilp"  # where the plug-in mounts them in the LMS (`apps`)


def address(name: str, *args: str) -> str:
    """The address of the endpoint `name` (see `urls`), on the issuer's host whatever host a request named.

    Studio says the same addresses, though only the LMS answers at them.
    """
    return f"{issuer()}/{PREFIX}/{get_resolver(URLS).reverse(name, *args)}"


def segment(text: str) -> str:
    """Any id as one URL path segment (unpadded base64url)."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_segment(text: str) -> str | None:
    """The id of a segment; None for one that `segment` never gave."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return raw if segment(raw) == text else None


def lineitem_address(course_id: str, activity_id: str) -> str:
    return address("lineitem", course_id, segment(activity_id))
