"""Whoever asks at a former address of the site is led to the same document at the present one."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from dateline.cli import main
from dateline.serve.app import create_app
from dateline.serve.cache.former_sites import moved_to
from support.publication import Newsroom, entry_file

AFTER = "https://new.example.org/"
SITES = {
    "old.example.org": AFTER,
    "port.example.org:8080": AFTER,
    "[::1]": AFTER,
    "example.org/news": "https://n.example.org/",
    "example.org/news/press%20%C3%A9": "https://p.example.org/",
}


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("old.example.org", True),
        ("OLD.example.org", True),
        ("old.example.org.", True),
        ("old.example.org:", True),
        ("old.example.org:80", True),
        ("old.example.org.:443", True),
        ("old.example.org:8080", False),
        ("port.example.org:8080", True),
        ("port.example.org", False),
        ("[::1]", True),
        ("[::1]:80", True),
        ("new.example.org", False),
        ("", False),
    ],
)
def test_hosts_are_compared_in_normal_form(host: str, is_known: bool) -> None:  # noqa: FBT001
    """Without a final dot and a default port (RFC 3986, section 6.2.3)."""
    found = moved_to(SITES, host, "/a.rss")

    assert found == ((AFTER, "/a.rss") if is_known else None)


@pytest.mark.parametrize(
    ("above", "path", "found"),
    [
        ("", "/news/a.rss", ("https://n.example.org/", "/a.rss")),
        ("", "/news", ("https://n.example.org/", "")),
        ("/news", "/a.rss", ("https://n.example.org/", "/a.rss")),
        ("", "/news/press \xc3\xa9/a.rss", ("https://p.example.org/", "/a.rss")),
        ("", "/newsletter/a.rss", ("https://n.example.org/", "/newsletter/a.rss")),
        ("", "/a.rss", ("https://n.example.org/", "/a.rss")),
    ],
)
def test_the_path_of_the_former_site_is_removed(
    above: str, path: str, found: tuple[str, str]
) -> None:
    """Of several sites on one machine the longest path counts; a proxy may have removed it."""
    assert moved_to(SITES, "example.org", path, above) == found


@pytest.mark.parametrize("path", ["", "news/", "a%20b/n/"])
@pytest.mark.parametrize("after", ["https://new.example.org/", "https://new.example.org/n/"])
def test_each_address_leads_where_move_says(newsroom: Newsroom, path: str, after: str) -> None:
    """Those that `dateline move` lists are answered so, whatever paths the two sites have."""
    file = newsroom.folder / "config.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(":8000/", f":8000/{path}"), encoding="utf-8")
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    options = ["--config", str(file), "--to", after, "--yes"]

    said = CliRunner().invoke(main, ["move", *options]).output
    newsroom.build()

    client = create_app(newsroom.config).test_client()
    listed = re.findall(r"http://127\.0\.0\.1:8000(/\S+) -> (\S+)", said)
    answers = [client.get(one, headers={"Host": "127.0.0.1:8000"}) for one, _ in listed]
    assert len(listed) > 3
    assert {one.status_code for one in answers} == {301}
    assert [one.headers["Location"] for one in answers] == [after for _, after in listed]
    asked = client.options(listed[0][0], headers={"Host": "127.0.0.1:8000"})
    assert (asked.status_code, asked.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
