"""`python -m ilp_xblock.workbench COMMAND` and the console script `ilp-lms`: the demo LMS's commands.

`demo` and `demo_check` stand outside Django: they run and visit both processes and must say something
plain even where nothing is set up yet.
"""

import os
import sys
from importlib.util import find_spec


def main() -> None:
    if find_spec("workbench") is None:
        sys.exit("ilp-lms needs the xblock-sdk workbench: pip install 'ilp-panel[tool,workbench]'")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "demo":
        from ilp_xblock.workbench.launcher import main as demo

        sys.exit(demo())
    if command == "demo_reset":
        from ilp_xblock.workbench.launcher import reset

        sys.exit(reset())
    if command == "demo_check":
        from ilp_xblock.workbench.check import main as demo_check

        sys.exit(demo_check())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ilp_xblock.workbench.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ilp-lms", *sys.argv[1:]])


if __name__ == "__main__":
    main()
