"""The report of the nodes of a cluster."""

from __future__ import annotations

from dataclasses import replace

from dateline.cli.observe import _findings
from dateline.ledger.cluster.status import ClusterStatus, NodeStatus
from support.commands import publisher
from support.publication import Newsroom

WELL = NodeStatus(name="web1", generation=12, lag=0.0, unseen=0.4, ahead=0.1)
ILL = NodeStatus(name="web2", generation=10, lag=75.2, unseen=75.0, ahead=-61.0)


def test_each_node_has_a_line() -> None:
    """What is wrong with it is named."""
    found = ClusterStatus(leader="web1", epoch=3, generation=12, nodes=(WELL, ILL))
    off = "its clock is 61 s behind the database's"

    assert [*_findings(found)] == [
        ("ok", "cluster", "web1 leads, epoch 3, newest generation 12"),
        ("ok", "web1", "serves generation 12"),
        (
            "bad",
            "web2",
            f"serves generation 10, 75 s behind, not seen for 75 s, {off}",
        ),
    ]
    assert not found.is_well


def test_a_node_with_another_store_is_named() -> None:
    """With both addresses; a node whose bucket is not known, as of an earlier release, is well."""
    leader, same, other = (
        replace(WELL, name=name, store=f"s3://news/{prefix}")
        for name, prefix in (("web1", "a"), ("web2", "a"), ("web3", "b"))
    )
    unknown = replace(WELL, name="web4")
    found = ClusterStatus(
        leader="web1", epoch=3, generation=12, nodes=(leader, same, other, unknown)
    )
    text = "serves generation 12, its [store] is s3://news/b and the leader's is s3://news/a"

    assert [row for row in _findings(found) if row[0] == "bad"] == [("bad", "web3", text)]
    assert not found.is_well
    assert replace(found, nodes=(leader, same, unknown)).is_well


def test_a_cluster_without_a_leader_is_not_well() -> None:
    """Its first line is bad, although each node is alive."""
    found = ClusterStatus(leader=None, epoch=3, generation=12, nodes=(WELL,))

    assert next(_findings(found)) == (
        "bad",
        "cluster",
        "nobody leads, epoch 3, newest generation 12",
    )
    assert not found.is_well


def test_programs_get_the_nodes_as_json() -> None:
    """The lag is in seconds."""
    found = ClusterStatus(leader="web1", epoch=3, generation=12, nodes=(ILL,))

    assert found.as_json() == {
        "leader": "web1",
        "epoch": 3,
        "generation": 12,
        "nodes": [
            {
                "name": "web2",
                "generation": 10,
                "lag": 75.2,
                "seen": 75.0,
                "clock": -61.0,
                "store": None,
            },
        ],
    }


def test_a_publication_on_one_machine_has_no_cluster(newsroom: Newsroom) -> None:
    """The command says so in one sentence."""
    done = publisher("cluster", cwd=newsroom.folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("This publication has no cluster: config.toml has no [cluster]")
