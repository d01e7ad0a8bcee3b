from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "lti_tool.web"
    label = "ilp_web"
