"""`python -m tests.bench.pylti_app.connect '<json>'`: make the tables and enter a platform, as an admin would."""

import json
import os
import sys

import django


def main(platform: dict[str, str], private: str, public: str) -> None:
    """The platform's values, and the tool's key pair as PEM."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)

    from pylti1p3.contrib.django.lti1p3_tool_config.models import LtiTool, LtiToolKey

    key = LtiToolKey.objects.create(name="key", private_key=private, public_key=public)
    deployments = json.dumps([platform.pop("deployment_id")])
    LtiTool.objects.create(title="LMS", tool_key=key, deployment_ids=deployments, **platform)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.pylti_app.settings")
    django.setup()
    main(**json.loads(sys.argv[1]))
