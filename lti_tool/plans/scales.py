"""Which kind of review is held, on which scale it judges, and what a level is called (001.11, 002.9)."""

from functools import cache
from uuid import UUID

from .frameworks.data import Framework, LevelDef, ReviewKind, Scale
from .frameworks.keeping import DEFAULT, former_frameworks, framework_of
from .frameworks.loading import built_in
from .frameworks.wording import shown
from .models import Plan, Review

PLAIN = ReviewKind("review", "")  # where a framework names none


def kind_of(framework: Framework, key: str) -> ReviewKind:
    """The kind of this key; where the framework has none of it, the kind it begins with."""
    return framework.review_kind(key) or next(iter(framework.review_kinds), PLAIN)


def scale_of(framework: Framework, kind: ReviewKind) -> Scale:
    """The scale a kind judges on: the one it names, the framework's first, or the tool's own."""
    return framework.scale(kind.scale) or next(iter(framework.scales), None) or _plain_framework().scales[0]


def of_review(review: Review) -> tuple[Framework, ReviewKind, Scale]:
    """What a review is held by. Its plan must be loaded; usually no query."""
    framework = plan_framework(review.school_id, review.plan)
    kind = kind_of(framework, review.kind)
    return framework, kind, scale_of(framework, kind)


def plan_framework(school_id: UUID, plan: Plan) -> Framework:
    """The framework the plan began with; one from before there were any: the tool's own. Usually no query."""
    return framework_of(school_id, plan) if plan.framework_id else _plain_framework()


def said(framework: Framework, level: str, plan: Plan) -> LevelDef | None:
    """The level in the framework's words, from whichever of its scales has it.

    Of a plan that moved up since, in the words it was judged in.
    """
    found = _level(framework, level)
    if found is None:
        known = (*former_frameworks(plan), _plain_framework())
        found = next((then for one in known if (then := _level(one, level))), None)
    return found


def area_called(framework: Framework, key: str, plan: Plan) -> str:
    """The area's name; of a plan that moved up since, as it was called then."""
    found = framework.area(key)
    if found is None:
        found = next((then for one in former_frameworks(plan) if (then := one.area(key))), None)
    return shown(found.name) if found else key


def _level(framework: Framework, key: str) -> LevelDef | None:
    return next((level for scale in framework.scales for level in scale.levels if level.key == key), None)


@cache
def _plain_framework() -> Framework:
    return built_in(DEFAULT).made()
