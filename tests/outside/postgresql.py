"""A PostgreSQL server for a test alone, which sorts text as people do."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server() -> Iterator[str]:
    """Run a new PostgreSQL on a Unix socket only, and yield its SQLAlchemy URL.

    It sorts text by the rules of English, not by code point.
    """
    with tempfile.TemporaryDirectory() as home:
        # PostgreSQL refuses to run as root.
        owner = "postgres" if os.geteuid() == 0 else None
        if owner:
            shutil.chown(home, owner, owner)
        make = "--no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8"
        _control(home, owner, "initdb", f"--options={make} --locale-provider=icu --icu-locale=en")
        _control(home, owner, "start", f"--log={home}/log", f"--options=-F -h '' -k {home}")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            _control(home, owner, "stop", "--mode=immediate")


def _control(home: str, owner: str | None, *words: str) -> None:
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    command = [f"{programs}/pg_ctl", "--silent", "--wait", f"--pgdata={home}/data", *words]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, user=owner, group=owner)
