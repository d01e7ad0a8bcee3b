"""The consumer's project. The environment says where it lives: CONSUMER_URL, CONSUMER_DATABASE."""

import os

SECRET_KEY = "only-for-a-platform-in-a-test"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
LMS_ROOT_URL = LTI_BASE = LTI_API_BASE = LEARNING_MICROFRONTEND_URL = os.environ["CONSUMER_URL"]
PLATFORM_NAME = "Riverbank on Open edX"
USAGE_ID_PATTERN = r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))"
COURSE_ID_PATTERN = r"(?P<course_id>[^/+]+(/|\+)[^/+]+(/|\+)[^/?]+)"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "config_models",
    "rest_framework",
    "django_filters",
    "lti_consumer",
    "tests.functional.consumer",
]
MIDDLEWARE = [
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.functional.consumer.urls"
WSGI_APPLICATION = "tests.functional.consumer.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["CONSUMER_DATABASE"],
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_COOKIE_NAME = "consumer_session"  # cookies are shared by the ports of one host
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
STATIC_URL = "/static/"
