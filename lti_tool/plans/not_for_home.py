"""Words their learner keeps from home: said while writing or later, and overridden only with a reason (T30)."""

from uuid import UUID

from . import audit
from .data import Act, Actor, Audience, Voice
from .exceptions import Invalid, NotFound
from .models import Contribution
from .permissions import changing, reaches
from .permissions import review as reach_review
from .words import keep_from_home

_REASON_LENGTH = 1000


def set_at_home(actor: Actor, review_id: UUID, *, at_home: bool) -> None:
    """Whether the learner's own words in this closed review are for home; it holds for all of them, at once.

    What staff sent home with a reason is kept from home again too: they would have to say why once more.

    Raises:
        NotFound: no closed review of the actor's own.
    """
    with changing(actor, "words.keep", "review", review_id):
        review = reach_review(actor, Act.READ_PLAN, review_id)
        if review.plan.student_id != actor.person_id:
            raise NotFound
        audience = Audience.SHARED if at_home else Audience.NOT_FOR_HOME
        keep_from_home(actor, review.plan_id, review.id, audience)


def send_home(actor: Actor, words_id: UUID, *, reason: str) -> None:
    """Words their learner marked "not for home" go home all the same, since staff say why (T30).

    Raises:
        NotFound: no such words within reach. Invalid: reason "required" or "too_long".
    """
    with changing(actor, "words.send_home", "contribution", words_id):
        within = reaches(actor, Act.SEND_HOME, "plan__student_id")
        rows = Contribution.objects.of(actor.school_id).select_related("plan")
        words = rows.filter(within, pk=words_id, voice=Voice.LEARNER).first()
        if words is None:
            raise NotFound
        if not reason.strip():
            raise Invalid({"reason": "required"})
        if len(reason) > _REASON_LENGTH:
            raise Invalid({"reason": "too_long"})
        if words.audience == Audience.NOT_FOR_HOME:
            words.audience, words.sent_home_because = Audience.SHARED, reason.strip()
            words.save(update_fields=["audience", "sent_home_because"])
            student_id = words.plan.student_id
            audit.record(
                actor.school_id, "words.sent_home", "contribution", words.id, actor=actor, about_id=student_id
            )
