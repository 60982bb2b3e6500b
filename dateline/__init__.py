"""Dateline publishes an organisation's news: TOML files in, feeds and pages out.

>>> import dateline
>>> site = dateline.open("news")  # doctest: +SKIP
>>> site.build().published  # doctest: +SKIP
('2026-11-27-welcome.toml',)
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which takes longer to import than this module
if TYPE_CHECKING:
    from os import PathLike

    from dateline.site import Site

__version__ = "0.1.0"


def open(path: str | PathLike[str] = "config.toml") -> Site:  # noqa: A001
    """Return the publication of a `config.toml`, or of the folder that it is in.

    The libraries that publishing needs are imported by this call. Raises
    `dateline.errors.ConfigError` with every fault.
    """
    from dateline.site import open_site  # noqa: PLC0415

    return open_site(path)
