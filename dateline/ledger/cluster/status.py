"""The state of a cluster: the node that leads, and how far each node has come."""

from __future__ import annotations

from dataclasses import dataclass
from time import sleep

import sqlalchemy as sa

from dateline.errors import LeadershipError
from dateline.ledger.cluster import leadership
from dateline.ledger.cluster.leadership import node, node_store
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.session import Session
from dateline.system.clock import CLOCK_OFF

_ALIVE = 10.0  # seconds since the last sign of life; with the longest lease they are 7.5 apart
LATE = 60.0  # seconds of lag that are reported
_ASKS_EVERY = 0.1  # seconds, for what the nodes serve
_NODES = (
    sa.select(node, node_store.c.url)
    .outerjoin(node_store, node_store.c.name == node.c.name)
    .order_by(node.c.name)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node: the `generation` that it serves, and for how many seconds that has been old.

    `unseen` are the seconds since its last sign of life, `ahead` those by which its clock is ahead
    of the database's. `store` is the address of its bucket, or empty where none is known.

    >>> NodeStatus(name="web1", generation=12, lag=0.0, unseen=0.4, ahead=-61.0).is_clock_off
    True
    """

    name: str
    generation: int
    lag: float
    unseen: float
    ahead: float
    store: str = ""

    @property
    def is_alive(self) -> bool:
        """True if the node has given a sign of life lately."""
        return self.unseen <= _ALIVE

    @property
    def is_well(self) -> bool:
        """True if the node is alive, not far behind, and right in time."""
        return self.is_alive and self.lag <= LATE and not self.is_clock_off

    @property
    def is_clock_off(self) -> bool:
        """True if the clock of the node differs too much from the database's."""
        return abs(self.ahead) > CLOCK_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """A cluster: its `leader`, or None, the last `epoch`, and the newest `generation`."""

    leader: str | None
    epoch: int
    generation: int
    nodes: tuple[NodeStatus, ...]

    @property
    def is_well(self) -> bool:
        """True if a node leads, and all are alive, near the newest edition and rightly set."""
        return self.leader is not None and all(
            one.is_well and not self.is_elsewhere(one) for one in self.nodes
        )

    @property
    def store(self) -> str:
        """The address of the leader's bucket, or an empty text where none is known."""
        return next((one.store for one in self.nodes if one.name == self.leader), "")

    def is_elsewhere(self, node: NodeStatus) -> bool:
        """Return whether a node has another bucket than the leader: it never gets its editions."""
        return bool(node.store and self.store) and node.store != self.store

    def as_json(self) -> dict[str, object]:
        """Return the object that `cluster --json` prints."""
        return {
            "leader": self.leader,
            "epoch": self.epoch,
            "generation": self.generation,
            "nodes": [
                {
                    "name": one.name,
                    "generation": one.generation,
                    "lag": round(one.lag, 1),
                    "seen": round(one.unseen, 1),
                    "clock": round(one.ahead, 1),
                    "store": one.store or None,
                }
                for one in self.nodes
            ],
        }


def read(url: str) -> ClusterStatus:
    """Return the state of the cluster whose ledger is at `url`. Raises `LedgerError`."""
    with leadership.present(url) as connection:
        leadership.create(connection)
        return _read(connection)


def wait_for_nodes(url: str, limit: float) -> None:
    """Wait until all nodes serve what has been committed, for `limit` seconds at most.

    One that is silent, or has been behind for longer than that, is not waited for. Raises
    `LedgerError`.
    """
    newest, left = 0, limit
    while True:
        with leadership.present(url) as connection:
            found = _read(connection)
        newest = newest or found.generation
        late = (one for one in found.nodes if one.is_alive and one.generation < newest)
        if left <= 0 or not any(one.lag <= limit for one in late):
            return
        left -= _ASKS_EVERY
        sleep(_ASKS_EVERY)


def step_down(url: str) -> str:
    """End the lease of the node that leads, and return its name. Raises `LeadershipError`.

    It leads no more from its next turn on; the first other node to notice begins an epoch.
    """
    with leadership.present(url) as connection:
        leadership.create(connection)
        leader = _read(connection).leader
        state = leadership.current(connection)
        if leader is None or not leadership.release(connection, state.epoch, leader):
            raise LeadershipError("Nobody leads the cluster.")
        connection.commit()
        return leader


def generation_of(connection: sa.Connection) -> int:
    """Return the generation that was committed last."""
    return PublicationState(Session(connection)).generation


def _read(connection: sa.Connection) -> ClusterStatus:
    state = leadership.current(connection)
    rows = connection.execute(_NODES).all()
    return ClusterStatus(
        leader=state.holder if state.is_held else None,
        epoch=state.epoch,
        generation=generation_of(connection),
        nodes=tuple(_node(row, state.moment) for row in rows),
    )


def _node(row: sa.Row[tuple[object, ...]], moment: int) -> NodeStatus:
    unseen = abs(moment - row.seen) / 1000  # a later moment is of a clock that was set back
    lag = 0.0 if row.behind is None else max(0, moment - row.behind) / 1000
    return NodeStatus(
        name=row.name,
        generation=row.generation,
        lag=lag if unseen <= _ALIVE else max(lag, unseen),
        unseen=unseen,
        ahead=row.ahead / 1000,
        store=row.url or "",
    )
