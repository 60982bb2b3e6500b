"""What `dateline.serve.proxy` prints: expressions of bounded cost, and logs that name nobody."""

from __future__ import annotations

import re
from time import process_time

import pytest

from dateline.serve.access_log import without_mail
from dateline.serve.proxy import Server, front
from support.publication import Newsroom

_QUOTED = re.compile(r'"(~\*?|)((?:[^"\\]|\\.)*)"')
# Text on which an expression that tries again what it has read takes a minute or a year.
_LONG = [
    text * (16_000 // len(text))
    for text in (
        "a", "@", "a@", "a@a ", " ", "a ", ",", ", ", ", br ", "br;q=", "br;q=0", "0", ".", "0.",
        ";q=", "gzip ", "/", "/a", "/a.", "%40", "%25", "%", "?", "=", "-", "(", "a(", "/media/a",
        "news/1",
    )
]  # fmt: skip
_SECONDS = 5  # for all of them: what is quadratic takes minutes, what is cubic days

MASKED = [
    # (User-Agent, what the logs keep)
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
    """Return each regular expression of a printed configuration; Python's words are PCRE's."""
    found = {}
    for line in text.splitlines():
        for mark, pattern in _QUOTED.findall(line):
            is_one = mark or "regexp" in line or line.strip().startswith("location ~")
            if is_one and pattern not in {"", "(mail)"}:
                flags = re.IGNORECASE if mark == "~*" else 0
                found[pattern] = re.compile(pattern.replace("(?<dateline", "(?P<dateline"), flags)
    return found


def _mapped(text: str, variable: str, value: str) -> str:
    """Return what nginx's map gives for a value: that of the first expression that fits."""
    block = text.partition(f"${variable} {{\n")[2].partition("\n}")[0]
    for line in block.splitlines():
        words = re.fullmatch(r'\s*"~((?:[^"\\]|\\.)*)" (?:"([^"]*)"|(\S+));', line)
        found = words and re.search(words[1].replace("(?<dateline", "(?P<dateline"), value)
        if words and found:
            said = words[2] if words[2] is not None else words[3]
            for name, part in found.groupdict().items():
                said = said.replace(f"${name}", part)
            return said
    return value


def test_no_expression_that_nginx_is_given_tries_again_what_it_has_read(newsroom: Newsroom) -> None:
    """Each is tried on 16 kB of what makes a careless one do so. (Caddy's are linear by RE2.)"""
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
def test_no_log_keeps_a_mail_address_of_an_agent(
    newsroom: Newsroom, agent: str, kept: str | None
) -> None:
    """In nginx's log, in Caddy's and in our own; the name of the program stays where it can."""
    caddy = _text(newsroom, "caddy")
    words = re.search(r'headers>User-Agent regexp "(.*)" "\(mail\)"', caddy)
    assert words

    assert _mapped(_text(newsroom, "nginx"), "dateline_agent", agent) == (kept or agent)
    for text in (re.sub(words[1], "(mail)", agent), without_mail(agent)):
        assert (text == agent) == (kept is None)
        assert not re.search("@|%40|%2540", text.rstrip("@")), text


@pytest.mark.parametrize(("asked", "kept"), PATHS)
def test_no_log_keeps_a_query_or_a_mail_address_of_a_path(
    newsroom: Newsroom, asked: str, kept: str
) -> None:
    """In nginx's log and in Caddy's, which leaves out the rest of such a path."""
    caddy = _text(newsroom, "caddy")
    words = re.search(r'request>uri regexp "(.*)" ""', caddy)
    assert words

    assert _mapped(_text(newsroom, "nginx"), "dateline_path", asked) == kept
    assert re.sub(words[1], "", asked) == kept.replace("/(mail)", "/unsubscribe/")


def test_our_own_log_reads_a_long_agent_once() -> None:
    """A text of one word is read from its beginning alone, not from each of its letters."""
    began = process_time()

    for text in _LONG:
        without_mail(text)
        without_mail(f"@{text}")

    assert process_time() - began < _SECONDS


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_health_is_left_to_dateline_and_named(newsroom: Newsroom, program: Server) -> None:
    """No printed expression takes it for a document, and a load balancer is told which to ask."""
    text = _text(newsroom, program)

    assert "/health/live" in text
    for address in ("/health", "/health/live"):
        takers = [
            pattern
            for pattern, compiled in _compiled(text).items()
            if pattern.startswith("^/") and compiled.search(address)
        ]
        assert takers == []
