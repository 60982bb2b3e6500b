"""A node's membership of its cluster: signs of life, and the attempt to lead.

One thread of the supervisor takes a turn about four times in the length of a lease. It renews the
lease of the epoch that it holds, or claims one that has expired, and notes what the node serves.
A leader whose turns are not confirmed for three quarters of a lease, by the node's own monotonic
clock, leads no longer: nobody else can begin an epoch before the whole of it has passed.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep, time

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from dateline.config import ClusterSettings
from dateline.errors import LeadershipError, LedgerAwayError, LedgerError
from dateline.ledger.cluster import leadership
from dateline.ledger.cluster.ability import Ability
from dateline.ledger.cluster.leadership import Leadership, node
from dateline.ledger.cluster.status import generation_of
from dateline.ledger.engine import sentence
from dateline.ledger.migrations import refuse_newer
from dateline.ledger.session import Session

_CONFIRMED_WITHIN = 0.75  # of a lease
# Of a lease: a store that nobody reaches has kept this node waiting, and the others have noticed.
_UNABLE_FOR = 0.125
_SOON = 0.05  # seconds after the end of another's lease
_HEAD_START = 0.125  # of a lease: of nodes that come first where nobody leads
_ASKS_EVERY = 0.1  # seconds, for the generation that this node serves
_LOOKS_EVERY = 0.25  # seconds, whether another node has left the lead
_SILENT = 10.0  # seconds after which a database that does not answer a turn is away
_AFTER_FAULT = 1.0  # seconds until the next turn after one that failed for no known reason
_MISSED = 2.5  # turns: a node that misses so many is dead
_FORGOTTEN = 86_400_000  # milliseconds without a sign of life
_RAISE = "If the database is slow or far away, raise lease under [cluster]."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    epoch: int
    until: float  # by the monotonic clock


class ClusterMember:
    """One node: `serves` returns the generation that it serves, 0 if it lacks documents of it.

    `store` is the address of its bucket, or empty. `clock` never goes back.
    """

    def __init__(
        self,
        url: str,
        settings: ClusterSettings,
        serves: Callable[[], int],
        clock: Callable[[], float] = monotonic,
        store: str = "",
    ) -> None:
        self.settings = settings
        self.store = store
        self._noted_store: str | None = None
        self.ahead = 0.0  # seconds by which this machine's clock is ahead of the database's
        self._away = ""  # the reason, while the database does not answer
        self._ability = Ability(clock)
        self._url = url
        self._serves = serves
        self._clock = clock
        self._run = uuid.uuid4().hex
        self._has_joined = False
        self._namesake: int | None = None  # the last sign of life of a node of this name
        self._held: _Held | None = None
        self._noted = (0, True)  # what was served at the last turn, and whether it was able
        self._seen = 0  # the last epoch that it knows of
        self._behind_since: float | None = None
        self._last: int | None = None  # the epoch of the last turn that the database confirmed
        self._ended = clock()  # the last turn, in whichever way
        self._yields = False  # it is to leave the lead, once, to a node that could publish
        self._second_until = 0.0  # other nodes come first where nobody leads
        self._rests_until = 0.0  # it has led, and leaves that to others
        self._free_since: float | None = None  # the first turn at which nobody led
        self._session: Session | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    @property
    def epoch(self) -> int | None:
        """The epoch that this node holds; None while it does not lead."""
        held = self._held
        return held.epoch if held and self._clock() < held.until else None

    @property
    def away(self) -> str:
        """The reason why the database cannot be reached, or an empty text.

        A pooler may keep a node waiting for minutes, without an answer.
        """
        is_silent = self._clock() - self._ended > _SILENT
        return self._away or ("It does not answer." if is_silent else "")

    def note_ability(self, *, is_able: bool) -> None:
        """Note whether this node could publish: it reaches the store, and its disk has room.

        It leaves the lead to a node that could, and keeps the lead where there is none.
        """
        self._ability.note(is_able=is_able, leads=self._held is not None)

    def let_others_try(self, seconds: float) -> None:
        """Leave the lead once, if another node could publish: publishing has failed here.

        For so many seconds it claims the lead only if nobody else does at once.
        """
        self._yields, self._second_until = True, self._clock() + seconds

    def may_send(self) -> bool:
        """Return whether alarms are this node's to send: its epoch is in force.

        While the database does not answer, they are those of the node that led last.
        """
        if (last := self._last) is None:
            return False
        try:
            with leadership.present(self._url) as connection:
                return leadership.current(connection).is_of(last, self.settings.name)
        except LedgerError:
            return True

    def figures(self) -> dict[str, float]:
        """Return the figures of this node for its metrics."""
        since = self._behind_since
        return {
            "leads": int(self.epoch is not None),
            "epoch": self._seen,
            "generation": self._serves(),
            "lag_seconds": 0 if since is None else round(self._clock() - since, 1),
            "clock_ahead_seconds": round(self.ahead, 1),
        }

    def start(self) -> None:
        """Join, and go on in a thread.

        Raises `LedgerError` if another node of this name is alive, or the database cannot be used.
        If it does not answer, the thread joins once it does: readers are served meanwhile.
        """
        try:
            pause = self._attempt()
            while not self._has_joined:
                sleep(pause)
                pause = self._attempt()
        except (LedgerAwayError, SQLAlchemyError) as error:
            _log.warning("This node has not joined its cluster yet: %s", sentence(error))
        finally:
            self._close()  # the thread has a connection of its own
        self._ended = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """Step down at once, and leave; without the database, nobody waits for it."""
        self._stop.set()
        self._thread.join(self.settings.pause)
        if self._thread.is_alive():
            return  # the database does not answer: the lease expires by itself
        held, self._held = self._held, None
        try:
            connection = self._connection()
            if held:
                leadership.release(connection, held.epoch, self.settings.name)
            connection.execute(sa.delete(node).where(*self._own()))
            connection.commit()
        except (SQLAlchemyError, LedgerError):
            _log.debug("The lease is left to expire.", exc_info=True)
        self._close()

    def turn(self) -> float:
        """Renew or claim the lease, and note a sign of life; return seconds until the next turn.

        What the database did not confirm does not count.
        """
        self._noted = self._standing()
        try:
            pause = self._attempt()
        except (SQLAlchemyError, LedgerError) as error:
            self._close()
            if not self._away:
                _log.warning("This node cannot take part in its cluster: %s", sentence(error))
            self._away = sentence(error)
            pause = min(self.settings.pause, 1.0)
        else:
            self._away = ""
        self._ended = self._clock()
        return pause

    def _go_on(self) -> None:
        pause = self.settings.pause
        while not self._stop.is_set():
            try:
                if not self._rests(pause):
                    pause = self.turn()
            except Exception:  # noqa: BLE001 - a fault of ours must not end taking part
                _log.exception("This turn failed, for a reason that Dateline does not know.")
                self._close()
                self._stop.wait(_AFTER_FAULT)
        self._close()

    def _rests(self, pause: float) -> bool:
        """Wait for the next turn, or for news of this node; return whether it is over."""
        until, look = self._clock() + pause, self._clock() + _LOOKS_EVERY
        while not self._stop.wait(min(_ASKS_EVERY, max(0.0, until - self._clock()))):
            now = self._clock()
            if now >= until or self._standing() != self._noted:
                break
            if now >= look and self._has_become_free():
                break
            look = look if now < look else now + _LOOKS_EVERY
        return self._stop.is_set()

    def _has_become_free(self) -> bool:
        """Return whether the node that led at the last turn has left the lead, or nobody knows."""
        was_led = self._has_joined and not self._away and self._free_since is None
        if not (was_led and self._held is None and self.settings.lead):
            return False
        try:
            connection = self._connection()
            is_held = leadership.current(connection).is_held
            connection.rollback()
        except (SQLAlchemyError, LedgerError):
            self._close()  # reconnected by itself, it would not see the present (`open_present`)
            return True
        return not is_held

    def _standing(self) -> tuple[int, bool]:
        """Return what others shall know at once: the generation, and whether it could publish."""
        return self._serves(), self._ability.lacking_since is None and not self._yields

    # ---- One turn

    def _attempt(self) -> float:
        """Take a turn; return seconds until the next. Raises `LedgerError`, `SQLAlchemyError`."""
        asked = self._clock()
        connection = self._connection()
        refuse_newer(connection)  # a node of that release has joined, and is to lead
        before = time()
        state = leadership.current(connection)
        self.ahead = (before + time()) / 2 - state.moment / 1000
        if not self._has_joined and not self._join(connection, state.moment):
            connection.rollback()
            return self.settings.pause
        epoch, asked = self._led(connection, state, asked)
        self._seen, store = max(state.epoch, epoch or 0), self.store
        self._note(connection, state)
        connection.commit()
        self._has_joined, self._last, self._noted_store = True, epoch, store
        if epoch is None:
            self._held = None
            head_start = self.settings.lease * _HEAD_START
            return min(self.settings.pause, state.left + _SOON if state.is_held else head_start)
        length, pause = self.settings.lease, self.settings.pause
        self._held = _Held(epoch=epoch, until=asked + length * _CONFIRMED_WITHIN)
        if self._ability.lacking_since is not None:
            pause = min(pause, length * _UNABLE_FOR)
        return max(0.0, asked + pause - self._clock())  # the database may be far away

    def _led(
        self, connection: sa.Connection, state: Leadership, asked: float
    ) -> tuple[int | None, float]:
        """Return the epoch that this node leads with after the commit, and since when."""
        name, length = self.settings.name, self.settings.lease
        yields, self._yields = self._yields, False
        may_lead = self.settings.lead and not self._leaves_lead(
            connection, state, asked, yields=yields
        )
        self._free_since = None if state.is_held else self._free_since or asked
        if self._held and self.epoch is None:
            _log.warning("This node leads no longer: its lease was not renewed in time. %s", _RAISE)
        if (epoch := self.epoch) is not None:
            if may_lead and leadership.renew(connection, epoch, name, length):
                return epoch, asked
            leadership.release(connection, epoch, name)
            self._ability.end_term()
            self._held = None
            self._rests_until = asked + length
            _log.warning("This node leads no longer: its epoch %d is over.", epoch)
        elif may_lead and self._may_claim(asked):
            epoch = leadership.claim(connection, name, length)
            if epoch is not None:  # a commit may have kept it waiting
                asked = self._clock()
                leadership.renew(connection, epoch, name, length)
                self._ability.begin_term()
                _log.info("This node leads, with epoch %d.", epoch)
                return epoch, asked
        return None, asked

    def _may_claim(self, asked: float) -> bool:
        """Return whether nobody leads, and nodes that come first have had the time to."""
        since = self._free_since
        if since is None or asked < self._rests_until:
            return False
        head_start = self.settings.lease * _HEAD_START
        return asked >= self._second_until or asked - since >= head_start

    def _leaves_lead(
        self, connection: sa.Connection, state: Leadership, asked: float, *, yields: bool
    ) -> bool:
        """Return whether another node is to lead, since this one could not publish at once.

        One that has no edition yet, or not all documents of one, would have to fetch them first.
        Where nobody leads, one with a later edition than the ledger, a backup's, comes first.
        """
        since = self._ability.lacking_since
        is_empty = (self._noted[0] if self._held else self._serves()) == 0
        is_unable = since is not None and not (
            self._held and asked - since < self.settings.lease * _UNABLE_FOR
        )
        is_free = self._held is None and not state.is_held
        if is_empty or is_unable or (self._held and yields):
            than = 0 if is_empty and not (is_unable or yields) else -1
        elif is_free and asked - (self._free_since or asked) < self.settings.lease:
            than = max(self._serves(), generation_of(connection))
        else:
            return False
        return leadership.could_another(connection, self.settings.name, state, self._silence, than)

    def _note(self, connection: sa.Connection, state: Leadership) -> None:
        """Note a sign of life. Raises `LeadershipError` if another node has taken the name."""
        serves = self._serves()
        is_newest = serves >= generation_of(connection)
        self._behind_since = None if is_newest else (self._behind_since or self._clock())
        since = None if is_newest else sa.func.coalesce(node.c.behind, state.moment)
        values = {
            "seen": state.moment,
            "generation": serves,
            "behind": since,
            "ahead": round(self.ahead * 1000),
            "able": self.settings.lead and self._ability.lacking_since is None,
        }
        updated = connection.execute(sa.update(node).where(*self._own()).values(**values))
        if not updated.rowcount:
            first = values | {"behind": None if is_newest else state.moment}
            row = {"name": self.settings.name, "run": self._run, **first}
            try:
                connection.execute(sa.insert(node), row)
            except IntegrityError as error:
                self._has_joined = False  # a restored database may have a former process of it
                raise self._taken() from error
        if not updated.rowcount or self.store != self._noted_store:
            leadership.note_store(connection, self.settings.name, self.store)

    # ---- Beginning and end

    def _join(self, connection: sa.Connection, moment: int) -> bool:
        """Forget the nodes that are long gone, and a dead one of this name; return whether it is.

        Raises `LeadershipError` if that one is alive.
        """
        named = node.c.name == self.settings.name
        seen = connection.scalar(sa.select(node.c.seen).where(named))
        before, self._namesake = self._namesake, seen
        if seen is not None and before not in {None, seen}:
            raise self._taken()
        if seen is not None and abs(moment - seen) < self._silence:
            return False
        connection.execute(sa.delete(node).where(sa.or_(named, node.c.seen < moment - _FORGOTTEN)))
        return True

    @property
    def _silence(self) -> float:
        """The milliseconds after whose silence a node counts as dead."""
        return _MISSED * self.settings.pause * 1000

    def _taken(self) -> LeadershipError:
        name = self.settings.name
        return LeadershipError(
            f"Another node of the cluster is called {name}. Give each its own: name under "
            "[cluster] in config.toml."
        )

    def _own(self) -> tuple[sa.ColumnElement[bool], ...]:
        return node.c.name == self.settings.name, node.c.run == self._run

    def _connection(self) -> sa.Connection:
        """Return the connection that turns share, in which each statement sees the present."""
        if self._session is None:
            session = leadership.open_present(self._url)
            leadership.create(session.connection)
            self._session = session
        return self._session.connection

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.close()
            except SQLAlchemyError:
                _log.debug("A connection could not be closed.", exc_info=True)
