"""Trials: random newsrooms under faults, and the judge that finds broken promises."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import brotli  # type: ignore[import-untyped]  # it carries no types
import pytest
import zstandard

from dateline.documents.compression import packed
from trials import report, script
from trials.judge import Answer, Judge, fault_of
from trials.machine import CallFault, Controls, Hits, compiled
from trials.model import Model, Piece, Seen, Text, with_values
from trials.takedowns import marks
from trials.trial import ROOT, BrokenPromise, carry_out, newsroom

_NOW = 1_790_000_000.0
_CHANGED = "Sun, 29 Nov 2026 10:00:00 GMT"


@pytest.mark.outside
def test_short_trials_side_by_side_break_no_promise(tmp_path: Path) -> None:
    """Whatever people and the machine do, readers have what they were promised."""
    words = ["--hours", "0.00001", "--at-once", "2", "--blocks", "6", "--tries", "0"]
    words += ["--folder", str(tmp_path)]

    done = subprocess.run(
        [sys.executable, "-m", "trials", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "| calls: kill at write |" in done.stdout


@pytest.mark.outside
def test_chosen_calls_fail_and_are_counted(tmp_path: Path) -> None:
    """A process is killed after so many calls, and the next one after as many more."""
    controls = Controls(tmp_path)
    fault = CallFault(
        error="kill", calls=("look",), processes=("other",), under="/no/such", skip=2, times=2
    )
    environment = {"LD_PRELOAD": str(compiled(tmp_path)), "TRIAL_CONTROL": str(controls.path)}
    controls.arm(0, fault)

    code = "import os\nfor _ in range(2): print(os.path.exists('/no/such/file'), flush=True)"
    found = [
        subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode
        for _ in range(5)
    ]

    assert found == [0, -9, 0, -9, 0]
    assert controls.disarm() == [Hits(error="kill", calls=Counter({("look", "other"): 2}))]
    assert controls.disarm() == []


_DROP: script.Line = {"do": "drop", "by": "folder", "age": 0, "hours": 0, "folder": ""}
_DROP |= {"lebanon": True, "picture": False, "draft": False}
_EDIT: script.Line = {"do": "edit", "which": 0, "by": "folder", "what": "body"}
_DELETE: script.Line = {"do": "delete", "which": 0, "count": 6}
_PATIENCE = 8.0  # seconds for readers to get what they must, for programs that are at fault
_SETTLE: script.Line = {"do": "settle"}
_FAULTS: dict[str, tuple[str, str, str, list[script.Line], str]] = {
    "an embargo that is ignored": (
        "rules/decide.py",
        "for path, moment in stated.items() if moment > now}",
        "for path, moment in stated.items() if False}",
        [_DROP | {"hours": 5}, _SETTLE],
        "shows what is not public|news 1 is shown",
    ),
    "one validator for all versions": (
        "serve/cache/documents.py",
        '("ETag", tag),',
        '("ETag", \'"1"\'),',
        [_DROP, _SETTLE, _EDIT, _SETTLE],
        "has other bytes under",
    ),
    "a ledger that keeps versions after a takedown": (
        "ledger/queries/entry_changes.py",
        "self._session.delete(table, table.c.entry, [id_])",
        "pass",
        [_DROP, _SETTLE, {"do": "take down", "which": 0}, _SETTLE],
        r"state/ledger.sqlite\S* still has",
    ),
    "no guard of many files": (
        "rules/guards.py",
        "return 0 < live == gone or (gone > _MANY and gone * _PART > live)",
        "return False",
        [*[_DROP] * 8, _SETTLE, _DELETE, _SETTLE, {"do": "wait", "seconds": 4000}],
        "news . is missing",
    ),
}


@pytest.mark.outside
@pytest.mark.parametrize("name", _FAULTS)
def test_a_trial_notices_a_fault_of_the_program(name: str, tmp_path: Path) -> None:
    """With a deliberate fault in a copy of the program, a promise is broken."""
    path, before, after, lines, sentence = _FAULTS[name]
    shutil.copytree(ROOT / "dateline", tmp_path / "dateline")
    module = tmp_path / "dateline" / path
    text = module.read_text("utf-8")
    assert before in text
    module.write_text(text.replace(before, after), encoding="utf-8")

    with newsroom(tmp_path, patience=_PATIENCE) as trial, pytest.raises(BrokenPromise) as found:
        carry_out(trial, lines)

    assert re.search(sentence, str(found.value))


# ---- The judge


def _judged(*answers: Answer, path: str = "/news.json", public: Sequence[str] = ()) -> list[str]:
    judge = Judge(port=0, may_be_seen=lambda mark: mark in public)
    for answer in answers:
        judge.take(path, "", answer)
    return judge.broken


def _answer(data: bytes = b"{}", tag: str = '"1"', changed: str = _CHANGED) -> Answer:
    fields = {"etag": tag, "last-modified": changed}
    return Answer(status=200, fields=fields, data=data, raw=data)


def test_a_proper_answer_breaks_no_promise() -> None:
    """The same bytes under the same validator, then others under another."""
    assert _judged(_answer(), _answer(), _answer(b"[]", '"2"')) == []


@pytest.mark.parametrize(
    "answers",
    [
        (_answer(), _answer(b"[]")),
        (_answer(b'{"a": '),),
        (_answer(), _answer(b"[]", '"2"', "Sun, 29 Nov 2026 09:59:59 GMT")),
        (_answer(b'"zqt1w1z"'),),
        (Answer(status=500, fields={}, data=b"", raw=b""),),
    ],
    ids=["other bytes under one tag", "cut off", "older than before", "early", "500"],
)
def test_a_wrong_answer_breaks_a_promise(answers: Sequence[Answer]) -> None:
    """Each is noted as one broken promise."""
    assert len(_judged(*answers)) == 1


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/news.rss", b"<rss><channel></channel>"),
        ("/a.html", b"<!doctype html><html><body><p>x</div></body></html>"),
        ("/a.html", b"<!doctype html><html><body>"),
        ("/news.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"),
        ("/media/a.png", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_part_of_a_document_is_not_whole(path: str, data: bytes) -> None:
    """Documents of each type are recognised when a part is missing."""
    assert fault_of(path, data)


# ---- The model


def _model(text: Text, shown: Text | None = None) -> Model:
    piece = Piece(number=1, path="a.toml", shown=shown)
    model = Model(pieces={1: piece}, latest=_NOW)
    model.write(piece, text)
    return model


def _seen(text: Text, published: float = _NOW) -> Seen:
    return Seen(
        id="1",
        address="/a",
        title=text.headline,
        text=" ".join(text.wanted()),
        published=published,
        updated=published,
    )


def test_an_embargo_ends_at_its_moment() -> None:
    """Before it nothing of the entry may be seen, and after it the entry has to be live."""
    text = Text(news=1, date="", due=_NOW + 60)
    model = _model(text)

    assert not model.may_be_seen(text.headline)
    assert model.differences({1: _seen(text)}, _NOW) == ["news 1 is shown"]
    model.tick(_NOW + 60)
    assert model.may_be_seen(text.headline)
    assert model.differences({}, _NOW + 60) == ["news 1 is missing"]


def test_a_broken_version_leaves_the_last_one_live() -> None:
    """Its words are never for readers."""
    good = Text(news=1, date="")
    bad = Text(news=1, date="", title=2, is_broken=True)
    model = _model(bad, shown=good)

    assert model.differences({1: _seen(good)}, _NOW) == []
    assert not model.may_be_seen(bad.headline)


def test_an_entry_that_broke_after_its_moment_may_be_live() -> None:
    """Whether a run came between is open; what readers have stays theirs."""
    good = Text(news=1, date="", due=_NOW + 60)
    model = _model(good)
    model.tick(_NOW + 90)
    model.write(model.pieces[1], with_values(good, is_broken=True, title=2))
    model.write(model.pieces[1], with_values(good, is_broken=True, title=3))

    assert model.differences({}, _NOW + 90) == []
    assert model.differences({1: _seen(good)}, _NOW + 90) == []
    assert list(model.learn({1: _seen(good)}, _NOW + 90)) == []
    assert model.pieces[1].is_live


def test_a_deleted_file_withdraws_after_its_grace_time() -> None:
    """Until then its entry stays; of several entries, it is not all that are gone."""
    text, other = Text(news=1, date=""), Text(news=2, date="")
    model = _model(text, shown=text)
    model.pieces[2] = Piece(number=2, path="b.toml", text=other, shown=other)
    seen = {1: _seen(text), 2: _seen(other)}
    list(model.learn(seen, _NOW))
    model.write(model.pieces[1], None)
    model.pieces[1].gone = _NOW
    list(model.learn(seen, _NOW + 1))

    assert model.differences(seen, _NOW + 500) == []
    model.tick(_NOW + 700)
    assert model.differences(seen, _NOW + 700) == ["news 1 is shown"]


def test_entries_stay_where_many_files_are_gone() -> None:
    """Once it has settled with them gone, none of them may be withdrawn, however late it is."""
    texts = {number: Text(news=number, date="") for number in range(1, 9)}
    pieces = {
        number: Piece(number=number, path=f"{number}.toml", text=text, shown=text)
        for number, text in texts.items()
    }
    model = Model(pieces=pieces, latest=_NOW)
    seen = {number: _seen(text) for number, text in texts.items()}
    list(model.learn(seen, _NOW))
    for number in range(1, 7):
        model.write(pieces[number], None)
        pieces[number].gone = _NOW
    list(model.learn(seen, _NOW + 1))
    model.tick(_NOW + 4000)

    assert model.differences({7: seen[7], 8: seen[8]}, _NOW + 4000) == [
        f"news {number} is missing" for number in range(1, 7)
    ]
    model.pieces[9] = Piece(number=9, path="9.toml")
    model.write(model.pieces[9], Text(news=9, date=""))
    assert model.differences({7: seen[7], 8: seen[8]}, _NOW + 4000) == ["news 9 is missing"]


def test_what_is_written_after_a_recovery_is_certain() -> None:
    """A file of the time before is not: it may be held until it changes."""
    text = Text(news=1, date="")
    model = Model(pieces={1: Piece(number=1, path="a.toml")}, latest=_NOW)
    model.lose_all()
    model.write(model.pieces[1], text)
    assert model.differences({}, _NOW) == []
    list(model.learn({}, _NOW))

    model.write(model.pieces[1], with_values(text, body=2))

    assert model.differences({}, _NOW) == ["news 1 is missing"]


def test_what_was_taken_down_is_never_shown_again() -> None:
    """Once it has settled, no answer may have a mark of any version."""
    text = Text(news=1, date="")
    model = _model(text, shown=text)
    model.write(model.pieces[1], with_values(text, body=2))

    model.forget(model.pieces[1])
    model.tick(_NOW)
    assert model.may_be_seen(text.shown)
    model.close_purged()

    assert model.purged == {"zqt1w1z", "zqb1w1z", "zqb1w2z"}
    assert not any(map(model.may_be_seen, model.purged))


def test_marks_are_found_in_whatever_packs_them(tmp_path: Path) -> None:
    """Names, coded forms, frames of Zstandard, free pages and rows that fill several pages."""
    (tmp_path / "zqt1w1z.html.gz").write_bytes(gzip.compress(b"zqb1w1z"))
    (tmp_path / "a.json.zst").write_bytes(zstandard.compress(b"zqb2w1z"))
    (tmp_path / "a.json.br").write_bytes(brotli.compress(b"zqb3w1z"))
    noise = Random(0).randbytes(9000).hex()  # noqa: S311 - no secret
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("CREATE TABLE some (text BLOB)")
        for text in ("zqb4w1z", f"{noise} zqb5w1z"):
            database.execute("INSERT INTO some VALUES (?)", [packed(text)])
        database.execute("CREATE VIRTUAL TABLE words USING fts5(word, content='')")
        database.execute("INSERT INTO words VALUES ('zqb6w1z zqb6w2z')")
        database.commit()

    found = {path.suffix: marks(path) for path in tmp_path.iterdir()}
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("PRAGMA secure_delete = 0")
        database.execute("DELETE FROM some")
        database.commit()

    assert found == {
        ".gz": {"zqt1w1z", "zqb1w1z"},
        ".zst": {"zqb2w1z"},
        ".br": {"zqb3w1z"},
        ".sqlite": {"zqb4w1z", "zqb5w1z", "zqb6w1z", "zqb6w2z"},
    }
    assert "zqb4w1z" in marks(tmp_path / "a.sqlite")


def test_an_id_that_changes_is_noticed() -> None:
    """So are an address and a moment."""
    text = Text(news=1, date="")
    model = _model(text)
    list(model.learn({1: _seen(text)}, _NOW))

    assert len(list(model.learn({1: _seen(text, _NOW + 1)}, _NOW))) == 2


# ---- Scripts


def test_a_script_depends_on_its_seed_alone() -> None:
    """Another seed gives another one."""
    one, two, other = (script.drawn(seed, blocks=5) for seed in (1, 1, 2))

    assert one == two
    assert one != other


def test_the_report_has_the_kinds_that_were_never_tried() -> None:
    """Each kind of act and of fault that scripts may have is counted."""
    found = report.kinds([{"kinds": {"edit: retract": 2, "flip: feeds/*.rss": 1}}])

    assert found["edit: retract"] == 2
    assert found["flip: feeds/*.rss"] == 1
    assert {found[kind] for kind in ("lie: mail busy", "calls: EIO at sync", "upgrade")} == {0}
    assert found.keys() == script.kinds() | {"flip: feeds/*.rss"}


def test_the_report_sums_figures_of_before() -> None:
    """Those of a trial that was run before its time was recorded."""
    before = {"figures": {"steps": 2}, "days": 1.5, "requests": 7}

    found = report.sums([before, before | {"seconds": 1800}])

    assert (found["hours"], found["days"], found["requests"], found["steps"]) == (0.5, 3, 14, 4)


def test_a_failing_script_is_shortened_to_the_lines_that_matter() -> None:
    """Two lines of forty are left."""
    lines = [{"do": "wait", "seconds": number} for number in range(40)]
    wanted = [lines[7], lines[31]]

    found = script.shortened(lines, lambda some: all(one in some for one in wanted), most=200)

    assert found == wanted


def test_a_script_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A line is one step, in JSON."""
    lines = script.drawn(3, blocks=4)
    script.write(tmp_path / "a.jsonl", lines)

    assert script.read(tmp_path / "a.jsonl") == lines
    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8").splitlines()[0]) == lines[0]
