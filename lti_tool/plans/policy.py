"""The one table of who may do what, how far it reaches, and how guarded a field each role may read (T1, T2).

It is printed as `docs/permissions.md` (`ilp-tool permissions_table`), and tested cell by cell. What stands nowhere is
NONE. The fetches that enforce it are in `permissions`.
"""

from collections.abc import Iterator, Mapping, Sequence

from lti_tool.privacy import HANDLING

from .data import Act, Reach, Role
from .frameworks.data import Sensitivity

_WORKS_ON_THE_PLAN = (
    Act.READ_PLAN,
    Act.READ_TRAIL,
    Act.CHANGE_PLAN,
    Act.UPGRADE_PLAN,
    Act.REVIEW,
    Act.CONTRIBUTE,
    Act.AGREE,
    Act.KEEP_DRAFTS,
    Act.ADD_EVIDENCE,
    Act.CHECK_OTHERS,
    Act.SETTLE_REPORTS,
    Act.SEND_HOME,
    Act.SEND_SHEET,
    Act.READ_SHEETS,
)


def _row(reach: Reach, *acts: Act) -> dict[Act, Reach]:
    return dict.fromkeys(acts, reach)


POLICY: Mapping[Role, Mapping[Act, Reach]] = {
    Role.LEARNER: _row(
        Reach.SELF,
        Act.READ_OWN_PANEL,
        Act.READ_PLAN,
        Act.CONTRIBUTE,
        Act.AGREE,
        Act.KEEP_DRAFTS,
        Act.KEEP_LOG,
        Act.ADD_EVIDENCE,
        Act.SEE_READERS,
        Act.SHARE,
        Act.EXPORT,
        Act.DELETE_MINE,
        Act.ASK_ERASURE,
    ),
    Role.FAMILY: _row(
        Reach.CHILD,
        Act.READ_SHARED,
        Act.AGREE,
        Act.SEE_READERS,
        Act.KEEP_DRAFTS,
        Act.ADD_EVIDENCE,
        Act.ANSWER_SHEET,
        Act.ASK_ERASURE,
    ),
    Role.TEACHER: _row(Reach.COURSE, *_WORKS_ON_THE_PLAN, Act.READ_CLASS, Act.PICK_ACTIVITIES),
    Role.ASSISTANT: _row(Reach.COURSE, Act.READ_PLAN, Act.READ_CLASS, Act.ADD_EVIDENCE),
    Role.KEY_WORKER: _row(Reach.APPOINTED, *_WORKS_ON_THE_PLAN),
    Role.SUBJECT_TEACHER: _row(
        Reach.COURSE, Act.READ_PLAN, Act.CONTRIBUTE, Act.AGREE, Act.KEEP_DRAFTS, Act.ADD_EVIDENCE
    ),
    Role.PHASE_LEADER: _row(
        Reach.PHASE,
        Act.READ_PLAN,
        Act.READ_STARTS,
        Act.COMPARE,
        Act.READ_TRAIL,
        Act.CHECK_QUALITY,
        Act.CONTRIBUTE,
        Act.AGREE,
        Act.KEEP_DRAFTS,
        Act.CHECK_OTHERS,
        Act.SETTLE_REPORTS,
        Act.READ_SHEETS,
    ),
    Role.LEADERSHIP: _row(
        Reach.SCHOOL,
        Act.READ_PLAN,
        Act.COMPARE,
        Act.READ_STARTS,
        Act.READ_TRAIL,
        Act.CHECK_QUALITY,
        Act.SETTLE_REPORTS,
    ),
    Role.ADMINISTRATOR: _row(
        Reach.SCHOOL, Act.MANAGE_PEOPLE, Act.MANAGE_FRAMEWORKS, Act.READ_STARTS, Act.EXPORT, Act.ERASE, Act.SET_RULES
    ),
    Role.PROVIDER: _row(
        Reach.APPOINTED, Act.READ_PLAN, Act.ANSWER_FORM, Act.AGREE, Act.KEEP_DRAFTS, Act.ADD_EVIDENCE
    ),
    Role.NONE: {},
}

