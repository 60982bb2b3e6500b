"""Printed proxy configurations: regular expressions of bounded cost, and anonymous logs."""

from __future__ import annotations

import re
from dataclasses import replace
from time import process_time

import pytest

from dateline.errors import DatelineError
from dateline.serve.access_log import without_mail
from dateline.serve.proxy import Server, front
from support.publication import Newsroom

_QUOTED = re.compile(r'"(~\*?|)((?:[^"\\]|\\.)*)"')
# Texts on which an expression that backtracks takes a minute or a year.
_LONG = [
    text * (16_000 // len(text))
    for text in (
        "a", "@", "a@", "a@a ", " ", "a ", ",", ", ", ", br ", "br;q=", "br;q=0", "0", ".", "0.",
        ";q=", "gzip ", "/", "/a", "/a.", "%40", "%25", "%", "?", "=", "-", "(", "a(", "/media/a",
        "news/1",
    )
]  # fmt: skip
_SECONDS = 5  # seconds for all of them: a quadratic expression takes minutes, a cubic one days

MASKED = [
    # (User-Agent, text in the logs)
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html)", None),
    ("Reader (desk@example.org)", "Reader ((mail))"),
    ("Reader (desk@example.org; 2 subscribers)", "Reader ((mail); 2 subscribers)"),
    ("desk@example.org", "(mail)"),
    ("Reader desk%40example.org/1.0", "(mail)"),
    ("Reader desk%2540example.org", "(mail)"),
    ("a@example.org b@example.org", "(mail)"),
    ("a@example.org" + "@" * 400, "(mail)"),
]
PATHS = [
    ("/news.rss?token=SECRET", "/news.rss"),
    ("/2008/lebanon-report.html", "/2008/lebanon-report.html"),
    ("/caf%C3%A9/100%25.html", "/caf%C3%A9/100%25.html"),
    ("/unsubscribe/desk@example.org", "/(mail)"),
    ("/unsubscribe/desk%40example.org?x=1", "/(mail)"),
    ("/unsubscribe/desk%252540example.org", "/(mail)"),
    ("/search?mail=desk@example.org", "/search"),
]


def _text(newsroom: Newsroom, program: Server) -> str:
    return front(newsroom.config, program, port=80)


def _compiled(text: str) -> dict[str, re.Pattern[str]]:
    """Return each regular expression of a printed configuration; Python's syntax equals PCRE's."""
    found = {}
    for line in text.splitlines():
        for mark, pattern in _QUOTED.findall(line):
            is_one = mark or "regexp" in line or line.strip().startswith("location ~")
            if is_one and pattern not in {"", "(mail)"}:
                flags = re.IGNORECASE if mark == "~*" else 0
                found[pattern] = re.compile(pattern.replace("(?<dateline", "(?P<dateline"), flags)
    return found


def _mapped(text: str, variable: str, value: str) -> str:
    """Return the result of nginx's map for a value: that of the first matching expression."""
    block = re.split(rf"\$dateline_[0-9a-f]+_{variable} {{\n", text)[1].partition("\n}")[0]
    for line in block.splitlines():
        words = re.fullmatch(r'\s*"~((?:[^"\\]|\\.)*)" (?:"([^"]*)"|(\S+));', line)
        found = words and re.search(words[1].replace("(?<dateline", "(?P<dateline"), value)
        if words and found:
            said = words[2] if words[2] is not None else words[3]
            for name, part in found.groupdict().items():
                said = said.replace(f"${name}", part)
            return said
    return value


@pytest.mark.long
def test_no_regular_expression_for_nginx_backtracks(newsroom: Newsroom) -> None:
    """Each is tried on 16 kB of hostile text. Caddy's are linear by RE2."""
    patterns = _compiled(_text(newsroom, "nginx"))
    began = process_time()

    for size in (500, 4_000, 16_000):
        for text in _LONG:
            some = text[:size]
            for whole in (some, f"/{some}", f"{some}\n", f"{some}@", f"a@{some}"):
                for pattern in patterns.values():
                    pattern.search(whole)
            assert process_time() - began < _SECONDS
    assert len(patterns) >= 12


