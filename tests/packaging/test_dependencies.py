"""T75: every dependency locked by hash, a bill of materials, and a gate that an expired advisory does not pass."""

import importlib.util
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from importlib.metadata import requires
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = ROOT / ".ci" / "requirements.txt"
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, tuple[Version, int]]:
    """Version and number of hashes by name."""
    entries = re.split(r"\n(?=[a-zA-Z0-9])", LOCK.read_text())
    found = {}
    for entry in entries:
        match = re.match(r"([a-zA-Z0-9._-]+)==([^ ;\\]+)", entry)
        assert match, entry[:80]
        found[match.group(1).lower()] = (Version(match.group(2)), entry.count("--hash=sha256:"))
    return found


@pytest.mark.trust("T75")
def test_every_locked_package_has_hashes_and_every_requirement_is_locked() -> None:
    versions = locked()
    assert all(hashes for _, hashes in versions.values())
    told = subprocess.run(
        [sys.executable, "-c", "import setuptools; setuptools.setup = lambda **k: print(__import__('json')."
         "dumps(k['extras_require'])); import runpy; runpy.run_path('setup.py')"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    extras = json.loads(told.stdout)
    for text in (*extras["tool"], *extras["grown"]):
        wanted = Requirement(text)
        assert versions[wanted.name.lower()][0] in wanted.specifier, text


def wanted_by(requirement: Requirement) -> set[str]:
    """The packages that must be there for this one, and theirs in turn."""
    found: set[str] = set()
    left = [requirement]
    while left:
        one = left.pop()
        name = canonicalize_name(one.name)
        extras = one.extras or {""}
        if name in found and not one.extras:
            continue
        found.add(name)
        for text in requires(name) or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                left.append(needed)
    return found


@pytest.mark.trust("T75")
def test_what_our_dependencies_depend_on_is_locked_too() -> None:
    versions = {canonicalize_name(name): version for name, version in locked().items()}
    asked = ["Django", "celery", "aiohttp", "gunicorn", "pydantic", "cryptography"]
    needed = set().union(*(wanted_by(Requirement(name)) for name in asked))
    assert {"sqlparse", "kombu", "multidict", "annotated-types", "cffi"} <= needed, "the walk goes down"
    assert needed <= versions.keys()


@pytest.mark.trust("T77")
def test_nothing_that_reports_errors_or_use_to_others_is_among_what_is_installed() -> None:
    reporters = (
        "sentry",
        "raven",
        "rollbar",
        "newrelic",
        "ddtrace",
        "datadog",
        "opentelemetry",
        "bugsnag",
        "posthog",
    )
    assert not [name for name in locked() if name.startswith(reporters)]
    assert not [name for name in dir(settings) if name.lower().startswith(reporters)]


@pytest.mark.trust("T75")
def test_the_gate_stands_in_the_way_of_every_change_and_the_days_to_mend_are_told() -> None:
    gate = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "set -euo pipefail" in gate
    assert "make audit" in gate
    told = (ROOT / "SECURITY.md").read_text()
    assert "within 7 days" in told
    assert "within 30 days otherwise" in told


def report(**advisory: object) -> dict:
    weak = {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"], **advisory}
    return {"dependencies": [{"name": "example", "version": "1.0", "vulns": [weak]}]}


def accepted(**changes: object) -> list[dict]:
    return [{"id": "PYSEC-1", "reason": "not used", "until": TODAY + timedelta(days=9), **changes}]


@pytest.mark.trust("T75")
def test_a_known_weakness_fails_the_gate(audit: ModuleType) -> None:
    assert audit.troubles(report(), [], TODAY) == ["example 1.0: PYSEC-1, fixed in 2.0"]


@pytest.mark.trust("T75")
def test_an_accepted_weakness_passes_until_its_day_and_not_after(audit: ModuleType) -> None:
    assert audit.troubles(report(), accepted(), TODAY) == []
    assert audit.troubles(report(), accepted(id="CVE-2026-1"), TODAY) == []
    assert audit.troubles(report(), accepted(until=TODAY), TODAY) == []
    (line,) = audit.troubles(report(), accepted(until=TODAY - timedelta(days=1)), TODAY)
    assert "accepted until 2026-11-20 only" in line


@pytest.mark.trust("T75")
def test_nothing_is_accepted_without_a_reason_or_for_ever(audit: ModuleType) -> None:
    assert audit.troubles({"dependencies": []}, accepted(reason=" "), TODAY)
    assert audit.troubles({"dependencies": []}, accepted(until=TODAY + timedelta(days=400)), TODAY)


@pytest.mark.trust("T75")
@pytest.mark.parametrize("said", [None, {"dependencies": [{"name": "example", "skip_reason": "offline"}]}])
def test_a_gate_that_cannot_ask_says_so_and_a_release_does_not_pass(
    audit: ModuleType, said: dict | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(audit, "read", lambda requirements: said)
    monkeypatch.delenv("ILP_AUDIT_STRICT", raising=False)
    assert audit.main() == 0
    assert "could not be asked" in capsys.readouterr().out
    monkeypatch.setenv("ILP_AUDIT_STRICT", "1")
    assert audit.main() == 1


@pytest.mark.trust("T75")
def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "requirements",
        str(LOCK),
        "--output-reproducible",
        "--of",
        "JSON",
    ]
    subprocess.run([*command, "-o", str(bill)], check=True, capture_output=True, timeout=120)
    named = {component["name"].lower() for component in json.loads(bill.read_text())["components"]}
    assert set(locked()) <= named