# The most guarded class of field each role may read (T2, T4). Whoever wrote something reads it, whatever its class.
CEILING: Mapping[Role, Sensitivity] = {
    Role.LEARNER: Sensitivity.SENSITIVE,
    Role.FAMILY: Sensitivity.PERSONAL,
    Role.TEACHER: Sensitivity.SENSITIVE,
    Role.ASSISTANT: Sensitivity.PERSONAL,
    Role.KEY_WORKER: Sensitivity.RESTRICTED,
    Role.SUBJECT_TEACHER: Sensitivity.PERSONAL,
    Role.PHASE_LEADER: Sensitivity.SENSITIVE,
    Role.LEADERSHIP: Sensitivity.SENSITIVE,
    Role.ADMINISTRATOR: Sensitivity.ORDINARY,
    Role.PROVIDER: Sensitivity.PERSONAL,
    Role.NONE: Sensitivity.ORDINARY,
}
_GUARDED = list(Sensitivity)
_WIDTH = list(Reach)


def reach(role: Role, act: Act) -> Reach:
    """The cell of the table."""
    return POLICY[role].get(act, Reach.NONE)


def widest(role: Role) -> Reach:
    """How far the role reaches with any act: the widest appointment that makes sense."""
    return max(POLICY[role].values(), key=_WIDTH.index, default=Reach.NONE)


def includes(given: Reach, wanted: Reach) -> bool:
    """Whether a reach goes at least as far as another."""
    return _WIDTH.index(given) >= _WIDTH.index(wanted)


def may_read(ceiling: Sensitivity, field: Sensitivity) -> bool:
    """Whether a field of this class is within the ceiling."""
    return _GUARDED.index(field) <= _GUARDED.index(ceiling)


def table() -> str:
    """The table as a page of the documentation (Markdown)."""
    roles = [role for role in Role if role is not Role.NONE]
    head = ["act", *(role.value.replace("_", " ") for role in roles)]
    lines = [_line(head), _line(["---"] * len(head))]
    for act in Act:
        cells = [reach(role, act) for role in roles]
        lines.append(_line([act.value.replace("_", " "), *("·" if cell is Reach.NONE else cell for cell in cells)]))
    lines.append(_line(["*reads fields up to*", *(CEILING[role] for role in roles)]))
    return _PAGE.format(table="\n".join(lines), handling="\n".join(_handling(roles)))


def _handling(roles: Sequence[Role]) -> Iterator[str]:
    """What follows from each class, as lines of a table."""
    head = [
        "class",
        "read by",
        "lies sealed",
        "each reading named",
        "kept at most",
        "in logs",
        "in a package",
    ]
    yield _line(head)
    yield _line(["---"] * len(head))
    for guarded, how in HANDLING.items():
        readers = [role.value.replace("_", " ") for role in roles if may_read(CEILING[role], guarded)]
        told = (how.sealed, how.told_singly), (how.logged, how.exported)
        before, after = (["yes" if one else "no" for one in some] for some in told)
        yield _line([guarded, ", ".join(readers), *before, f"{how.most_years} years, `{how.rule}`", *after])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


_PAGE = """# Who may do what

Printed from `lti_tool/plans/policy.py` by `ilp-tool permissions_table`; a test compares the two, others try every
cell. A cell says how far the role reaches with the act at most; `·` is not at all.

- **self**: their own plan, in a course where they are a learner now.
- **child**: the children their guardian links name, while no court order or "no contact" stands on the link.
- **appointed**: the student their appointment names. **course**: the learners of the course they came from, or of the
  course or student an appointment names. **phase**: the students of the phase an appointment names, or less.
  **school**: every student of the school, by an appointment alone.

An LMS message never gives more than self or course; key workers, subject teachers, phase leaders, leadership,
providers and the school's administrators are appointed in the tool. Somebody with several roles reaches what any of
them reaches. What is out of reach is not found.

{table}

A field of a class above a role's ceiling is left out for it, in every list, export, search and log; whoever wrote it
reads it. Restricted: key workers only, since they were named for this one student.

## What follows from a field's class

From `HANDLING` in `lti_tool/privacy.py`, which the code itself goes by: one word in a field's annotation, or in a
framework, changes all of it.

{handling}

- **Lies sealed**: see decision 30. A column that holds answers to several fields is declared as guarded as they may
  be.
- **Each reading named**: opening a plan's page leaves an event for everybody, once in a quarter of an hour. A field
  of this class is named in one of its own each time somebody else reads it, also who works with the student daily.
- **Kept**: years after somebody is in no course and no office. The school sets both rules, within these bounds; what
  is over goes at night, and an event tells how much of what. What decides who reaches a child (guardian links with
  what stands against them) stays as long as the record.
- **In logs**: there is no telemetry besides them. A test reads every log line of the tool.
"""


def stricter(*classes: Sensitivity) -> Sensitivity:
    """The most guarded of these."""
    return max(classes, key=_GUARDED.index)
