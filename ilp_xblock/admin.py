"""Django's admin of the LMS and of Studio: the connected tools, and the keys that sign.

A tool is added by its registration link, as `connect_tool` does; its addresses and ids come from that registration.
Nothing here holds a plan, a score or a person (T71), and a private key is never shown.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import PlatformKey, Tool
from .platform.keys import rotate
from .platform.registration import Unconnected, connect
from .platform.vocabulary import SCOPES


class Lines(forms.CharField):
    """A list of words, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 80})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in super().to_python(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class ConnectForm(forms.Form):
    """What an administrator gives to connect a tool."""

    link = forms.URLField(
        label=gettext_lazy("Registration link"),
        help_text=gettext_lazy("The tool's makers, or its administrator at your school, gave you this link."),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 80}),
    )
    courses = Lines(
        label=gettext_lazy("Courses"),
        help_text=gettext_lazy("Ids of the courses it is allowed in, one a line. Leave this empty to allow all."),
        required=False,
    )


class ToolForm(forms.ModelForm):
    """What may be changed of a connected tool."""

    courses = Lines(
        label=gettext_lazy("Courses"),
        help_text=gettext_lazy("Ids of the courses it is allowed in, one a line. Leave this empty to allow all."),
        required=False,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may read"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    own_personal_data = forms.BooleanField(
        label=gettext_lazy("Say here which personal data it receives"),
        help_text=gettext_lazy("Otherwise the LMS's setting ILP_LTI_PERSONAL_DATA holds."),
        required=False,
    )
    personal_data = forms.MultipleChoiceField(
        label=gettext_lazy("Personal data"),
        choices=[("name", gettext_lazy("Names")), ("email", gettext_lazy("E-mail addresses"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Tool
        fields = ("name", "courses", "scopes", "personal_data")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["own_personal_data"].initial = self.instance.personal_data is not None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and not cleaned.get("own_personal_data"):
            cleaned["personal_data"] = None
        return cleaned


@admin.register(Tool)
class ToolAdmin(admin.ModelAdmin):
    """Connected tools."""

    form = ToolForm
    fields = (
        "name",
        "courses",
        "scopes",
        "own_personal_data",
        "personal_data",
        "client_id",
        "deployment_id",
        "login_url",
        "target_link_uri",
        "redirect_uris",
        "messages",
        "jwks_url",
        "created",
    )
    readonly_fields = fields[5:]
    list_display = ("name", "client_id", "allowed", "created")

    @admin.display(description=gettext_lazy("Courses"))
    def allowed(self, tool: Tool) -> str:
        return ", ".join(tool.courses) or _("all")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page "Add": connect a tool by its registration link."""
        if object_id is not None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        return self._connect_view(request)

    def _connect_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ConnectForm(request.POST or None)
        if form.is_valid():
            try:
                tool = connect(form.cleaned_data["link"], courses=form.cleaned_data["courses"])
            except Unconnected as error:
                form.add_error("link", str(error))
            else:
                self.log_addition(request, tool, [{"added": {}}])
                messages.success(request, _("“%(name)s” is connected.") % {"name": tool.name})
                return redirect(reverse(f"{self.admin_site.name}:ilp_xblock_tool_change", args=[tool.pk]))
        context = self.admin_site.each_context(request)
        context |= {"opts": self.opts, "form": form, "title": _("Connect a tool")}
        return render(request, "ilp_xblock/admin/connect.html", context)


@admin.register(PlatformKey)
class PlatformKeyAdmin(admin.ModelAdmin):
    """The signing keys: which there are and since when. Only their rotation can be asked for."""

    fields = readonly_fields = ("kid", "generation", "created", "retired")
    list_display = ("kid", "state", "created", "retired")
    ordering = ("-generation",)
    actions = ("rotate_keys",)

    @admin.display(description=gettext_lazy("State"))
    def state(self, key: PlatformKey) -> str:
        if key.retired:
            return _("retired")
        later = PlatformKey.objects.filter(generation__gt=key.generation).exists()
        return _("signs") if later else _("next")

    @admin.action(description=gettext_lazy("Let the next key sign, whichever is selected"), permissions=["change"])
    def rotate_keys(self, request: HttpRequest, queryset: Any) -> None:
        messages.success(request, _("The key %(kid)s signs now.") % {"kid": rotate()})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PlatformKey | None = None) -> bool:
        return False
