"""The commands of `docs/operating.md` for backups do what the page says, typed as they stand."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from outside.programs import BROUGHT, output
from outside.test_servers import COMMANDS
from support.hubs import Hub, hub
from support.packed import with_texts
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.serving import PUBLISHER, Served, serve, until

pytestmark = pytest.mark.outside
PAGE = PUBLISHER.parent / "docs/operating.md"
WITHDRAWN_TEXT = "TAKEN-DOWN-TEXT"


def blocks(heading: str) -> list[str]:
    """Return the blocks of commands below a heading of the page."""
    text = PAGE.read_text("utf-8")
    [section] = re.findall(rf"(?ms)^{re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text)
    found = re.findall(r"(?m)(?:^    .*\n)+", section)
    return [re.sub(r"(?m)^    ", "", block) for block in found]


class Machine:
    """A machine of which the page's `/srv/news` and `/var/backups` are folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.room = Newsroom(folder / "srv/news")
        (self.room.folder / "entries").mkdir(parents=True)
        self.backups = folder / "var/backups"
        self.backups.mkdir(parents=True)
        dateline = folder / "bin/dateline"
        dateline.parent.mkdir()
        dateline.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PUBLISHER}" "$@"\n', "utf-8")
        dateline.chmod(0o755)

    def typed(self, commands: str) -> list[str]:
        """Return the words by which a shell runs commands of the page."""
        for place in ("/srv/news", "/var/backups"):
            commands = commands.replace(place, f"{self.folder}{place}")
        return ["sh", "-ec", commands]

    @property
    def variables(self) -> dict[str, str]:
        """Return variables with which a shell finds the programs."""
        paths = [self.folder / "bin", BROUGHT / "litestream/bin", os.environ["PATH"]]
        return {**os.environ, "PATH": os.pathsep.join(map(str, paths))}

    def type(self, commands: str) -> str:
        """Type commands of the page in the publication's folder; return what they print."""
        return output(self.typed(commands), folder=self.room.folder, environment=self.variables)

    def lose(self, *names: str) -> None:
        """Delete folders of the publication, or all of it."""
        for name in names or ("",):
            shutil.rmtree(self.room.folder / name)
        self.room.folder.mkdir(exist_ok=True)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine with a publication of a few entries, one of them with a picture."""
    machine = Machine(tmp_path)
    room = machine.room
    (room.folder / "config.toml").write_text(CONFIG, "utf-8")
    room.drop("photo.png", picture())
    room.drop("first.toml", entry_file("First", image='"photo.png"', image_alt='"Navy"'))
    room.drop("second.toml", entry_file("Second"))
    room.drop("secret.toml", entry_file("Secret", body=f'"{WITHDRAWN_TEXT}"'))
    return machine


@pytest.fixture
def listening(machine: Machine, tmp_path: Path) -> Iterator[Hub]:
    """Return a hub that the publication uses."""
    with hub(tmp_path / "hub", machine.room.folder / "feeds") as listening:
        config = machine.room.folder / "config.toml"
        hubs = f"hubs = [{json.dumps(listening.url)}]\n"
        text = config.read_text("utf-8").replace("[publication]\n", f"[publication]\n{hubs}")
        config.write_text(text, "utf-8")
        yield listening


def titles(served: Served) -> set[str]:
    """Return the titles in the main feed."""
    found = served.get("news.json")
    return {one["title"] for one in found.json()["items"]} if found.status_code == 200 else set()


def shows(served: Served, number: int) -> bool:
    """Return whether the main feed has this many entries, and hubs have been notified."""
    ledger = served.output.parent / "state/ledger.sqlite"
    if len(titles(served)) != number:
        return False
    with closing(sqlite3.connect(ledger, timeout=20)) as connection:
        [[waiting]] = connection.execute("SELECT count(*) FROM outbox")
    return bool(waiting == 0)


def test_a_backup_of_a_running_service_restores_it(machine: Machine, listening: Hub) -> None:
    """All is lost; then all is as it was, and neither readers nor hubs get anything again."""
    room = machine.room
    backup, restoration = blocks("## Backup and restore")[:2]
    export, copy = backup.splitlines()
    with serve(room.folder) as served:
        assert until(lambda: shows(served, 3))
        machine.type(export)
        room.drop("between.toml", entry_file("Between"))
        assert until(lambda: shows(served, 4))
        machine.type("dateline takedown secret.toml --yes")
        (room.folder / "entries/secret.toml").unlink()
        assert until(lambda: shows(served, 3))
        # A file that goes while it is copied ends rsync with 24, as the page says.
        assert until(lambda: not [*room.folder.glob("entries/secret.toml*")])
        machine.type(copy)
    before, told = room.feeds(), listening.paths
    assert "news.rss" in told
    machine.lose()
    machine.type(restoration)
    said = machine.type("dateline build")

    assert "The ledger was older than what is published" in said
    assert noticed(before, room.feeds()) == {}
    assert listening.paths == told
    assert room.build().published == ()
    assert holding_the_text(room.folder) == []


def noticed(
    before: dict[str, tuple[bytes, int]], after: dict[str, tuple[bytes, int]]
) -> dict[str, str]:
    """Return each document that is not as it was, and what of it changed."""
    return {
        path: "bytes" if after.get(path, (b"",))[0] != before.get(path, (b"",))[0] else "time"
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


@contextmanager
def replicating(machine: Machine, command: str) -> Iterator[None]:
    """Run Litestream as the page says, until it has copied all that there is."""
    assert output(["true"]) == ""  # says what is missing, if anything is
    command = command.replace("litestream", "exec litestream", 1)
    with subprocess.Popen(
        machine.typed(command), env=machine.variables, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def test_litestream_restores_a_lost_ledger(machine: Machine, listening: Hub) -> None:
    """The ledger is as new as the documents, and nothing is announced again."""
    room = machine.room
    replicate, restoration = blocks("### The ledger at every moment")[:2]
    with serve(room.folder) as served:
        assert until(lambda: shows(served, 3))
        with replicating(machine, replicate):
            assert until((machine.backups / "ledger").exists)
            room.drop("third.toml", entry_file("Third"))
            assert until(lambda: shows(served, 4))
        # Litestream copies what is left when it is told to end.
    before, told = room.feeds(), listening.paths
    assert "news.rss" in told
    machine.lose("state")
    said = machine.type(restoration)

    assert "Nothing changed" in said
    assert noticed(before, room.feeds()) == {}
    assert listening.paths == told
    assert (room.folder / "state").stat().st_mode & 0o777 == 0o700


def test_nothing_of_a_takedown_stays_beside_litestream(machine: Machine) -> None:
    """The page names all copies; the ledger itself is clean once Litestream has let go of it."""
    room = machine.room
    replicate, _, cleaning = blocks("### The ledger at every moment")
    machine.type("dateline build")
    with replicating(machine, replicate):
        assert until((machine.backups / "ledger").exists)
        machine.type("dateline takedown secret.toml --yes")
        (room.folder / "entries/secret.toml").unlink()
    machine.type(cleaning)

    assert holding_the_text(machine.folder) == []


def holding_the_text(folder: Path) -> list[Path]:
    """Return the files that contain the text of the entry that was taken down."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if WITHDRAWN_TEXT.encode() in with_texts(path)]


