"""The container's steps in a bare Debian: installed by its script, served from a read-only root.

The tree is what `mmdebstrap` makes, which `tests/outside/install` runs; the Containerfile says
which command runs in it, as which user. Only the superuser can mount: others need `sudo`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from outside.programs import BROUGHT
from support.paths import ROOT
from support.process_tree import children
from support.publication import CONFIG, entry_file
from support.serving import free_port, until

pytestmark = pytest.mark.outside

CONTAINER = ROOT / "docs/container"
TREE, WHEELS = BROUGHT / "debian.tar", BROUGHT / "wheels"
SUPERUSER = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
PATIENCE = 300
USER = 10001
VOLUMES = ("entries", "feeds", "state")
CLEAN = "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8"
MOUNTS = """
cd "$1"
mount --bind . . && cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
"""
INSTALL = f"""{MOUNTS}
mkdir -p usr/src/dateline usr/src/wheels
mount --bind "$2" usr/src/dateline
mount --bind "$3" usr/src/wheels
mount -o remount,bind,ro usr/src/dateline
exec chroot . {CLEAN} /usr/src/dateline/docs/container/install --find-links /usr/src/wheels
"""
SERVE = f"""{MOUNTS}
for name in {" ".join(VOLUMES)} config.toml; do
  mount --bind "$2/$name" "srv/news/$name"
done
mount -o remount,bind,ro srv/news/config.toml
mount -o remount,bind,ro .
shift 2
exec chroot --userspec=$USER_ID . {CLEAN} sh -c 'cd /srv/news && exec "$@"' sh "$@"
"""


def run(*words: str | Path) -> str:
    """Run a command as the superuser; a test fails with what the command reports."""
    done = subprocess.run(
        [*SUPERUSER, *words], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        said = f"{done.stdout[-1000:]}{done.stderr[-3000:]}"
        pytest.fail(f"{words[0]} ended with {done.returncode}: {said}", pytrace=False)
    return done.stdout


def instruction(name: str) -> str:
    """Return the value of an instruction of the Containerfile, its last one."""
    text = (CONTAINER / "Containerfile").read_text("utf-8").replace("\\\n", "")
    values: list[str] = re.findall(rf"^{name} (.*)$", text, re.MULTILINE)
    return values[-1]


def words_of(name: str) -> list[str]:
    """Return the words of an instruction that is a command."""
    words: list[str] = json.loads("[" + instruction(name).partition("[")[2])
    return words


def context(folder: Path) -> Path:
    """Copy what `.dockerignore` lets a build of the image see."""
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        name = line.removeprefix("!")
        if name == line:
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a bare Debian in which the script has installed Dateline, without a network."""
    if missing := [one.name for one in (TREE, WHEELS) if not one.exists()]:
        pytest.fail(f"There is no {' and no '.join(missing)}: run tests/outside/install")
    tree = tmp_path_factory.mktemp("debian")
    run("tar", "--extract", f"--file={TREE}", f"--directory={tree}", "--exclude=./dev/*")
    source = context(tmp_path_factory.mktemp("context"))
    words = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"]
    run(*words, "bash", "-euc", INSTALL, "install", tree, source, WHEELS)
    run("touch", tree / "srv/news/config.toml")
    yield tree
    run("rm", "--recursive", "--force", "--one-file-system", tree)


