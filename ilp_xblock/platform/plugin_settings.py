"""What the plug-in adds to the LMS's settings; an operator overrides it in the LMS's own configuration."""

from pathlib import Path
from typing import Any

TRANSLATIONS = str(Path(__file__).resolve().parent.parent / "translations")
EDX_PORTS = {
    "grades": "ilp_xblock.compat.EdxGrades",
    "roster": "ilp_xblock.compat.EdxRoster",
    "courses": "ilp_xblock.compat.EdxCourses",
    "current_user": "ilp_xblock.compat.EdxCurrentUser",
    "groups": "ilp_xblock.cohorts.EdxGroups",
}
CLIENT_ADDRESS = "ilp_xblock.compat.client_address"


def plugin_settings(settings: Any) -> None:
    """Called by edx_django_utils.plugins with the LMS's settings module, at each layer of settings.

    What follows from other settings is derived when it is used (`configuration`): an operator's values are read
    after the first layer.
    """
    if not getattr(settings, "ILP_LTI_PORTS", None):
        settings.ILP_LTI_PORTS = EDX_PORTS
    if not getattr(settings, "ILP_LTI_CLIENT_ADDRESS", None):
        settings.ILP_LTI_CLIENT_ADDRESS = CLIENT_ADDRESS
    paths = list(getattr(settings, "LOCALE_PATHS", ()))
    if TRANSLATIONS not in map(str, paths):
        settings.LOCALE_PATHS = [*paths, TRANSLATIONS]
