"""`deploy` to a machine that rsync reaches: by a remote shell, and by a server of rsync."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from outside.programs import output
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, picture

pytestmark = pytest.mark.outside

RECORD = ".dateline-deploy.json"
# A remote shell that runs the command on this machine.
SHELL = '#!/bin/sh\nwhile [ "$1" != rsync ]; do shift; done\nexec "$@"\n'
PASSWORD = "module-password-4c1e"  # noqa: S105


class Site:
    """A publication, and the folder of a web server that rsync reaches as `target`."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self.room, self.folder = room, folder / "www/news"
        self.shell = folder / "shell"
        self.shell.write_text(SHELL)
        self.shell.chmod(0o755)
        self.target = f"www@news.example.org:{self.folder}"
        self.variables: Mapping[str, str] = {"RSYNC_RSH": str(self.shell)}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `deploy` to the target."""
        return subprocess.Popen(
            [ROOT / ".venv/bin/python", ROOT / "publisher.py", "deploy", *words],
            cwd=self.room.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run `deploy`; return its exit code and what it printed."""
        with self.start(*(words or (self.target,))) as process:
            printed = "".join(process.communicate(timeout=120))
        assert PASSWORD not in printed
        return process.returncode, printed

    def deploy(self) -> dict[str, list[str]]:
        """Deploy, and return what `--json` prints."""
        code, printed = self.run("--json", self.target)
        assert code == 0, printed
        found: dict[str, list[str]] = json.loads(printed.splitlines()[0])
        return found

    def files(self) -> dict[str, bytes]:
        """Return the files of the web server, without the record."""
        files = (one for one in self.folder.rglob("*") if one.is_file() and one.name != RECORD)
        return {str(one.relative_to(self.folder)): one.read_bytes() for one in files}

    def documents(self) -> dict[str, bytes]:
        """Return the published documents."""
        return {path: data for path, (data, _) in self.room.feeds().items()}


