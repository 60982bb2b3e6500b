"""Nobody but staff learns that there is a newsroom."""

from __future__ import annotations

import dataclasses
import logging
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import httpx
import pytest

from dateline import config as configuration
from dateline.config import NewsroomSettings as Settings
from dateline.config.values import secret_token
from dateline.errors import ConfigError, DatelineError
from dateline.ledger import exclusive
from dateline.newsroom import create_app, placed, serving
from dateline.newsroom.auth import Access, LoginLimit
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, exchange, free_port, serve, until
from support.staff import AT, WORD, Staff, configure

HELD = entry_file("Secret plan").replace("2026-11-24", '"30 February"')
ADDRESSES = (
    "/", "/entries/live", "/entries/held", "/figures", "/preview?file=bad.toml", "/allow", "/stop",
    "/problems.atom", "/static/newsroom.css", "/static/newsroom.js", "/shown/x/new-page",
    "/shown/eA.ffffffff.AAAA/new-page", "//", "/entries", "/?token=", f"/?token={WORD}x",
    f"/nothing?token={WORD}", "/robots.txt", "/favicon.ico", "/%ff", f"/allow?token={WORD}",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW")


@pytest.fixture
def port(newsroom: Newsroom) -> int:
    """Give the port of a newsroom that has something to tell."""
    port = free_port()
    configure(newsroom, own=f'token = "{WORD}"\nport = {port}')
    newsroom.drop("bad.toml", HELD)
    return port


def test_without_the_token_every_answer_is_the_same(newsroom: Newsroom, port: int) -> None:
    """Byte for byte, whatever is asked for and by which method: as where nothing ever was."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        answers = {
            (method, asked(port, method, address)) for method in METHODS for address in ADDRESSES
        }

    assert len({method for method, _ in answers}) == len(answers) == len(METHODS)
    whole = {answer for method, answer in answers if method != "HEAD"}
    assert len(whole) == 1
    (head,) = {answer for method, answer in answers if method == "HEAD"}
    assert whole.pop() == head + b"Not found\n"
    assert head.startswith((b"HTTP/1.1 404 ", b"HTTP/1.0 404 "))
    for word in (b"Dateline", b"Werkzeug", b"Python", b"ewsroom", b"Cookie", b"Allow"):
        assert word not in head


def asked(port: int, method: str, address: str) -> bytes:
    """Give the bytes of an answer, without the time at which it was given."""
    request = f"{method} {address} HTTP/1.1\r\nHost: newsroom\r\nConnection: close\r\n\r\n"
    return re.sub(rb"Date: [^\r]*\r\n", b"", exchange(port, request.encode()))


def test_the_token_is_shown_once_and_is_in_no_address_after_that(newsroom: Newsroom) -> None:
    """A cookie takes its place, which no script and no other site gets; pages hold no token."""
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


def test_one_comes_in_at_the_page_that_was_asked_for(newsroom: Newsroom) -> None:
    """And nowhere else: an address with the token leads to no other site."""
    configure(newsroom)
    staff = Staff(newsroom)

    figures = staff.get(f"/figures?token={WORD}").text
    elsewhere = staff.get(f"//example.org/?token={WORD}")

    assert 'content="0; url=/figures"' in figures
    assert "example.org" not in elsewhere.text + str(elsewhere.headers)


def test_a_cookie_ends_with_its_time_and_with_the_token(newsroom: Newsroom) -> None:
    """And one that somebody made up was never good."""
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
    """The secret is made once, before or after the first run, and the ledger keeps it."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.come_in()  # while the first run is under way
    staff.build()
    first = staff.get("/").status_code
    restarted = Staff(newsroom)
    restarted.client._cookies = staff.client._cookies  # noqa: SLF001 - the browser's own
    early = restarted.get("/").status_code
    restarted.build()

    assert (first, early, restarted.get("/").status_code) == (200, 503, 200)
    assert restarted.room.access.feed_key() == staff.room.access.feed_key()


@pytest.mark.parametrize("setting", ["port = 8009", 'url = "https://127.0.0.1"', 'language = "fr"'])
def test_another_setting_signs_everybody_out(newsroom: Newsroom, setting: str) -> None:
    """Like another token; nobody stays in by what held before."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    staff.come_in()
    configure(newsroom, own=f'token = "{WORD}"\n{setting}')
    other = Staff(newsroom)
    other.build()
    other.client._cookies = staff.client._cookies  # noqa: SLF001 - the browser's own

    assert (staff.get("/").status_code, other.get("/").status_code) == (200, 404)


def test_the_token_cannot_be_tried_on_an_address_that_was_passed_on(newsroom: Newsroom) -> None:
    """Two newsrooms with one token and the same settings sign differently."""
    own = Settings(token=WORD)
    one, other = (Access(own, secret) for secret in (b"1" * 32, b"2" * 32))
    key = one.preview("a.toml", newsroom.now)

    assert one.previewed(key, newsroom.now)
    assert other.previewed(key, newsroom.now) is None
    assert not other.admits(one.cookie(newsroom.now), newsroom.now)
    assert not other.is_form_word(one.form_word())
    assert not other.is_feed_key(one.feed_key())


@pytest.mark.parametrize("use", ["cookie", "form", "preview", "feed"])
def test_no_use_takes_what_was_given_out_for_another(newsroom: Newsroom, use: str) -> None:
    """A colleague's address, a form's word and the feed's key let nobody in."""
    access, now = Access(Settings(token=WORD), b"1" * 32), newsroom.now
    given = {
        "cookie": access.cookie(now),
        "form": access.form_word(),
        "preview": access.preview("a.toml", now),
        "feed": access.feed_key(),
    }[use]

    accepted = {
        "cookie": access.admits(given, now),
        "form": access.is_form_word(given),
        "preview": access.previewed(given, now) is not None,
        "feed": access.is_feed_key(given),
        "token": access.is_token(given),
    }

    assert accepted == {name: name == use for name in accepted}


@pytest.mark.parametrize(
    "token",
    ["a" * 16, "a" * 64, "ab" * 8, "0123456789abcdef", "0123456789_abcdef", "abcdefghijklmnopqrst",
     "9876543210-zyxwvu", "passwordpassword", "newsroom-newsroom", "Password12345678", "0" * 32,
     "dateline-newsroom-token", "qwertyuiopasdfghjkl", "1234-1234-1234-1234", "01" * 20],
)  # fmt: skip
def test_a_token_that_is_easy_to_guess_is_refused(tmp_path: Path, token: str) -> None:
    """With the line that makes a good one."""
    (tmp_path / "config.toml").write_text(f'{CONFIG}[newsroom]\ntoken = "{token}"\n')

    with pytest.raises(ConfigError, match=r"newsroom\.token: is easy .*secrets\.token_urlsafe"):
        configuration.load(tmp_path / "config.toml")


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex])
@pytest.mark.parametrize("size", [12, 16, 32])
def test_a_token_that_is_made_by_chance_is_taken(make: Callable[[int], str], size: int) -> None:
    """Whatever makes it; in a thousand none is refused."""
    assert all(secret_token(make(size)) for _ in range(1000))


