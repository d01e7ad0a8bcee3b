"""T65: whatever people or platforms write, a page only ever shows it as words."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, Level, TargetChange
from tests.factories.plans import make_class

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T65")]

CORPUS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    '" autofocus onfocus=alert(1) x="',
    "' hx-get='/x' hx-trigger='load' x='",
    "<details open ontoggle=alert(1)>",
    "\u202e<iframe srcdoc='<script>alert(1)</script>'>",
]


class Found(HTMLParser):
    """Everything in a page that could run or fetch."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce, self.bad = nonce, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "script" and (said.get("nonce") != self.nonce or not said.get("src", "").startswith("/static/")):
            self.bad.append((tag, attrs))
        if tag in {"iframe", "object", "embed", "img", "base", "style"}:
            self.bad.append((tag, attrs))
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "autofocus"}:
                self.bad.append((tag, name))
            if name in {"href", "src", "action", "formaction", "hx-get"} and not (value or "").startswith(
                ("/", "#", "?", "data:,", "https://lms.example.org/")
            ):
                self.bad.append((tag, name, value))
            if name.startswith("hx-") and "/x" in (value or ""):
                self.bad.append((tag, name, value))


@pytest.mark.parametrize("payload", CORPUS)
def test_it_stays_words_on_every_page(visitor: Callable[..., Visitor], payload: str) -> None:
    maths = make_class(title=payload)
    reads = [
        ActivityRead(external_id="a", label=payload, score_maximum=10, url="https://lms.example.org/a"),
        ActivityRead(external_id="b", label=payload, score_maximum=10, url="javascript:alert(1)"),
    ]
    maths.activities |= plans.sync_activities(maths.school_id, maths.course_id, reads)
    teacher, student = maths.teacher(payload), maths.learner(payload)
    change = TargetChange(payload, payload, payload, payload, None, tuple(maths.activities.values()))
    target = plans.agree_target(teacher, student.person_id, change)
    maths.score(student, "a", 4)
    maths.score(student, "a", 6)
    plans.contribute(student, text=payload)
    review_id = plans.start_review(teacher, student.person_id)
    plans.judge_target(teacher, review_id, target, level=Level.EXPECTED, comment=payload, version=0)
    version = plans.review(teacher, review_id).version
    plans.set_next_steps(teacher, review_id, next_steps=payload, next_review_on=None, version=version)
    plans.close_review(teacher, review_id, version=version + 1)
    plans.start_review(teacher, student.person_id)
    mine, theirs = visitor(teacher), visitor(student)
    mine.post("draft", data={"ilp_subject": f"target:new:{student.person_id}", "field": "wording", "text": payload})
    answers = [
        theirs.get("panel"),
        mine.get("panel"),
        mine.get("review", student.person_id),
        mine.get("past-review", student.person_id, review_id),
        mine.get("target-new", student.person_id),
        mine.get("target-edit", student.person_id, target),
        mine.client.get(mine.address("activities"), {"find": payload}),
        mine.post("target-new", student.person_id, data={"wording": "", "success": payload, "due_on": payload}),
        mine.client.get(mine.address("panel"), {"show": payload}),
    ]
    for answer in answers:
        nonce = answer["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        found = Found(nonce)
        found.feed(answer.content.decode())
        assert found.bad == []
