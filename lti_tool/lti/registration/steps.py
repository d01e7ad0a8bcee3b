"""What an LMS's own people still have to do after a registration, in the words of that LMS."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIRST_OPENING = _("Then open the panel once from a course: that first opening ties the connection to your school.")

# By product family code, in lower case.
STEPS: dict[str, tuple[Promise, ...]] = {
    "moodle": (
        _("Moodle shows the tool as pending. Press “Activate” on its card."),
        _(
            "On the card’s settings, under Services, let it use grade sync and column management, and names and "
            "roles."
        ),
        _("Then a teacher switches it on in the course: More, LTI External tools."),
    ),
    "canvas": (
        _("Canvas now shows what the tool asks for. Leave its services switched on, then press “Install”."),
        _("Then a teacher shows it in the course: Settings, Navigation, move it up into the list, Save."),
    ),
    "desire2learn": (
        _("In Brightspace, open Manage Extensibility, LTI Advantage, and switch the new registration on."),
        _(
            "Make a deployment for it: choose the org units, tick the grade and names services, and allow the "
            "student’s name under Security."
        ),
        _("Then add a link to it in a course."),
    ),
    "sakai": (
        _("In Sakai’s External Tools, open the new tool and take it out of its draft state."),
        _("Tick that it may get the roster, may send grades, and may be placed by teachers."),
        _("Then a teacher adds it to a site under Site Info, Manage Tools."),
    ),
    "ilp-xblock": (
        _("In Studio, an author adds the block “Individual Learning Plan” to a unit of a course."),
        _("Nothing else has to be switched on: the block’s own platform shows the whole gradebook."),
    ),
}
ELSEWHERE = (
    _("Some learning sites ask you to switch the tool on once more before courses can use it."),
    _("Then a teacher places it in a course."),
)


def steps_after(product_family: str, *, waits_for_launch: bool) -> list[Promise]:
    """The next steps in order. `waits_for_launch`: the LMS named no deployment yet."""
    family = product_family.lower()
    family = "desire2learn" if family in {"d2l", "brightspace"} else family
    return [*STEPS.get(family, ELSEWHERE), *([FIRST_OPENING] if waits_for_launch else [])]
