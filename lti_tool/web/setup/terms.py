"""What the school calls things, in each language the tool speaks, and how a few of our sentences then read (T91)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lti_tool import glossary
from lti_tool.glossary import LONGEST, Forms
from lti_tool.glossary_words import WORDS
from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid

from ..pages import render
from ..session import Visit
from .access import administrator

SAMPLES = (
    gettext_noop("The student, their teachers and their family can see this."),
    gettext_noop("Another review of this student is open. Close that one first."),
    gettext_noop("No targets yet. Talk with the student, then add the first one."),
    gettext_noop("Your key worker"),
    gettext_noop("reads one student’s plan and adds evidence"),
    gettext_noop("A teacher of your class"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One form of a word of ours, with those that say the same, and what the school says instead."""

    field: str
    ours: str
    said: str
    error: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language's words, those of one thing together, and sentences with the school's words in them."""

    code: str
    name: str
    direction: str
    words: tuple[tuple[Word, ...], ...]
    samples: tuple[str, ...]
    is_open: bool


@administrator(methods=("GET", "POST"))
def terms(request: HttpRequest, here: Visit) -> HttpResponse:
    """The words as they stand. POST keeps them, or with `try` only shows how sentences would read."""
    if request.method != "POST":
        return _page(request, plans.school_terms(here.actor), saved="saved" in request.GET)
    typed = _typed(request.POST)
    try:
        if "try" in request.POST:
            return _page(request, plans.check_terms(typed), tried=True)
        plans.set_school_terms(here.actor, typed)
    except Invalid as invalid:
        return _page(request, typed, errors=invalid.errors, status=422)
    return redirect(reverse("office-terms", args=[here.handle]) + "?saved=1")


def _typed(posted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        language: {place[0]: posted.get(f"{language}:{place[0]}", "") for places in of.values() for place in places}
        for language, of in WORDS.items()
    }


def _page(
    request: HttpRequest,
    said: Mapping[str, Forms],
    *,
    errors: Mapping[str, str] | None = None,
    saved: bool = False,
    tried: bool = False,
    status: int = 200,
) -> HttpResponse:
    sentences = {
        "letters": _("Use letters only, and at most %(count)s of them.") % {"count": LONGEST},
        "both": _("Give both forms, for one and for many. They may be the same."),
    }
    told = {field: sentences[code] for field, code in (errors or {}).items()}
    languages = [_language(code, said.get(code, {}), told) for code, _name in settings.LANGUAGES]
    context = {"languages": languages, "longest": LONGEST, "saved": saved, "tried": tried, "errors": told}
    return render(request, "ilp/setup/terms.html", context, status=status)


def _language(code: str, said: Forms, errors: Mapping[str, str]) -> Language:
    about = translation.get_language_info(code)
    words = tuple(
        tuple(
            Word(field := f"{code}:{place[0]}", ", ".join(place), said.get(place[0], ""), errors.get(field, ""))
            for place in places
        )
        for places in WORDS[code].values()
    )
    with glossary.speaking(code, glossary.written({code: said})):
        samples = tuple(translation.gettext(sample) for sample in SAMPLES)
    begun = any(said.values()) or any(word.error for each in words for word in each)
    return Language(
        code=code,
        name=about["name_local"],
        direction="rtl" if about["bidi"] else "ltr",
        words=words,
        samples=samples,
        is_open=begun or code == translation.get_language(),
    )
