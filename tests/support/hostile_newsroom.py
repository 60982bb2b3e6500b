"""A newsroom under the requests of `data/attacks/requests.toml`, and all that these name.

There are an editor, a writer, a reader, one who was removed, and one who was an editor before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dateline.config import StaffRole
from dateline.newsroom import Newsroom as Room
from dateline.newsroom.access.people import Person, token_hash
from support.attacks import Attack, whole
from support.publication import Newsroom, entry_file
from support.staff import Staff, configure

COOLING = "[intake]\ncooling = 600"
OUTSIDE = "SECRET"  # the title of a file beside the entries
ROLES = {"Editor": "editor", "Writer": "writer", "Reader": "reader"}
BEFORE = ROLES | {"Removed": "editor", "Demoted": "editor"}
AFTER = ROLES | {"Demoted": "reader"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request of an attack with all that it names in its place."""

    method: str
    path: str
    query: str
    fields: dict[str, str]
    form: dict[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """A newsroom under attack; `cookies` and `values` are what attacks name."""

    newsroom: Newsroom
    room: Room
    cookies: dict[str, str]
    values: dict[str, str]

    def request(self, attack: Attack) -> Request:
        """Return the request of an attack."""
        fields = {name: self.filled(text) for name, text in attack.get("fields", {}).items()}
        if "cookie" in attack:
            sent = self.cookies.get(attack["cookie"], whole(attack["cookie"]))
            fields["Cookie"] = f"{self.room.access.cookie_name}={sent}"
        path, _, query = self.filled(attack["path"]).partition("?")
        return Request(
            method=attack.get("method", "GET"),
            path=path,
            query=query,
            fields=fields,
            form={name: self.filled(text) for name, text in attack.get("form", {}).items()},
            body=self.filled(attack.get("body", "")),
        )

    def filled(self, text: str) -> str:
        """Return a text with what it names in its place."""
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", value)
        return whole(text)

    def decided(self) -> list[str]:
        """Return all that the ledger has, and all files of the publication that staff write."""
        folder = self.newsroom.folder
        with sqlite3.connect(folder / "state/ledger.sqlite") as ledger:
            rows = [*ledger.iterdump()]
        ours = (path for path in folder.rglob("*") if path.suffix in {".toml", ".txt"})
        return rows + [f"{path} {path.read_text('utf-8')}" for path in sorted(ours)]


def token(name: str) -> str:
    """Return the token of a person."""
    return f"{name.lower()}-{'vT3q8ZrLm51x' * 4}"


def publication(folder: Path, own: str = "", roles: dict[str, str] = BEFORE) -> Newsroom:
    """Return a publication before its first run; its newsroom has these settings and people."""
    (folder / "entries").mkdir()
    newsroom = Newsroom(folder)
    configure(newsroom, COOLING, own=own + people(roles))
    return newsroom


def attacked(newsroom: Newsroom, room: Room, other: Path, own: str = "") -> Target:
    """Return a newsroom in which one person was removed, and one has fewer rights than before.

    It is `publication` in `room`; another publication is made in the folder `other`.
    """
    folder, now = newsroom.folder, newsroom.now
    (folder / "secret.toml").write_text(entry_file(OUTSIDE), "utf-8")
    newsroom.drop("cooling.toml", entry_file("Cooling"))
    run = _runs(newsroom, room)
    run()
    before, gone = room.access, ("Removed", "Demoted")
    old = {name: before.cookie(person(name, BEFORE), now) for name in gone}
    words = {name.lower(): before.form_word(person(name, BEFORE)) for name in gone}
    configure(newsroom, COOLING, own=own + people(AFTER))
    run()
    access, editor = room.access, person("Editor", AFTER)
    elsewhere = Staff(publication(other, own, AFTER))
    elsewhere.build()
    ended = access.cookie(editor, now)
    session = access.session(ended, now)
    assert session
    access.end(session, now)
    valid = access.cookie(editor, now)
    writer = access.cookie(person("Writer", AFTER), now)
    name, number, until, mac = valid.split(".")
    cookies = {
        "editor": valid,
        "writer": writer,
        "reader": access.cookie(person("Reader", AFTER), now),
        "expired": access.cookie(editor, now - timedelta(days=7, seconds=1)),
        "ended": ended,
        "removed": old["Removed"],
        "demoted": old["Demoted"],
        "elsewhere": elsewhere.room.access.cookie(editor, now),
        "renamed": ".".join((name, *writer.split(".")[1:])),
        "longer": f"{name}.{number}.{int(until, 16) + 1_000_000:x}.{mac}",
        "preview": access.preview("cooling.toml", now),
        "word": access.form_word(editor),
    }
    values = {name.lower(): access.form_word(person(name, AFTER)) for name in ROLES} | {
        **words,
        "token": token("Writer"),
        "hash": token_hash(token("Writer")),
        "session": valid,
        "preview": access.preview("cooling.toml", now),
        "expiredpreview": access.preview("cooling.toml", now - timedelta(days=3)),
        "folder": str(folder),
    }
    return Target(newsroom=newsroom, room=room, cookies=cookies, values=values)


def person(name: str, roles: dict[str, str]) -> Person:
    """Return a person with the role of a table."""
    return Person(name, StaffRole(roles[name]))


def _runs(newsroom: Newsroom, room: Room) -> Callable[[], None]:
    """Return a function that runs the publisher, and notifies the newsroom."""

    def run() -> None:
        report = newsroom.build()
        room.show(report, newsroom.now, newsroom.config)

    return run


def people(roles: dict[str, str]) -> str:
    """Return the tables of people with these roles."""
    return "".join(
        f'[[newsroom.person]]\nname = "{name}"\nrole = "{role}"\n'
        f'token = "{token_hash(token(name))}"\n'
        for name, role in roles.items()
    )
