"""What is shared with home as paper: one child's, or a whole class's, each in the language its family reads (T34)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import HomePack
from lti_tool.plans.exceptions import NotFound

from . import sheet_forms
from .forms import whole
from .pages import render
from .panel import course_groups
from .session import TEACHER, Visit, proven, spoken, visit

AT_ONCE = 40  # children on one page


@visit(roles=TEACHER, methods=("GET", "POST"))
def pack(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """One child's. POST puts a sheet in, or one-time links on the sheets."""
    asked = _asked(request)
    return _page(request, here, [student_id], student_id=student_id, reader_id=_id(asked.get("for", "")))


@visit(roles=TEACHER, methods=("GET", "POST"))
def packs(request: HttpRequest, here: Visit) -> HttpResponse:
    """The whole class's, or a group's of it, by name; a large one in parts."""
    asked = _asked(request)
    groups = course_groups(here)
    group = next((one for one in groups if str(one.id) == asked.get("group", "")), None)
    everybody = plans.children_to_print(here.actor, only=group.person_ids if group else None)
    begins = [*range(0, len(everybody), AT_ONCE)]
    start = whole(asked.get("from", "")) if whole(asked.get("from", "")) in begins else 0
    parts = [(one, one + 1, min(one + AT_ONCE, len(everybody))) for one in begins] if len(begins) > 1 else []
    shown = [child.id for child in everybody[start : start + AT_ONCE]]
    return _page(request, here, shown, groups=groups, group=group, parts=parts, start=start)


def _page(
    request: HttpRequest, here: Visit, children: Sequence[UUID], *, student_id: UUID | None = None,
    reader_id: UUID | None = None, start: int = 0, **more: Any,
) -> HttpResponse:  # fmt: skip
    def read() -> list[HomePack]:
        return [plans.home_pack(here.actor, child, reader_id=reader_id) for child in children]

    chosen = spoken(_asked(request).get("language", ""))
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    packs = read()
    if doing == "ask":
        _ask(here, packs, request.POST.get("form", ""), chosen)
        packs = read()
    links = _links(here, packs) if doing == "links" else {}
    locales = lti.locales(here.actor.school_id, {one.id for made in packs for one in made.readers})
    only = packs[0] if student_id else None
    context = {
        "packs": [_paper(request, here, made, links, chosen or _language(made, locales)) for made in packs],
        "student_id": student_id,
        "readers": only.readers if only else (),
        "chosen_reader": only.reader.id if only and only.reader else None,
        "languages": sheet_forms.languages(),
        "chosen_language": chosen,
        "to_ask": {form.key: form for made in packs for form in made.to_send}.values(),
        "may_link": any(made.links and made.asked for made in packs) and not links,
        "linked": bool(links),
        "asked": doing == "ask",
        "from": start,
    }
    return render(request, "ilp/people/packs.html", context | more)


def _paper(request: HttpRequest, here: Visit, made: HomePack, links: Mapping[UUID, str], language: str) -> SafeString:
    """One child's pages in this language; read in it too, since a review's piece says its levels in the reader's."""
    reread = language != translation.get_language()
    with translation.override(language):
        if reread:
            made = plans.home_pack(here.actor, made.page.student.id, reader_id=made.reader and made.reader.id)
        context = {
            "visit": here,
            "pack": made,
            "page": made.page,
            "paper": f"-{made.page.student.id}",
            "forms": [sheet_forms.context(sheet) | {"link": links.get(sheet.id, "")} for sheet in made.asked],
            "due_on": min((sheet.due_on for sheet in made.asked if sheet.due_on), default=None),
            "made_on": timezone.localdate(),
            "language": language,
            "direction": "rtl" if translation.get_language_info(language)["bidi"] else "ltr",
        }
        return render_to_string("ilp/people/pack.html", context, request)


def _language(made: HomePack, locales: Mapping[UUID, str]) -> str:
    """As the family reads: in what it opened its page last, else what the school asked it in, else as staff do."""
    readers = (made.reader,) if made.reader else made.readers
    opened = next((spoken(locales[one.id]) for one in readers if one.id in locales), "")
    asked = next((sheet.language for sheet in made.sheets if sheet.language), "")
    return opened or spoken(asked) or translation.get_language() or "en"


def _ask(here: Visit, packs: Iterable[HomePack], form: str, language: str) -> None:
    """Send this sheet to each family whose plan has it and that does not have it already."""
    for made in packs:
        if form in {one.key for one in made.to_send}:
            plans.send_sheet(here.actor, made.page.student.id, form, language=language)


def _links(here: Visit, packs: Iterable[HomePack]) -> dict[UUID, str]:
    """A one-time link to type for each sheet that waits for its answer."""
    proven(here)
    tokens = {
        sheet.id: plans.make_link(here.actor, sheet.id, on_paper=True) for made in packs for sheet in made.asked
    }
    return {key: settings.ILP_BASE_URL + reverse("sheet-door", args=[token]) for key, token in tokens.items()}


def _asked(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
