"""What a judgement rests on: both qualitative and quantitative evidence, where the framework asks for it (001.13)."""

from collections.abc import Collection

from .data import Audience, Grounds
from .models import PortfolioTarget, Review, Target
from .scales import of_review, plan_framework


def asks_both(review: Review) -> bool:
    """Whether judgements of this review rest on both kinds. Its plan must be loaded."""
    framework, kind, _ = of_review(review)
    return kind.both_evidence_kinds or framework.rules.both_evidence_kinds


def told(grounds: Grounds) -> tuple[str, str, str]:
    """What was seen and said, what was counted, and why one kind has to do."""
    return grounds.qualitative.strip(), grounds.quantitative.strip(), grounds.one_kind_because.strip()


def rests(grounds: Grounds, evidence_seen: Collection[int], target: Target | None) -> bool:
    """Whether both kinds are there, or a word why one has to do.

    Scores seen and figures written are quantitative, words on what was seen qualitative; work that is linked to the
    target counts as the framework says of its kind.
    """
    qualitative, quantitative, because = told(grounds)
    if because:
        return True
    natures = _linked(target) if target and not (qualitative and (quantitative or evidence_seen)) else set()
    return bool(qualitative or natures & {"qualitative", "either"}) and bool(
        quantitative or evidence_seen or "quantitative" in natures
    )


def _linked(target: Target) -> set[str]:
    """The natures of the work in the portfolio that serves the target and is not kept private."""
    links = PortfolioTarget.objects.of(target.school_id).filter(target=target, item__hidden_at=None)
    kinds = set(links.exclude(item__audience=Audience.PRIVATE).values_list("item__kind", flat=True))
    framework = plan_framework(target.school_id, target.plan)
    return {kind.nature for kind in framework.evidence_kinds if kind.key in kinds}
