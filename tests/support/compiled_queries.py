"""Compiled queries that all ledgers of a process share.

SQLAlchemy keeps them for each engine, so each new folder would compile about eighty again: a
quarter of the time that a small build takes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class CompiledQueries(dict[Any, Any]):
    """Compiled queries by the dialect's name and the statement, whichever engine compiled them."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the compiled query of a key of SQLAlchemy, which begins with the dialect."""
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


def share() -> None:
    """Share compiled queries from now on."""
    compiled = CompiledQueries()

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def use(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=compiled)
