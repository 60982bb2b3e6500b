"""Hands over to the command line of Dateline: `python publisher.py serve`, `build`, `check`."""

from dateline.cli import run

if __name__ == "__main__":
    run()
