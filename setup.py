"""Build script: one distribution, two packages that meet over LTI 1.3 only.

Assets shared by both packages live at the top level and reach each package through a relative
symlink, so `package_data` is found by a walk that follows links (measured: a `package_dir`
mapping would break the editable install).
"""

import os
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def package_data(package: str, *folders: str) -> list[str]:
    """Every file below the package's folders, relative to the package, links followed."""
    root = HERE / package
    found = []
    for folder in folders:
        for path, _, names in os.walk(root / folder, followlinks=True):
            found += [
                str((Path(path) / name).relative_to(root)) for name in names if not name.endswith((".py", ".pyc"))
            ]
    return sorted(found)


XBLOCK = [
    "Django>=5.2,<5.3",
    "XBlock>=6.1,<7",
    "lti1p3platform==0.1.8",
    "setuptools<81",  # lti1p3platform imports pkg_resources, which newer setuptools dropped
    "PyJWT[crypto]>=2.10,<3",
    "cryptography>=43",
    "pydantic>=2.9,<3",
    "requests>=2.32,<3",
    "web-fragments>=2",
]
TOOL = [
    "Django>=5.2,<5.3",
    "PyLTI1p3==2.0.0",
    "PyYAML>=6,<7",
    "celery>=5.4,<6",
    "PyJWT[crypto]>=2.10,<3",
    "cryptography>=43",
    "pydantic>=2.9,<3",
    "aiohttp>=3.12,<4",
    "django-csp>=4.0,<5",
    "django-htmx>=1.29,<2",
    "django-otp>=1.6,<2",
    "av>=14",  # packs recordings anew
    "pikepdf>=9",  # writes papers anew
    "pillow>=11.3",  # draws pictures anew
    "pillow-heif>=0.21",
    "gunicorn>=23",
    "pygal>=3.1,<4",
    "whitenoise[brotli]>=6.8,<7",
    "dj-database-url>=3,<4",
]
GROWN = ["psycopg[binary]>=3.2,<4", "redis>=5.2"]
WORKBENCH = [
    "xblock-sdk>=0.14,<0.16",
    "openedx-django-pyfs>=4,<5",
    "lazy>=1.6",  # the workbench imports it without asking for it
    "gunicorn>=23",
    "whitenoise[brotli]>=6.8,<7",
    "dj-database-url>=3,<4",
]
DEV = [
    "pytest>=8.3",
    "pytest-django>=4.9",
    "pytest-xdist>=3.6",
    "pytest-timeout>=2.3",
    "pytest-httpserver>=1.1",
    "hypothesis>=6.115",
    "jsonschema>=4.23",
    "babel>=2.16",  # reads the catalogues
    "factory-boy>=3.3",
    "time-machine>=2.16",
    "playwright>=1.49",
    "axe-playwright-python>=0.1.4",
    "pypdf>=5",  # reads what a page is as paper
    "lti-consumer-xblock>=11.4,<12",
    "import-linter>=2.1",
    "ruff>=0.8",
    "mypy>=1.13",
    "django-stubs[compatible-mypy]>=5.1",
    "types-PyYAML",
    "types-requests",
    "pre-commit>=4",
    "PyMySQL>=1.1",
    "build>=1.2",
    "uv>=0.5",
    "pip-audit>=2.7",
    "cyclonedx-bom>=5",
]

setup(
    name="ilp-panel",
    version="0.1.0",
    description="Individual Learning Plans inside the LMS: an LTI 1.3 tool and an Open edX XBlock",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["lti_tool*", "ilp_xblock*"]),
    package_data={
        "lti_tool": package_data(
            "lti_tool", "static", "locale", "web/templates", "lti/templates", "plans/frameworks/built_in"
        ),
        "ilp_xblock": package_data("ilp_xblock", "public", "translations", "templates", "workbench/templates"),
    },
    install_requires=[],
    extras_require={
        "tool": TOOL,
        "xblock": XBLOCK,
        "grown": GROWN,
        "workbench": XBLOCK + WORKBENCH,
        "dev": TOOL + XBLOCK + GROWN + WORKBENCH + DEV,
    },
    entry_points={
        "console_scripts": [
            "ilp-tool = lti_tool.__main__:main",
            "ilp-lms = ilp_xblock.workbench.__main__:main",
        ],
        "xblock.v1": ["ilp = ilp_xblock.block:ILPBlock"],
        "lms.djangoapp": ["ilp_xblock = ilp_xblock.apps:ILPXBlockConfig"],
        "cms.djangoapp": ["ilp_xblock = ilp_xblock.apps:ILPXBlockConfig"],
    },
    classifiers=[
        "Framework :: Django :: 5.2",
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
    ],
)
