"""The demo LMS's pages: the courses and the people to open them as, a unit, and Studio's view of its panel."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from web_fragments.fragment import Fragment
from workbench.runtime import WorkbenchRuntime

from .models import Enrolment
from .syllabus import COURSES, CourseOutline, Unit, course_outline


def front(request: HttpRequest) -> HttpResponse:
    """The courses, and who can be opened in each."""
    courses = [{"course": course, "people": _people(course)} for course in COURSES]
    return render(request, "ilp_workbench/front.html", {"courses": courses})


def course(request: HttpRequest, course_id: str) -> HttpResponse:
    outline = course_outline(course_id)
    if outline is None:
        raise Http404
    url = reverse("unit", args=[course_id, outline.units[0].slug])
    student = request.GET.get("student", "")
    return redirect(f"{url}?student={student}" if student.isalnum() else url)


@ensure_csrf_cookie
def unit(request: HttpRequest, course_id: str, unit: str) -> HttpResponse:
    """A unit as one person of the course sees it; without one, the people to choose from."""
    outline, found = _find(course_id, unit)
    enrolment = _enrolment(request, outline)
    if enrolment is None:
        context = {"courses": [{"course": outline, "people": _people(outline)}], "chosen_unit": unit}
        return render(request, "ilp_workbench/front.html", context)
    fragment = _render(outline.unit_id(found.slug), "student_view", enrolment)
    return render(request, "ilp_workbench/unit.html", _page(outline, found, enrolment, fragment))


@ensure_csrf_cookie
def studio(request: HttpRequest, course_id: str, unit: str) -> HttpResponse:
    """What an author sees of the unit's panel: its settings, and below them its preview."""
    outline, found = _find(course_id, unit)
    enrolment = _enrolment(request, outline)
    panel = outline.panel_id(unit)
    if enrolment is None or enrolment.role != Enrolment.Role.TEACHER or panel is None:
        raise Http404
    fragment = _render(panel, "studio_view", enrolment)
    preview = _render(panel, "author_view", enrolment)
    fragment.add_fragment_resources(preview)
    page = _page(outline, found, enrolment, fragment)
    return render(request, "ilp_workbench/studio.html", {**page, "preview": preview.body_html()})


def _find(course_id: str, slug: str) -> tuple[CourseOutline, Unit]:
    outline = course_outline(course_id)
    found = outline.unit(slug) if outline else None
    if outline is None or found is None:
        raise Http404
    return outline, found


def _enrolment(request: HttpRequest, outline: CourseOutline) -> Enrolment | None:
    sub = request.GET.get("student", "")
    return _people(outline).filter(person__id_on_platform=sub).first()


def _people(outline: CourseOutline):
    return Enrolment.objects.filter(course_id=outline.id, active=True).select_related("person").order_by("id")


def _render(usage_id: str, view: str, enrolment: Enrolment) -> Fragment:
    runtime = WorkbenchRuntime(enrolment.person.id_on_platform)
    return runtime.get_block(usage_id).render(view, {})


def _page(outline: CourseOutline, found: Unit, enrolment: Enrolment, fragment: Fragment) -> dict:
    return {
        "course": outline,
        "unit": found,
        "enrolment": enrolment,
        "people": _people(outline),
        "student_id": enrolment.person.id_on_platform,
        "is_teacher": enrolment.role == Enrolment.Role.TEACHER,
        "body": fragment.body_html(),
        "head_html": fragment.head_html(),
        "foot_html": fragment.foot_html(),
    }
