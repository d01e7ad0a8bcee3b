"""`Groups` of the demo LMS: the two tutor groups of its science class. They never change, so they are no rows."""

from collections.abc import Mapping, Sequence

from ilp_xblock.platform.ports import Group, GroupSet

SETS = {"year-8-science": GroupSet("tutor-groups", "Tutor groups")}
GROUPS = {
    "year-8-science": {
        Group("8a", "8A", "tutor-groups"): ("u1001", "u1002", "u1003", "u1004"),
        Group("8b", "8B", "tutor-groups"): ("u1005", "u1006", "u1007", "u1008"),
    }
}


class WorkbenchGroups:
    def sets(self, course_id: str) -> Sequence[GroupSet]:
        return [SETS[course_id]] if course_id in SETS else []

    def groups(self, course_id: str, *, sub: str | None = None) -> Sequence[Group]:
        found = GROUPS.get(course_id, {}).items()
        return [group for group, subs in found if sub is None or sub in subs]

    def group_ids(self, course_id: str, subs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return {sub: [group.id for group in self.groups(course_id, sub=sub)] for sub in subs}
