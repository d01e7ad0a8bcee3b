"""An LMS retires an account: the tool forgets its person, once and for all (T58)."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from lti_tool.lti.models import PlatformUser
from lti_tool.plans import api as plans
from tests.factories.lti import LEARNER, FakePlatform, school

pytestmark = [pytest.mark.django_db]


def retire(lms: FakePlatform, sub: str) -> str:
    said = StringIO()
    call_command("retire_account", lms.issuer, lms.client_id, lms.deployment_id, sub, stdout=said)
    return said.getvalue().strip()


@pytest.mark.trust("T58")
def test_the_person_goes_and_the_second_time_is_a_no_op() -> None:
    lms = FakePlatform()
    school_id = school()
    lms.register(school_id)
    for sub in ("canary", "other"):
        lms.launch(Client(), sub=sub, name=f"Name of {sub}", roles=[LEARNER])
    person_id = PlatformUser.objects.get(sub="canary").person_id
    assert retire(lms, "canary") == "Deleted."
    assert retire(lms, "canary") == "There was nothing to delete."
    assert retire(lms, "nobody") == "There was nothing to delete."
    assert list(PlatformUser.objects.values_list("sub", flat=True)) == ["other"]
    assert "canary" not in repr(plans.names(school_id, [person_id]))
    assert plans.verify_audit(school_id)


@pytest.mark.trust("T58")
def test_somebody_with_another_account_keeps_their_plan() -> None:
    school_id = school()
    accounts = []
    for number in (1, 2):
        lms = FakePlatform(issuer=f"https://lms-{number}.example", kid=f"key-{number}")
        lms.register(school_id)
        lms.launch(Client(), sub="ana", roles=[LEARNER])
        accounts.append(PlatformUser.objects.get(deployment__platform__issuer=lms.issuer).person_id)
    office_id = plans.ensure_person(school_id)
    plans.make_administrator(school_id, office_id)
    plans.join_people(plans.actor_for(school_id, office_id, None), *accounts)
    assert retire(lms, "ana") == "Deleted."
    assert list(PlatformUser.objects.values_list("person_id", flat=True)) == [accounts[0]]
