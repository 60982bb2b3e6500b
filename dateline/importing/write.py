"""Entry files for the items of a source: choice, composition, check, name and bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote

from dateline.config import Config
from dateline.entries.media import media_type_of
from dateline.entries.normalise import normalise
from dateline.entries.parse import parse
from dateline.entries.pasted import html_to_markdown
from dateline.errors import EntryError, Problem, State
from dateline.importing.compose import Composed, compose, html_of
from dateline.importing.existing import ExistingEntries
from dateline.importing.fetch import is_web
from dateline.importing.items import BAD_ITEM, ImportedItem, ImportLoss, ImportSource, failure
from dateline.importing.media import MediaImporter, linked, pictured, write
from dateline.importing.sources.duplicate_ids import moment_of
from dateline.model import Media, Publication, Source
from dateline.text import toml
from dateline.text.expressions import regex
from dateline.text.toml import Value
from dateline.text.urls import joined, slugify

# What some add to the address of one picture, for its size.
_SIZE = regex(r"(?:(?<=\.jpg|\.png|\.gif)|(?<=\.jpeg|\.webp|\.avif))\?.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What was imported, or would be.

    `written` are the paths of new entry files; `held` maps those that would not be published as
    they are to the reasons. `known` counts the items that exist already, `unanswered` those that
    need an answer from staff, `empty` those with nothing to publish. `files` counts pictures and
    attachments, `languages` the new entries by language if it is not the publication's. `losses`
    lists what staff should check.
    """

    written: tuple[str, ...]
    held: Mapping[str, tuple[str, ...]]
    known: int
    unanswered: int
    empty: int
    files: int
    languages: Mapping[str, int]
    losses: tuple[ImportLoss, ...]


def import_items(
    source: ImportSource,
    config: Config,
    existing: ExistingEntries,
    importer: MediaImporter,
    *,
    folder: str,
    now: datetime,
    on_item: Callable[[], None],
) -> ImportOutcome:
    """Import each item that does not exist yet, oldest first; `on_item` is called after each.

    `folder` is below the entries folder and ends in a slash, or is empty.
    """
    work = _Import(config=config, existing=existing, importer=importer, folder=folder, now=now)
    work.name_hidden(source.hidden)
    for item in sorted(source.items, key=_order):
        work.add(item)
        on_item()
    return ImportOutcome(
        written=tuple(work.written),
        held=work.held,
        known=work.known,
        unanswered=work.unanswered,
        empty=work.empty,
        files=len(set(importer.imported.values())),
        languages=work.languages,
        losses=tuple(work.losses),
    )


class _Import:
    """State of one import."""

    def __init__(
        self,
        *,
        config: Config,
        existing: ExistingEntries,
        importer: MediaImporter,
        folder: str,
        now: datetime,
    ) -> None:
        self._config = config
        self._existing = existing
        self._importer = importer
        self._folder = folder
        self._now = now
        self.written: list[str] = []
        self.held: dict[str, tuple[str, ...]] = {}
        self.losses: list[ImportLoss] = []
        self._texts: set[str] = set()
        self.languages: Counter[str] = Counter()
        self.known = self.unanswered = self.empty = 0

    def add(self, item: ImportedItem) -> None:
        """Import one item; if its content makes that impossible, record why."""
        try:
            self._import(item)
        except BAD_ITEM as error:
            self._add_question(item, failure(error))

    def name_hidden(self, ids: Collection[str]) -> None:
        """Name the files of items that the source does not show: staff may withdraw them here."""
        for path in (self._existing.ids[id_] for id_ in ids if id_ in self._existing.ids):
            text = "is not public in the source: to withdraw it here, too, delete the file"
            self.losses.append(ImportLoss(origin=path, text=text))

    def _import(self, item: ImportedItem) -> None:
        """Import one item; the entry file is written last, after the files that it names."""
        if item.date is None and not item.draft:
            self._add_question(item, item.question)
            return
        item = linked(pictured(item))
        first = compose(item, {}, self._config.publication, self._now)
        if first.is_empty:
            self.empty += 1
            self._add_losses(item, ["has no title, text, picture, file or address: left out"])
            return
        if self._is_repeated(first):
            self._add_losses(item, ["is word for word another without an id: taken once"])
            return
        if found := self._existing.find(first.fields):
            self.known += 1
            if self._existing.has_another_moment(found, item.date, self._now):
                self._add_losses(item, [f"has another date than {found}: which one is right?"])
            return
        if twin := self._existing.twin(first.fields, first.body):
            self.known += 1
            self._add_losses(item, [f"has the title, day and text of {twin}: left out"])
            return
        losses: list[str] = []
        if namesake := self._existing.namesake(first.fields):
            losses.append(f"has the title and day of {namesake}: is it the same news?")
        elif draft := self._existing.draft(first.fields):
            losses.append(f"has the title of the draft {draft}: is it the same news?")
        path = path_of(first.fields, self._folder, self._existing)
        place = path.rpartition("/")[0]
        once = _without_repeated_picture(item)
        names = self._importer.import_files(once, _addresses(once), place, losses)
        kept = _without_missing_files(once, names)
        composed = first
        if names or kept != item:
            composed = compose(kept, names, self._config.publication, self._now)
        self._write(path, composed)
        self._add_losses(item, [*composed.losses, *losses, *self._check(path, composed, names)])

    def _is_repeated(self, composed: Composed) -> bool:
        """Return whether an equal entry without an id came before; a copy would be held."""
        text = text_of(composed)
        is_repeated = text in self._texts
        if "id" not in composed.fields:
            self._texts.add(text)
        return is_repeated

    def _add_question(self, item: ImportedItem, question: str) -> None:
        self.unanswered += 1
        self._add_losses(item, [question])

    def _write(self, path: str, composed: Composed) -> None:
        if not self._importer.is_trial:
            write(self._config.entries, path, text_of(composed).encode())
        self._existing.add(path, composed.fields)
        self.written.append(path)
        if language := str(composed.fields.get("language", "")):
            self.languages[language] += 1

    def _check(self, path: str, composed: Composed, names: dict[str, str]) -> tuple[str, ...]:
        files = frozenset(names.values())
        held, warnings = check(path, text_of(composed), files, self._config.publication, self._now)
        if held:
            self.held[path] = held
        return warnings

    def _add_losses(self, item: ImportedItem, texts: list[str]) -> None:
        self.losses += [ImportLoss(origin=item.origin, text=text) for text in texts]


