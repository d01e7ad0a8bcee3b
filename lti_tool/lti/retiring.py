"""A platform retired an account (OEP-30, consumer_api): what the tool holds of it goes. Twice is as good as once."""

from django.db import transaction

from lti_tool.plans import api as plans

from .models import PlatformUser


def retire_account(issuer: str, client_id: str, deployment_id: str, sub: str) -> bool:
    """Delete what is kept of the person of this account; with another account they keep their plan and lose this one.

    Returns whether there was anything to delete.
    """
    accounts = PlatformUser.objects.select_related("deployment").filter(
        deployment__platform__issuer=issuer,
        deployment__platform__client_id=client_id,
        deployment__deployment_id=deployment_id,
        sub=sub,
    )
    with transaction.atomic():
        account = accounts.first()
        if account is None or account.deployment.school_id is None:
            return False
        others = PlatformUser.objects.filter(person_id=account.person_id).exclude(pk=account.pk)
        if others.exists():
            account.delete()
            return True
        return plans.retire_person(account.deployment.school_id, account.person_id)
