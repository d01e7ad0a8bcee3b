"""A browser without a window: what the launcher and `demo_check` visit the LMS and the tool with.

It keeps the tool's `__Host-...; Secure; Partitioned` cookies over plain http on loopback, as browsers do there and
Python's own cookie jars do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import requests
from lxml.html import FormElement, HtmlElement, document_fromstring

MAX_HOPS = 10


class Unvisitable(Exception):
    """A page could not be had. The message says which and why, for a person."""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    text: str
    headers: Mapping[str, str]

    @cached_property
    def document(self) -> HtmlElement:
        """The page as a tree, its links absolute."""
        tree = document_fromstring(self.text or "<html></html>", base_url=self.url)
        tree.make_links_absolute(self.url)
        return tree

    def form(self, action_end: str) -> FormElement | None:
        """The first form whose address ends so, queries aside."""
        return next((f for f in self.document.forms if urlsplit(f.action or "").path.endswith(action_end)), None)


class Visitor:
    """One browser with its cookies, by host: the ports of one host share them."""

    def __init__(self, *, timeout: float = 15) -> None:
        self.cookies: dict[str, dict[str, str]] = {}
        self.timeout = timeout

    def get(self, url: str, **options: object) -> Page:
        return self._visit("GET", url, **options)

    def post(self, url: str, **options: object) -> Page:
        return self._visit("POST", url, **options)

    def launch(self, url: str) -> Page:
        """Follow an LTI launch from its start in the LMS to the tool's page."""
        page = self.get(url)
        form = next((f for f in page.document.forms if "id_token" in f.fields), None)
        if form is None:
            raise Unvisitable(f"{_shown(page.url)} answered {page.status} instead of a launch")
        return self.post(form.action, data=form.form_values(), headers={"Origin": "null"})

    def submit(self, form: FormElement, changes: Mapping[str, str] | None = None) -> Page:
        """Send a form as its page holds it, with some fields filled in otherwise."""
        changes = dict(changes or {})
        kept = [(name, value) for name, value in form.form_values() if name not in changes]
        return self.post(form.action or form.base_url, data=[*kept, *changes.items()])

    def cookie(self, url: str, name: str) -> str:
        return self.cookies.get(urlsplit(url).hostname or "", {}).get(name, "")

    def _visit(self, method: str, url: str, **options: object) -> Page:
        for _hop in range(MAX_HOPS):
            response = self._request(method, url, **options)
            if response.status_code not in {301, 302, 303, 307, 308} or "location" not in response.headers:
                return Page(url, response.status_code, response.text, response.headers)
            url = urljoin(url, response.headers["location"])
            if response.status_code in {301, 302, 303}:
                method, options = "GET", {}
        raise Unvisitable(f"{_shown(url)} redirects without end")

    def _request(self, method: str, url: str, **options: object) -> requests.Response:
        host = urlsplit(url).hostname or ""
        jar = self.cookies.setdefault(host, {})
        headers = dict(options.pop("headers", None) or {})
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        try:
            response = requests.request(
                method, url, headers=headers, allow_redirects=False, timeout=self.timeout, **options
            )
        except requests.RequestException as error:
            raise Unvisitable(f"{_shown(url)} does not answer ({type(error).__name__})") from error
        for line in response.raw.headers.getlist("set-cookie"):
            pair, _, attributes = line.partition(";")
            name, _, value = pair.strip().partition("=")
            if "max-age=0" in attributes.lower().replace(" ", ""):
                jar.pop(name, None)
            else:
                jar[name] = value.strip('"')
        return response


def _shown(url: str) -> str:
    """An address without its query: tokens and ids of people stand there."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
