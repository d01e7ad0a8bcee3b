"""The rules of the house, enforced."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for top in ("lti_tool", "ilp_xblock") for p in (ROOT / top).rglob("*.py"))


def test_the_import_rules_are_kept():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout


def test_the_top_level_holds_only_what_the_layout_allows():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.split("/")[0] for line in tracked.splitlines() if "/" in line}

    assert {f for f in folders if not f.startswith(".")} <= {
        "ilp_xblock", "lti_tool", "static", "translations", "tests",
    }  # fmt: skip


def test_importing_the_packages_needs_nothing_installed():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import lti_tool, ilp_xblock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_domain_knows_no_request_and_no_page():
    """import-linter cannot name a module inside an external package."""
    names = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "lti_tool" / "plans").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.startswith(("django.http", "django.views", "django.shortcuts", "django.urls"))
    }

    assert names == set()


def test_no_module_is_a_grab_bag():
    assert [p for p in SOURCES if p.stem in {"utils", "helpers", "common", "misc", "manager"}] == []


@pytest.mark.trust("T69")
def test_the_repository_holds_no_secret():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    secret = re.compile(
        r"-----BEGIN (RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/]{20}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}"
    )
    found = [
        name
        for name in tracked.splitlines()
        if (ROOT / name).is_file() and secret.search((ROOT / name).read_bytes().decode("utf-8", "ignore"))
    ]

    assert found == []


@pytest.mark.trust("T25")
def test_no_code_outside_the_domains_own_writes_a_judgement():
    writers = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"create", "bulk_create", "update_or_create", "get_or_create"}
        and "Judgement" in ast.dump(node.func)
    ]

    assert all(name.startswith("lti_tool/plans/") for name in writers)
