"""Nobody writes to or about a student where no second adult reads (T41)."""

import pytest

from lti_tool.plans.data import Act, Reach, Role
from lti_tool.plans.policy import POLICY, includes, reach

ADULTS = [role for role in Role if role not in (Role.LEARNER, Role.FAMILY, Role.NONE, Role.ADMINISTRATOR)]
WRITES = (Act.CHANGE_PLAN, Act.REVIEW, Act.CONTRIBUTE, Act.ADD_EVIDENCE)


@pytest.mark.trust("T41")
@pytest.mark.parametrize("writer", [role for role in ADULTS if any(act in POLICY[role] for act in WRITES)])
def test_what_any_adult_writes_a_second_adult_role_of_the_whole_school_reads_and_may_settle(writer: Role) -> None:
    overseers = {
        role
        for role in ADULTS
        if role is not writer
        and includes(reach(role, Act.READ_PLAN), Reach.SCHOOL)
        and includes(reach(role, Act.SETTLE_REPORTS), Reach.SCHOOL)
    }
    assert overseers
    for overseer in overseers:  # and whoever oversees writes in no plan
        assert not {Act.CHANGE_PLAN, Act.REVIEW, Act.CONTRIBUTE} & POLICY[overseer].keys()


@pytest.mark.trust("T41")
def test_whoever_may_settle_a_report_may_read_what_it_is_about() -> None:
    for role in Role:
        assert includes(reach(role, Act.READ_PLAN), reach(role, Act.SETTLE_REPORTS)), role
