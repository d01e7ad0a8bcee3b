"""The Django plug-in that makes an LMS an LTI 1.3 platform for the panel's tool.

Free of XBlock and edx-platform imports: the LMS reads it before its own apps are ready.
"""

from typing import Any, ClassVar

from django.apps import AppConfig

LAYERS = ("common", "production", "test", "devstack")
SETTINGS = {name: {"relative_path": "platform.plugin_settings"} for name in LAYERS}


class ILPXBlockConfig(AppConfig):
    name = "ilp_xblock"
    label = "ilp_xblock"
    verbose_name = "Individual Learning Plans"
    default_auto_field = "django.db.models.BigAutoField"
    # Read by edx_django_utils.plugins from the entry points lms.djangoapp and cms.djangoapp. Only the LMS
    # answers LTI: Studio shares the tables and the settings.
    plugin_app: ClassVar[dict[str, Any]] = {
        "url_config": {
            "lms.djangoapp": {"namespace": "ilp_xblock", "regex": r"^ilp/", "relative_path": "platform.urls"}
        },
        "signals_config": {
            "lms.djangoapp": {
                "relative_path": "platform.retiring",
                "receivers": [
                    {
                        "receiver_func_name": "on_retirement",
                        "signal_path": "openedx.core.djangoapps.user_api.accounts.signals.USER_RETIRE_LMS_CRITICAL",
                    }
                ],
            }
        },
        "settings_config": {"lms.djangoapp": SETTINGS, "cms.djangoapp": SETTINGS},
    }
