"""What happens when staff import, and what are they told?"""

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
from dateline.importing import verify as comparing
from dateline.importing.existing import ExistingEntries
from dateline.importing.fetch import SourceFetcher
from dateline.importing.items import ImportSource
from dateline.importing.media import MediaImporter
from dateline.importing.report import afterwards
from dateline.importing.sources import ImportRequest
from dateline.importing.sources.archives import walk
from dateline.importing.write import ImportOutcome, bring
from dateline.model import Feed

Told = tuple[Sequence[str], bool]  # lines, and whether there is nothing to answer or mend


class Progress(Protocol):
    """Shows how far a step has got: called with its name and the number of its parts."""

    def __call__(
        self, what: str, total: int | None = None, /
    ) -> AbstractContextManager[Callable[[], None]]:
        """Return what is to be called after each part."""
        ...


def asked_of(
    config: Config,
    now: datetime,
    *,
    private: Iterable[str],
    order: Literal["DMY", "MDY"] | None,
    site: str,
    feed: str,
) -> ImportRequest:
    """Give what a source is read with; raises `DatelineError` for a site that is none."""
    return ImportRequest(
        reach=SourceFetcher(private=frozenset(private)),
        now=now,
        zone=config.publication.zone,
        language=config.publication.language,
        order=order or config.publication.date_order,
        site=_site(site),
        feed=feed,
    )


def bring_over(
    source: str,
    asked: ImportRequest,
    config: Config,
    into: str,
    progress: Progress,
    *,
    folder: str,
    yes: bool,
) -> Told:
    """Read a source and write its entries, or only say what would be, until staff say `yes`."""
    feed = _feed(config, into)
    with progress("Reading") as step:
        past = sources.read(source, asked, lambda _: step())
    outcome = _brought(past, config, asked, progress, folder=folder, is_trial=not yes)
    lines = [
        *report.doubts(past),
        *past.remarks,
        *report.lines(outcome, config),
        *afterwards(past, config, feed),
    ]
    if not yes:
        lines += ["", "Nothing is written yet. To import, type the same with --yes."]
    return lines, not (outcome.asked or outcome.held)


def verify(place: str, asked: ImportRequest, config: Config, into: str, progress: Progress) -> Told:
    """Compare an old feed with ours, which is read from `feeds/`."""
    feed = _feed(config, into)
    url = config.publication.url
    with progress("Reading") as step:
        old = walk(place, asked.reach.page, asked.today, lambda _: step())
        form = old.feeds[0].form if old.feeds else feed.formats[0]
        ours = f"{url}{feed.name}.{form if form in feed.formats else feed.formats[0]}"
        here = SourceFetcher(mirrored=url, folder=config.feeds_folder)
        new = walk(ours, here.page, asked.today, lambda _: step())
    sights = comparing.compare(old, new)
    return [*old.remarks, *comparing.lines(sights)], all(sight.is_calm for sight in sights)


def _brought(
    past: ImportSource,
    config: Config,
    asked: ImportRequest,
    progress: Progress,
    *,
    folder: str,
    is_trial: bool,
) -> ImportOutcome:
    config.entries.mkdir(parents=True, exist_ok=True)
    below = template.below(config.entries, folder).as_posix()
    present = ExistingEntries.look(config, [item.id for item in past.items if item.id])
    with progress("Importing", len(past.items)) as step:
        outcome = bring(
            past,
            config,
            present,
            MediaImporter(entries=config.entries, reach=asked.reach, is_trial=is_trial),
            folder="" if below == "." else f"{below}/",
            now=asked.now,
            told=step,
        )
    if outcome.written and not is_trial:
        write_schema(config.entries)
    return outcome


def _feed(config: Config, name: str) -> Feed:
    found = next((feed for feed in config.feeds if name in {"", feed.name}), None)
    if found is None:
        names = ", ".join(feed.name for feed in config.feeds)
        raise DatelineError(f"There is no feed {name}: there are {names}.")
    return found


def _site(address: str) -> str:
    """Give the address of the old site, with a slash at its end."""
    if not address:
        return ""
    try:
        return folder_address(address)
    except ValueError as error:
        raise DatelineError(f"--site {error}: {address}") from error
