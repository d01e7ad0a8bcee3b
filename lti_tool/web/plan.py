"""The plan as one page, and the small changes made on it; its story."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import (
    CurriculumChange,
    DiscussionEntry,
    GoalChange,
    GoalPurpose,
    Job,
    LeadEntry,
    LifeEventEntry,
    Participant,
    ProgrammeChange,
    Sensitivity,
    Setting,
    SignatureEntry,
    SignedBy,
    TargetChange,
    Voice,
)
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from .forms import lines, picked, whole
from .pages import render
from .plan_words import by_area
from .session import LEARNER, STAFF, Visit, visit

Posted = Mapping[str, str]


@visit(roles=STAFF | LEARNER, methods=("GET", "POST"))
def plan(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """GET shows it; POST does the one small thing its `do` names."""
    if request.method != "POST":
        return _show(request, here, student_id)
    doing = _DOING.get(request.POST.get("do", ""))
    if doing is None:
        raise NotFound
    try:
        doing(here, student_id, request.POST)
    except Invalid as invalid:
        plans.student(here.actor, student_id)
        return _show(request, here, student_id, trouble=invalid.errors, status=422)
    except Conflict:
        return _show(request, here, student_id, conflict=True, status=409)
    plans.clear_drafts(here.actor, _subject(student_id), only=request.POST)
    address = reverse("plan", args=[here.handle, student_id])
    return redirect(f"{address}?saved={request.POST['do']}#{_PLACES.get(request.POST['do'], 'main')}")


@visit(roles=STAFF | LEARNER)
def story(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Everything that happened to the plan, for whoever may read it."""
    student = plans.student(here.actor, student_id)
    items = plans.plan_story(here.actor, student_id)
    own = student_id == here.actor.person_id
    return render(
        request,
        "ilp/plan/story.html",
        {"student": student, "student_id": student_id, "items": items, "own": own},
    )


