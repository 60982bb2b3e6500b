"""The rows of the manifest, from what the ledger records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import Damaged, DocumentListing, FormerListing, ManifestChange
from dateline.ledger import Ledger
from dateline.ledger.rows import DocumentRecord
from dateline.model import is_media
from dateline.publish.produce.redirects import guesses
from dateline.system import heartbeat
from dateline.text.urls import fingerprint

_MEDIA_AGE = 365 * 24 * 3600  # seconds; named by content: such a file never changes


@dataclass(frozen=True, slots=True)
class ManifestBeginning:
    """The entries and members in a manifest that is written as a whole."""

    @staticmethod
    def write(folder: Path, ledger: Ledger) -> None:
        """Write them to a new table, while documents are rendered. Raises `StoreError`."""
        with suppress(Damaged):  # the table is then written at the end
            manifest.begin(
                folder,
                ManifestChange(
                    documents=(),
                    entries=heartbeat.beating(ledger.entries.listings()),
                    members=heartbeat.beating(ledger.members.listings()),
                ),
            )


def list_documents(config: Config, ledger: Ledger) -> bool:
    """Add all documents to a manifest that was begun; return False if its table is damaged.

    Raises `StoreError`.
    """
    documents = map(partial(listing, config), heartbeat.beating(ledger.documents.all()))
    try:
        manifest.extend(config.feeds_folder, ManifestChange(documents=documents))
    except Damaged:  # as above
        return False
    return True


def listing(config: Config, record: DocumentRecord) -> DocumentListing:
    """Return the row of a document."""
    return DocumentListing(
        path=record.path,
        media_type=record.media_type,
        role=record.role,
        changed=record.changed,
        size=record.size,
        digest=record.digest,
        links=record.links,
        max_age=_MEDIA_AGE if is_media(record.path) else config.publication.max_age,
        expires=record.expires,
        codings=record.codings,
    )


def former(ledger: Ledger, config: Config, gone: Sequence[str] | None) -> Iterator[FormerListing]:
    """Yield the addresses that are `gone` now, or all, with the configured redirects."""
    yield from ledger.former.listings(gone)
    if gone is None:
        targets = {**guesses(config.feeds[0]), **config.former}
        for path, target in targets.items():
            yield FormerListing(digest=fingerprint(path), target=target)
