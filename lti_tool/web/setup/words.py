"""What the codes of the setup pages mean, and what to switch on, in the words of each LMS."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti_tool.lti.connections import CourseView
from lti_tool.lti.services import families
from lti_tool.lti.services.families import Family, family_of

from . import mends

SERVICES = (
    "token", "roster", "own_items", "other_items", "results", "deep_linking", "submission_review", "storage",
)  # fmt: skip
GOOD, LOOK, UNTRIED = "on_track", "needs_attention", "no_evidence"  # the pictures beside the words (T88)

NAMES = {
    "token": _("Permission to ask"),
    "roster": _("List of the class"),
    "own_items": _("Our own grade columns"),
    "other_items": _("Grades of ordinary activities"),
    "results": _("Scores in the columns"),
    "deep_linking": _("Placing the panel where you like (deep linking)"),
    "submission_review": _("Opening a review from the gradebook"),
    "storage": _("Working without cookies"),
}
PURPOSES = {
    "token": _("Your learning site gives us a short-lived key. Without it we cannot ask it anything."),
    "roster": _("So that a teacher sees every student of the class, and who left loses access."),
    "own_items": _("So that a review can have a column in the gradebook."),
    "other_items": _("So that the scores of the course’s activities become evidence by themselves."),
    "results": _("So that a target shows the newest score of its activities."),
    "deep_linking": _("So that a teacher chooses what a link opens: the panel, an area, a list of reviews."),
    "submission_review": _("So that a click on a grade opens that student’s review."),
    "storage": _("So that the panel works in browsers that keep no cookies inside the course page."),
}
ANSWERS = {
    "works": _("Works."),
    "works_without_names": _("Works. Your learning site gives no names, so students appear by a short code."),
    "read_only": _("We can look, and may not make a column."),
    "nothing": _("Your learning site answered, and there is nothing in it yet."),
    "only_own": _("Your learning site shows only the columns we made ourselves."),
    "not_offered": _("Your learning site did not name this service when the panel was last opened."),
    "not_granted": _("Your learning site did not allow this when the panel was last opened."),
    "no_token": _("Not tried, because we got no permission to ask."),
    "seen": _("Works. It was used already."),
    "registered": _("Agreed when your learning site was connected, and not used yet."),
    "not_seen": _("Not used yet. We can only say that it works once somebody used it."),
    "unreachable": _("Your learning site does not answer at the address we were given."),
    "slow": _("Your learning site took too long to answer."),
    "refused": _("Your learning site refused the question."),
    "unauthorised": _("Your learning site does not accept our key."),
    "forbidden": _("Your learning site says that we may not see this."),
    "throttled": _("Your learning site asked us to wait. Try again in a minute."),
    "failing": _("Your learning site answered that it has a problem of its own."),
    "broken": _("Your learning site gave an answer that makes no sense."),
    "too_large": _("Your learning site gave an answer that is too long."),
    "private_address": _("The address lies inside a private network, where we do not look."),
    "redirected": _("Your learning site sent us to another address, and we do not follow."),
    "certificate": _("Your learning site’s certificate could not be verified."),
    "no_keys": _("There is no key in the answer that a signature could be checked with."),
    "no_answer": _("Your learning site did not answer in time."),
    "own_window": _("Not tried: this page stands in a window of its own. Open it inside the course page."),
}
WELL = frozenset({"works", "works_without_names", "read_only", "seen"})
CALM = frozenset({"registered", "not_seen", "nothing", "own_window", "only_own"})  # no fault of anybody

ASKED = frozenset({"not_offered", "not_granted", "forbidden", "unauthorised", "refused"})  # a switch may mend these
MESSAGES_SERVICES = frozenset({"deep_linking", "submission_review"})


@dataclass(frozen=True, slots=True)
class Line:
    """One service as the page shows it."""

    service: str
    name: str
    purpose: str
    picture: str
    answer: str
    advice: str
    tried_at: datetime | None


def family_name(product_family: str, *addresses: str) -> str:
    """How people call the LMS; empty where it did not say and its services' addresses do not either."""
    return mends.NAMES.get(family_of(product_family, *addresses), "")


