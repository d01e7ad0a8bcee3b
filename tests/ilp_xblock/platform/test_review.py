"""A submission review: an instructor opens one learner's work. The platform checks who may; so does the tool."""

from typing import Any

import pytest
from django.test import Client

from ilp_xblock.models import LaunchRequest
from ilp_xblock.platform.addresses import lineitem_address
from ilp_xblock.platform.ports import Member, Role
from ilp_xblock.platform.vocabulary import LINEITEM_READ, RESULT_READ
from tests.factories import platform as factories
from tests.factories.platform import ACTIVITY, BLOCK, COURSE, OTHER_COURSE, ToolSide, authentication, read_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@pytest.fixture
def tool(db: None) -> ToolSide:
    return factories.make_tool(messages={"LtiSubmissionReviewRequest": "https://tool.example.org/review"})


def start(sub: str, **query: str) -> Any:
    factories.lms.browser = sub
    return Client().get("/ilp/launch", {"block": BLOCK, "message": "review", "for_user": "ada"} | query)


def review(side: ToolSide, **query: str) -> dict[str, Any]:
    factories.lms.browser = "tina"
    login = factories.start_launch(Client(), **({"block": BLOCK, "message": "review", "for_user": "ada"} | query))
    return read_message(factories.form_of(Client().get("/ilp/auth", authentication(side, login))))


def test_the_message_says_whose_work_in_which_activity(tool: ToolSide) -> None:
    message = review(tool)
    assert message[CLAIM + "message_type"] == "LtiSubmissionReviewRequest"
    assert message["sub"] == "tina"
    assert message[CLAIM + "target_link_uri"] == "https://tool.example.org/review"
    assert message[CLAIM + "for_user"] == {"user_id": "ada", "roles": [LEARNER], "name": "Ada Lovelace"}
    assert message[CLAIM + "resource_link"]["id"] == BLOCK
    assert message[ENDPOINT]["lineitem"] == lineitem_address(COURSE, ACTIVITY)
    assert message[ENDPOINT]["scope"] == [LINEITEM_READ, RESULT_READ]


def test_another_activity_of_the_course_may_be_named(tool: ToolSide) -> None:
    assert review(tool, activity="quiz/2?x")[ENDPOINT]["lineitem"] == lineitem_address(COURSE, "quiz/2?x")


@pytest.mark.parametrize("activity", ["essay", "nothing", "x" * 300])
def test_an_activity_of_another_course_is_not(tool: ToolSide, activity: str) -> None:
    assert start("tina", activity=activity).status_code == 404


def test_a_course_without_activities_has_nothing_to_review(tool: ToolSide) -> None:
    factories.lms.activities[COURSE] = []
    assert start("tina").status_code == 404


@pytest.mark.trust("T61")
@pytest.mark.parametrize("for_user", ["ada", "ben"])
def test_a_student_opens_nobodys_review_not_even_their_own(tool: ToolSide, for_user: str) -> None:
    assert start("ada", for_user=for_user).status_code == 403
    assert not LaunchRequest.objects.exists()


@pytest.mark.trust("T61")
def test_an_assistant_or_a_teacher_of_another_course_opens_none(tool: ToolSide) -> None:
    factories.lms.members[COURSE].append(Member("helper", (Role.ASSISTANT,)))
    factories.lms.members[OTHER_COURSE].append(Member("tom", (Role.INSTRUCTOR,)))
    assert start("helper").status_code == 403
    assert start("tom").status_code == 403


@pytest.mark.parametrize("for_user", ["", "nobody", "tina", "x" * 300])
def test_who_is_no_learner_of_the_course_is_not_reviewed(tool: ToolSide, for_user: str) -> None:
    factories.lms.members[OTHER_COURSE].append(Member("nobody", (Role.LEARNER,)))
    assert start("tina", for_user=for_user).status_code == 404


@pytest.mark.parametrize("change", ["demoted", "left"])
def test_what_changed_since_the_start_counts(tool: ToolSide, change: str) -> None:
    factories.lms.browser = "tina"
    login = factories.start_launch(Client(), block=BLOCK, message="review", for_user="ada")
    members = factories.lms.members[COURSE]
    if change == "demoted":
        members[2] = Member("tina", (Role.LEARNER,))
    else:
        del members[0]
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert (form.status, form.fields["error"]) == (400, "access_denied")


def test_the_hint_is_of_that_student_and_serves_once(tool: ToolSide) -> None:
    factories.lms.browser = "tina"
    login = factories.start_launch(Client(), block=BLOCK, message="review", for_user="ben")
    request = authentication(tool, login, for_user="ada", message="deep_linking")
    message = read_message(factories.form_of(Client().get("/ilp/auth", request)))
    assert message[CLAIM + "for_user"]["user_id"] == "ben"
    assert factories.form_of(Client().get("/ilp/auth", request)).fields["error"] == "invalid_request"


def test_a_tool_that_does_not_take_reviews_gets_none(db: None) -> None:
    factories.make_tool()
    assert start("tina").status_code == 404


@pytest.mark.trust("T74")
def test_the_reviewed_persons_name_is_withheld_as_everyones(tool: ToolSide) -> None:
    tool.tool.personal_data = []
    tool.tool.save()
    message = review(tool)
    assert message[CLAIM + "for_user"] == {"user_id": "ada", "roles": [LEARNER]}
    assert "name" not in message
