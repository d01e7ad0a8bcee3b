"""The demo LMS's own app: its gradebook, people and course pages."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "ilp_xblock.workbench"
    label = "ilp_workbench"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import runtime

        runtime.install()
