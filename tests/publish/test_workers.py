"""Rendering in several processes gives the same bytes as in one, in one run or in many."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dateline import publish
from dateline.cli import main
from dateline.cli.output import progress_bar
from dateline.documents import manifest
from dateline.entries.reader import EntryReader
from dateline.entries.scan import scan_all
from dateline.errors import TemplateError
from dateline.ledger import Ledger
from dateline.publish.produce import processes
from dateline.publish.produce import workers as workers_of_runs
from dateline.publish.produce.render_jobs import EntryPages, FeedDocuments, FixedPages, by_time
from dateline.publish.produce.workers import MANY, Workers
from dateline.system import heartbeat
from dateline.system.heartbeat import HeartbeatReader
from support.often import one_of_each
from support.process_tree import descendants, runs, words
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, PUBLISHER, until

pytestmark = pytest.mark.long

ENTRIES = 44


@pytest.fixture
def heard() -> list[tuple[int, int]]:
    """Return a list to which progress is reported."""
    return []


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with an archive for each entry, published four at a time."""
    newsroom = room(tmp_path_factory.mktemp("one"))
    for number in range(ENTRIES):
        day = f"2026-{9 + number // 28:02}-{number % 28 + 1:02}"
        text = entry_file(f"Number {number}", day, body=f'"Text {number}."')
        newsroom.drop(f"{number:02}.toml", text)
        if number % 4 == 3:
            newsroom.build()
    return newsroom


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication of so many files that a command forks the processes that help it."""
    newsroom = room(tmp_path_factory.mktemp("many"))
    config = newsroom.folder / "config.toml"  # with a feed that no passing day changes
    config.write_text(config.read_text("utf-8").replace("entries = 1", "entries = 1\ndays = 0", 1))
    for number in range(MANY + 1):
        day = f"2026-{1 + number // 28 % 11:02}-{number % 28 + 1:02}"
        newsroom.drop(f"{number:03}.toml", entry_file(f"Number {number}", day))
    newsroom.build()
    return newsroom


def room(folder: Path) -> Newsroom:
    """Return a newsroom whose feed shows at least one entry."""
    newsroom = Newsroom(folder)
    text = CONFIG.replace('\nname = "news"', '\nname = "news"\nentries = 1', 1)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return newsroom


def copied(published: Newsroom, folder: Path) -> Newsroom:
    """Return a copy of a publication, which a test can damage."""
    newsroom = Newsroom(folder / "copy")
    shutil.copytree(published.folder, newsroom.folder, dirs_exist_ok=True)
    newsroom.now = published.now
    return newsroom


def rebuild(newsroom: Newsroom, heard: list[tuple[int, int]]) -> None:
    """Render everything again."""
    newsroom.now += timedelta(minutes=1)
    publish.build(
        newsroom.config,
        publish.RunRequest(
            now=newsroom.now,
            clock=datetime.now(UTC) + timedelta(days=1),
            rebuild=True,
            progress=lambda done, parts: heard.append((done, parts)),
        ),
    )


def rows_of(newsroom: Newsroom) -> list[list[object]]:
    """Return the rows of the manifest that do not change when documents are written again."""
    feeds = newsroom.folder / "feeds"
    listed = (manifest.entries(feeds), manifest.members(feeds), manifest.former(feeds))
    return [sorted(rows, key=repr) for rows in listed]


def with_other_start(newsroom: Newsroom, founded: str) -> str:
    """Change the start in the ledger, which only rendering reads; return the old one."""
    with closing(sqlite3.connect(newsroom.folder / "state/ledger.sqlite")) as ledger, ledger:
        (before,) = ledger.execute("SELECT value FROM fact WHERE name = 'founded'").fetchone()
        ledger.execute("UPDATE fact SET value = ? WHERE name = 'founded'", [founded])
    return str(before)


def test_a_rebuild_changes_no_byte_and_no_validator(
    published: Newsroom, heard: list[tuple[int, int]]
) -> None:
    """Several processes render what one process published in many runs."""
    before = published.feeds()

    rebuild(published, heard)

    assert published.feeds() == before
    assert heard == [(number, len(heard)) for number in range(1, len(heard) + 1)]
    assert len(heard) > ENTRIES


def test_lost_documents_are_restored_by_all_processes(
    published: Newsroom, heard: list[tuple[int, int]], tmp_path: Path
) -> None:
    """Every document is back, with its compressed forms."""
    newsroom = copied(published, tmp_path)
    before = {path: data for path, (data, _) in newsroom.feeds().items()}
    forms = sorted((newsroom.folder / "feeds").rglob("*.gz"))
    rows, listed = rows_of(newsroom), [*manifest.documents(newsroom.folder / "feeds")]
    for path in (newsroom.folder / "feeds").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    rebuild(newsroom, heard)

    assert {path: data for path, (data, _) in newsroom.feeds().items()} == before
    assert sorted((newsroom.folder / "feeds").rglob("*.gz")) == forms
    assert rows_of(newsroom) == rows
    assert [*manifest.documents(newsroom.folder / "feeds")] == listed
    assert not (newsroom.folder / "feeds/.new").exists()


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a fork is safe on Linux alone")
def test_a_command_with_forked_processes_changes_no_byte(many: Newsroom, tmp_path: Path) -> None:
    """They render what the processes that were spawned for a run of the library rendered."""
    newsroom = copied(many, tmp_path)
    before = newsroom.feeds()

    assert _forks(newsroom, "--all")
    assert newsroom.feeds() == before


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a fork is safe on Linux alone")
def test_a_first_build_forks(many: Newsroom, tmp_path: Path) -> None:
    """It makes everything, although nobody asks for that."""
    newsroom = copied(many, tmp_path)
    shutil.rmtree(newsroom.folder / "state")
    shutil.rmtree(newsroom.folder / "feeds")

    assert _forks(newsroom)


def _forks(newsroom: Newsroom, *options: str) -> bool:
    """Run `build`, and return whether forked processes render."""
    command = [sys.executable, str(PUBLISHER), "build", "--json", *options]  # without progress
    seen: set[int] = set()

    def is_rendering() -> bool:
        seen.update(one for one in descendants(run.pid) if renders(one, is_forked=True))
        return bool(seen)

    with subprocess.Popen(
        command,
        cwd=newsroom.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert until(lambda: is_rendering() or run.poll() is not None, 6 * PATIENCE)
        _, said = run.communicate(timeout=6 * PATIENCE)

    assert (run.returncode, said) == (0, "")
    return bool(seen)


_FORKS = """
import os, sys, threading, time
from contextlib import closing
from pathlib import Path

