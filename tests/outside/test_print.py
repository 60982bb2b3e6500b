"""Pages on paper: printed by Chromium, read back by Poppler.

The sheets stay in `.cache/outside/sheets/`, for people to look at.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from outside.browsing import Browser, chromium
from outside.programs import BROUGHT, output
from outside.specimen import lines
from support.publication import PUBLICATION, Newsroom
from support.serving import Served, free_port, granian, until

pytestmark = pytest.mark.outside

SHEETS = BROUGHT / "sheets"
SHAPES = {  # width and height in pixels
    "wide": (2400, 600),
    "usual": (1200, 800),
    "square": (1000, 1000),
    "tall": (800, 2400),
    "column": (300, 3000),
    "small": (120, 90),
}
SENTENCE = "The eastern pier is closed for repairs until the end of the winter. "
COLUMNS = 14  # more than fit without making them smaller
# Numbers of paragraphs, and of the sheets that they need at most, with a picture.
LENGTHS = {"short": (1, 1), "long": (20, 4)}


@dataclass(frozen=True)
class Printed:
    """The sheets of a page: their texts, and which of them have pictures."""

    texts: list[str]
    pictures: set[int]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser."""
    with chromium() as browser:
        browser.do("open", 1280, "light", True)  # noqa: FBT003 - a step's word
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve an entry for each shape of a picture and each length of a text."""
    folder, port = tmp_path_factory.mktemp("print"), free_port()
    (folder / "entries").mkdir()
    room = Newsroom(folder)
    (folder / "config.toml").write_text(PUBLICATION.replace(":8000", f":{port}"), "utf-8")
    for shape, size in SHAPES.items():
        buffer = BytesIO()
        Image.new("RGB", size, "steelblue").save(buffer, "PNG")
        room.drop(f"{shape}.png", buffer.getvalue())
        for length, (paragraphs, _) in LENGTHS.items():
            _drop(room, f"{shape}-{length}", paragraphs, image=f"{shape}.png")
    _drop(room, "none-long", 20)
    everything = {"event": "2026-12-01", "place": "Pier 3", "image_credit": "Harbour Office"}
    _drop(room, "event-long", 20, image="tall.png", **everything)
    _drop(room, "list-long", 40, "- ", image="usual.png")
    _drop(room, "table", 1, f"{table(COLUMNS)}\n\n")
    assert not [one for one in room.build().problems if one.state.name == "HOLD"]
    with granian(room.config, port) as served:
        assert until(lambda: served.get().status_code == 200), served.printed()
        yield served


def _drop(room: Newsroom, name: str, paragraphs: int, mark: str = "", **fields: object) -> None:
    alt = {"image_alt": "A blue shape"} if "image" in fields else {}
    said = lines({"title": f"Title of {name}", "date": room.now.date(), **fields, **alt})
    body = "\n\n".join([f"{mark}{SENTENCE * 5}"] * paragraphs)
    room.drop(f"{name}.toml", f"{said}body = '''\n{body}\n'''\n")


def printed(browser: Browser, served: Served, path: str, paper: str) -> Printed:
    """Print a page, and read its sheets."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    file = SHEETS / f"{Path(path).stem or 'front'}-{paper}.pdf"
    assert browser.do("go", served.url + path) == 200
    browser.do("print", str(file), paper)
    texts = output(["pdftotext", "-layout", file, "-"]).split("\f")[:-1]
    listed = output(["pdfimages", "-list", file]).splitlines()[2:]
    return Printed(texts, {int(line.split()[0]) for line in listed})


def faults_of(sheets: Printed, title: str, most: int) -> list[str]:
    """Return the faults of an entry's sheets."""
    first = " ".join(sheets.texts[0].split())
    found = {
        "no title on the first sheet": title not in first,
        "no text on the first sheet": SENTENCE.strip() not in first,
        "an empty sheet": not all(map(str.strip, sheets.texts)),
        "the picture is on a later sheet": bool(sheets.pictures - {1}),
        f"{len(sheets.texts)} sheets": len(sheets.texts) > most,
    }
    return [fault for fault, is_so in found.items() if is_so]


def table(columns: int) -> str:
    """Return a table with a number in each cell."""
    rows = [f"Month {at}" for at in range(columns)], ["---"] * columns, ["12345,6"] * columns
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_an_entry_begins_on_the_first_sheet(served: Served, browser: Browser, paper: str) -> None:
    """With title, picture and first sentence, for any shape of picture; no sheet is empty."""
    faults: dict[str, list[str]] = {}
    most = {f"{shape}-{name}": n for shape in SHAPES for name, (_, n) in LENGTHS.items()}
    for name, sheets in {**most, "none-long": 4, "event-long": 4, "list-long": 6}.items():
        path = f"2026/11/title-of-{name}.html"
        found = faults_of(printed(browser, served, path, paper), f"Title of {name}", sheets)
        faults |= {name: found} if found else {}

    assert faults == {}


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_wide_table_has_all_its_columns(served: Served, browser: Browser, paper: str) -> None:
    """On a screen it scrolls; on paper, a column that did not fit would be lost."""
    sheets = printed(browser, served, "2026/11/title-of-table.html", paper)

    assert re.findall(r"12345,6", sheets.texts[0]) == ["12345,6"] * COLUMNS


def test_a_list_begins_on_the_first_sheet(served: Served, browser: Browser) -> None:
    """The front page too has its heading and its newest entry there."""
    sheets = printed(browser, served, "", "A4")

    assert "Latest news" in sheets.texts[0]
    assert len(re.findall("Title of", sheets.texts[0])) > 3
    assert all(map(str.strip, sheets.texts))


@pytest.fixture(scope="module", autouse=True)
def _fresh() -> None:
    """Remove the sheets of an earlier run."""
    shutil.rmtree(SHEETS, ignore_errors=True)
