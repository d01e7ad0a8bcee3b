"""The whole loop between two real processes that speak LTI 1.3 over HTTP."""

import os
import signal
import stat
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from lxml.html import document_fromstring

from ilp_xblock.workbench.check import Panel
from ilp_xblock.workbench.visitor import Visitor

from .demo import Demo


@pytest.mark.requirement("001.11")
def test_the_check_walks_the_whole_loop_and_says_what_it_saw(demo: Demo) -> None:
    for _ in range(2):  # it may be repeated
        walked = demo.command("ilp_xblock.workbench", "demo_check")
        assert walked.returncode == 0, walked.stderr
        assert walked.stdout.count("\n") == 1
        assert "out of" in walked.stdout
        assert "closed the review" in walked.stdout
        assert "chose “Progress reviews” at the tool, and the block showed it" in walked.stdout


def test_the_demo_file_has_exactly_the_promised_shape(demo: Demo) -> None:
    facts = demo.facts
    assert list(facts) == ["tool", "lms", "courses"]
    assert list(facts["tool"]) == ["base_url", "jwks_url", "login_url", "launch_url", "registration_url"]
    assert list(facts["lms"]) == [
        "issuer",
        "openid_configuration_url",
        "client_id",
        "deployment_id",
        "auth_url",
        "token_url",
        "jwks_url",
    ]
    assert len(facts["courses"]) == 2
    for course in facts["courses"]:
        assert list(course) == ["id", "title", "url", "lineitems_url", "memberships_url", "activities", "people"]
        for activity in course["activities"]:
            assert list(activity) == ["id", "label", "score_maximum", "url"]
        for person in course["people"]:
            assert list(person) == ["name", "sub", "roles", "unit_url", "launch_url", "scores"]
    for url in (facts["tool"]["jwks_url"], facts["lms"]["jwks_url"], facts["lms"]["openid_configuration_url"]):
        assert requests.get(url, timeout=10).status_code == 200
    assert len(requests.get(facts["tool"]["jwks_url"], timeout=10).json()["keys"]) >= 2


def test_the_second_course_has_no_panel_but_can_launch(demo: Demo) -> None:
    course = demo.facts["courses"][1]
    learner = next(p for p in course["people"] if p["roles"][0].endswith("#Learner"))
    assert "ilp-panel" not in requests.get(learner["unit_url"], timeout=10).text
    page = Visitor().launch(learner["launch_url"])
    assert page.status == 200
    assert page.url.startswith(demo.facts["tool"]["base_url"])


def test_a_plain_client_that_was_never_here_can_start_a_launch(demo: Demo) -> None:
    person = demo.facts["courses"][0]["people"][-1]
    session = requests.Session()
    login = session.get(person["launch_url"], timeout=10, allow_redirects=False)
    assert login.status_code == 302
    assert login.headers["location"].startswith(demo.facts["tool"]["login_url"])
    hinted = parse_qs(urlsplit(login.headers["location"]).query)
    assert hinted["login_hint"] == [person["sub"]]
    answer = session.get(
        requests.get(login.headers["location"], timeout=10, allow_redirects=False).headers["location"]
    )
    form = document_fromstring(answer.text).forms[0]
    assert {"id_token", "state"} <= set(form.fields.keys())


def test_any_other_tool_can_be_registered_and_launched(demo: Demo) -> None:
    registered = demo.command(
        "ilp_xblock.workbench",
        "register_tool",
        "--name=Another tool",
        "--login-url=http://127.0.0.1:9/login",
        "--launch-url=http://127.0.0.1:9/launch",
        "--redirect-uri=http://127.0.0.1:9/launch",
        "--jwks-url=http://127.0.0.1:9/jwks",
    )
    assert registered.returncode == 0, registered.stderr
    import json

    told = json.loads(registered.stdout)
    person = demo.facts["courses"][0]["people"][0]
    session = requests.Session()
    url = f"{person['launch_url']}&client_id={told['client_id']}"
    login = session.get(url, timeout=10, allow_redirects=False)
    assert login.headers["location"].startswith("http://127.0.0.1:9/login?")
    assert parse_qs(urlsplit(login.headers["location"]).query)["client_id"] == [told["client_id"]]


def test_the_commands_work_beside_the_running_demo(demo: Demo) -> None:
    link = demo.command("lti_tool", "registration_link")
    assert link.returncode == 0, link.stderr
    assert link.stdout.strip().startswith(demo.facts["tool"]["base_url"] + "/lti/register/")
    assert link.stdout.count("\n") == 1


@pytest.mark.trust("T76")
def test_files_with_secrets_are_their_owners_alone(demo: Demo) -> None:
    for name in ("ilp-tool.env", "ilp-lms.env", "demo.json", "demo-connection.json"):
        assert stat.S_IMODE((demo.var / name).stat().st_mode) == 0o600, name


@pytest.mark.trust("T3")
def test_the_tool_may_restart_between_login_and_launch(demo: Demo) -> None:
    person = demo.facts["courses"][0]["people"][3]
    visitor = Visitor()
    page = visitor.get(person["launch_url"])
    form = next(f for f in page.document.forms if "id_token" in f.fields)
    (tool,) = demo.parts("lti_tool.wsgi")
    before = _children(tool)
    os.kill(tool, signal.SIGHUP)  # gunicorn starts new workers and ends the old: nothing kept in memory survives
    _until(lambda: _children(tool) and not before & _children(tool))
    launched = visitor.post(form.action, data=form.form_values(), headers={"Origin": "null"})
    assert launched.status == 200
    assert "My targets" in launched.text


def test_a_silent_lms_is_a_sentence_on_the_teachers_panel_and_mends_itself(demo: Demo) -> None:
    teacher = next(p for p in demo.facts["courses"][0]["people"] if p["roles"][0].endswith("#Instructor"))
    panel = Panel.opened(teacher)
    (lms,) = demo.parts("ilp_xblock.workbench.wsgi")
    os.killpg(lms, signal.SIGSTOP)
    try:
        panel.wait_until(lambda live: "could not be read" in live.text_content(), 60, "that scores could not be read")
    finally:
        os.killpg(lms, signal.SIGCONT)
    panel.wait_until(lambda live: "could not be read" not in live.text_content(), 90, "that scores can be read again")


@pytest.mark.trust("T76")
def test_after_all_that_no_log_names_anybody(demo: Demo) -> None:
    facts = demo.facts
    names = {part for course in facts["courses"] for p in course["people"] for part in (p["name"], p["sub"])}
    secrets = [
        line.partition("=")[2]
        for name in ("ilp-tool.env", "ilp-lms.env")
        for line in (demo.var / name).read_text().splitlines()
        if "SECRET" in line
    ]
    logs = "".join(path.read_text(errors="replace") for path in (demo.var / "log").iterdir())
    words = {*names, *secrets, "Talked through together", "id_token", "access_token", "client_assertion"}
    assert [word for word in words if word in logs] == []


def _children(pid: int) -> set[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return {int(child) for child in children.read().split()}


def _until(true, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
