"""A node that loses its database finds the one that Patroni lets take over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.patroni import TAKES_OVER_WITHIN
from cluster.running import Cluster, cluster
from outside.programs import missing
from support.serving import until

pytestmark = pytest.mark.outside


@pytest.fixture
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield two nodes over a database on two machines."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with cluster(tmp_path_factory.mktemp("cluster"), number=2, has_standby=True) as made:
        yield made


def test_news_goes_out_again_once_another_database_takes_writes(two: Cluster) -> None:
    """Nothing that was published before is lost, and readers notice nothing."""
    pair = two.databases
    assert pair
    first = pair.primary()
    assert first
    before, _ = two.drop()
    assert two.wait(before, two.nodes) == []
    silent = dict(two.reader.silences)

    first.power_off()
    title, _ = two.drop()
    assert until(lambda: pair.primary() not in {None, first}, TAKES_OVER_WITHIN)

    assert two.wait(title, two.nodes) == []
    assert (two.reader.faults, two.reader.silences) == ([], silent)
