"""The learner's part, first: what they think about before their review (002.6, 002.18)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from . import audit
from .data import (
    Act,
    Actor,
    Answer,
    Audience,
    ContributionView,
    OpinionView,
    Preparation,
    ReviewState,
    TargetState,
    Voice,
)
from .exceptions import Invalid
from .frameworks.data import Framework, ReviewKind
from .frameworks.keeping import framework_of
from .models import Contribution, Opinion, Plan, Review, Target
from .naming import student_ref
from .occasions import due_kind
from .opinions import views_of
from .permissions import asking, changing, standing
from .scales import kind_of, scale_of
from .words import contribute, contribution_view, drafts, keep_from_home

SUBJECT = "preparation"  # of the drafts


def preparation(actor: Actor) -> Preparation:
    """The learner's own page before a review. Constant SQL.

    Raises:
        NotFound: the actor is no learner.
    """
    with asking(actor, "preparation.read", "person", actor.person_id):
        me = standing(actor, Act.READ_OWN_PANEL)
    plan = _plan(actor)
    framework = framework_of(actor.school_id, plan)
    review = _open_review(plan)
    kind = kind_of(framework, review.kind) if review else due_kind(me.person, framework)
    said: list[Contribution] = []
    seen: Mapping[UUID, tuple[OpinionView, ...]] = {}
    targets: list[tuple[UUID, str]] = []
    last = None
    if plan is not None:
        words = Contribution.objects.of(actor.school_id).filter(plan=plan, review=review, voice=Voice.LEARNER)
        said = list(words.select_related("author").order_by("version"))
        mine = Opinion.objects.of(actor.school_id).filter(plan=plan, review=review, author_id=actor.person_id)
        seen, _ = views_of(framework, plan, mine.filter(latest=True).select_related("author"))
        live = Target.objects.of(actor.school_id).filter(plan=plan, state=TargetState.AGREED)
        targets = list(live.order_by("position", "created_at").values_list("id", "wording"))
        closed = Review.objects.of(actor.school_id).filter(plan__student_id=actor.person_id, state=ReviewState.CLOSED)
        closed = closed.filter(hidden_at=None)
        last = closed.order_by("-closed_at").first()
    return Preparation(
        student=student_ref(me.person.id, me.person.display_name),
        kind=kind,
        answers=answers(framework, kind, said),
        targets=tuple((key, wording, next(iter(seen.get(key, ())), None)) for key, wording in targets),
        levels=scale_of(framework, kind).levels,
        last_next_steps=last.next_steps if last else "",
        last_closed_at=last.closed_at if last else None,
        review_open=review is not None,
        questions=framework.questions,
        drafts=drafts(actor, SUBJECT),
        at_home=all(words.audience == Audience.SHARED for words in said),
    )


def prepare(actor: Actor, told: Mapping[str, str], *, audience: Audience | None = None) -> int:
    """The learner's answers, by the preparation's field. Each is kept by version. Returns how many were new.

    `audience` says whether all their words in this review are for home (T30); None: as they stand.

    Raises:
        Invalid: by field, "unknown" or "too_long"; nothing was written.
    """
    with changing(actor, "preparation.write", "person", actor.person_id):
        standing(actor, Act.READ_OWN_PANEL)
        plan = _plan(actor)
        framework, review = framework_of(actor.school_id, plan), _open_review(plan)
        # What is due may have changed since the page was opened: nothing that was asked then is refused.
        kinds = (kind_of(framework, review.kind),) if review else (*framework.review_kinds, kind_of(framework, ""))
        known = {field.key for kind in kinds for field in kind.preparation}
        if told.keys() - known:
            raise Invalid(dict.fromkeys(told.keys() - known, "unknown"))
        stands = {answer.field.key: answer.words.text for answer in preparation(actor).answers if answer.words}
        changed = {key: text.strip() for key, text in told.items() if text.strip() != stands.get(key, "")}
        for key, text in changed.items():
            try:
                contribute(actor, text=text, question=key, audience=audience)
            except Invalid as invalid:
                raise Invalid({key: invalid.errors["text"]}) from None
        if plan is not None and audience is not None and not changed:
            keep_from_home(actor, plan.id, review.id if review else None, audience)
        if changed:
            audit.record(
                actor.school_id, "preparation.written", "person", actor.person_id, actor=actor,
                about_id=actor.person_id, detail={"answers": len(changed)},
            )  # fmt: skip
        return len(changed)


def answers(framework: Framework, kind: ReviewKind, said: Iterable[Contribution]) -> tuple[Answer, ...]:
    """The kind's questions, each with the learner's newest words. Authors must be loaded; older words come first.

    What was answered for another kind, before anybody knew which it would be, comes after them.
    """
    newest = {words.question: words for words in said if words.question and words.voice == Voice.LEARNER}
    asked = {field.key: field for field in kind.preparation}
    others = {field.key: field for one in framework.review_kinds for field in one.preparation}
    beside = [field for key, field in others.items() if key not in asked and _view(newest.get(key))]
    return tuple(Answer(field, _view(newest.get(field.key))) for field in (*asked.values(), *beside))


def _view(words: Contribution | None) -> ContributionView | None:
    return contribution_view(words) if words is not None and words.text else None


def _plan(actor: Actor) -> Plan | None:
    return Plan.objects.of(actor.school_id).filter(student_id=actor.person_id).order_by("-year").first()


def _open_review(plan: Plan | None) -> Review | None:
    if plan is None:
        return None
    open_ones = Review.objects.of(plan.school_id).filter(plan=plan, state=ReviewState.OPEN)
    return open_ones.order_by("-opened_at").first()
