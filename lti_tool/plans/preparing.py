"""The learner's part, first: what they think about before their review (002.6, 002.18)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from . import audit
from .data import (
    Act,
    Actor,
    Answer,
    ContributionView,
    OpinionView,
    Preparation,
    ReviewState,
    TargetState,
    Voice,
)
from .exceptions import Invalid
from .frameworks.data import ReviewKind
from .frameworks.keeping import framework_of
from .models import Contribution, Opinion, Plan, Review, Target
from .naming import author_ref, student_ref
from .opinions import views_of
from .permissions import asking, changing, standing
from .scales import kind_of, scale_of
from .words import contribute, drafts

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
    kind = kind_of(framework, review.kind if review else "")
    said: list[Contribution] = []
    seen: Mapping[UUID, tuple[OpinionView, ...]] = {}
    targets: list[tuple[UUID, str]] = []
    last = None
    if plan is not None:
        words = Contribution.objects.of(actor.school_id).filter(plan=plan, review=review, voice=Voice.LEARNER)
        said = list(words.select_related("author").order_by("version"))
        mine = Opinion.objects.of(actor.school_id).filter(plan=plan, review=review, author_id=actor.person_id)
        seen, _ = views_of(framework, mine.filter(latest=True).select_related("author"))
        live = Target.objects.of(actor.school_id).filter(plan=plan, state=TargetState.AGREED)
        targets = list(live.order_by("position", "created_at").values_list("id", "wording"))
        closed = Review.objects.of(actor.school_id).filter(plan__student_id=actor.person_id, state=ReviewState.CLOSED)
        last = closed.order_by("-closed_at").first()
    return Preparation(
        student=student_ref(me.person.id, me.person.display_name),
        kind=kind,
        answers=answers(kind, said),
        targets=tuple((key, wording, next(iter(seen.get(key, ())), None)) for key, wording in targets),
        levels=scale_of(framework, kind).levels,
        last_next_steps=last.next_steps if last else "",
        last_closed_at=last.closed_at if last else None,
        review_open=review is not None,
        drafts=drafts(actor, SUBJECT),
    )


def prepare(actor: Actor, told: Mapping[str, str]) -> int:
    """The learner's answers, by the preparation's field. Each is kept by version. Returns how many were new.

    Raises:
        Invalid: by field, "unknown" or "too_long"; nothing was written.
    """
    with changing(actor, "preparation.write", "person", actor.person_id):
        standing(actor, Act.READ_OWN_PANEL)
        plan = _plan(actor)
        framework, review = framework_of(actor.school_id, plan), _open_review(plan)
        known = {field.key for field in kind_of(framework, review.kind if review else "").preparation}
        if told.keys() - known:
            raise Invalid(dict.fromkeys(told.keys() - known, "unknown"))
        stands = {answer.field.key: answer.words.text for answer in preparation(actor).answers if answer.words}
        changed = {key: text.strip() for key, text in told.items() if text.strip() != stands.get(key, "")}
        for key, text in changed.items():
            try:
                contribute(actor, text=text, question=key)
            except Invalid as invalid:
                raise Invalid({key: invalid.errors["text"]}) from None
        if changed:
            audit.record(
                actor.school_id, "preparation.written", "person", actor.person_id, actor=actor,
                about_id=actor.person_id, detail={"answers": len(changed)},
            )  # fmt: skip
        return len(changed)


def answers(kind: ReviewKind, said: Iterable[Contribution]) -> tuple[Answer, ...]:
    """The kind's questions, each with the learner's newest words. Authors must be loaded; older words come first."""
    newest = {words.question: words for words in said if words.question and words.voice == Voice.LEARNER}
    return tuple(Answer(field, _view(newest.get(field.key))) for field in kind.preparation)


def _view(words: Contribution | None) -> ContributionView | None:
    if words is None or not words.text:
        return None
    return ContributionView(
        Voice(words.voice), author_ref(words.author), words.text, words.written_at, words.version, words.question
    )


def _plan(actor: Actor) -> Plan | None:
    return Plan.objects.of(actor.school_id).filter(student_id=actor.person_id).order_by("-year").first()


def _open_review(plan: Plan | None) -> Review | None:
    if plan is None:
        return None
    open_ones = Review.objects.of(plan.school_id).filter(plan=plan, state=ReviewState.OPEN)
    return open_ones.order_by("-opened_at").first()
