"""A process of `serve` and its cluster: what it may do, and when that changes."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dateline.cli import claim
from dateline.cli.follow import _kept, rehearse, unmounted
from dateline.cli.serve import _membership
from dateline.config import ClusterSettings, Config, StoreSettings
from dateline.documents import manifest
from dateline.documents.editions import EditionMark
from dateline.documents.editions.replica import keep_mark
from dateline.errors import DatelineError, Problem
from dateline.model import Report
from dateline.serve.processes import _require_same_ledger
from dateline.system.condition import Code
from dateline.system.heartbeat import VARIABLE, HeartbeatReader
from dateline.system.supervisor import EPOCH, SUPERVISOR
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PUBLISHER, free_port


@pytest.fixture
def alone(tmp_path: Path) -> Config:
    """Return the configuration of a machine by itself."""
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    return Newsroom(tmp_path).config


@pytest.fixture
def node(alone: Config) -> Config:
    """Return the configuration of a node."""
    settings = ClusterSettings(name="web1", lead=True, lease=4)
    return dataclasses.replace(alone, cluster=settings, ledger=f"sqlite:///{alone.state}/ledger")


@pytest.mark.parametrize(
    ("parts", "leads"), [(("publish", "follow", "web"), True), (("follow", "web"), False)]
)
def test_a_node_that_publishes_nothing_never_leads(
    node: Config, parts: tuple[str, ...], *, leads: bool
) -> None:
    """Else the lease would be held for ever, and no news would go out."""
    member = _membership(node, parts)

    assert member is not None
    assert member.settings.lead == leads


@pytest.mark.parametrize(
    ("url", "noted"),
    [("s3://news/a/", "s3://news/a"), ("file:///mnt/share/news", ""), ("/mnt/share/news", "")],
)
def test_a_node_notes_a_bucket_and_no_folder(node: Config, url: str, noted: str) -> None:
    """One share may be mounted in another folder of each machine."""
    member = _membership(dataclasses.replace(node, store=StoreSettings(url=url)), ("publish",))

    assert member is not None
    assert member.store == noted


def test_a_node_reads_a_head_once(node: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times a second it looks whether there is another; none counts that lacks documents."""
    room = Newsroom(node.path.parent)
    member = _membership(node, ("publish",))
    assert member is not None
    found = [member.figures()["generation"]]
    room.drop("a.toml", entry_file())
    room.build()
    heads: list[Path] = []
    read = manifest.read_head

    def noted(folder: Path) -> manifest.Head | None:
        heads.append(folder)
        return read(folder)

    monkeypatch.setattr(manifest, "read_head", noted)
    found += [member.figures()["generation"] for _ in range(3)]
    mark = EditionMark(generation=1, digest="0" * 64)
    keep_mark(node.feeds_folder, mark, 0, is_filling=True)
    found.append(member.figures()["generation"])

    assert found == [0, 1, 1, 1, 0]
    assert heads == [node.feeds_folder]


def test_a_publisher_keeps_its_ledger_until_it_ends(alone: Config, node: Config) -> None:
    """A `[cluster]` that staff add or take out meanwhile waits for the next start."""
    assert _kept(alone, node) == alone
    assert _kept(node, alone) == node


def test_a_changed_cluster_is_not_taken_up(alone: Config, node: Config) -> None:
    """SIGHUP changes everything else."""
    _require_same_ledger(alone, dataclasses.replace(alone, workers=7))
    with pytest.raises(DatelineError, match="takes effect when serve is started again"):
        _require_same_ledger(alone, node)


def test_a_publisher_without_an_epoch_is_refused(
    alone: Config, node: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that has an epoch, and no cluster any more."""
    claim.adopt(alone)
    with pytest.raises(DatelineError, match="has changed"):
        claim.adopt(node)
    monkeypatch.setenv(EPOCH, "3")
    with pytest.raises(DatelineError, match="has changed"):
        claim.adopt(alone)


@pytest.mark.long
def test_a_publisher_without_its_database_says_so(node: Config) -> None:
    """Else an alarm said only that it ends again and again."""
    text = f"""{CONFIG}
[ledger]
url = "postgresql+psycopg://dateline@127.0.0.1:{free_port()}/news"
[store]
url = "{node.state.as_uri()}/store"
[cluster]
name = "web1"
"""
    node.path.write_text(text, "utf-8")
    command = [sys.executable, str(PUBLISHER), "follow", "--config", str(node.path)]
    with closing(HeartbeatReader()) as reader:
        own = {EPOCH: "1", VARIABLE: str(reader.writing), SUPERVISOR: str(os.getpid())}
        done = subprocess.run(
            command,
            env={**os.environ, **own},
            pass_fds=[reader.writing],
            capture_output=True,
            check=False,
            timeout=60,
        )
        _, checks = reader.read()

    assert done.returncode == 2
    assert [one.code for check in checks for one in check.conditions] == [Code.LEDGER_AWAY]


def test_a_publisher_that_waits_has_published_before(node: Config) -> None:
    """Under its own configuration, in a folder that is gone afterwards; nothing else changes.

    That entries cool for a while holds none back.
    """
    node = dataclasses.replace(node, cooling=timedelta(hours=1))
    before = sorted(node.path.parent.rglob("*"))

    report = rehearse(node)

    assert report.published == ("a.toml",)
    assert sorted(node.path.parent.rglob("*")) == before


def test_a_node_whose_share_is_not_mounted_lets_others_try(alone: Config, node: Config) -> None:
    """Its folder is there, and empty; a folder that has any file is what staff have left."""
    problem = Problem(code="many-gone", file="entries/", found="9 of 9", wanted="many-gone-0a1b2c")
    held, good = Report(problems=(problem,), states={}), Report(states={})

    node.entries.mkdir()
    (node.entries / "entries.problem.txt").write_text("HOLD", "utf-8")  # by this node

    found = [one.code for one in unmounted(node, held)]

    assert found == [Code.ENTRIES_GONE]
    assert Code.ENTRIES_GONE.lets_others_try
    assert (unmounted(node, good), unmounted(alone, held)) == ((), ())
    (node.entries / "a.toml").write_text(entry_file(), "utf-8")
    assert unmounted(node, held) == ()