from dateline import config as configuration
from dateline.publish.produce import workers

config = configuration.load(Path(sys.argv[1]))

def wait_until_alone():
    while len(os.listdir("/proc/self/task")) > 1:  # a thread that was joined may not be gone yet
        time.sleep(0.01)

def forks(**options):
    processes = workers.forked(config, **options)
    if processes:
        processes.close()
        assert processes.has_ended
        wait_until_alone()
    return bool(processes)

assert forks(is_whole=True)
assert not forks(is_whole=False)
with (config.state / "ledger.sqlite").open():
    assert not forks(is_whole=True)
end = threading.Event()
thread = threading.Thread(target=end.wait)
thread.start()
assert not forks(is_whole=True)
end.set()
thread.join()
wait_until_alone()
(config.entries / "000.toml").unlink()
assert not forks(is_whole=True)
"""


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a fork is safe on Linux alone")
def test_a_process_forks_where_it_is_safe_and_there_is_much_to_do(
    many: Newsroom, tmp_path: Path
) -> None:
    """It has no other thread, and no file of the ledger open; few files need no other process."""
    newsroom = copied(many, tmp_path)
    command = [sys.executable, "-c", _FORKS, str(newsroom.folder / "config.toml")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_documents_are_rendered_in_the_order_of_their_entries(published: Newsroom) -> None:
    """What was made of an entry is still known for each of its documents."""
    archives = [FeedDocuments("news", number) for number in range(3, 0, -1)]
    with Ledger(publish.ledger_url(published.config)) as ledger:
        slugs = ledger.entries.slugs()
        pages = [EntryPages((slugs[1],)), EntryPages((slugs[0], slugs[3]))]
        ordered = by_time([FixedPages(), *archives, FeedDocuments("news"), *pages], ledger)

    assert ordered[:5] == [archives[2], pages[1], archives[1], pages[0], archives[0]]
    assert {*ordered[5:]} == {FeedDocuments("news"), FixedPages()}


def test_other_processes_read_files_as_the_run_itself_does(
    published: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do one batch after the other; one that names an entry is left to the run itself."""
    newsroom = copied(published, tmp_path)
    newsroom.drop("held.toml", "title = ")
    newsroom.drop("named.toml", entry_file("Named", "2026-11-01", body='"See [that](01.toml)."'))
    scan = scan_all(newsroom.folder / "entries")
    reader = EntryReader(
        folder=newsroom.folder / "entries",
        scan=scan,
        publication=newsroom.config.publication,
        now=newsroom.now,
        clock=time.time_ns(),
        settled=2**63,
        page_of=lambda path, name: (f"https://example.org/{path}/{name}", name, True),
    )
    before = [reader.read(path) for path in scan.entries]
    days = [reader.day(path) for path in scan.entries]
    monkeypatch.setattr(workers_of_runs, "_DATED", 10)

    with closing(Workers(newsroom.config, "sqlite://", newsroom.now)) as workers:
        workers.start(reader)
        assert workers.days(reader, scan.entries) == days
        parts = [scan.entries[:30], scan.entries[30:]]
        begun = [workers.begin(reader, part, is_first=False) for part in parts]
        assert [one for part in begun for one in part.results()] == before

    read = {one.path: one for one in before}
    assert read["held.toml"].problems
    assert read["named.toml"].story
    assert "https://example.org/named.toml/01.toml" in read["named.toml"].story.html


