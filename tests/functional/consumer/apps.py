from django.apps import AppConfig


class ConsumerConfig(AppConfig):
    name = "tests.functional.consumer"
    label = "consumer"

    def ready(self) -> None:
        from . import school

        school.stand_in_for_edx_platform()
