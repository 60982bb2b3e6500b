"""The door of the command line: `dateline`, or `python -m dateline`."""

import sys

_INTERRUPTED = 130  # as shells say of a program that Ctrl+C (SIGINT) ended


def main() -> None:
    """Run the command that the arguments name, and exit; Ctrl+C ends its imports, too."""
    try:
        from dateline.cli import run  # noqa: PLC0415 - a traceback would follow Ctrl+C

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
