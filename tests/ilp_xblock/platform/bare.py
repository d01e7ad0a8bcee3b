"""lti1p3platform as it comes, set up as its documentation shows, to show what the platform adds to it."""

from types import SimpleNamespace
from typing import Any

from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

from tests.factories import platform as factories

CLIENT = "bare-client"
LINEITEMS = f"{factories.ISSUER}/lineitems"


class BarePlatform(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, **_: Any) -> None:
        self._registration = (
            Registration()
            .set_iss(factories.ISSUER)
            .set_client_id(CLIENT)
            .set_deployment_id("1")
            .set_oidc_login_url("https://tool.example.org/login?from=ilp")
            .set_launch_url("https://tool.example.org/launch")
            .set_tool_key_set(factories.public_jwks("tool-key"))
            .set_platform_private_key(factories.private_pem("platform-key"))
            .set_platform_public_key(factories.public_pem("platform-key"))
        )

    def get_registration_by_params(self, **_: Any) -> Registration:
        return self._registration

    def ask_token(self, assertion: str, **changes: str) -> Any:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": factories.ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
        }
        return self.get_access_token(fields | changes)


class BareLogin(OIDCLoginAbstract):
    def set_lti_message_hint(self, **hint: Any) -> None:
        self._lti_message_hint = hint["hint"]

    def get_redirect(self, url: str) -> str:
        return url


class BareLaunch(LTIAdvantageMessageLaunchAbstract):
    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        self.set_user_data("ada", ["Learner"])
        self.set_resource_link_claim("link")

    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return launch_data


def bare_launch(**parameters: str) -> dict[str, Any]:
    request = SimpleNamespace(get_data=parameters, form_data={})
    return BareLaunch(request, BarePlatform()).lti_launch()


class BareGradebook(AssignmentsGradesService):
    """Remembers what was written."""

    def __init__(self, token: str, method: str = "GET", **query: str) -> None:
        request = SimpleNamespace(
            headers={"Authorization": f"Bearer {token}"}, method=method, get_data=query, json={"scoreGiven": 1}
        )
        super().__init__(request, BarePlatform(), LINEITEMS)
        self.deleted: list[str] = []

    def find_lineitems(self, page: int = 1, limit: int | None = None, **_: Any) -> Any:
        return {"content": [{"id": str(page)}], "has_next": True}

    def get_results(self, line_item_id: str, page: int = 1, **_: Any) -> Any:
        return {"content": [], "has_next": True}

    def delete_lineitem(self, line_item_id: str) -> None:
        self.deleted.append(line_item_id)

    def find_lineitem(self, line_item_id: str) -> Any:
        return {"id": line_item_id}

    create_lineitem = update_lineitem = update_score = find_lineitem


class BareRoster(NamesRoleProvisioningService):
    def __init__(self, token: str, **query: str) -> None:
        request = SimpleNamespace(headers={"Authorization": f"Bearer {token}"}, method="GET", get_data=query)
        super().__init__(request, BarePlatform(), f"{factories.ISSUER}/memberships")

    def get_member_data_page(self, page: int = 1, limit: int | None = None, role: str | None = None) -> Any:
        return {"content": [], "has_next": False}

    def get_context_by_id(self) -> Any:
        return SimpleNamespace(id="course")

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return True
