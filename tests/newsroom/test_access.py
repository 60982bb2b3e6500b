"""Only staff can find and open the newsroom."""

from __future__ import annotations

import dataclasses
import logging
import re
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import httpx
import pytest

from dateline import config as configuration
from dateline.cli.serve import placed
from dateline.config import NewsroomSettings as Settings
from dateline.config import PersonSettings, StaffRole
from dateline.config.values import secret_token
from dateline.errors import ConfigError, DatelineError
from dateline.ledger import exclusive
from dateline.newsroom import create_app, serving
from dateline.newsroom.access import Access
from dateline.newsroom.access.limit import LoginLimit
from dateline.newsroom.access.people import HOUSE
from dateline.newsroom.access.sessions import Sessions
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, exchange, fetch, free_port, serve, until
from support.staff import AT, WORD, Staff, configure

HELD = entry_file("Secret plan").replace("2026-11-24", '"30 February"')
ADDRESSES = (
    "/", "/entries/live", "/entries/held", "/figures", "/preview?file=bad.toml", "/allow", "/stop",
    "/problems.atom", "/static/newsroom.css", "/static/newsroom.js", "/shown/x/new-page",
    "/shown/eA.ffffffff.AAAA/new-page", "//", "/entries", "/?token=", f"/?token={WORD}x",
    f"/nothing?token={WORD}", "/robots.txt", "/favicon.ico",
    "/sign-in", "/sign-out", "/%ff", f"/allow?token={WORD}",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW")


@pytest.fixture
def port(newsroom: Newsroom) -> int:
    """Return the port of a newsroom with content."""
    port = free_port()
    configure(newsroom, own=f'token = "{WORD}"\nport = {port}')
    newsroom.drop("bad.toml", HELD)
    return port


@pytest.mark.long
def test_without_the_token_every_answer_is_the_same(newsroom: Newsroom, port: int) -> None:
    """Byte for byte, for every path and method: the answer for a missing page."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        answers = {
            (method, response(port, method, address)) for method in METHODS for address in ADDRESSES
        }

    assert len({method for method, _ in answers}) == len(answers) == len(METHODS)
    whole = {answer for method, answer in answers if method != "HEAD"}
    assert len(whole) == 1
    (head,) = {answer for method, answer in answers if method == "HEAD"}
    assert whole.pop() == head + b"Not found\n"
    assert head.startswith((b"HTTP/1.1 404 ", b"HTTP/1.0 404 "))
    for word in (b"Dateline", b"Werkzeug", b"Python", b"ewsroom", b"Cookie", b"Allow"):
        assert word not in head


def response(port: int, method: str, address: str) -> bytes:
    """Return the bytes of a response without its Date field."""
    request = f"{method} {address} HTTP/1.1\r\nHost: newsroom\r\nConnection: close\r\n\r\n"
    return re.sub(rb"Date: [^\r]*\r\n", b"", exchange(port, request.encode()))


@pytest.mark.long
def test_a_cookie_replaces_the_token(newsroom: Newsroom) -> None:
    """No script and no other site gets the cookie, and no page contains the token."""
    configure(newsroom)
    staff = Staff(newsroom)
    newsroom.drop("bad.toml", HELD)
    staff.build()
    answer = staff.come_in()
    cookie = answer.headers["Set-Cookie"]
    pages = [staff.get(address) for address in ("/", "/figures", "/preview?file=bad.toml")]

    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert [page.status_code for page in pages] == [200, 200, 200]
    for page in (answer, *pages):
        assert WORD not in page.text + str(page.headers)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_signing_in_leads_to_the_requested_page(newsroom: Newsroom) -> None:
    """It never leads to another site."""
    configure(newsroom)
    staff = Staff(newsroom)

    figures = staff.get(f"/figures?token={WORD}").text
    elsewhere = staff.get(f"//example.org/?token={WORD}")

    assert 'content="0; url=/figures"' in figures
    assert "example.org" not in elsewhere.text + str(elsewhere.headers)


@pytest.mark.long
def test_a_cookie_expires_with_time_and_with_the_token(newsroom: Newsroom) -> None:
    """A forged cookie is never valid."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    staff.come_in()
    before = staff.get("/").status_code
    newsroom.now += timedelta(days=7, seconds=1)
    after = staff.get("/").status_code
    staff.come_in()
    again = staff.get("/").status_code
    configure(newsroom, own=f'token = "{WORD}-other"')
    other = Staff(newsroom)
    other.build()
    other.client._cookies = staff.client._cookies  # noqa: SLF001 - the browser's own

    assert (before, after, again, other.get("/").status_code) == (200, 404, 200, 404)


def test_a_restart_signs_nobody_out(newsroom: Newsroom) -> None:
    """The secret is created once, before or after the first run, and kept in the ledger."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.come_in()  # during the first run
    staff.build()
    first = staff.get("/").status_code
    restarted = Staff(newsroom)
    restarted.client._cookies = staff.client._cookies  # noqa: SLF001 - the browser's own
    early = restarted.get("/").status_code
    restarted.build()

    assert (first, early, restarted.get("/").status_code) == (200, 200, 200)
    assert restarted.room.access.feed_key() == staff.room.access.feed_key()


@pytest.mark.parametrize("setting", ["port = 8009", 'url = "https://127.0.0.1"', 'language = "fr"'])
def test_a_changed_setting_signs_everybody_out(newsroom: Newsroom, setting: str) -> None:
    """Like a new token: older cookies become invalid."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    staff.come_in()
    configure(newsroom, own=f'token = "{WORD}"\n{setting}')
    other = Staff(newsroom)
    other.build()
    other.client._cookies = staff.client._cookies  # noqa: SLF001 - the browser's own

    assert (staff.get("/").status_code, other.get("/").status_code) == (200, 404)


def access_of(newsroom: Newsroom, secret: bytes = b"1" * 32, **settings: Any) -> Access:
    """Return the checks of a newsroom with a token and these settings."""
    return Access(Settings(token=WORD, **settings), secret, Sessions(newsroom.folder / "state"))


def test_a_new_token_ends_what_was_signed(newsroom: Newsroom) -> None:
    """Cookies, and addresses of previews and of the feed, even where the ledger's secret leaked."""
    now = newsroom.now
    access = access_of(newsroom)
    preview, feed, cookie = (
        access.preview("a.toml", now), access.feed_key(), access.cookie(HOUSE, now),
    )  # fmt: skip
    sessions = Sessions(newsroom.folder / "state")
    for token, is_valid in ((WORD, True), (f"{WORD}-2", False)):
        same = Access(Settings(token=token), b"1" * 32, sessions)

        assert (same.previewed(preview, now) is not None) == is_valid
        assert (same.feed_reader(feed) is not None) == is_valid
        assert (same.session(cookie, now) is not None) == is_valid


def test_a_shared_address_does_not_help_to_guess_the_token(newsroom: Newsroom) -> None:
    """Two newsrooms with equal token and settings have different signatures."""
    one, other = (access_of(newsroom, secret) for secret in (b"1" * 32, b"2" * 32))
    key = one.preview("a.toml", newsroom.now)

    assert one.previewed(key, newsroom.now)
    assert other.previewed(key, newsroom.now) is None
    assert not other.session(one.cookie(HOUSE, newsroom.now), newsroom.now)
    assert not other.is_form_word(one.form_word())
    assert other.feed_reader(one.feed_key()) is None


@pytest.mark.parametrize("use", ["cookie", "form", "preview", "feed"])
def test_signed_values_do_not_sign_in(newsroom: Newsroom, use: str) -> None:
    """An address for colleagues, a form token and the feed's key do not open the newsroom."""
    access, now = access_of(newsroom), newsroom.now
    given = {
        "cookie": access.cookie(HOUSE, now),
        "form": access.form_word(),
        "preview": access.preview("a.toml", now),
        "feed": access.feed_key(),
    }[use]

    accepted = {
        "cookie": access.session(given, now) is not None,
        "form": access.is_form_word(given),
        "preview": access.previewed(given, now) is not None,
        "feed": access.feed_reader(given) is not None,
        "token": access.owner(given) is not None,
    }

    assert accepted == {name: name == use for name in accepted}


@pytest.mark.parametrize(
    "token",
    ["a" * 16, "a" * 64, "ab" * 8, "0123456789abcdef", "0123456789_abcdef", "abcdefghijklmnopqrst",
     "9876543210-zyxwvu", "passwordpassword", "newsroom-newsroom", "Password12345678", "0" * 32,
     "dateline-newsroom-token", "qwertyuiopasdfghjkl", "1234-1234-1234-1234", "01" * 20],
)  # fmt: skip
def test_a_weak_token_is_refused(tmp_path: Path, token: str) -> None:
    """The message has the command that makes a good one."""
    (tmp_path / "config.toml").write_text(f'{CONFIG}[newsroom]\ntoken = "{token}"\n')

    with pytest.raises(ConfigError, match=r"newsroom\.token: is easy .*secrets\.token_urlsafe"):
        configuration.load(tmp_path / "config.toml")


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex])
@pytest.mark.parametrize("size", [12, 16, 32])
def test_a_random_token_is_accepted(make: Callable[[int], str], size: int) -> None:
    """A thousand of any generator are all accepted."""
    assert all(secret_token(make(size)) for _ in range(1000))


