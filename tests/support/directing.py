"""Sitemaps, OPML and calendars, read and checked as their schemas and specifications define."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import listparser
import vobject
from dateutil import tz
from lxml import etree  # type: ignore[import-untyped]  # it carries no types

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")  # W3C Datetime
_LINE = re.compile(rb"[^\r\n]{1,75}\r\n")


def sitemap(data: bytes, *, kind: str = "url") -> dict[str, str]:
    """Return the addresses of a sitemap, or of an index (`kind` is "sitemap"), with `lastmod`.

    Checks the rules of sitemap.xsd and siteindex.xsd, and the limits of sitemaps.org.
    """
    assert len(data) < 50 * 1024 * 1024
    root = etree.fromstring(data)
    assert root.tag == SITEMAP + {"url": "urlset", "sitemap": "sitemapindex"}[kind]
    assert 1 <= len(root) <= 50_000
    found = {}
    for one in root:
        names = [child.tag for child in one]
        assert one.tag == SITEMAP + kind
        assert names[:1] == [f"{SITEMAP}loc"]
        assert names[1:] in ([], [f"{SITEMAP}lastmod"], [f"{SITEMAP}lastmod", f"{NEWS}news"])
        assert 12 <= len(one[0].text) <= 2048
        changed = one.findtext(f"{SITEMAP}lastmod") or ""
        assert not changed or _MOMENT.fullmatch(changed)
        assert one[0].text not in found
        found[one[0].text] = changed
    return found


def news(data: bytes) -> dict[str, tuple[str, str, str]]:
    """Return addresses of a news sitemap with language, moment and title (sitemap-news.xsd)."""
    assert len(sitemap(data)) <= 1000
    found = {}
    for one in etree.fromstring(data):
        (item,) = one.findall(f"{NEWS}news") or (None,)
        if item is None:
            continue
        names = [child.tag.removeprefix(NEWS) for child in item]
        assert names == ["publication", "publication_date", "title"]
        assert [child.tag.removeprefix(NEWS) for child in item[0]] == ["name", "language"]
        assert item[0][0].text
        assert re.fullmatch("zh-cn|zh-tw|[a-z]{2,3}", item[0][1].text)
        assert _MOMENT.fullmatch(item[1].text)
        found[one[0].text] = (item[0][1].text, item[1].text, item[2].text)
    return found


def feeds(data: bytes) -> dict[str, str]:
    """Return the addresses of the feeds that an OPML reader finds, with their titles."""
    found = listparser.parse(data)
    assert found.version == "opml2"
    assert not found.bozo
    return {feed.url: feed.title for feed in found.feeds}


def events(data: bytes) -> dict[str, Any]:
    """Return the events of a calendar by SUMMARY, parsed by vobject; checks the content lines.

    See RFC 5545, section 3.1, and RFC 5546, section 3.2.1.
    """
    assert b"".join(_LINE.findall(data)) == data
    data.decode()
    (calendar,) = vobject.readComponents(data.decode())
    assert calendar.version.value == "2.0"
    assert calendar.method.value == "PUBLISH"
    assert calendar.vtimezone_list
    uids = [one.uid.value for one in calendar.contents.get("vevent", [])]
    assert len({*uids}) == len(uids)
    for one in calendar.contents.get("vevent", []):
        for name in ("dtstamp", "dtstart", "organizer", "summary", "uid", "sequence"):
            assert len(one.contents[name]) == 1
        assert one.status.value in {"CONFIRMED", "CANCELLED"}
        assert "dtend" not in one.contents or one.dtend.value > one.dtstart.value
    return {one.summary.value: one for one in calendar.contents.get("vevent", [])}


def zones(data: bytes) -> Any:
    """Return the time zones of a calendar, parsed by dateutil."""
    return tz.tzical(StringIO(data.decode().replace("\r\n ", "").replace("\r\n", "\n")))


def moment(line: str, data: bytes) -> datetime:
    """Return the moment of a DTSTART or DTEND line, by the calendar's own VTIMEZONE."""
    name, _, value = line.partition(":")
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    _, _, zone = name.partition("TZID=")
    local = datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone comes from the data
    return local.replace(tzinfo=zones(data).get(zone)).astimezone(UTC)
