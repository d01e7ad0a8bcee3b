"""That a review is done, told to the gradebook: only where a school wants it, once, and never over a grade."""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from aiohttp import web
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from lti_tool import http
from lti_tool.lti import api, passback
from lti_tool.lti.models import Context, Platform, PlatformUser, ResourceLink, ReviewScore, ScorePassback, ScoreState
from lti_tool.lti.services.course import LINE_ITEMS_READ, RESULTS_READ, SCORE
from lti_tool.plans import api as plans
from lti_tool.plans.data import Level, TargetChange
from lti_tool.tasks import tasks
from tests.factories.evidence import Joined, actor
from tests.factories.gradebook import Canvas, Gradebook, Moodle, OpenEdxConsumer, join_gradebook
from tests.factories.lti import connected, school

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KINDS = [Gradebook, Moodle, Canvas, OpenEdxConsumer]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@dataclass
class Scene:
    """A class of one teacher and two students, and a review cycle placed with a column."""

    lms: Gradebook
    joined: Joined
    column: str

    def person(self, sub: str) -> UUID:
        return PlatformUser.objects.get(sub=sub).person_id

    def close_review(self, member: int = 1) -> None:
        teacher, student = (actor(self.joined, self.person(self.lms.sub(0, n))) for n in (0, member))
        target_id = plans.agree_target(teacher, student.person_id, TargetChange(wording="Explain my answer"))
        review_id = plans.start_review(teacher, student.person_id)
        plans.judge_target(teacher, review_id, target_id, level=Level.EMERGING, comment="Secret words", version=0)
        plans.close_review(teacher, review_id, version=plans.review(teacher, review_id).version)

    def place(self, column: str, link: str = "cycle") -> ResourceLink:
        return ResourceLink.objects.create(
            context=Context.objects.get(), id_on_platform=link, lineitem_url=column, lineitem_since=timezone.now()
        )

    def wants_it(self) -> None:
        api.switch_passback(self.joined.school_id, on=True)

    def work(self) -> list[ScoreState | None]:
        """One round of the queue."""
        api.find_passback()
        return [api.pass_back(pk) for pk in api.due_passback()]

    def grade(self, member: int = 1) -> float | None:
        return self.lms.grade(self.column, self.lms.sub(0, member))


def scenes(kind: type[Gradebook]) -> Iterator[Scene]:
    with kind(members=3, teachers=1) as lms:
        scene = Scene(lms, join_gradebook(lms), lms.add_column(label="Review", scoreMaximum=1, tag="ilp-review"))
        scene.joined.read()
        scene.place(scene.column)
        yield scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    yield from scenes(Gradebook)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def anywhere(request: pytest.FixtureRequest) -> Iterator[Scene]:
    yield from scenes(request.param)


@pytest.mark.trust("T9")
def test_a_closed_review_is_one_of_one_and_says_nothing_else(anywhere: Scene) -> None:
    anywhere.wants_it()
    anywhere.close_review()
    assert anywhere.work() == [ScoreState.SENT]
    assert anywhere.grade() == 1
    (body,) = anywhere.lms.posted
    assert body.pop("timestamp")
    assert body == {
        "userId": anywhere.lms.sub(0, 1),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 1,
        "scoreMaximum": 1,
    }