def line(service: str, view: CourseView) -> Line:
    tried = view.tried.get(service)
    outcome = tried.outcome if tried else ""
    return Line(
        service=service,
        name=str(NAMES[service]),
        purpose=str(PURPOSES[service]),
        picture=GOOD if outcome in WELL else UNTRIED if not outcome or outcome in CALM else LOOK,
        answer=str(ANSWERS.get(outcome, _("Not tried yet."))),
        advice=_advice(service, outcome, family_of(view.product_family, *view.addresses)),
        tried_at=tried.at if tried else None,
    )


def lines(view: CourseView) -> list[Line]:
    """Every service. Advice that several have in common is spelled out with the first of them."""
    given: dict[str, str] = {}
    shown = []
    for service in SERVICES:
        one = line(service, view)
        first = given.setdefault(one.advice, one.name)
        if one.advice and first != one.name:
            one = replace(one, advice=str(_("As for “%(service)s”.")) % {"service": first})
        shown.append(one)
    return shown


def _advice(service: str, outcome: str, family: Family) -> str:
    """What to switch on, or that there is nothing to switch on; empty where nothing is to be done."""
    if outcome in mends.TROUBLES:
        return str(mends.TROUBLES[outcome])
    if outcome == "works_without_names":
        return mends.mend("names", family)
    if outcome == "read_only" and service == "own_items":
        return mends.mend(service, family)
    if service == "other_items":
        missing = outcome in {"only_own", "nothing"} and family is not families.OurXBlock
        return mends.mend(service, family) if missing or outcome in ASKED else ""
    if service == "storage":
        return mends.mend(service, family) if outcome in {"not_offered", "no_answer"} else ""
    if service in MESSAGES_SERVICES:
        return mends.mend(service, family) if outcome in {"not_seen", "registered"} else ""
    return f"{mends.mend(service, family)} {mends.THEN_OPEN_AGAIN}" if outcome in ASKED else ""


@dataclass(frozen=True, slots=True)
class Grant:
    """One right or way in: whether registration named it, and whether the last launch did."""

    name: str
    meaning: str
    registered: bool | None  # None: the registration named nothing at all
    launched: bool


_SCOPES: dict[str, Promise] = {
    "lineitem": _("make and change our own grade columns"),
    "lineitem.readonly": _("see grade columns"),
    "result.readonly": _("see scores"),
    "score": _("send a score"),
    "contextmembership.readonly": _("see the list of the class"),
    "noticehandlers": _("be told when a course is copied"),
    "contextgroup.readonly": _("see the groups of the class"),
}


def granted(view: CourseView) -> list[Grant]:
    """Every scope we know of, with what was said of it. What a launch says counts more: it is newer."""
    registered = {scope.rpartition("/")[2] for scope in view.scopes_registered}
    launched = {scope.rpartition("/")[2] for scope in view.scopes_launched}
    return [
        Grant(name, str(meaning), name in registered if registered else None, name in launched)
        for name, meaning in _SCOPES.items()
    ]


_MESSAGES: dict[str, Promise] = {
    "LtiResourceLinkRequest": _("open the panel"),
    "LtiContextLaunchRequest": _("open the panel from the course’s menu"),
    "LtiDeepLinkingRequest": _("choose what to place in a course (deep linking)"),
    "LtiSubmissionReviewRequest": _("open a student’s review from the gradebook"),
    "LtiDataPrivacyLaunchRequest": _("read what is kept, and why"),
    "LtiContextCopyNotice": _("say that a course was copied"),
}


def messages(view: CourseView) -> list[Grant]:
    """Every way in, with whether registration named it and whether it was used. Unknown ones by their own name."""
    known = dict.fromkeys([*_MESSAGES, *view.messages_registered, *view.messages_launched])
    return [
        Grant(
            name,
            str(_MESSAGES.get(name, name)),
            name in view.messages_registered if view.messages_registered else None,
            name in view.messages_launched,
        )
        for name in known
    ]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    picture: str
    answer: str


NOT_KNOWN_YET = _(
    "Your learning site does not know this client ID or our public keys yet. Perhaps the tool still has to be saved "
    "or switched on there."
)
_CHECKS = {
    "keys": _("Your learning site’s public keys"),
    "token": _("Permission to ask (access token)"),
}


def check(name: str, outcome: str) -> Check:
    """One live check of the values somebody copied."""
    answer = ANSWERS.get(outcome, ANSWERS["broken"])
    if name == "token" and outcome in {"refused", "unauthorised"}:
        answer = NOT_KNOWN_YET
    return Check(str(_CHECKS[name]), GOOD if outcome == "works" else LOOK, str(answer))
