from django.apps import AppConfig

from lti_tool import glossary


class WebConfig(AppConfig):
    name = "lti_tool.web"
    label = "ilp_web"

    def ready(self) -> None:
        glossary.listen()
