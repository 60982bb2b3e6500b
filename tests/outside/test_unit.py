"""The systemd unit is valid and closed, and Dateline works under what it demands."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from outside.confined import confined
from outside.postgresql import PASSWORD, database_server
from outside.programs import output
from support.paths import ROOT
from support.process_tree import children
from support.publication import Newsroom, entry_file, picture
from support.serving import PUBLISHER, Served, free_port, running, until

pytestmark = pytest.mark.outside
UNIT = ROOT / "docs/dateline.service"
EXPOSURE = 1.2  # of 10; the unit may not be worse
PROBE = """
import ctypes, json, os, pathlib, socket, sys
def refused(do):
    try:
        do()
    except OSError:
        return True
    return False
print(json.dumps({
    "write": refused(lambda: pathlib.Path(sys.argv[1]).touch()),
    "chown": refused(lambda: os.chown(".", 0, 0)),
    "netlink": refused(lambda: socket.socket(socket.AF_NETLINK)),
    "meminfo": refused(lambda: open("/proc/meminfo")),
    "nice": refused(lambda: os.nice(5)),
    "code": ctypes.CDLL(None).mprotect(ctypes.c_void_p(id(0) & ~4095), 4096, 5) != 0,
}))
"""


def test_the_unit_exposes_little(tmp_path: Path) -> None:
    """The exposure that systemd computes is low: the rest is needed to serve the public."""
    said = output(["systemd-analyze", "security", "--offline=true", "--no-pager", _valid(tmp_path)])

    [figure] = re.findall(r"exposure level for dateline\.service: ([\d.]+)", said)
    assert float(figure) <= EXPOSURE, said


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """Each setting is known, and has a valid value."""
    assert _faults(_valid(tmp_path)) == ""


def test_systemd_finds_no_fault_in_what_a_node_adds_to_the_unit(tmp_path: Path) -> None:
    """The file of the page is read together with the unit, which stays as closed as it is."""
    unit = _valid(tmp_path)
    added = tmp_path / "dateline.service.d/node.conf"
    added.parent.mkdir()
    added.write_text(_block("ini"), "utf-8")
    security = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]

    assert _faults(unit) == ""
    [figure] = re.findall(r"exposure level for dateline\.service: ([\d.]+)", output(security))
    assert float(figure) <= EXPOSURE
    added.write_text("[Service]\nEnvironmentFiles=/etc/dateline/secrets\n", "utf-8")
    assert "Unknown key 'EnvironmentFiles'" in _faults(unit)


def test_a_node_works_with_the_secrets_of_the_page(newsroom: Newsroom) -> None:
    """It leads, publishes and serves; the password is in no command line and in no output."""
    lines = _block("sh").replace("password-of-the-database", PASSWORD).splitlines()
    secrets = dict(line.split("=", 1) for line in lines)
    port = free_port()
    command = [sys.executable, str(PUBLISHER), "serve", "--port", str(port)]
    with database_server("127.0.0.1", free_port()) as database:
        path = newsroom.folder / "config.toml"
        own = _NODE.format(port=database.port, store=newsroom.folder / "store")
        path.write_text(path.read_text("utf-8") + own, "utf-8")
        with running(
            [*confined(UNIT, newsroom.folder), *command],
            port,
            newsroom.folder,
            {**os.environ, **secrets},
        ) as served:
            newsroom.drop("first.toml", entry_file())

            assert until(lambda: _titles(served) == ["Report on Lebanon"]), served.printed()
            assert PASSWORD not in output(["ps", "-e", "-o", "args"])

            [supervisor] = children(served.process.pid)
            os.kill(supervisor, signal.SIGTERM)
            assert served.process.wait(20) == 0, served.printed()
    assert PASSWORD not in served.printed()
    assert (newsroom.folder / "store/head.json").exists()


def _faults(unit: Path) -> str:
    """Return the warnings of systemd, which end no command and are on standard error."""
    return output(["sh", "-c", 'systemd-analyze verify "$1" 2>&1', "sh", unit])


_NODE = """
[ledger]
url = "postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"

[store]
url = "file://{store}"

[cluster]
name = "web1"
"""


def _block(language: str) -> str:
    """Return the block in a language of the page on nodes as services."""
    text = (ROOT / "docs/scale.md").read_text("utf-8").split("## A node as a service", 1)[1]
    [block] = re.findall(rf"(?s)```{language}\n(.*?)```", text.split("\n## ", 1)[0])
    return str(block)


def _valid(folder: Path) -> Path:
    """Return a copy of the unit whose program is on this machine."""
    unit = folder / UNIT.name
    text = UNIT.read_text("utf-8")
    assert text.count("ExecStart=/opt/dateline/.venv/bin/dateline ") == 1
    unit.write_text(text.replace("/opt/dateline/.venv/bin/dateline", sys.executable), "utf-8")
    return unit


def test_the_trial_refuses_what_the_unit_refuses(
    newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Otherwise the test below would prove nothing; a lower priority stays possible."""
    outside = tmp_path_factory.mktemp("elsewhere") / "file"
    command = [*confined(UNIT, newsroom.folder), sys.executable, "-c", PROBE, str(outside)]

    assert json.loads(output(command, folder=newsroom.folder)) == {
        "write": True,
        "chown": True,
        "netlink": True,
        "meminfo": True,
        "nice": False,
        "code": True,
    }


def test_dateline_works_under_what_the_unit_demands(newsroom: Newsroom) -> None:
    """It publishes text and pictures, reports problems, takes a reload, and ends by itself."""
    port = free_port()
    command = [sys.executable, str(PUBLISHER), "serve", "--port", str(port)]
    with running(
        [*confined(UNIT, newsroom.folder), *command], port, newsroom.folder, {**os.environ}
    ) as served:
        newsroom.drop("photo.png", picture())
        newsroom.drop("first.toml", entry_file(image='"photo.png"', image_alt='"Navy"'))
        newsroom.drop("held.toml", "title = 1\n")

        assert until(lambda: _titles(served) == ["Report on Lebanon"]), served.printed()
        assert until((newsroom.folder / "entries/held.toml.problem.txt").exists)
        page = served.get("news.json").json()["items"][0]
        media = page["image"].removeprefix("http://127.0.0.1:8000/")
        assert served.get(media).headers["Content-Type"] == "image/png"

        [supervisor] = children(served.process.pid)
        os.kill(supervisor, signal.SIGHUP)
        newsroom.drop("second.toml", entry_file(title="Another"))
        assert until(lambda: len(_titles(served)) == 2), served.printed()

        os.kill(supervisor, signal.SIGTERM)

        assert served.process.wait(20) == 0, served.printed()
    assert "Error" not in served.printed()
    assert "ermitted" not in served.printed()


def _titles(served: Served) -> list[str]:
    """Return the titles in the main feed."""
    found = served.get("news.json")
    return [one["title"] for one in found.json()["items"]] if found.status_code == 200 else []
