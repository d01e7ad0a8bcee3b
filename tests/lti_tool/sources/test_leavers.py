"""T3 whole: a teacher launches, opens pages, is taken off the LMS's roster, and the next request shows nothing."""

import pytest
from django.test import Client

from lti_tool.evidence import api as evidence
from lti_tool.lti import api as lti
from lti_tool.lti.models import Context, LaunchSession, Platform
from lti_tool.lti.services import tokens
from tests.factories.lms import FakeLMS
from tests.factories.lti import INSTRUCTOR, FakePlatform, school

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NAMES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.mark.trust("T3")
def test_a_teacher_dropped_from_the_roster_loses_session_and_access_at_the_next_read() -> None:
    tokens.forget()
    with FakeLMS(members=5, items=2, teachers=1) as lms:
        lms.client_id = "client-1"
        school_id = school("Leavers")
        platform = FakePlatform(issuer="https://lms.example")
        platform.register(school_id)
        Platform.objects.update(token_url=f"{lms.base}/token")
        browser = Client()
        answer = platform.launch(browser, sub=lms.sub(0, 0), roles=[INSTRUCTOR])
        handle = answer["Location"].rstrip("/").rpartition("/")[2]
        secret = browser.cookies[f"__Host-ilp-{handle}"].value
        Context.objects.update(lineitems_url=lms.lineitems_url(), memberships_url=lms.memberships_url())
        course = Context.objects.get().course_id

        evidence.read_courses(school_id, [course])
        before = lti.open_session(handle, secret)
        assert before is not None
        assert not before.ended
        assert browser.get(answer["Location"], secure=True).status_code == 200

        lms.gone.add(lms.sub(0, 0))
        evidence.read_courses(school_id, [course])
        after = lti.open_session(handle, secret)
        assert after is None or after.ended
        assert LaunchSession.objects.get(handle=handle).ended_at is not None
        shown = browser.get(answer["Location"], secure=True)
        assert shown.status_code in {401, 403, 404, 410}
        assert b"Person 1" not in shown.content
