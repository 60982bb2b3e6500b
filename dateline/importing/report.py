"""What is told of an import, item by item?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dateline.config import Config
from dateline.importing.items import ImportSource
from dateline.importing.write import ImportOutcome

_AT_LINE = re.compile(r"(?P<kind>(?:warn: )?)Line (?P<number>\d+): (?P<text>.*)", re.DOTALL)


def doubts(past: ImportSource) -> Iterator[str]:
    """Say first that ids and addresses had to be assumed, and how to have the true ones."""
    if past.doubts:
        yield "The ids and addresses below are assumed, and subscribers may see old news as new:"
        yield from (f"  {doubt}" for doubt in past.doubts)
        yield "Add the old feed, which knows them: --feed https://www.example.org/feed.xml"


def lines(outcome: ImportOutcome, config: Config) -> Iterator[str]:
    """Say what came over, and what did not come over as it was: the same is said once for all."""
    yield from (f"new       {path}" for path in outcome.written)
    if outcome.losses:
        yield "To look at:"
    yield from _grouped((loss.origin, loss.text) for loss in outcome.losses)
    empty = f" {outcome.empty} left out: nothing to publish." if outcome.empty else ""
    yield (
        f"{len(outcome.written)} new, {outcome.known} here already, {outcome.asked} to be asked "
        f"about; {outcome.files} pictures and attachments.{empty}"
    )
    taken = {feed.language for feed in config.feeds}
    if None not in taken:
        for language, count in sorted(outcome.languages.items()):
            if not any(f"{language}-".startswith(f"{tag}-") for tag in taken):
                yield f"{count} are in {language}, and no feed takes that language: add a [[feed]]."
    if outcome.held:
        yield f"{len(outcome.held)} of the new ones are held until they are fixed:"
        yield from _grouped((path, text) for path, held in outcome.held.items() for text in held)


def _grouped(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say each thing once, with all that it concerns; the line on which it is stands there."""
    by_text: dict[str, list[str]] = {}
    alone: dict[str, str] = {}
    for origin, text in said:
        found = _AT_LINE.fullmatch(text)
        bare = f"{found['kind']}{found['text']}" if found else text
        where = f"{origin}, line {found['number']}" if found else origin
        by_text.setdefault(bare, []).append(where)
        alone[bare] = f"{origin}: {text}"
    for text, origins in by_text.items():
        if len(origins) == 1:
            yield f"  {alone[text]}"
            continue
        yield f"  {text} ({len(origins)}):"
        yield from (f"    {origin}" for origin in origins)
