"""Celery's tasks: an id in, one api call out. Each may be run twice, late or never without harm.

The database is the truth about what is due (plans.syncs); a message is a hint. So no task retries by itself: a
read that fails notes when it is tried again, a worker that dies loses its lease, and beat's next look finds both.
"""

from celery import shared_task

from lti_tool.evidence import api as evidence
from lti_tool.lti import api as lti
from lti_tool.plans import api as plans

from .places import place

WAITS_SECONDS = 60  # a message nobody took in that time is dropped: the read is still due, and queued anew
AT_ONCE = 100


@shared_task(name="ilp.queue_due", ignore_result=True, acks_late=True)
def queue_due() -> int:
    """Queue every read that is due. One small query when nothing is."""
    due = evidence.due_reads(AT_ONCE)
    for sync_id in due:
        read_source.apply_async((sync_id,), expires=WAITS_SECONDS)
    return len(due)


@shared_task(name="ilp.read_source", ignore_result=True, acks_late=True)
def read_source(sync_id: int) -> None:
    """Do one due read, unless another worker is at it; a whole course only where a place is free for one."""
    read = plans.sync_ref(sync_id)
    if read is None:
        return
    if read.person_id:
        evidence.carry_out(sync_id)
        return
    with place(read.school_id) as free:
        if free:
            evidence.carry_out(sync_id)


@shared_task(name="ilp.pass_reviews_back", ignore_result=True, acks_late=True)
def pass_reviews_back() -> int:
    """Find closed reviews that gradebooks are to be told of, and queue what is due."""
    lti.find_passback()
    due = lti.due_passback(AT_ONCE)
    for pk in due:
        pass_review_back.apply_async((pk,), expires=WAITS_SECONDS)
    return len(due)


@shared_task(name="ilp.pass_review_back", ignore_result=True, acks_late=True)
def pass_review_back(pk: int) -> None:
    """Tell a gradebook of one closed review, unless another worker is at it."""
    lti.pass_back(pk)


@shared_task(name="ilp.take_marks_back", ignore_result=True, acks_late=True)
def take_marks_back() -> int:
    """Queue every mark that is to be taken back out of a gradebook. One small query when none is."""
    due = lti.due_withdrawals(AT_ONCE)
    for pk in due:
        take_mark_back.apply_async((pk,), expires=WAITS_SECONDS)
    return len(due)


@shared_task(name="ilp.take_mark_back", ignore_result=True, acks_late=True)
def take_mark_back(pk: int) -> None:
    """Take one mark back, unless another worker is at it."""
    lti.take_back(pk)


@shared_task(name="ilp.forget_expired", ignore_result=True, acks_late=True)
def forget_expired() -> None:
    """Drop logins and sessions that ended."""
    lti.forget_expired()


@shared_task(name="ilp.rotate_keys", ignore_result=True, acks_late=True)
def rotate_keys() -> None:
    """Rotate the tool's keys when the current one is old enough."""
    lti.rotate_keys()


@shared_task(name="ilp.follow_courses", ignore_result=True, acks_late=True)
def follow_courses() -> None:
    """Carry targets into copied courses, and ask platforms to tell of copies."""
    lti.follow_courses()


@shared_task(name="ilp.keep_to_retention", ignore_result=True, acks_late=True)
def keep_to_retention() -> None:
    """Note who left, and erase those whose years are over; let go of recordings whose words are written down."""
    plans.keep_to_retention()
    plans.forget_sounds()
    plans.sweep_files()