def test_wrong_tokens_are_throttled(newsroom: Newsroom) -> None:
    """The right one has to wait too, from the same address; cookies go on."""
    configure(newsroom)
    inside, outside = Staff(newsroom), Staff(newsroom)
    outside.room, outside.client = inside.room, create_app(inside.room).test_client()
    inside.build()
    inside.come_in()
    for number in range(10):
        outside.get(f"/?token={WORD}{number}")
    answers = [outside.come_in(), inside.get("/")]
    newsroom.now += timedelta(seconds=2)
    later = outside.come_in()

    assert [answer.status_code for answer in answers] == [404, 200]
    assert answers[0].data == b"Not found\n"
    assert later.status_code == 200


def test_a_repeated_wrong_token_counts_once(newsroom: Newsroom) -> None:
    """A feed reader with an old token does not block its office."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    for _ in range(50):
        staff.get(f"/problems.atom?token={WORD}-old")

    assert staff.come_in().status_code == 200


@pytest.mark.long
def test_clients_behind_a_proxy_are_throttled_separately(newsroom: Newsroom) -> None:
    """Addresses that clients put into `X-Forwarded-For` themselves are not trusted."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()

    def sign_in(word: str, passed: str, peer: str = "127.0.0.1") -> int:
        fields = {"X-Forwarded-For": passed}
        from_ = {"REMOTE_ADDR": peer}
        browser = create_app(staff.room).test_client(use_cookies=False)
        return browser.get(
            f"/?token={word}", base_url=AT, headers=fields, environ_overrides=from_
        ).status_code

    for number in range(10):
        sign_in(f"{WORD}{number}", "192.0.2.9, 192.0.2.1")
        sign_in(f"{WORD}{number}", f"192.0.2.{100 + number}", "192.0.2.3")

    assert sign_in(WORD, "192.0.2.9, 192.0.2.1") == 404
    assert sign_in(WORD, "192.0.2.1, 192.0.2.2") == 200
    assert sign_in(WORD, "192.0.2.50", "192.0.2.3") == 404


