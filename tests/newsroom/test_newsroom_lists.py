"""The lists of the newsroom, and what staff find in them."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dateline.model.acts import Act
from support.publication import CONFIG, Newsroom, entry_file
from support.staff import Staff, configure, seen

TEXT = '"One.\\n\\n{}"'


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Return a member of staff whose publication has entries of several people and days."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "entries").mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    newsroom = Newsroom(folder)
    found = Staff.of(newsroom)
    drop = newsroom.drop
    drop("port.toml", entry_file("Le port de Tyr", summary='"Short."', body=TEXT.format("Two.")))
    drop(
        "ship_1.toml",
        entry_file("A ship", date="2026-11-02", authors='["A. Writer"]', editor='"Desk"'),
    )
    drop("100%.toml", entry_file("Whole", date="2026-11-03"))
    drop("gone.toml", entry_file("Port fees", date="2026-11-04"))
    drop("hearing.toml", entry_file("A hearing", event='"2026-12-03 10:00"'))
    drop("fair.toml", entry_file("A fair", event='"28 November to 2 December 2026"'))
    drop("secret.toml", entry_file("EMBARGOED", date="2026-12-01"))
    own = {"editor": '"Desk"', "categories": '["Quays"]', "body": TEXT.format("Crânes.")}
    drop("draft-port.toml", entry_file("Later", draft="true", **own))
    drop("wrong.toml", entry_file("Sooner", date='"31 June"', authors='["B. Writer"]'))
    found.build()
    (folder / "entries/gone.toml").unlink()
    text = TEXT.format("\\\\<Three\\\\>.")
    drop("port.toml", entry_file("Le port de Tyr rénové", categories='["Port works"]', body=text))
    found.build()
    found.build(after=timedelta(hours=1))
    with found.room.ledger() as ledger:
        ledger.acts.record(
            moment=newsroom.now, person="Night editor", act=Act.STOPPED, path="draft-port.toml"
        )
        ledger.acts.record(
            moment=newsroom.now, person="Night editor", act=Act.SAVED, path="port.toml"
        )
        ledger.commit()
    return found


def found(staff: Staff, address: str) -> set[str]:
    """Return the titles that a list has."""
    rows = staff.get(f"/entries/{address}").text.partition('<ul class="rows">')[2]
    titles = {"Le port de Tyr rénové", "A ship", "Whole", "Port fees", "Later", "Sooner"}
    return {title for title in titles if f">{title}<" in rows}


@pytest.mark.parametrize(
    ("address", "titles"),
    [
        ("all", {"Le port de Tyr rénové", "A ship", "Whole", "Port fees"}),
        ("all?q=PORT", {"Le port de Tyr rénové", "Port fees"}),
        ("live?q=PORT", {"Le port de Tyr rénové"}),
        ("withdrawn?q=port", {"Port fees"}),
        ("draft?q=port", {"Later"}),
        ("all?q=tyr+PÓRT", {"Le port de Tyr rénové"}),
        ("all?q=tyr+ship", set()),
        ("all?q=ship_1.toml", {"A ship"}),
        ("all?q=s_ip", set()),
        ("all?q=%25", {"Whole"}),
        ("all?topic=port", {"Le port de Tyr rénové"}),
        ("all?topic=works", set()),
        ("all?person=Night+editor", {"Le port de Tyr rénové"}),
        ("draft?person=Night+editor", {"Later"}),
        ("all?person=a.+writer", {"A ship"}),
        ("all?person=desk", {"A ship"}),
        ("draft?person=DESK", {"Later"}),
        ("draft?q=later", {"Later"}),
        ("draft?q=cranes+two", set()),
        ("draft?q=CRANES+port", {"Later"}),
        ("draft?topic=quay", {"Later"}),
        ("draft?topic=port", set()),
        ("held?q=sooner&person=b.+writer", {"Sooner"}),
        ("held?person=Night+editor", set()),
        ("all?from=2026-11-03&to=2026-11-03", {"Whole"}),
        ("all?to=2026-11-02", {"A ship"}),
        ("all?from=tomorrow&to=9999-12-31&q=port", {"Le port de Tyr rénové", "Port fees"}),
        ("all?q=port&topic=port&from=2026-11-05", {"Le port de Tyr rénové"}),
    ],
)  # fmt: skip
def test_entries_are_found(staff: Staff, address: str, titles: set[str]) -> None:
    """By words of the title or the file, in any case, by people, topics and days."""
    assert found(staff, address) == titles


@pytest.mark.long
def test_editors_of_before_are_found_after_an_upgrade(newsroom: Newsroom) -> None:
    """Earlier releases did not record them; the first run of another one does."""
    staff = Staff.of(newsroom)
    newsroom.drop("a.toml", entry_file("A ship", editor='"Desk"'))
    staff.build()
    with closing(sqlite3.connect(newsroom.config.state / "ledger.sqlite")) as database:
        database.execute("DELETE FROM topic WHERE facet = 'editor'")
        database.commit()
    before = found(staff, "all?person=desk")
    configure(newsroom, "[topics]\npages = false")  # a setting of which the ledger has no value
    staff.build()

    assert before == set()
    assert found(staff, "all?person=desk") == {"A ship"}


def test_a_search_is_kept_in_the_form_and_in_other_states(staff: Staff) -> None:
    """Each state leads to the same search; what was typed is escaped."""
    page = staff.get('/entries/live?q="<b>&person=Night+editor&nothing=1').text

    assert 'value="&#34;&lt;b&gt;"' in page
    assert 'href="/entries/withdrawn?q=%22%3Cb%3E&amp;person=Night+editor"' in page
    assert "None." in page


def test_a_search_finds_what_readers_find(newsroom: Newsroom) -> None:
    """Words of the text, where readers can search; without its index, the words of titles."""
    staff = Staff.of(newsroom, "[search]\nenabled = true")
    newsroom.drop("a.toml", entry_file("First", body='"About the lighthouse."'))
    staff.build()
    before = found_first(staff)
    for file in (newsroom.folder / "feeds").glob("*search*"):
        file.unlink()
    staff.newsroom.now += timedelta(minutes=2)

    assert before
    assert not found_first(staff)
    assert "First" in staff.text("/entries/live?q=first")


def found_first(staff: Staff) -> bool:
    """Return whether a word of its text finds the entry."""
    return ">First<" in staff.get("/entries/live?q=lighthouse").text


def test_pages_of_a_search_have_no_number_of_pages(staff: Staff) -> None:
    """Counting would read all entries; a page says whether there is another."""
    page = staff.text("/entries/all?q=port&page=2")

    assert "None." in page
    assert "Newer Page 2" in page
    assert "Older" not in page


# ---- The history of an entry


def test_a_history_has_versions_and_acts_with_their_differences(staff: Staff) -> None:
    """Field by field, the text by lines, with who and when, the latest first."""
    page = staff.get(address_of(staff, "Le port de Tyr rénové")).text
    said = seen(page)

    assert "History: Le port de Tyr rénové port.toml Preview Edit What readers have" in said
    assert said.index("saved 25 November 2026, 12:02 · Night editor") < said.index("changed: ")
    assert "changed: title, body, summary, categories version 2 25 November 2026, 11:02" in said
    assert "title − Le port de Tyr + Le port de Tyr rénové" in said
    assert "summary − Short. It is now empty. categories It was empty. + Port works" in said
    assert "body One. − Two. + <Three>. summary" in said
    assert said.endswith(f"version 1 25 November 2026, 11:01 · {owner(staff)} Restore… version 1")
    assert "<Three>" not in page


def test_a_history_is_shown_while_the_share_of_files_fails(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from the ledger; a file of which nobody knows is not offered."""
    name, stat, folder = "ship_1.toml", os.stat, str(staff.newsroom.config.entries)

    def failing(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if str(path).startswith(folder):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return stat(path, follow_symlinks=follow_symlinks)

    before = staff.get(f"/history?entry={name}").text
    with monkeypatch.context() as share:
        share.setattr(os, "stat", failing)
        page = staff.get(f"/history?entry={name}")

    assert page.status_code == 200
    assert [f"/edit?file={name}" in text for text in (before, page.text)] == [True, False]


def test_a_withdrawn_entry_has_a_history(staff: Staff) -> None:
    """It leads to no page and no preview; an unknown entry has none."""
    page = staff.text(address_of(staff, "Port fees"))

    assert page.startswith("History: Port fees Restore… Take down… published version 1")
    assert staff.get("/history?entry=tag:nothing").status_code == 404
    assert staff.get("/history").status_code == 404


def address_of(staff: Staff, title: str) -> str:
    """Return where a row leads for the history of its entry."""
    row = staff.get("/entries/all").text.partition(f">{title}<")[2]
    (address, *_) = re.findall(r'href="(/history[^"]+)"', row)
    return unescape(address)


def owner(staff: Staff) -> str:
    """Return the owner of the files."""
    return (staff.newsroom.folder / "entries/port.toml").owner()


# ---- A month


def test_a_month_has_scheduled_entries_and_events(staff: Staff) -> None:
    """On their days, in a table and in a list; an event that goes on is on the first."""
    page = staff.get("/coming?month=2026-12").text
    table, _, agenda = page.partition("</table>")

    assert "What is coming in December 2026" in page
    assert seen(f"<main>{table.partition('<tbody>')[2]}</main>").startswith(
        "1 A fair event 00:00 EMBARGOED scheduled 2 3 10:00 A hearing event 4 5"
    )
    december = seen(f"<main>{agenda}")
    assert december.startswith("1 December 2026 A fair event 00:00 EMBARGOED scheduled")
    assert december.endswith("scheduled 3 December 2026 10:00 A hearing event")
    assert 'href="/preview?file=secret.toml"' in agenda
    assert 'href="/coming?month=2026-11"' in page
    assert 'href="/coming?month=2027-01"' in page


@pytest.mark.parametrize("address", ["/coming", "/coming?month=9999-12", "/coming?month=2026-13"])
def test_a_month_without_a_number_is_the_present_one(staff: Staff, address: str) -> None:
    """Today is marked; every month that there can be has a page."""
    page = staff.get(address).text

    assert "What is coming in November 2026" in page
    assert '<td class="today" aria-current="date"><time datetime="2026-11-25">25</time>' in page
    assert "28 November 2026 A fair event" in seen(page)
    assert "Nothing is coming" in staff.text("/coming?month=1000-01")
    assert "Nothing is coming" in staff.text("/coming?month=9998-12")


# ---- Small pictures


@pytest.mark.long
def test_rows_show_the_pictures_that_readers_have(newsroom: Newsroom) -> None:
    """Smaller where there is a rendition; of drafts and withdrawn entries none is shown or sent."""
    staff = Staff.of(newsroom)
    for name, width in (("small", 90), ("large", 900), ("secret", 80)):
        Image.new("RGB", (width, 60), "navy").save(newsroom.folder / f"entries/{name}.png")
    newsroom.drop("a.toml", entry_file("A", image='"small.png"'))
    newsroom.drop("b.toml", entry_file("B", image='"large.png"'))
    newsroom.drop("c.toml", entry_file("C", image='"secret.png"', draft="true"))
    staff.build()
    shown = re.findall(r'<img class="thumbnail" src="([^"]+)"', staff.get("/entries/live").text)
    sent = [staff.get(address) for address in shown]
    widths = sorted(Image.open(BytesIO(one.data)).width for one in sent)
    draft = staff.get("/entries/draft").text
    (newsroom.folder / "entries/a.toml").unlink()
    staff.build()
    staff.build(after=timedelta(hours=1))
    after = [staff.get(address).status_code for address in shown]

    assert widths == [90, 480]
    assert {one.headers["Cache-Control"] for one in sent} == {"private, max-age=86400, immutable"}
    assert "default-src 'none'" in sent[0].headers["Content-Security-Policy"]
    assert "thumbnail" not in draft + staff.get("/entries/withdrawn").text
    assert sorted(after) == [200, 404]


@pytest.mark.parametrize("name", ["news.json", "media/x.png", "../config.toml", ".manifest.json"])
def test_nothing_but_published_pictures_is_sent(staff: Staff, name: str) -> None:
    """Not even other documents of the site."""
    assert staff.get(f"/thumbnail/{name}").status_code == 404
