"""A command writes under the epoch of its node, or begins one where nobody leads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dateline.config import ClusterSettings
from dateline.errors import LeadershipError
from dateline.ledger import Ledger, session
from dateline.ledger.cluster import status
from dateline.ledger.cluster.leadership import claim, create, current
from dateline.ledger.cluster.terms import adopt, adopt_own, require, term
from dateline.ledger.session import open_session
from dateline.system import clock

WEB1 = ClusterSettings(name="web1", lead=True, lease=4)
WEB2 = ClusterSettings(name="web2", lead=True, lease=4)
READER = ClusterSettings(name="web3", lead=False, lease=4)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a ledger to which this process may not write."""
    found = f"sqlite:///{tmp_path}/ledger.sqlite"
    require(found)
    yield found
    session.fence(found, None)
    clock.follow(None)


def lead(url: str, name: str) -> int | None:
    """Begin an epoch of a node, as its `serve` does."""
    with closing(open_session(url)) as opened:
        create(opened.connection)
        epoch = claim(opened.connection, name, 4)
        opened.connection.commit()
        return epoch


def write(url: str) -> None:
    """Commit something."""
    with Ledger(url) as ledger:
        ledger.state.generation = 1
        ledger.commit()


def test_a_command_leads_where_nobody_does(url: str) -> None:
    """Until it is done: then another node may lead at once, and nothing more is written."""
    with term(url, WEB1) as epoch:
        write(url)
        during = (epoch, status.read(url).leader)

    assert during == (1, "web1")
    assert status.read(url).leader is None
    with pytest.raises(LeadershipError, match="does not lead"):
        write(url)
    assert lead(url, "web2") == 2


def test_a_command_works_under_the_epoch_of_its_node(url: str) -> None:
    """The lease of its `serve` is neither renewed nor ended."""
    lead(url, "web1")

    with term(url, WEB1) as epoch:
        write(url)

    assert epoch == 1
    assert status.read(url).leader == "web1"


def test_a_command_elsewhere_names_the_leader(url: str) -> None:
    """It is refused, and so is one on a node that never leads."""
    with pytest.raises(LeadershipError, match="Nobody leads the cluster, and this node only se"):
        term(url, READER).__enter__()
    lead(url, "web1")

    with pytest.raises(LeadershipError, match="web1 leads the cluster: type this on that node"):
        term(url, WEB2).__enter__()


def test_a_process_that_goes_on_never_leads_by_itself(url: str) -> None:
    """A hub that was started where nobody led kept the lead, and no news went out."""
    with pytest.raises(LeadershipError, match="Nobody leads the cluster"):
        adopt_own(url, WEB1)
    assert status.read(url).leader is None
    lead(url, "web1")
    with pytest.raises(LeadershipError, match="web1 leads the cluster"):
        adopt_own(url, WEB2)

    adopt_own(url, WEB1)
    write(url)


def test_a_process_writes_under_the_epoch_that_it_adopted(url: str) -> None:
    """Until another one begins."""
    lead(url, "web1")
    adopt(url, 1, "web1")

    write(url)
    status.step_down(url)
    lead(url, "web2")

    with pytest.raises(LeadershipError, match="web2 leads now, with epoch 2"):
        write(url)


def test_nobody_steps_down_where_nobody_leads(url: str) -> None:
    """The command says so."""
    with pytest.raises(LeadershipError, match=r"Nobody leads the cluster\."):
        status.step_down(url)
    with closing(open_session(url)) as opened:
        assert not current(opened.connection).is_held
