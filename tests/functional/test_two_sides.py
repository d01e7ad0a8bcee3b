"""Block and tool over HTTP, beyond the panel: an author's choice in Studio, a review opened from the block."""

import json
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

import pytest

from ilp_xblock.workbench.visitor import Page, Visitor

from .demo import Demo


def person(demo: Demo, role: str) -> dict:
    people = demo.facts["courses"][0]["people"]
    return next(one for one in people if one["roles"][0].endswith(role))


def link(page: Page, holding: str) -> str:
    """The address of the link whose words hold these."""
    found = [a.get("href") for a in page.document.xpath("//a") if holding in a.text_content()]
    assert found, page.text[:2000]
    return str(found[0])


def as_person(url: str, sub: str) -> str:
    """The same address, opened as another person of the demo LMS."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"student": sub}
    return urlunsplit(parts._replace(query=urlencode(query)))


@pytest.mark.trust("T61")
def test_a_teacher_opens_a_students_review_from_the_block_and_nobody_else_does(demo: Demo) -> None:
    teacher, student = person(demo, "#Instructor"), person(demo, "#Learner")
    visitor = Visitor()
    listed = visitor.get(link(visitor.get(teacher["unit_url"]), "Open a student’s review"))
    assert listed.status == 200
    start = link(listed, student["name"])
    review = visitor.launch(start)
    assert review.status == 200
    assert review.url.startswith(demo.facts["tool"]["base_url"])
    assert student["name"] in review.text
    assert "review" in urlsplit(review.url).path

    other = Visitor()
    unit = other.get(student["unit_url"])
    assert "Open a student’s review" not in unit.text
    assert other.get(as_person(listed.url, student["sub"])).status == 403
    assert other.get(as_person(start, student["sub"])).status == 403


def test_an_author_chooses_in_studio_what_learners_then_see(demo: Demo) -> None:
    teacher, student = person(demo, "#Instructor"), person(demo, "#Learner")
    visitor = Visitor()
    studio = visitor.get(link(visitor.get(teacher["unit_url"]), "Studio"))
    handlers = next(
        given
        for given in (json.loads(script.text) for script in studio.document.find_class("xblock_json_init_args"))
        if "take" in given
    )
    picker = visitor.launch(link(studio, "Choose what to show"))
    assert picker.status == 200
    form = next(form for form in picker.document.forms if "what" in form.fields)
    answered = visitor.submit(form, {"what": "reviews", "go": "add"})
    answer = next(form for form in answered.document.forms if "JWT" in form.fields)
    kept = visitor.post(answer.action, data=answer.form_values(), headers={"Origin": "null"})
    assert kept.status == 200, kept.text
    again = visitor.post(answer.action, data=answer.form_values(), headers={"Origin": "null"})
    assert again.status == 400

    def send(url: str) -> dict:
        token = {"X-CSRFToken": visitor.cookie(studio.url, "csrftoken"), "Content-Type": "application/json"}
        page = visitor.post(urljoin(studio.url, url), data="{}", headers=token)
        assert page.status == 200, page.text
        return json.loads(page.text)

    taken = send(handlers["take"])
    try:
        assert taken["taken"] is True
        assert taken["title"]
        assert taken["title"] in visitor.get(studio.url).text
        panel = Visitor().launch(student["launch_url"])
        assert panel.status == 200
        assert panel.url.startswith(demo.facts["tool"]["base_url"])
    finally:
        assert send(handlers["clear"])["title"] == ""
