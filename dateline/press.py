"""Which documents are no longer what the ledger says, what are they now, and since when?

A document is rendered only when what it is made of changed, and written only when its bytes
did. The moment of its change rises strictly and is never ahead: a second change within one
second waits for the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dateline import __version__, manifest
from dateline.config import Config
from dateline.edition import edition
from dateline.ledger import Ledger
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.manifest import Head, Listing
from dateline.model import Document, Edition, Entry, Role
from dateline.render import render
from dateline.render.pages import Pages
from dateline.store import Placed, Store

_ALWAYS = frozenset({"index.html", "subscribe.html", "style.css"})
_MEDIA_AGE = 365 * 24 * 3600  # named by content: such a file never changes


@dataclass(frozen=True, slots=True)
class Proof:
    """A document, and the digest of all that it was made of."""

    document: Document
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written and remembered.

    `waiting` are the documents that changed twice within a second: they are remembered as
    they were, and written at `resume`.
    """

    placed: tuple[Placed, ...]
    records: tuple[DocumentRecord, ...]
    waiting: tuple[DocumentRecord, ...]
    resume: datetime | None


class Press:
    """Brings the documents of one publication up to date with its ledger."""

    def __init__(self, config: Config, ledger: Ledger, *, now: datetime) -> None:
        self._config = config
        self._ledger = ledger
        self._now = now
        self._store = Store(config.feeds_folder)
        self._setup = f"{config.fingerprint()} {__version__}"

    @property
    def starts_anew(self) -> bool:
        """Say whether all must be made again: another configuration, release, or folder."""
        return self._ledger.fact("fingerprint") != self._setup or self._is_other_folder()

    def run(self, entries: Sequence[Entry], media: Sequence[Document]) -> Plan:
        """Publish `entries`, new or changed, with their `media`, and all that they touch.

        The ledger is committed before the first document is seen to change. Raises
        `StoreError`; then the next run finishes.
        """
        anew = self.starts_anew
        if self._is_other_folder():
            self._ledger.documents.mark_unfinished()
        once = {document.path: document for document in media}  # two entries may show one picture
        pictures = self._plan([Proof(document, "") for document in once.values()])
        self._store.put(pictures.placed)
        plan = self._plan(list(self._proofs(entries, anew=anew)))
        records = (*pictures.records, *plan.records)
        stale = self._stale() if anew else []
        self._ledger.documents.set([*records, *plan.waiting])
        self._ledger.documents.forget(stale)
        self._ledger.set_fact("fingerprint", self._setup)
        if anew or records:
            self._go_live(plan.placed, entries, records, anew=anew)
            self._store.remove(stale)
        self._ledger.commit()
        return plan

    def _is_other_folder(self) -> bool:
        head = manifest.read_head(self._config.feeds_folder)
        return self._ledger.fact("generation") != str(head.generation if head else 0)

    def _go_live(
        self,
        placed: Sequence[Placed],
        entries: Sequence[Entry],
        records: Sequence[DocumentRecord],
        *,
        anew: bool,
    ) -> None:
        generation = int(self._ledger.fact("generation") or 0) + 1
        self._ledger.set_fact("generation", str(generation))
        self._ledger.commit()
        self._store.put(placed)
        self._write_manifest(generation, entries, records, anew=anew)
        self._ledger.documents.mark_live([record.path for record in records])

    def _write_manifest(
        self,
        generation: int,
        entries: Sequence[Entry],
        records: Sequence[DocumentRecord],
        *,
        anew: bool,
    ) -> None:
        folder = self._config.feeds_folder
        head = None if anew else manifest.read_head(folder)
        changed = self._ledger.documents.all() if head is None else records
        listings = [self._listing(record) for record in changed]
        held = {one.path: one for one in listings if one.role == Role.SUBSCRIPTION}
        manifest.write(
            folder,
            Head(
                generation=generation,
                founded=int(self._ledger.fact("founded")),
                documents={**head.documents, **held} if head else held,
            ),
            listings,
            self._ledger.entry_listings([e.id for e in entries] if head else None),
            anew=head is None,
        )

    def _listing(self, record: DocumentRecord) -> Listing:
        is_media = record.path.startswith("media/")
        return Listing(
            path=record.path,
            media_type=record.media_type,
            role=record.role,
            changed=record.changed,
            size=record.size,
            digest=record.digest,
            links=record.links,
            max_age=_MEDIA_AGE if is_media else self._config.publication.max_age,
            expires=record.expires,
        )

    # ---- What is out of date

    def _proofs(self, entries: Sequence[Entry], *, anew: bool) -> Iterator[Proof]:
        """Render whatever is no longer what it was made of."""
        unfinished = self._ledger.documents.unfinished()
        pages = Pages(self._config.publication, self._config.feeds)
        if anew or unfinished:
            for document in pages.fixed():
                yield Proof(document, self._setup)
        is_another_moment = self._is_another_moment()
        if not (anew or entries or unfinished or is_another_moment):
            return
        slugs = [path.removesuffix(".html") for path in unfinished]
        again = self._ledger.pages(None if anew else slugs)
        for entry in {e.id: e for e in (*again, *entries)}.values():
            yield Proof(pages.entry(entry), "")
        for feed in self._config.feeds:
            shown = edition(feed, self._ledger, now=self._now, founded=self._founded())
            yield from self._edition_proofs(shown, pages)

    def _is_another_moment(self) -> bool:
        """Say whether time has changed what feeds show, or an embargo when they will change."""
        embargo = self._ledger.next_embargo(self._now)
        told = str(seconds(embargo)) if embargo else ""
        is_other = self._ledger.fact("embargo") != told
        self._ledger.set_fact("embargo", told)
        return is_other or self._ledger.documents.has_expired(self._now)

    def _edition_proofs(self, shown: Edition, pages: Pages) -> Iterator[Proof]:
        source = hashlib.sha256(f"{self._setup} {shown}".encode()).hexdigest()
        names = [f"{shown.feed.name}.{form}" for form in shown.feed.formats]
        known = self._ledger.documents.find(names)
        if all(
            name in known and known[name].source == source and known[name].live for name in names
        ):
            return
        feeds = render(self._config.publication, shown, page=pages.feed_path(shown.feed))
        yield from (Proof(document, source) for document in (*feeds, pages.feed(shown)))

    def _founded(self) -> datetime:
        return datetime.fromtimestamp(int(self._ledger.fact("founded")), UTC)

    def _stale(self) -> list[str]:
        """Give the documents of feeds that the configuration no longer has."""
        promised = {
            f"{feed.name}.{ending}"
            for feed in self._config.feeds
            for ending in (*feed.formats, "html")
        }
        return [
            record.path
            for record in self._ledger.documents.all()
            if record.path not in promised and "/" not in record.path and record.path not in _ALWAYS
        ]

    # ---- When it changes

    def _plan(self, proofs: Sequence[Proof]) -> Plan:
        """Compare bytes with those that are live, and deal the moments of change."""
        known = self._ledger.documents.find([proof.document.path for proof in proofs])
        now = seconds(self._now)
        placed, records, waiting = [], [], []
        for proof in proofs:
            record = _record(proof, now)
            before = known.get(record.path)
            if before and before.digest == record.digest:
                record = replace(record, changed=before.changed, live=before.live)
                if record == before and before.live:
                    continue
            elif before and before.changed == now:
                waiting.append(replace(before, live=False))
                continue
            elif before and before.changed > now:
                # The clock was put back: what is true goes out, and its moment still rises.
                record = replace(record, changed=before.changed + 1)
            records.append(record)
            if not record.live:
                placed.append(Placed(proof.document, record.changed))
        resume = max((record.changed + 1 for record in waiting), default=None)
        return Plan(
            placed=tuple(placed),
            records=tuple(records),
            waiting=tuple(waiting),
            resume=None if resume is None else datetime.fromtimestamp(resume, UTC),
        )


def _record(proof: Proof, now: int) -> DocumentRecord:
    document = proof.document
    return DocumentRecord(
        path=document.path,
        role=document.role,
        media_type=document.media_type,
        size=len(document.data),
        digest=hashlib.sha256(document.data).hexdigest(),
        changed=now,
        source=proof.source,
        links=document.links,
        expires=seconds(document.expires) if document.expires else None,
        live=False,
    )
