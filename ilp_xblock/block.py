"""The XBlock that shows the learning plan panel in a unit, and lets an author choose what it is about."""

from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from web_fragments.fragment import Fragment
from webob import Request, Response
from xblock.core import XBlock
from xblock.fields import Dict, List, Scope, String

from . import studio

READY_TIMEOUT_MS = 8000  # until the tool must have said `ilp.ready`


@XBlock.wants("user")
class ILPBlock(XBlock):
    """An iframe onto the ILP tool, launched by LTI 1.3 through the LMS's own platform (`ilp_xblock.platform`).

    The block holds no plan, no score and no name: only which activities of the course the panel is about.
    """

    display_name = String(scope=Scope.settings, default="Learning plan", help="Title of the panel in the course")
    activity_ids = List(
        scope=Scope.settings, default=[], help="Activities the panel is about; empty: those of the block's own unit"
    )
    # Not `content`: XBlock keeps that name for the text of a block's element in course files.
    chosen_content = Dict(
        scope=Scope.settings, default={}, help="What the author chose at the tool; empty: the panel"
    )
    has_author_view = True
    show_in_read_only_mode = True

    def student_view(self, context: dict | None = None) -> Fragment:
        """The panel: a quiet skeleton until the tool answers, then its page; the unit never waits for it."""
        setup = studio.setup_of(self)
        if setup.launch_origin is None:
            return self._styled(render_to_string("ilp_xblock/not_set_up.html", {"title": studio.title_of(self)}))
        reviews_url = self._address("review") if studio.offers_reviews(self) else ""
        fragment = self._styled(
            render_to_string("ilp_xblock/panel.html", {"title": studio.title_of(self), "reviews_url": reviews_url})
        )
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/ilp/xblock.js"))
        fragment.initialize_js(
            "ILPBlock",
            {
                "url": self._address("launch"),
                "origin": setup.launch_origin,
                "timeout": READY_TIMEOUT_MS,
                "failed": _("Your learning plan could not be shown just now. The rest of this page works as usual."),
                "loading": _("Loading your learning plan"),
                "shown": _("Your learning plan is shown."),
            },
        )
        return fragment

    def author_view(self, context: dict | None = None) -> Fragment:
        """What Studio's unit page shows: what learners will see, and what is not set up, in plain words."""
        setup = studio.setup_of(self)
        return self._styled(
            render_to_string("ilp_xblock/author.html", {"title": studio.title_of(self), "setup": setup})
        )

    def studio_view(self, context: dict | None = None) -> Fragment:
        """The form: the title, and which activities the panel is about."""
        setup = studio.setup_of(self)
        fragment = self._styled(
            render_to_string(
                "ilp_xblock/studio.html",
                {
                    "title": studio.title_of(self),
                    "setup": setup,
                    "usage": str(self.scope_ids.usage_id),
                    "choose_url": self._choose_url() if setup.offers_content else "",
                },
            )
        )
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/ilp/xblock-studio.js"))
        fragment.initialize_js(
            "ILPStudio",
            {
                "url": self.runtime.handler_url(self, "save_settings"),
                "saving": _("Saving"),
                "saved": _("Saved. Learners see this the next time they open the unit."),
                "failed": _("This could not be saved. Try again."),
                "take": self.runtime.handler_url(self, "take_content") if setup.offers_content else "",
                "clear": self.runtime.handler_url(self, "clear_content"),
            },
        )
        return fragment

    @XBlock.handler
    def save_settings(self, request: Request, suffix: str = "") -> Response:
        """Keep {"display_name", "activity_ids": [...] or null}; null: the unit's own. Else 400 with a sentence."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        # Another body may be read, and gone, when the page's token was looked for in it.
        body = request.body if request.content_type == "application/json" else b""
        try:
            title, self.activity_ids = studio.checked(self, body)
        except studio.InvalidSettings as refusal:
            return Response(json_body={"error": str(refusal)}, status=400)
        if title != studio.title_of(self):  # else the usual one stays, for each reader in their language
            self.display_name = title
        return Response(json_body={"display_name": title, "activity_ids": self.activity_ids})

    @XBlock.handler
    def take_content(self, request: Request, suffix: str = "") -> Response:
        """Show what this author chose at the tool meanwhile, if anything. Answers {"title", "said", "taken"}."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        chosen = studio.waiting_content(self)
        if chosen is not None:
            self.chosen_content = chosen
        return self._content_shown(taken=chosen is not None)

    @XBlock.handler
    def clear_content(self, request: Request, suffix: str = "") -> Response:
        """Show the panel itself again."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        self.chosen_content = {}
        return self._content_shown(taken=True)

    def _content_shown(self, *, taken: bool) -> Response:
        title = studio.setup_of(self).content_title
        return Response(json_body={"title": title, "said": studio.content_sentence(title), "taken": taken})

    def _refusal(self, request: Request) -> Response | None:
        if request.method != "POST":
            return Response(json_body={"error": _("Send the form.")}, status=405)
        if not studio.may_author(self):
            return Response(json_body={"error": _("Only people who edit this course may change this.")}, status=403)
        return None

    def _choose_url(self) -> str:
        """Where an author chooses at the tool: a page of the LMS, also when the form stands in Studio."""
        from .platform.addresses import address

        return f"{address('launch')}?{urlencode(self._launch_query() | {'message': 'deep_linking'})}"

    def _address(self, name: str) -> str:
        """A page of the LMS for this block: `launch` begins an LTI login and is where the iframe starts, `review`
        asks a teacher whose review to open."""
        return f"{reverse(f'ilp_xblock:{name}')}?{urlencode(self._launch_query())}"

    def _launch_query(self) -> dict[str, str]:
        users = self.runtime.service(self, "user")
        known = users.get_current_user().opt_attrs if users else {}
        return {"block": str(self.scope_ids.usage_id)} | known.get("ilp_xblock.launch_query", {})

    def _styled(self, html: str) -> Fragment:
        fragment = Fragment(html)
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/ilp/xblock.css"))
        return fragment

    @staticmethod
    def workbench_scenarios() -> list[tuple[str, str]]:
        """What the xblock-sdk workbench lists."""
        return [("Learning plan panel", "<ilp/>")]
