"""The rules of aggregators judge feeds that other tools made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.serve.doctor import AGGREGATORS, examine_for
from outside.polling import old_server
from outside.sites import MAKERS
from support.serving import free_port

pytestmark = pytest.mark.outside

# What each tool's feed lacks. All sites are without TLS here, with short titles, of years ago.
COMMON = {"msn/https", "msn/title-length"}
LACKS = {
    "hugo": {"apple-news/feed-locale", "msn/newest-item", "smartnews/feed-date"},
    "jekyll": {
        "apple-news/feed-language",
        "flipboard/feed-description",
        "flipboard/feed-language",
        "msn/newest-item",
        "smartnews/feed-description",
        "smartnews/feed-language",
    },
    "eleventy": {
        "apple-news/feed-link",
        "apple-news/feed-locale",
        "flipboard/feed-description",
        "flipboard/feed-link",
        "msn/item-date",
        "smartnews/feed-description",
        "smartnews/feed-link",
    },
    "pelican": {
        "apple-news/feed-language",
        "flipboard/feed-description",
        "flipboard/feed-language",
        "msn/newest-item",
        "smartnews/feed-description",
        "smartnews/feed-language",
    },
    "wordpress": {
        "flipboard/feed-description",
        "msn/newest-item",
        "smartnews/feed-date",
        "smartnews/feed-description",
    },
}


@pytest.mark.parametrize("tool", MAKERS)
def test_a_feed_of_another_tool_is_judged(tool: str, tmp_path: Path) -> None:
    """Its required elements are found where it has them, and missed where it has not."""
    made = MAKERS[tool](tmp_path / "site", 40)
    port = free_port()
    with old_server(port, made.path, made.feed.read_bytes()):
        address = f"http://127.0.0.1:{port}/{made.path}"
        found = [*examine_for(address, AGGREGATORS, datetime.now(UTC))]

    lacking = {f"{one.about}/{one.rule}" for one in found if one.state == "bad"}
    assert lacking == COMMON | LACKS[tool]
    assert {one.about for one in found if one.state == "ok"} == {"reached", *AGGREGATORS}
