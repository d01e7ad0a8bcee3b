"""What the codes of the setup pages mean, and what to switch on, in the words of each LMS."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti_tool.lti.connections import CourseView

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

FAMILIES = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "blackboardlearn": "Blackboard",
    "desire2learn": "Brightspace",
    "d2l": "Brightspace",
    "sakai": "Sakai",
    "schoology": "Schoology",
    "ilp-xblock": "Open edX",
    "edx": "Open edX",
    "open edx": "Open edX",
}
_MOODLE_SERVICES = _(
    "In Moodle: Site administration, Plugins, External tool, Manage tools, the cog on the tool’s card, Services. "
    "Switch on grade sync and column management, and names and role provisioning. Then open the panel again."
)
_CANVAS_KEY = _(
    "In Canvas: Admin, Developer Keys (or Apps), edit the tool’s key, switch on the services named here and save. "
    "Then open the panel again."
)
_BLACKBOARD_PLACEMENT = _(
    "In Blackboard: Administrator Panel, LTI Tool Providers, edit the tool. Allow grade service access and "
    "membership service access, and send the user’s role and name."
)
_BRIGHTSPACE_DEPLOYMENT = _(
    "In Brightspace: Manage Extensibility, LTI Advantage, switch the extensions on in the registration. Then open "
    "its deployment and tick the same ones there."
)
_SAKAI_TOOL = _(
    "In Sakai: External Tools, edit the tool. Tick that it may get the roster, may send grades, and may get names."
)
_SCHOOLOGY_APP = _("In Schoology: My Developer Apps, edit the app, tick the grade and names services, save.")
_OPEN_EDX = _(
    "In Open edX: the operator grants the tool these scopes, in Django admin under the registered tools of the "
    "ILP XBlock."
)
SWITCH_ON = {
    "Moodle": _MOODLE_SERVICES,
    "Canvas": _CANVAS_KEY,
    "Blackboard": _BLACKBOARD_PLACEMENT,
    "Brightspace": _BRIGHTSPACE_DEPLOYMENT,
    "Sakai": _SAKAI_TOOL,
    "Schoology": _SCHOOLOGY_APP,
    "Open edX": _OPEN_EDX,
}
SWITCH_ON_ANYWHERE = _(
    "In your learning site, open the tool’s settings and switch on LTI Advantage’s grade and names services for it."
)
# What an LMS never does, whatever is switched on (read in their sources and documents; lti_tool/docs/decisions).
ONLY_OWN = _(
    "%(lms)s shows a tool only the grade columns that the tool made itself. That is how it is built, and no setting "
    "changes it: scores of ordinary activities do not come this way."
)
NO_STORAGE = _(
    "%(lms)s has no storage for tools. Where a browser keeps no cookies, the panel offers to open in a new tab."
)
NO_REVIEW = _("%(lms)s does not say that it opens reviews from the gradebook; it may still do so.")
WITHOUT_STORAGE = frozenset({"Moodle", "Sakai"})


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


def family_name(product_family: str) -> str:
    """How people call the LMS; empty where it did not say."""
    return FAMILIES.get(product_family.lower(), "")


def line(service: str, view: CourseView) -> Line:
    tried = view.tried.get(service)
    outcome = tried.outcome if tried else ""
    return Line(
        service=service,
        name=str(NAMES[service]),
        purpose=str(PURPOSES[service]),
        picture=GOOD if outcome in WELL else UNTRIED if not outcome or outcome in CALM else LOOK,
        answer=str(ANSWERS.get(outcome, _("Not tried yet."))),
        advice=_advice(service, outcome, family_name(view.product_family)),
        tried_at=tried.at if tried else None,
    )


def lines(view: CourseView) -> list[Line]:
    """Every service. Advice that several have in common is given with the first of them."""
    given: set[str] = set()
    shown = []
    for service in SERVICES:
        one = line(service, view)
        shown.append(replace(one, advice="") if one.advice in given else one)
        given.add(one.advice)
    return shown


def _advice(service: str, outcome: str, lms: str) -> str:
    """What to do; empty where nothing is to be done."""
    called = {"lms": lms or str(_("Your learning site"))}
    if service == "other_items" and outcome in {"only_own", "nothing"} and lms != "Open edX":
        return str(ONLY_OWN) % called
    if service == "storage" and outcome in {"not_offered", "no_answer"}:
        return str(NO_STORAGE) % called
    if service == "submission_review" and outcome == "not_seen" and lms == "Moodle":
        return str(NO_REVIEW) % called
    if service == "deep_linking" and outcome == "not_seen":
        return str(_("A teacher can try it by adding the panel to a course from the list of external tools."))
    if not outcome or outcome in WELL | CALM | {"no_token", "throttled", "failing", "slow"}:
        return ""
    return str(SWITCH_ON.get(lms, SWITCH_ON_ANYWHERE))


@dataclass(frozen=True, slots=True)
class Grant:
    """One scope: whether registration named it, and whether the last launch did."""

    name: str
    meaning: str
    registered: bool
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
    return [Grant(name, str(meaning), name in registered, name in launched) for name, meaning in _SCOPES.items()]


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
