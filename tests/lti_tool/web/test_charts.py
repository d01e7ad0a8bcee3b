"""The small plots: every value stands inside its frame."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.plans.data import EvidenceView
from lti_tool.web import charts


@pytest.mark.parametrize("scores", [(15, 12), (-3, 4), (5, 10), (1e9, 3), (0, 0)])
def test_a_score_above_the_maximum_or_below_zero_is_drawn_inside_the_plot(scores: tuple[float, float]) -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    series = [
        EvidenceView(n, 1, "Quiz", score, 10, start + timedelta(days=n), start, "ags")
        for n, score in enumerate(scores)
    ]
    drawn = charts.line(series, [50, 80])
    dots = [tuple(map(float, dot)) for dot in re.findall(r'<circle[^>]*cx="([-\d.e]+)"[^>]*cy="([-\d.e]+)"', drawn)]
    assert len(dots) == 2
    assert all(0 <= x <= 320 and 0 <= y <= 124 for x, y in dots), dots
