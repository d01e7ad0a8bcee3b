"""What an LMS shows of itself, as somebody copies it into our form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lti_tool.lti.registration.by_hand import Refused, Values

SENTENCES = {
    "address": _("This must be a whole address beginning with https://"),
    "identifier": _("Copy this exactly as your learning site shows it."),
    "known_otherwise": _(
        "This learning site is known here with other addresses. Ask the person who runs the ILP panel."
    ),
}


class PlatformForm(forms.Form):
    """LTI Core 1.3, 3.1.3. Fields are checked by `Values`, the same as for the command."""

    issuer = forms.CharField(label=_("Issuer (platform ID)"), max_length=255)
    client_id = forms.CharField(label=_("Client ID"), max_length=255)
    auth_url = forms.CharField(label=_("Authentication request URL (OIDC)"), max_length=1000)
    token_url = forms.CharField(label=_("Access token URL"), max_length=1000)
    jwks_url = forms.CharField(label=_("Public keyset URL (JWKS)"), max_length=1000)
    token_audience = forms.CharField(
        label=_("Token audience, if your learning site shows one (Brightspace does)"), max_length=1000, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="platform-%s", **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}

    def values(self, product_family: str) -> Values:
        return Values(**self.cleaned_data, product_family=product_family)

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if not self.errors:
            for field, code in Values(**cleaned).refusals().items():
                self.add_error(field, SENTENCES[code])
        return cleaned

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field, SENTENCES[refused.code])
