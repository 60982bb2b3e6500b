"""What does one document of a feed say, and where does it go on?"""

from __future__ import annotations

from dataclasses import dataclass

from dateline.importing.items import ImportedItem
from dateline.model.formats import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One document of a feed.

    `further` is the address of older items, `address` the document's own as it says itself;
    both may be empty. One that is not well-formed `is_partial`: what could be read was.
    """

    items: tuple[ImportedItem, ...]
    form: Format
    further: str = ""
    address: str = ""
    is_partial: bool = False
