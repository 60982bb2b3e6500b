"""People of the newsroom: their roles and their sessions."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from dateline.config import NewsroomSettings as Settings
from dateline.config import PersonSettings, StaffRole
from dateline.errors import DatelineError
from dateline.newsroom import create_app
from dateline.newsroom.access import Access
from dateline.newsroom.access.people import HOUSE, Action, Person, may, token_hash
from dateline.newsroom.access.sessions import FILE, Sessions
from dateline.newsroom.app import ROUTES
from dateline.newsroom.saving import drop
from support.publication import Newsroom
from support.staff import AT, WORD, Staff, configure

READER = PersonSettings(name="Reader", role=StaffRole.READER, token="sha256:" + "0" * 64)
WRITER = PersonSettings(name="Writer", role=StaffRole.WRITER, token="sha256:" + "1" * 64)
EDITOR = PersonSettings(name="Editor", role=StaffRole.EDITOR, token="sha256:" + "2" * 64)


# ---- Roles


def test_a_role_allows_what_the_role_before_it_allows_and_more() -> None:
    """A reader sees, a writer also writes and stops, an editor does everything."""
    allowed = {
        role: {action for action in Action if may(Person("", role), action)} for role in StaffRole
    }

    assert allowed[StaffRole.READER] == {Action.SEE}
    assert allowed[StaffRole.WRITER] == {
        Action.SEE, Action.WRITE, Action.EDIT, Action.STOP, Action.ASK
    }  # fmt: skip
    assert allowed[StaffRole.EDITOR] == {*Action}


def test_every_address_has_an_action(newsroom: Newsroom) -> None:
    """No address can be reached for which no permission is asked."""
    configure(newsroom)
    addresses = {
        rule.endpoint: (rule.rule, *sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        for rule in create_app(Staff(newsroom).room).url_map.iter_rules()
    }

    pages = {one.name: (one.rule, *one.methods) for one in ROUTES}
    assert addresses == pages | {"drop": (drop.RULE, "GET", "PUT")}


# ---- Sessions


def access_of(state: Path, *people: PersonSettings) -> Access:
    """Return the checks of a newsroom with these people."""
    return Access(Settings(token=WORD, people=people), b"1" * 32, Sessions(state))


def test_a_session_that_was_ended_stays_ended(newsroom: Newsroom) -> None:
    """After a restart too, while the other sessions of the same person go on."""
    state, now = newsroom.folder / "state", newsroom.now
    access = access_of(state)
    here, there = access.cookie(HOUSE, now), access.cookie(HOUSE, now)
    session = access.session(here, now)
    assert session
    access.end(session, now)
    restarted = access_of(state)

    assert access.session(here, now) is None
    assert restarted.session(here, now) is None
    assert restarted.session(there, now) == access.session(there, now) is not None


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"key": 1, "ended": {}}', None])
def test_without_its_file_no_session_goes_on(newsroom: Newsroom, damage: bytes | None) -> None:
    """A lost or damaged file cannot bring a session back that was ended."""
    state, now = newsroom.folder / "state", newsroom.now
    cookie = access_of(state).cookie(HOUSE, now)
    file = state / FILE
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    again = access_of(state)

    assert again.session(cookie, now) is None
    assert again.session(again.cookie(HOUSE, now), now)


def test_the_file_of_sessions_is_private_and_forgets_what_has_expired(newsroom: Newsroom) -> None:
    """A session that would have ended by itself is not kept."""
    state, now = newsroom.folder / "state", newsroom.now
    access = access_of(state)
    for later in (timedelta(), timedelta(days=8)):
        session = access.session(access.cookie(HOUSE, now + later), now + later)
        assert session
        number = session.number
        access.end(session, now + later)
        kept = (state / FILE).read_text("utf-8")

    assert number in kept
    assert kept.count('":') == 3
    assert (state / FILE).stat().st_mode & 0o077 == 0


def test_a_session_that_cannot_be_noted_is_reported(newsroom: Newsroom) -> None:
    """It is over for this process, and the person learns that a restart would begin it again."""
    state, now = newsroom.folder / "state", newsroom.now
    access = access_of(state)
    cookie = access.cookie(HOUSE, now)
    session = access.session(cookie, now)
    assert session
    (state / FILE).unlink()
    (state / FILE).mkdir()

    with pytest.raises(DatelineError, match=FILE):
        access.end(session, now)
    assert access.session(cookie, now) is None


@pytest.mark.parametrize(
    "changed",
    [
        (),
        (PersonSettings(name="Writer", role=StaffRole.EDITOR, token=WRITER.token),),
        (PersonSettings(name="Writer", role=StaffRole.WRITER, token=READER.token),),
    ],
)
def test_a_change_of_a_person_ends_the_sessions_of_this_person_alone(
    newsroom: Newsroom, changed: tuple[PersonSettings, ...]
) -> None:
    """A removed person, another role and another password have the same effect."""
    state, now = newsroom.folder / "state", newsroom.now
    before = access_of(state, WRITER, EDITOR)
    writer = before.cookie(Person("Writer", StaffRole.WRITER), now)
    editor = before.cookie(Person("Editor", StaffRole.EDITOR), now)
    house = before.cookie(HOUSE, now)
    feeds = [before.feed_key(Person(name, StaffRole.EDITOR)) for name in ("Writer", "Editor")]
    after = access_of(state, *changed, EDITOR)

    assert all(before.session(cookie, now) for cookie in (writer, editor, house))
    assert after.session(writer, now) is None
    assert [found and found.person.name for found in (
        after.session(editor, now), after.session(house, now)
    )] == ["Editor", ""]  # fmt: skip
    assert [bool(after.feed_reader(key)) for key in feeds] == [False, True]
    found = [before.feed_reader(key) for key in (*feeds, before.feed_key())]
    assert [one and one.name for one in found] == ["Writer", "Editor", ""]


def test_the_feed_of_a_person_has_the_key_of_this_person(newsroom: Newsroom) -> None:
    """By key, token or cookie; it ends with the person, and the house has none without a token."""
    secrets = {name: name[0].lower() * 43 for name in ("Writer", "Editor")}
    tables = {
        name: (
            f'[[newsroom.person]]\nname = "{name}"\nrole = "editor"\n'
            f'token = "{token_hash(secret)}"\n'
        )
        for name, secret in secrets.items()
    }
    configure(newsroom, *tables.values(), own="")
    staff = Staff(newsroom)
    staff.build()
    access = staff.room.access
    house, writer, editor = (
        access.feed_key(one)
        for one in (HOUSE, *(Person(name, StaffRole.EDITOR) for name in secrets))
    )

    def feed(query: str, cookie: str = "") -> TestResponse:
        browser = staff.client.application.test_client(use_cookies=False)
        headers = {"Cookie": f"dateline={cookie}"}
        return browser.get(f"/problems.atom{query}", base_url=AT, headers=headers)

    cookie = access.cookie(Person("Writer", StaffRole.EDITOR), newsroom.now)
    own = [feed(f"?key={writer}"), feed(f"?token={secrets['Writer']}"), feed("", cookie)]
    of_house = feed(f"?key={house}")
    configure(newsroom, tables["Editor"], own="")
    staff.build()
    removed, other = feed(f"?key={writer}"), feed(f"?key={editor}")

    assert [re.findall(r"key=([^\"]+)", one.text) for one in own] == [[writer]] * 3
    assert (of_house.status_code, of_house.data) == (404, b"Not found\n")
    assert (removed.status_code, other.status_code) == (404, 200)


def test_the_house_has_a_key_of_the_feed_if_it_has_a_token_or_is_open(newsroom: Newsroom) -> None:
    """Where there are only people, nobody's removal would end it."""
    sessions = Sessions(newsroom.folder / "state")
    settings = (
        Settings(token=WORD, people=(WRITER,)), Settings(without_token=True),
        Settings(people=(WRITER,)),
    )  # fmt: skip
    found = [Access(one, b"1" * 32, sessions) for one in settings]

    assert [one.feed_reader(one.feed_key()) for one in found] == [HOUSE, HOUSE, None]
