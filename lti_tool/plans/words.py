"""People's own words: contributions, kept by version, each in its author's voice; and drafts not yet saved."""

from collections.abc import Container
from uuid import UUID

from django.utils import timezone

from lti_tool.prepared import Prepared

from . import audit
from .data import Actor, Audience, ContributionView, ReviewState, Role, Voice
from .exceptions import Invalid, NotFound, Refused
from .models import Contribution, Draft, LogEntry, PortfolioItem, Review
from .models.base import SchoolQuerySet
from .naming import author_ref
from .opening import lock_plan, plan_of
from .permissions import Act, allows, asking, changing, standing
from .permissions import review as reach_review
from .permissions import student as reach_student
from .permissions import target as reach_target
from .sheets import reach_to_answer

TEXT_LENGTH = 10_000  # characters
_KEY_LENGTH = 64


def contribute(
    actor: Actor,
    *,
    text: str,
    review_id: UUID | None = None,
    audience: Audience | None = None,
    question: str = "",
) -> ContributionView:
    """Say something in one's own voice: a learner about themselves, staff in a student's open review.

    A learner's words go to their open review, or wait for the coming one; the plan is opened if need be.
    `question` names the field of the review's preparation that the words answer; blank: free words.
    The same words again are no new version. Nobody can write in another's voice (T48). A learner may keep their words
    from home (`audience` NOT_FOR_HOME); that holds for every version of them (T30). None: as their words here stand.

    Raises:
        Refused: "closed", the review is over.
        Invalid: text "too_long", or "required" for a school's words.
    """
    with changing(actor, "words.write", "review" if review_id else "person", review_id or actor.person_id):
        if len(text) > TEXT_LENGTH:
            raise Invalid({"text": "too_long"})
        if actor.role is Role.LEARNER:
            plan_id, student_id, open_review_id = _own_place(actor)
            if review_id not in (None, open_review_id):
                raise NotFound
            stands = _stands(actor, plan_id, open_review_id)
            said = _say(actor, Voice.LEARNER, text, plan_id, student_id, open_review_id, question)
            keep_from_home(actor, plan_id, open_review_id, stands if audience is None else Audience(audience))
            return contribution_view(
                Contribution.objects.of(actor.school_id).select_related("author").get(pk=said.pk)
            )
        if review_id is None:
            raise NotFound
        if not text.strip():
            raise Invalid({"text": "required"})
        review = reach_review(actor, Act.CONTRIBUTE, review_id)
        lock_plan(actor.school_id, review.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=review.pk)
        if review.state != ReviewState.OPEN:
            raise Refused("closed")
        said = _say(actor, Voice.SCHOOL, text, review.plan_id, review.plan.student_id, review.id, question)
        return contribution_view(said)


def _stands(actor: Actor, plan_id: UUID, review_id: UUID | None) -> Audience:
    """Whether what the learner said in this review so far is for home."""
    mine = _mine(actor, plan_id, review_id)
    return Audience(mine.order_by("-version").values_list("audience", flat=True).first() or Audience.SHARED)


def keep_from_home(actor: Actor, plan_id: UUID, review_id: UUID | None, audience: Audience) -> None:
    """A learner's words of one review are all for home or all not. Inside the caller's transaction."""
    at_home = Audience.SHARED if audience is Audience.SHARED else Audience.NOT_FOR_HOME
    changed = _mine(actor, plan_id, review_id).exclude(audience=at_home).update(audience=at_home)
    if changed:
        detail = {"audience": str(at_home)}
        about = actor.person_id
        audit.record(actor.school_id, "words.audience", "plan", plan_id, actor=actor, about_id=about, detail=detail)


def _mine(actor: Actor, plan_id: UUID, review_id: UUID | None) -> SchoolQuerySet[Contribution]:
    rows = Contribution.objects.of(actor.school_id).filter(plan_id=plan_id, review=review_id, voice=Voice.LEARNER)
    return rows.filter(author_id=actor.person_id)


def _own_place(actor: Actor) -> tuple[UUID, UUID, UUID | None]:
    """Where a learner's words go: plan, student (themselves) and the open review, if there is one."""
    me = standing(actor, Act.CONTRIBUTE)
    plan = plan_of(me.person, actor=actor)
    reviews = Review.objects.of(actor.school_id).filter(plan=plan, state=ReviewState.OPEN)
    open_review = reviews.order_by("-opened_at").first()
    return plan.id, me.person_id, open_review.id if open_review else None


def _say(
    actor: Actor,
    voice: Voice,
    text: str,
    plan_id: UUID,
    student_id: UUID,
    review_id: UUID | None,
    question: str,
) -> Contribution:
    said = Contribution.objects.of(actor.school_id).filter(plan_id=plan_id, voice=voice).order_by("-version")
    words = said.filter(author_id=actor.person_id, question=question).select_related("author").first()
    if words is None or (words.text, words.review_id) != (text.strip(), review_id):
        # Whoever closes the review must have seen these words.
        review = Review.objects.of(actor.school_id).filter(pk=review_id).first() if review_id else None
        if review:
            review.version += 1
            review.save(update_fields=["version"])
        newest = said.first()
        words = Contribution.objects.create(
            school_id=actor.school_id,
            plan_id=plan_id,
            review_id=review_id,
            voice=voice,
            question=question,
            author_id=actor.person_id,
            text=text.strip(),
            written_at=timezone.now(),
            version=newest.version + 1 if newest else 1,
            review_version=review.version if review else 0,
        )
        audit.record(
            actor.school_id,
            "words.written",
            "contribution",
            words.id,
            actor=actor,
            about_id=student_id,
            detail={"voice": str(voice), "version": words.version},
        )
    return words