def test_wrong_tokens_are_looked_at_less_and_less_often(newsroom: Newsroom) -> None:
    """The right one too, from the same address, until the pause is over; a cookie goes on."""
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


def test_the_same_wrong_token_again_and_again_counts_once(newsroom: Newsroom) -> None:
    """A feed reader with last year's token does not keep its office out."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()
    for _ in range(50):
        staff.get(f"/problems.atom?token={WORD}-old")

    assert staff.come_in().status_code == 200


def test_a_server_in_front_says_who_tries(newsroom: Newsroom) -> None:
    """One who tries behind it keeps no other out; what others pass on is not believed."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()

    def come_in(word: str, passed: str, peer: str = "127.0.0.1") -> int:
        fields = {"X-Forwarded-For": passed}
        from_ = {"REMOTE_ADDR": peer}
        browser = create_app(staff.room).test_client(use_cookies=False)
        return browser.get(
            f"/?token={word}", base_url=AT, headers=fields, environ_overrides=from_
        ).status_code

    for number in range(10):
        come_in(f"{WORD}{number}", "192.0.2.9, 192.0.2.1")
        come_in(f"{WORD}{number}", f"192.0.2.{100 + number}", "192.0.2.3")

    assert come_in(WORD, "192.0.2.9, 192.0.2.1") == 404
    assert come_in(WORD, "192.0.2.1, 192.0.2.2") == 200
    assert come_in(WORD, "192.0.2.50", "192.0.2.3") == 404


