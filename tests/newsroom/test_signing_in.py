"""People sign in with their names and passwords, and sign out."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from time import process_time

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dateline import config as configuration
from dateline.cli import main
from dateline.model.acts import Act
from dateline.newsroom import create_app
from dateline.newsroom.access import passwords
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.access.limit import LoginLimit
from dateline.newsroom.access.people import Action, Person, may, token_hash
from dateline.newsroom.access.turns import WAITING
from dateline.newsroom.app import ROUTES
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, until
from support.staff import AT, WORD, Staff, configure, seen

PASSWORD = "correct-horse-battery-staple"  # noqa: S105 - of a test
# As cheap as argon2 can be.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def table(name: str, role: str, key: str = "password", value: str = HASH) -> str:
    """Return the table of a person."""
    return f'[[newsroom.person]]\nname = "{name}"\nrole = "{role}"\n{key} = "{value}"\n'


PEOPLE = (
    table("Reader", "reader")
    + table("Writer", "writer")
    + table("Éditeur", "editor")
    + table("Script", "editor", "token", token_hash(WORD))
)


@pytest.fixture
def room(newsroom: Newsroom) -> Staff:
    """Return a newsroom with people, before its first run."""
    configure(newsroom, own=PEOPLE)
    return Staff(newsroom)


def browser(staff: Staff) -> FlaskClient:
    """Return a browser of somebody else."""
    return create_app(staff.room).test_client()


def sign_in(
    client: FlaskClient,
    name: str,
    password: str = PASSWORD,
    address: str = "192.0.2.1",
    **more: str,
) -> TestResponse:
    """Send the page on which people sign in."""
    data = {"name": name, "password": password, **more}
    place = {"REMOTE_ADDR": address}
    return client.post("/sign-in", base_url=AT, data=data, environ_overrides=place)


def is_in(client: FlaskClient) -> bool:
    """Return whether a browser is signed in; before the first run pages answer 503."""
    return client.get("/", base_url=AT).status_code in {200, 503}


def test_people_sign_in_with_name_and_password(room: Staff) -> None:
    """The page leads to the page that was asked for; a name may be in capitals."""
    asked = room.get("/figures?x=1")
    page = room.get(asked.location)
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert onward
    done = sign_in(room.client, "éDITEUR ", next=onward[1])

    assert (asked.status_code, asked.location) == (303, "/sign-in?next=%2Ffigures%3Fx%3D1")
    assert (done.status_code, done.location) == (303, "/figures?x=1")
    cookie = done.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert is_in(room.client)
    assert 'autocomplete="current-password"' in page.text
    assert 'autocomplete="username"' in page.text
    assert PASSWORD not in str(done.headers)


def test_the_pages_show_who_is_signed_in(room: Staff) -> None:
    """With the role, and a button to sign out."""
    sign_in(room.client, "Éditeur")
    room.build()
    page = room.get("/").text

    assert "<bdi>Éditeur</bdi>" in page
    assert "editor" in page.partition("</header>")[0]
    assert "Sign out" in page.partition("</header>")[0]


def test_every_wrong_name_and_password_has_the_same_answer(room: Staff) -> None:
    """Nobody learns which names exist, or who has no password."""
    answers = {
        (answer.status_code, answer.text.replace(name, "NAME"), str(answer.headers))
        for name, password in (
            ("Writer", "wrong"), ("Nobody", "wrong"), ("Nobody", PASSWORD), ("Script", PASSWORD),
        )
        for answer in [sign_in(room.client, name, password)]
    }  # fmt: skip
    sizes = {size for _, _, headers in answers if (size := re.search(r"Length: \d+", headers))}

    assert len({(status, text) for status, text, _ in answers}) == 1
    assert {status for status, _, _ in answers} == {403}
    assert "The name or the password is wrong." in next(iter(answers))[1]
    assert sizes
    assert not is_in(room.client)


def test_an_unknown_name_costs_what_a_known_one_does(room: Staff) -> None:
    """Its password is compared with the hash of a person, whatever the answer."""
    access = room.room.access

    assert [access.claimed(name)[1] for name in ("Writer", "Nobody", "Script")] == [HASH] * 3
    assert [access.claimed(name)[0] for name in ("Nobody", "Script")] == [None, None]


@pytest.mark.long
def test_a_long_password_keeps_nobody_out(room: Staff) -> None:
    """A stranger can send a megabyte of marks, whose order takes Unicode long to find."""
    form = {"name": "Writer", "password": "\u0315\u0300" * 100_000}
    begun = process_time()

    answer = browser(room).post("/sign-in", base_url=AT, data=form, content_type=MULTIPART)

    assert (answer.status_code, process_time() - begun < 10) == (403, True)


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil", "x", ""])
def test_signing_in_leads_to_no_other_site(room: Staff, wanted: str) -> None:
    """An address that is not a path is replaced by the first page."""
    assert sign_in(room.client, "Writer", next=wanted).location == "/"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Origin": "http://127.0.0.1:8001"}, 303),
        ({"Origin": "https://staff.example.org"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://127.0.0.1:8002"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_no_other_site_signs_anybody_in(
    newsroom: Newsroom, fields: dict[str, str], status: int
) -> None:
    """With a form to another account; over plain HTTP a browser names only its `Origin`."""
    configure(newsroom, own=f'url = "https://staff.example.org"\n{PEOPLE}')
    data = {"name": "Writer", "password": PASSWORD}
    page = Staff(newsroom).client.get("/sign-in", base_url=AT)
    answer = Staff(newsroom).client.post("/sign-in", base_url=AT, data=data, headers=fields)

    assert answer.status_code == status
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_outsiders_find_the_page_to_sign_in_and_nothing_else(room: Staff) -> None:
    """Pages that exist for staff lead to it; other addresses, and keys that are wrong, are 404."""
    pages = ("/", "/figures", "/entries/live", "/entries/nothing", "/preview?file=a.toml")
    others = ("/nothing", "/problems.atom", "/problems.atom?key=x", "/shown/x/new-page", "//")

    assert {room.get(path).status_code for path in pages} == {303}
    assert {room.get(path).data for path in others} == {b"Not found\n"}
    assert room.get("/static/newsroom.css").status_code == 200
    assert room.post("/allow", code="x").location == "/sign-in"


def test_a_link_from_another_site_leads_on_by_a_page_of_ours(room: Staff) -> None:
    """Browsers leave out the cookie after a link from a chat: the page asks again with it."""
    answer = room.get("/preview?file=a.toml", **{"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert 'content="0; url=/preview?file=a.toml"' in answer.text
    assert "a.toml" not in seen(answer.text)


def test_signing_out_ends_the_session_for_good(room: Staff) -> None:
    """The cookie is not valid any more, after a restart too; other browsers stay signed in."""
    other = browser(room)
    cookie = sign_in(room.client, "Writer").headers["Set-Cookie"].partition(";")[0]
    sign_in(other, "Writer")
    room.build()
    done = room.post("/sign-out")
    page = room.get(done.location)
    restarted = create_app(Staff(room.newsroom).room).test_client(use_cookies=False)
    again = [
        client.get("/", base_url=AT, headers={"Cookie": cookie}).status_code
        for client in (create_app(room.room).test_client(use_cookies=False), restarted)
    ]

    assert done.status_code == 303
    assert "You are signed out." in page.text
    assert not is_in(room.client)
    assert again == [303, 303]
    assert is_in(other)


def test_signing_out_takes_a_form_of_ours(room: Staff) -> None:
    """Another site cannot sign anybody out."""
    sign_in(room.client, "Writer")
    room.build()

    assert room.post("/sign-out", word="x").status_code == 403
    assert room.get("/sign-out").status_code == 404
    assert is_in(room.client)


def test_a_house_with_a_token_signs_out_too(newsroom: Newsroom) -> None:
    """The page says how to come back; then everything is 404 again."""
    staff = Staff.of(newsroom)
    staff.build()

    page = staff.post("/sign-out")

    assert "You are signed out. To come back, open the address" in seen(page.text)
    assert staff.get("/").data == b"Not found\n"


def test_a_token_of_a_person_signs_in_this_person(room: Staff) -> None:
    """The configuration has its hash alone."""
    page = room.client.get(f"/?token={WORD}", base_url=AT)
    room.build()

    assert page.status_code == 200
    assert "<bdi>Script</bdi>" in room.get("/").text


def test_a_link_of_another_site_replaces_no_session(room: Staff) -> None:
    """It signs somebody in who is not, by a page of ours; an address that is typed always does."""
    address = f"/figures?token={WORD}"

    def follow(client: FlaskClient, site: str) -> TestResponse:
        return client.get(address, base_url=AT, headers={"Sec-Fetch-Site": site})

    for client, names in ((browser(room), ["Script"]), (room.client, ["Writer", "Script"])):
        if len(names) > 1:
            sign_in(client, names[0])
        first, second = follow(client, "cross-site"), follow(client, "same-origin")
        room.build()
        assert "Set-Cookie" not in first.headers
        assert f'content="0; url={address}"' in first.text
        assert ("Set-Cookie" in second.headers) is (len(names) == 1)
        assert f"<bdi>{names[0]}</bdi>" in client.get("/", base_url=AT).text
        follow(client, "none")
        assert f"<bdi>{names[-1]}</bdi>" in client.get("/", base_url=AT).text


def test_a_removed_person_is_out_at_the_next_run(room: Staff) -> None:
    """Without a restart, and even if nobody is left; others stay."""
    writer, editor = room.client, browser(room)
    sign_in(writer, "Writer")
    sign_in(editor, "Éditeur")
    configure(room.newsroom, own=table("Éditeur", "editor"))
    room.build()
    ins = [is_in(writer), is_in(editor)]
    configure(room.newsroom, own="")
    room.build()

    assert ins == [False, True]
    assert not is_in(editor)


def test_behind_tls_the_cookie_is_secure(newsroom: Newsroom) -> None:
    """As `url` says; and its name lets no other site of the domain set one (`__Host-`)."""
    configure(newsroom, own=f'url = "https://staff.example.org"\n{PEOPLE}')
    staff = Staff(newsroom)
    cookie = sign_in(staff.client, "Writer").headers["Set-Cookie"].split("; ")
    client, valid = create_app(staff.room).test_client(use_cookies=False), cookie[0]

    assert cookie[0].startswith("__Host-dateline=")
    assert {"Secure", "Path=/"} <= {*cookie}
    assert not any(one.startswith("Domain") for one in cookie)
    for sent, status in ((valid, 503), (valid.removeprefix("__Host-"), 303)):
        assert client.get("/", base_url=AT, headers={"Cookie": sent}).status_code == status


# ---- Single sign-on

SIGN_ON = 'url = "https://staff.example.org"\ntrusted = ["127.0.0.1", "2001:db8::/64"]\n'


def asked(staff: Staff, name: str, **more: str) -> TestResponse:
    """Ask for the first page with a name in the header, as a server in front does."""
    address, host = more.get("address", "127.0.0.1"), more.get("host", "staff.example.org")
    return (
        create_app(staff.room)
        .test_client()
        .get(
            "/",
            headers={"Host": host, "Remote-User": name},
            environ_overrides={"REMOTE_ADDR": address},
        )
    )


@pytest.fixture
def front(newsroom: Newsroom) -> Staff:
    """Return a newsroom behind a server that says who it is."""
    own = f'{SIGN_ON}header = "Remote-User"\n{PEOPLE}'
    nobody = '[[newsroom.person]]\nname = "desk@example.org"\nrole = "reader"\n'
    configure(newsroom, own=own + nobody)
    staff = Staff(newsroom)
    staff.build()
    return staff


def test_a_server_in_front_names_the_person(front: Staff) -> None:
    """Who needs no password; there is no button to sign out, as there is no session here."""
    page = asked(front, "desk@example.org")
    other = asked(front, "Éditeur".encode().decode("latin-1"), address="2001:db8::7")

    assert (page.status_code, other.status_code) == (200, 200)
    assert "<bdi>desk@example.org</bdi>" in page.text
    assert "Sign out" not in page.text
    assert "Set-Cookie" not in page.headers
    assert "<bdi>Éditeur</bdi>" in other.text
    assert page.headers["ETag"] != other.headers["ETag"]


def test_a_name_counts_from_trusted_addresses_alone(
    front: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    """Elsewhere the field is ignored, and that is logged once."""
    answers = [asked(front, "Éditeur", address=f"192.0.2.{number}") for number in (1, 2)]
    rebound = asked(front, "Writer", host="evil.example")
    forwarded = front.client.get(
        "/",
        headers={
            "Host": "staff.example.org", "Remote-User": "Writer", "X-Forwarded-For": "127.0.0.1",
        },
        environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
    )  # fmt: skip

    assert [(one.status_code, one.location) for one in answers] == [(303, "/sign-in")] * 2
    assert caplog.text.count("192.0.2.1 sends the header field Remote-User") == 1
    assert "192.0.2.2" not in caplog.text
    assert rebound.data == b"Not found\n"
    assert forwarded.location == "/sign-in"


@pytest.mark.parametrize(
    "name", ["stranger@example.org", "Writer,Éditeur", "<b>", "Reader, Writer"]
)
def test_a_name_of_nobody_is_refused(front: Staff, name: str) -> None:
    """With a page that says so."""
    answer = asked(front, name.encode().decode("latin-1"))

    assert answer.status_code == 403
    assert f"“{name}” is not one of the people of this newsroom." in seen(answer.text)
    assert "<b>" not in answer.text


def test_the_name_in_the_header_comes_before_the_cookie(front: Staff) -> None:
    """Somebody else at the same browser does not go on as the person before."""
    cookie = sign_in_at_front(front).headers["Set-Cookie"].partition(";")[0]
    page = (
        create_app(front.room)
        .test_client(use_cookies=False)
        .get("/", headers={"Host": "staff.example.org", "Remote-User": "Reader", "Cookie": cookie})
    )

    assert "<bdi>Reader</bdi>" in page.text


def sign_in_at_front(staff: Staff) -> TestResponse:
    """Sign in with a password beside single sign-on."""
    data = {"name": "Writer", "password": PASSWORD}
    return staff.client.post("/sign-in", headers={"Host": "staff.example.org"}, data=data)


# ---- Roles


@pytest.mark.parametrize("name", ["Reader", "Writer", "Éditeur"])
def test_every_form_asks_for_the_permission_of_the_role(room: Staff, name: str) -> None:
    """An action that a role does not allow is refused, with the names of those who may."""
    sign_in(room.client, name)
    room.build()
    role = next(one.role for one in room.newsroom.config.newsroom.people if one.name == name)
    forms = [one for one in ROUTES if "POST" in one.methods and not one.name.startswith("sign_")]
    answers = {one.name: room.post(one.rule) for one in forms}

    for one in forms:
        is_refused = answers[one.name].status_code == 403
        assert is_refused is not may(Person(name, role), one.action), one.name
        assert not is_refused or "Éditeur, Script." in seen(answers[one.name].text)
    assert {one.action for one in forms} >= {Action.ALLOW, Action.KEEP, Action.STOP}


@pytest.mark.long
def test_a_reader_sees_no_button_that_does_nothing(room: Staff) -> None:
    """In its place are the names of those who may decide; a writer has the button that stops."""
    staff, newsroom = room, room.newsroom
    for number in range(3):
        newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    staff.build()
    configure(newsroom, "[intake]\ncooling = 600", own=PEOPLE)
    newsroom.drop("new.toml", entry_file("New"))
    staff.build()
    stopping = pages_of_all(staff)
    for number in range(3):
        (newsroom.folder / f"entries/{number}.toml").unlink()
    staff.build()
    deciding = pages_of_all(staff)

    buttons = {
        name: set(re.findall(r'action="(/\w+)"', stopping[name] + deciding[name]))
        for name in stopping
    }
    assert buttons == {
        "Reader": set(),
        "Writer": {"/stop"},
        "Éditeur": {"/stop", "/keep", "/allow"},
    }
    assert "These people may decide: Éditeur, Script." in seen(deciding["Reader"])
    assert "These people may decide" not in deciding["Éditeur"]


def pages_of_all(staff: Staff) -> dict[str, str]:
    """Return the main part of the first page, as each of them has it."""
    pages = {}
    for name in ("Reader", "Writer", "Éditeur"):
        client = browser(staff)
        sign_in(client, name)
        pages[name] = client.get("/", base_url=AT).text.partition("</header>")[2]
    return pages


def test_the_ledger_records_who_decided(newsroom: Newsroom) -> None:
    """By the name of the person who was signed in."""
    configure(newsroom, "[intake]\ncooling = 600", own=PEOPLE)
    staff = Staff(newsroom)
    newsroom.drop("new.toml", entry_file("New"))
    staff.build()
    sign_in(staff.client, "writer")
    staff.post("/stop", file="new.toml")

    with staff.room.ledger() as ledger:
        assert [(one.person, one.act) for one in ledger.acts.latest(9)] == [("Writer", Act.STOPPED)]


# ---- Limits


def test_a_name_under_attack_waits_and_its_owner_does_not(room: Staff) -> None:
    """Who is signed in stays so, and may sign in again where this name signed in before."""
    sign_in(room.client, "Writer", address="192.0.2.7")
    for number in range(12):
        sign_in(browser(room), "Writer", f"guess {number}", address=f"198.51.100.{number}")
    attacker = sign_in(browser(room), "Writer", address="198.51.100.99")
    other = sign_in(browser(room), "Éditeur", address="198.51.100.99")
    owner = sign_in(browser(room), "Writer", address="192.0.2.7")

    assert (attacker.status_code, other.status_code, owner.status_code) == (429, 303, 303)
    assert attacker.headers["Retry-After"] == "60"
    assert "too many wrong attempts" in attacker.text
    assert is_in(room.client)


def test_a_name_waits_for_a_minute_at_most(newsroom: Newsroom) -> None:
    """Others can make a name wait, but not for long."""
    limit, now = LoginLimit(), newsroom.now
    for number in range(80):
        limit.wrong(f"192.0.2.{number}", "x", now, "writer")

    assert limit.waits("203.0.113.1", now + timedelta(seconds=59), "writer")
    assert not limit.waits("203.0.113.1", now + timedelta(seconds=60), "writer")
    assert not limit.waits("203.0.113.1", now, "editor")


def test_at_most_two_passwords_are_checked_at_once(
    room: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes 64 MiB; others wait for a moment, then try again."""
    monkeypatch.setattr(passwords, "_PATIENCE", 0.01)
    with passwords.turn() as one, passwords.turn() as two:
        busy = sign_in(room.client, "Writer")

    assert (one, two, busy.status_code, busy.headers["Retry-After"]) == (True, True, 503, "5")
    assert "Try again in a few seconds" in busy.text
    assert sign_in(room.client, "Writer").status_code == 303


