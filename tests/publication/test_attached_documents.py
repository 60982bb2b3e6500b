"""Attached documents are published with what is known of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from bs4 import BeautifulSoup

from dateline import publish
from support.ledgers import opened
from support.publication import Newsroom, entry_file

# What 0.1.0 did not know of a file.
LATER = ("pages", "own_title", "own_language")


def pdf(pages: int = 12, language: str = "fr", title: str = "Les ports en chiffres") -> bytes:
    """Return a PDF that has programs show its title."""
    made, out = pikepdf.new(), BytesIO()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Title"] = title
    made.Root.Lang = pikepdf.String(language)
    made.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    made.save(out, deterministic_id=True)
    return out.getvalue()


def forget(room: Newsroom) -> None:
    """Make the ledger that of a release that read less of a document."""
    with opened(room.folder / "state/ledger.sqlite") as ledger:
        ((text,),) = ledger.execute("SELECT unpacked(story) FROM version").fetchall()
        story = json.loads(text)
        (file,) = story["attachments"]
        assert all(file.pop(name) for name in LATER)
        text = json.dumps(story, ensure_ascii=False, sort_keys=True)
        ledger.execute("UPDATE version SET story = packed(?)", (text,))


@pytest.mark.long
def test_a_document_has_the_title_of_staff_or_its_own(newsroom: Newsroom) -> None:
    """Feeds have that of staff or the name of the file; the language of staff comes first."""
    newsroom.drop("r.pdf", pdf())
    newsroom.drop("s.pdf", pdf(1, "en"))
    text = entry_file("Ports").replace(
        "body =",
        """[[attachments]]
file = "r.pdf"

[[attachments]]
file = "s.pdf"
title = "Annex & figures"
language = "Arabic"

body =""",
    )
    newsroom.drop("a.toml", text)
    newsroom.build()

    (item,) = newsroom.items()
    page = next(data for path, (data, _) in newsroom.feeds().items() if path.endswith("ports.html"))
    shown: Any = BeautifulSoup(page, "lxml").select(".documents li")

    assert newsroom.codes() == ["language-read"]
    assert [file["title"] for file in item["attachments"]] == ["r.pdf", "Annex & figures"]
    assert [(one.a.text, one.a["hreflang"], one.a.get("lang")) for one in shown] == [
        ("Les ports en chiffres", "fr", "fr"),
        ("Annex & figures", "ar", None),
    ]
    assert "12 pages · Français" in " ".join(shown[0].text.split())
    assert "1 page · العربية" in " ".join(shown[1].text.split())


def test_an_upgrade_that_reads_more_of_a_document_is_no_change(newsroom: Newsroom) -> None:
    """The page has it, feeds keep their bytes, and nothing counts as changed."""
    newsroom.drop("r.pdf", pdf())
    newsroom.drop("a.toml", entry_file("Ports", attachments='["r.pdf"]'))
    newsroom.build()
    before = newsroom.feeds()
    forget(newsroom)

    clock = datetime.now(UTC) + timedelta(seconds=2)
    newsroom.now += timedelta(minutes=1)
    again = publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    report = publish.build(newsroom.config, again)

    assert (report.published, report.changed) == ((), ())
    assert newsroom.feeds() == before
    page = next(data.decode() for path, (data, _) in before.items() if path.endswith("ports.html"))
    assert "Les ports en chiffres" in page
    assert "12 pages" in page
