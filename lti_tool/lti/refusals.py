"""Why a login, launch or registration is refused: a code for the log and a sentence for the person.

The page says what happened in plain words, what to do next and a reference number; the log says the reference, the
code and the platform's row number, and never who it was (T76). The status is always 4xx: a bad message is
never our failure.
"""

import logging
import secrets
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

_AGAIN = _("Go back to your course and open this page again.")
_ASK = _("Tell the person who looks after your school's learning site, and give them the number below.")

# By code: HTTP status, what happened, what to do. A code not named here is a message that breaks the rules.
_PAGES: dict[str, tuple[int, Promise, Promise]] = {
    "state_unknown": (400, _("This page was already opened once, or it waited too long."), _AGAIN),
    "too_old": (400, _("It took too long to get here from your course."), _AGAIN),
    "expired": (400, _("It took too long to get here from your course."), _AGAIN),
    "other_browser": (403, _("We could not tell that it was this browser that asked for the page."), _AGAIN),
    "platform_unknown": (403, _("This learning site is not connected to the ILP panel."), _ASK),
    "platform_ambiguous": (400, _("This learning site did not say which connection it means."), _ASK),
    "deployment_unclaimed": (403, _("Your school has not finished connecting its learning site yet."), _ASK),
    "deployment_off": (403, _("The connection of this learning site to the ILP panel was switched off."), _ASK),
    "anonymous": (
        403,
        _("Your course did not tell us who you are, so there is no plan we could show."),
        _("Log in to your course with your own account and open this page again."),
    ),
    "keys_unavailable": (
        424,
        _("We could not check with your learning site that this visit is real."),
        _("Wait a minute, then go back to your course and open this page again."),
    ),
    "platform_declined": (
        403,
        _("Your learning site did not let us know who you are. Perhaps you are no longer logged in there."),
        _AGAIN,
    ),
    "method": (405, _("This page opens only from inside your course."), _AGAIN),
    "no_course": (400, _("Your learning site did not say which course this belongs to."), _AGAIN),
    "review_of_another": (
        403,
        _("This is another student’s review. Only their teachers can open it."),
        _("Your own plan opens from your course."),
    ),
    "column_of_another": (
        403,
        _("This column of the gradebook belongs to another course, or to another round of reviews."),
        _("Open the review from the gradebook of its own course."),
    ),
    "cycle_unknown": (
        404,
        _("Your school has no such round of reviews."),
        _("Perhaps this link was made in another school. Ask the teacher of this course to add the reviews again."),
    ),
    "student_unknown": (
        404,
        _("We do not know this student in this course yet."),
        _("The class list is being read now. Wait a minute, then open the review again."),
    ),
    "message_type": (400, _("This page cannot be opened in that way."), _ASK),
    "rate": (429, _("Many people are opening this page at the same moment."), _("Wait a minute and try again.")),
}
_BROKEN = (400, _("Something in the message from your learning site was not as it should be."), _ASK)


class Refused(Exception):
    """A message that is not let in. `code` names why; it holds nothing of the message."""

    def __init__(self, code: str, *, return_url: str = "", retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.return_url = return_url  # only ever from a message whose signature was verified
        self.retry_after = retry_after  # seconds
        self.reference = secrets.token_hex(4).upper()
        self.status, self.what, self.next = _PAGES.get(code, _BROKEN)

    @property
    def way_back(self) -> str:
        """Where the signed message says to return to, with what the platform may show and log (LTI Core 1.3, launch
        presentation claim): the same sentence and reference as on our page, in the language of the moment."""
        if not self.return_url:
            return ""
        parts = urlsplit(self.return_url)
        told = {"lti_errormsg": str(self.what), "lti_errorlog": f"{self.code}, reference {self.reference}"}
        query = "&".join(filter(None, (parts.query, urlencode(told))))
        return urlunsplit(parts._replace(query=query))

    def record(self, where: str, platform_id: int | None) -> None:
        log.warning("%s refused: %s, platform %s, reference %s", where, self.code, platform_id, self.reference)
