"""Which items come over, as which files, and what is to be said of each?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote

from dateline.config import Config
from dateline.entries.filenames import names_of
from dateline.entries.media import media_type_of
from dateline.entries.normalise import normalise
from dateline.entries.parse import parse
from dateline.errors import EntryError, Problem, State
from dateline.importing import html_to_markdown
from dateline.importing.compose import Composed, Value, compose, html_of
from dateline.importing.existing import ExistingEntries
from dateline.importing.fetch import is_web
from dateline.importing.items import BAD_ITEM, ImportedItem, ImportSource, Loss, failure
from dateline.importing.media import MediaImporter, linked, write
from dateline.importing.sources.duplicate_ids import moment_of
from dateline.model import Media, Publication, Source
from dateline.text.urls import slugify


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What came over, or would.

    `written` are the paths of new entry files, of which those in `held` are not published as
    they stand, with the reasons; `known` counts the items that were here already, `asked` those
    that wait for an answer, `empty` those that have nothing to publish. `files` counts the
    pictures and attachments, `languages` the new ones in others than the publication's, `losses`
    says all that is to be said.
    """

    written: tuple[str, ...]
    held: Mapping[str, tuple[str, ...]]
    known: int
    asked: int
    empty: int
    files: int
    languages: Mapping[str, int]
    losses: tuple[Loss, ...]


def bring(
    past: ImportSource,
    config: Config,
    present: ExistingEntries,
    cupboard: MediaImporter,
    *,
    folder: str,
    now: datetime,
    told: Callable[[], None],
) -> ImportOutcome:
    """Bring each item over that is not here yet, oldest first; `told` is called for each.

    `folder` lies below the entries folder and ends in a slash, or is empty.
    """
    work = _Work(config=config, present=present, cupboard=cupboard, folder=folder, now=now)
    for item in sorted(past.items, key=_order):
        work.one(item)
        told()
    return ImportOutcome(
        written=tuple(work.written),
        held=work.held,
        known=work.known,
        asked=work.asked,
        empty=work.empty,
        files=len(set(cupboard.taken.values())),
        languages=work.languages,
        losses=tuple(work.losses),
    )


class _Work:
    """One import, item by item."""

    def __init__(
        self,
        *,
        config: Config,
        present: ExistingEntries,
        cupboard: MediaImporter,
        folder: str,
        now: datetime,
    ) -> None:
        self._config = config
        self._present = present
        self._cupboard = cupboard
        self._folder = folder
        self._now = now
        self.written: list[str] = []
        self.held: dict[str, tuple[str, ...]] = {}
        self.losses: list[Loss] = []
        self._texts: set[str] = set()
        self.languages: Counter[str] = Counter()
        self.known = self.asked = self.empty = 0

    def one(self, item: ImportedItem) -> None:
        """Bring one item over, whatever is in it: one that cannot be is named."""
        try:
            self._bring(item)
        except BAD_ITEM as error:
            self._ask(item, failure(error))

    def _bring(self, item: ImportedItem) -> None:
        """Bring one item over; the entry file is written last, so that all it names is there."""
        if item.date is None and not item.draft:
            self._ask(item, item.question)
            return
        item = linked(item)
        first = compose(item, {}, self._config.publication, self._now)
        if first.is_empty:
            self.empty += 1
            self._say(item, ["has no title, text, picture, file or address: left out"])
            return
        if self._is_twice(first):
            self._say(item, ["is word for word another without an id: taken once"])
            return
        if self._present.find(first.fields):
            self.known += 1
            return
        losses: list[str] = []
        path = path_of(first.fields, self._folder, self._present)
        place = path.rpartition("/")[0]
        once = _once(item)
        names = self._cupboard.take(once, _addresses(once), place, losses)
        kept = _only(once, names)
        composed = first
        if names or kept != item:
            composed = compose(kept, names, self._config.publication, self._now)
        self._write(path, composed)
        self._say(item, [*composed.losses, *losses, *self._proof(path, composed, names)])

    def _is_twice(self, composed: Composed) -> bool:
        """Return whether an entry without an id is the same as one before: a copy is held."""
        text = text_of(composed)
        is_twice = text in self._texts
        if "id" not in composed.fields:
            self._texts.add(text)
        return is_twice

    def _ask(self, item: ImportedItem, question: str) -> None:
        self.asked += 1
        self._say(item, [question])

    def _write(self, path: str, composed: Composed) -> None:
        if not self._cupboard.is_trial:
            write(self._config.entries / path, text_of(composed).encode())
        self._present.add(path, composed.fields)
        self.written.append(path)
        if language := str(composed.fields.get("language", "")):
            self.languages[language] += 1

    def _proof(self, path: str, composed: Composed, names: dict[str, str]) -> tuple[str, ...]:
        there = frozenset(names.values())
        held, said = proof(path, text_of(composed), there, self._config.publication, self._now)
        if held:
            self.held[path] = held
        return said

    def _say(self, item: ImportedItem, texts: list[str]) -> None:
        self.losses += [Loss(origin=item.origin, text=text) for text in texts]