@pytest.mark.trust("T42")
def test_the_trail_says_that_it_was_switched_on_and_that_a_review_was_told(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    scene.work()
    teacher = actor(scene.joined, scene.person(scene.lms.sub(0, 0)))
    events = plans.audit_trail(teacher, scene.person(scene.lms.sub(0, 1)))
    (told,) = [event for event in events if event.verb == "review.told"]
    assert (told.actor_id, told.role, told.detail) == (None, "tool", {})
    assert plans.verify_audit(scene.joined.school_id)


def test_it_is_off_unless_a_school_switches_it_on(scene: Scene) -> None:
    scene.close_review()
    assert scene.work() == []
    scene.wants_it()
    assert scene.work() == []  # that one closed before
    assert scene.lms.posted == []


def test_switched_off_nothing_more_is_told(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    api.find_passback()
    api.switch_passback(scene.joined.school_id, on=False)
    assert scene.work() == []
    assert scene.lms.posted == []


def test_a_school_that_wants_it_does_not_want_it_for_another(scene: Scene) -> None:
    api.switch_passback(school(), on=True)
    scene.close_review()
    assert scene.work() == []


def test_told_once_it_is_not_told_again(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    scene.work()
    ScorePassback.objects.update(looked_until=timezone.now() - timedelta(hours=2))
    assert scene.work() == []
    assert len(scene.lms.posted) == 1


def test_a_grade_that_stands_there_is_left_alone(anywhere: Scene) -> None:
    anywhere.lms.grades["1", anywhere.lms.sub(0, 1)] = 0.25
    anywhere.wants_it()
    anywhere.close_review()
    assert anywhere.work() == [ScoreState.KEPT]
    assert anywhere.grade() == 0.25
    assert anywhere.lms.posted == []


def test_a_row_without_a_score_is_no_grade(scene: Scene) -> None:
    scene.lms.grades["1", scene.lms.sub(0, 1)] = None
    scene.wants_it()
    scene.close_review()
    assert scene.work() == [ScoreState.SENT]


def test_a_worker_killed_after_telling_tells_nothing_twice(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    scene.work()
    before = timezone.now() - timedelta(minutes=1)
    ReviewScore.objects.update(state=ScoreState.DUE, next_try_at=before)  # as if it never got to note that
    assert scene.work() == [ScoreState.KEPT]
    assert len(scene.lms.posted) == 1


def test_one_that_a_worker_is_at_is_nobody_else_s(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    api.find_passback()
    (pk,) = api.due_passback()
    ReviewScore.objects.update(next_try_at=timezone.now() + passback.LEASE)
    assert api.due_passback() == []
    assert api.pass_back(pk) is None


def trouble(status: int, path: str = "/scores", **headers: str) -> Any:
    async def intercept(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=status, headers=headers) if request.path.endswith(path) else None

    return intercept


@pytest.mark.parametrize("path", ["/scores", "/results", "/lineitems/1"])
@pytest.mark.parametrize(
    ("status", "code"), [(500, "failing"), (403, "forbidden"), (404, "refused"), (429, "throttled")]
)
def test_trouble_loses_nothing(scene: Scene, status: int, code: str, path: str) -> None:
    scene.wants_it()
    scene.close_review()
    scene.lms.intercept = trouble(status, path)
    assert scene.work() == [ScoreState.DUE]
    assert ReviewScore.objects.get().failure == code
    assert scene.work() == []
    scene.lms.intercept = None
    with time_machine.travel(time.time() + 600):
        assert scene.work() == [ScoreState.SENT]
    assert scene.grade() == 1
    assert ReviewScore.objects.get().failure == ""


def test_a_wait_the_platform_asks_for_is_kept(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    scene.lms.intercept = trouble(429, **{"Retry-After": "7200"})
    scene.work()
    assert ReviewScore.objects.get().next_try_at > timezone.now() + timedelta(minutes=110)


def test_after_two_weeks_of_trouble_it_is_given_up(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    api.find_passback()
    ReviewScore.objects.update(attempts=passback.ATTEMPTS - 1)
    scene.lms.intercept = trouble(403)
    assert scene.work() == [ScoreState.GIVEN_UP]
    assert scene.work() == []


def test_reviews_that_closed_while_no_worker_ran_are_found(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review(1)
    scene.close_review(2)
    with time_machine.travel(time.time() + 9 * 86_400):
        assert scene.work() == [ScoreState.SENT] * 2


def test_a_column_placed_later_says_nothing_of_reviews_before_it(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    later = scene.lms.add_column(label="Next cycle")
    scene.place(later, "next")
    assert scene.work() == [ScoreState.SENT]
    assert scene.lms.grade(later, scene.lms.sub(0, 1)) is None


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({"endDateTime": "2026-01-01T00:00:00Z"}, ScoreState.UNFIT),
        ({"startDateTime": "2999-01-01T00:00:00Z"}, ScoreState.UNFIT),
        ({"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2999-01-01"}, ScoreState.SENT),
        ({"startDateTime": "soon", "endDateTime": 5}, ScoreState.SENT),
    ],
    ids=str,
)
def test_a_cycle_s_review_does_not_fill_in_other_cycles(
    scene: Scene, dates: dict[str, Any], state: ScoreState
) -> None:
    scene.lms.columns["1"].update(dates)
    scene.wants_it()
    scene.close_review()
    assert scene.work() == [state]


def test_without_a_right_to_look_nothing_is_sent(scene: Scene) -> None:
    Context.objects.update(scopes=[LINE_ITEMS_READ, SCORE])
    scene.wants_it()
    scene.close_review()
    assert scene.work() == [ScoreState.DUE]
    assert scene.lms.posted == []
    Context.objects.update(scopes=[RESULTS_READ, SCORE])
    with time_machine.travel(time.time() + 600):
        assert scene.work() == [ScoreState.SENT]


@pytest.mark.trust("T72")
def test_a_column_on_another_server_gets_no_token(scene: Scene) -> None:
    ResourceLink.objects.update(lineitem_url="http://127.0.0.1:1/lineitems/1")
    tokens = len(scene.lms.tokens)
    scene.wants_it()
    scene.close_review()
    assert scene.work() == [ScoreState.DUE]
    assert len(scene.lms.tokens) == tokens


def test_students_of_other_courses_are_not_told_of(scene: Scene) -> None:
    scene.wants_it()
    scene.close_review()
    other = plans.ensure_course(scene.joined.school_id)
    Context.objects.update(course_id=other)
    assert scene.work() == []


@pytest.mark.parametrize(("view", "kept"), [("review_cycle", True), ("panel", False), ("", False)])
def test_only_the_column_of_a_placed_review_cycle_is_remembered(view: str, kept: bool) -> None:
    claim = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    told = {"lineitems": "https://lms.example/items", "lineitem": "https://lms.example/items/5", "scope": [SCORE]}
    lms = connected()
    assert lms.launch(Client(), custom={"ilp_view": view}, **{claim: told}).status_code == 303
    link = ResourceLink.objects.get()
    assert (link.lineitem_url == "https://lms.example/items/5", link.lineitem_since is not None) == (kept, kept)


def test_a_launch_says_which_lms_it_is_where_the_registration_did_not() -> None:
    lms = connected()
    lms.launch(Client(), tool_platform={"guid": "g", "product_family_code": "moodle"})
    assert Platform.objects.get().product_family == "moodle"
    lms.launch(Client(), tool_platform={"guid": "g", "product_family_code": "canvas"})
    assert Platform.objects.get().product_family == "moodle"


def test_the_queue_finds_and_tells(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def now(args: tuple[int], expires: int) -> None:
        tasks.pass_review_back(*args)

    monkeypatch.setattr(tasks.pass_review_back, "apply_async", now)
    scene.wants_it()
    scene.close_review()
    assert tasks.pass_reviews_back() == 1
    assert scene.grade() == 1
    assert tasks.pass_reviews_back() == 0


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("score_passback", *arguments, stdout=out)
    return out.getvalue().strip()


def test_an_operator_switches_it_on_and_off() -> None:
    school_id = school("Alder School")
    assert said("on") == "Alder School: score passback is on."
    assert said("on") == "Alder School: score passback was on already."
    assert ScorePassback.objects.get().school_id == school_id
    assert said("off", "--school", "Alder School") == "Alder School: score passback is off."
    assert not ScorePassback.objects.exists()


def test_with_several_schools_the_operator_must_say_which() -> None:
    school("Alder School")
    school("Birch School")
    with pytest.raises(CommandError):
        said("on")
    assert said("on", "--school", "Birch School") == "Birch School: score passback is on."
    assert datetime.now(UTC) - ScorePassback.objects.get().since < timedelta(minutes=1)
