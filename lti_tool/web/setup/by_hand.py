"""The LMSs that can be connected by hand: what each calls our values, and what it shows in return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti_tool.lti.services.families import Unknown, family_of

# What each of our addresses is called. The names are those on the LMS's own screens, hence not translated.
Labels = tuple[tuple[str, str], ...]
HOST, LAUNCH, LOGIN, JWKS, CANVAS = "", "lti-launch", "lti-login", "lti-jwks", "lti-canvas"


@dataclass(frozen=True, slots=True)
class Lms:
    """One LMS. `labels` pair its fields with our addresses; `known` are values that all its schools share."""

    key: str
    name: str
    where: Promise  # where in it to begin
    labels: Labels
    product_family: str
    in_return: Promise  # where it shows its own values
    known: Mapping[str, str] = field(default_factory=dict)

    def values(self, base_url: str) -> list[tuple[str, str]]:
        """Field and value, in the order of the LMS's screen."""
        host = urlsplit(base_url).netloc
        return [(label, base_url + reverse(route) if route else host) for label, route in self.labels]


ALL = (
    Lms(
        "blackboard",
        "Blackboard",
        _("The person who runs the ILP panel registers it once for all schools in Anthology’s developer portal. Your "
          "school then adds it under Administrator Panel, LTI Tool Providers, Register LTI 1.3/Advantage Tool, with "
          "the client ID you get from them."),
        (("Domain(s)", HOST), ("Login Initiation URL", LOGIN), ("Tool Redirect URL(s)", LAUNCH),
         ("Tool JWKS URL", JWKS), ("Target link URI", LAUNCH)),
        "BlackboardLearn",
        _("The developer portal shows the application ID, which is the client ID, and a public keyset URL that ends "
          "in /jwks.json. The other values are the same for every school."),
        {"issuer": "https://blackboard.com",
         "auth_url": "https://developer.blackboard.com/api/v1/gateway/oidcauth",
         "token_url": "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken"},
    ),
    Lms(
        "schoology",
        "Schoology",
        _("In the App Center, My Developer Apps, press Add App and choose the type LTI 1.3 App and the configuration "
          "type Manual. Tick Deep Linking, Assignment and Grade Services, and Names and Roles Services."),
        (("JWKS URL", JWKS), ("Domain/URL", LAUNCH), ("OIDC Login Init URL", LOGIN), ("Redirect URLs", LAUNCH)),
        "schoology",
        _("Under the app’s Options, API Info, Schoology shows the client ID. The other values are the same for every "
          "school. Then press Install LTI 1.3 App and Add to Organization."),
        {"issuer": "https://schoology.schoology.com",
         "auth_url": "https://lti-service.svc.schoology.com/lti-service/authorize-redirect",
         "token_url": "https://lti-service.svc.schoology.com/lti-service/access-token",
         "jwks_url": "https://lti-service.svc.schoology.com/lti-service/.well-known/jwks"},
    ),
    Lms(
        "canvas",
        "Canvas",
        _("Under Admin, Developer Keys, add an LTI key. Choose “Enter URL” and give the address of the "
          "configuration. Then switch the key on, and add the app by its client ID under Settings, Apps."),
        (("JSON URL", CANVAS), ("Redirect URIs", LAUNCH), ("Target Link URI", LAUNCH),
         ("OpenID Connect Initiation Url", LOGIN), ("JWK Method: Public JWK URL", JWKS)),
        "canvas",
        _("The long number in the key’s Details column is the client ID. For the token URL put your own Canvas "
          "address in front of /login/oauth2/token."),
        {"issuer": "https://canvas.instructure.com",
         "auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
         "jwks_url": "https://sso.canvaslms.com/api/lti/security/jwks"},
    ),
    Lms(
        "brightspace",
        "Brightspace",
        _("Under Manage Extensibility, LTI Advantage, register a tool and choose Standard. Switch on the extensions "
          "for grades, names and deep linking."),
        (("Domain", HOST), ("Redirect URLs", LAUNCH), ("OpenID Connect Login URL", LOGIN),
         ("Target Link URI", LAUNCH), ("Keyset URL", JWKS)),
        "desire2learn",
        _("Brightspace shows all values when the tool is registered. Copy its OAuth2 Audience too."),
        {"token_url": "https://auth.brightspace.com/core/connect/token",
         "token_audience": "https://api.brightspace.com/auth/token"},
    ),
    Lms(
        "moodle",
        "Moodle",
        _("Under Site administration, Plugins, External tool, Manage tools, choose “configure a tool manually”. "
          "Choose LTI 1.3 and, as the public key type, Keyset URL."),
        (("Tool URL", LAUNCH), ("Public keyset", JWKS), ("Initiate login URL", LOGIN),
         ("Redirection URI(s)", LAUNCH), ("Content selection URL", LAUNCH)),
        "moodle",
        _("After saving, the magnifying glass on the tool’s card shows all values. The platform ID is the issuer."),
    ),
    Lms(
        "sakai",
        "Sakai",
        _("In External Tools, add an LTI 1.3 tool and let it get the roster, send grades and be placed by teachers."),
        (("Launch URL", LAUNCH), ("LTI 1.3 Tool Keyset URL", JWKS),
         ("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", LOGIN),
         ("LTI 1.3 Tool Redirect Endpoint(s)", LAUNCH)),
        "sakai",
        _("After saving, Sakai shows the values for the tool on the same page."),
    ),
    Lms(
        "other",
        "LTI 1.3",
        _("Wherever your learning site adds external tools by LTI 1.3, copy these values into it."),
        (("Target link URI, launch URL", LAUNCH), ("OIDC login initiation URL", LOGIN),
         ("Redirect URI", LAUNCH), ("Public keyset URL (JWKS)", JWKS), ("Domain", HOST)),
        "",
        _("It then shows its own values."),
    ),
)  # fmt: skip


def lms_named(key: str) -> Lms:
    """The LMS of that key; Blackboard, which has no other way, where the key is none."""
    return next((lms for lms in ALL if lms.key == key), ALL[0])


def key_of(product_family: str, *addresses: str) -> str:
    """The key of the LMS that calls itself so, "other" where it is none of ours."""
    family = family_of(product_family, *addresses)
    return next(
        (lms.key for lms in ALL if family is not Unknown and family_of(lms.product_family) is family), "other"
    )
