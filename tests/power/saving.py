"""What the newsroom does when a writer saves an entry, and an editor approves it.

python -m power.saving save FILE TEXT
python -m power.saving approve FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from dateline import config as configuration
from dateline.config import Config, StaffRole
from dateline.newsroom.access.people import Person
from dateline.newsroom.saving import NotSaved, digest_of, save_as
from dateline.publish.check import check
from dateline.publish.settle import request_now, settle
from dateline.rules.guards import Approval
from dateline.system.clock import this_moment
from support.publication import entry_file

_REFUSED = 2


def main(act: str, name: str, *words: str) -> int:
    """Do it in this folder, and return how the command ends."""
    config = configuration.load(Path("config.toml").resolve())
    return _save(config, name, *words) if act == "save" else _approve(config, name)


def _save(config: Config, name: str, text: str) -> int:
    data = entry_file("Saved", "2026-11-25", body=f'"{text}"').encode()
    writer = Person("Writer", StaffRole("writer"))
    seen = digest_of(config.entries / name)
    done = save_as(writer, config, name, data, seen=seen, now=this_moment())
    return _REFUSED if isinstance(done, NotSaved) else 0


def _approve(config: Config, name: str) -> int:
    problems = check(config, request_now()).problems
    held = (one for one in problems if one.file == name and one.code.startswith("unapproved"))
    codes = [str(one.wanted) for one in held]
    for code in codes:
        settle(config, Approval(code=code, person="Editor"))
    return 0 if codes else _REFUSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