@pytest.mark.parametrize(
    ("peer", "settings", "is_passed_on"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {"host": "::"}, True),
        ("192.0.2.10", {"host": "192.0.2.10"}, True),
        ("::ffff:192.0.2.10", {"host": "192.0.2.10"}, True),
        ("fe80::1%eth0", {"host": "fe80::1%2"}, True),
        ("192.0.2.77", {"trusted": ("192.0.2.64/26",)}, True),
        ("192.0.2.11", {"host": "192.0.2.10", "trusted": ("192.0.2.64/26",)}, False),
        ("192.0.2.10", {"host": "0.0.0.0"}, False),  # noqa: S104
        ("192.0.2.10", {"host": "localhost"}, False),
        ("", {"host": ""}, False),
    ],
)
def test_only_a_proxy_passes_on_the_address_of_its_client(
    newsroom: Newsroom, peer: str, settings: dict[str, Any], *, is_passed_on: bool
) -> None:
    """It connects from this machine, where the newsroom listens too, or from a trusted network."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    staff.room.access = access_of(newsroom, **settings)

    for number in range(10):
        given = {"X-Forwarded-For": f"198.51.100.{number}"}
        peers = {"REMOTE_ADDR": peer}
        browser = staff.client.application.test_client(use_cookies=False)
        browser.get(f"/?token={WORD}{number}", base_url=AT, headers=given, environ_overrides=peers)

    assert staff.room.limit.waits(peer, newsroom.now) is not is_passed_on


@pytest.mark.long
def test_throttling_applies_to_all_clients_together_and_ends(newsroom: Newsroom) -> None:
    """At most a minute for all, and a quarter of an hour for one address."""
    limit, now = LoginLimit(), newsroom.now
    limit.right("192.0.2.77")
    for number in range(5000):
        limit.wrong(f"2001:db8:{number:x}::1", "x", now)
    for number in range(200):
        limit.wrong("192.0.2.1", str(number), now)

    def waits(address: str, seconds: int) -> bool:
        return limit.waits(address, now + timedelta(seconds=seconds))

    assert [waits("192.0.2.2", 59), waits("192.0.2.2", 60)] == [True, False]
    assert [waits("192.0.2.1", 899), waits("192.0.2.1", 900)] == [True, False]
    assert not waits("192.0.2.77", 1)


def test_the_former_address_of_the_feed_only_reads_it(newsroom: Newsroom) -> None:
    """Feed readers have it with the token: it gives no cookie and no page, and sends no form."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    former = f"/problems.atom?token={WORD}"

    feed = staff.get(former)

    assert (feed.status_code, feed.content_type) == (200, "application/atom+xml; charset=utf-8")
    assert "Set-Cookie" not in feed.headers
    assert WORD not in feed.text
    assert staff.client.post(former, data={"code": "a"}).status_code == 404
    assert [staff.get(path).status_code for path in ("/", "/entries/held", "/figures")] == [404] * 3


