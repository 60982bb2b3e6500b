"""The time to read a file grows with its length alone, whatever it holds.

Texts are made of the marks that the parser and the reader of bodies know, in pairs and triples that
repeat; one that is four times as long may take little more than four times as long.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from random import Random
from time import process_time
from types import MappingProxyType

import pytest

from dateline.entries.lazy_scan import scan_some
from dateline.entries.media.nearby import NearbyFiles
from dateline.entries.normalise import normalise
from dateline.entries.parse import parse
from dateline.entries.scan import FileStamp, Scan
from dateline.errors import EntryError
from dateline.model import Source
from support.processor import is_linear
from support.samples import sample_publication

LENGTHS = (8_000, 16_000, 64_000)  # characters; the second and the third are compared
MOST = 9  # times as long for a text of four times the length
SEED = 20
PATIENCE = 8  # seconds of a processor: these take one, and took a minute
COUNT = int(os.environ.get("LINEAR_TIME_CASES", "200"))  # pairs, and as many triples, of a place

MARKS = (
    "\n", " ", "\t", "a", "1", "=", "＝", ":", "#", ",", ";", ".", "\\", "-", "_", "*", "|", "!",
    "?", '"', "'", '"""', "'''", "“", "”", "„", "‘", "’", "‚", "«", "»", "`", "```", "~~~",
    "[", "]", "［", "］", "[[", "]]", "{", "}", "(", ")", "<", ">", "&", "](", "]:", "[^1]",
    "[^1]:", "<<<<<<<", "=======", ">>>>>>>", "+++", "---", "//", "/*", "<!--", "-->", "??", "Ã",
    "é", "Р", "<p>", "</p>", "<a href=", "<b>", "<td>", "<span style=", "mso-list:", "&amp;", "https://",
    "@", "title = ", "attachments = ", "y = [{", "x = '''", "\n\n", "\n- ", "\n1. ", "\n> ",
    "\u3000", "。", "‘’ ",
)  # fmt: skip

# The text is a file as a whole, a value, a list, or a body of each kind.
PLACES = {
    "file": "{}",
    "value": 'title = {}\ndate = 2008-10-20\nbody = "a"\n',
    "list": 'title = "a"\ndate = 2008-10-20\ncategories = [{}\nbody = "a"\n',
    "fields": "title = \"a\"\ndate = 2008-10-20\nx = '''\n{}\n'''\nbody = \"a\\\\b\"\n",
    "body": "title = \"a\"\ndate = 2008-10-20\nbody = '''\n{}\n'''\n",
}


SLOW = {"fields", "body"}
# Seconds of a processor that the shortest text takes at least to be compared with the others.
SHORT = {"file": 0.006, "value": 0.006, "list": 0.006, "fields": 0.012, "body": 0.04}


def seconds(data: bytes, beside: Mapping[str, FileStamp] = MappingProxyType({})) -> float:
    """Return the time of a processor that it takes to read a file, with files `beside` it."""
    files = NearbyFiles(
        folder=Path(),
        entry="a.toml",
        scan=Scan(files=beside),
        url="https://news.example.org/",
        settled=0,
    )
    start = process_time()
    try:
        draft = parse(Source(path="a.toml", data=data, age=86_400.0), today=date(2026, 11, 25))
        normalise(
            draft,
            publication=sample_publication(),
            files=files,
            now=datetime(2026, 11, 25, tzinfo=UTC),
        )
    except EntryError:
        pass
    return process_time() - start


def patterns(place: str) -> list[str]:
    """Return pairs and triples of marks, by chance and yet always the same for a place."""
    chance = Random(f"{SEED} {place}")  # noqa: S311 - no secret
    pairs = ["".join(pair) for pair in permutations(MARKS, 2)]
    count = COUNT // 10 if place == "body" else COUNT  # it takes ten times as long
    triples = ["".join(chance.sample(MARKS, 3)) for _ in range(count)]
    return [*chance.sample(pairs, min(count, len(pairs))), *triples]


