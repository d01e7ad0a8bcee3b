"""What to switch on in an LMS, service by service, by the names on that LMS's own screens.

The names in quotation marks are an LMS's own, as its manuals and its screens had them when this was written; a
translation may keep them in English. Where an LMS has no switch for something, that is said instead.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti_tool.lti.services import families
from lti_tool.lti.services.families import Family

NAMES = {
    families.Moodle: "Moodle",
    families.Canvas: "Canvas",
    families.Blackboard: "Blackboard",
    families.Brightspace: "Brightspace",
    families.Sakai: "Sakai",
    families.Schoology: "Schoology",
    families.OurXBlock: "Open edX",
    families.OpenEdxConsumer: "Open edX",
}

_BUILT_IN_STORAGE = _(
    "It is built in, and there is nothing to switch on. It works on a course page in a browser, not in the LMS’s app "
    "and not in a window of its own."
)
_NO_STORAGE = _(
    "It has no storage for tools, and there is nothing to switch on. Where a browser keeps no cookies, the panel "
    "offers to open in a new tab."
)
_ONLY_OWN = _(
    "It shows a tool only the grade columns that the tool made itself. That is how it is built, and no setting "
    "changes it: scores of ordinary activities do not come this way."
)
_REVIEW_BY_COLUMN = _(
    "There is nothing to switch on. A teacher adds “One round of reviews” with its own grade column to the course, "
    "then opens a student’s cell of it in the gradebook."
)

_MOODLE_GRADES = _(
    "Site administration, Plugins, External tool, Manage tools, the cog on the tool’s card, Services: set “IMS LTI "
    "Assignment and Grade Services” to “Use this service for grade sync and column management”."
)
_CANVAS_OWN = _(
    "Admin, Developer Keys, the pencil beside the tool’s key (or Admin, Apps, Manage): switch on “Can create and "
    "view assignment data in the gradebook associated with the tool”."
)
_BLACKBOARD_GRADES = _(
    "Administrator Panel, LTI Tool Providers, the tool’s menu, Edit: set “Allow grade service access” to “Yes”."
)
_BRIGHTSPACE_GRADES = _(
    "Admin Tools, Manage Extensibility, LTI Advantage, the tool’s registration: tick “Assignment and Grade Services” "
    "under Extensions. Then tick it in the deployment too: Admin Tools, External Learning Tools, LTI Advantage."
)
_SAKAI_COLUMNS = _(
    "Administration Workspace, External Tools, edit the tool, Services: tick “Allow External Tool to return grades” "
    "and “Allow External Tool to create grade columns”."
)
_SCHOOLOGY_GRADES = _(
    "App Center, My Developer Apps, the app’s Options, Edit: tick “Assignment and Grade Services”. Then install the "
    "app again, so that your school agrees to it."
)
_XBLOCK_SCOPES = _(
    "Django admin, Tools, the tool: under “What it may read” tick the scopes that end in “lineitem.readonly”, "
    "“result.readonly” and “contextmembership.readonly”."
)
_XBLOCK_NO_COLUMNS = _(
    "This side of Open edX shows the whole gradebook to be read, and has no columns of ours. There is nothing to "
    "switch on."
)
_CONSUMER_GRADES = _(
    "Studio, Edit on the LTI block: set “Assignment and Grades” to “Programmatic”, then publish the unit."
)
_ANY_GRADES = _(
    "Open the tool’s settings and switch on LTI Advantage’s “Assignment and Grade Services” for it, with the right "
    "to manage columns and to read results."
)

# By service as `words.SERVICES` names them, and `names` for a roster without names.
MENDS: Mapping[Family, Mapping[str, Promise]] = {
    families.Moodle: {
        "token": _(
            "Site administration, Plugins, External tool, Manage tools: the tool must be active. On its cog, “Public "
            "key type” is “Keyset URL”, and “Public keyset” is our address for keys."
        ),
        "roster": _(
            "Site administration, Plugins, External tool, Manage tools, the cog on the tool’s card, Services: set "
            "“IMS LTI Names and Role Provisioning” to “Use this service to retrieve members’ information as per "
            "privacy settings”."
        ),
        "names": _(
            "If you want names here: on the same cog, Privacy, set “Share launcher’s name with tool” to “Always”."
        ),
        "own_items": _MOODLE_GRADES,
        "other_items": _ONLY_OWN,
        "results": _MOODLE_GRADES,
        "deep_linking": _(
            "On the tool’s cog, Tool settings: tick “Supports Deep Linking (Content-Item Message)”. A teacher then "
            "adds the tool as an activity and presses “Select content”."
        ),
        "submission_review": _(
            "It does not say that it opens reviews from the gradebook, and has no switch for it; it may still do "
            "so. A teacher adds “One round of reviews” with its own grade column, then opens a student’s grade in it."
        ),
        "storage": _NO_STORAGE,
    },
    families.Canvas: {
        "token": _(
            "Admin, Developer Keys: the key’s State must be “On”. On its pencil, the JWK Method is “Public JWK URL” "
            "with our address for keys."
        ),
        "roster": _(
            "Admin, Developer Keys, the pencil beside the tool’s key (or Admin, Apps, Manage): switch on “Can "
            "retrieve user data associated with the context the tool is installed in”."
        ),
        "names": _(
            "If you want names here: on the same key, Additional Settings, set “Privacy Level” to share the name."
        ),
        "own_items": _CANVAS_OWN,
        "other_items": _ONLY_OWN,
        "results": _(
            "Admin, Developer Keys, the pencil beside the tool’s key (or Admin, Apps, Manage): switch on “Can view "
            "submission data for assignments associated with the tool”."
        ),
        "deep_linking": _(
            "On the same key, Placements: add “Assignment Selection” and “Link Selection”. A teacher then chooses "
            "the tool as an assignment’s “External Tool”, or in a module."
        ),
        "submission_review": _(
            "Where your Canvas offers a placement for submission review, add it on the same key. A teacher adds “One "
            "round of reviews” as an assignment, then opens a student’s cell of it."
        ),
        "storage": _BUILT_IN_STORAGE,
    },
    families.Blackboard: {
        "token": _(
            "Administrator Panel, LTI Tool Providers, the tool’s menu, Edit: “Tool Status” must be “Approved”."
        ),
        "roster": _(
            "Administrator Panel, LTI Tool Providers, the tool’s menu, Edit: set “Allow Membership Service Access” "
            "to “Yes”, and tick “Role in Course” under “User Fields to Send”."
        ),
        "names": _("If you want names here: on the same page, tick “Name” under “User Fields to Send”."),
        "own_items": _BLACKBOARD_GRADES,
        "other_items": _ONLY_OWN,
        "results": _BLACKBOARD_GRADES,
        "deep_linking": _(
            "LTI Tool Providers, the number under Placements, “Create Placement”: choose the type “Deep Linking "
            "content tool”, our launch address as the target link URI, and “Availability” “Yes”."
        ),
        "submission_review": _REVIEW_BY_COLUMN,
        "storage": _BUILT_IN_STORAGE,
    },
    families.Brightspace: {
        "token": _(
            "Admin Tools, Manage Extensibility, LTI Advantage: the registration must be enabled, and its “Keyset "
            "URL” our address for keys. Brightspace also shows an “OAuth2 Audience”, which belongs into our form."
        ),
        "roster": _(
            "Admin Tools, Manage Extensibility, LTI Advantage, the tool’s registration: tick “Names and Role "
            "Provisioning Services” under Extensions. Then tick it in the deployment too: Admin Tools, External "
            "Learning Tools, LTI Advantage."
        ),
        "names": _(
            "If you want names here: in the deployment, Security Settings, leave “Anonymous” off and tick “Name” "
            "under “User Information”."
        ),
        "own_items": _BRIGHTSPACE_GRADES,
        "other_items": _ONLY_OWN,
        "results": _BRIGHTSPACE_GRADES,
        "deep_linking": _(
            "Tick “Deep Linking” in the registration and in the deployment, then make a link of the type “Deep "
            "Linking Quicklink” in the deployment. A teacher finds it under “Existing Activities”."
        ),
        "submission_review": _(
            "Tick “Submission Review” in the registration and in the deployment. In the grade book, the building "
            "block beside a student’s grade then opens the review."
        ),
        "storage": _BUILT_IN_STORAGE,
    },
    families.Sakai: {
        "token": _(
            "Administration Workspace, External Tools, edit the tool: tick “Tool supports LTI 1.3”, and put our "
            "address for keys into “LTI 1.3 Tool Keyset URL”."
        ),
        "roster": _(
            "Administration Workspace, External Tools, edit the tool, Services: tick “Provide Roster to External "
            "Tool”."
        ),
        "names": _(
            "If you want names here: edit the tool, Privacy Settings, tick “Send User Names to External Tool”."
        ),
        "own_items": _SAKAI_COLUMNS,
        "other_items": _ONLY_OWN,
        "results": _SAKAI_COLUMNS,
        "deep_linking": _(
            "Edit the tool and tick “Allow the tool to be selected from Lessons”. A teacher adds it there."
        ),
        "submission_review": _REVIEW_BY_COLUMN,
        "storage": _NO_STORAGE,
    },
    families.Schoology: {
        "token": _(
            "App Center, My Developer Apps: “JWKS URL” must be our address for keys, and your school must have "
            "pressed “Install LTI 1.3 App” and “Add to Organization”."
        ),
        "roster": _(
            "App Center, My Developer Apps, the app’s Options, Edit: tick “Names and Roles Services”. Then install "
            "the app again, so that your school agrees to it."
        ),
        "names": _("If you want names here: in the same form, Privacy, tick the name."),
        "own_items": _SCHOOLOGY_GRADES,
        "other_items": _ONLY_OWN,
        "results": _SCHOOLOGY_GRADES,
        "deep_linking": _(
            "In the same form tick “Deep Linking” and, under “Can be installed for”, “Course Material Selection”. A "
            "teacher then finds the panel under “Add Materials” in a course."
        ),
        "submission_review": _REVIEW_BY_COLUMN,
        "storage": _NO_STORAGE,
    },
    families.OurXBlock: {
        "token": _(
            "Django admin, Tools: connect the tool again with a new registration link, and allow it in this course."
        ),
        "roster": _XBLOCK_SCOPES,
        "names": _("If you want names here: Django admin, Tools, the tool: tick “Names” under “Personal data”."),
        "own_items": _XBLOCK_NO_COLUMNS,
        "other_items": _XBLOCK_SCOPES,
        "results": _XBLOCK_SCOPES,
        "deep_linking": _("Studio: edit the block “Learning plan” in a unit and press “Choose what to show”."),
        "submission_review": _("A member of the course team opens the unit and chooses a student in the block."),
        "storage": _BUILT_IN_STORAGE,
    },
    families.OpenEdxConsumer: {
        "token": _(
            "Studio, Edit on the LTI block: “Tool Public Key Mode” is “Keyset URL”, and “Tool Keyset URL” our "
            "address for keys."
        ),
        "roster": _(
            "Studio, Edit on the LTI block: set “Names & Roles (NRPS)” to “True”, then publish the unit. The "
            "operator of Open edX may have to allow it for the course."
        ),
        "names": _("If you want names here: Studio, Edit on the LTI block, set “Share Full name” to “True”."),
        "own_items": _CONSUMER_GRADES,
        "other_items": _(
            "The LTI block shows a tool only the grade columns that the tool made itself. With the ILP XBlock in its "
            "place, the whole gradebook of the course can be seen."
        ),
        "results": _CONSUMER_GRADES,
        "deep_linking": _(
            "Studio, Edit on the LTI block: set “Deep linking” to “True” and “Deep Linking Launch URL” to our launch "
            "address. Then press “Deep Linking Launch” in the unit."
        ),
        "submission_review": _(
            "The LTI block cannot open a review from the gradebook, and there is nothing to switch on. A teacher "
            "opens it from the panel."
        ),
        "storage": _NO_STORAGE,
    },
}
ANYWHERE: Mapping[str, Promise] = {
    "token": _(
        "Open the tool’s settings: the tool must be switched on, and its public keys (JWKS, keyset) be read from our "
        "address for keys."
    ),
    "roster": _(
        "Open the tool’s settings and switch on LTI Advantage’s “Names and Role Provisioning Services” for it."
    ),
    "names": _("If you want names here: in the tool’s privacy settings, let it have people’s names."),
    "own_items": _ANY_GRADES,
    "other_items": _(
        "Most learning sites show a tool only the grade columns that the tool made itself, and no setting changes "
        "that."
    ),
    "results": _ANY_GRADES,
    "deep_linking": _(
        "Open the tool’s settings and switch on “Deep Linking” (content selection), with our launch address. A "
        "teacher then finds the panel where external tools are added to a course."
    ),
    "submission_review": _(
        "Open the tool’s settings and switch on “Submission Review”, if it has that. A teacher adds “One round of "
        "reviews” with its own grade column, then opens a student’s cell of it in the gradebook."
    ),
    "storage": _NO_STORAGE,
}
# What no switch mends: the trouble lies between the two servers.
TROUBLES: Mapping[str, Promise] = {
    "unreachable": _(
        "Nothing to switch on: see that the site is up, and that its firewall lets this tool’s server reach it."
    ),
    "slow": _("Nothing to switch on: try again later. If it stays slow, tell the people who run the site’s server."),
    "failing": _("Nothing to switch on: its own log says more. Try again later."),
    "throttled": _("Nothing to switch on: wait a minute, then try again."),
    "certificate": _("Nothing to switch on: its server needs a certificate that is in date and complete."),
    "private_address": _(
        "Nothing to switch on: the person who runs the ILP panel can allow the address with ILP_HTTP_ORIGINS."
    ),
    "redirected": _("Nothing to switch on: connect the site again under the address that it really has."),
    "too_large": _("Nothing to switch on: tell the person who runs the ILP panel."),
    "broken": _(
        "Nothing to switch on: something between the two servers, like a log-in page, may answer in its place."
    ),
    "no_keys": _("Nothing to switch on: tell the people who run the site’s server."),
}
THEN_OPEN_AGAIN = _("Then open the panel in the course once more, and try again here.")


def mend(service: str, family: Family) -> str:
    """What to switch on for a service in an LMS of that family, beginning with the LMS's name."""
    if family in MENDS:
        return f"{NAMES[family]}: {MENDS[family][service]}"
    return str(ANYWHERE[service])