def _order(item: ImportedItem) -> tuple[datetime, str]:
    return moment_of(item), item.origin


def _addresses(item: ImportedItem) -> list[str]:
    """Return the addresses of files to import: attachments, picture, pictures in the text."""
    inside = _pictures(item)
    if item.markdown:
        inside = [address for address in inside if is_web(address) or address in item.found]
    named = [file.address for file in (*item.attachments, *((item.image,) if item.image else ()))]
    return list(dict.fromkeys((*named, *inside)))


def _pictures(item: ImportedItem) -> list[str]:
    """Return the addresses of the pictures that the text shows."""
    if item.markdown:
        return html_to_markdown.pictures_in_markdown(item.markdown)
    return html_to_markdown.pictures_in_html(html_of(item))


def _without_repeated_picture(item: ImportedItem) -> ImportedItem:
    """Return an item without its picture if the text shows it too: a page would repeat it."""
    if item.image is None:
        return item
    inside = {_SIZE.sub("", joined(item.base, address)) for address in _pictures(item)}
    own = _SIZE.sub("", joined(item.base, item.image.address))
    return replace(item, image=None) if own in inside else item


def _without_missing_files(item: ImportedItem, names: dict[str, str]) -> ImportedItem:
    """Return an item without local files that were not imported: they have no web address."""
    kept = tuple(one for one in item.attachments if one.address in names or is_web(one.address))
    image = (
        item.image
        if item.image and (item.image.address in names or is_web(item.image.address))
        else None
    )
    return replace(item, attachments=kept, image=image)


# ---- Check of an entry file

_AGE = 3600.0  # seconds: long enough that the file counts as complete


@dataclass(frozen=True, slots=True)
class _ImportedFiles:
    """The files that are imported with an entry, in place of the entries folder."""

    imported: Collection[str]

    def take(self, *names: str, is_whole: bool = False) -> Media | None:  # noqa: ARG002
        """Return the first of these files that is imported."""
        name = next((one for one in names if one in self.imported), None)
        if name is None:
            return None
        address = f"https://x.invalid/{quote(name)}"
        return Media(url=address, path=name, media_type=media_type_of(name), length=1)

    def page(self, name: str) -> tuple[str, str]:
        """Return no address: the pages of the other imported entries are not known yet."""
        return "", "body-entry-early" if name in self.imported else "body-entry-missing"

    def names(self, wanted: str) -> str:
        """Return the message on a file that is missing."""
        return f"{wanted} did not come over."


def check(
    path: str, text: str, files: Collection[str], publication: Publication, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the messages for which an entry file would be held, and its warnings."""
    source = Source(path=path, data=text.encode(), age=_AGE)
    here = now.astimezone(publication.zone)
    found: tuple[Problem, ...]
    try:
        draft = parse(source, today=here.date(), now=here)
        _, found = normalise(draft, publication=publication, files=_ImportedFiles(files), now=now)
    except EntryError as error:
        found = error.problems
    held = (problem.message for problem in found if problem.state == State.HOLD)
    warnings = (f"{one.state}: {one.message}" for one in found if one.state == State.WARN)
    return tuple(held), tuple(warnings)


# ---- Text and name of an entry file


def text_of(composed: Composed) -> str:
    """Return the text of an entry file (`docs/entries.md`, "Fields"); the body comes last."""
    lines = [f"{name} = {toml.value_of(value)}\n" for name, value in composed.fields.items()]
    return "".join(lines) + f"body = {toml.block(composed.body)}\n"


def path_of(fields: Mapping[str, Value], folder: str, existing: ExistingEntries) -> str:
    """Return a path below the entries folder: `2008/2008-10-20-report-on-lebanon.toml`.

    No other file has it, and it makes neither this entry nor another look like a copy
    (`dateline.entries.duplicates`): two items with one title and day are two entries.
    """
    day = fields["date"]
    if not isinstance(day, date):
        raise TypeError(day)
    words = slugify(str(fields["title"]))
    return existing.free_name(f"{folder}{day.year}/", day, words, fields)