def test_other_processes_know_what_the_reader_of_a_batch_knows(published: Newsroom) -> None:
    """Of which files the entries are live, or gone, and which end no run; their seed does not."""
    scan = scan_all(published.folder / "entries")
    paths = scan.entries[:2]
    seed = EntryReader(
        folder=published.folder / "entries",
        scan=scan,
        publication=published.config.publication,
        now=published.now,
        clock=time.time_ns(),
        settled=2**63,
    )
    lost = {hashlib.sha256(published.folder.joinpath("entries", paths[0]).read_bytes()).hexdigest()}
    reader = replace(
        seed,
        known={paths[0]: {paths[0]: scan.files[paths[0]]}},
        waited=frozenset(paths[:1]),
        losing=frozenset(paths[1:]),
        endless={paths[1]: scan.files[paths[1]]},
        own=frozenset(paths),
        lost=frozenset(lost),
    )

    with closing(Workers(published.config, "sqlite://", published.now)) as workers:
        workers.start(seed)
        begun = workers.begin(reader, paths, is_first=False)
        read = begun.there[0].result()

    (chunk,) = begun.chunks
    assert chunk.reader(seed, reader.page_of) == reader
    assert read == [reader.read(path) for path in paths]
    assert [one.problems[0].code for one in read if one and one.problems] == ["file-endless"]


def workers_of(run: int) -> set[int]:
    """Return the other processes of a run, without the one that tracks its resources."""
    return set(filter(is_spawned, descendants(run)))


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
def test_all_processes_have_ended_when_workers_are_closed(published: Newsroom) -> None:
    """They may have begun to end before, while the run went on."""
    before = workers_of(os.getpid())
    turn = sys.getswitchinterval()

    with closing(Workers(published.config, "sqlite://", published.now)) as some:
        some.start()
        assert until(lambda: workers_of(os.getpid()) > before)
        begun = workers_of(os.getpid()) - before
        assert sys.getswitchinterval() < turn
        some.end()
        some.end()

    assert begun
    assert workers_of(os.getpid()) <= before
    assert sys.getswitchinterval() == turn


def test_a_damaged_value_found_by_one_process_is_repaired(
    published: Newsroom, heard: list[tuple[int, int]], tmp_path: Path
) -> None:
    """It is a value of the ledger: the ledger is moved aside, and no byte changes."""
    newsroom = copied(published, tmp_path)
    before = newsroom.feeds()
    with_other_start(newsroom, "no moment")

    rebuild(newsroom, heard)
    assert newsroom.feeds() == before
    assert [*(newsroom.folder / "state").glob("ledger.damaged-*")]

    lost = newsroom.folder / "feeds/archive/news/3.rss"
    lost.unlink()
    newsroom.build()

    assert newsroom.feeds() == before
    assert not (newsroom.folder / "feeds/.new").exists()


