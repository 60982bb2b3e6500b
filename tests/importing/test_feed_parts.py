"""Parts of feeds that few programs write are read as subscribers saw them."""

from __future__ import annotations

import json

import pytest

from importing.test_importing import entries, import_source
from importing.test_items import OLD
from importing.test_sites import here
from support.publication import Newsroom

__all__ = ["here"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "a\ud83d"),
        ("url", f"{OLD}1\ud83d"),
        ("content_html", "<p>Text\ud83d</p>"),
        ("content_text", "Text\ud83d"),
        ("image", "http://127.0.0.1:1/\ud83d\x1fa.png"),
        ("attachments", [{"url": "http://127.0.0.1:1/\ud83da.pdf", "title": "b\ud83d"}]),
    ],
)
def test_half_an_emoji_in_json_keeps_no_item_out(here: Newsroom, name: str, value: object) -> None:
    """Programs that cut texts by their units of UTF-16 leave one."""
    item = {"id": "a", "url": f"{OLD}1", "title": "One", "content_text": "Text"}
    items = [{**item, "date_published": "2024-05-06T07:08:09Z", name: value}]
    file = here.folder / "feed.json"
    file.write_text(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items})
    )
    import_source(here, file, "--yes")

    (entry,) = entries(here).values()
    assert (entry["id"], entry["link"], str(entry["body"]).strip()) == ("a", f"{OLD}1", "Text")
