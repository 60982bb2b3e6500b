"""The random secret with which the newsroom signs: made once, and kept in the ledger.

It outlives restarts, and all machines that share a ledger have the same. Where the ledger does
not know one yet, or cannot be read, it is this process's until a run has gone well.
"""

from __future__ import annotations

import secrets

from dateline.config import Config
from dateline.errors import LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.publish.recovery import ledger_path, ledger_url

_SIZE = 32


def known_secret(config: Config) -> bytes:
    """Return the secret that the ledger knows, or a new one. Makes no ledger, and mends none."""
    if config.newsroom.is_on and ledger_path(config).exists():
        try:
            with Ledger(ledger_url(config)) as ledger:
                return _known(ledger) or secrets.token_bytes(_SIZE)
        except LedgerError:
            pass
    return secrets.token_bytes(_SIZE)


def kept_secret(config: Config, own: bytes) -> bytes:
    """Return the secret that the ledger keeps from now on: its own, or this one.

    Raises `LedgerError`.
    """
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        known = _known(ledger)
        if not known:
            ledger.state.newsroom_secret = own
            ledger.commit()
        return known or own


def _known(ledger: Ledger) -> bytes:
    known = ledger.state.newsroom_secret
    return known if len(known) == _SIZE else b""
