"""A small LMS on another *site* than the tool: a course page with the panel in frames, and what launches it.

The tool is at 127.0.0.1, this at localhost: to a browser two sites, so the panel is a true third party.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.factories.lti import INSTRUCTOR, LEARNER, REMOVE, FakePlatform

HOST_SCRIPT = """
const kept = {}, heard = [], tool = TOOL;
addEventListener("message", (event) => {
  if (event.origin !== tool) return;
  heard.push(event.data);
  const { subject, key, value, message_id } = event.data;
  const answer = (data) =>
    event.source.postMessage({ subject: subject + ".response", message_id, ...data }, event.origin);
  if (subject === "lti.put_data") { kept[key] = value; answer({ key, value }); }
  if (subject === "lti.get_data") answer({ key, value: kept[key] });
  if (subject === "lti.frameResize") {
    for (const frame of document.querySelectorAll("iframe")) {
      if (frame.contentWindow === event.source) frame.style.height = event.data.height + "px";
    }
  }
});
const activity = () => {
  for (const frame of document.querySelectorAll("iframe")) {
    frame.contentWindow.postMessage({ subject: "ilp.activity" }, tool);
  }
};
"""


@dataclass
class Host:
    """What the course page launches: `people` by hint, each a set of claims."""

    url: str
    tool_url: str
    platform: FakePlatform
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)  # deep linking answers that came back

    def person(
        self, hint: str, *, sub: str, teacher: bool = False, course: str, activities: list[str], locale: str
    ) -> None:
        self.people[hint] = {
            "sub": sub,
            "name": "",
            "roles": [INSTRUCTOR if teacher else LEARNER],
            "context": {"id": course, "title": "Year 6 Mathematics"},
            "resource_link": {"id": f"unit-of-{course}", "title": "Plan"},
            "custom": {"ilp_activities": json.dumps(activities)},
            "launch_presentation": {"locale": locale, "document_target": "iframe"},
            "target_link_uri": self.tool_url + "/lti/launch",
        }

    def teacher_picks(self, hint: str, **settings: Any) -> None:
        """This person's launches become deep linking requests."""
        self.people[hint] |= {
            "message_type": "LtiDeepLinkingRequest",
            "resource_link": REMOVE,
            "custom": REMOVE,
            "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
                "deep_link_return_url": self.url + "/return?from=picker",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe"],
                **settings,
            },
        }

    def course_page(self, *hints: str, storage: bool = True, width: int = 360) -> str:
        """The address of a course page with one frame for each hint."""
        return f"{self.url}/course?{urlencode({'hint': hints, 'storage': int(storage), 'width': width}, doseq=True)}"

    def login_url(self, hint: str, *, storage: bool) -> str:
        query = {
            "iss": self.platform.issuer,
            "client_id": self.platform.client_id,
            "login_hint": hint,
            "target_link_uri": self.tool_url + "/lti/launch",
        } | ({"lti_storage_target": "_parent"} if storage else {})
        return f"{self.tool_url}/lti/login?{urlencode(query)}"


class _Handler(BaseHTTPRequestHandler):
    host: Host

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if address.path == "/course":
            self._send(self._course(query))
        elif address.path == "/auth":
            self._send(self._message(query))
        elif address.path == "/jwks":
            self._send(json.dumps(self.host.platform.jwks()), "application/json")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Where deep linking answers come back to."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.host.returned += sent["JWT"]
        self._send('<!doctype html><html lang="en"><title>Back</title><h1>Added by the LMS</h1></html>')

    def _course(self, query: dict[str, list[str]]) -> str:
        storage = query["storage"] == ["1"]
        frames = "".join(
            f'<iframe title="My learning plan" width="{query["width"][0]}" height="600"'
            f' src="{escape(self.host.login_url(hint, storage=storage))}"></iframe>'
            for hint in query["hint"]
        )
        script = HOST_SCRIPT.replace("TOOL", json.dumps(self.host.tool_url))
        return (
            '<!doctype html><html lang="en"><title>A course</title><link rel="icon" href="data:,"><h1>Fractions</h1>'
            f'<button onclick="activity()">Answer</button><script>{script}</script>{frames}</html>'
        )

    def _message(self, query: dict[str, list[str]]) -> str:
        """The id_token, posted by the browser to the tool (OIDC form_post)."""
        asked = {name: values[0] for name, values in query.items()}
        claims = self.host.platform.claims(asked["nonce"], **self.host.people[asked["login_hint"]])
        fields = {"state": asked["state"], "id_token": self.host.platform.sign(claims)}
        inputs = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
        action = escape(asked["redirect_uri"])
        return (
            f'<link rel="icon" href="data:,"><form method="post" action="{action}">{inputs}</form>'
            "<script>document.forms[0].submit()</script>"
        )

    def _send(self, text: str, kind: str = "text/html; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def hosting(tool_url: str) -> Iterator[Host]:
    class Handler(_Handler):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://localhost:{server.server_port}"
        platform = FakePlatform(issuer=url, client_id=f"client-{server.server_port}", auth_url=url + "/auth")
        Handler.host = Host(url, tool_url, platform)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Handler.host
        finally:
            server.shutdown()
            thread.join(timeout=10)