# ---- Behind a server with TLS


def test_behind_tls_the_configured_address_is_used(newsroom: Newsroom) -> None:
    """For cookies, shared addresses and the feed; requests for other hosts are refused."""
    configure(newsroom, own=f'token = "{WORD}"\nurl = "https://Staff.example.org/"')
    staff = Staff(newsroom)
    newsroom.drop("good.toml", entry_file("Good", draft="true"))
    staff.build()
    front = {"Host": "staff.example.org"}
    cookie = staff.client.get(f"/?token={WORD}", headers=front).headers["Set-Cookie"]
    page = staff.client.get(
        "/preview?file=good.toml", headers={**front, "Cookie": cookie.partition(";")[0]}
    ).text
    feed = staff.client.get(f"/problems.atom?token={WORD}", headers=front).text

    def status(host: str) -> int:
        key = staff.room.access.feed_key()
        return staff.client.get(f"/problems.atom?key={key}", headers={"Host": host}).status_code

    assert "Secure" in cookie.split("; ")
    assert "https://staff.example.org/shown/" in page
    assert 'href="https://staff.example.org/problems.atom?key=' in feed
    assert {host: status(host) for host in ("staff.example.org:443", "127.0.0.1:8001")} == {
        "staff.example.org:443": 200,
        "127.0.0.1:8001": 200,
    }
    assert [status(host) for host in ("evil.example", "example.org", "")] == [404, 404, 404]


