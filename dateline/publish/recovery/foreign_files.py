"""Files of others in the folder for documents, which a first run there would overwrite.

A folder without a manifest may be somebody's website. It may as well have documents of ours whose
manifest was lost: those are known by the ledger, or by their own content.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from dateline.config import Config
from dateline.documents import as_store_error
from dateline.documents.manifest import HEAD, PREVIOUS, TABLE
from dateline.errors import StoreError
from dateline.ledger import Ledger
from dateline.rules.taxonomy import FOLDERS
from dateline.system.safe_files import is_certainly_gone, regular_bytes
from dateline.text.expressions import regex
from dateline.text.urls import PAGES_OF_ENTRIES

_NAMED = 3  # of many, the first so many
_MANIFEST = (HEAD, PREVIOUS, TABLE, ".looked.json")
_FIXED = regex(
    r"(?:index|(?:404|410|503|subscribe)(?:-[a-z-]+)?)\.html|sitemap(?:-(?:pages|news|\d+))?\.xml|"
    r"robots\.txt|feeds\.opml|style\.css|copy\.js|card\.png|icon\.(?:svg|png)|favicon\.ico|"
    r"manifest\.webmanifest"
)
_YEAR = "[0-9][0-9][0-9][0-9]"
_FILED = (
    PAGES_OF_ENTRIES,
    f"{_YEAR}/[0-9][0-9]/*.ics",
    *(f"{_YEAR}{folder}/index.html" for folder in ("", "/[a-z]*", "/[a-z]*/[0-9][0-9]")),
    *(f"{folder}/{name}" for folder in FOLDERS.values() for name in ("*.*", "[a-z]*/*.*")),
)
# What Dateline alone writes into feeds, calendars, the style sheet, OPML, sitemaps and pages.
_OWN = regex(
    rb"<generator\b[^>]*>Dateline</generator>|^PRODID:-//Dateline//|"
    rb"^/\* Sizes go in steps; colours are named |<docs>https://opml\.org/spec2\.opml</docs>|"
    rb"/sitemap-pages\.xml</loc>|"
    rb'<a class="skip" href="#content">[^\n]*\n<header>\n<p class="publication">|'
    rb'"identifier": "[^"]+", "inLanguage": "[^"]+", "isAccessibleForFree": ',
    re.MULTILINE,
)


def refuse_foreign_files(config: Config, ledger: Ledger) -> None:
    """Raise `StoreError` if a first run would overwrite files that Dateline did not write."""
    folder = config.feeds_folder
    if not all(is_certainly_gone(folder / name) for name in _MANIFEST):
        return
    with as_store_error(folder):
        names = sorted(in_the_way(config))
    if not names or any(_is_own(folder, name, ledger) for name in names):
        return
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    raise StoreError(
        f"Nothing was published, because {folder} has files that Dateline did not write and would "
        f"overwrite: {', '.join(names[:_NAMED])}{more}. Name a folder of its own as feeds under "
        "[paths] in config.toml, or move these files elsewhere."
    )


def in_the_way(config: Config) -> Iterator[str]:
    """Yield the names of the files in the folder that documents may have as well."""
    folder = config.feeds_folder
    if not folder.is_dir():
        return
    own = {path for feed in config.feeds for path in (*feed.paths, feed.calendar)}
    own |= {f"{feed.name}.html" for feed in config.feeds}
    own |= {one.path for one in config.publication.theme.documents}
    with os.scandir(folder) as found:
        for one in found:
            if (one.name in own or _FIXED.fullmatch(one.name)) and not one.is_dir():
                yield one.name
    for pattern in _FILED:
        yield from (one.relative_to(folder).as_posix() for one in folder.glob(pattern))


def _is_own(folder: Path, name: str, ledger: Ledger) -> bool:
    """Return whether a file is a document that Dateline wrote."""
    try:
        data = regular_bytes(folder / name)
    except OSError:
        return False
    known = ledger.documents.find([name]).get(name)
    is_known = known is not None and known.digest == sha256(data).hexdigest()
    return is_known or _OWN.search(data) is not None
