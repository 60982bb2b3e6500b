"""A caching nginx and Varnish that lie to readers: each lie raises one alarm within a minute."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dateline import publish
from dateline.ledger import Ledger
from outside.documented import varnish_command, vcl
from outside.fronting import nginx
from outside.programs import BROUGHT, output
from support.often import one_of_each
from support.process_tree import children
from support.publication import PUBLICATION, Newsroom, entry_file
from support.receiving import Received, webhook
from support.serving import Served, free_port, serve, until

pytestmark = pytest.mark.outside

MINUTE = 60.0  # seconds
CAPTCHA = "<html><title>Just a moment</title>Please solve the captcha to continue.</html>"
TEXT = " ".join(f"word{number}" for number in range(400))  # so that codings are worth it


@dataclass(frozen=True, kw_only=True)
class Lie:
    """What a front does wrong, in its own language, and the condition that it is to raise.

    `certificate` is the one that it shows. If the lie is about news, there has to be some.
    """

    name: str
    condition: str
    place: str = ""
    certificate: str = "right"
    needs_news: bool = False


NGINX_LIES = (
    Lie(
        name="keeps copies for an hour, whatever their Cache-Control says",
        condition="copy-stale",
        place="proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1h;",
        needs_news=True,
    ),
    Lie(
        name="asks readers to solve a puzzle, as a success",
        condition="readers-blocked",
        place=f"default_type text/html; return 200 '{CAPTCHA}';",
    ),
    Lie(
        name="forbids programs",
        condition="readers-blocked",
        place="return 403;",
    ),
    Lie(
        name="answers each question for news with no",
        condition="false-not-modified",
        place="if ($http_if_none_match) { return 304; }",
        needs_news=True,
    ),
    Lie(name="shows an expired certificate", condition="certificate-invalid", certificate="old"),
    Lie(name="shows one of another name", condition="certificate-invalid", certificate="other"),
    Lie(name="shows one that ends tomorrow", condition="certificate-ending", certificate="ending"),
    Lie(
        name="compresses nothing",
        condition="coding-missing",
        place='proxy_set_header Accept-Encoding "";',
    ),
    Lie(
        name="sends gzip to everybody",
        condition="coding-missing",
        place="proxy_set_header Accept-Encoding gzip; proxy_cache_key gzip$uri;",
    ),
    Lie(
        name="calls all of it text",
        condition="media-type-wrong",
        place="proxy_hide_header Content-Type; add_header Content-Type text/plain;",
    ),
    Lie(
        name="sends readers elsewhere",
        condition="address-redirects",
        place="return 302 https://elsewhere.example.org/;",
    ),
    Lie(
        name="writes something into feeds",
        condition="copy-altered",
        place=(
            "sub_filter_types *; sub_filter '<title>' '<title>Advertisement: '; "
            'sub_filter \'"title": "\' \'"title": "Advertisement: \';'
            'proxy_set_header Accept-Encoding "";'
        ),
    ),
    Lie(name="is overloaded", condition="readers-get-errors", place="return 503;"),
    Lie(name="answers to nobody", condition="address-unreachable", place="return 444;"),
)

VARNISH_LIES = (
    Lie(
        name="takes purges and drops nothing",
        condition="copy-stale",
        place=(
            'sub vcl_recv { if (req.method == "PURGE") { return (synth(200, "Purged 9")); } }\n'
            "sub vcl_backend_response { set beresp.ttl = 1h; }"
        ),
        needs_news=True,
    ),
    Lie(
        name="answers each question for news with no",
        condition="false-not-modified",
        place="sub vcl_recv { if (req.http.If-None-Match) { return (synth(304)); } }",
        needs_news=True,
    ),
    Lie(
        name="blocks what is no browser",
        condition="readers-blocked",
        place='sub vcl_recv { if (req.http.User-Agent !~ "Mozilla") { return (synth(429)); } }',
    ),
)


@dataclass
class Front:
    """A publication behind a front that can be made to lie, and the receiver of alarms."""

    room: Newsroom
    hook: Received
    lie: Callable[[Lie | None], None]
    served: Served | None = None
    told: int = 0
    news: int = field(default=0)

    def alarms(self) -> list[tuple[str, bool]]:
        """Return the conditions of all messages since the last call of `begin`."""
        messages: list[dict[str, Any]] = [json.loads(data) for data in self.hook.data[self.told :]]
        return [(one["condition"], m["over"]) for m in messages for one in m["conditions"]]

    def begin(self) -> None:
        """Forget the messages so far."""
        self.told = len(self.hook.data)

    def publish(self) -> None:
        """Drop another entry."""
        self.news += 1
        self.room.drop(f"{self.news}.toml", entry_file(f"News {self.news}", body=f'"{TEXT}"'))

    def is_through(self) -> bool:
        """Return whether the last entry has reached readers, as the newsroom knows."""
        with Ledger(publish.ledger_url(self.room.config)) as ledger:
            id_ = ledger.entries.id_of(f"{self.news}.toml")
            found = ledger.deliveries.of([id_ or ""])
        return any(one.reached for one in found.values())


def configured(folder: Path, url: str, own: int, hook: Received, more: str = "") -> Newsroom:
    """Write a publication that is asked about every second, and everything every four."""
    text = PUBLICATION.replace('url = "http://127.0.0.1:8000/"', f'url = "{url}"\nmax_age = 1')
    text += f"[serve]\nport = {own}\n[delivery]\nprivate = true\ninterval = 4\n"
    text += f'[alarm]\nwebhook = "http://127.0.0.1:{hook.port}/"\n{more}'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return Newsroom(folder)


def certify(folder: Path, name: str, *words: str, host: str = "localhost") -> None:
    """Make a certificate, and let this machine trust it."""
    made = [folder / f"{name}.key", folder / f"{name}.crt"]
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN={name} -addext".split()
    more = ["-keyout", str(made[0]), "-out", str(made[1]), *words]
    output([*command, f"subjectAltName=DNS:{host}", *more])
    with (folder / "trusted.crt").open("a", encoding="utf-8") as trusted:
        trusted.write(made[1].read_text("utf-8"))


def certificates(folder: Path) -> None:
    """Make one certificate for each name in `Lie.certificate`."""
    past, day = ["-not_before", "20200101000000Z"], 24 * 3600
    certify(folder, "right", "-days", "60")
    certify(folder, "old", *past, "-not_after", "20200201000000Z")
    certify(folder, "other", "-days", "60", host="other.example.org")
    date = ["date", "-u", f"-d@{int(Path('/proc/self').stat().st_mtime) + day}", "+%Y%m%d%H%M%SZ"]
    certify(folder, "ending", *past, "-not_after", output(date).strip())


def server(folder: Path, port: int, behind: int, lie: Lie | None, number: int) -> str:
    """Return the configuration of a caching nginx, with a lie or without.

    Each `number` has copies of its own.
    """
    name = lie.certificate if lie else "right"
    place = lie.place if lie else ""
    return f"""