@pytest.mark.parametrize(
    ("settings", "host", "address"),
    [
        ({"host": "192.0.2.10"}, "evil.example", "http://192.0.2.10:8001"),
        ({"host": "::1", "port": 81}, "evil.example", "http://[::1]:81"),
        ({"host": "0.0.0.0"}, "192.0.2.10:8001", "http://192.0.2.10:8001"),  # noqa: S104
        ({"host": "0.0.0.0"}, "evil.example", f"http://{gethostname()}:8001"),  # noqa: S104
        ({"host": "0.0.0.0", "url": "https://a.example"}, "x.example", "https://a.example"),  # noqa: S104
    ],
)
def test_shared_addresses_ignore_the_host_field(
    newsroom: Newsroom, settings: dict[str, Any], host: str, address: str
) -> None:
    """A request may name any host; shared addresses lead here."""
    assert access_of(newsroom, **settings).address(host) == address


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (f'token = "{WORD}"\nurl = "staff.example.org"', "must start with https://"),
        (f'token = "{WORD}"\nurl = "https://example.org/staff"', "must be a name alone"),
        ('without_token = true\nurl = "https://a.example"', "is for a newsroom with a token"),
    ],
)
def test_an_invalid_address_is_refused(tmp_path: Path, table: str, fault: str) -> None:
    """The message names a valid form."""
    (tmp_path / "config.toml").write_text(f"{CONFIG}[newsroom]\n{table}\n")

    with pytest.raises(ConfigError, match=f"newsroom.url: {fault}"):
        configuration.load(tmp_path / "config.toml")


@pytest.mark.parametrize("cookie", ["", "x", "ffffffff.", "ffffffff.AAAA", "é", '"', "..", WORD])
def test_a_forged_cookie_opens_nothing(newsroom: Newsroom, cookie: str) -> None:
    """The response is that of a missing page, whatever the cookie holds."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()

    answer = staff.get("/", Cookie=f"dateline={cookie}")

    assert (answer.status_code, answer.data) == (404, b"Not found\n")


def test_a_signature_is_valid_for_one_purpose(newsroom: Newsroom) -> None:
    """This covers cookies, form tokens and keys of shared previews."""
    configure(newsroom)
    staff = Staff(newsroom)
    newsroom.drop("bad.toml", HELD)
    staff.build()
    staff.come_in()
    access, now = staff.room.access, newsroom.now
    keys = {
        "cookie": access.cookie(HOUSE, now),
        "form": access.form_word(),
        "preview": access.preview("bad.toml", now),
    }

    def opens(key: str) -> set[str]:
        visitor = staff.client.application.test_client(use_cookies=False)
        cookie = {"Cookie": f"dateline={key}"}
        places = {
            "cookie": visitor.get("/", base_url=AT, headers=cookie).status_code == 200,
            "form": staff.post("/allow", word=key, code="x").status_code != 403,
            "preview": visitor.get(f"/shown/{key}/new-page", base_url=AT).status_code == 200,
        }
        return {use for use, is_open in places.items() if is_open}

    assert {use: opens(key) for use, key in keys.items()} == {use: {use} for use in keys}


def test_pages_restrict_their_base_and_forms(newsroom: Newsroom) -> None:
    """Every page of the newsroom has every directive of the policy."""
    configure(newsroom)
    staff = Staff(newsroom)
    newsroom.drop("bad.toml", HELD)
    staff.build()
    staff.come_in()
    key = staff.room.access.preview("bad.toml", newsroom.now)
    policies = {
        address: directives(staff.get(address).headers["Content-Security-Policy"])
        for address in ("/", "/figures", f"/shown/{key}/new-page")
    }

    for address, found in policies.items():
        assert (found["default-src"], found["base-uri"]) == ("'none'", "'none'"), address
        assert {"form-action", "frame-ancestors"} <= found.keys(), address
        assert "'unsafe-eval'" not in str(found)


def directives(policy: str) -> dict[str, str]:
    """Return the directives of a policy."""
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts if name}


def test_a_bug_is_logged_without_the_token(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has at most the path of a failed request."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    staff.room.feed = None  # type: ignore[assignment]  # a fault, as none should be

    with caplog.at_level(logging.DEBUG):
        answer = staff.get(f"/problems.atom?token={WORD}")

    assert answer.status_code == 500
    assert "/problems.atom" in caplog.text
    assert WORD not in caplog.text + answer.text


def test_without_a_token_only_this_machine_has_access(newsroom: Newsroom) -> None:
    """Only by its own names: another site's name could lead here."""
    configure(newsroom, own="without_token = true")
    staff = Staff(newsroom)
    staff.build()

    def status(host: str) -> int:
        return staff.client.get("/", headers={"Host": host}).status_code

    assert {host: status(host) for host in ("127.0.0.1:8001", "localhost:8001", "[::1]:8001")} == {
        "127.0.0.1:8001": 200,
        "localhost:8001": 200,
        "[::1]:8001": 200,
    }
    assert {status(host) for host in ("evil.example", "127.0.0.1.evil.example", "[", "")} <= {
        404,
        400,
    }


