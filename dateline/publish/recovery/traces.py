"""Traces of published entries that are left when the ledger and the documents are lost.

Without both, a publication that had readers looks like a new one, and every entry would get
another id. A small file in `state/`, known documents that are not of entries, and a process that
has published all show that there was something.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from dateline.config import Config
from dateline.errors import RecoveryError
from dateline.ledger import Ledger
from dateline.messages import program
from dateline.system.safe_files import is_certainly_gone
from dateline.system.writing import replace_file

_NAME = ".published"
_TEXT = b"Entries were published from here: without the ledger and feeds/, nothing begins again.\n"
_LAST_RUN = "last-run.json"
_DOCUMENTS = ("style.css", "feeds.opml", "sitemap.xml", "410.html", ".looked.json")
# The `state/` folders from which this process, which goes on, has published entries.
_known: set[Path] = set()


def leave(config: Config, ledger: Ledger, *, goes_on: bool) -> tuple[str, ...]:
    """Leave a trace in `state/` once entries are published; a process that `goes_on` keeps it.

    Return the remark on one that cannot be written: the next run does it.
    """
    path = config.state / _NAME
    is_there = not is_certainly_gone(path)
    if not is_there and ledger.entries.is_empty:
        return ()
    if goes_on:
        _known.add(config.state)
    try:
        if not is_there:
            replace_file(path, _TEXT, is_synced=True)
    except OSError as error:
        return (f"{path.parent.name}/{_NAME} cannot be written: {error.strerror}.",)
    return ()


def learn(config: Config) -> None:
    """Learn from the trace whether an earlier process has published: this one goes on."""
    if not is_certainly_gone(config.state / _NAME):
        _known.add(config.state)


def keep() -> None:
    """Leave the traces of this process again where they were deleted."""
    for folder in _known:
        if is_certainly_gone(folder / _NAME):
            with suppress(OSError):  # the folder comes first
                replace_file(folder / _NAME, _TEXT)


def found(config: Config) -> str:
    """Return the first trace of published entries in words, or an empty text."""
    state, feeds = config.state, config.feeds_folder
    if config.state in _known:
        return "this process has published"
    paths = [state / _NAME, state / _LAST_RUN, *(feeds / name for name in _DOCUMENTS)]
    path = next((one for one in paths if not is_certainly_gone(one)), None)
    return f"{path.parent.name}/{path.name} is there" if path else ""


def refuse_loss(config: Config, *, accepts_loss: bool) -> None:
    """Raise `RecoveryError` if there are traces of entries, unless staff `accepts_loss`.

    The caller has found no entry anywhere.
    """
    if accepts_loss or not (trace := found(config)):
        return
    state, feeds = config.state.name, config.feeds_folder.name
    stored = f" If the store is intact, {_how_to_bring_back()}." if config.store else ""
    raise RecoveryError(
        f"Nothing was published, because the ledger in {state}/ and the documents in {feeds}/ are "
        f"lost, and entries may have been published before ({trace}). Bring back {state}/ or "
        f"{feeds}/ from a backup.{stored} If there is none, or if all is to begin again, type "
        f"{program.name()} ledger recover --accept-loss: all entries are then new to readers."
    )


def _how_to_bring_back() -> str:
    from dateline.documents.editions.store_head import how_to_bring_back  # noqa: PLC0415

    return how_to_bring_back()