@pytest.mark.parametrize(("agent", "kept"), MASKED)
def test_no_log_keeps_a_mail_address_in_a_user_agent(
    newsroom: Newsroom, agent: str, kept: str | None
) -> None:
    """In nginx's log, Caddy's and ours; the program's name stays where possible."""
    caddy = _text(newsroom, "caddy")
    words = re.search(r'headers>User-Agent regexp "(.*)" "\(mail\)"', caddy)
    assert words

    assert _mapped(_text(newsroom, "nginx"), "agent", agent) == (kept or agent)
    for text in (re.sub(words[1], "(mail)", agent), without_mail(agent)):
        assert (text == agent) == (kept is None)
        assert not re.search("@|%40|%2540", text.rstrip("@")), text


@pytest.mark.parametrize(("asked", "kept"), PATHS)
def test_no_log_keeps_a_query_or_a_mail_address_in_a_path(
    newsroom: Newsroom, asked: str, kept: str
) -> None:
    """In nginx's log and Caddy's, which omits the rest of such a path."""
    caddy = _text(newsroom, "caddy")
    words = re.search(r'request>uri regexp "(.*)" ""', caddy)
    assert words

    assert _mapped(_text(newsroom, "nginx"), "path", asked) == kept
    assert re.sub(words[1], "", asked) == kept.replace("/(mail)", "/unsubscribe/")


def test_our_own_log_reads_a_long_user_agent_once() -> None:
    """Matching starts at the beginning of a word only, not at each letter."""
    began = process_time()

    for text in _LONG:
        without_mail(text)
        without_mail(f"@{text}")

    assert process_time() - began < _SECONDS


@pytest.mark.parametrize("program", ["nginx", "caddy"])
@pytest.mark.parametrize("path", ["/topics/fr/liban.rss", "/archive/places/vienna/3.atom"])
def test_feeds_of_terms_are_files(newsroom: Newsroom, program: Server, path: str) -> None:
    """Where there are none, no expression stands for them."""
    config = newsroom.folder / "config.toml"

    def serving() -> int:
        found = _compiled(_text(newsroom, program)).values()
        return sum("topics" in one.pattern and bool(one.search(path)) for one in found)

    assert serving() == 0
    config.write_text(f"{config.read_text('utf-8')}\n[topics]\nfeeds = true\n", "utf-8")
    assert serving() == 1


@pytest.mark.parametrize("program", ["nginx", "caddy"])
@pytest.mark.parametrize("path", ["/news.ics", "/2026/11/hearing.ics", "/2026/11/hearing.html"])
def test_a_calendar_and_a_page_are_files(newsroom: Newsroom, program: Server, path: str) -> None:
    """One expression stands for each."""
    found = _compiled(_text(newsroom, program)).values()

    assert sum(one.pattern.startswith("^/") and bool(one.search(path)) for one in found) == 1


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_health_is_passed_to_dateline(newsroom: Newsroom, program: Server) -> None:
    """No printed expression takes it for a document; a comment names it for load balancers."""
    text = _text(newsroom, program)

    assert "/health/live" in text
    for address in ("/health", "/health/live"):
        takers = [
            pattern
            for pattern, compiled in _compiled(text).items()
            if pattern.startswith("^/") and compiled.search(address)
        ]
        assert takers == []


@pytest.mark.parametrize("program", ["nginx", "caddy"])
@pytest.mark.parametrize(
    ("settings", "is_printed"),
    [
        ('token = "vT3_q8Zr-Lm51xKcD"\nurl = "https://staff.example.org"', True),
        ('token = "vT3_q8Zr-Lm51xKcD"\nurl = "http://127.0.0.1:8002"', False),
        ('token = "vT3_q8Zr-Lm51xKcD"', False),
        ('url = "https://staff.example.org"', False),
    ],
)
def test_a_newsroom_with_an_address_is_passed_on(
    newsroom: Newsroom, program: Server, settings: str, *, is_printed: bool
) -> None:
    """One that is off, or has no name of its own, stays inside; no token is printed."""
    config = newsroom.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[newsroom]\n{settings}\n", "utf-8")
    text = _text(newsroom, program)

    assert ("127.0.0.1:8001" in text) == is_printed
    assert ("204000000" in text) == (is_printed and program == "nginx")
    assert "vT3_" not in text