def test_access_from_other_machines_needs_a_token(tmp_path: Path) -> None:
    """A configuration that is open to anybody is refused."""
    table = '[newsroom]\nwithout_token = true\nhost = "192.0.2.1"\n'
    (tmp_path / "config.toml").write_text(CONFIG + table, encoding="utf-8")

    with pytest.raises(ConfigError, match="where nobody needs a token"):
        configuration.load(tmp_path / "config.toml")


# ---- `serve --newsroom`


def test_the_option_is_off_or_a_host_and_a_port(newsroom: Newsroom) -> None:
    """It overrides the configuration, whose token stays in force."""
    configure(newsroom)
    config = newsroom.config
    bare = dataclasses.replace(config, newsroom=dataclasses.replace(config.newsroom, token=""))

    assert placed(config, "") is config
    assert not placed(config, "off").newsroom.is_on
    at = placed(config, "192.0.2.1:8100").newsroom
    assert (at.host, at.port, at.token, at.without_token) == ("192.0.2.1", 8100, WORD, False)
    at = placed(bare, "[::1]:8100").newsroom
    assert (at.host, at.port, at.is_on, at.without_token) == ("::1", 8100, True, True)


@pytest.mark.parametrize("place", ["127.0.0.1:8100", "192.0.2.1:8100"])
def test_the_option_lets_nobody_in_where_people_sign_in(newsroom: Newsroom, place: str) -> None:
    """It moves a newsroom with people, also to this machine alone; off is off."""
    desk = PersonSettings(name="Desk", role=StaffRole.EDITOR, token="sha256:" + "0" * 64)
    config = dataclasses.replace(newsroom.config, newsroom=Settings(people=(desk,)))

    moved = placed(config, place).newsroom
    assert (f"{moved.host}:{moved.port}", moved.without_token, moved.people) == (
        place, False, (desk,)
    )  # fmt: skip
    assert not placed(config, "off").newsroom.is_on


@pytest.mark.parametrize("place", ["x", "127.0.0.1", ":8001", "127.0.0.1:0", "h:99999", "on"])
def test_an_invalid_option_is_refused(newsroom: Newsroom, place: str) -> None:
    """The message has a valid example."""
    with pytest.raises(DatelineError, match=r"HOST:PORT, like 127\.0\.0\.1:8001"):
        placed(newsroom.config, place)


def test_an_option_for_all_addresses_needs_a_token(newsroom: Newsroom) -> None:
    """The message says what to do."""
    with pytest.raises(DatelineError, match="Write a token"):
        placed(newsroom.config, "0.0.0.0:8001")


