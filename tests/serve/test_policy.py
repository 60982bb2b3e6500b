"""The sites that `[look.allow]` names are in the policy of every page, whichever server answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from dateline import config as configuration
from dateline.serve.app import create_app
from dateline.serve.cache import policy_of
from dateline.serve.proxy import front
from dateline.serve.proxy.static_host import deploy
from support.publication import CONFIG, Newsroom, entry_file

ALLOW = """
[look.allow]
frames = ["https://www.youtube-nocookie.com", "https://player.vimeo.com/"]
forms = ["https://lists.example.org"]
scripts = ["https://stats.example.org:8443"]

[gone]
addresses = ["old.html"]
"""


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a published newsroom whose pages may use three sites."""
    (newsroom.folder / "config.toml").write_text(CONFIG + ALLOW, encoding="utf-8")
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    return newsroom


def test_each_page_allows_the_named_sites_and_no_others(room: Newsroom) -> None:
    """Frames, forms and scripts come from these alone; scripts may send requests to theirs."""
    found = policy_of(room.config.publication)[1]

    assert dict(rule.split(" ", 1) for rule in found.split("; ")) == {
        "default-src": "'none'",
        "script-src": "'self' https://stats.example.org:8443",
        "connect-src": "'self' https://stats.example.org:8443",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "frame-src": "https://www.youtube-nocookie.com https://player.vimeo.com",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self' https://lists.example.org",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", ["/", "/2026/11/report-on-lebanon.html", "/nothing", "/old.html"])
def test_serve_sends_it_with_pages_and_errors(path: str, room: Newsroom) -> None:
    """A worker knows it although it reads no theme; packed pages and 304 have it, too."""
    config = configuration.load(room.folder / "config.toml", with_theme=False)
    client = create_app(config).test_client()
    name, policy = policy_of(config.publication)

    answer = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert answer.headers.getlist(name) == [policy]
    if tag := answer.headers.get("ETag"):
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        assert (again.status_code, again.headers[name]) == (304, policy)


def test_proxies_and_static_hosts_send_the_same(room: Newsroom, tmp_path: Path) -> None:
    """The printed configuration and `_headers` are made from the same text."""
    name, policy = policy_of(room.config.publication)
    deploy(room.config, tmp_path / "public", "any")
    texts = {
        "nginx": front(room.config, "nginx", port=80).replace("\\'", "'"),
        "caddy": front(room.config, "caddy", port=80),
        "static": (tmp_path / "public/_headers").read_text("utf-8"),
    }

    for text in texts.values():
        lines = [line for line in text.splitlines() if name in line]
        assert lines
        assert all(policy in line for line in lines)


def test_an_allowed_site_changes_no_page(room: Newsroom) -> None:
    """It is in the header fields alone: no document is published again."""
    path = room.folder / "config.toml"
    path.write_text(CONFIG + ALLOW.replace("www.youtube", "video"), encoding="utf-8")

    assert room.build().documents == ()
