"""T91: every string of a page can be translated, and Arabic is: no English word is left on any page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, Level, ResultRead, Role, TargetChange
from tests.factories.plans import make_class

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T91")]
SPOKEN = {"aria-label", "title", "alt", "placeholder", "data-kept", "data-not-kept", "data-say"}


class Spoken(HTMLParser):
    """What a page says to eyes and ears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def english_in(page: str) -> list[str]:
    spoken = Spoken()
    spoken.feed(page)
    return [text.strip() for text in spoken.said if re.search(r"[A-Za-z]{2,}", text)]


def test_no_english_is_left_in_an_arabic_page(visitor: Callable[..., Visitor]) -> None:
    maths = make_class(title="الرياضيات")
    reads = [ActivityRead(external_id=f"a{n}", label=f"نشاط {n}", score_maximum=10) for n in range(3)]
    maths.activities |= plans.sync_activities(maths.school_id, maths.course_id, reads)
    teacher, assistant = maths.teacher("أ. هدى"), maths.person(Role.ASSISTANT, "سامي")
    student, other, nobody = maths.learner("ليلى"), maths.learner("عمر"), maths.person(Role.NONE, "زائر")
    ids = tuple(maths.activities.values())
    change = TargetChange("أجمع الكسور", "أحلّ وحدي", "أرسم شريطًا", "أثق بنفسي", timezone.localdate(), ids)
    target = plans.agree_target(teacher, student.person_id, change)
    for days, score in ((60, 3), (40, 4), (30, 5), (20, 6), (10, 7), (0, 8)):
        when = timezone.now() - timedelta(days=days)
        plans.record_results(maths.school_id, "ags", {ids[0]: [ResultRead(student.person_id, score, 10, when)]})
    plans.contribute(student, text="أحبّ الكسور")
    review_id = plans.start_review(teacher, student.person_id)
    judged = plans.judge_target(teacher, review_id, target, level=Level.EXPECTED, comment="أحسنت", version=0)
    again = {"level": Level.EXCEEDED, "comment": "أحسنت", "version": judged.version, "reason": "رأيت دفترها"}
    plans.judge_target(teacher, review_id, target, **again)
    mine, theirs, helper = (visitor(who, locale="ar") for who in (teacher, student, assistant))
    said = {"open review": mine.get("review", student.person_id)}
    plans.close_review(teacher, review_id, version=plans.review(teacher, review_id).version)
    plans.request_sync(maths.school_id, maths.course_id, "ags")
    (due,) = plans.due_syncs(limit=5, now=timezone.now())
    lease = plans.claim_sync(due.id, now=timezone.now(), lease=timedelta(minutes=1))
    plans.fail_sync(due.id, lease.token, now=timezone.now(), code="slow", next_due=None)
    said |= {
        "student": theirs.get("panel"),
        "student without a plan": visitor(other, locale="ar").get("panel"),
        "nobody": visitor(nobody, locale="ar").get("panel"),
        "class": mine.get("panel"),
        "class, assistant": helper.get("panel"),
        "closed review": mine.get("past-review", student.person_id, review_id),
        "closed review, assistant": helper.get("review", student.person_id),
        "no review": mine.get("review", other.person_id),
        "new target": mine.get("target-new", student.person_id),
        "change target": mine.get("target-new", student.person_id),
        "target refused": mine.post("target-new", student.person_id, data={"wording": "", "due_on": "x"}),
        "about": theirs.get("about"),
        "not found": theirs.get("review", student.person_id),
        "old page": theirs.client.post(theirs.address("words")),
        "done": theirs.post("done"),
    }
    left = {name: english_in(page.content.decode()) for name, page in said.items()}
    assert {name: words for name, words in left.items() if words} == {}
    page = said["class"].content.decode()
    assert '<html lang="ar" dir="rtl">' in page
