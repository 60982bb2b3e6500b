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
from pathlib import Path

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import HEAD, PREVIOUS, Head
from dateline.errors import LedgerError
from dateline.ledger import Ledger
from dateline.ledger.rows import seconds
from dateline.messages import program
from dateline.publish.recovery.foreign_files import refuse_foreign_files
from dateline.system.writing import replace_file
from dateline.text.urls import PAGES_OF_ENTRIES

_OWN = ".writer"  # the file in `state/` that is known to the database
_SIZE = 16  # bytes
_COMPARED = 1000  # entries of the manifest that are looked up in a ledger
# What keeps a machine from writing that has no [cluster] in its config.toml.
_CLUSTER = {"machine": "A cluster", "folder": "the node that leads", "token": ""}


def refuse_others(config: Config, ledger: Ledger) -> None:
    """Note that this machine writes to a database.

    Raises `LedgerError`, before anything is written, if another does or the database takes no
    changes, and as `refuse_strangers`.
    """
    refuse_strangers(config, ledger)
    if not config.ledger:
        return
    ledger.refuse_read_only()
    if config.cluster is not None:
        if ledger.state.writer != _CLUSTER:
            ledger.state.writer = _CLUSTER
        return
    own, writer = _own(config), ledger.state.writer
    if writer and _is_same(own, writer):
        return
    if writer:
        raise LedgerError(
            f"{writer['machine']} writes to the ledger, with {writer['folder']}. Two that publish "
            "would overwrite each other. To publish from here from now on, stop it there, and "
            f"type {program.name()} ledger claim here."
        )
    ledger.state.writer = own


def refuse_strangers(config: Config, ledger: Ledger) -> None:
    """Refuse the ledger or the documents of another publication, and the files of others.

    Raises `LedgerError` and `StoreError`.
    """
    refuse_other_publication(config, ledger)
    _refuse_other_documents(config, ledger)
    refuse_foreign_files(config, ledger)


def is_foreign(config: Config, ledger: Ledger) -> bool:
    """Return whether a ledger has entries of another publication than the configured one.

    A publication whose own address and tag have both changed is known by the entries that are in
    its ledger and in `feeds/`. A file without entries has nothing of another.
    """
    if not _is_of_other(config, ledger):
        return False
    if ledger.entries.is_empty:
        return bool(config.ledger)
    return not _has_entries_of(config.feeds_folder, ledger)


def refuse_other_publication(config: Config, ledger: Ledger) -> None:
    """Raise `LedgerError` if a ledger is that of another publication."""
    if not is_foreign(config, ledger):
        return
    state, feeds, name = config.state.name, config.feeds_folder.name, program.name()
    place = f"{state}/"
    if config.ledger:
        place = "the database"
        otherwise = "name a database of its own under [ledger] in config.toml"
    elif any(True for _ in manifest.entries(config.feeds_folder)):
        otherwise = f"move {state}/ away and type {name} build, which fills a new one from {feeds}/"
    else:
        otherwise = f"bring back {feeds}/ as well, from which a new one can be filled"
    raise LedgerError(
        f"The ledger in {place} is that of another publication, {ledger.state.url} with the "
        f"tag {ledger.state.tag}: bring back the one of {config.publication.url}, or {otherwise}. "
        f"{both_changed()}"
    )


def _refuse_other_documents(config: Config, ledger: Ledger) -> None:
    """Raise `LedgerError` if the documents in `feeds/` are those of another publication.

    A publication whose address and tag have both changed is known by its ledger.
    """
    folder, publication = config.feeds_folder, config.publication
    head = _named_head(folder)
    is_other = head and head.url != publication.url and head.tag != publication.tag
    if head is None or not is_other or _place(head.url) in config.former_hosts:
        return
    if any(True for _ in manifest.entries(folder)):
        is_own = _has_entries_of(folder, ledger)
    else:
        is_own = ledger.state.is_founded and seconds(ledger.state.founded) == head.founded
    if not is_own:
        raise LedgerError(
            f"The manifest in {folder.name}/ is that of another publication, {head.url} with the "
            f"tag {head.tag}: bring back the one of {publication.url}, or name a folder of its own "
            f"as feeds under [paths] in config.toml. {both_changed()}"
        )


def _named_head(folder: Path) -> Head | None:
    """Return the first intact head that names its publication."""
    for name in (HEAD, PREVIOUS):
        head = manifest.open_head(folder, name)
        if isinstance(head, Head) and head.url:
            return head
        if isinstance(head, Head):  # of before: the table is not newer
            return None
    head = manifest.head_in_table(folder)
    return head if isinstance(head, Head) and head.url else None


def _place(url: str) -> str:
    """Return the host and path of a former address, as in `config.former_hosts`."""
    return url.partition("://")[2].removesuffix("/")


def _has_entries_of(folder: Path, ledger: Ledger) -> bool:
    """Return whether a ledger has one of the entries in the manifest of `folder`."""
    ids = [one.id for one in islice(manifest.entries(folder), _COMPARED)]
    return any(True for _ in ledger.entries.listings(ids))


def refuse_lost(config: Config, ledger: Ledger) -> None:
    """Raise `LedgerError` if a ledger knows nothing of what was published, or is another's."""
    refuse_other_publication(config, ledger)
    if not ledger.state.is_founded and is_published(config):
        raise LedgerError(
            f"The ledger is empty, although {config.feeds_folder.name}/ has published documents: "
            f"it was lost. Type {program.name()} build, which recovers it, then the same again."
        )


def is_published(config: Config) -> bool:
    """Return whether there are documents of entries or feeds."""
    folder = config.feeds_folder
    feeds = (folder / path for one in config.feeds for path in one.paths)
    return any(path.exists() for path in feeds) or any(folder.glob(PAGES_OF_ENTRIES))


def both_changed() -> str:
    """Return what an owner types who has changed the address and the tag at once."""
    return (
        "If url and tag in config.toml have both changed, put the old tag back, type "
        f"{program.name()} build, and change the tag after that."
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
    refuse_other_publication(config, ledger)
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


def _is_of_other(config: Config, ledger: Ledger) -> bool:
    """Return whether the address and the tag of a ledger both differ from the configured ones."""
    state, publication = ledger.state, config.publication
    is_known = bool(state.is_founded and state.url and state.tag)
    return is_known and state.url != publication.url and state.tag != publication.tag
