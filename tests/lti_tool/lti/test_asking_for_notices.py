"""The platform is given our address for notices by a task, never while somebody waits for a page."""

from datetime import timedelta

import pytest
from aiohttp import web
from django.test import Client
from django.utils import timezone

from lti_tool.lti import api, notices
from lti_tool.lti.models import Deployment, NoticeService
from lti_tool.lti.registration.documents import NOTICES
from tests.factories import lti
from tests.factories.evidence import join
from tests.factories.lms import FakeLMS

pytestmark = pytest.mark.django_db


class Service:
    """The platform's notification service: keeps what it was sent, answers as a test wants it."""

    def __init__(self, lms: FakeLMS) -> None:
        self.lms, self.asked, self.refuse = lms, [], []
        lms.intercept = self._answer

    async def _answer(self, request: web.Request) -> web.StreamResponse | None:
        if request.path != "/notices":
            return None
        sent = await request.json()
        self.asked.append((request.method, request.headers["Authorization"], sent))
        return web.json_response(sent, status=self.refuse.pop(0) if self.refuse else 200)


@pytest.fixture
def service():
    with FakeLMS() as lms:
        join(lms)
        NoticeService.objects.create(deployment=Deployment.objects.get(), url=lms.base + "/notices")
        yield Service(lms)


def test_our_address_is_put_once_with_a_token_for_that_scope_alone(service):
    api.follow_courses()
    api.follow_courses()
    ((method, bearer, sent),) = service.asked
    assert method == "PUT"
    assert bearer == f"Bearer {service.lms.tokens[0]}"
    assert sent == {"notice_type": "LtiContextCopyNotice", "handler": "http://testserver/lti/notices"}
    assert service.lms.scopes == [NOTICES]
    row = NoticeService.objects.get()
    assert (row.handler, row.failure) == (notices.handler_url(), "")


def test_a_token_the_platform_no_longer_takes_is_replaced_once(service):
    service.refuse = [401]
    api.follow_courses()
    assert [bearer for _, bearer, _ in service.asked] == [f"Bearer {token}" for token in service.lms.tokens]
    assert NoticeService.objects.get().failure == ""


@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), (404, "refused")])
def test_a_platform_that_refuses_is_asked_again_an_hour_later(service, status, code):
    service.refuse = [status]
    api.follow_courses()
    assert NoticeService.objects.get().failure == code
    api.follow_courses()
    assert len(service.asked) == 1
    NoticeService.objects.update(tried_at=timezone.now() - timedelta(hours=1, minutes=1))
    api.follow_courses()
    assert len(service.asked) == 2
    assert NoticeService.objects.get().handler == notices.handler_url()


@pytest.mark.trust("T7")
def test_a_deployment_nobody_has_claimed_is_not_asked_for(service):
    Deployment.objects.update(school=None)
    api.follow_courses()
    assert service.asked == []


def test_no_launch_asks_the_platform_itself(service):
    platform = lti.connected(issuer="https://other.example")
    claim = {"platform_notification_service_url": service.lms.base + "/notices",
             "notice_types_supported": ["LtiContextCopyNotice"]}  # fmt: skip
    platform.launch(Client(), **{lti.CLAIM + "platformnotificationservice": claim})
    assert NoticeService.objects.filter(url=service.lms.base + "/notices").count() == 2
    assert service.asked == []
