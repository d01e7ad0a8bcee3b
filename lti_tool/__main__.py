"""`python -m lti_tool COMMAND` and the console script `ilp-tool`: Django's commands with our settings."""

import os
import sys


def main() -> None:
    from lti_tool.tasks.job import prepare

    prepare(sys.argv[1:])  # a job file brings its own database and secret, before settings are read
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lti_tool.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ilp-tool", *sys.argv[1:]])


if __name__ == "__main__":
    main()
