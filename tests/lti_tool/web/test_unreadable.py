"""A sealed value that does not open stops its page kindly: nothing of it is shown, nothing is changed (T70)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from lti_tool.plans.models import Target
from tests.factories.plans import make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T70")]


def test_a_page_says_kindly_that_words_do_not_open_and_shows_none(visitor: Callable[..., Any]) -> None:
    cast = make_cast()
    Target.objects.of(cast.maths.school_id).filter(pk=cast.target_id).update(support_inside="breakfast club")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Target._meta.db_table} SET support_outside = support_inside")
    page = visitor(cast.teacher).get("plan", cast.student.person_id)
    assert page.status_code == 500
    assert "Some words cannot be opened" in page.content.decode()
    assert "breakfast" not in page.content.decode()
