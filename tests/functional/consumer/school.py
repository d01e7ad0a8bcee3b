"""The course that the consumer finds where edx-platform would be: a block, three learners, a teacher."""

import uuid
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.contrib.auth import get_user_model
from opaque_keys.edx.keys import CourseKey, UsageKey

COURSE = CourseKey.from_string("course-v1:School+Reading7+2026")
BLOCK = UsageKey.from_string("block-v1:School+Reading7+2026+type@lti_consumer+block@plans")
TITLE = "Reading 7"
COLUMN = "Reading aloud"
MAXIMUM = 10
PEOPLE = {"tina": "Tina Okafor", "ada": "Ada Lovelace", "ben": "Ben Okri", "cleo": "Cleo Marsh"}
TEACHER = "tina"
MARKS = {"ada": 7.5, "ben": 0.0}  # out of MAXIMUM; Cleo never tried


def sub_of(username: str) -> str:
    """What the consumer calls an external user id."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, username))


def stand_in_for_edx_platform() -> None:
    """Answer what the consumer asks of edx-platform; it asks all of it through one module of its own."""
    from lti_consumer.plugin import compat

    compat.load_enough_xblock = compat.load_block_as_user = _block
    compat.batch_get_or_create_externalids = _external_ids
    compat.get_course_members = _members
    compat.user_has_studio_write_access = lambda user, course_key: user.username == TEACHER
    compat.get_event_tracker = lambda: None


def _block(location: UsageKey) -> Any:
    assert location == BLOCK
    return SimpleNamespace(
        scope_ids=SimpleNamespace(usage_id=BLOCK),
        display_name=COLUMN,
        weight=MAXIMUM,
        context_id=COURSE,
        lti_1p3_passport_id="",
        has_score=False,
        start=datetime(2026, 9, 1, tzinfo=UTC),
        due=None,
    )


def _external_ids(users: Any) -> dict[int, Any]:
    return {user.id: SimpleNamespace(external_user_id=sub_of(user.username)) for user in users}


def _members(course_key: CourseKey) -> dict[int, dict[str, Any]]:
    assert course_key == COURSE
    return {
        user.id: {
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "name": PEOPLE[user.username],
            "roles": ["staff" if user.username == TEACHER else "student"],
        }
        for user in get_user_model().objects.all()
    }
