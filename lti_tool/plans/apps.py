from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "lti_tool.plans"
    label = "ilp_plans"
    default_auto_field = "django.db.models.BigAutoField"
