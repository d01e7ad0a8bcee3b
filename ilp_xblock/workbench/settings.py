"""The xblock-sdk workbench as a small LMS: its settings plus our course, gradebook and LTI platform.

Every setting comes from the environment or from `ILP_LMS_ENV_FILE` (default `var/ilp-lms.env`); the
environment wins. The workbench's own settings are for a developer's machine, and so is this LMS.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from workbench.settings import *  # noqa: F403 the workbench is extended, as its documentation shows

PACKAGE = Path(__file__).resolve().parent.parent


def _read_env_file() -> None:
    path = Path(os.environ.get("ILP_LMS_ENV_FILE", "var/ilp-lms.env"))
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, found, value = line.partition("=")
            if found and not name.lstrip().startswith("#"):
                os.environ.setdefault(name.strip(), value.strip())


_read_env_file()

VAR = Path(os.environ.get("ILP_VAR_DIR", "var")).resolve()
DEBUG = False
# Without a secret of its own the LMS still runs, on this machine only: tests, `help`, `check`.
SECRET_KEY = os.environ.get("ILP_LMS_SECRET_KEY") or "only-for-a-workbench-on-this-machine-0123456789abcdef"

# The issuer is the LMS's own address: discovery lives on the same host (Dynamic Registration 1.0, 3.1).
ILP_LTI_ISSUER = os.environ.get("ILP_LTI_ISSUER", "http://localhost:8010").rstrip("/")
# Development only: the platform may then speak plain http, and to tools on loopback addresses.
ILP_DEVELOPMENT = True
ILP_LTI_PORTS = {
    "grades": "ilp_xblock.workbench.gradebook.WorkbenchGrades",
    "roster": "ilp_xblock.workbench.gradebook.WorkbenchRoster",
    "courses": "ilp_xblock.workbench.courses.WorkbenchCourses",
    "current_user": "ilp_xblock.workbench.people.WorkbenchUser",
    "groups": "ilp_xblock.workbench.groups.WorkbenchGroups",
}
ILP_LTI_RATE_LIMITS = dict.fromkeys(("register", "token", "launch", "auth", "content", "services"), 0)
ALLOWED_HOSTS = [urlsplit(ILP_LTI_ISSUER).hostname or "localhost", "localhost", "127.0.0.1"]

INSTALLED_APPS = [*INSTALLED_APPS, "ilp_xblock", "ilp_xblock.workbench"]  # noqa: F405
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ilp_xblock.workbench.people.OpenedAs",
]
ROOT_URLCONF = "ilp_xblock.workbench.urls"
WSGI_APPLICATION = "ilp_xblock.workbench.wsgi.application"
WORKBENCH = {
    "reset_state_on_restart": False,
    "services": {
        "fs": "xblock.reference.plugins.FSService",
        "settings": "workbench.services.SettingsService",
        "user": "ilp_xblock.workbench.runtime.PersonService",
        "gradebook": "ilp_xblock.workbench.runtime.GradebookService",
    },
}
TEMPLATES[0]["OPTIONS"]["debug"] = False  # noqa: F405

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("ILP_LMS_DATABASE_URL") or f"sqlite:///{VAR / 'ilp-lms.sqlite3'}", conn_max_age=600
    )
}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    import pymysql

    pymysql.install_as_MySQLdb()  # pure Python, in place of mysqlclient
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        timeout=20,
        transaction_mode="IMMEDIATE",
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    )
DJFS = {"type": "osfs", "directory_root": str(VAR / "djpyfs"), "url_root": "/static/djpyfs"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية"), ("cy", "Cymraeg"), ("es", "Español"), ("mi", "Te reo Māori")]
LOCALE_PATHS = [PACKAGE / "translations"]
USE_TZ = True
TIME_ZONE = os.environ.get("ILP_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "public"]
WHITENOISE_USE_FINDERS = True  # no collectstatic for a workbench
WHITENOISE_AUTOREFRESH = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_NAME = "ilp_lms_session"  # cookies are shared by the ports of one host
CSRF_COOKIE_NAME = "csrftoken"  # the workbench's script reads this name
SILENCED_SYSTEM_CHECKS = ["admin.E404", "fields.W342"]

# The workbench logs who did what and every grade; an LMS of learners does not (T76).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("ILP_LOG_LEVEL", "INFO")},
    "loggers": {"workbench": {"level": "WARNING"}, "xblock": {"level": "WARNING"}},
}
