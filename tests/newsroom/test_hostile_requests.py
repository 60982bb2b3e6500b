"""Requests to the newsroom that are not what they seem do nothing: `data/attacks/requests.toml`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from dateline.config import StaffRole
from dateline.newsroom import create_app
from dateline.newsroom.access.people import Person, token_hash
from support.attacks import Attack, cases, whole
from support.publication import Newsroom, entry_file
from support.staff import AT, Staff, configure

COOLING = "[intake]\ncooling = 600"
ROLES = {"Editor": "editor", "Writer": "writer", "Reader": "reader"}
BEFORE = ROLES | {"Removed": "editor", "Demoted": "editor"}
AFTER = ROLES | {"Demoted": "reader"}


def token(name: str) -> str:
    """Return the token of a person."""
    return f"{name.lower()}-{'vT3q8ZrLm51x' * 4}"


def people(roles: dict[str, str]) -> str:
    """Return the tables of people with these roles."""
    return "".join(
        f'[[newsroom.person]]\nname = "{name}"\nrole = "{role}"\n'
        f'token = "{token_hash(token(name))}"\n'
        for name, role in roles.items()
    )


@dataclass(frozen=True, kw_only=True)
class Target:
    """A newsroom under attack; `cookies` and `values` are what attacks name."""

    staff: Staff
    cookies: dict[str, str]
    values: dict[str, str]

    def send(self, attack: Attack) -> TestResponse:
        """Send the request of an attack."""
        client = create_app(self.staff.room).test_client(use_cookies=False)
        fields = {name: self.filled(text) for name, text in attack.get("fields", {}).items()}
        if "cookie" in attack:
            sent = self.cookies.get(attack["cookie"], whole(attack["cookie"]))
            fields["Cookie"] = f"dateline={sent}"
        path, _, query = self.filled(attack["path"]).partition("?")
        form = {name: self.filled(text) for name, text in attack.get("form", {}).items()}
        return client.open(
            path,
            method=attack.get("method", "GET"),
            base_url=AT,
            query_string=query,
            headers=fields,
            data=form or self.filled(attack.get("body", "")),
        )

    def filled(self, text: str) -> str:
        """Return a text with what it names in its place."""
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", value)
        return whole(text)

    def decided(self) -> list[str]:
        """Return all that the ledger has, and all files of the publication that staff write."""
        folder = self.staff.newsroom.folder
        with sqlite3.connect(folder / "state/ledger.sqlite") as ledger:
            rows = [*ledger.iterdump()]
        ours = (path for path in folder.rglob("*") if path.suffix in {".toml", ".txt"})
        return rows + [f"{path} {path.read_text('utf-8')}" for path in sorted(ours)]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Return a newsroom in which one person was removed, and one has fewer rights than before."""
    staff = staff_of(tmp_path_factory.mktemp("target"), BEFORE)
    folder, now, before = staff.newsroom.folder, staff.newsroom.now, staff.room.access
    (folder / "secret.toml").write_text(entry_file("SECRET"), "utf-8")
    staff.newsroom.drop("cooling.toml", entry_file("Cooling"))
    staff.build()
    old = {name: before.cookie(person(name, BEFORE), now) for name in ("Removed", "Demoted")}
    words = {name: before.form_word(person(name, BEFORE)) for name in ("Removed", "Demoted")}
    configure(staff.newsroom, COOLING, own=people(AFTER))
    staff.build()
    access, editor = staff.room.access, person("Editor", AFTER)
    other = staff_of(tmp_path_factory.mktemp("other"), AFTER)
    other.build()
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
        "elsewhere": other.room.access.cookie(editor, now),
        "renamed": ".".join((name, *writer.split(".")[1:])),
        "longer": f"{name}.{number}.{int(until, 16) + 1_000_000:x}.{mac}",
        "preview": access.preview("cooling.toml", now),
        "word": access.form_word(editor),
    }
    values = {name.lower(): access.form_word(person(name, AFTER)) for name in ROLES} | {
        "removed": words["Removed"],
        "demoted": words["Demoted"],
        "token": token("Writer"),
        "hash": token_hash(token("Writer")),
        "session": valid,
        "preview": access.preview("cooling.toml", now),
        "expiredpreview": access.preview("cooling.toml", now - timedelta(days=3)),
        "folder": str(folder),
    }
    return Target(staff=staff, cookies=cookies, values=values)


def staff_of(folder: Path, roles: dict[str, str]) -> Staff:
    """Return a newsroom with these people, before its first run."""
    (folder / "entries").mkdir()
    newsroom = Newsroom(folder)
    configure(newsroom, COOLING, own=people(roles))
    return Staff(newsroom)


def person(name: str, roles: dict[str, str]) -> Person:
    """Return a person with the role of a table."""
    return Person(name, StaffRole(roles[name]))


@pytest.mark.parametrize("attack", cases("requests"))
def test_a_hostile_request_does_nothing(target: Target, attack: Attack) -> None:
    """Nothing is decided, written or signed in, and no file from outside is shown."""
    before = target.decided()

    answer = target.send(attack)

    assert answer.status_code == attack["status"], answer.text
    assert "Set-Cookie" not in answer.headers
    assert target.decided() == before
    said = answer.text + str(answer.headers)
    assert "SECRET" not in said
    assert "not" not in attack or attack["not"] not in said
    if answer.status_code != 404:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_of_ours_does_something(target: Target) -> None:
    """Else the test above could not fail."""
    form = {"file": "cooling.toml", "word": "{editor}"}
    before = target.decided()

    answer = target.send({"cookie": "editor", "method": "POST", "path": "/stop", "form": form})

    assert answer.location == "/?done=stopped&about=cooling.toml"
    assert target.decided() != before
