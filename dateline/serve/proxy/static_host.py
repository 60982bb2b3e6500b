"""The publication for a static host: its documents, with redirects and header fields.

Netlify and Cloudflare Pages read `_redirects` and `_headers` at the top of a site. The forms are
those that both read, within the limits of Cloudflare, unless the host is named.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from dateline.config import Config
from dateline.documents import Progress, manifest, silent
from dateline.documents.manifest import DocumentListing, ManifestReader
from dateline.documents.static_copy import CopyResult, StaticCopy
from dateline.errors import DatelineError
from dateline.messages import program
from dateline.model import Role, is_media
from dateline.model.formats import FORMATS
from dateline.serve.cache import EVERY_ANSWER, IMMUTABLE, Fields, lifetime, policy_of

Host = Literal["any", "netlify", "cloudflare", "github"]

# https://developers.cloudflare.com/pages/configuration/headers/ and …/redirects/
_MOST_RULES = 100
_LONGEST_LINE = 1900  # of 2,000, with the name of the field
_MOST_REDIRECTS = 2000
_TRIES = 3
_WAIT = 1.0  # second, in which a run that is under way may end


def deploy(
    config: Config,
    folder: Path,
    host: Host,
    progress: Progress = silent,
    *,
    is_trial: bool = False,
    wait: Callable[[float], object] = time.sleep,
) -> CopyResult:
    """Bring the copy of the publication in `folder` up to date; a trial writes nothing.

    Waits for another `deploy` into the folder. A document that a run is just replacing is tried
    again, after a `wait`. Raises `DatelineError` if there is nothing to copy, the folder may not
    be used, or pages have a search box, `StoreError` if it cannot be written.
    """
    _verify_is_apart(config, folder)
    verify_is_static(config)
    copy = StaticCopy(folder, config.feeds_folder)

    def update() -> CopyResult:
        documents = listed(config)
        own = dict(_own(config, documents, host))
        return copy.update(documents, own, progress, is_trial=is_trial)

    with nullcontext() if is_trial else copy.alone():
        return until_whole(update, wait)


def until_whole(
    update: Callable[[], CopyResult], wait: Callable[[float], object] = time.sleep
) -> CopyResult:
    """Repeat an update while documents are damaged, three times at most; return all it did."""
    copied: list[str] = []
    deleted: list[str] = []
    for number in range(_TRIES):
        result = update()
        copied += result.copied
        deleted += result.deleted
        if not result.damaged or number == _TRIES - 1:
            break
        wait(_WAIT)
    unchanged = result.unchanged - len({*copied} - {*result.copied})
    return replace(result, copied=tuple(copied), deleted=tuple(deleted), unchanged=unchanged)


def verify_is_static(config: Config) -> None:
    """Raise `DatelineError` if nothing is published, or a static host could not answer it."""
    if config.hub:
        raise DatelineError(
            "A static host is no hub, and every feed names yours: under [hub] in "
            f"{config.path.name} write enabled = false, then type {program.name()} build."
        )
    if config.has_search:
        raise DatelineError(
            "A static host cannot answer searches, and every page has a search box: under "
            f"[search] in {config.path.name} write enabled = false, then type "
            f"{program.name()} build, and deploy again."
        )
    if manifest.status(config.feeds_folder).generation == 0:
        raise DatelineError(f"Nothing is published yet: type {program.name()} build first.")


def _verify_is_apart(config: Config, folder: Path) -> None:
    """Raise `DatelineError` if a copy in `folder` would be mixed with the publication itself."""
    # Unlike `Path.resolve` before Python 3.13, it raises nothing for links in a circle.
    place = Path(os.path.realpath(folder))
    own = (config.entries, config.feeds_folder, config.state)
    around = any(one.is_relative_to(place) for one in (config.path.parent, *own))
    if around or any(place.is_relative_to(one) for one in own):
        raise DatelineError(
            f"{folder} belongs to the publication itself: name a folder of its own, as in: "
            f"{program.name()} deploy public"
        )


def listed(config: Config) -> Sequence[DocumentListing]:
    """Return all published documents. Raises `DatelineError` if their list is damaged."""
    rows = manifest.documents(config.feeds_folder)
    documents = [*rows]
    if rows.lost != 0:
        raise _damaged(config)
    return documents


def _damaged(config: Config) -> DatelineError:
    return DatelineError(
        f"The list of documents in {config.feeds_folder} is damaged: type {program.name()} build, "
        "which writes it again."
    )


def _own(
    config: Config, documents: Sequence[DocumentListing], host: Host
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that tell a host what documents cannot."""
    if host == "github":
        yield ".nojekyll", b""
        return
    prefix = config.publication.path.removesuffix("/")
    try:
        redirects = [*_redirects(config, documents, prefix, host)]
    except sqlite3.Error as error:
        raise _damaged(config) from error
    is_limited = host != "netlify"
    rules = [*_rules(config, documents, prefix)]
    yield "_redirects", _text(redirects[:_MOST_REDIRECTS] if is_limited else redirects)
    yield "_headers", _text(rules[:_MOST_RULES] if is_limited else rules)


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


