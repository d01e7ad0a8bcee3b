"""A review as one item: what was judged, what anybody said against it, what comes next (T6, T11, T54, 002.15)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from .data import Actor, Ending, Item, MediaUse, Piece, StatementView, Voice
from .frameworks.data import Framework
from .frameworks.wording import shown
from .guardians import may_know_guardians
from .models import FrozenTarget, Judgement, Plan, QualityCheck, Target, TargetOutcome
from .naming import student_ref
from .scales import area_called, plan_framework, said
from .statements import nested_statements, statements_in, whole_statements

OUTCOME = "outcome"  # begins the code of a line that says what becomes of a target


def review_piece(row: Any, item: Item) -> Piece:
    person = row.plan.student
    framework = plan_framework(row.school_id, row.plan)
    lines = []
    for one, wording, differs in row.judged:
        area = wording or area_called(framework, one.area, row.plan)  # judged as a whole
        lines += [(f"level:{_level(framework, one, row.plan)}", area), *differs]
        lines += row.outcomes.get(one.target_id, ())
    for wording, outcome in row.unjudged:
        lines += [("", wording), *outcome]
    lines += [("next_steps", row.next_steps), *row.differs]
    student = student_ref(person.id, person.display_name)
    return Piece(item, student, str(row.number), told(lines), at=row.closed_at or row.opened_at)


def _level(framework: Framework, judgement: Judgement, plan: Plan) -> str:
    level = said(framework, judgement.level, plan)
    return shown(level.name) if level else judgement.level


def load_judged(rows: Sequence[Any], use: MediaUse, reader: Actor | None) -> None:
    """What stands judged in these reviews, as `judged` of each: in the words a closed one froze, not later ones.

    With it what anybody said against it, of the review as a whole as `differs` (T54), and what becomes of each target
    as lines: `outcomes` by target, `unjudged` with the wordings of those without a judgement. At home no target is
    named in words that wait for their quality check (001.15). Four queries, at home five.
    """
    school_id = rows[0].school_id
    frozen = FrozenTarget.objects.of(school_id).filter(review__in=[row.pk for row in rows]).order_by("closing")
    cards = {(one.review_id, one.target_id): one.snapshot["card"] for one in frozen}
    plans = {row.pk: row.plan for row in rows}
    ended = TargetOutcome.objects.of(school_id).filter(review__in=[row.pk for row in rows])
    outcomes = {(one.review_id, one.target_id): one for one in ended.select_related("target").order_by("said_at")}
    fit = _checked(school_id, {target for _review, target in (*cards, *outcomes)}) if use is MediaUse.HOME else None
    by_review = defaultdict(list)
    latest = Judgement.objects.of(school_id).filter(review__in=[row.pk for row in rows], latest=True)
    told = latest.annotate(statements=nested_statements(school_id)).select_related("target")
    for judgement in told.order_by("area", "target__position", "made_at"):
        target = judgement.target  # none: an area as a whole
        card = cards.get((judgement.review_id, target.id)) if target else None
        wording = str(card["wording"]) if card else target.wording if target else ""
        if target and fit is not None and _waits(plans[judgement.review_id], target, card, fit):
            continue
        by_review[judgement.review_id].append((judgement, wording))
    unjudged = defaultdict(list)
    judged = {(review_id, one.target_id) for review_id, found in by_review.items() for one, _ in found}
    for (review_id, target_id), outcome in outcomes.items():
        target, card, plan = outcome.target, cards.get((review_id, target_id)), plans[review_id]
        if (review_id, target_id) in judged or (fit is not None and _waits(plan, target, card, fit)):
            continue
        wording = str(card["wording"]) if card else target.wording
        unjudged[review_id].append((wording, _ended(outcome, plan, fit)))
    differing = whole_statements(school_id, [row.pk for row in rows])
    for row in rows:
        guardian = None if reader is None or may_know_guardians(reader, row.plan.student_id) else reader.person_id
        row.judged = [
            (one, wording, _differs(statements_in(one.statements), guardian)) for one, wording in by_review[row.pk]
        ]
        row.differs = _differs(differing[row.pk], guardian)
        row.outcomes = {
            target_id: _ended(one, row.plan, fit) for (review_id, target_id), one in outcomes.items()
            if review_id == row.pk
        }  # fmt: skip
        row.unjudged = unjudged[row.pk]


def _ended(outcome: TargetOutcome, plan: Any, fit: Collection[tuple[UUID, int]] | None) -> list[tuple[str, str]]:
    """What becomes of the target, as a line: at home without new words that nobody found fit for it yet (001.15)."""
    target, text = outcome.target, outcome.text
    if fit is not None and outcome.ending == Ending.CHANGED:
        asked = plan_framework(plan.school_id, plan).rules.quality_check_before_family
        text = "" if asked and (target.wording != text or _waits(plan, target, None, fit)) else text
    return [(f"{OUTCOME}:{outcome.ending}", text)]


def _checked(school_id: UUID, target_ids: Iterable[UUID]) -> set[tuple[UUID, int]]:
    """The versions of these targets that somebody found fit to go home."""
    passed = QualityCheck.objects.of(school_id).filter(target__in=target_ids, passed=True)
    return set(passed.values_list("target_id", "target_version"))


def _waits(plan: Any, target: Target, card: Mapping[str, Any] | None, fit: Collection[tuple[UUID, int]]) -> bool:
    """Whether the target, as it was worded then, still waits for the check its framework asks for."""
    if not plan_framework(plan.school_id, plan).rules.quality_check_before_family:
        return False
    version = int(card["version"]) if card else target.version
    return version != target.checked_version and (target.id, version) not in fit


def _differs(said: Iterable[StatementView], guardian: UUID | None) -> list[tuple[str, str]]:
    """Statements as lines, whose voice and the words; to a guardian none of another's (T28)."""
    known = [
        one for one in said
        if guardian is None or one.voice is not Voice.FAMILY or (one.author and one.author.id == guardian)
    ]  # fmt: skip
    return [(f"differs:{one.voice}", one.text) for one in known]


def told(lines: Any) -> tuple[tuple[str, str], ...]:
    """The lines that say something: what becomes of a target does so without further words."""
    return tuple((label, words) for label, words in lines if words or label.startswith(OUTCOME))