def test_the_limit_holds_for_all_together_and_ends(newsroom: Newsroom) -> None:
    """A pause is at most a minute for all, and a quarter of an hour for one address."""
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


def test_the_former_address_of_the_feed_reads_it_and_does_nothing_else(newsroom: Newsroom) -> None:
    """Feed readers have it with the token: no cookie comes of it, no page, and no form passes."""
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


def test_behind_tls_all_goes_by_the_address_that_staff_use(newsroom: Newsroom) -> None:
    """Cookies, addresses to pass on, the feed; and no other name is answered."""
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
def test_addresses_to_pass_on_follow_no_name_that_was_asked_for(
    settings: dict[str, Any], host: str, address: str
) -> None:
    """A request may name any host; what staff pass on leads here."""
    assert Access(Settings(token=WORD, **settings), b"1").address(host) == address


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (f'token = "{WORD}"\nurl = "staff.example.org"', "must start with https://"),
        (f'token = "{WORD}"\nurl = "https://example.org/staff"', "must be a name alone"),
        ('without_token = true\nurl = "https://a.example"', "is for a newsroom with a token"),
    ],
)
def test_an_address_that_cannot_be_is_refused(tmp_path: Path, table: str, fault: str) -> None:
    """With what it should be."""
    (tmp_path / "config.toml").write_text(f"{CONFIG}[newsroom]\n{table}\n")

    with pytest.raises(ConfigError, match=f"newsroom.url: {fault}"):
        configuration.load(tmp_path / "config.toml")


@pytest.mark.parametrize("cookie", ["", "x", "ffffffff.", "ffffffff.AAAA", "é", '"', "..", WORD])
def test_a_made_up_cookie_opens_nothing(newsroom: Newsroom, cookie: str) -> None:
    """Whatever it holds, the answer is that nothing is there."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.build()

    answer = staff.get("/", Cookie=f"dateline={cookie}")

    assert (answer.status_code, answer.data) == (404, b"Not found\n")


def test_what_is_signed_for_one_use_is_good_for_no_other(newsroom: Newsroom) -> None:
    """Neither a cookie, nor a form's word, nor the key of a preview that a colleague got."""
    configure(newsroom)
    staff = Staff(newsroom)
    newsroom.drop("bad.toml", HELD)
    staff.build()
    staff.come_in()
    access, now = staff.room.access, newsroom.now
    keys = {
        "cookie": access.cookie(now),
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


def test_pages_take_their_base_and_their_forms_from_nowhere_else(newsroom: Newsroom) -> None:
    """Each directive of the policy stands on each page of the newsroom."""
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
    """Give a policy by its directives."""
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts if name}


