"""Boot refuses what is unsafe, and says how to mend it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

from lti_tool import checks

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.trust("T69")


def found() -> set[str]:
    return {message.id for message in run_checks() if str(message.id).startswith("ilp.")}


def test_the_settings_of_the_tests_are_fine():
    assert found() == set()


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "ilp.E001"), ("django-insecure-" + "x1y2z" * 20, "ilp.E002"), ("changeme", "ilp.E002"),
     ("short", "ilp.E003"), ("a" * 80, "ilp.E003")],
)  # fmt: skip
def test_a_secret_key_that_is_missing_known_or_short(settings, key, code):
    settings.SECRET_KEY = key
    assert found() == {code}


def test_every_host_let_in(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert found() == {"ilp.E004"}


@pytest.mark.parametrize(
    ("url", "development", "code"),
    [("", True, "ilp.E005"), ("ilp.example.org", True, "ilp.E006"), ("ftp://ilp.example.org", True, "ilp.E006"),
     ("http://ilp.example.org", False, "ilp.E007"), ("https://ilp.example.org", True, "ilp.W001")],
)  # fmt: skip
def test_an_address_that_will_not_do(settings, url, development, code):
    settings.ILP_BASE_URL, settings.ILP_DEVELOPMENT = url, development
    assert code in found()


@pytest.mark.trust("T68")
@pytest.mark.parametrize(
    ("url", "development", "code"),
    [("files.example.org", True, "ilp.E011"), ("https://files.example.org/m", True, "ilp.E011"),
     ("http://files.example.org", False, "ilp.E012"), ("https://testserver:8443", True, "ilp.E013"),
     ("https://operator.testserver", True, "ilp.E013")],
)  # fmt: skip
def test_an_address_for_files_that_will_not_do(settings, url, development, code):
    settings.ILP_BASE_URL = "https://testserver"
    settings.ILP_MEDIA_URL, settings.ILP_DEVELOPMENT = url, development
    assert found() == {code}


@pytest.mark.trust("T68")
def test_files_from_the_host_of_the_pages_are_told_of_before_the_tool_is_let_out(settings):
    def told() -> set[str]:
        return {message.id for message in run_checks(include_deployment_checks=True)}

    assert "ilp.W002" in told()
    settings.ILP_MEDIA_URL = "https://files.example.org"
    assert "ilp.W002" not in told()


def test_debug_on(settings):
    settings.DEBUG = True
    assert found() == {"ilp.E008"}


def test_every_error_names_the_mend(settings):
    settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.ILP_BASE_URL, settings.DEBUG = "", ["*"], "", True
    messages = [message for message in run_checks() if str(message.id).startswith("ilp.")]
    assert len(messages) == 4
    assert all(message.hint for message in messages)
    assert checks.SHORTEST_SECRET >= 50


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_a_server_does_not_start_with_unsafe_settings(tmp_path, server):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lti_tool.settings", "ILP_ENV_FILE": os.devnull}
    environment |= {"ILP_VAR_DIR": str(tmp_path), "ILP_SECRET_KEY": "short", "ILP_ALLOWED_HOSTS": "*"}
    command = [sys.executable, "-c", f"import lti_tool.{server}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert {line.split(":")[0] for line in lines} == {"ilp.E003", "ilp.E004"}
    assert "Traceback" not in done.stderr.decode()


def test_an_earlier_key_that_is_still_let_in(settings):
    settings.SECRET_KEY_FALLBACKS = ["what it was before"]
    assert found() == {"ilp.W002"}
