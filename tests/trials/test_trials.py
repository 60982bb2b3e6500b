"""Trials: random newsrooms under faults, and the judge that finds broken promises."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic

import pytest

from support.serving import until
from trials import earlier, report, script
from trials.faults import lost_with, means_the_same
from trials.judge import Answer, Judge, fault_of
from trials.machine import (
    ENDS_WITHIN,
    CallFault,
    Controls,
    Hits,
    Machine,
    compiled,
    is_running,
    running,
)
from trials.runner import BrokenPromise, carry_out, newsroom
from trials.share import is_possible
from trials.texts import today
from trials.trial import ROOT

_NOW = 1_790_000_000.0
_TODAY = today(_NOW)
_CHANGED = "Sun, 29 Nov 2026 10:00:00 GMT"


@pytest.mark.outside
def test_short_trials_side_by_side_break_no_promise(tmp_path: Path) -> None:
    """Whatever people and the machine do, readers have what they were promised.

    Of these seeds, one has its entries on a share, and is upgraded from the earlier release.
    """
    words = ["--hours", "0.00001", "--at-once", "2", "--blocks", "5", "--tries", "0"]
    words += ["--folder", str(tmp_path), "--seed", "876"]

    done = subprocess.run(
        [sys.executable, "-m", "trials", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = map(json.loads, (tmp_path / "figures.jsonl").read_text("utf-8").splitlines())
    kinds = report.kinds(list(lines))
    tried = {name.partition(":")[0] for name, count in kinds.items() if count}
    assert not earlier.is_known() or "upgrade" in tried
    assert not is_possible() or "disturb share" in tried
    assert sum(count for name, count in kinds.items() if name.startswith("calls: kill at"))


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


_SERVE = """
import os, subprocess, sys, time
if "serve" in sys.argv:
    subprocess.Popen([sys.executable, "-m", "dateline", "follow", str(os.getpid())]).wait()
while os.getppid() == int(sys.argv[2]):
    time.sleep(0.3)
