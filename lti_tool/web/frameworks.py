"""A school's frameworks: seen, chosen, copied, edited with a live preview, published. For its administrators."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.data import Framework, FrameworkDraft
from lti_tool.plans.exceptions import Conflict, FrameworkProblem, Invalid, Refused

from .forms import whole
from .framework_words import calendar, rules
from .pages import prove_again, render
from .session import ANYONE, Visit, tell_refusal, visit
from .setup.access import View, is_fresh
from .wording import error_sentence, refusal_sentence

_LONGEST_NAME = 200


def _settled(view: View) -> View:
    """A change that plans will stand on asks for a fresh visit (T63). Keeping a draft does not: nothing is lost."""

    @wraps(view)
    def page(request: HttpRequest, here: Visit, **ids: Any) -> HttpResponse:
        if is_fresh(here):
            return view(request, here, **ids)
        tell_refusal(request, here.actor, "prove_again")
        return prove_again(request)

    return page


@visit(roles=ANYONE)
def frameworks(request: HttpRequest, here: Visit) -> HttpResponse:
    """What the school can choose from."""
    lines = plans.frameworks(here.actor)
    return render(
        request,
        "ilp/frameworks/list.html",
        {
            "chosen": next((line for line in lines if line.chosen), None),
            "own": [line for line in lines if not line.built_in],
            "built_in": [line for line in lines if line.built_in],
        },
    )


@visit(roles=ANYONE)
def framework(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """One framework, to look at before choosing or copying it."""
    return _look(request, here, key)


@visit(roles=ANYONE, methods=("POST",))
@_settled
def choose(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """New plans begin with it from now on."""
    plans.choose_framework(here.actor, key)
    return redirect("frameworks", here.handle)


@visit(roles=ANYONE, methods=("POST",))
def copy(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """A framework of the school's own, beginning with the words of this one."""
    name = request.POST.get("name", "")
    try:
        new = plans.copy_framework(here.actor, key, name)
    except Invalid as invalid:
        return _look(request, here, key, name=name, error=error_sentence(invalid.errors["name"]))
    return redirect("framework-edit", here.handle, new)


@visit(roles=ANYONE, methods=("GET", "POST"))
def edit(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """The text beside what it makes. POST keeps the text, right or not, and shows what it makes now."""
    if request.method != "POST":
        return _edit(request, plans.framework_draft(here.actor, key))
    text = request.POST.get("text", "")
    try:
        draft = plans.save_framework_draft(here.actor, key, text, whole(request.POST.get("saves", "")))
    except Conflict as clash:
        return _edit(request, clash.current, text=text, conflict=True, status=409)
    except Invalid as invalid:
        draft = plans.framework_draft(here.actor, key)
        error = error_sentence(invalid.errors["text"])
        return _edit(request, draft, text=text, error=error, status=422)
    return _edit(request, draft, kept=True)


@visit(roles=ANYONE, methods=("POST",))
@_settled
def publish(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """The text as it stands in the form becomes a version."""
    try:
        text, saves = request.POST.get("text"), whole(request.POST.get("saves", ""))
        if text is not None:
            saves = plans.save_framework_draft(here.actor, key, text, saves).saves
        plans.publish_framework(here.actor, key, saves)
    except Conflict as clash:
        return _edit(request, clash.current, text=text, conflict=True, status=409)
    except Invalid as invalid:
        draft = plans.framework_draft(here.actor, key)
        return _edit(request, draft, text=text, error=error_sentence(invalid.errors["text"]), status=422)
    except FrameworkProblem:
        return _edit(request, plans.framework_draft(here.actor, key), status=422)
    except Refused as refused:
        draft = plans.framework_draft(here.actor, key)
        return _edit(request, draft, error=refusal_sentence(refused.code), status=409)
    return redirect("framework", here.handle, key)


@visit(roles=ANYONE, methods=("POST",))
@_settled
def discard(request: HttpRequest, here: Visit, key: str) -> HttpResponse:
    """Throw the draft away; what is published stays."""
    plans.discard_framework_draft(here.actor, key)
    return redirect("frameworks", here.handle)


def _look(request: HttpRequest, here: Visit, key: str, *, name: str = "", error: str = "") -> HttpResponse:
    shown = plans.framework_to_see(here.actor, key)
    line = next(line for line in plans.frameworks(here.actor) if line.key == key)
    context = {"line": line, "name": name, "error": error, "longest": _LONGEST_NAME} | _shape(shown)
    return render(request, "ilp/frameworks/look.html", context, status=422 if error else 200)


def _edit(
    request: HttpRequest,
    draft: FrameworkDraft,
    *,
    text: str | None = None,
    conflict: bool = False,
    kept: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    lines = draft.text.split("\n")
    context: dict[str, Any] = {
        "draft": draft,
        "saves": whole(request.POST.get("saves", "")) if conflict else draft.saves,
        "text": draft.text if text is None else text,
        "conflict": conflict,
        "kept": kept,
        "error": error,
        "problems": [(each, "".join(lines[each.line - 1 : each.line]).strip()) for each in draft.problems],
    }
    if draft.framework is not None:
        context |= _shape(draft.framework)
    live = context["live"] = bool(request.htmx) and request.htmx.target == "preview"
    template = "ilp/frameworks/preview.html" if live else "ilp/frameworks/edit.html"
    return render(request, template, context, status=status)


def _shape(shown: Framework) -> dict[str, Any]:
    return {"framework": shown, "calendar": calendar(shown), "rules": rules(shown)}
