"""The tool meets a platform that none of us wrote: Open edX's generic LTI consumer, over HTTP.

What it does otherwise than most, and the tool must live with: JWKs without `alg` and `use`, no scope `lineitem` where
the platform keeps the one column itself, zero as a result, timestamps that must rise, `user_id` of results passed
over, "1" as every deployment's id, hints that are checked by nobody.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ilp_xblock.workbench.check import Panel
from ilp_xblock.workbench.visitor import Page, Visitor
from tests.functional.consumer import running, school
from tests.functional.consumer.running import Pair

READ_WITHIN = 60.0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    place: Path = tmp_path_factory.mktemp("consumer")
    with running.running(place, "declarative") as started:
        yield started


def opened(pair: Pair, username: str) -> Panel:
    visitor = Visitor()
    page = visitor.launch(f"{pair.consumer}/open/{username}")
    assert page.status == 200, page.text[:2000]
    return Panel(username, visitor, None, page)


def picker(pair: Pair, username: str) -> tuple[Visitor, Page]:
    visitor = Visitor()
    return visitor, visitor.launch(f"{pair.consumer}/open/{username}?choose")


def held(pair: Pair) -> dict[str, Any]:
    return requests.get(f"{pair.consumer}/held", timeout=10).json()


def test_its_keys_name_neither_algorithm_nor_use_and_launches_hold(pair: Pair) -> None:
    visitor = Visitor()
    page = visitor.get(f"{pair.consumer}/open/ada")
    form = next(f for f in page.document.forms if "id_token" in f.fields)
    keyset = requests.get(_keyset(pair), timeout=10).json()
    assert all("alg" not in key or "use" not in key for key in keyset["keys"])
    first = visitor.post(form.action, data=form.form_values(), headers={"Origin": "null"})
    assert first.status == 200
    assert first.url.startswith(pair.tool)
    again = visitor.post(form.action, data=form.form_values(), headers={"Origin": "null"})
    assert again.status in (400, 401, 403, 409)  # the consumer would take its hint again; we do not


def test_a_teacher_sees_the_class_that_its_roster_gives(pair: Pair) -> None:
    panel = opened(pair, "tina")
    panel.wait_until(lambda live: "Scores read" in live.text_content(), READ_WITHIN, "that scores were read")
    text = opened(pair, "tina").page.document.text_content()
    for username in ("ada", "ben", "cleo"):
        assert school.PEOPLE[username] in text


def test_a_learner_sees_a_panel_of_their_own(pair: Pair) -> None:
    text = opened(pair, "ada").page.document.text_content()
    assert school.PEOPLE["ben"] not in text


def test_its_one_column_and_its_results_are_evidence_zero_among_them(pair: Pair) -> None:
    opened(pair, "tina")
    wanted = {"rows": len(school.MARKS), "sum": sum(school.MARKS.values())}
    end = time.monotonic() + READ_WITHIN
    while (found := evidence(pair)) != wanted:
        assert time.monotonic() < end, found


def test_a_teacher_places_the_panel_in_its_studio_and_learners_launch_it(pair: Pair) -> None:
    visitor, page = picker(pair, "tina")
    assert page.status == 200, page.text[:2000]
    form = next(f for f in page.document.forms if "what" in f.fields)
    placed = visitor.submit(form, {"what": "panel", "go": "add"})
    answer = next(f for f in placed.document.forms if "JWT" in f.fields)
    assert answer.action.startswith(pair.consumer)
    saved = visitor.post(answer.action, data=answer.form_values(), headers={"Origin": "null"})
    assert saved.status == 200, saved.text
    (chosen,) = held(pair)["chosen"]
    assert chosen["url"] == f"{pair.tool}/lti/launch"
    assert chosen["custom"]["ilp_view"] == "panel"
    assert opened(pair, "ada").page.status == 200


def test_scores_of_one_second_are_sent_with_rising_times(pair: Pair) -> None:
    opened(pair, "tina")
    cleo = school.sub_of("cleo")
    said = pair.run("shell", "-v0", feed=SEND.replace("PERSON", cleo))
    assert said.splitlines()[-1] == "taken taken taken"  # the consumer answers 400 to a time that does not rise
    assert held(pair)["scores"][cleo] == 0.0


SEND = """
import asyncio
from lti_tool.http import Outbound
from lti_tool.lti.models import Context
from lti_tool.lti.services import course, scores
from lti_tool.lti.services.connector import Connector

async def send(services):
    async with Outbound() as out:
        connector = Connector(out, services, services.granted_of(course.SCORE))
        item = f"{services.lineitems_url}/1"
        said = []
        for mark in (4.0, 6.5, 0.0):
            score = scores.Score(
                user_id="PERSON", activity_progress="Completed", grading_progress="FullyGraded",
                score_given=mark, score_maximum=10.0,
            )
            said.append(await scores.post(connector, item, score))
        print(*said)

asyncio.run(send(course.course_services(Context.objects.get().course_id)))
"""


def test_a_learner_places_nothing(pair: Pair) -> None:
    visitor = Visitor()
    page = visitor.get(f"{pair.consumer}/open/ada?choose")
    assert not any("id_token" in form.fields for form in page.document.forms)  # the consumer refuses by itself


COLUMNS = """
import asyncio
from lti_tool.http import Outbound
from lti_tool.lti.models import Context
from lti_tool.lti.services import columns, course
from lti_tool.lti.services.connector import Connector

async def manage(services):
    async with Outbound() as out:
        connector = Connector(out, services, services.granted_of(course.LINE_ITEMS))
        wanted = columns.Column(label="Review of " + "spring " * 30, score_maximum=4, resource_id="ilp-1", tag="ilp")
        made = await columns.ensure(connector, wanted)
        again = await columns.ensure(connector, wanted)
        await columns.update(connector, made["id"], columns.ColumnChange(label="Review of spring"))
        whole = await columns.read(connector, made["id"])
        gone = await columns.delete(connector, made["id"])
        print(made["id"] == again["id"], whole["label"], whole["resourceId"], gone, sep="|")

asyncio.run(manage(course.course_services(Context.objects.get().course_id)))
"""


def test_own_columns_are_made_once_and_changed_where_it_lets_tools_manage_them(tmp_path: Path) -> None:
    with running.running(tmp_path, "programmatic") as pair:
        opened(pair, "tina")
        said = pair.run("shell", "-v0", feed=COLUMNS).splitlines()[-1]
    assert said == "True|Review of spring|ilp-1|False"  # it lets no tool take a column away


def evidence(pair: Pair) -> dict[str, Any]:
    """What the tool's database holds, asked of its own door."""
    script = (
        "import json; from lti_tool.plans import api; ((school, _),) = api.schools(); "
        "rows, total = api.evidence_total(school); print(json.dumps({'rows': rows, 'sum': total}))"
    )
    return json.loads(pair.run("shell", "-v0", "-c", script).splitlines()[-1])


def _keyset(pair: Pair) -> str:
    script = (
        "from lti_consumer.models import Lti1p3Passport as P; "
        "print(f'/api/lti_consumer/v1/public_keysets/{P.objects.get().passport_id}')"
    )
    return pair.consumer + pair.run("shell", "-v0", "-c", script, consumer=True).splitlines()[-1]
