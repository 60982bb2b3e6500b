"""The answer to each refusal: to a program at `/drop`, and to a person with a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import (
    BAD_REQUEST,
    CONFLICT,
    FORBIDDEN,
    INSUFFICIENT_STORAGE,
    PRECONDITION_FAILED,
    SERVICE_UNAVAILABLE,
)

from dateline.newsroom.saving import Refusal


@dataclass(frozen=True, slots=True)
class RefusalAnswer:
    """The status and the text for a program, and the key of the words for a person.

    The text has a place for the name of the `other` file.
    """

    status: int
    text: str
    word: str = "unsaved-busy"


ANSWERS: Mapping[Refusal, RefusalAnswer] = {
    Refusal.NAME: RefusalAnswer(
        BAD_REQUEST,
        "Use a name without a folder that ends in .toml, .jpg, .pdf or another known kind.",
        "unsaved-name",
    ),
    Refusal.THERE: RefusalAnswer(
        CONFLICT,
        "{other} is there already. Use another name, or send the ETag of that file in If-Match.",
    ),
    Refusal.ALIKE: RefusalAnswer(
        CONFLICT, "{other} is there already. Use that name, or another one."
    ),
    Refusal.CHANGED: RefusalAnswer(
        PRECONDITION_FAILED,
        "{other} is no longer the file that you saw. Get it again, and change that one.",
        "unsaved-changed",
    ),
    Refusal.FULL: RefusalAnswer(
        INSUFFICIENT_STORAGE, "The disk is full. Nothing was written.", "unsaved-full"
    ),
    Refusal.CLOSED: RefusalAnswer(
        SERVICE_UNAVAILABLE,
        "The newsroom may not write into the entries folder. Nothing was written.",
        "unsaved-closed",
    ),
    Refusal.NO_FOLDER: RefusalAnswer(
        SERVICE_UNAVAILABLE, "The entries folder is missing. Nothing was written."
    ),
    Refusal.SOURCE: RefusalAnswer(
        FORBIDDEN, "Entries come from {other}. Change the file there.", "unsaved-source"
    ),
    Refusal.BUSY: RefusalAnswer(
        SERVICE_UNAVAILABLE,
        "The file could not be written. Nothing was changed. Try again.",
    ),
}
