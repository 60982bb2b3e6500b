"""The cost of a body is proportional to its length, from the file to the feeds."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from dateline.entries.media.nearby import NearbyFiles
from dateline.entries.normalise import normalise
from dateline.entries.normalise.markdown import summary_of
from dateline.entries.parse import parse
from dateline.entries.scan import Scan
from dateline.errors import MOST_OF_A_KIND, EntryError
from dateline.model import Source
from dateline.render.pages.body import body
from support.processor import is_linear
from support.samples import documents, sample_entry, sample_publication

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
FEW = int(os.environ.get("LINEAR_BYTES", "10000"))  # of the shorter text
BRIEF = 0.1  # seconds that are not measured
TIMES = 5  # how much longer the longer text is: quadratic cost would take 25 times as long
FOOTNOTE = '<div class="footnote-definition" id=""><sup class="footnote-definition-label">1</sup>\n'
ATOMS = [
    "&", "[", "]", "*", "**a*", "_", "<", ">", "\n", "(", "`", "``a`", "![", "](", "~~", "|",
    "| a ", "#", "# ", "-", "- ", "-\n", "1. ", "1) a\n", "(a) b\n", "> ", "• a\n", "• ",
    "= \n", "a\tb\n", "\t", "a-\n", "a\n", "A 1\n", "—\n", "\u00a0", "\u00ad", "«", "é", "،",
    "的", "\u202e", "\u200f", "\u2028", "\ufeff", "\u0301", "\u0315\u0300", "&amp;",
    "&#", "&laquo;a", "[^1]",
    "[^a]: x\n", "[a]: b\n", "[x](a%d.jpg) ", "[x](c:a%d) ", "[x](a b (%d).pdf) ",
    "[x](a%d.toml) ", "[x](%d.html) ", "[x](a b", "[a](", "(.pdf)", "www.", "www.a.b ",
    "http://", "https://a.b/(", "a@", "a@b.c ", "a.", "<a ", "<a href='x'>", "<p>", "</p>",
    "<b>", "</b>", "<div>", "</div>", "<b><div>", "<!--", "-->", "<!-- -->", "<![if",
    "<![endif]>", "<o:p>", "<style>", "<script>", "</script>", "<iframe>", "<table><td>",
    "<td>", "<li>", "<ul><li>", "<svg>", "<p class=MsoNormal>", "<x:y>", "<z>",
    "<p style='mso-list:l0 level1 lfo1'>", "<span style='mso-list:Ignore'>", "<h1>", "<sup>",
    "<b style='font-weight:normal'>", "x: y\n", "\\\\", "??", "?? ", "a = 1\n", "<?",
    "<a title='«", FOOTNOTE, f"{FOOTNOTE}a\n</div>\n", FOOTNOTE.replace("1<", f"{'9' * 5000}<"),
]  # fmt: skip


def no_files() -> NearbyFiles:
    """Return a folder without other files."""
    return NearbyFiles(folder=Path(), entry="a.toml", scan=Scan(files={}), url="", settled=0)


def file_of(atom: str, size: int, head: str = 'title = "x"') -> Source:
    """Return an entry whose body repeats one text up to `size` bytes."""
    count = size // len(atom.encode())
    text = "".join(atom % n for n in range(count)) if "%d" in atom else atom * count
    data = f'{head}\ndate = 2026-11-24\nbody = """\nWords {text}\n"""\n'
    return Source(path="a.toml", data=data.encode(), age=86_400)


def seconds(source: Source) -> float:
    """Return the processor time for publishing one file."""
    begun = process_time()
    try:
        draft = parse(source, today=NOW.date())
        story, _ = normalise(draft, publication=sample_publication(), files=no_files(), now=NOW)
    except EntryError:
        return process_time() - begun
    entry = sample_entry(html=story.html)
    body(entry, "https://news.example.org/", "../")
    summary_of(story.html)
    documents(entry)
    return process_time() - begun


@pytest.mark.parametrize(
    "atom",
    [
        pytest.param(atom, marks=pytest.mark.release if number % 3 else ())
        for number, atom in enumerate(ATOMS)
    ],
)
def test_a_body_of_five_times_the_length_takes_at_most_about_five_times_as_long(atom: str) -> None:
    """This holds for any repeated text; a tenth of a second is not measured."""
    few, many = file_of(atom, FEW), file_of(atom, TIMES * FEW)

    assert is_linear(seconds, few, many, most=2.5 * TIMES, brief=BRIEF)


@pytest.mark.parametrize("atom", ["[x](c:a%d)\n", "[x](a%d.jpg)\n"])
def test_only_some_of_many_similar_faults_are_reported(atom: str) -> None:
    """Each has its line; a thousand lines would hide the other messages."""
    draft = parse(file_of(atom, FEW), today=NOW.date())
    _, problems = normalise(draft, publication=sample_publication(), files=no_files(), now=NOW)

    assert [problem.line for problem in problems] == list(range(4, 4 + MOST_OF_A_KIND))