@pytest.fixture
def publication(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with the three volumes and a configuration, of the container's user."""
    folder = tmp_path / "news"
    for name in VOLUMES:
        (folder / name).mkdir(parents=True)
    text = CONFIG.replace("http://127.0.0.1:8000/", "https://news.example.org/")
    (folder / "config.toml").write_text(text, "utf-8")
    (folder / "entries/a.toml").write_text(entry_file(), "utf-8")
    run("chown", "--recursive", f"{USER}:{USER}", folder)
    yield folder
    run("rm", "--recursive", "--force", folder)


def within(tree: Path, publication: Path, *command: str) -> list[str | Path]:
    """Return the words that run a command in the tree as the Containerfile and compose.yaml do."""
    script = SERVE.replace("$USER_ID", instruction("USER"))
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-euc", script]
    return [*SUPERUSER, *words, "serve", tree, publication, *command]


@contextmanager
def started(
    tree: Path, publication: Path, port: int
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve from the tree; yield the process that waits, and the number of the first one in it."""
    command = [str(port) if word == "8000" else word for word in words_of("CMD")]
    command = ["127.0.0.1" if word == "0.0.0.0" else word for word in command]  # noqa: S104
    words = within(tree, publication, *words_of("ENTRYPOINT"), *command)
    log = publication.parent / "serve.log"
    with log.open("wb") as file:
        process = subprocess.Popen(words, stdout=file, stderr=file)
    try:
        until(lambda: _answers(port) or process.poll() is not None, seconds=PATIENCE)
        if process.poll() is not None:
            pytest.fail(f"serve ended with {process.returncode}: {log.read_text()}")
        yield process, _first(process.pid)
    finally:
        if process.poll() is None:
            process.kill()  # and by --kill-child all that runs in the tree
            process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/news.rss").status_code == 200
    except httpx.TransportError:
        return False


def _first(pid: int) -> int:
    """Return the process that is number 1 in the tree, below `sudo` and `unshare`."""
    while below := children(pid):
        pid = below[0]
        numbers = re.search(r"^NSpid:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        if numbers and numbers[1].split()[-1] == "1":
            return pid
    pytest.fail("nothing runs in the tree")


def test_the_image_serves_as_its_user_from_a_read_only_root(tree: Path, publication: Path) -> None:
    """It answers readers and the health check, by no proxy, and ends with 0 at SIGTERM."""
    port = free_port()
    with started(tree, publication, port) as (process, first):
        status = Path(f"/proc/{first}/status").read_text("utf-8")
        mounts = Path(f"/proc/{first}/mountinfo").read_text("utf-8")
        feed = httpx.get(f"http://127.0.0.1:{port}/news.rss")
        live = httpx.get(f"http://127.0.0.1:{port}/health/live")
        check = [word.replace("8000", str(port)) for word in words_of("HEALTHCHECK")]
        run("chroot", tree, "env", "http_proxy=http://127.0.0.1:9", *check)
        run("kill", "-TERM", str(first))
        code = process.wait(timeout=60)

    assert re.search(rf"^Uid:(\s+{USER}){{4}}$", status, re.MULTILINE)
    options = {line.split()[4]: line.split()[5].split(",")[0] for line in mounts.splitlines()}
    assert (options["/"], options["/srv/news/config.toml"]) == ("ro", "ro")
    assert {options[f"/srv/news/{name}"] for name in VOLUMES} == {"rw"}
    assert "Report on Lebanon" in feed.text
    assert (live.status_code, code) == (200, 0)


def test_other_commands_run_in_it(tree: Path, publication: Path) -> None:
    """`front caddy` prints what Caddy needs beside it: the shared folder, and the shared port."""
    words = within(tree, publication, *words_of("ENTRYPOINT"), "front", "caddy")

    printed = run(*words[len(SUPERUSER) :])

    assert 'root * "/srv/news/feeds"' in printed
    assert "reverse_proxy 127.0.0.1:8000" in printed


def test_the_tree_has_neither_pip_nor_what_builds_packages(tree: Path) -> None:
    """Only what runs is installed, and none of it is writable for the user."""
    own = tree / "opt/dateline"
    found = {one.name for one in own.glob("lib/python3*/site-packages/*")}

    assert {"dateline", "granian", "aiohttp", "feedparser", "obstore", "psycopg"} <= found
    assert not found & {"pip", "setuptools", "flit_core", "wheel"}
    assert run("find", own, "-uid", str(USER), "-o", "-perm", "-o+w", "-not", "-type", "l") == ""


def test_a_build_sees_the_package_and_the_locks_alone(tmp_path: Path) -> None:
    """All else is left out first, so `state/` and `.venv` are in no image."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    assert patterns[0] == "*"
    assert {one.name for one in context(tmp_path).iterdir()} == {
        "LICENSE", "NOTICE", "README.md", "dateline", "docs", "pyproject.toml", "requirements",
    }  # fmt: skip
    assert [one.name for one in (tmp_path / "docs").iterdir()] == ["container"]
    assert instruction("COPY") == ". /"


def test_compose_runs_the_image_as_it_was_tried() -> None:
    """Its root is read-only, it has the same volumes and health check, and Caddy sees feeds/."""
    services = yaml.safe_load((CONTAINER / "compose.yaml").read_text("utf-8"))["services"]
    own, caddy = services["dateline"], services["caddy"]

    assert own["read_only"]
    assert caddy["read_only"]
    assert own["cap_drop"] == caddy["cap_drop"] == ["ALL"]
    assert own["healthcheck"]["test"] == ["CMD", *words_of("HEALTHCHECK")]
    assert json.loads(instruction("VOLUME")) == [f"/srv/news/{name}" for name in VOLUMES]
    assert own["volumes"] == [
        "./config.toml:/srv/news/config.toml:ro",
        *(f"./{name}:/srv/news/{name}" for name in VOLUMES),
    ]
    assert "./feeds:/srv/news/feeds:ro" in caddy["volumes"]


def test_a_restart_of_dateline_leaves_the_proxy_on_the_network() -> None:
    """The container that has the ports is Caddy's: one that joins another's network loses it."""
    services = yaml.safe_load((CONTAINER / "compose.yaml").read_text("utf-8"))["services"]
    own, caddy = services["dateline"], services["caddy"]

    assert (own["network_mode"], own["depends_on"]) == ("service:caddy", ["caddy"])
    assert caddy["ports"] == ["80:80", "443:443"]
    assert "ports" not in own
    assert {"network_mode", "depends_on"}.isdisjoint(caddy)
