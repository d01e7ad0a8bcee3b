"""Figures as people write them."""

import pytest

from lti_tool.web.wording import number


@pytest.mark.parametrize(
    ("value", "written"),
    [(7, "7"), (7.0, "7"), (7.5, "7.5"), (7.04, "7"), (-0.04, "0"), (-3, "-3"), (0, "0"), (1e15, "1000000000000000")],
)
def test_a_score_is_written_as_people_write_it(value: float, written: str) -> None:
    assert number(value) == written
