"""What this release writes, kept for the tests of later ones (`make keep-release`).

A small publication goes through what can happen to entries: archives, a correction, a
retraction, an edit, a rename, a withdrawal, a takedown, an embargo, a translation, twins, a
picture and an id from elsewhere. Its folder becomes `tests/data/releases/VERSION.tar.gz`, with
the export of its ledger, and in `expected.json` the ids, addresses and moments of its entries.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import dateline
from dateline import publish
from dateline.ledger import Ledger, dump
from dateline.ledger.session import open_session
from support.paths import ROOT
from support.publication import PUBLICATION, Newsroom, entry_file, picture
from support.releases import ENTRY_COLUMNS, FOLDER, MEMBER_QUERY

_CONFIG = f"""{PUBLICATION}entries = 4
days = 2

[[feed]]
name = "news-ar"
title = "الأخبار"
description = "كل الأخبار"
language = "ar"
formats = ["atom"]

[[feed]]
name = "lebanon"
title = "Lebanon"
description = "News of Lebanon"
categories = ["Lebanon"]
formats = ["atom", "json"]
entries = 3
days = 2

[[feed]]
name = "corrections"
title = "Corrections"
description = "Errors in earlier reports"
kinds = ["correction"]
formats = ["rss", "json"]
"""


def write(folder: Path) -> Newsroom:
    """Publish in a folder, day by day."""
    (folder / "config.toml").write_text(_CONFIG, encoding="utf-8")
    room = Newsroom(folder)
    _first_day(room)
    room.build()
    _corrections(room)
    room.build(after=timedelta(hours=2))
    (folder / "entries/withdrawn.toml").unlink()
    room.build(after=timedelta(hours=2))
    room.build(after=timedelta(days=1))
    _take_down(room, "2026/11/taken-down.html")
    room.drop("late.toml", entry_file("The latest", "2026-11-27"))
    room.build()
    return room


def _first_day(room: Newsroom) -> None:
    for number in range(1, 9):
        room.drop(f"2026/{number:02}-report.toml", _report(number))
    room.drop(
        "carried.toml", entry_file("Carried over", "2008-10-20", id='"https://example.org/7"')
    )
    room.drop("photo.png", picture())
    room.drop("pictured.toml", entry_file("A picture", image='"photo.png"', image_alt='"Navy"'))
    room.drop("event.toml", entry_file("A conference", event='"30 November - 3 December 2026"'))
    room.drop("expiring.toml", entry_file("Expiring", expires="2027-11-20"))
    room.drop("draft.toml", entry_file("Draft", draft="true"))
    room.drop("later.toml", entry_file("Under embargo", "2027-10-24"))
    room.drop("held.toml", entry_file("Held", body='""'))
    arabic = {"language": '"ar"', "translation_of": '"2026/01-report"'}
    room.drop("ar/خبر.toml", entry_file("تقرير عن لبنان", **arabic))
    room.drop("twin/a.toml", entry_file("The same title", body='"One text."'))
    room.drop("twin/b.toml", entry_file("The same title", body='"Another text."'))
    room.drop("withdrawn.toml", entry_file("Withdrawn", body='"A text of its own."'))
    room.drop("taken.toml", entry_file("Taken down", body='"TAKEN-DOWN-TEXT"'))


def _report(number: int, text: str = "", **fields: str) -> str:
    category = "Lebanon" if number % 2 else "Austria"
    body = f'"Text of report {number}, with **emphasis**.{text}"'
    date = f"2026-11-{number:02}"
    return entry_file(f"Report {number}", date, categories=f'["{category}"]', body=body, **fields)


def _corrections(room: Newsroom) -> None:
    room.drop("2026/02-report.toml", _report(2, " Four.", correction='"It said three."'))
    room.drop("2026/03-report.toml", _report(3, " Edited."))
    retraction = {"status": '"retracted"', "retraction": '"The figures were wrong."'}
    room.drop("2026/04-report.toml", _report(4, **retraction))
    entries = room.folder / "entries/2026"
    (entries / "05-report.toml").rename(entries / "05-renamed.toml")


def _take_down(room: Newsroom, page: str) -> None:
    with Ledger(publish.ledger_url(room.config)) as ledger:
        id_ = ledger.entries.id_of(page)
    assert id_, page
    room.now += timedelta(minutes=1)
    request = publish.RunRequest(now=room.now, clock=datetime.now(UTC), takedown=id_)
    publish.build(room.config, request)
    (room.folder / "entries/taken.toml").unlink()


def keep(room: Newsroom, archive: Path) -> None:
    """Write the archive: the folder, the ledger's export, and what later releases must find."""
    with closing(open_session(publish.ledger_url(room.config))) as session:
        (room.folder / "ledger.jsonl").write_text("".join(dump.export(session)), "utf-8")
    with closing(sqlite3.connect(room.folder / "state/ledger.sqlite")) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = ledger.execute(f"SELECT {ENTRY_COLUMNS}, path FROM entry ORDER BY sequence")  # noqa: S608
        names = [column[0] for column in rows.description]
        known = {
            "built": int(room.now.timestamp()),
            "entries": [dict(zip(names, row, strict=True)) for row in rows],
            "members": ledger.execute(MEMBER_QUERY).fetchall(),
        }
    text = json.dumps(known, ensure_ascii=False, indent=1)
    (room.folder / "expected.json").write_text(text, "utf-8")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(room.folder, ".", filter=_nobodys)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member of an archive without the user who made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main() -> None:
    """Keep what this release writes, unless it is kept already."""
    archive = FOLDER / f"{dateline.__version__}.tar.gz"
    if archive.exists() and sys.argv[1:] != ["--replace"]:
        sys.exit(f"{archive.name} is kept. Only before the release: make keep-release REPLACE=1")
    with TemporaryDirectory() as folder:
        keep(write(Path(folder)), archive)
    print(f"{archive.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