def is_spawned(process: int) -> bool:
    """Return whether a process was started with a command of its own, and not forked."""
    return b"spawn_main" in words(process)


def renders(process: int, *, is_forked: bool = False) -> bool:
    """Return whether a process has opened the ledger, which means that it renders.

    One that is being spawned has the files of the run for a moment, and its command line, too.
    """
    try:
        if not is_forked and not is_spawned(process):
            return False
        files = [file.readlink().name for file in Path(f"/proc/{process}/fd").iterdir()]
    except OSError:  # it is gone
        return False
    return "ledger.sqlite" in files


def end_while_rendering(
    newsroom: Newsroom,
    ending: signal.Signals,
    *,
    helper: bool = False,
    is_forked: bool = False,
) -> tuple[int, str, list[int]]:
    """End a run, or one `helper` of it, while it renders.

    Return the exit status of the run, its output, and the processes that rendered. A run that has
    no helper left is not ended.
    """
    command = [sys.executable, str(PUBLISHER), "build", "--all"]
    crew: list[int] = []
    least = 1 if is_forked else 2  # another process tracks what those that are spawned share
    begun = partial(renders, is_forked=is_forked)

    def is_rendering() -> bool:
        crew[:] = descendants(run.pid)
        is_begun = any(map(begun, crew))  # or it is still importing
        return len(crew) >= least and is_begun and (newsroom.folder / "feeds/.new").exists()

    with subprocess.Popen(command, cwd=newsroom.folder, stderr=subprocess.PIPE, text=True) as run:
        assert until(lambda: is_rendering() or run.poll() is not None, 6 * PATIENCE)
        victims = list(filter(begun, crew)) if helper else [run.pid]
        with suppress(ProcessLookupError, IndexError):  # it has ended
            os.kill(victims[0], ending)
        _, said = run.communicate(timeout=PATIENCE)
    return run.returncode, said, crew


@pytest.mark.parametrize("is_forked", one_of_each([True, False]))
@pytest.mark.parametrize("ending", one_of_each([signal.SIGINT, signal.SIGKILL]))
def test_rendering_processes_end_with_the_run(
    request: pytest.FixtureRequest, tmp_path: Path, ending: signal.Signals, *, is_forked: bool
) -> None:
    """This holds for every end of the run; no document changes, and the next run completes it."""
    published: Newsroom = request.getfixturevalue("many" if is_forked else "published")
    least = 1 if is_forked else 2
    # A process started in the background ignores SIGINT, and so would the run.
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for number in range(10):
            newsroom = copied(published, tmp_path / str(number))
            before = newsroom.feeds()
            status, said, crew = end_while_rendering(newsroom, ending, is_forked=is_forked)
            if len(crew) >= least and status:  # or it had already ended, on a busy machine
                break
    finally:
        signal.signal(signal.SIGINT, own)

    assert status != 0
    assert len(crew) >= least
    assert until(lambda: not any(map(runs, crew)))
    assert "Traceback" not in said
    assert newsroom.feeds() == before

    newsroom.now = datetime.now(UTC)
    newsroom.build()
    assert newsroom.feeds().keys() == before.keys()
    assert not (newsroom.folder / "feeds/.new").exists()