def contribution_view(words: Contribution) -> ContributionView:
    """The words as pages see them. Their author must be loaded."""
    return ContributionView(
        voice=Voice(words.voice),
        author=author_ref(words.author),
        text=words.text,
        written_at=words.written_at,
        version=words.version,
        question=words.question,
        id=words.id,
        at_home=words.audience == Audience.SHARED,
        sent_home_because=words.sent_home_because,
        hidden=words.hidden_at is not None,
    )


def save_draft(actor: Actor, subject: str, field: str, text: str) -> None:
    """Keep what is being typed (T83). Only its author ever sees it; an empty text forgets it.

    `subject` names a form the actor may send: "review:<id>", "target:<id>", "target:new:<student id>",
    "plan:<student id>", "needs:<student id>", "sheet:<id>", or a learner's "words" or "preparation"; `field` is its
    field. "about:<student id>" is every small form about a student; there `field` is "<form>:<its field>".
    """
    if len(text) > TEXT_LENGTH:
        raise Invalid({"text": "too_long"})
    if not 0 < len(field) <= _KEY_LENGTH:
        raise Invalid({"field": "unknown"})
    with asking(actor, "draft.save", "person", actor.person_id):
        _check_subject(actor, subject)
    if not text:
        Draft.objects.of(actor.school_id).filter(author_id=actor.person_id, subject=subject, field=field).delete()
        return
    draft = Draft(
        school_id=actor.school_id,
        author_id=actor.person_id,
        subject=subject,
        field=field,
        text=text,
        saved_at=timezone.now(),
    )
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["author", "subject", "field"],
        update_fields=["text", "saved_at"],
    )


def _check_subject(actor: Actor, subject: str) -> None:
    """Raises NotFound unless the actor could send the form this names."""
    kind, _, name = subject.rpartition(":")
    if subject in ("words", "preparation") and actor.role is Role.LEARNER:
        standing(actor, Act.KEEP_DRAFTS)
        return
    if subject == "log:new":
        reach_student(actor, Act.KEEP_LOG, actor.person_id)
        return
    try:
        row_id = UUID(name)
    except ValueError:
        raise NotFound from None
    if kind == "review":
        reach_review(actor, Act.REVIEW, row_id)
    elif kind == "target":
        reach_target(actor, Act.CHANGE_PLAN, row_id)
    elif kind == "about":
        reach_student(actor, Act.KEEP_DRAFTS, row_id)
    elif kind in ("plan", "needs"):
        reach_student(actor, Act.CONTRIBUTE, row_id)
    elif kind == "sheet":
        reach_to_answer(actor, row_id)
    elif kind == "target:new":
        reach_student(actor, Act.CHANGE_PLAN, row_id)
    elif kind == "item:new":
        reach_student(actor, Act.ADD_EVIDENCE, row_id)
    elif kind in ("item", "log"):
        _check_own_work(actor, kind, row_id)
    else:
        raise NotFound


def _check_own_work(actor: Actor, kind: str, row_id: UUID) -> None:
    me = actor.person_id
    own_log = LogEntry.objects.of(actor.school_id).filter(id=row_id, owner_id=me)
    own_item = PortfolioItem.objects.of(actor.school_id).filter(id=row_id, added_by_id=me)
    if not (own_log if kind == "log" else own_item).exists():
        raise NotFound


_DRAFTS: Prepared[tuple[str, str]] = Prepared(
    lambda school_id, author_id, subject: (
        Draft.objects.of(school_id).filter(author_id=author_id, subject=subject).values_list("field", "text")
    ),
    "school_id", "author_id", "subject",
)  # fmt: skip


def drafts(actor: Actor, subject: str) -> dict[str, str]:
    """The actor's own unsaved words of one form, by field."""
    if not allows(actor, Act.KEEP_DRAFTS):
        return {}
    return dict(_DRAFTS(school_id=actor.school_id, author_id=actor.person_id, subject=subject))


def drafts_about(actor: Actor, student_id: UUID) -> dict[str, str]:
    """What the actor typed into small forms about this student and did not send, by "<form>:<field>".

    Raises:
        NotFound: the student is out of their reach.
    """
    with asking(actor, "draft.read", "person", student_id):
        reach_student(actor, Act.KEEP_DRAFTS, student_id)
    return drafts(actor, f"about:{student_id}")


def clear_drafts(actor: Actor, subject: str, *, form: str = "", only: Container[str] | None = None) -> None:
    """The form was saved: its drafts are no longer needed. `form` and `only`: of several forms, those of this one."""
    rows = Draft.objects.of(actor.school_id).filter(author_id=actor.person_id, subject=subject)
    if form:
        rows = rows.filter(field__startswith=f"{form}:")
    if only is not None:
        rows = rows.filter(field__in=[name for name in rows.values_list("field", flat=True) if name in only])
    rows.delete()
