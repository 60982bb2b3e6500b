"""Readers see every correction once, and staff learn which corrections cannot be removed."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest

from dateline.model import Correction
from dateline.rules.corrections import merged, still_published
from rules.test_combinations import ERRATA, reported
from support.paths import DATA
from support.publication import Newsroom, entry_file

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
CASES = tomllib.loads((DATA / "corrections.toml").read_text(encoding="utf-8"))["case"]
A, B, C = "There were 60 cases, not 66.", "It is in Graz, not in Vienna.", "Page 9 was blank."
PAGE = "2026/11/report-on-lebanon.html"


def corrections(pairs: list[tuple[str, int]]) -> tuple[Correction, ...]:
    """Return published corrections from pairs of text and age in hours."""
    return tuple(Correction(moment=NOW - timedelta(hours=age), text=text) for text, age in pairs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_corrections_follow_the_file(case: dict[str, Any]) -> None:
    """A correction is kept, amended or added; none disappears or moves."""
    before = corrections(case["told"])

    after = merged(before, case["now"], NOW)

    expected = corrections(case["then"])
    assert [one.text for one in after] == [one.text for one in expected]
    ages = [round((NOW - one.moment) / timedelta(hours=1)) for one in after]
    assert ages == [age for _, age in case["then"]]
    file = case.get("before", [text for text, _ in case["told"]])
    assert still_published(file, case["now"], after) == case.get("stays", [])
    assert merged(after, case["now"], NOW) == after


def test_corrections_of_one_list_have_distinct_moments() -> None:
    """Their order survives sorting by time; all follow the last one, and none is in the future."""
    moments = [one.moment for one in merged((), [A, B, C], NOW)]

    assert moments == [NOW - timedelta(seconds=2), NOW - timedelta(seconds=1), NOW]
    last = Correction(moment=NOW - timedelta(seconds=1), text="Another.")
    assert [one.moment for one in merged([last], [A, B], NOW)][1:] == [NOW, NOW]


@pytest.mark.long
def test_many_corrections_that_replace_many_take_seconds_at_most() -> None:
    """A new one is compared with few of those that left the file, however long the lists are."""
    before, after = ("a " * 100 + "c " * 50, "b a " * 75)
    published = merged((), [f"{before}{'d' * number}" for number in range(50)], NOW)
    begun = process_time()

    found = merged(published, [f"{after}{'e' * number}" for number in range(50)], NOW)

    assert process_time() - begun < 20  # each with each takes a minute
    assert len(found) == 100


def as_list(*texts: str) -> str:
    """Return the TOML list of these texts."""
    return f"[{', '.join(json.dumps(text) for text in texts)}]"


def shown(newsroom: Newsroom) -> dict[str, list[bool]]:
    """Return which corrections each document shows, by path."""
    names = ("news.rss", "news.atom", "news.json", PAGE)
    documents = newsroom.feeds()
    return {name: [text in documents[name][0].decode() for text in (A, B, C)] for name in names}


@pytest.mark.long
def test_every_format_and_the_page_show_all_corrections(newsroom: Newsroom) -> None:
    """Each has its date, and they are in order of publication."""
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("a.toml", entry_file(correction=json.dumps(A)))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B)))
    newsroom.build(after=timedelta(hours=1))
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B, C)))
    newsroom.build(after=timedelta(days=2))

    assert {tuple(has) for has in shown(newsroom).values()} == {(True, True, True)}
    page = newsroom.feeds()[PAGE][0].decode()
    assert page.index(A) < page.index(B) < page.index(C)
    assert "25 November 2026" in page
    assert "27 November 2026" in page
    assert reported(newsroom) == []


@pytest.mark.long
def test_each_correction_of_a_list_is_an_item_of_a_corrections_feed(newsroom: Newsroom) -> None:
    """Each item's id is independent of the order in the file."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(ERRATA)
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B)))
    newsroom.build()
    before = {item["content_html"]: item["id"] for item in newsroom.items("errata")}
    newsroom.drop("a.toml", entry_file(correction=as_list(C, B, A)))

    newsroom.build()

    after = {item["content_html"]: item["id"] for item in newsroom.items("errata")}
    assert before.items() < after.items()
    assert len(set(after.values())) == 3


@pytest.mark.long
def test_a_removed_correction_stays_published_and_staff_are_warned(newsroom: Newsroom) -> None:
    """No document changes, and the note disappears in a day."""
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B)))
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", entry_file(correction=json.dumps(B)))

    report = newsroom.build()

    assert newsroom.feeds() == before
    assert report.changed == ()
    assert reported(newsroom) == [("a.toml", "correction-stays")]
    note = newsroom.folder / "entries/a.toml.problem.txt"
    assert A in note.read_text(encoding="utf-8-sig")
    newsroom.build(after=timedelta(days=1))
    assert reported(newsroom) == []
    assert not note.exists()
    assert newsroom.feeds() == before


@pytest.mark.long
@pytest.mark.parametrize("is_full", [True, False])
def test_the_note_on_a_removed_correction_stays_beside_other_news(
    newsroom: Newsroom, *, is_full: bool
) -> None:
    """The file is read again when any other changes; the note ends after its day."""
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B)))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(correction=json.dumps(B)))
    newsroom.build()
    for number in range(3):
        newsroom.drop(f"{number}.toml", entry_file(f"Other news {number}"))
        changed = {} if is_full else {"changed_files": [f"{number}.toml"]}
        newsroom.build(after=timedelta(hours=7), **changed)
        assert reported(newsroom) == [("a.toml", "correction-stays")]
    newsroom.drop("4.toml", entry_file("Other news 4"))

    newsroom.build(after=timedelta(hours=3))

    assert reported(newsroom) == []


@pytest.mark.long
def test_the_note_on_a_removed_correction_stays_until_it_is_back(newsroom: Newsroom) -> None:
    """Each of several has its own."""
    newsroom.drop("a.toml", entry_file(correction=as_list(A, B)))
    newsroom.build()
    for text, told in (
        (entry_file(correction=json.dumps(B)), [A]),
        (entry_file(correction=json.dumps(B), body='"A typo is mended."'), [A]),
        (entry_file(), [A, B]),
        (entry_file(correction=json.dumps(A)), [B]),
        (entry_file(correction=as_list(B, A)), []),
    ):
        newsroom.drop("a.toml", text)
        newsroom.build()
        assert sorted(str(one.found) for one in newsroom.log[-1].problems) == sorted(told)


def test_an_invalid_correction_is_reported(newsroom: Newsroom) -> None:
    """This covers a number, and a list that contains one."""
    for value in ("3", '["x", 3]', "true"):
        newsroom.drop("a.toml", entry_file(correction=value))
        newsroom.build()

        assert newsroom.codes() == ["field-not-text"]
