"""Hand over to the command line of Dateline: `python publisher.py serve`, `build`, `check`."""

import sys

try:
    from dateline.cli import run
except KeyboardInterrupt:
    sys.exit(130)  # as `python -m dateline` does
except ImportError as error:  # not one of `make setup`'s environment, or an old Python
    sys.stderr.write(
        f"Dateline cannot start with {sys.executable} ({error}): type make setup, and then "
        ".venv/bin/python publisher.py ...\n"
    )
    sys.exit(2)

if __name__ == "__main__":
    run()
