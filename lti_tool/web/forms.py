"""What a posted page says, as values: the lines of a review."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from lti_tool.plans import api as plans
from lti_tool.plans.data import (
    AreaView,
    Ending,
    EvidenceView,
    Grounds,
    HomeReview,
    JudgementView,
    OpinionEntry,
    Outcome,
    ReviewPage,
    ReviewTarget,
    Voice,
)

GROUNDS = ("qualitative", "quantitative", "one_kind_because")
SHOWN_AT_ONCE = 4  # scores of a target; older ones are one click away


@dataclass(frozen=True, slots=True)
class JudgedFields:
    """The fields of one judgement as they stand: posted, else typed before, else judged."""

    key: str  # in the fields' names
    level: str
    comment: str
    reason: str
    grounds: Grounds
    version: int  # of the judgement the page shows; 0: none yet
    was: str  # fingerprint of the fields as the page first showed them
    error: str = ""
    conflict: bool = False  # somebody judged it meanwhile; theirs stands
    view: Mapping[str, str] = field(default_factory=dict)  # of somebody else, as typed: as, name, level, text


@dataclass(frozen=True, slots=True)
class Line(JudgedFields):
    """One target of an open review."""

    target: ReviewTarget = field(kw_only=True)
    ending: str = ""  # what becomes of the target: posted, else typed before, else said
    ending_text: str = ""
    ending_was: str = ""  # fingerprint of the two as the page first showed them
    ending_error: str = ""
    ending_conflict: bool = False  # somebody said otherwise meanwhile; theirs stands

    @property
    def judged(self) -> bool:
        return self.target.judgement is not None

    @property
    def newest(self) -> tuple[EvidenceView, ...]:
        """The newest values, newest first: what a reader wants before the rest."""
        return self.target.since_last[: -SHOWN_AT_ONCE - 1 : -1]

    @property
    def older(self) -> tuple[EvidenceView, ...]:
        return self.target.since_last[: max(len(self.target.since_last) - SHOWN_AT_ONCE, 0)][::-1]

    @property
    def seen(self) -> str:
        """Ids of the evidence beside the fields: a judgement records what it was made on (T48)."""
        return ",".join(str(evidence.id) for evidence in self.target.since_last)


@dataclass(frozen=True, slots=True)
class AreaLine(JudgedFields):
    """One area of an open review."""

    area: AreaView = field(kw_only=True)

    @property
    def judged(self) -> bool:
        return self.area.judgement is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wrote for one target."""

    level: str | None
    comment: str
    reason: str
    grounds: Grounds
    version: int
    evidence_seen: tuple[int, ...]
    touched: bool


def fingerprint(*values: str) -> str:
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:12]


def line_of(page: ReviewPage, target: ReviewTarget, posted: Mapping[str, str] | None = None, **trouble: Any) -> Line:
    """The fields of one target. `posted` wins over drafts, drafts over what is judged."""
    key, said = str(target.card.id), target.outcome
    typed, stands = posted if posted is not None else page.drafts, (said.ending, said.text) if said else ("", "")
    return Line(
        **_fields(page, key, target.judgement, posted),
        target=target,
        ending=typed.get(f"ending:{key}", stands[0]),
        ending_text=typed.get(f"ending-text:{key}", stands[1]),
        ending_was=fingerprint(*stands),
        **trouble,
    )


def outcome_of(posted: Mapping[str, str], key: str) -> Outcome | None:
    """What shall become of the target of this id; None where the page said nothing new."""
    ending, text = posted.get(f"ending:{key}", ""), lines(posted.get(f"ending-text:{key}", ""))
    if ending not in set(Ending) or fingerprint(ending, text) == posted.get(f"was-ending:{key}"):
        return None
    return Outcome(Ending(ending), text, version=whole(posted.get(f"ending-version:{key}", "")))


def area_line_of(
    page: ReviewPage, area: AreaView, posted: Mapping[str, str] | None = None, **trouble: Any
) -> AreaLine:
    """The fields of one area."""
    return AreaLine(**_fields(page, area_key(area.area), area.judgement, posted), area=area, **trouble)


