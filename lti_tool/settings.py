"""Every setting comes from the environment; `checks.py` says in plain words what is missing or unsafe.

A file of `NAME=value` lines may hold them: `ILP_ENV_FILE`, or `var/ilp-tool.env` in the working directory.
The environment wins over the file.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE
from django.conf.locale import LANG_INFO

PACKAGE = Path(__file__).resolve().parent


def _read_env_file() -> None:
    path = Path(os.environ.get("ILP_ENV_FILE", "var/ilp-tool.env"))
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, found, value = line.partition("=")
            if found and not name.lstrip().startswith("#"):
                os.environ.setdefault(name.strip(), value.strip())


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.strip().isdigit() else default


_read_env_file()

VAR = Path(os.environ.get("ILP_VAR_DIR", "var")).resolve()
SECRET_KEY = os.environ.get("ILP_SECRET_KEY", "")
# What ILP_SECRET_KEY was before: opens what lies sealed with it until `ilp-tool seal` has sealed it anew.
SECRET_KEY_FALLBACKS = [k.strip() for k in os.environ.get("ILP_SECRET_KEYS_BEFORE", "").split(",") if k.strip()]
DEBUG = False
# Development only: lets LTI messages and services run over plain http and to loopback addresses.
ILP_DEVELOPMENT = _flag("ILP_DEVELOPMENT")
ILP_BASE_URL = os.environ.get("ILP_BASE_URL", "").rstrip("/")
ALLOWED_HOSTS = [
    h for h in os.environ.get("ILP_ALLOWED_HOSTS", urlsplit(ILP_BASE_URL).hostname or "").split(",") if h
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "lti_tool.plans",
    "lti_tool.lti",
    "lti_tool.web",
    "lti_tool.tasks",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "lti_tool.web.media.MediaHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "lti_tool.web.headers.ContentPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "lti_tool.web.headers.PrivacyHeaders",
]
# Files come from a host of their own, where no cookie of the tool arrives (T68); from the tool's if this is empty.
ILP_MEDIA_URL = os.environ.get("ILP_MEDIA_URL", "").strip().rstrip("/").lower()
_MEDIA = [ILP_MEDIA_URL] if ILP_MEDIA_URL else []
ALLOWED_HOSTS += filter(None, [urlsplit(ILP_MEDIA_URL).hostname])
# The operator's own pages (create a school, give its first code), on a host of their own; off while this is empty.
ILP_OPERATOR_HOST = os.environ.get("ILP_OPERATOR_HOST", "").strip().lower()
if ILP_OPERATOR_HOST:
    ALLOWED_HOSTS.append(ILP_OPERATOR_HOST)
    INSTALLED_APPS += [
        "django.contrib.auth", "django.contrib.sessions", "django_otp", "django_otp.plugins.otp_static",
        "django_otp.plugins.otp_totp",
    ]  # fmt: skip
    MIDDLEWARE.append("lti_tool.web.operators.host.OperatorHost")
OTP_TOTP_ISSUER = "ILP panel"
SESSION_COOKIE_NAME = "__Host-ilp-operator"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 1800  # seconds
CSRF_COOKIE_NAME = "__Host-ilp-operator-csrf"
CSRF_COOKIE_SECURE = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "lti_tool.web.operators.door.forged"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ROOT_URLCONF = "lti_tool.urls"
WSGI_APPLICATION = "lti_tool.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": ["csp.context_processors.nonce"],
            "loaders": [("lti_tool.web.still.Loader", ["django.template.loaders.app_directories.Loader"])],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'ilp-tool.sqlite3'}", conn_max_age=600
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets the worker write while pages read; IMMEDIATE takes the write lock up front, so that a
    # busy database waits its turn instead of failing half-way.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        timeout=20,
        transaction_mode="IMMEDIATE",
        # 32 MB of pages in memory: a course's results go into the indexes without thrashing.
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-32768;",
    )
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Statements stay prepared on their connection: the server plans the same few again and again otherwise, which
    # takes it longer than running them.
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LANGUAGE_CODE = "en"
# Those with a catalogue: a page must never say it is in a language it is not written in.
LANGUAGES = [("en", "English"), ("ar", "العربية"), ("cy", "Cymraeg"), ("es", "Español"), ("mi", "Te reo Māori")]
# Django does not know it; a page asks for its direction and its own name.
LANG_INFO.setdefault("mi", {"bidi": False, "code": "mi", "name": "Māori", "name_local": "Te reo Māori"})
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("ILP_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # What people upload. Never below a web server's root: the tool itself hands each file out, after its permission.
    "files": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": os.environ.get("ILP_FILES_DIR", str(VAR / "files"))},
    },
}
ILP_UPLOAD_BYTES = _number("ILP_UPLOAD_BYTES", 30_000_000)  # one file
ILP_FILES_EACH_LEARNER = _number("ILP_FILES_EACH_LEARNER", 500_000_000)  # bytes
# Only codes for one-time links are mailed, and only where the operator names a server.
EMAIL_HOST = os.environ.get("ILP_EMAIL_HOST", "")
EMAIL_PORT = _number("ILP_EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("ILP_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ILP_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("ILP_EMAIL_FROM", "")
ILP_MAIL = bool(EMAIL_HOST and DEFAULT_FROM_EMAIL)
FILE_UPLOAD_HANDLERS = ["lti_tool.web.uploads.CappedUpload"]

# Security headers (T65). The frame's ancestors are added per session: only its platform's origins.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *_MEDIA],
        "media-src": ["'self'", "blob:", *_MEDIA],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_MEDIA],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_HSTS_SECONDS = 0 if ILP_DEVELOPMENT else 31_536_000
SECURE_SSL_REDIRECT = False  # a proxy ends TLS; it redirects
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("ILP_BEHIND_PROXY") else None
SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # registration and new-tab launches talk to their opener

# Sessions (T62): minutes. Absolute from the launch, idle from the last request.
ILP_SESSION_MINUTES = _number("ILP_SESSION_MINUTES", 480)
ILP_IDLE_MINUTES = _number("ILP_IDLE_MINUTES", 60)
ILP_LOGIN_MINUTES = 10
ILP_ID_TOKEN_MAX_AGE_SECONDS = _number("ILP_ID_TOKEN_MAX_AGE_SECONDS", 600)
ILP_CLOCK_SKEW_SECONDS = 60
# How long one of the tool's keys signs before the next one does (0: only `ilp-tool rotate_keys` rotates).
ILP_KEY_DAYS = _number("ILP_KEY_DAYS", 90)

# Who answers questions about what is kept here, as the privacy page says it: a name, an address, a telephone number.
ILP_PRIVACY_CONTACT = os.environ.get("ILP_PRIVACY_CONTACT", "").strip()

# Outbound calls.
ILP_HTTP_TIMEOUT_SECONDS = _number("ILP_HTTP_TIMEOUT_SECONDS", 10)
ILP_HTTP_MAX_BYTES = _number("ILP_HTTP_MAX_BYTES", 5_000_000)
ILP_HTTP_CONCURRENCY = _number("ILP_HTTP_CONCURRENCY", 16)  # requests under way at once per host
# Origins the operator trusts though they are plain http or inside a private network, comma-separated.
ILP_HTTP_ORIGINS = [o.strip() for o in os.environ.get("ILP_HTTP_ORIGINS", "").split(",") if o.strip()]

# Rate limits: requests per minute and address (0: none).
ILP_RATE_LOGIN_PER_MINUTE = _number("ILP_RATE_LOGIN_PER_MINUTE", 6000)
ILP_RATE_LAUNCH_PER_MINUTE = _number("ILP_RATE_LAUNCH_PER_MINUTE", 6000)
ILP_RATE_NOTICE_PER_MINUTE = _number("ILP_RATE_NOTICE_PER_MINUTE", 600)
ILP_RATE_REGISTRATION_PER_MINUTE = _number("ILP_RATE_REGISTRATION_PER_MINUTE", 30)
ILP_RATE_CODE_PER_MINUTE = _number("ILP_RATE_CODE_PER_MINUTE", 10)
ILP_RATE_SHEET_PER_MINUTE = _number("ILP_RATE_SHEET_PER_MINUTE", 30)
ILP_RATE_SHEET_WORDS_PER_MINUTE = _number("ILP_RATE_SHEET_WORDS_PER_MINUTE", 600)
ILP_RATE_OPERATOR_PER_MINUTE = _number("ILP_RATE_OPERATOR_PER_MINUTE", 5)

# Evidence: seconds between reads of a whole course, and of one person while their panel is being used.
ILP_SYNC_SECONDS = _number("ILP_SYNC_SECONDS", 900)
ILP_LIVE_SECONDS = _number("ILP_LIVE_SECONDS", 4)
# How long a worker holds a read before it must say it is alive; a killed worker's read is taken up after that.
ILP_SYNC_LEASE_SECONDS = _number("ILP_SYNC_LEASE_SECONDS", 60)
# A course in which nobody opened the tool for so long is not asked for anything until somebody does (T73).
ILP_PLACED_DAYS = _number("ILP_PLACED_DAYS", 30)
# Days a recording stays after somebody wrote down what is said in it, unless its child keeps it (T27).
ILP_SOUND_DAYS = _number("ILP_SOUND_DAYS", 30)
ILP_EVIDENCE_SOURCES = {"ags": "lti_tool.sources.ags.AgsSource"}

# Celery: filesystem transport by default, so that nothing must be installed beside Python.
CELERY_BROKER_URL = os.environ.get("ILP_BROKER_URL", "filesystem://localhost//")
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("ILP_QUEUE", "ilp")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Reading is waiting for other servers: threads wait cheaply, and many of them keep a slow LMS from holding the rest.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 16
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2  # seconds; a page may be waiting
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The database knows what is due; a look costs one small query. A look nobody took in time is dropped.
    "queue-due": {"task": "ilp.queue_due", "schedule": 5.0, "options": {"expires": 5}},
    "follow-courses": {"task": "ilp.follow_courses", "schedule": 300.0, "options": {"expires": 240}},
    "rotate-keys": {"task": "ilp.rotate_keys", "schedule": 3600.0, "options": {"expires": 600}},
    "pass-reviews-back": {"task": "ilp.pass_reviews_back", "schedule": 60.0, "options": {"expires": 60}},
    "take-marks-back": {"task": "ilp.take_marks_back", "schedule": 60.0, "options": {"expires": 60}},
    "keep-to-retention": {"task": "ilp.keep_to_retention", "schedule": 86_400.0, "options": {"expires": 3600}},
    "forget-expired": {"task": "ilp.forget_expired", "schedule": 3600.0, "options": {"expires": 600}},
}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "queue"),
        "data_folder_out": str(VAR / "queue"),
        "control_folder": str(VAR / "queue-control"),
        "polling_interval": 0.5,
    }

# What is written where, for whom and how long: `lti_tool/docs/logs.md`; `logs.SINKS` must name every handler (T78).
ILP_LOG_FILE = os.environ.get("ILP_LOG_FILE", "")
ILP_LOG_DAYS = _number("ILP_LOG_DAYS", 30)
_SINK = {"formatter": "line", "filters": ["scrub"]}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "lti_tool.logs.ScrubbedFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"scrub": {"()": "lti_tool.logs.Scrub"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", **_SINK}},
    "loggers": {
        "django": {"handlers": [], "propagate": True},  # without Django's own mails to administrators
        "django.server": {"handlers": [], "propagate": True},
        # A page not found or refused is everyday life; its address names a session and a student (T76).
        "django.request": {"level": "ERROR"},
        # Libraries that read uploads tell at length what is in them, places included (T23, T76).
        "PIL": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "libav": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("ILP_LOG_LEVEL", "INFO")},
}
if ILP_LOG_FILE:
    LOGGING["handlers"]["file"] = {
        "class": "logging.handlers.TimedRotatingFileHandler",
        "filename": ILP_LOG_FILE,
        "when": "midnight",
        "backupCount": max(ILP_LOG_DAYS, 1),
        "encoding": "utf-8",
        "delay": True,
        **_SINK,
    }
    LOGGING["root"]["handlers"].append("file")
