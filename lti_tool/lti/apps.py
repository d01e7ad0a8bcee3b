from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LTIConfig(AppConfig):
    name = "lti_tool.lti"
    label = "ilp_lti"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import lti_tool.checks  # noqa: F401 (registers the system checks)

        from . import privacy  # noqa: F401 (annotates the models)

        post_migrate.connect(_make_keys, sender=self)


def _make_keys(**kwargs: object) -> None:
    """The tool has keys to publish as soon as it has tables."""
    from .keys import ensure_keys
    from .models import ToolKey

    if kwargs.get("using") == "default" and ToolKey._meta.db_table in _tables():
        ensure_keys()


def _tables() -> list[str]:
    from django.db import connection

    return connection.introspection.table_names()