access_log off;
proxy_cache_path {folder}/copies keys_zone=copies:1m;
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/{name}.crt;
    ssl_certificate_key {folder}/{name}.key;
    proxy_cache_key {number}$uri;
    location / {{
        proxy_pass http://127.0.0.1:{behind};
        proxy_set_header Host $http_host;
        proxy_cache copies;
        proxy_cache_revalidate on;
        {place}
    }}
}}
"""


@pytest.fixture(scope="module")
def behind_nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Yield a publication behind a caching nginx with TLS."""
    folder = tmp_path_factory.mktemp("nginx")
    own, port = free_port(), free_port()
    certificates(folder)
    trust = {"SSL_CERT_FILE": str(folder / "trusted.crt")}
    with (
        webhook() as hook,
        nginx(f"server {{ listen 127.0.0.1:{port}; }}", folder / "front", port) as front,
    ):
        room = configured(folder, f"https://localhost:{port}/", own, hook)

        numbers = count()

        def lie(one: Lie | None) -> None:
            (folder / "front/printed.conf").write_text(
                server(folder, port, own, one, next(numbers))
            )
            os.kill(front.process.pid, signal.SIGHUP)

        lie(None)
        found = Front(room=room, hook=hook, lie=lie)
        found.publish()
        with serve(folder, port=own, says_port=False, **trust) as served:
            assert until(found.is_through, MINUTE), served.printed()
            found.served = served
            yield found


