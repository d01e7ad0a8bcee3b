"""Sessions of the pages, as a launch would have begun them, and a class with a story to show."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from django.utils import timezone

from lti_tool.lti.models import Context, Deployment, LaunchSession, Platform, PlatformUser
from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, Actor, Level, ResultRead, Role, TargetChange
from tests.factories.plans import Class

LMS = "http://localhost:8010"
_numbers = count(1)


@dataclass(frozen=True)
class Door:
    """A session somebody holds: what the address and the cookie (or the document) say."""

    handle: str
    secret: str
    actor: Actor

    @property
    def cookie(self) -> str:
        return f"__Host-ilp-{self.handle}"

    @property
    def path(self) -> str:
        return f"/s/{self.handle}/"


def open_door(
    actor: Actor,
    *,
    in_cookie: bool = True,
    locale: str = "en",
    activity_ids: tuple[str, ...] = (),
    ancestors: tuple[str, ...] = (LMS,),
    at: datetime | None = None,
) -> Door:
    """A session of this actor, begun now (or then)."""
    number = next(_numbers)
    platform, _ = Platform.objects.get_or_create(
        issuer=LMS,
        client_id="tool",
        defaults={"auth_url": LMS + "/auth", "token_url": LMS + "/token", "jwks_url": LMS + "/jwks"},
    )
    deployment, _ = Deployment.objects.get_or_create(
        platform=platform, deployment_id=str(actor.school_id), school_id=actor.school_id
    )
    context = None
    if actor.course_id is not None:
        context, _ = Context.objects.get_or_create(
            deployment=deployment, course_id=actor.course_id, defaults={"id_on_platform": f"course-{actor.course_id}"}
        )
    user, _ = PlatformUser.objects.get_or_create(
        deployment=deployment, person_id=actor.person_id, defaults={"sub": f"sub-{number}"}
    )
    secret, now = f"secret-{number}", at or timezone.now()
    row = LaunchSession.objects.create(
        handle=f"{number:032x}",
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        in_cookie=in_cookie,
        deployment=deployment,
        context=context,
        platform_user=user,
        role=actor.role.value,
        activity_ids=list(activity_ids),
        locale=locale,
        frame_ancestors=" ".join(ancestors),
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=8),
    )
    return Door(row.handle, secret, actor)


@dataclass
class Story:
    """A class half way through a term: one student with much to show, others in every state."""

    maths: Class
    teacher: Actor
    colleague: Actor
    assistant: Actor
    aroha: Actor  # two reviews behind her, three targets, a fresh score
    ben: Actor  # a plan, no scores
    chen: Actor  # nothing at all yet
    dana: Actor  # targets, all of them elsewhere
    unit: tuple[str, ...]  # the activities of the unit on the screen
    targets: list[UUID] = field(default_factory=list)


def make_story(*, students: int = 9) -> Story:
    """Everything through the domain's own door, so that the pages show what it really says."""
    school_id = api.create_school(f"Hillside School {next(_numbers)}")
    course_id = api.ensure_course(school_id, title="Year 6 Mathematics")
    named = [
        ("fractions-1", "Fractions: halves and quarters", 10),
        ("fractions-2", "Fractions: adding and taking away", 5),
        ("market", "Market stall: money problems", 20),
        ("talk", "Maths talk: explain your answer to a partner", 4),
        ("angles", "Angles and turns", 10),
        *((f"more-{n}", f"Weekly practice {n}", 10) for n in range(1, 9)),
    ]
    reads = [
        ActivityRead(external_id=key, label=label, score_maximum=maximum, url=f"{LMS}/unit/{key}")
        for key, label, maximum in named
    ]
    maths = Class(school_id, course_id, api.sync_activities(school_id, course_id, reads))
    teacher, colleague = maths.teacher("Ms Patel"), maths.teacher("Mr Okafor")
    assistant = maths.person(Role.ASSISTANT, "Sam Reid")
    aroha, ben = maths.learner("Aroha Ngata"), maths.learner("Ben Whitaker-Montgomery")
    chen, dana = maths.learner("Chen"), maths.learner("Dana Al-Farsi")
    for name in ("Eleri Pugh", "Farid Haddad", "Grace O’Neill", "Hemi Tāmati", "Iris Lund")[: max(students - 4, 0)]:
        maths.learner(name)
    story = Story(
        maths, teacher, colleague, assistant, aroha, ben, chen, dana, ("fractions-1", "fractions-2", "talk")
    )
    _agree(story)
    _first_review(story)
    _since(story)
    return story


def _links(story: Story, *keys: str) -> tuple[int, ...]:
    return tuple(story.maths.activities[key] for key in keys)


def _agree(story: Story) -> None:
    goal = "Be sure of myself when numbers come up in everyday life"
    wanted = [
        TargetChange(
            wording="Add and take away fractions with the same bottom number",
            success="I can do four out of five on my own, and show how with a drawing.",
            next_step="Draw a bar for each fraction before you work it out.",
            goal=goal,
            activity_ids=_links(story, "fractions-1", "fractions-2", "market"),
        ),
        TargetChange(
            wording="Explain to a partner how I got my answer",
            next_step="Start with “First I…”, then “because…”.",
            activity_ids=_links(story, "talk"),
        ),
        TargetChange(
            wording="Use a protractor to measure angles", goal=goal, activity_ids=_links(story, "angles", "more-1")
        ),
    ]
    story.targets = [api.agree_target(story.teacher, story.aroha.person_id, change) for change in wanted]
    api.agree_target(story.teacher, story.ben.person_id, wanted[0])
    api.agree_target(story.teacher, story.dana.person_id, wanted[2])


def _score(story: Story, who: Actor, key: str, given: float | None, maximum: float, when: datetime) -> None:
    api.record_results(
        story.maths.school_id,
        "ags",
        {story.maths.activities[key]: [ResultRead(who.person_id, given, maximum, when)]},
    )


def _first_review(story: Story) -> None:
    _score(story, story.aroha, "fractions-1", 4, 10, datetime(2026, 9, 18, 9, 40, tzinfo=UTC))
    review_id = api.start_review(story.teacher, story.aroha.person_id)
    api.judge_target(
        story.teacher,
        review_id,
        story.targets[0],
        level=Level.EMERGING,
        comment="You can halve anything now. Quarters come next.",
        version=0,
    )
    version = api.review(story.teacher, review_id).version
    agreed = api.set_next_steps(
        story.teacher,
        review_id,
        next_steps="Ten minutes of fraction bars on Mondays.\nShow one drawing at home.",
        next_review_on=timezone.localdate() + timedelta(days=3),
        version=version,
    )
    api.close_review(story.teacher, review_id, version=agreed.version)


def _since(story: Story) -> None:
    now = timezone.now()
    for days, key, given, maximum in (
        (30, "fractions-1", 5, 10), (21, "fractions-1", 7, 10), (12, "fractions-2", 3, 5), (5, "market", 13, 20),
        (0, "fractions-2", 4, 5), (8, "talk", 0, 4),
    ):  # fmt: skip
        _score(story, story.aroha, key, given, maximum, now - timedelta(days=days, minutes=7))
    api.contribute(story.aroha, text="I like the bars. Taking away is still hard when the top number gets big.")