def whole(newsroom: Newsroom) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and times of all documents in every form, and of the manifest."""
    feeds = newsroom.folder / "feeds"
    return {
        str(path.relative_to(feeds)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(feeds.rglob("*"))
        if path.is_file() and {".new", ".incidents.json"}.isdisjoint(path.parts)
    }


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
def test_an_error_in_a_helper_ends_the_run_and_changes_nothing(
    published: Newsroom, heard: list[tuple[int, int]], tmp_path: Path
) -> None:
    """A template fails for one entry; the ledger is intact, and stays in place."""
    newsroom = copied(published, tmp_path)
    config = newsroom.folder / "config.toml"
    usual = config.read_text("utf-8")
    (newsroom.folder / "t").mkdir()
    (newsroom.folder / "t/entry.html").write_text(
        '{% extends "dateline/entry.html" %}\n'
        '{% block title %}{{ 1 // (entry.story.title != "Number 17") }}{% endblock %}\n',
        encoding="utf-8",
    )
    config.write_text(f'{usual}\n[look]\ntemplates = "t"\n', encoding="utf-8")
    before = whole(newsroom)

    with pytest.raises(TemplateError, match=r"entry\.html, line 2: .* by zero") as raised:
        rebuild(newsroom, heard)

    assert "RemoteTraceback" in type(raised.value.__cause__).__name__  # it was another process
    assert whole(newsroom) == before
    assert not [*(newsroom.folder / "state").glob("ledger.damaged-*")]

    config.write_text(usual, encoding="utf-8")
    rebuild(newsroom, heard)

    assert whole(newsroom).keys() == before.keys()
    assert newsroom.feeds() == published.feeds()
    assert not (newsroom.folder / "feeds/.new").exists()


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no helper on one core")
def test_a_killed_helper_ends_the_run_and_changes_nothing(
    published: Newsroom, tmp_path: Path
) -> None:
    """It may be killed for lack of memory; the caller of the run sees that it failed."""
    for number in range(10):
        newsroom = copied(published, tmp_path / str(number))
        before = whole(newsroom)
        status, said, crew = end_while_rendering(newsroom, signal.SIGKILL, helper=True)
        if len(crew) >= 2 and status:  # or it had already ended, on a busy machine
            break

    assert status > 0, said
    assert "terminated abruptly" in said
    assert until(lambda: not any(map(runs, crew)))
    assert whole(newsroom) == before
    assert not [*(newsroom.folder / "state").glob("ledger.damaged-*")]


def test_the_command_reports_its_progress(
    published: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints plain lines if its output is not a terminal."""
    shutil.copytree(published.folder, tmp_path / "copy")
    monkeypatch.setattr(progress_bar, "_LOGGED", 0.0)
    words = ["build", "--all", "--config", str(tmp_path / "copy/config.toml")]

    done = CliRunner().invoke(main, words)

    assert done.exit_code == 0
    assert "Building: 50 %, " in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Building: 100 %, ")


def test_the_main_module_is_back_after_two_threads_hid_it() -> None:
    """Programs that use Dateline as a library may build publications side by side."""
    main = sys.modules["__main__"]
    is_hidden, is_back = threading.Event(), threading.Event()

    def hide() -> None:
        with processes.without_main():
            is_hidden.set()
            is_back.wait()

    thread = threading.Thread(target=hide)
    with processes.without_main():
        thread.start()
        is_hidden.wait(0.1)
    is_back.set()
    thread.join()

    assert sys.modules["__main__"] is main


def test_a_process_in_which_a_file_hangs_is_not_awaited_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The heartbeats end, so that the supervisor kills both; the next publisher reads alone."""
    pulse, hanging = HeartbeatReader(), Future[None]()
    monkeypatch.setattr(heartbeat, "_pipe", pulse.writing)
    monkeypatch.setattr(workers_of_runs, "_PATIENCE", 0.05)
    waiting = threading.Thread(target=workers_of_runs._awaited, args=(hanging, 0.5))  # noqa: SLF001
    waiting.start()

    assert until(lambda: pulse.read()[0] is not None)
    time.sleep(0.6)
    pulse.read()
    time.sleep(0.3)
    assert pulse.read()[0] is None

    hanging.set_result(None)
    waiting.join()
    pulse.close()
    monkeypatch.setenv(heartbeat.ALONE, "1")
    assert processes.further_cores() == 0


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_that_are_being_started_end_at_ctrl_c(
    method: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """They end before the run does, and print nothing: it takes with it what they begin with."""
    submit = ProcessPoolExecutor.submit

    def interrupted(pool: ProcessPoolExecutor, *given: Any) -> Future[object]:
        begun: Future[object] = submit(pool, *given)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return begun

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    monkeypatch.setattr(processes, "further_cores", lambda: 2)
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            processes.Processes(print, method=method)
    finally:
        signal.signal(signal.SIGINT, own)

    left = multiprocessing.active_children()
    for one in left:
        one.kill()
    assert left == []
    assert capfd.readouterr() == ("", "")