"""


@contextmanager
def started(folder: Path) -> Iterator[Machine]:
    """Run a `serve` that has a publisher and nothing else."""
    room = folder / "room"
    room.mkdir()
    (folder / "dateline.py").write_text(_SERVE, encoding="utf-8")
    controls = Controls(folder)
    machine = Machine(room=room, library=compiled(folder), controls=controls, code=folder)
    with running(machine):
        assert until(lambda: "publisher" in machine.processes())
        yield machine


@pytest.mark.outside
def test_a_port_is_free_when_serve_was_killed_and_is_started_again(tmp_path: Path) -> None:
    """Its processes have the port until they notice; a service manager waits for them."""
    with started(tmp_path) as machine:
        process = machine.processes()["publisher"]
        machine.signal("supervisor", signal.SIGKILL)
        assert until(lambda: not machine.is_up())

        machine.stop()

        assert not is_running(process)


@pytest.mark.outside
@pytest.mark.parametrize("goes_on", [False, True])
def test_a_paused_process_goes_on_when_serve_was_killed(tmp_path: Path, *, goes_on: bool) -> None:
    """It would hold its port for ever, and no service manager leaves it behind.

    Also if it has only just gone on.
    """
    with started(tmp_path) as machine:
        process = machine.processes()["publisher"]
        machine.signal("publisher", signal.SIGSTOP)
        machine.signal("supervisor", signal.SIGKILL)
        assert until(lambda: not machine.is_up())
        begun = monotonic()
        if goes_on:
            machine.resume()

        assert machine.stop() == -signal.SIGKILL

        assert not is_running(process)
        assert monotonic() < begun + ENDS_WITHIN
        assert machine.paused == []


_DROP: script.Line = {"do": "drop", "by": "folder", "age": 0, "hours": 0, "folder": ""}
_DROP |= {"lebanon": True, "picture": False, "draft": False}
_EDIT: script.Line = {"do": "edit", "which": 0, "by": "folder", "what": "body"}
_CORRECT = _EDIT | {"what": "correct"}
_STOP: script.Line = {"do": "stop news", "way": "entries"}
_DELETE: script.Line = {"do": "delete", "which": 0, "count": 6}
_ATTEMPTS = 3
_PATIENCE = 8.0  # seconds for readers to get what they must, for programs that are at fault
_SETTLE: script.Line = {"do": "settle"}
_LATER: script.Line = {"do": "wait", "seconds": 700}
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
    "a new id after a correction": (
        "render/feeds/json_feed.py",
        '"id": entry.id,',
        '"id": entry.id + "x" * len(entry.corrections),',
        [_DROP, _SETTLE, _CORRECT, _SETTLE],
        "the id of news 1 was",
    ),
    "a date that is off by a day": (
        "rules/decide.py",
        "return moment_of(day, time(12)",
        "return moment_of(day.replace(day=day.day % 28 + 1), time(12)",
        [_DROP | {"age": 20}, _SETTLE],
        "news 1 of .* was published as of",
    ),
    "a stale RSS": (
        "render/feeds/rss_atom.py",
        '_child(element, f"{_ATOM}updated", stamp(item.entry.updated))',
        '_child(element, f"{_ATOM}updated", stamp(item.entry.published))',
        [_DROP, _SETTLE, _CORRECT, _SETTLE],
        "news.rss and news.json differ: .'the updated of news 1 is",
    ),
    "no tombstones": (
        "render/feeds/rss_atom.py",
        "for one in self._view.tombstones:",
        "for one in ():",
        [_DROP, _DROP, _SETTLE, _DELETE | {"count": 1}, _SETTLE, _LATER, _SETTLE],
        "it has no tombstone of news 1",
    ),
    "a list of all news": (
        "rules/selection.py",
        '"category": feed.categories,',
        '"category": (),',
        [_DROP, _DROP | {"lebanon": False}, _SETTLE],
        "lebanon.* is wrong: .'it has news 2",
    ),
    "a hub that is notified again": (
        "ledger/queries/notices/outbox.py",
        "outbox.c.changed == notice.changed",
        "outbox.c.changed == -1",
        [_DROP, _SETTLE, *[_LATER, {"do": "rest", "seconds": 2}, _SETTLE] * 2],
        r"was announced \d+ times, and has not changed",
    ),
    "no alarm": (
        "serve/monitoring/incidents.py",
        "now - self.opened >= after",
        "now - self.opened >= after * 99",
        [_STOP, _SETTLE],
        "no alarm although no news could go out",
    ),
    "an alarm without end": (
        "serve/monitoring/incidents.py",
        "return channel in self.notified - self.notified_over",
        "return False",
        [_STOP, _SETTLE],
        "the alarm .* has no end",
    ),
    "a leaked descriptor": (
        "serve/app.py",
        "return responses.document(environ, copy",
        '__import__("os").dup(2); return responses.document(environ, copy',
        [_SETTLE, {"do": "rest", "seconds": 1}, _SETTLE],
        "web had .* descriptors and has",
    ),
    "no guard of many files": (
        "rules/guards.py",
        "return 0 < live == gone or (gone > _MANY and gone * _PART > live)",
        "return False",
        [*[_DROP] * 8, _SETTLE, _DELETE, _SETTLE, {"do": "wait", "seconds": 4000}],
        "news . is missing",
    ),
}
_QUICK = {"an embargo that is ignored", "a leaked descriptor"}


@pytest.mark.outside
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=() if one in _QUICK else pytest.mark.release) for one in _FAULTS],
)
def test_a_trial_notices_a_fault_of_the_program(name: str, tmp_path: Path) -> None:
    """With a deliberate fault in a copy of the program, a promise is broken.

    On a busy machine another may seem broken first: then the trial is repeated.
    """
    path, before, after, lines, sentence = _FAULTS[name]
    shutil.copytree(ROOT / "dateline", tmp_path / "dateline")
    module = tmp_path / "dateline" / path
    text = module.read_text("utf-8")
    assert before in text
    module.write_text(text.replace(before, after), encoding="utf-8")

    found: list[str] = []
    while len(found) < _ATTEMPTS and not re.search(sentence, "".join(found[-1:])):
        with newsroom(tmp_path, patience=_PATIENCE) as trial:
            try:
                carry_out(trial, lines)
                found.append("nothing")
            except BrokenPromise as broken:
                found.append(str(broken))

    assert re.search(sentence, found[-1]), found


def test_bits_of_a_compressed_file_that_mean_nothing_are_no_damage() -> None:
    """The name of the system in the head of a gzip file (RFC 1952, section 2.3.1), for one."""
    whole = gzip.compress(b"News", mtime=0)

    assert means_the_same(Path("news.rss.gz"), whole, whole[:9] + b"\x07" + whole[10:])
    assert not means_the_same(Path("news.rss.gz"), whole, whole[:12] + b"\x07" + whole[13:])
    assert not means_the_same(Path("news.rss"), b"News", b"Newt")


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("state/ledger.sqlite-wal", {"ledger"}),
        ("feeds/.manifest.json", {"manifest"}),
        ("feeds", {"manifest"}),
        ("pair", {"ledger", "manifest"}),
        ("feeds/media", set()),
    ],
)
def test_the_ledger_and_the_manifest_are_told_apart(path: str, lost: set[str]) -> None:
    """They are not lost one after the other before one could be made from the other."""
    assert lost_with(Path(path)) == lost


# ---- The judge


def _judged(*answers: Answer, path: str = "/news.json", public: Sequence[str] = ()) -> list[str]:
    judge = Judge(port=0, may_be_seen=lambda mark: mark in public)
    for answer in answers:
        judge.take(path, "", answer)
    return judge.broken


def test_a_picture_that_is_not_public_breaks_a_promise() -> None:
    """It has no words, so it is known by its digest."""
    data = b"\x89PNG IEND1234"
    judge = Judge(port=0, may_be_seen=lambda _: False, hides=sha256(data).hexdigest().__eq__)

    judge.take("/media/a.png", "", _answer(data))
    judge.take("/media/b.png", "", _answer(b"\x89PNG IEND5678"))

    assert judge.broken == ["/media/a.png is a picture that is not public"]


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
