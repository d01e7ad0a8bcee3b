from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Celery tasks, and the commands that do the same work once by hand."""

    name = "lti_tool.tasks"
    label = "ilp_tasks"