@pytest.mark.long
def test_serve_has_a_newsroom_at_the_given_address(newsroom: Newsroom) -> None:
    """In the publisher's process, for this machine; web workers do not serve it."""
    port = free_port()
    newsroom.drop("bad.toml", HELD)
    with serve(newsroom.folder, "--newsroom", f"127.0.0.1:{port}") as served:
        assert until(lambda: status(port) == 200), served.printed()
        page = fetch(f"http://127.0.0.1:{port}/").text
        public = [served.get(path).status_code for path in ("entries/held", "figures", "allow")]
        front = served.get("").text
        printed = served.printed()

    assert "bad.toml" in page
    assert public == [404, 404, 404]
    assert str(port) not in front
    assert f"Newsroom: http://127.0.0.1:{port}/" in printed


@pytest.mark.long
def test_serve_off_has_no_newsroom(newsroom: Newsroom, port: int) -> None:
    """It overrides the configuration."""
    with serve(newsroom.folder, "--newsroom", "off") as served:
        assert until(lambda: served.get("health").status_code == 200)
        printed = served.printed()
        there = status(port)

    assert there == 0
    assert "Newsroom" not in printed


def status(port: int) -> int:
    """Return the status of the first page; 0 without a response."""
    try:
        return fetch(f"http://127.0.0.1:{port}/").status_code
    except httpx.TransportError:
        return 0


def test_pages_are_served_while_the_publisher_works(newsroom: Newsroom, port: int) -> None:
    """The lock of the ledger delays no page."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            client.get(f"/?token={WORD}")
            with exclusive(newsroom.config.state):
                found = client.get("/entries/held")

    assert found.status_code == 200
    assert "bad.toml" in found.text


def test_the_first_page_of_all_does_not_wait_for_a_run(newsroom: Newsroom) -> None:
    """The secret, which a new ledger does not have yet, is written to it after the run."""
    configure(newsroom)
    newsroom.build()
    staff = Staff(newsroom)
    statuses: list[int] = []

    def ask() -> None:
        staff.come_in()
        statuses.append(staff.get("/").status_code)

    asking = threading.Thread(target=ask)
    with exclusive(newsroom.config.state):
        asking.start()
        asking.join(PATIENCE)
        waits = asking.is_alive()
    asking.join()
    staff.room.keep_secret()

    assert (waits, statuses) == (False, [200])
    assert Staff(newsroom).room.access.feed_key(HOUSE) == staff.room.access.feed_key(HOUSE)


@pytest.mark.long
@pytest.mark.parametrize(
    "request_",
    [
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / FTP\r\n\r\n",
        b"G E T / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET http://[/ HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ],
)
def test_an_invalid_request_gets_no_details(
    newsroom: Newsroom, port: int, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the client nor the publisher's output has any."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        try:
            answer = exchange(port, request_)
        except ConnectionResetError:  # a request that is too long is not read to its end
            answer = b""

    assert answer == b""
    assert capfd.readouterr().err == ""


@pytest.mark.long
@pytest.mark.parametrize(
    "fields",
    [
        "Host: [\r\n",
        "Host: a b\r\n",
        "",
        "Host: newsroom\r\nCookie: dateline=x; dateline=y\r\n",
        "Host: newsroom\r\nContent-Length: x\r\n",
        "Host: newsroom\r\nContent-Length: 99999999\r\n",
        "Host: newsroom\r\nTransfer-Encoding: chunked\r\n",
        "Host: newsroom\r\nIf-None-Match: *\r\n",
        "Host: newsroom\r\nExpect: 100-continue\r\n",
        "Host: newsroom\r\nAccept: application/json\r\nOrigin: https://example.org\r\n",
    ],
)
def test_unusual_requests_reveal_nothing(newsroom: Newsroom, port: int, fields: str) -> None:
    """Existing and missing pages get the same response, whatever the request contains."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        answers = {
            re.sub(rb"Date: [^\r]*\r\n", b"", exchange(port, request.encode()))
            for path in ("/", "/nothing", "/allow", "/problems.atom")
            for method in ("GET", "POST")
            for request in [f"{method} {path} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n"]
        }

    assert len(answers) == 1
    assert b"ewsroom" not in answers.pop()
