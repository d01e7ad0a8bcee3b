"""Words and addresses for templates; what they say is in `web.wording`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, EvidenceView, Role, Suggestion, Voice

from .. import charts, files, framework_words, people_words, wording, work_words
from ..session import Visit

register = template.Library()

for _words in (
    wording.score_words,
    wording.percent_words,
    wording.level_words,
    wording.level_meaning,
    wording.level_picture,
    wording.track_words,
    wording.about_percent,
    wording.ending_words,
    wording.ended_words,
    wording.ending_picture,
    wording.source_words,
    wording.problem_sentence,
    wording.error_sentence,
    wording.arithmetic,
    wording.scale,
    wording.number,
    work_words.audience_words,
    work_words.feeling_words,
    work_words.kind_words,
    work_words.prompt_label,
    people_words.role_words,
    people_words.sign_words,
    people_words.person_code,
    people_words.office_words,
    people_words.office_error,
    people_words.mark_words,
    people_words.name_reason_words,
    people_words.name_reason_choice,
    people_words.part_words,
    people_words.reader_words,
    people_words.line_words,
    people_words.item_words,
    people_words.item_key,
    people_words.share_error,
    people_words.report_route,
    people_words.table_words,
    people_words.piece_title,
    people_words.piece_choice,
):
    register.filter(_words.__name__, _words)


register.filter("shown", plans.shown)
register.filter("kind_of_field", framework_words.kind_of_field)
register.filter("years_words", framework_words.years_words)
register.filter("right_words", framework_words.right_words)
register.filter("sensitivity_words", framework_words.sensitivity_words)


@register.filter
def moment(when: datetime) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), wording.moment(when))


@register.filter
def day(when: Any) -> SafeString:
    """A date, with its year only where it is not this one."""
    date = timezone.localtime(when).date() if isinstance(when, datetime) else when
    form = "j F" if date.year == timezone.localdate().year else "j F Y"
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), formats.date_format(date, form))


@register.filter
def isolated(words: str) -> SafeString:
    """Somebody's words inside a sentence of ours: their direction does not turn the sentence's."""
    return format_html("<bdi>{}</bdi>", words)


@register.filter
def web_address(url: str) -> str:
    """The address if a browser can only *go* there; a platform's word is not trusted to be harmless."""
    return url if url.startswith(("https://", "http://")) else ""


@register.simple_tag(takes_context=True)
def page(context: template.Context, name: str, *ids: Any) -> str:
    """The address of a page of this session."""
    visit: Visit = context["visit"]
    return lti.address(name, visit.handle, *ids)


def _speaks_to_the_learner(context: template.Context) -> bool:
    """Whether the page is the learner's own, or shown as they will read it: it then says "I" of them."""
    visit: Visit | None = context.get("visit")
    return bool(context.get("mine") or context.get("own") or (visit and visit.actor.role is Role.LEARNER))


register.simple_tag(wording.comma)


@register.simple_tag(takes_context=True)
def whose_words(context: template.Context, voice: str) -> str:
    """Whose words something is in."""
    return wording.voice_words(Voice(voice), own=_speaks_to_the_learner(context))


@register.simple_tag(takes_context=True)
def who_differs(context: template.Context, voice: str) -> str:
    """Who sees a judgement differently."""
    return people_words.differs_words(Voice(voice), own=_speaks_to_the_learner(context))


@register.simple_tag(takes_context=True)
def file_source(context: template.Context, file_id: UUID) -> SafeString:
    """Where a picture or player finds its file; without a cookie the page's script fetches it (`data-file`)."""
    visit: Visit = context["visit"]
    return format_html('{}="{}"', "data-file" if visit.secret else "src", files.address(visit.handle, file_id))


@register.simple_tag(takes_context=True)
def file_link(context: template.Context, file_id: UUID) -> SafeString:
    visit: Visit = context["visit"]
    address = files.address(visit.handle, file_id)
    return format_html('data-file="{}"' if visit.secret else 'href="{}" hx-boost="false"', address)


@register.simple_tag
def most_upload() -> int:
    """How many bytes one file may have."""
    return int(settings.ILP_UPLOAD_BYTES)


@register.simple_tag
def plot(series: tuple[EvidenceView, ...], suggestion: Suggestion | None = None) -> str:
    """The series, with a line where a suggestion's levels begin; many scales suggest nothing."""
    guides = [suggestion.emerging_below, suggestion.exceeded_from] if suggestion else []
    return mark_safe(charts.line(series, guides))  # noqa: S308 (charts writes only numbers and dates)


@register.simple_tag
def steps(done: int, total: int) -> str:
    return mark_safe(charts.steps(done, total))  # noqa: S308 (only numbers)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside words, never instead of them (T88)."""
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-{}"></use></svg>', name)


@register.inclusion_tag("ilp/hidden.html", takes_context=True)
def proof(context: template.Context, subject: str = "", form: str = "", about: UUID | None = None) -> dict[str, Any]:
    """The hidden fields every form carries: its token, the secret where no cookie holds it, the drafts' subject.

    A `form` that names itself keeps everything typed or ticked in it, as words about the page's student (or `about`).
    """
    visit: Visit = context["visit"]
    student_id = about or context.get("student_id")
    keeps = form and student_id and plans.allows(visit.actor, Act.KEEP_DRAFTS)
    return {"visit": visit, "subject": subject, "form": form if keeps else "", "student_id": student_id}


@register.inclusion_tag("ilp/sign.html", takes_context=True)
def sign(context: template.Context, home: bool = False, shared: bool = False) -> dict[str, Any]:
    """On a student's own page: which adults can read it, by name (T22).

    `home`: what is for home is on it too. `shared`: they read of it only what the student shares.
    """
    visit: Visit = context["visit"]
    own = visit.actor.role is Role.LEARNER
    adults = plans.adults_who_read(visit.actor, at_home=home) if own else ()
    return {"own": own, "home": home, "shared": shared, "adults": adults}