def test_a_fault_of_ours_is_logged_without_the_token(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """What is asked for with the token and fails tells its path at most."""
    configure(newsroom)
    staff = Staff(newsroom)
    staff.room.feed = None  # type: ignore[assignment]  # a fault, as none should be

    with caplog.at_level(logging.DEBUG):
        answer = staff.get(f"/problems.atom?token={WORD}")

    assert answer.status_code == 500
    assert "/problems.atom" in caplog.text
    assert WORD not in caplog.text + answer.text


def test_without_a_token_only_this_machine_comes_in(newsroom: Newsroom) -> None:
    """By its own names: another site's name that leads here would be another site."""
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


def test_another_machine_needs_a_token(tmp_path: Path) -> None:
    """The configuration is refused where anybody could come in."""
    table = '[newsroom]\nwithout_token = true\nhost = "192.0.2.1"\n'
    (tmp_path / "config.toml").write_text(CONFIG + table, encoding="utf-8")

    with pytest.raises(ConfigError, match="where nobody needs a token"):
        configuration.load(tmp_path / "config.toml")


# ---- `serve --newsroom`


def test_a_place_is_off_or_a_machine_and_a_port(newsroom: Newsroom) -> None:
    """It goes before the configuration; a token goes on."""
    configure(newsroom)
    config = newsroom.config
    bare = dataclasses.replace(config, newsroom=dataclasses.replace(config.newsroom, token=""))

    assert placed(config, "") is config
    assert not placed(config, "off").newsroom.is_on
    at = placed(config, "192.0.2.1:8100").newsroom
    assert (at.host, at.port, at.token, at.without_token) == ("192.0.2.1", 8100, WORD, False)
    at = placed(bare, "[::1]:8100").newsroom
    assert (at.host, at.port, at.is_on, at.without_token) == ("::1", 8100, True, True)


@pytest.mark.parametrize("place", ["x", "127.0.0.1", ":8001", "127.0.0.1:0", "h:99999", "on"])
def test_what_is_no_place_is_refused(newsroom: Newsroom, place: str) -> None:
    """With one that is."""
    with pytest.raises(DatelineError, match=r"HOST:PORT, like 127\.0\.0\.1:8001"):
        placed(newsroom.config, place)


def test_a_place_for_all_needs_a_token(newsroom: Newsroom) -> None:
    """It is said what to do."""
    with pytest.raises(DatelineError, match="Write a token"):
        placed(newsroom.config, "0.0.0.0:8001")


def test_serve_has_a_newsroom_where_it_is_told(newsroom: Newsroom) -> None:
    """In the publisher, for this machine, beside the workers that know nothing of it."""
    port = free_port()
    newsroom.drop("bad.toml", HELD)
    with serve(newsroom.folder, "--newsroom", f"127.0.0.1:{port}") as served:
        assert until(lambda: status(port) == 200), served.printed()
        page = httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).text
        public = [served.get(path).status_code for path in ("entries/held", "figures", "allow")]
        front = served.get("").text
        printed = served.printed()

    assert "bad.toml" in page
    assert public == [404, 404, 404]
    assert str(port) not in front
    assert f"Newsroom: http://127.0.0.1:{port}/" in printed


def test_serve_off_has_none(newsroom: Newsroom, port: int) -> None:
    """Although the configuration asks for one."""
    with serve(newsroom.folder, "--newsroom", "off") as served:
        assert until(lambda: served.get("health").status_code == 200)
        printed = served.printed()
        there = status(port)

    assert there == 0
    assert "Newsroom" not in printed


def status(port: int) -> int:
    """Give the status of the first page; 0 where nothing answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).status_code
    except httpx.TransportError:
        return 0


def test_staff_look_while_the_publisher_works(newsroom: Newsroom, port: int) -> None:
    """Whoever has the ledger's lock keeps no page waiting."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            client.get(f"/?token={WORD}")
            with exclusive(newsroom.config.state):
                found = client.get("/entries/held")

    assert found.status_code == 200
    assert "bad.toml" in found.text


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
def test_what_is_no_request_gets_no_word(
    newsroom: Newsroom, port: int, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the asker nor the publisher's output has any."""
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        try:
            answer = exchange(port, request_)
        except ConnectionResetError:  # what is too long is not read to its end
            answer = b""

    assert answer == b""
    assert capfd.readouterr().err == ""


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
def test_odd_requests_learn_no_more(newsroom: Newsroom, port: int, fields: str) -> None:
    """What is there and what is not are answered alike, whatever comes with the request."""
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