def view_of(posted: Mapping[str, str], key: str) -> OpinionEntry | None:
    """How somebody else sees it, written down on the page; None where nothing was."""
    level, text = posted.get(f"view-level:{key}", ""), lines(posted.get(f"view-text:{key}", ""))
    name = posted.get(f"view-name:{key}", "").strip()
    if not (level or text or name):
        return None
    whose = posted.get(f"view-as:{key}", "")
    voice = Voice.FAMILY if whose == "family" else Voice.OTHERS
    return OpinionEntry(voice, name, level[:64], text, peer=whose == "peer")


def area_key(area: str) -> str:
    return f"area.{area}"


def _fields(
    page: ReviewPage, key: str, judgement: JudgementView | None, posted: Mapping[str, str] | None
) -> dict[str, Any]:
    level, comment = (judgement.level, judgement.comment) if judgement else ("", "")
    typed = posted if posted is not None else page.drafts
    stands = tuple(getattr(judgement, name) if judgement else "" for name in GROUNDS)
    grounds = Grounds(*(typed.get(f"{name}:{key}", stood) for name, stood in zip(GROUNDS, stands, strict=True)))
    return {
        "key": key,
        "level": typed.get(f"level:{key}", level),
        "comment": typed.get(f"comment:{key}", comment),
        "reason": typed.get(f"reason:{key}", ""),
        "grounds": grounds,
        "version": judgement.version if judgement else 0,
        "was": fingerprint(level, comment, *stands),
        "view": {name: typed.get(f"view-{name}:{key}", "") for name in ("as", "name", "level", "text")},
    }


def entry_of(posted: Mapping[str, str], key: str) -> Entry:
    """What was written for the target of this id, or for `area_key`."""
    level, comment = posted.get(f"level:{key}", ""), lines(posted.get(f"comment:{key}", ""))
    grounds = tuple(lines(posted.get(f"{name}:{key}", "")) for name in GROUNDS)
    return Entry(
        level=level[:64] or None,
        comment=comment,
        reason=posted.get(f"reason:{key}", "").strip(),
        grounds=Grounds(*grounds),
        version=whole(posted.get(f"version:{key}", "")),
        evidence_seen=tuple(whole(number) for number in posted.get(f"seen:{key}", "").split(",") if number),
        touched=fingerprint(level, comment, *grounds) != posted.get(f"was:{key}"),
    )


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What was agreed for the time after the review."""

    text: str
    on: str  # ISO date as the field holds it
    was: str

    @classmethod
    def of(cls, page: ReviewPage, posted: Mapping[str, str] | None = None) -> "NextSteps":
        text, on = page.next_steps, page.next_review_on.isoformat() if page.next_review_on else ""
        typed = posted if posted is not None else page.drafts
        return cls(
            text=typed.get("next_steps", text),
            on=typed.get("next_review_on", on),
            was=fingerprint(text, on),
        )


@dataclass(frozen=True, slots=True)
class NextStepsEntry:
    text: str
    on: date | None
    touched: bool


def next_steps_of(posted: Mapping[str, str]) -> NextStepsEntry:
    """Raises ValueError for a date that is none."""
    text, on = lines(posted.get("next_steps", "")), posted.get("next_review_on", "").strip()
    return NextStepsEntry(
        text=text,
        on=date.fromisoformat(on) if on else None,
        touched=fingerprint(text, on) != posted.get("was:next_steps"),
    )


def picked(posted: Mapping[str, str], name: str) -> str:
    """A field's answer: what was written, or the boxes ticked, one on each line."""
    several = posted.getlist(name) if isinstance(posted, QueryDict) else [posted.get(name, "")]
    if len(several) > 1:
        return "\n".join(text for text in several if text)
    return lines(several[0]) if several else ""


def whole(text: str) -> int:
    """A number a page sent back, or 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def lines(text: str) -> str:
    """Browsers post line ends as CRLF; ours are LF."""
    return text.replace("\r\n", "\n").strip()


def about_of(page: ReviewPage) -> list[tuple[str, str]]:
    """What a word on the review can be about: each judgement it holds."""
    targets = [(f"target:{one.card.id}", one.card.wording) for one in page.targets if one.judgement]
    return targets + [(f"area:{one.area}", plans.shown(one.name)) for one in page.areas if one.judgement]


def about_at_home(review: HomeReview) -> list[tuple[str, str]]:
    """The same for a family."""
    return [
        (f"target:{part.target_id}" if part.target_id else f"area:{part.area}", name or part.area)
        for part, name in review.judged
    ]