# ---- Redirects


def former_addresses(config: Config, documents: Sequence[DocumentListing]) -> dict[str, str]:
    """Return the whole present address of each former one, which is relative to the site."""
    base = config.publication.url
    try:
        found = [*_former(config, documents, "any")]
    except sqlite3.Error as error:
        raise _damaged(config) from error
    return {path: to if "://" in to else f"{base}{to}" for path, to in found if to}


def _former(
    config: Config, documents: Sequence[DocumentListing], host: Host
) -> Iterator[tuple[str, str]]:
    """Yield each former address with its present one, which is empty if it is gone."""
    reader = ManifestReader(config.feeds_folder)
    there = {one.path for one in documents}
    for path in _names(config, host):
        target = None if path in there else reader.former(path)
        if target is not None:
            yield path, target


def _redirects(
    config: Config, documents: Sequence[DocumentListing], prefix: str, host: Host
) -> Iterator[str]:
    """Yield a line for each former address that is known by name: address, target and status.

    The manifest knows former addresses by their digests alone. Those of withdrawn entries are
    named to Netlify only, which answers with 410 and shows nobody the list.
    """
    for path, target in _former(config, documents, host):
        address = f"{prefix}/{quote(path, safe='/~%')}"
        if target:
            yield f"{address} {target if '://' in target else f'{prefix}/{target}'} 301"
        elif host == "netlify":
            yield f"{address} {prefix}/410.html 410"


def _names(config: Config, host: Host) -> Iterator[str]:
    """Yield the addresses that may lead elsewhere; each once."""
    main = config.feeds[0].name
    guesses = [f"{main}.html", *(path for row in FORMATS.values() for path in row.guesses)]
    yield from dict.fromkeys([*config.former, *guesses])
    if host == "netlify":
        for entry in manifest.entries(config.feeds_folder):
            if entry.withdrawn is not None and not entry.purged:
                yield f"{entry.slug}.html"


# ---- Header fields


def _rules(config: Config, documents: Sequence[DocumentListing], prefix: str) -> Iterator[str]:
    """Yield rules, the most important first; no two give one document the same field.

    Cloudflare would send both values, Netlify the last.
    """
    exposed = ("Access-Control-Expose-Headers", "ETag, Link")
    yield _rule(f"{prefix}/*", (*EVERY_ANSWER, exposed))
    lasting = ("Cache-Control", f"max-age={config.publication.max_age}")
    for ending, media_type in _types(documents).items():
        yield _rule(f"{prefix}/*.{ending}", (("Content-Type", media_type), lasting))
    yield _rule(f"{prefix}/media/*", (("Cache-Control", lifetime(IMMUTABLE)),))
    policy = (policy_of(config.publication),)
    pages = [one.path for one in documents if one.role == Role.PAGE]
    folders = dict.fromkeys(path.partition("/")[0] for path in pages if "/" in path)
    for name in folders:
        yield _rule(f"{prefix}/{name}/*", policy)
    yield _rule(f"{prefix}/", policy)
    for one in documents:
        if one.role == Role.SUBSCRIPTION and one.links and len(one.links) < _LONGEST_LINE:
            yield _rule(f"{prefix}/{one.path}", (("Link", one.links),))
    for path in pages:
        if "/" not in path:
            yield _rule(f"{prefix}/{path}", policy)
            yield _rule(f"{prefix}/{path.removesuffix('.html')}", policy)


def _types(documents: Sequence[DocumentListing]) -> dict[str, str]:
    """Return the media type of each ending that only feeds, calendars and lists have."""
    followed = {Role.SUBSCRIPTION, Role.ARCHIVE, Role.DIRECTORY}
    found = {
        one.path.rpartition(".")[2]: one.media_type for one in documents if one.role in followed
    }
    others = {one.path.rpartition(".")[2] for one in documents if is_media(one.path)}
    return {ending: kind for ending, kind in sorted(found.items()) if ending not in others}


def _rule(path: str, fields: Fields) -> str:
    return "\n".join([path, *(f"  {name}: {value}" for name, value in fields)])
