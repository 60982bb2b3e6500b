"""What is told of an import, item by item?"""

from __future__ import annotations

from collections.abc import Iterator

from dateline.config import Config
from dateline.importing.bringing import Outcome


def lines(outcome: Outcome, config: Config) -> Iterator[str]:
    """Say what came over, and what did not come over as it was: the same is said once for all."""
    yield from (f"new       {path}" for path in outcome.written)
    if outcome.losses:
        yield "To look at:"
    said: dict[str, list[str]] = {}
    for loss in outcome.losses:
        said.setdefault(loss.text, []).append(loss.origin)
    for text, origins in said.items():
        if len(origins) == 1:
            yield f"  {origins[0]}: {text}"
        else:
            yield f"  {text} ({len(origins)}):"
            yield from (f"    {origin}" for origin in origins)
    yield (
        f"{len(outcome.written)} new, {outcome.known} here already, {outcome.asked} to be asked "
        f"about; {outcome.files} pictures and attachments."
    )
    taken = {feed.language for feed in config.feeds}
    if None not in taken:
        for language, count in sorted(outcome.languages.items()):
            if not any(f"{language}-".startswith(f"{tag}-") for tag in taken):
                yield f"{count} are in {language}, and no feed takes that language: add a [[feed]]."
    if outcome.held:
        yield f"{len(outcome.held)} of the new ones are held until they are mended:"
        yield from (f"  {path}" for path in outcome.held)
