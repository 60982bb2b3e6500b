"""Fuzzing: no bytes in an entry file stop publishing, delay it, or break a feed.

A coverage-guided fuzzer, https://github.com/google/atheris over libFuzzer, that begins with
the faulty files of `tests/data/` and those of `entries/`. `make fuzz` runs it for ten minutes;
its corpus stays in `.cache/fuzz/corpus/`, a file that caused a failure in `.cache/fuzz/`.
Options of libFuzzer, and such a file to try again, may follow the name of this program.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import process_time, time_ns

import atheris  # type: ignore[import-untyped]  # make fuzz brings it, into .cache/
import html5lib
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
with atheris.instrument_imports(include=["dateline"]):
    from dateline.entries import scan
    from dateline.entries.fields import NAMES
    from dateline.entries.reader import EntryReader, ReadResult
    from dateline.errors import Problem, State
    from dateline.model import Story
    from dateline.render import full_text, render
    from dateline.rules import story_json
    from dateline.rules.decide import decide
    from dateline.rules.identify import LedgerSnapshot
    from entries.test_bad_entries import BAD, edited, rows, saved
    from support.reading import ATOM_SCHEMA
    from support.samples import sample_edition, sample_publication

CACHE = ROOT / ".cache/fuzz"
ENTRIES = CACHE / "entries"
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
MINUTE = 60 * 10**9  # nanoseconds
LONGEST = 2.0  # seconds of the processor, for code with coverage counters
MEMORY = 2 << 30  # bytes of address space; libFuzzer itself stops at 600 MB in use
OPTIONS = (
    "-max_len=20000",
    "-len_control=0",
    "-timeout=60",  # for a hang; the machine may be busy
    "-rss_limit_mb=600",
    "-print_final_stats=1",
    f"-artifact_prefix={CACHE}/",
)
PUBLICATION = sample_publication()
NEIGHBOUR = b'title = "Ports"\ndate = 2026-11-24\nbody = "Text."\n'
# By its name, this file is a copy of the fuzzed one, so that both are read.
NAME, BESIDE = "report.toml", "report-2.toml"
WORDS = [word.encode() for word in (
    *(f"\n{name} = " for name in sorted(NAMES)),
    '"""', "'''", '"', "'", "“", "”", "«", "»", "[", "]", "[[", "{", "}", "=", "＝", ",", ";", "#",
    "\\", "\\u", "\\n", "\r", "\n", "\n\n", "\t", "\ufeff", "\u00a0", "\u202e", "\0", "\ufffd",
    "2026-11-24", "24 November 2026", "10:00", "10 h 30", "CET", "+02:00", "Mon", "lundi", "mar",
    "30 November - 3 December 2008", "٢٠٢٦", "二〇二六年十一月二十四日", "24 ноября 2026", "1/2/08",
    "](", "![", "](photo.jpg)", "<p>", "</p>", "<table>", "<a href=", "<!--", "&#1;", "&lt;", "|",
    "- ", "> ", "    ", "```", "https://", "mailto:", "C:\\", "../", "photo.jpg", "Â", "Ã©", "Î±",
)]  # fmt: skip


def main() -> None:
    """Write the seeds and start; a failure ends the program with an error."""
    for name in ("corpus", "seeds", "entries"):
        (CACHE / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()):
        (CACHE / f"seeds/{number}").write_bytes(data)
    (ENTRIES / BESIDE).write_bytes(NEIGHBOUR)
    Image.new("RGB", (4, 3)).save(ENTRIES / "photo.jpg")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    chosen = sys.argv[1:]
    again = any(Path(option).is_file() for option in chosen)
    folders = () if again else (f"{CACHE}/corpus", f"{CACHE}/seeds")
    atheris.Setup([sys.argv[0], *OPTIONS, *chosen, *folders], tried, custom_mutator=changed)
    atheris.Fuzz()


def seeds() -> Iterator[bytes]:
    """Return valid files, and faulty ones."""
    for path in (*sorted(ROOT.glob("entries/*.toml")), *sorted(BAD.glob("*.toml*"))):
        yield path.read_bytes()
    for row in rows("more_entries.tsv"):
        yield saved(edited(row), row["saved"])


def changed(data: bytes, longest: int, seed: int) -> bytes:
    """Change a file a little: as libFuzzer does, or as staff and programs do."""
    chance = Random(seed)  # noqa: S311 - repeatable, not secret
    moves: list[Callable[[], bytes]] = [
        lambda: atheris.Mutate(data, longest),
        lambda: _put(data, chance.choice(WORDS), chance),
        lambda: _put(data, _piece(data, chance) * chance.choice([1, 2, 50, 5_000]), chance),
        lambda: data.replace(chance.choice(WORDS), chance.choice(WORDS)),
        lambda: data[: chance.randint(0, len(data))],
    ]
    return chance.choices(moves, [60, 25, 8, 4, 3])[0]()[:longest]


def _piece(data: bytes, chance: Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[start : start + chance.choice([1, 2, 4, 16, 200])]


def _put(data: bytes, what: bytes, chance: Random) -> bytes:
    """Insert `what` at some place, and remove a few bytes there."""
    start = chance.randint(0, len(data))
    return data[:start] + what + data[start + chance.choice([0, 0, 1, 4, 16]) :]


def tried(data: bytes) -> None:
    """Judge a file of these bytes, and publish it if it is accepted."""
    begun = process_time()
    (ENTRIES / NAME).write_bytes(data)
    look = scan.scan_all(ENTRIES)
    clock = time_ns() + (MINUTE, 1_000 * MINUTE)[len(data) % 2]
    judge = EntryReader(
        folder=ENTRIES, scan=look, publication=PUBLICATION, now=NOW, clock=clock, settled=clock
    )
    one, other = (judge.read(name) for name in (NAME, BESIDE))
    check(one, data)
    assert other.story or {"name-copy", "name-conflict"} & {p.code for p in other.problems}
    if one.story:
        publish(one.story)
    took = process_time() - begun
    assert took < LONGEST, f"This took {took:.1f} seconds."


def check(one: ReadResult, data: bytes) -> None:
    """Check a judgement against its promises."""
    states = {problem.state for problem in one.problems}
    assert bool(one.story) is not bool(states & {State.HOLD, State.WAIT}), one.problems
    most = 1 + sum(map(data.count, (b"\n", b"\r")))  # in any encoding
    for problem in one.problems:
        assert problem.code != "file-fault"
        check_message(problem, most)


def check_message(problem: Problem, most: int) -> None:
    """Check that a message is one line, about a line of the file."""
    encoded = json.dumps(problem.as_json())
    assert encoded
    assert len(problem.message.splitlines()) <= 1, problem.message
    assert 0 < (problem.line or 1) <= most, problem


def publish(story: Story) -> None:
    """Publish a story; independent parsers read the feeds."""
    assert story_json.load(story_json.dump(story)) == story
    memory = LedgerSnapshot(by_path={}, copied={}, ids={})
    for entry in decide([story], memory, publication=PUBLICATION, now=NOW).arrived:
        rss, atom, feed = (one.data for one in render(PUBLICATION, sample_edition(entry)))
        html5lib.HTMLParser(strict=True).parseFragment(full_text(entry))
        titles = etree.fromstring(rss).findall(".//item/title")
        assert [title.text for title in titles] == [story.title]
        ATOM_SCHEMA.assertValid(etree.fromstring(atom))
        assert json.loads(feed)["items"][0]["title"] == story.title


if __name__ == "__main__":
    main()
