"""One run of the command `import`: read a source, write its entries, list the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

from dateline.config import Config
from dateline.config.values import folder_address
from dateline.entries import template
from dateline.entries.fields import write_schema
from dateline.errors import DatelineError
from dateline.importing import report, sources
from dateline.importing import verify as comparison
from dateline.importing.existing import ExistingEntries
from dateline.importing.fetch import SourceFetcher
from dateline.importing.items import ImportSource
from dateline.importing.media import MediaImporter
from dateline.importing.sources import ImportRequest
from dateline.importing.sources.archives import walk
from dateline.importing.write import ImportOutcome, import_items
from dateline.model import Feed
from dateline.system.writing import sync_file_system

Result = tuple[Sequence[str], bool]  # lines, and True if nothing needs an answer or a fix


class Progress(Protocol):
    """Progress display, called with the name of a step and the number of its parts."""

    def __call__(
        self, what: str, total: int | None = None, /
    ) -> AbstractContextManager[Callable[[], None]]:
        """Return a context manager whose value is called after each part."""
        ...


def request_for(
    config: Config,
    now: datetime,
    *,
    private: Iterable[str],
    order: Literal["DMY", "MDY"] | None,
    site: str,
    feed: str,
) -> ImportRequest:
    """Return the request for a source. Raises `DatelineError` if `site` is not a web address."""
    return ImportRequest(
        fetcher=SourceFetcher(private=frozenset(private)),
        now=now,
        zone=config.publication.zone,
        language=config.publication.language,
        order=order or config.publication.date_order,
        site=_site(site),
        feed=feed,
    )


def import_source(
    source: str,
    request: ImportRequest,
    config: Config,
    into: str,
    progress: Progress,
    *,
    folder: str,
    yes: bool,
) -> Result:
    """Read a source and write its entries; without `yes`, only report what would be written.

    `into` names the feed that replaces the old one. Raises `DatelineError` if there is no such
    feed, or the source cannot be read.
    """
    feed = _feed(config, into)
    with progress("Reading") as step:
        found = sources.read(source, request, lambda _: step())
    outcome = _import(found, config, request, progress, folder=folder, is_trial=not yes)
    lines = [
        *report.doubts(found),
        *found.remarks,
        *report.lines(outcome, config),
        *report.next_steps(found, config, feed),
    ]
    if not yes:
        lines += ["", "Nothing is written yet. To import, type the same with --yes."]
    return lines, not (outcome.unanswered or outcome.held)


def verify(
    place: str, request: ImportRequest, config: Config, into: str, progress: Progress
) -> Result:
    """Compare an old feed with ours, which is read from `feeds/`.

    Raises `DatelineError` if there is no feed `into`, or one of the two cannot be read.
    """
    feed = _feed(config, into)
    url = config.publication.url
    with progress("Reading") as step:
        old = walk(place, request.fetcher.page, request.today, lambda _: step())
        form = old.feeds[0].form if old.feeds else feed.formats[0]
        ours = f"{url}{feed.name}.{form if form in feed.formats else feed.formats[0]}"
        own = SourceFetcher(mirrored=url, folder=config.feeds_folder)
        new = walk(ours, own.page, request.today, lambda _: step())
    views = comparison.compare(old, new)
    return [*old.remarks, *comparison.lines(views)], all(view.is_unchanged for view in views)


def _import(
    source: ImportSource,
    config: Config,
    request: ImportRequest,
    progress: Progress,
    *,
    folder: str,
    is_trial: bool,
) -> ImportOutcome:
    config.entries.mkdir(parents=True, exist_ok=True)
    below = template.below(config.entries, folder).as_posix()
    ids = frozenset(item.id for item in source.items if item.id)
    existing = ExistingEntries.load(config, ids, request.today)
    with progress("Importing", len(source.items)) as step:
        outcome = import_items(
            source,
            config,
            existing,
            MediaImporter(entries=config.entries, fetcher=request.fetcher, is_trial=is_trial),
            folder="" if below == "." else f"{below}/",
            now=request.now,
            on_item=step,
        )
    if not is_trial:  # another import may have been interrupted before
        write_schema(config.entries)
        sync_file_system(config.entries)  # the names of new folders, too
    return outcome


def _feed(config: Config, name: str) -> Feed:
    found = next((feed for feed in config.feeds if name in {"", feed.name}), None)
    if found is None:
        names = ", ".join(feed.name for feed in config.feeds)
        raise DatelineError(f"There is no feed {name}: there are {names}.")
    return found


def _site(address: str) -> str:
    """Return the address of the old site with a slash at its end, or an empty text."""
    if not address:
        return ""
    try:
        return folder_address(address)
    except ValueError as error:
        raise DatelineError(f"--site {error}: {address}") from error