@pytest.mark.long
def test_few_wait_for_a_turn(room: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait have threads of the newsroom, which has few; others are refused at once."""
    monkeypatch.setattr(passwords, "_PATIENCE", 10 * PATIENCE)
    answers: list[int] = []

    def ask() -> None:
        answers.append(sign_in(browser(room), "Writer").status_code)

    waiting = [threading.Thread(target=ask) for _ in range(2 * WAITING)]
    with passwords.turn(), passwords.turn():
        for one in waiting:
            one.start()
        assert until(lambda: len(answers) == WAITING)
        assert answers == [503] * WAITING
    for one in waiting:
        one.join(PATIENCE)

    assert sorted(answers) == [303] * WAITING + [503] * WAITING


def test_a_password_that_could_not_be_checked_is_not_wrong(
    room: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where there was no memory for it; the next attempt succeeds."""
    with monkeypatch.context() as without_memory:
        without_memory.setattr(passwords, "is_right", lambda *_: None)
        busy = sign_in(room.client, "Writer")

    assert busy.status_code == 503
    assert sign_in(room.client, "Writer").status_code == 303


def test_a_wrong_password_is_checked_once(room: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeating it costs nothing and locks nobody out; it is checked again once it is set."""
    checked: list[str] = []
    is_right = passwords.is_right

    def count(password: str, own: str) -> bool | None:
        checked.append(password)
        return is_right(password, own)

    monkeypatch.setattr(passwords, "is_right", count)
    old = "an-old-password-of-writer"
    wrong = [sign_in(browser(room), "Writer", old).status_code for _ in range(30)]
    assert ({*wrong}, checked) == ({403}, [old])
    assert sign_in(browser(room), "Writer", address="192.0.2.2").status_code == 303

    new = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(old)
    configure(room.newsroom, own=PEOPLE.replace(HASH, new))
    room.room.follow(room.newsroom.config)
    assert sign_in(browser(room), "Writer", old).status_code == 303


def test_a_password_waits_for_its_turn(room: Staff) -> None:
    """It is checked as soon as another one is done."""
    answers: list[int] = []
    waiting = threading.Thread(
        target=lambda: answers.append(sign_in(room.client, "Writer").status_code)
    )
    with passwords.turn(), passwords.turn():
        waiting.start()
        waiting.join(0.05)
        early = list(answers)
    waiting.join(PATIENCE)

    assert (early, answers) == ([], [303])


# ---- `newsroom add`


def add(*words: str, typed: str = f"{PASSWORD}\n") -> tuple[int, str, str]:
    """Run the command; return its exit code, and what it printed."""
    done = CliRunner().invoke(main, ["newsroom", "add", *words], input=typed)
    error = str(done.exception or "") if not isinstance(done.exception, SystemExit) else ""
    return done.exit_code, done.stdout, done.stderr + error


@pytest.mark.long
def test_the_command_prints_a_table_for_the_configuration(newsroom: Newsroom) -> None:
    """With hashes alone; the token is apart, so that the table can be appended to the file."""
    code, printed, said = add('Night "desk"', "--role", "editor", "--token")
    path = newsroom.folder / "config.toml"
    path.write_text(f"{CONFIG}\n{printed}", encoding="utf-8")
    (person,) = configuration.load(path).newsroom.people
    token = said.partition("\n  ")[2].split()[0]

    assert (code, person.name, person.role.value) == (0, 'Night "desk"', "editor")
    assert passwords.is_right(PASSWORD, person.password)
    assert token_hash(token) == person.token
    assert len(token) == 43
    assert PASSWORD not in printed + said
    assert token not in printed


def test_a_table_may_have_no_password() -> None:
    """A token is enough, or single sign-on; the role of most people is the default."""
    _, printed, _ = add("Script", "--token", "--no-password", typed="")

    assert "password" not in printed
    assert 'role = "writer"' in printed


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "has fewer than 12 characters"),
        ("short", "has fewer than 12 characters"),
        ("Elf Zeichen", "has fewer than 12 characters"),
        ("aaaaaaaaaaaaaaaa", "is easy to guess"),
        ("password123456", "is easy to guess"),
        ("nightdesk-NightDesk", "is easy to guess"),
        ("qwertyuiop1234", "is easy to guess"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(typed: str, reason: str) -> None:
    """The message does not repeat it."""
    code, printed, said = add("Night desk", typed=f"{typed}\n")

    assert (code, printed) == (1, "")
    assert said.startswith(f"This password {reason}.")
    assert not typed or typed not in said


@pytest.mark.long
def test_a_password_is_the_same_on_all_keyboards() -> None:
    """Composed and decomposed characters are equal."""
    own = passwords.hashed("Grün\u0308e Wiesen im Mai")

    assert passwords.is_right("Grün\u0308e Wiesen im Mai", own)
    assert passwords.is_right("Gr\u00fcn\u0308e Wiesen im Mai", own)
    assert not passwords.is_right("Grüne Wiesen im Mai", own)
    assert not passwords.is_right("x", "")