@pytest.fixture
def site(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a newsroom that has published an entry with a picture, and another."""
    assert output(["rsync", "--version"])
    text = CONFIG.replace("http://127.0.0.1:8000/", "https://news.example.org/")
    (newsroom.folder / "config.toml").write_text(
        f'{text}\n[moved]\n"about.html" = "https://example.org/about"\n', "utf-8"
    )
    newsroom.drop("pier.png", picture())
    newsroom.drop("a.toml", entry_file(image='"pier.png"', image_alt='"A pier"'))
    newsroom.drop("b.toml", entry_file("Second report"))
    newsroom.build()
    return Site(newsroom, tmp_path_factory.mktemp("server"))


def test_the_machine_has_every_document(site: Site) -> None:
    """In a folder that is made if need be, for everybody to read; a second run sends nothing."""
    found = site.deploy()

    documents = site.documents()
    assert {path: data for path, data in site.files().items() if path in documents} == documents
    assert {*site.files()} == {*found["copied"]}
    assert b"https://example.org/about" in site.files()["about.html"]
    assert (site.folder / "news.rss").stat().st_mode & 0o777 == 0o644
    before = {one: one.stat().st_ino for one in site.folder.rglob("*")}
    again = site.deploy()
    assert (again["copied"], again["deleted"]) == ([], [])
    assert {one: one.stat().st_ino for one in site.folder.rglob("*")} == before


def test_news_are_sent_and_what_is_gone_is_deleted(site: Site) -> None:
    """Files of others stay."""
    site.deploy()
    (site.folder / "CNAME").write_text("own")
    site.room.drop("c.toml", entry_file("Third report"))
    site.room.build()
    (site.room.folder / "entries/b.toml").unlink()
    site.room.build()
    site.room.build(after=timedelta(hours=1))
    code, printed = site.run("--dry-run", site.target)
    assert (code, "third-report" in str({*site.files()})) == (0, False)

    news = site.deploy()

    lines = [line.split()[-1] for line in printed.splitlines() if line[:4] in {"copy", "dele"}]
    assert lines == [*news["copied"], *news["deleted"]]
    assert [path for path in news["deleted"] if path.endswith("second-report.html")]
    assert site.files()["CNAME"] == b"own"
    assert {*site.files()} == {*site.documents(), *_redirects(site), "CNAME"}
    assert len(news["copied"]) < len(site.documents()) / 2


def _redirects(site: Site) -> set[str]:
    record = json.loads((site.folder / RECORD).read_text())["files"]
    return {*record} - {*site.documents()}


def test_a_folder_with_other_files_is_refused(site: Site) -> None:
    """At first all of it; later a document in the place of a file of others."""
    site.folder.mkdir(parents=True)
    (site.folder / "thesis.tex").write_text("own")
    code, printed = site.run()
    assert (code, "did not write (thesis.tex)" in printed) == (2, True)
    (site.folder / "thesis.tex").unlink()
    site.deploy()
    site.room.drop("c.toml", entry_file("Third report"))
    report = site.room.build()
    (path,) = [one for one in report.documents if one.endswith("third-report.html")]
    (site.folder / path).write_text("own")

    code, printed = site.run()

    assert (code, f"{path} was not written by deploy" in printed) == (2, True)
    assert site.files()[path] == b"own"


@pytest.mark.parametrize("calls", [3, 5])
def test_a_run_that_was_cut_off_is_finished_by_the_next(site: Site, calls: int) -> None:
    """Wherever it ended, no list leads to a page that is not there."""
    site.deploy()
    for number in range(5):
        site.room.drop(f"more-{number}.toml", entry_file(f"More of it {number}"))
    site.room.build()
    (site.room.folder / "entries/b.toml").unlink()
    site.room.build()
    site.room.build(after=timedelta(hours=1))
    count = site.shell.with_name("count")
    cut = f'echo >>{count}; [ "$(wc -l <{count})" -le {calls} ] || exit 255\n'
    site.shell.write_text(SHELL.replace("while", f"{cut}while"))

    code, printed = site.run()

    assert (code, "rsync ended with" in printed) == (2, True)
    if b"More of it 1" in site.files()["index.html"]:
        assert [path for path in site.files() if "more-of-it-1" in path]
    site.shell.write_text(SHELL)
    site.deploy()
    assert {*site.files()} == {*site.documents(), *_redirects(site)}
    assert site.deploy()["copied"] == []


def test_another_deploy_at_the_same_time_is_named_as_the_cause(site: Site) -> None:
    """It removes what waits to be renamed; the next run sends what is left."""
    taking = f"for i in $(seq 400); do rm -rf {site.folder}/.~tmp~; done"
    site.shell.write_text(SHELL.replace("exec", f"( {taking} ) >/dev/null 2>&1 </dev/null &\nexec"))

    code, printed = site.run()

    assert (code, "another deploy" in printed, "rename failed" in printed) == (
        *(2, True),
        False,
    ), printed
    site.shell.write_text(SHELL)
    site.deploy()
    assert {*site.files()} == {*site.documents(), *_redirects(site)}


def test_a_first_deploy_that_another_overtakes_is_to_be_repeated(site: Site) -> None:
    """The list of files is there a moment after it was asked for."""
    count = site.shell.with_name("count")
    site.folder.mkdir(parents=True)
    late = f'echo >>{count}; [ "$(wc -l <{count})" = 2 ] && echo "{{}}" >{site.folder}/{RECORD}\n'
    site.shell.write_text(SHELL.replace("while", f"{late}while"))

    code, printed = site.run()

    assert (code, "another deploy" in printed) == (2, True), printed


def test_a_killed_run_is_finished_by_the_next(site: Site) -> None:
    """Nothing stays behind."""
    count = site.shell.with_name("count")
    site.shell.write_text(SHELL.replace("while", f"echo >>{count}; sleep 0.3\nwhile"))
    with site.start(site.target) as process:
        while not (count.exists() and len(count.read_text()) > 3):
            sleep(0.01)
        process.send_signal(signal.SIGKILL)
    sleep(1)  # the rsync that it had started ends by itself

    site.deploy()

    assert {*site.files()} == {*site.documents(), *_redirects(site)}


def test_a_damaged_document_is_not_sent(site: Site) -> None:
    """The earlier copy stays, and the exit code is 1."""
    site.deploy()
    before = site.files()["news.rss"]
    (site.room.folder / "feeds/news.rss").write_bytes(b"?")

    code, printed = site.run()

    assert (code, "damaged   news.rss" in printed) == (1, True)
    assert site.files()["news.rss"] == before


@pytest.fixture
def daemon(site: Site) -> Iterator[str]:
    """Run a server of rsync that asks for a password, and return the address of its module."""
    site.folder.mkdir(parents=True)
    folder = site.shell.parent
    (folder / "secrets").write_text(f"desk:{PASSWORD}\n")
    (folder / "secrets").chmod(0o600)
    (folder / "rsyncd.conf").write_text(
        f"use chroot = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n[news]\npath = {site.folder}\n"
        f"read only = no\nauth users = desk\nsecrets file = {folder}/secrets\n"
        f"[fixed]\npath = {site.folder}\nread only = yes\n"
    )
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    words = ["rsync", "--daemon", "--no-detach", "--address=127.0.0.1", f"--port={port}"]
    with subprocess.Popen([*words, f"--config={folder}/rsyncd.conf"]) as process:
        try:
            while process.poll() is None:
                with socket.socket() as one:
                    if one.connect_ex(("127.0.0.1", port)) == 0:
                        break
                sleep(0.02)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def test_a_server_of_rsync_takes_the_copy(site: Site, daemon: str) -> None:
    """The password comes from the environment. Wrong settings are reported, and nothing sent."""
    site.target = f"rsync://desk@{daemon}/news"
    site.variables = {"RSYNC_PASSWORD": "wrong"}
    wrong = [site.run()]
    site.variables = {"RSYNC_PASSWORD": PASSWORD}
    wrong += [site.run(f"rsync://desk@{daemon}/absent"), site.run(f"rsync://{daemon}/fixed")]
    wrong += [site.run("rsync://127.0.0.1:1/news"), site.run("rsync://me:word@127.0.0.1/news")]

    assert [code for code, _ in wrong] == [2] * 5
    assert all(len(printed.splitlines()) == 1 for _, printed in wrong)
    assert "word@" not in wrong[-1][1]
    assert site.files() == {}
    site.deploy()
    assert site.deploy()["copied"] == []
    assert {*site.documents()} <= {*site.files()}
