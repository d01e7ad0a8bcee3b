"""What the workbench lacks to stand for an LMS: grades are kept, the person is known, the courses are loaded."""

import threading
from typing import Any

from workbench import scenarios
from workbench.models import XBlockState
from workbench.runtime import WORKBENCH_KVS, WorkbenchRuntime
from xblock.core import XBlock
from xblock.reference.user_service import UserService, XBlockUser

from .syllabus import COURSES

STATE_LOCK = threading.RLock()
BLOCKS = {
    "ilp_course": "ilp_xblock.workbench.blocks:CourseBlock",
    "ilp_unit": "ilp_xblock.workbench.blocks:UnitBlock",
    "ilp_reading": "ilp_xblock.workbench.blocks:ReadingBlock",
    "ilp_quiz": "ilp_xblock.workbench.blocks:QuizBlock",
}


def install() -> None:
    """Make the workbench keep grades and know our blocks. Called once, by the app's `ready`."""
    from importlib.metadata import EntryPoint

    known = {name for name, _ in XBlock.extra_entry_points}
    XBlock.extra_entry_points.extend(
        (name, EntryPoint(name, path, "xblock.v1")) for name, path in BLOCKS.items() if name not in known
    )
    WorkbenchRuntime.publish = _publish
    # The workbench's table has no unique key: two threads that first touch one field would store it twice,
    # and every later read of it fails. One server process holds the blocks, so a lock is enough.
    unlocked = XBlockState.get_for_key.__func__

    def get_for_key(cls: type, key: Any) -> Any:
        with STATE_LOCK:
            return unlocked(cls, key)

    XBlockState.get_for_key = classmethod(get_for_key)


def _publish(runtime: WorkbenchRuntime, block: XBlock, event_type: str, event_data: dict) -> None:
    """`runtime.publish(block, "grade", {"value", "max_value"})` as an LMS takes it; the workbench only logs it."""
    from .gradebook import record_score

    if event_type == "grade" and getattr(block, "has_score", False):
        sub = event_data.get("user_id") or block.scope_ids.user_id
        record_score(sub, str(block.scope_ids.usage_id), float(event_data["value"]), float(event_data["max_value"]))


def load_courses() -> None:
    """Load the courses' blocks into this process: the server's, or a test's. Never a command's beside a running
    server, because loading begins by dropping every block's list of children."""
    with STATE_LOCK:
        if any(course.id in scenarios.SCENARIOS for course in COURSES):
            return
        WORKBENCH_KVS.prep_for_scenario_loading()
        for course in COURSES:
            scenarios.add_xml_scenario(course.id, course.title, course.xml)
        # The workbench would load the samples of every installed block too, and fail where one cannot be imported.
        scenarios.get_scenarios.initialized = True


class PersonService(UserService):
    """The `user` service with the keys an LMS gives. The workbench sets `runtime` after making it."""

    runtime: WorkbenchRuntime

    def __init__(self) -> None:
        super().__init__(user=XBlockUser(is_current_user=True))

    def get_current_user(self) -> XBlockUser:
        from .models import Enrolment

        sub = self.runtime.user_id
        row = Enrolment.objects.filter(person__id_on_platform=sub, active=True).select_related("person").first()
        staff = row is not None and row.role != Enrolment.Role.LEARNER
        user = XBlockUser(is_current_user=True, full_name=row.person.name if row else "")
        user.opt_attrs.update(
            {
                "edx-platform.user_id": sub,
                "edx-platform.user_is_staff": staff,
                "edx-platform.user_role": "staff" if staff else "student",
                "ilp_xblock.launch_query": {"student": sub} if sub else {},
            }
        )
        return user


class GradebookService:
    """The `gradebook` service: what an activity shows of the score the LMS keeps."""

    runtime: WorkbenchRuntime

    def score(self, block: XBlock) -> tuple[float, float] | None:
        from .gradebook import score_of

        return score_of(block.scope_ids.user_id, str(block.scope_ids.usage_id))