@pytest.mark.parametrize(
    ("program", "line"),
    [("nginx", 'proxy_set_header Remote-User "";'), ("caddy", "header_up -Remote-User")],
)
def test_the_header_of_single_sign_on_does_not_pass(
    newsroom: Newsroom, program: Server, line: str
) -> None:
    """The newsroom believes the server in front, which must not pass what browsers send."""
    config = newsroom.folder / "config.toml"
    before = config.read_text("utf-8")
    person = '[[newsroom.person]]\nname = "Desk"\nrole = "editor"\n'
    own = '[newsroom]\nurl = "https://staff.example.org"\ntoken = "vT3_q8Zr-Lm51xKcD"\n'
    config.write_text(f"{before}\n{own}", "utf-8")
    plain = _text(newsroom, program)
    header = 'trusted = ["127.0.0.1"]\nheader = "Remote-User"\n'
    config.write_text(f"{before}\n{own}{header}{person}", "utf-8")

    assert line in _text(newsroom, program)
    assert "Remote-User" not in plain


def test_a_server_in_front_listens_at_a_host_in_brackets(newsroom: Newsroom) -> None:
    """Both servers get the form that they read."""
    nginx, caddy = (
        front(newsroom.config, program, host="[::1]", port=80) for program in ("nginx", "caddy")
    )

    assert "    listen [::1]:80;" in nginx
    assert "\tbind ::1\n" in caddy


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_a_machine_has_one_block(newsroom: Newsroom, program: Server) -> None:
    """The site may have been at another port of it, and Caddy takes no machine twice."""
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8").replace("http://127.0.0.1:8000/", "https://news.example.org/")
    staff = '[newsroom]\ntoken = "vT3_q8Zr-Lm51xKcD"\nurl = "https://staff.example.org"\n'
    former = ("http://news.example.org:8000/", "http://staff.example.org/", "http://old.example/")
    moved = "".join(f'"{one}" = "https://news.example.org/"\n' for one in former)
    file.write_text(f"{text}\n{staff}[moved]\n{moved}", encoding="utf-8")

    printed = front(newsroom.config, program)

    names = re.findall(r"^(?:    server_name (\S+);|https://(\S+) \{)$", printed, re.MULTILINE)
    assert sorted(map("".join, names)) == ["news.example.org", "old.example", "staff.example.org"]


@pytest.mark.parametrize("host", ["*", "127.0.0.1:80", "http://a", "a b", "a;b", "a{"])
@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_a_host_that_no_server_can_listen_at_is_refused(
    program: Server, host: str, newsroom: Newsroom
) -> None:
    """The printed configuration would not load, or would say something else."""
    with pytest.raises(DatelineError, match="is not a host name"):
        front(newsroom.config, program, host=host, port=80)


def test_a_path_that_nginx_cannot_have_is_refused(newsroom: Newsroom) -> None:
    """It has no way to write a `$` there; Caddy takes it as it is."""
    config = replace(newsroom.config, feeds_folder=newsroom.folder / "a$b" / "feeds")
    for one, log in ((config, ""), (newsroom.config, "/var/log/$news.log")):
        with pytest.raises(DatelineError, match=r"nginx takes the \$ in /"):
            front(one, "nginx", port=80, log=log)

        assert "$" in front(one, "caddy", port=80, log=log)


def test_names_of_one_site_are_of_no_other(newsroom: Newsroom) -> None:
    """Two upstreams of one name are refused, and of two variables the second counts."""
    config = newsroom.folder / "config.toml"
    before = config.read_text("utf-8")
    found = []
    for url in ("https://example.org/", "https://example.org:444/", "https://example.org/news/"):
        config.write_text(before.replace("http://127.0.0.1:8000/", url), "utf-8")
        text = front(newsroom.config, "nginx")
        named = re.findall(r"^(?:upstream|log_format) (\w+)", text, re.MULTILINE)
        found.append({*named, *re.findall(r"^map \S+ \$(\w+)", text, re.MULTILINE)})
        assert not re.search(r"\$dateline_(?![0-9a-f]{8}_)", text)

    assert sum(len(names) for names in found) == len(set().union(*found))
    assert max(len(name) for names in found for name in names) < 40  # nginx refuses 47


def test_certbot_is_told_port_and_names(newsroom: Newsroom) -> None:
    """It adds port 443 otherwise, where no reader asks; former machines need certificates, too."""
    config, url = newsroom.folder / "config.toml", "https://example.org:8443/"
    text = config.read_text("utf-8").replace("http://127.0.0.1:8000/", url)
    former = "".join(f'"https://{name}/" = "{url}"\n' for name in ("old.org", "www.old.org"))
    config.write_text(f"{text}\n[moved]\n{former}", "utf-8")

    said = re.findall(r"certbot --nginx (.*)", front(newsroom.config, "nginx"))

    assert said == [
        f"--https-port 8443 --domain {one}"
        for one in ("example.org", "old.org --domain www.old.org")
    ]