@pytest.fixture(scope="module")
def behind_varnish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Yield a publication behind Varnish, which is purged."""
    folder = tmp_path_factory.mktemp("varnish")
    own, port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}/"
    with webhook() as hook, varnish(folder, port, own) as use:
        room = configured(folder, url, own, hook, f'[[cdn]]\nkind = "varnish"\nurl = "{url}"\n')
        found = Front(room=room, hook=hook, lie=lambda one: use(one.place if one else ""))
        found.publish()
        with serve(folder, port=own, says_port=False) as served:
            assert until(found.is_through, MINUTE), served.printed()
            found.served = served
            yield found


@contextmanager
def varnish(folder: Path, port: int, behind: int) -> Iterator[Callable[[str], None]]:
    """Run Varnish as the documentation has it; yield a function that puts code before that."""
    work = folder / "work"
    settings = folder / "0.vcl"
    settings.write_text(vcl(behind), encoding="utf-8")
    admin_port = f"127.0.0.1:{free_port()}"
    command = varnish_command(work, settings, port, "-T", admin_port, "-S", "none")
    patience = ["-t", f"{MINUTE:.0f}"]  # each code is compiled
    admin = [str(BROUGHT / "varnish/usr/bin/varnishadm"), "-n", str(work), *patience]
    numbers = count(1)

    def use(code: str) -> None:
        number = next(numbers)
        head, rest = vcl(behind).split("acl purgers", 1)
        file = folder / f"{number}.vcl"
        file.write_text(f"{head}{code}\nacl purgers{rest}", encoding="utf-8")
        output([*admin, "vcl.load", f"lie{number}", str(file)])
        output([*admin, "vcl.use", f"lie{number}"])
        if not code:
            output([*admin, "ban", "req.url", "~", "."])

    with (
        (folder / "varnish.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            yield use
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.parametrize(
    "lie",
    one_of_each([pytest.param(lie, id=lie.name) for lie in NGINX_LIES], 3),
)
def test_each_lie_of_nginx_raises_one_alarm(behind_nginx: Front, lie: Lie) -> None:
    """It comes within a minute, names the right thing to do, and is over with the lie."""
    check(behind_nginx, lie)


@pytest.mark.parametrize("lie", one_of_each(VARNISH_LIES), ids=lambda lie: lie.name)
def test_each_lie_of_varnish_raises_one_alarm(behind_varnish: Front, lie: Lie) -> None:
    """It comes within a minute, names the right thing to do, and is over with the lie."""
    check(behind_varnish, lie)


def test_a_publisher_that_is_killed_repeats_no_alarm(behind_nginx: Front) -> None:
    """The next one does not know at first whether the fault is still there, and says nothing."""
    front, lie = behind_nginx, Lie(name="forbids", condition="readers-blocked", place="return 403;")
    front.begin()
    front.lie(lie)
    assert until(lambda: front.alarms() == [(lie.condition, False)], MINUTE), front.alarms()
    before = publisher_of(front)
    os.kill(before, signal.SIGKILL)
    assert until(lambda: publisher_of(front) not in {0, before}, MINUTE)
    assert not until(lambda: len(front.alarms()) > 1, MINUTE / 4)
    front.lie(None)
    assert until(lambda: len(front.alarms()) > 1, MINUTE)

    assert front.alarms() == [(lie.condition, False), (lie.condition, True)]


def publisher_of(front: Front) -> int:
    """Return the process number of the publisher, 0 while there is none."""
    assert front.served
    for child in children(front.served.process.pid):
        with suppress(OSError):
            if b"\0follow\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return 0


def check(front: Front, lie: Lie) -> None:
    """Let a front lie until it is noticed, and then speak the truth again."""
    front.begin()
    front.lie(lie)
    begun = (lie.condition, False)
    if lie.needs_news:
        front.publish()  # a cache that keeps copies too long has this one, or the one before
        assert until(lambda: front.is_through() or begun in front.alarms(), MINUTE)
        front.publish()
    assert until(lambda: begun in front.alarms(), MINUTE), front.alarms()
    front.lie(None)
    assert until(lambda: (lie.condition, True) in front.alarms(), MINUTE), front.alarms()
    front.publish()
    assert until(front.is_through, MINUTE)

    assert front.alarms() == [(lie.condition, False), (lie.condition, True)]