def _order(item: ImportedItem) -> tuple[datetime, str]:
    return moment_of(item), item.origin


def _addresses(item: ImportedItem) -> list[str]:
    """Give all that is to lie beside the entry: pictures of the text, the picture, the files."""
    inside = (
        [
            address
            for address in html_to_markdown.pictures_in_markdown(item.markdown)
            if is_web(address) or address in item.found
        ]
        if item.markdown
        else html_to_markdown.pictures_in_html(html_of(item))
    )
    named = [file.address for file in (*item.attachments, *((item.image,) if item.image else ()))]
    return list(dict.fromkeys((*named, *inside)))


def _once(item: ImportedItem) -> ImportedItem:
    """Leave out the picture where it stands in the text as well: a page would show it twice."""
    inside = html_to_markdown.pictures_in_html(html_of(item))
    return replace(item, image=None) if item.image and item.image.address in inside else item


def _only(item: ImportedItem, names: dict[str, str]) -> ImportedItem:
    """Leave out what lies on a disk and could not be brought: nobody finds it there."""
    kept = tuple(one for one in item.attachments if one.address in names or is_web(one.address))
    image = (
        item.image
        if item.image and (item.image.address in names or is_web(item.image.address))
        else None
    )
    return replace(item, attachments=kept, image=image)


# ---- Check of an entry file

_LEFT_ALONE = 3600.0  # seconds: no file that is still being written


@dataclass(frozen=True, slots=True)
class _Expected:
    """The files that came over with an entry, or will."""

    there: Collection[str]

    def take(self, *names: str) -> Media | None:
        """Say that a file is there where it came over."""
        name = next((one for one in names if one in self.there), None)
        if name is None:
            return None
        address = f"https://x.invalid/{quote(name)}"
        return Media(url=address, path=name, media_type=media_type_of(name), length=1)

    def page(self, name: str) -> tuple[str, bool]:
        """Return no address: which entries come over with this one is not known yet."""
        return "", name in self.there

    def names(self, wanted: str) -> str:
        """Say nothing more: staff look into the folder."""
        return f"{wanted} did not come over."


def proof(
    path: str, text: str, there: Collection[str], publication: Publication, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return for what an entry file is held, and what else is to be looked at in it."""
    source = Source(path=path, data=text.encode(), age=_LEFT_ALONE)
    today = now.astimezone(publication.zone).date()
    found: tuple[Problem, ...]
    try:
        draft = parse(source, today=today)
        _, found = normalise(draft, publication=publication, files=_Expected(there), now=now)
    except EntryError as error:
        found = error.problems
    held = (problem.message for problem in found if problem.state == State.HOLD)
    said = (f"{one.state}: {one.message}" for one in found if one.state == State.WARN)
    return tuple(held), tuple(said)


# ---- Bytes and name of an entry file

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): ""}
_LITERAL, _BASIC = "'''", '"""'


def text_of(composed: Composed) -> str:
    """Give the text of an entry file (`docs/entries.md`, "Fields"); the body is its last field."""
    lines = [f"{name} = {_value(value)}\n" for name, value in composed.fields.items()]
    return "".join(lines) + f"body = {_long(composed.body)}\n"


def path_of(fields: Mapping[str, Value], folder: str, present: ExistingEntries) -> str:
    """Give the path below the entries folder: `2008/2008-10-20-report-on-lebanon.toml`.

    None that another file has, and none by which the publisher would take this entry or another
    for a copy (`dateline.entries.duplicates`): two of one day with one title are two entries.
    """
    day = fields["date"]
    if not isinstance(day, date):
        raise TypeError(day)
    names = names_of(day, slugify(str(fields["title"])))
    paths = (f"{folder}{day.year}/{name}" for name in names)
    return next(path for path in paths if present.is_free(path, fields))


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    return _quoted(value)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _long(text: str) -> str:
    r"""Give a body in triple quotes: literal ones where a `\` is in it."""
    if _BASIC not in text and "\\" not in text and not text.endswith('"'):
        return f"{_BASIC}\n{text}\n{_BASIC}"
    if _LITERAL not in text and not text.endswith("'"):
        return f"{_LITERAL}\n{text}\n{_LITERAL}"
    escaped = re.sub('"{3,}', lambda quotes: '\\"' * len(quotes[0]), text.replace("\\", "\\\\"))
    return f"{_BASIC}\n{escaped}\n{_BASIC}"
