"""What a first load costs over the wire, everything included, and that nobody else is asked for anything (T18)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Response

from lti_tool.plans import api as plans
from tests.factories.web import Door, Story

from .conftest import Desk

LIMIT = 40_000  # bytes, issue 2


@pytest.mark.trust("T18")
@pytest.mark.parametrize("who", ["aroha", "teacher", "review"])
def test_the_first_load_is_under_forty_kilobytes_with_styles_and_scripts(
    desk: Callable[..., Desk], door: Callable[..., Door], story: Story, who: str
) -> None:
    for number in range(21):  # thirty in the class
        story.maths.learner(f"Student number {number}")
    path = ""
    if who == "review":
        plans.start_review(story.teacher, story.aroha.person_id)
        path = f"students/{story.aroha.person_id}/review/"
    visitor = desk()
    answers: list[Response] = []
    visitor.context.on("response", lambda answer: answers.append(answer))
    page = visitor.open(door(story.aroha if who == "aroha" else story.teacher), path)
    page.wait_for_load_state("load")
    loaded = [answer for answer in answers if not answer.url.startswith("data:") and "/live" not in answer.url]
    weights = {answer.url.rpartition("/")[2]: _weight(answer) for answer in loaded}
    assert len(weights) >= 6
    assert sum(weights.values()) < LIMIT, weights


def _weight(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_a_loaded_stylesheet_is_not_loaded_again(
    desk: Callable[..., Desk], door: Callable[..., Door], story: Story
) -> None:
    visitor = desk()
    mine = door(story.aroha)
    visitor.open(mine).close()
    asked: list[str] = []
    visitor.context.on("response", lambda r: asked.append(r.url) if not r.from_service_worker else None)
    page = visitor.open(mine)
    page.wait_for_load_state("load")
    cached = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter((r) => r.name.includes('/static/')).map((r) => r.transferSize)"
    )
    assert cached
    assert not any(cached)
