"""Which documents are no longer what the ledger says, what are they now, and since when?

A document is rendered only when what it is made of changed, and written only when its bytes
did. The moment of its change rises strictly and is never ahead: a second change within one
second waits for the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from dateline import __version__, manifest
from dateline.address import fingerprint
from dateline.codings import coded
from dateline.config import Config
from dateline.edition import edition
from dateline.guesses import guesses
from dateline.ledger import Ledger
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.manifest import Change, FormerListing, Head, Listing
from dateline.model import Document, Edition, Entry, Feed, Role
from dateline.render import render
from dateline.render.pages import Pages
from dateline.store import Placed, Store

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
    they were, and written at `resume`. `news` are the subscription documents that have other
    bytes, by path, and since when: what hubs are told (WebSub, section 6).
    """

    placed: tuple[Placed, ...]
    records: tuple[DocumentRecord, ...]
    waiting: tuple[DocumentRecord, ...]
    resume: datetime | None
    news: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is no longer as it was: `entries` that are new or changed, and their `media`.

    `ids` are of these and of those that were withdrawn or came back, `feeds` the names of the
    feeds that they are in or left, `archives` those and the numbers of archives.
    """

    entries: Sequence[Entry]
    media: Sequence[Document]
    ids: Sequence[str]
    feeds: frozenset[str] = frozenset()
    archives: frozenset[tuple[str, int]] = frozenset()


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

    def run(self, changes: Changes) -> Plan:
        """Publish what changed, and all that it touches; remove what is promised no more.

        The ledger is committed before the first document is seen to change. Raises
        `StoreError`; then the next run finishes.
        """
        anew = self.starts_anew
        media = changes.media
        if self._is_other_folder():
            self._ledger.documents.mark_unfinished()
        self._ledger.documents.mark_live(self._media_in_place())
        once = {document.path: document for document in media}  # two entries may show one picture
        pictures = self._plan([Proof(document, "") for document in once.values()])
        self._store.put(pictures.placed)
        plan = self._plan(list(self._proofs(changes, anew=anew)))
        records = (*pictures.records, *plan.records)
        self._ledger.documents.set([*records, *plan.waiting])
        self._ledger.outbox.add(self._config.publication.hubs, plan.news)
        self._ledger.former.forget([record.path for record in records])
        self._ledger.set_fact("fingerprint", self._setup)
        gone = self._ledger.former.pending()
        is_another_moment = self._is_another_moment()
        if anew or records or gone or changes.ids or is_another_moment:
            self._go_live(plan.placed, changes, records, gone, anew=anew)
            self._store.remove(gone)
            self._ledger.former.settle(gone)
        self._ledger.commit()
        return plan

    def _media_in_place(self) -> list[str]:
        """Give the media that a run which was killed brought to disk: they may not come again."""
        paths = [path for path in self._ledger.documents.unfinished() if _is_media(path)]
        known = self._ledger.documents.find(paths)
        return [path for path in paths if self._store.has(path, known[path].changed)]

    def _is_other_folder(self) -> bool:
        head = manifest.read_head(self._config.feeds_folder)
        return self._ledger.fact("generation") != str(head.generation if head else 0)

    def _go_live(
        self,
        placed: Sequence[Placed],
        changes: Changes,
        records: Sequence[DocumentRecord],
        gone: Sequence[str],
        *,
        anew: bool,
    ) -> None:
        generation = int(self._ledger.fact("generation") or 0) + 1
        self._ledger.set_fact("generation", str(generation))
        self._ledger.set_fact("moment", str(seconds(self._now)))
        self._ledger.commit()
        self._store.put(placed)
        self._write_manifest(generation, changes, records, gone, anew=anew)
        self._ledger.documents.mark_live([record.path for record in records])

    def _write_manifest(
        self,
        generation: int,
        changes: Changes,
        records: Sequence[DocumentRecord],
        gone: Sequence[str],
        *,
        anew: bool,
    ) -> None:
        folder = self._config.feeds_folder
        head = None if anew else manifest.read_head(folder)
        changed = self._ledger.documents.all() if head is None else records
        listings = [self._listing(record) for record in changed]
        held = {one.path: one for one in listings if one.role == Role.SUBSCRIPTION}
        before = {p: one for p, one in head.documents.items() if p not in gone} if head else {}
        ids = changes.ids if head else None
        manifest.write(
            folder,
            Head(
                generation=generation,
                founded=int(self._ledger.fact("founded")),
                documents=before | held,
                former_hosts=self._config.former_hosts,
                embargo=self._embargo(),
            ),
            Change(
                documents=listings,
                gone=gone,
                entries=self._ledger.entry_listings(ids),
                members=self._ledger.members.listings(ids, sorted(changes.archives)),
                former=self._former(gone if head else None),
            ),
            anew=head is None,
        )

    def _former(self, gone: Sequence[str] | None) -> Iterator[FormerListing]:
        """Give the addresses that are `gone` now, or all, with what the configuration says."""
        yield from self._ledger.former.listings(gone)
        if gone is None:
            led = {**guesses(self._config.feeds[0]), **self._config.former}
            for path, target in led.items():
                yield FormerListing(digest=fingerprint(path), target=target)

    def _listing(self, record: DocumentRecord) -> Listing:
        return Listing(
            path=record.path,
            media_type=record.media_type,
            role=record.role,
            changed=record.changed,
            size=record.size,
            digest=record.digest,
            links=record.links,
            max_age=_MEDIA_AGE if _is_media(record.path) else self._config.publication.max_age,
            expires=record.expires,
            codings=record.codings,
        )

    # ---- What is out of date

    def _proofs(self, changes: Changes, *, anew: bool) -> Iterator[Proof]:
        """Render whatever is no longer what it was made of."""
        unfinished = self._ledger.documents.unfinished()
        pages = Pages(self._config.publication, self._config.feeds)
        if anew or unfinished:
            for document in pages.fixed():
                yield Proof(document, _digest(self._setup))
        doubtful = {*unfinished, *self._ledger.documents.expired(self._now)}
        slugs = [path.removesuffix(".html") for path in unfinished]
        again = self._ledger.pages(None if anew else slugs)
        for entry in {e.id: e for e in (*again, *changes.entries)}.values():
            yield Proof(pages.entry(entry), "")
        make = partial(edition, ledger=self._ledger, now=self._now, founded=self._founded())
        for feed in self._config.feeds:
            if (
                anew
                or feed.name in changes.feeds
                or doubtful
                & {
                    pages.feed_document(feed),
                    *feed.paths,
                }
            ):
                yield from self._edition_proofs(make(feed), pages)
            numbers = _archives(feed, changes.archives, doubtful)
            if anew:
                numbers = {*range(1, self._ledger.members.last_archive(feed) + 1)}
            for number in sorted(numbers):
                yield from self._edition_proofs(make(feed, archive=number), pages)

    def _is_another_moment(self) -> bool:
        """Say whether the next embargo is another: no document is fresh beyond it."""
        embargo = self._embargo()
        told = str(embargo) if embargo else ""
        is_other = self._ledger.fact("embargo") != told
        self._ledger.set_fact("embargo", told)
        return is_other

    def _embargo(self) -> int | None:
        embargo = self._ledger.files.next_embargo(self._now)
        return seconds(embargo) if embargo else None

    def _edition_proofs(self, shown: Edition, pages: Pages) -> Iterator[Proof]:
        source = _digest(f"{self._setup} {shown}")
        page = [] if shown.archive else [pages.feed_document(shown.feed)]
        names = [*shown.paths, *page]
        known = self._ledger.documents.find(names)
        if all(
            name in known and known[name].source == source and known[name].live for name in names
        ):
            return
        feeds = render(self._config.publication, shown, page=pages.feed_path(shown.feed))
        yield from (Proof(document, source) for document in feeds)
        if not shown.archive:
            yield Proof(pages.feed(shown), source)

    def _founded(self) -> datetime:
        return datetime.fromtimestamp(int(self._ledger.fact("founded")), UTC)

    # ---- When it changes

    def _plan(self, proofs: Sequence[Proof]) -> Plan:
        """Compare bytes with those that are live, and deal the moments of change."""
        known = self._ledger.documents.find([proof.document.path for proof in proofs])
        now = seconds(self._now)
        placed, records, waiting, news = [], [], [], {}
        for proof in proofs:
            record = _record(proof, now)
            before = known.get(record.path)
            if before and before.digest == record.digest:
                record = replace(
                    record, changed=before.changed, live=before.live, codings=before.codings
                )
                if record == before and before.live:
                    continue
            elif before and before.changed == now:
                waiting.append(replace(before, live=False))
                continue
            elif before and before.changed > now:
                # The clock was put back: what is true goes out, and its moment still rises.
                record = replace(record, changed=before.changed + 1)
            if record.role == Role.SUBSCRIPTION and not (before and before.digest == record.digest):
                news[record.path] = record.changed
            if not record.live:
                forms = coded(proof.document)
                sizes = " ".join(f"{coding}={len(form)}" for coding, form in forms.items())
                record = replace(record, codings=sizes)
                placed.append(Placed(proof.document, record.changed, forms))
            records.append(record)
        resume = max((record.changed + 1 for record in waiting), default=None)
        return Plan(
            placed=tuple(placed),
            records=tuple(records),
            waiting=tuple(waiting),
            resume=None if resume is None else datetime.fromtimestamp(resume, UTC),
            news=news,
        )


def _is_media(path: str) -> bool:
    return path.startswith("media/")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _archives(feed: Feed, touched: Iterable[tuple[str, int]], paths: Iterable[str]) -> set[int]:
    """Give the numbers of a feed's archives among those `touched` and those at `paths`."""
    start = f"archive/{feed.name}/"
    named = (path.removeprefix(start).partition(".")[0] for path in paths if path.startswith(start))
    return {number for name, number in touched if name == feed.name} | {int(n) for n in named}


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
