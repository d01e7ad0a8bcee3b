"""Django's defaults, and the tool's own database options, so that both contenders wait for the same disk."""

import os

import dj_database_url

SECRET_KEY = "only-for-benchmarks-" + "0123456789abcdef" * 4
ALLOWED_HOSTS = ["ilp.example"]
ROOT_URLCONF = "tests.bench.pylti_app.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "pylti1p3.contrib.django.lti1p3_tool_config",
    "tests.bench.pylti_app",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # A project's own start has these too; `XFrameOptionsMiddleware` it cannot keep inside an LMS.
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        timeout=20,
        transaction_mode="IMMEDIATE",
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-32768;",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TUNED = os.environ.get("PEER_TUNED") == "1"
# Where PyLTI1p3 keeps states, nonces and launches: Django's sessions, as it does by itself, or a cache in Redis.
STORAGE = os.environ.get("PEER_STORAGE", "session")
CACHES = {
    "keys": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["PEER_REDIS"],
        "KEY_PREFIX": os.environ["PEER_PREFIX"],
    },
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "None"  # the page stands in a frame of the LMS
USE_TZ = True
