"""The pages of a plan ask the database as often for much as for little, and at most fifteen times."""

import pytest
from django.db import connection

from tests.factories.big_school import BigSchool, make_big_school
from tests.factories.pages_at_scale import doors, statements

pytestmark = [pytest.mark.django_db]


def most() -> int:
    """SQL statements of one request: on PostgreSQL the trail's event and its end are one."""
    return 15 if connection.vendor == "postgresql" else 16


def counted(school: BigSchool) -> dict[str, int]:
    """Of each page, opened for the first time: that staff read it is written then."""
    found = {}
    for page, asked in doors(school, rounds=2).items():
        asked[0].ask()  # what a process does only once is no page's
        found[page] = statements(asked[1])
    return found


@pytest.mark.database
def test_a_page_asks_as_often_for_few_students_and_targets_as_for_many() -> None:
    small = counted(make_big_school(students=5, years=1, targets=5))
    assert small == counted(make_big_school(students=50, years=1, targets=50))
    assert max(small.values()) <= most(), small


@pytest.mark.database
@pytest.mark.parametrize("framework", ["foundation_learning", "te_kura", "key_elements", "quarter_notes"])
def test_no_framework_makes_a_page_ask_more(framework: str) -> None:
    asked = counted(make_big_school(students=3, years=2, targets=4, framework=framework))
    assert max(asked.values()) <= most(), asked
