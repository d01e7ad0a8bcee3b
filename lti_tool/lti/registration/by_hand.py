"""Registration by hand, for LMSs without Dynamic Registration: the school's IT gives the values its LMS shows."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from lti_tool.lti.models import SPEC_ID, Deployment, Platform

from .documents import is_address

ADDRESSES = ("auth_url", "token_url", "jwks_url")
SENTENCES = {
    "address": "must be a full https address",
    "identifier": f"must be 1 to {SPEC_ID} plain characters, as the LMS shows it",
    "known_otherwise": "and issuer are registered already, with other addresses",
    "of_another_school": "belongs to another school already",
}


class Refused(Exception):
    """Nothing was written. `field` is the value to mend, `code` why; as text, a line for the command's user."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"--{field.replace('_', '-')} {SENTENCES[code]}")
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Values:
    """What an LMS shows of itself for a tool (LTI Core 1.3, 3.1.3)."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    token_audience: str = ""
    product_family: str = ""

    def refusals(self) -> dict[str, str]:
        """Which values cannot be right, by field."""
        wrong = {name: "address" for name in ADDRESSES if not is_address(getattr(self, name))}
        wrong |= {name: "identifier" for name in ("issuer", "client_id") if not _is_id(getattr(self, name))}
        return wrong


@transaction.atomic
def add_platform(values: Values, *, school_id: UUID | None = None, deployment_id: str = "") -> Platform:
    """Remember a platform; with `deployment_id` also give that deployment to the school, which only the operator may.

    A school's own administrator gets it by a signed launch and the school's code: what somebody types proves
    nothing, and behind one client id may stand many schools. Raises Refused.
    """
    for field, code in values.refusals().items():
        raise Refused(field, code)
    if deployment_id and not _is_id(deployment_id):
        raise Refused("deployment_id", "identifier")
    platform, new = Platform.objects.get_or_create(
        issuer=values.issuer,
        client_id=values.client_id,
        defaults={
            "auth_url": values.auth_url,
            "token_url": values.token_url,
            "token_audience": values.token_audience,
            "jwks_url": values.jwks_url,
            "product_family": values.product_family[:64],
        },
    )
    told = ADDRESSES + (("token_audience",) if values.token_audience else ())
    if not new and any(getattr(platform, name) != getattr(values, name) for name in told):
        raise Refused("client_id", "known_otherwise")
    if deployment_id:
        deployment, _ = Deployment.objects.get_or_create(platform=platform, deployment_id=deployment_id)
        if deployment.school_id not in {None, school_id}:
            raise Refused("deployment_id", "of_another_school")
        Deployment.objects.filter(pk=deployment.pk).update(school_id=school_id)
    return platform


def _is_id(value: str) -> bool:
    return 0 < len(value) <= SPEC_ID and value.isascii() and value.isprintable()
