"""What must happen once happens once, however many ask at the same moment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("races")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ILP_VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/races.sqlite3",
    }
    command = [sys.executable, "-m", "tests.lti_tool.lti.racing"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.trust("T69")
def test_processes_that_start_at_once_make_one_pair_of_keys_together(outcome):
    assert outcome["key_sets"] == [2] * 6
    assert outcome["keys"] == 2


@pytest.mark.trust("T60")
def test_one_message_sent_six_times_at_once_opens_one_session(outcome):
    assert outcome["replays"] == [303] + [400] * 5
    assert outcome["sessions_of_one_message"] == 1


def test_the_first_six_launches_of_one_new_person_in_one_new_course_make_one_of_each(outcome):
    assert outcome["firsts"] == [303] * 6
    assert outcome["new_users"] == 1
    assert outcome["new_contexts"] == 1


def test_a_registration_link_used_six_times_at_once_works_once(outcome):
    assert outcome["taken"] == 1
