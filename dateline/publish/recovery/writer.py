"""The publication, machine and folder that may write to a ledger.

A ledger of another publication is refused: its news would be published here. One lock keeps the
runs of a machine apart, and it is a file in `state/`. So a database names the only `state/` from
which it is written, until another claims it. A cluster has leaders instead.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from itertools import islice

from dateline.config import Config
from dateline.documents import manifest
from dateline.errors import LedgerError
from dateline.ledger import Ledger
from dateline.messages import program
from dateline.system.writing import replace_file

_OWN = ".writer"  # the file in `state/` that is known to the database
_SIZE = 16  # bytes
_COMPARED = 1000  # entries of the manifest that are looked up in a ledger
# What keeps a machine from writing that has no [cluster] in its config.toml.
_CLUSTER = {"machine": "A cluster", "folder": "the node that leads", "token": ""}


def refuse_others(config: Config, ledger: Ledger) -> None:
    """Note that this machine writes to a database.

    Raises `LedgerError`, before anything is written, if another does, if the ledger is that of
    another publication, or if the database takes no changes.
    """
    refuse_other_file(config, ledger)
    if not config.ledger:
        return
    ledger.refuse_read_only()
    if config.cluster is not None:
        _refuse_other_publication(config, ledger)
        if ledger.state.writer != _CLUSTER:
            ledger.state.writer = _CLUSTER
        return
    own, writer = _own(config), ledger.state.writer
    if writer and _is_same(own, writer):
        return
    _refuse_other_publication(config, ledger)
    if writer:
        raise LedgerError(
            f"{writer['machine']} writes to the ledger, with {writer['folder']}. Two that publish "
            "would overwrite each other. To publish from here from now on, stop it there, and "
            f"type {program.name()} ledger claim here."
        )
    ledger.state.writer = own


def is_foreign(config: Config, ledger: Ledger) -> bool:
    """Return whether a ledger has entries of another publication than the configured one.

    A publication whose own address and tag have both changed is known by the entries that are in
    its ledger and in `feeds/`.
    """
    if not _is_of_other(config, ledger) or ledger.entries.is_empty:
        return False
    ids = [one.id for one in islice(manifest.entries(config.feeds_folder), _COMPARED)]
    return not any(True for _ in ledger.entries.listings(ids))


def refuse_other_file(config: Config, ledger: Ledger) -> None:
    """Raise `LedgerError` if a ledger in SQLite is that of another publication."""
    if not config.ledger and is_foreign(config, ledger):
        name = program.name()
        raise LedgerError(
            f"The ledger in {config.state.name}/ is that of another publication, "
            f"{ledger.state.url} with the tag {ledger.state.tag}: bring back the one of "
            f"{config.publication.url}, or move {config.state.name}/ away and type {name} build, "
            f"which fills a new one from {config.feeds_folder.name}/. If url and tag in "
            f"config.toml have both changed, put the old tag back, type {name} build, and change "
            "the tag after that."
        )


def claim(config: Config, ledger: Ledger) -> Mapping[str, str]:
    """Make this machine the one that may write, and commit; return the one that was before.

    Raises `LedgerError` as `refuse_others` does for another publication.
    """
    if not config.ledger:
        raise LedgerError("The ledger is a file of this machine: nothing is to be claimed.")
    if config.cluster is not None:
        raise LedgerError("The nodes of a cluster take turns by themselves: nothing is claimed.")
    ledger.refuse_read_only()
    _refuse_other_publication(config, ledger)
    before = ledger.state.writer
    ledger.state.writer = _own(config)
    ledger.commit()
    return before


def _own(config: Config) -> Mapping[str, str]:
    path = config.state / _OWN
    try:
        if not path.exists():
            replace_file(path, secrets.token_hex(_SIZE).encode(), mode=0o600, is_synced=True)
        token = path.read_text("ascii")
    except OSError as error:
        raise LedgerError(f"{path} cannot be used: {error.strerror}.") from error
    return {"machine": socket.gethostname(), "folder": str(config.state), "token": token}


def _is_same(own: Mapping[str, str], writer: Mapping[str, str]) -> bool:
    """Return whether this is the folder that the database knows, or one made again in its place."""
    places = [(one["machine"], one["folder"]) for one in (own, writer)]
    return own["token"] == writer["token"] or places[0] == places[1]


def _refuse_other_publication(config: Config, ledger: Ledger) -> None:
    if _is_of_other(config, ledger):
        raise LedgerError(
            f"The database has the ledger of another publication, {ledger.state.url}. Name a "
            "database of its own under [ledger] in config.toml."
        )


def _is_of_other(config: Config, ledger: Ledger) -> bool:
    """Return whether the address and the tag of a ledger both differ from the configured ones."""
    state, publication = ledger.state, config.publication
    is_known = bool(state.is_founded and state.url and state.tag)
    return is_known and state.url != publication.url and state.tag != publication.tag
