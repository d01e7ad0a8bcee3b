"""What closing a review would show, before anybody closes it (T6): closed for a moment, read, and undone.

So the preview is what the page will say, by the very rules that will say it, and nothing of it is kept.
"""

from uuid import UUID

from django.db import transaction

from .data import Act, Actor, ClosingPreview, ReviewPage, ReviewState, Role
from .exceptions import NotFound, Refused
from .home import review_for_home
from .judging import close_review
from .models import Enrolment, Review
from .naming import student_ref
from .permissions import asking
from .permissions import review as reach_review
from .reviews import review as read_review


def preview_closing(actor: Actor, review_id: UUID) -> ClosingPreview:
    """The review as the student and as a guardian would read it if the actor closed it now.

    Raises:
        Refused: "closed", everybody reads it already.
    """
    with asking(actor, "review.preview", "review", review_id):
        row = reach_review(actor, Act.REVIEW, review_id)
        if row.state != ReviewState.OPEN:
            raise Refused("closed")
    student = row.plan.student
    somebody_at_home = Actor(student.id, actor.school_id, Role.LEARNER)  # knows of every guardian's words
    with transaction.atomic():
        close_review(actor, row.id, version=row.version)
        closed = Review.objects.of(actor.school_id).select_related("plan__student", "plan__framework").get(pk=row.pk)
        preview = ClosingPreview(
            student=student_ref(student.id, student.display_name),
            to_student=_as_student(actor, closed),
            to_home=review_for_home(somebody_at_home, closed),
        )
        transaction.set_rollback(True)
    return preview


def _as_student(actor: Actor, row: Review) -> ReviewPage | None:
    learns = Enrolment.objects.of(actor.school_id).filter(role=Role.LEARNER, active=True)
    mine = learns.filter(person_id=row.plan.student_id)
    courses = list(mine.values_list("course_id", flat=True).order_by("course_id"))
    if not courses:
        return None
    course = actor.course_id if actor.course_id in courses else courses[0]
    try:
        return read_review(Actor(row.plan.student_id, actor.school_id, Role.LEARNER, course), row.id)
    except NotFound:
        return None
