"""The tool's settings for tests: an in-memory SQLite unless DATABASE_URL names another."""

import os
import tempfile

os.environ.setdefault("ILP_ENV_FILE", os.devnull)
if "PYTEST_XDIST_WORKER" in os.environ:  # files of its own, not those of the process that started it
    os.environ["ILP_VAR_DIR"] = tempfile.mkdtemp(prefix="ilp-test-")
os.environ.setdefault("ILP_VAR_DIR", tempfile.mkdtemp(prefix="ilp-test-"))
os.environ.setdefault("ILP_SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ.setdefault("ILP_BASE_URL", "http://testserver")
os.environ.setdefault("ILP_DEVELOPMENT", "1")
os.environ.setdefault("ILP_BROKER_URL", "memory://")
os.environ.setdefault("ILP_OPERATOR_HOST", "operator.testserver")

from lti_tool.settings import *  # noqa: F403

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 (WhiteNoise warns where there is none)
