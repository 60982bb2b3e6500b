"""The newsroom shows beside each change when readers had it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial

import httpx
import pytest

from dateline.ledger import Ledger
from dateline.ledger.queries.notices.deliveries import EntryDelivery
from dateline.publish import ledger_url
from support.callbacks import form, subscriber
from support.publication import PUBLICATION, Newsroom, entry_file
from support.serving import PATIENCE, Served, free_port, serve, until
from support.staff import WORD, Staff

CDN = '[[cdn]]\nkind = "command"\ncommand = ["true"]\n'
LINE = re.compile(r'<p class="more delivery">(.*?)</p>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")
ZONE = timedelta(hours=1)  # Vienna in winter


def at(newsroom: Newsroom, seconds: float) -> int:
    """Return a moment after 10:00:00 UTC of the day, in milliseconds."""
    day = newsroom.now.replace(hour=10, minute=0, second=0, microsecond=0)
    return int((day.timestamp() + seconds) * 1000)


def staff_of(newsroom: Newsroom, *tables: str) -> Staff:
    """Return a member of staff of a publication with one new entry."""
    staff = Staff.of(newsroom, *tables)
    newsroom.drop("a.toml", entry_file())
    staff.build()
    return staff


def note(
    staff: Staff,
    served: float | None = 0.45,
    reached: float | None = 2.19,
    pushed: tuple[int, int] = (0, 0),
    noted: float = 0.0,
) -> None:
    """Note when the entry was seen, in seconds after 10:00."""
    newsroom = staff.newsroom
    with Ledger(ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
        ledger.deliveries.note({(id_, 1)}, at(newsroom, noted))
        moments = [None if one is None else at(newsroom, one) for one in (served, reached)]
        delivery = EntryDelivery(
            entry=id_,
            version=1,
            noted=at(newsroom, noted),
            served=moments[0],
            reached=moments[1],
            pushed=pushed[0],
            subscribers=pushed[1],
        )
        ledger.deliveries.set([delivery])
        ledger.commit()
    staff.build()


def lines(staff: Staff, address: str) -> list[str]:
    """Return the lines on deliveries of a page, with their parts as readers see them."""
    found = LINE.findall(staff.get(address).text)
    return [TAG.sub("", one).strip() for one in found]


@pytest.mark.long
@pytest.mark.parametrize("address", ["/", "/history?entry=a.toml"])
def test_a_change_shows_when_readers_had_it(newsroom: Newsroom, address: str) -> None:
    """On the first page and in the history, to a tenth of a second of the publication's zone."""
    staff = staff_of(newsroom, CDN)
    assert lines(staff, address) == []
    note(staff, pushed=(812, 815))

    assert lines(staff, address) == [
        "out 11:00:00.4 · through the CDN 11:00:02.1 · pushed to 812 of 815"
    ]


def test_programs_can_read_the_moments(newsroom: Newsroom) -> None:
    """They are times with a zone."""
    staff = staff_of(newsroom)
    note(staff)
    found = LINE.findall(staff.get("/").text)[0]
    moments = [datetime.fromisoformat(one) for one in re.findall(r'datetime="([^"]+)"', found)]

    assert [one.timestamp() * 1000 for one in moments] == [at(newsroom, 0.45), at(newsroom, 2.19)]
    assert [one.utcoffset() for one in moments] == [ZONE, ZONE]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "sortie 11:00:00,4 · chez les lecteurs 11:00:02,1 · transmise à 812 sur 815"),
        ("es", "publicada 11:00:00,4 · en los lectores 11:00:02,1 · enviada a 812 de 815"),
    ],
)
def test_it_is_in_the_language_of_staff(newsroom: Newsroom, language: str, expected: str) -> None:
    """With the decimal sign of that language; without a CDN, none is named."""
    staff = staff_of(newsroom, f'language = "{language}"')
    note(staff, pushed=(812, 815))

    assert lines(staff, "/") == [expected]


@pytest.mark.long
def test_what_is_not_there_yet_is_said(newsroom: Newsroom) -> None:
    """Whether it is out here, or nothing is known of it."""
    staff = staff_of(newsroom, CDN)
    note(staff, reached=None)
    assert lines(staff, "/") == ["out 11:00:00.4 · not yet through the CDN"]
    note(staff, served=None, reached=None)
    assert lines(staff, "/") == ["not yet through the CDN"]


def test_nothing_is_awaited_where_nobody_asks(newsroom: Newsroom) -> None:
    """What was seen before the proof of delivery was switched off stays."""
    staff = staff_of(newsroom, "[delivery]\nenabled = false\n")
    note(staff, reached=None)

    assert lines(staff, "/") == ["out 11:00:00.4"]


@pytest.mark.long
def test_an_older_version_is_not_awaited(newsroom: Newsroom) -> None:
    """Readers get the newest one."""
    staff = staff_of(newsroom)
    note(staff, reached=None)
    newsroom.drop("a.toml", entry_file(body='"Other text"'))
    staff.build()
    with Ledger(ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
        ledger.deliveries.note({(id_, 2)}, at(newsroom, 60))
        ledger.commit()
    staff.build()

    assert lines(staff, "/history?entry=a.toml") == ["not yet at readers", "out 11:00:00.4"]


@pytest.mark.long
def test_serve_shows_when_all_kinds_of_readers_had_the_news(newsroom: Newsroom) -> None:
    """Those who ask at the public address, and the subscribers of the hub."""
    own, room = free_port(), free_port()
    text = PUBLICATION.replace("8000", str(own)) + f"[serve]\nport = {own}\n"
    text += f'[newsroom]\ntoken = "{WORD}"\nport = {room}\n[delivery]\nprivate = true\n'
    text += '[hub]\nenabled = true\nallow = ["127.0.0.0/8"]\n'
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    newsroom.drop("old.toml", entry_file("Old"))
    all_three = re.compile(r"out [\d:.]{10} · at readers [\d:.]{10} · pushed to 3 of 3")
    with (
        subscriber() as reader,
        serve(newsroom.folder, port=own, says_port=False) as served,
        httpx.Client(base_url=f"http://127.0.0.1:{room}") as staff,
    ):
        assert until(lambda: served.get("news.rss").status_code == 200)
        for number in range(3):
            callback = reader.url(f"reader-{number}")
            assert until(partial(is_taken, served, callback))
        assert until(lambda: len(reader.questions()) >= 3)
        newsroom.drop("a.toml", entry_file())

        assert until(lambda: bool(all_three.fullmatch(first_line(staff))), 60), first_line(staff)


def is_taken(served: Served, callback: str) -> bool:
    """Ask the hub for a subscription; return whether it takes the request."""
    fields = form(f"{served.url}news.rss", callback)
    return httpx.post(f"{served.url}hub", data=fields, timeout=PATIENCE).is_success


def first_line(staff: httpx.Client) -> str:
    """Return the line on delivery of the latest change on the first page, or nothing."""
    try:
        page = staff.get("/", params={} if staff.cookies else {"token": WORD}).text
    except httpx.TransportError:
        return ""
    latest = page.partition('id="today"')[2].partition("<li>")[2].partition("</li>")[0]
    found = LINE.findall(latest)
    return TAG.sub("", found[0]).strip() if "Report on Lebanon" in latest and found else ""