def is_slow(place: str, pattern: str) -> bool:
    """Return whether the time grows faster than the length of a text.

    Most texts are read in no time even where it grows with the square: these are not compared.
    """
    first, short, long = (
        PLACES[place].replace("{}", pattern * (length // len(pattern))).encode()
        for length in LENGTHS
    )
    if seconds(first) < SHORT[place] and seconds(first) < SHORT[place]:
        return False
    return not is_linear(seconds, short, long, most=MOST, brief=0)


@pytest.mark.long
@pytest.mark.parametrize(
    "place",
    [pytest.param(one, marks=pytest.mark.release if one in SLOW else ()) for one in PLACES],
)
def test_the_time_grows_with_the_length_alone(place: str) -> None:
    """No two or three marks make it grow with the square of the length."""
    assert [one for one in patterns(place) if is_slow(place, one)] == []


@pytest.mark.long
def test_very_many_missing_files_are_looked_for_once_each() -> None:
    """The names that could be meant are listed for those alone that are reported."""
    files = {f"photo{number}.jpg": FileStamp(1, 1) for number in range(5_000)}
    names = ", ".join(f'"annex{number}.pdf"' for number in range(5_000))
    head = f'title = "a"\ndate = 2008-10-20\nattachments = [{names}]\nbody = "a"\n'

    assert seconds(head.encode(), files) < PATIENCE


def test_very_many_links_to_pages_read_the_address_of_the_entry_once() -> None:
    """It may be as long as the file."""
    link = "https://example.org/ " * 20_000
    links = "[a](b) " * 20_000
    text = f'title = "a"\ndate = 2008-10-20\nlink = "{link}"\nbody = "{links}"\n'

    assert seconds(text.encode()) < PATIENCE


@pytest.mark.long
def test_very_many_open_brackets_are_the_start_of_no_name() -> None:
    """Behind each of them, the name of a file may end hundreds of characters later."""
    body = "](" * 200_000

    assert seconds(f'title = "a"\ndate = 2008-10-20\nbody = "{body}"\n'.encode()) < PATIENCE


def test_a_title_of_very_many_words_of_an_embargo_takes_no_time() -> None:
    """Each of them may be the beginning of a note that ends with the title."""
    title = "(embargo" * 100_000

    assert seconds(f'title = "{title}"\ndate = 2008-10-20\nbody = "a"\n'.encode()) < PATIENCE


@pytest.mark.long
def test_the_line_of_a_part_in_html_is_found_at_once() -> None:
    """Its first word may stand in each of very many tags before it."""
    body = f"{'<br a=not>' * 20_000}\n\nFor release (not <b>for</b> publication)"

    assert seconds(f'title = "a"\ndate = 2008-10-20\nbody = """\n{body}\n"""\n'.encode()) < PATIENCE


@pytest.mark.long
@pytest.mark.parametrize("line", ["for release %d 12:00", "Embargoed until %d x 12:00"])
def test_the_days_of_very_many_lines_on_a_release_are_not_read(line: str) -> None:
    """A text has one or two such lines, and to read each as a date takes long."""
    body = "\n".join(line % number for number in range(20_000))

    assert seconds(f'title = "a"\ndate = 2008-10-20\nbody = """\n{body}\n"""\n'.encode()) < PATIENCE


def test_entries_that_a_text_names_are_looked_for_once() -> None:
    """Each takes milliseconds, and a text has room for very many links; the rest stays words."""
    asked: list[str] = []

    def page_of(_: str, name: str) -> tuple[str, str, bool]:
        asked.append(name)
        return f"https://x.invalid/{name}", name, True

    files = NearbyFiles(
        folder=Path(),
        entry="a.toml",
        scan=Scan(files={}),
        url="https://news.example.org/",
        settled=0,
        page_of=page_of,
    )

    found = [files.page("0.toml") for _ in range(3)]
    found += [files.page(f"{number}.toml") for number in range(2000)]
    with pytest.raises(EntryError):
        files.page("2000.toml")

    assert len(asked) == len({*found}) == 2000


@pytest.mark.long
def test_files_that_a_text_names_are_looked_for_up_to_a_number() -> None:
    """All places at which one may be are kept in the ledger, and compared in each full check."""
    files = NearbyFiles(
        folder=Path(),
        entry="2008/a.toml",
        scan=Scan(files={}),
        url="https://news.example.org/",
        settled=0,
    )

    assert {files.take(f"{number}.png") for number in range(20_000)} == {None}

    assert len(files.used) == 4000


def test_a_folder_is_walked_once_for_all_missing_files(tmp_path: Path) -> None:
    """With very many files each walk takes seconds, and there are twenty messages for a text."""
    (tmp_path / "a.toml").touch()
    (tmp_path / "b.png").touch()
    scan = scan_some(tmp_path, ["a.toml"])
    assert scan is not None
    files = NearbyFiles(folder=tmp_path, entry="a.toml", scan=scan, url="", settled=0)
    before = files.names("c.png")
    (tmp_path / "d.png").touch()

    assert files.names("c.png") == before
    assert "b.png" in str(before)
