"""How each LMS really behaves, one small class per LMS with its reasons; chosen by what it calls itself.

The base class is the specifications' word: AGS 2.0 and NRPS 2.0. A class changes only what was seen to differ.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal


class Unknown:
    """Any platform that follows AGS 2.0 and NRPS 2.0, and one we know nothing of."""

    results_limit: ClassVar[int | None] = None  # rows a page; None: as the platform likes
    line_items_limit: ClassVar[int | None] = None
    members_limit: ClassVar[int | None] = None
    under_way: ClassVar[int | None] = None  # requests at once; None: settings.ILP_HTTP_CONCURRENCY
    # How one person's results are asked for: "query" (?user_id=), "path", or "all" of them, to be filtered by us.
    one_result: ClassVar[Literal["query", "path", "all"]] = "query"
    label_length: ClassVar[int] = 255  # characters of a column's title; a longer one is cut
    tag_length: ClassVar[int] = 255
    whole_maximum: ClassVar[bool] = False  # a column's maximum must be a whole number
    deletes: ClassVar[bool] = True  # a tool may take its own column away
    only_final_scores: ClassVar[bool] = False  # any other score erases the grade
    # A score without a number (AGS 2.0, 3.4.3) clears what stood, and the results then say the truth about it. Where
    # nobody saw that yet it is tried, and believed only once the results no longer show a grade.
    takes_back: ClassVar[bool] = True
    with_taking_back: ClassVar[Mapping[str, Any]] = {}  # members this LMS needs beside the standard's


class Moodle(Unknown):
    """Seen live (4.5). Without `limit` it gives everything in one answer, so none is sent: with it, its Link headers
    have curly quotes and `&amp;`. A score that is not FullyGraded erases the grade the student had: so a mark of ours
    is taken back. It compares times by whole seconds and answers 409 to an older or equal one."""

    only_final_scores = True


class Canvas(Unknown):
    """Ten a page unless asked for more, fifty members at most, and a leaky bucket per token: one at a time.

    A score without a number empties the submission's grade (its scores_controller, read), and counts as another
    attempt of the student's unless its own member says that it is none.
    """

    with_taking_back: ClassVar[Mapping[str, Any]] = {
        "https://canvas.instructure.com/lti/submission": {"new_submission": False}
    }
    results_limit = 100
    line_items_limit = 100
    members_limit = 50
    under_way = 1


class Blackboard(Unknown):
    """Its user_id filter on results cannot be relied on: read all and filter. Its manual says that a score may also
    delete a grade, not by which members: tried as the standard has it, and looked at."""

    one_result = "all"


class Brightspace(Unknown):
    """Nothing seen that differs in its services; its token audience comes with the registration. Of taking a grade
    back its manual says nothing: tried, and looked at."""


class Sakai(Unknown):
    """It does not page, and gives a result row with a null score for everybody: no score, never a zero. One of before
    23 answers 400 to a score without a number: then it is done by hand."""


class Schoology(Unknown):
    """NRPS refuses more than 100 members a request."""

    members_limit = 100


class OpenEdxConsumer(Unknown):
    """Open edX's generic consumer (lti-consumer-xblock, read at 11.4.4).

    It cuts results off at `limit` without a next link and ignores ?user_id=, but knows /results/<user>. A column's
    maximum is an integer, its label at most 100 and its tag at most 50 characters. DELETE is always 403; PUT needs
    resourceId and resourceLinkId; a score of 0 never reaches the grade. Of a score without a number only its own
    results hear: the grade stays, unseen by us.
    """

    takes_back = False
    one_result = "path"
    label_length = 100
    tag_length = 50
    whole_maximum = True
    deletes = False


class OurXBlock(Unknown):
    """Our own platform in Open edX: the whole gradebook, to be read only, so there is no column to write into
    and never a mark of ours to take back."""

    deletes = False
    takes_back = False


Family = type[Unknown]
# By the letters of `product_family_code`, which LMSs write as they like: BlackboardLearn, Blackboard Learn.
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("ilpxblock", OurXBlock),
    ("moodle", Moodle),
    ("canvas", Canvas),
    ("blackboard", Blackboard),
    ("desire2learn", Brightspace),
    ("brightspace", Brightspace),
    ("d2l", Brightspace),
    ("sakai", Sakai),
    ("schoology", Schoology),
    ("openedx", OpenEdxConsumer),
    ("edx", OpenEdxConsumer),
)
_CONSUMER = "/api/lti_consumer/"  # Open edX's consumer tells no family, but all its addresses hold this


def family_of(product_family: str, *addresses: str) -> Family:
    """The class for a platform by the `product_family_code` it tells, else by its services' addresses."""
    letters = re.sub(r"[^a-z0-9]", "", product_family.lower())
    for beginning, family in _FAMILIES:
        if letters.startswith(beginning):
            return family
    return OpenEdxConsumer if any(_CONSUMER in address for address in addresses) else Unknown
