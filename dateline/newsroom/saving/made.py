"""Files that forms for new entries have made, by the key of each form.

A browser that goes back shows the form as it was, without the name of the file that it has made
since; a second click on the button sends it twice. A form that is sent again is about the file that
it has made, until the newsroom ends; in a duplicated tab it may make another one.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from dateline.text.expressions import regex

_MOST, _MOST_OF_ONE = 1000, 20
_PATIENCE = 20.0  # seconds, until another request with the same form is answered
_KEY = regex(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormKey:
    """The key of a form, which counts for the person who has opened it."""

    person: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A file that a form has made: its path, its digest then, and those of the form's values.

    `state` is what was said of it.
    """

    path: str
    digest: str
    was: Mapping[str, str]
    state: str
    moment: datetime


def new_key() -> str:
    """Return a key for a form, which nobody can guess."""
    return secrets.token_hex(16)


def form_key(person: str, key: str) -> FormKey | None:
    """Return the key that a form of a person has sent; None for a text that is no key."""
    return FormKey(person=person, key=key) if _KEY.fullmatch(key) else None


class MadeFiles:
    """The files that forms have made, of the latest forms."""

    def __init__(self) -> None:
        self._made: dict[FormKey, tuple[MadeFile, ...]] = {}
        self._at_work: set[FormKey] = set()
        self._changed = threading.Condition()

    def of(self, key: FormKey | None) -> Sequence[MadeFile]:
        """Return the files that a form has made, the latest first."""
        return self._made.get(key, ()) if key else ()

    def remember(self, key: FormKey | None, made: MadeFile) -> None:
        """Remember the file that a form has made, or has saved again."""
        if key is None:
            return
        with self._changed:
            others = [one for one in self._made.pop(key, ()) if one.path != made.path]
            self._made[key] = (made, *others[: _MOST_OF_ONE - 1])
            for old in list(self._made)[:-_MOST]:
                del self._made[old]

    def forget(self, key: FormKey | None = None, path: str = "") -> None:
        """Forget a file of a form that is gone, or those of all forms."""
        with self._changed:
            if key:
                self._made[key] = tuple(one for one in self.of(key) if one.path != path)
            else:
                self._made.clear()

    @contextmanager
    def turn(self, key: FormKey | None) -> Iterator[bool]:
        """Keep others with the same form waiting; the value is false for one who waited in vain."""
        with self._changed:
            has_turn = self._changed.wait_for(lambda: key not in self._at_work, _PATIENCE)
            if key and has_turn:
                self._at_work.add(key)
        try:
            yield has_turn
        finally:
            with self._changed:
                if key and has_turn:
                    self._at_work.remove(key)
                    self._changed.notify_all()