_FOLDERS_OF_ITS_OWN = """
mount -t tmpfs tmpfs "$1"
for place in etc srv; do
  mkdir -p "$1/$place/upper" "$1/$place/work"
  mount -t overlay overlay -o "lowerdir=/$place,upperdir=$1/$place/upper,workdir=$1/$place/work" \
    "/$place"
done
mkdir /srv/news
eval "$2"
stat --format "%U %n" /srv/news
getent passwd dateline | cut -d : -f 6
cmp docs/dateline.service /etc/systemd/system/dateline.service
readlink /etc/systemd/system/multi-user.target.wants/dateline.service
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can add a user")
def test_the_unit_is_installed_as_the_page_says(machine: Machine) -> None:
    """The user, the folder and the service are there.

    The commands change `/etc` and `/srv` in a mount namespace of their own only. The service is
    not started (`--now`): that needs systemd as the first process.
    """
    sudo = machine.folder / "bin/sudo"
    sudo.write_text('#!/bin/sh\nexec "$@"\n', "utf-8")
    sudo.chmod(0o755)
    [commands] = blocks("## With systemd")
    assert commands.count("systemctl enable --now dateline") == 1
    commands = commands.replace(" --now", "")
    variables = {**machine.variables, "SYSTEMD_OFFLINE": "1"}
    words = ["unshare", "--mount", "sh", "-ec", _FOLDERS_OF_ITS_OWN, "sh"]
    said = output([*words, machine.folder / "var", commands], folder=ROOT, environment=variables)

    assert said.splitlines() == [
        "dateline /srv/news",
        "/srv/news",
        "/etc/systemd/system/dateline.service",
    ]


def test_the_page_starts_another_server_as_the_tests_do() -> None:
    """`tests/outside/test_servers.py` sends all requests to the application that it names."""
    [block] = blocks("## With another WSGI server")
    build, start = block.splitlines()

    assert build == "dateline build"
    [setting, *words] = shlex.split(start)
    assert setting == "DATELINE_CONFIG=/srv/news/config.toml"
    assert {word.replace("=", " ") for word in COMMANDS["gunicorn"]} >= {
        words[0],
        " ".join(words[1:3]),
        words[3],
    }