@visit(roles=STAFF | LEARNER)
def brought(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """What the student brought along from another school, to read."""
    records = plans.brought(here.actor, student_id)
    own = student_id == here.actor.person_id
    student = plans.student(here.actor, student_id)
    context = {"records": records, "student": student, "student_id": student_id, "own": own}
    return render(request, "ilp/plan/brought.html", context)


def _show(
    request: HttpRequest,
    here: Visit,
    student_id: UUID,
    *,
    trouble: Mapping[str, str] | None = None,
    conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = plans.plan_page(here.actor, student_id)
    typed: Posted = request.POST if status != 200 else plans.drafts(here.actor, _subject(student_id))
    context: dict[str, Any] = {
        "plan": page,
        "student_id": student_id,
        "own": student_id == here.actor.person_id,
        "areas": by_area(page),
        "typed": typed,
        "did": request.POST.get("do", "") if status != 200 else "",
        "trouble": trouble or {},
        "conflict": conflict,
        "saved": request.GET.get("saved", "") if status == 200 else "",
        "subject": _subject(student_id),
        "settings": list(Setting),
        "today": timezone.localdate().isoformat(),
    }
    return render(request, "ilp/plan/page.html", context, status=status)


def _subject(student_id: UUID) -> str:
    return f"plan:{student_id}"


def _aims(here: Visit, student_id: UUID, posted: Posted) -> None:
    """The fields of the plan's sections: `aim:<section.field>`, with what each showed in `was:...`."""
    told = {name.removeprefix("aim:"): picked(posted, name) for name in posted if name.startswith("aim:")}
    shown = {key: lines(posted.get(f"was:{key}", "")) for key in told}
    try:
        plans.say_plan(here.actor, student_id, told, shown=shown)
    except Invalid as invalid:
        hidden = {key for key, code in invalid.errors.items() if code == "unknown"}
        if not hidden:
            raise
        offered = {key: text for key, text in told.items() if key not in hidden}  # T4: not on their page, so ignored
        plans.say_plan(here.actor, student_id, offered, shown=shown)


def _goal(here: Visit, student_id: UUID, posted: Posted) -> None:
    purpose = posted.get("purpose", "")
    known = purpose if purpose in set(GoalPurpose) else ""
    plans.set_goal(
        here.actor, student_id, GoalChange(lines(posted.get("goal", "")), posted.get("area", ""), GoalPurpose(known))
    )


def _goal_change(here: Visit, student_id: UUID, posted: Posted) -> None:
    purpose = posted.get("purpose", "")
    change = GoalChange(
        wording=lines(posted.get("wording", "")),
        area=posted.get("area", ""),
        purpose=GoalPurpose(purpose if purpose in set(GoalPurpose) else ""),
        strategies=lines(posted.get("strategies", "")),
        resources=lines(posted.get("resources", "")),
    )
    plans.change_goal(here.actor, _id(posted.get("goal_id", "")), change, version=whole(posted.get("version", "")))


def _talk(here: Visit, student_id: UUID, posted: Posted) -> None:
    """That student and teacher talked about a goal or a target, and who else was there (000.1)."""
    student = plans.student(here.actor, student_id)
    there = [
        Participant(student.name, Voice.LEARNER, student_id),
        Participant("", Voice.SCHOOL, here.actor.person_id),
    ]
    other, voice = posted.get("other", "").strip(), posted.get("other_as", "")
    if other:
        there.append(Participant(other, Voice(voice) if voice in set(Voice) else Voice.OTHERS))
    goal, target = posted.get("goal_id", ""), posted.get("target", "")
    entry = DiscussionEntry(
        held_on=_day(posted, "held_on"),
        about=lines(posted.get("talk", "")),
        people=tuple(there),
        goal_id=_id(goal) if goal else None,
        target_id=_id(target) if target else None,
    )
    plans.record_discussion(here.actor, student_id, entry)


def _programme(here: Visit, student_id: UUID, posted: Posted) -> None:
    setting = posted.get("setting", "")
    several = posted.getlist if isinstance(posted, QueryDict) else lambda name: [posted[name]]
    change = ProgrammeChange(
        **{name: posted.get(name, "") for name in ("title", "provider", "days_times", "qualification", "level")},
        setting=Setting(setting) if setting in set(Setting) else Setting.SCHOOL,
        about=lines(posted.get("about", "")),
        areas=tuple(several("areas")) if "areas" in posted else (),
        goals=tuple(_id(one) for one in several("goals")) if "goals" in posted else (),
    )
    row = posted.get("part_id", "")
    if row:
        plans.change_programme_part(here.actor, _id(row), change, version=whole(posted.get("version", "")))
    else:
        plans.set_programme_part(here.actor, student_id, change)


def _programme_end(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.end_programme_part(here.actor, _id(posted.get("part_id", "")))


def _goal_end(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.end_goal(here.actor, _id(posted.get("goal_id", "")))


def _step(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.tick_step(here.actor, _id(posted.get("step", "")), done=posted.get("done") == "1")


def _sign(here: Visit, student_id: UUID, posted: Posted) -> None:
    agrees, why = posted.get("agrees", "1") == "1", lines(posted.get("agree_text", ""))
    plans.sign(here.actor, student_id, posted.get("signer", ""), agrees=agrees, text=why)


def _signed(here: Visit, student_id: UUID, posted: Posted) -> None:
    way = posted.get("way", "")
    entry = SignatureEntry(
        signer=posted.get("signer", ""),
        way=SignedBy(way) if way in set(SignedBy) else SignedBy.PAGE,
        name=posted.get("name", ""),
        signed_on=_day(posted, "signed_on"),
    )
    plans.record_signature(here.actor, student_id, entry)


def _event(here: Visit, student_id: UUID, posted: Posted) -> None:
    guarded = Sensitivity.RESTRICTED if posted.get("guarded") else Sensitivity.SENSITIVE
    kind, text = posted.get("kind", ""), lines(posted.get("event", ""))
    plans.record_life_event(here.actor, student_id, LifeEventEntry(kind, _day(posted, "happened_on"), text, guarded))


def _answer(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.answer_life_event(here.actor, _id(posted.get("event_id", "")), answer=posted.get("answer", ""))


def _propose(here: Visit, student_id: UUID, posted: Posted) -> None:
    if student_id != here.actor.person_id:
        raise NotFound
    words = {name: lines(posted.get(f"new_{name}", "")) for name in ("wording", "success")}
    plans.propose_target(here.actor, TargetChange(**words, area=posted.get("new_area", "")))


def _agree(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.agree_proposed(here.actor, _id(posted.get("target", "")), version=whole(posted.get("version", "")))


def _achieve(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.achieve_target(here.actor, _id(posted.get("target", "")), version=whole(posted.get("version", "")))


def _check(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.check_target(
        here.actor,
        _id(posted.get("target", "")),
        passed=posted.get("passed") == "1",
        note=lines(posted.get("note", "")),
        version=whole(posted.get("version", "")),
    )


def _home(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.share_with_family(here.actor, student_id)


def _lead(here: Visit, student_id: UUID, posted: Posted) -> None:
    job = posted.get("job", "")
    if job not in set(Job):
        raise NotFound
    plans.name_lead(
        here.actor, student_id, LeadEntry(Job(job), posted.get("lead_name", ""), posted.get("lead_role", ""))
    )


def _lead_end(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.end_lead(here.actor, _id(posted.get("lead_id", "")))


def _curriculum(here: Visit, student_id: UUID, posted: Posted) -> None:
    change = CurriculumChange(
        subject=posted.get("subject", ""),
        strand=posted.get("strand", ""),
        wording=lines(posted.get("wording", "")),
        progress=lines(posted.get("progress", "")),
    )
    row = posted.get("curriculum_id", "")
    if row:
        plans.change_curriculum(here.actor, _id(row), change, version=whole(posted.get("version", "")))
    else:
        plans.set_curriculum(here.actor, student_id, change)


def _curriculum_end(here: Visit, student_id: UUID, posted: Posted) -> None:
    plans.end_curriculum(here.actor, _id(posted.get("curriculum_id", "")))


_DOING: Mapping[str, Callable[[Visit, UUID, Posted], None]] = {
    "aims": _aims,
    "goal": _goal,
    "goal-end": _goal_end,
    "goal-change": _goal_change,
    "talk": _talk,
    "programme": _programme,
    "programme-end": _programme_end,
    "step": _step,
    "sign": _sign,
    "signed": _signed,
    "event": _event,
    "answer": _answer,
    "propose": _propose,
    "agree": _agree,
    "achieve": _achieve,
    "check": _check,
    "home": _home,
    "lead": _lead,
    "lead-end": _lead_end,
    "curriculum": _curriculum,
    "curriculum-end": _curriculum_end,
}
# Where on the page each of them is, to come back to.
_PLACES = {
    "aims": "aims", "goal": "goals", "goal-end": "goals", "goal-change": "goals", "talk": "goals",
    "programme": "programme", "programme-end": "programme", "step": "targets", "sign": "signed", "signed": "signed",
    "event": "events", "answer": "events", "propose": "targets", "agree": "targets", "achieve": "targets",
    "check": "targets", "home": "targets",
    "lead": "leads", "lead-end": "leads",
    "curriculum": "curriculum", "curriculum-end": "curriculum",
}  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _day(posted: Posted, name: str) -> date:
    try:
        return date.fromisoformat(posted.get(name, ""))
    except ValueError:
        raise Invalid({name: "day"}) from None
