"""What an installation holds: built and installed away from the checkout, as a school's server would."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EACH_PACKAGE_HOLDS = [
    "lti_tool/static/ilp/base.css",
    "lti_tool/static/ilp/ilp.js",
    "lti_tool/web/templates/ilp/student.html",
    "lti_tool/locale/ar/LC_MESSAGES/django.mo",
    "lti_tool/plans/migrations/0001_initial.py",
    "ilp_xblock/public/ilp/xblock.css",
    "ilp_xblock/public/ilp/xblock.js",
    "ilp_xblock/translations/ar/LC_MESSAGES/text.mo",
    "ilp_xblock/migrations/0001_initial.py",
]


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A source distribution of the checkout and, from that alone, a wheel."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    return out


def test_the_wheel_made_from_the_source_distribution_holds_both_packages_whole(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert [name for name in EACH_PACKAGE_HOLDS if name not in names] == []
    assert [name for name in names if name.startswith(("tests/", "static/", "translations/"))] == []


def test_an_installed_wheel_finds_its_assets_outside_the_checkout(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    _run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)

    missing = _run(
        python,
        "-I",
        "-c",
        "import importlib.util, pathlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    package, _, rest = name.partition('/')\n"
        "    root = pathlib.Path(importlib.util.find_spec(package).origin).parent\n"
        "    assert 'site-packages' in str(root), root\n"
        "    if not (root / rest).is_file(): print(name)\n",
        *EACH_PACKAGE_HOLDS,
        cwd=tmp_path,
    )

    assert missing == ""


def test_an_lms_that_installs_the_xblock_gets_neither_celery_nor_pylti1p3(built):
    (wheel,) = built.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    wanted = [
        line.lower()
        for line in archive.read(metadata).decode().splitlines()
        if line.startswith("Requires-Dist:") and ("extra" not in line or 'extra == "xblock"' in line)
    ]

    assert wanted
    assert [line for line in wanted if "celery" in line or "pylti1p3" in line] == []
