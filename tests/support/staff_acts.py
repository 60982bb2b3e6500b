"""What staff do to files, at random: everything that a file manager and an editor can do.

An act is made from a number of its own, so that a sequence of acts can be repeated, also without
some of them (`tests/publication/test_staff_acts.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePosixPath
from random import Random

from support.publication import Newsroom
from support.staff_texts import (
    Written,
    based_on,
    edited,
    first_version,
    is_of_a_series,
    redated,
    retitled,
    rewritten,
    touched_up,
)

_FOLDERS = ("", "", "", "2026/", "ports/news/")
_CHANGES = (edited, edited, retitled, redated, rewritten)
_COPY_NAMES = ("{stem} (1).toml", "{stem} - Copy.toml", "Copy of {stem}.toml", "{stem}2.toml")
_ENDINGS = (".txt", ".md", "")


@dataclass(slots=True, kw_only=True)
class Desk:
    """The files of a newsroom with what they say, and those that staff deleted.

    `homes` are the files of live news, `shown` the versions that readers have, and `asked` the
    files about which staff were asked whether they have other news.
    """

    newsroom: Newsroom
    files: dict[str, Written] = field(default_factory=dict)
    bin: list[tuple[str, Written]] = field(default_factory=list)
    homes: dict[int, str] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    # ---- One file

    def write(self, path: str, text: Written, *, is_changed: bool = True) -> None:
        """Save a text; if it `is_changed`, as a version of its own."""
        self.files[path] = replace(text, version=next(self.numbers)) if is_changed else text
        self.newsroom.drop(path, self.files[path].toml())

    def remove(self, path: str) -> Written:
        """Delete a file, and return what it said."""
        (self.newsroom.folder / "entries" / path).unlink()
        return self.files.pop(path)

    def move(self, path: str, to: str, change: Callable[[Written], Written] | None = None) -> None:
        """Give a file another name, and possibly another text."""
        text = self.remove(path)
        self.write(to, change(text) if change else text, is_changed=change is not None)

    def new(self, random: Random) -> Written:
        """Return news that no file has."""
        age = random.choice([0, 0, 0, 1, 3, 9, 25])
        day = (self.newsroom.now - timedelta(days=age)).date()
        number = next(self.numbers)
        return first_version(number, number, day, random)

    # ---- Choices

    def some(self, random: Random, count: int) -> list[str]:
        """Return different files with entries; fewer if there are no more."""
        paths = sorted(self.files)
        return random.sample(paths, min(count, len(paths)))

    def some_alone(self, random: Random, count: int) -> list[str]:
        """Return different files of whose news there is no copy, and none of the title.

        Not those that other news was written into, as staff were asked about: a new name answers.
        """
        counts = Counter(one for text in self.files.values() for one in (text.news, text.title))
        paths = sorted(
            path
            for path, text in self.files.items()
            if counts[text.news] == counts[text.title] == 1 and path not in self.asked
        )
        return random.sample(paths, min(count, len(paths)))

    def free(self, random: Random) -> str:
        """Return a name that no file has."""
        names = (f"{random.choice(_FOLDERS)}news-{number}.toml" for number in self.numbers)
        return next(name for name in names if name not in self.files)

    def files_about(self, news: int) -> list[str]:
        """Return the files about some news."""
        return sorted(path for path, text in self.files.items() if text.news == news)


def act(desk: Desk, random: Random) -> str:
    """Do something, and return what, in a few words; empty if it was not possible."""
    chosen = random.choices(_ACTS, weights=_WEIGHTS)[0]
    said = chosen(desk, random)
    name = chosen.__name__.removeprefix("_").replace("_", " ")
    return f"{name}: {said}" if said else ""


# ---- New and changed files


def _write_news(desk: Desk, random: Random) -> str:
    path = desk.free(random)
    text = desk.new(random)
    desk.write(path, replace(text, is_draft=random.random() < 0.05))
    return f"{path} “{text.title}”"


def _write_news_with_an_id(desk: Desk, random: Random) -> str:
    path = desk.free(random)
    text = desk.new(random)
    desk.write(path, replace(text, id=f"tag:example.org,2026:own-{text.news}"))
    return path


def _write_news_of_a_title(desk: Desk, random: Random) -> str:
    """Write other news that has the title of a file, and possibly its day."""
    for path in desk.some(random, 1):
        text = replace(desk.new(random), title=desk.files[path].title)
        if random.random() < 0.5:
            text = replace(text, day=desk.files[path].day)
        if not _has_much_text(text, desk.files[path]) or is_of_a_series(text, desk.files[path]):
            return ""
        other = desk.free(random)
        desk.write(other, text)
        return f"{other} has the title of {path}"
    return ""


def _write_news_by_a_form(desk: Desk, random: Random) -> str:
    for path in desk.some(random, 1):
        other = desk.free(random)
        desk.write(other, based_on(desk.files[path], desk.new(random), random))
        return f"{other} by {path}"
    return ""


def _change(desk: Desk, random: Random) -> str:
    """Change the text, the title or the date, or two of them."""
    for path in desk.some(random, 1):
        text, said = _changed(desk, path, random)
        desk.write(path, text)
        return f"{path} {said}"
    return ""


def _correct(desk: Desk, random: Random) -> str:
    for path in desk.some(random, 1):
        text = desk.files[path]
        if text.version not in desk.shown:  # it would declare other news to be the same
            return ""
        number = next(desk.numbers)
        desk.write(path, replace(text, corrections=(*text.corrections, f"It was {number}.")))
        return path
    return ""


def _publish_a_draft(desk: Desk, random: Random) -> str:
    for path in desk.some(random, 20):
        if desk.files[path].is_draft:
            desk.write(path, replace(desk.files[path], is_draft=False))
            return path
    return ""


def _make_or_mend_a_mistake(desk: Desk, random: Random) -> str:
    for path in desk.some_alone(random, 1):
        text = desk.files[path]
        desk.write(path, replace(text, is_broken=not text.is_broken))
        return path
    return ""


def _write_other_news_over(desk: Desk, random: Random) -> str:
    for path in desk.some_alone(random, 1):
        text = desk.new(random)
        if is_of_a_series(text) and is_of_a_series(desk.files[path]):
            return ""
        desk.bin.append((desk.free(random), desk.files[path]))
        desk.write(path, text)
        return f"{path} “{text.title}”"
    return ""


# ---- Moved files


def _unasked(desk: Desk, random: Random) -> list[str]:
    return [path for path in desk.some(random, 1) if path not in desk.asked]


def _rename(desk: Desk, random: Random) -> str:
    for path in _unasked(desk, random):
        other = desk.free(random)
        desk.move(path, other)
        return f"{path} to {other}"
    return ""


def _rename_and_change(desk: Desk, random: Random) -> str:
    for path in desk.some_alone(random, 1):
        other = desk.free(random)
        said = _move_changed(desk, path, other, random)
        return f"{path} to {other} {said}"
    return ""


def _rename_with_a_mistake(desk: Desk, random: Random) -> str:
    for path in desk.some_alone(random, 1):
        other = desk.free(random)
        desk.move(path, other, lambda text: replace(text, is_broken=True))
        return f"{path} to {other}"
    return ""


def _move_to_another_folder(desk: Desk, random: Random) -> str:
    for path in _unasked(desk, random):
        other = f"{random.choice(_FOLDERS)}{PurePosixPath(path).name}"
        if other not in desk.files:
            desk.move(path, other)
            return f"{path} to {other}"
    return ""


def _change_the_ending(desk: Desk, random: Random) -> str:
    for path in desk.some_alone(random, 1):
        other = f"{path.removesuffix('.toml')}{random.choice(_ENDINGS)}"
        if path.endswith(".toml") and other not in desk.files:
            desk.move(path, other)
            return f"{path} to {other}"
    return ""


def _exchange(desk: Desk, random: Random) -> str:
    """Exchange the names of two or three files, and possibly change one text."""
    paths = desk.some_alone(random, random.choice([2, 2, 3]))
    if len(paths) < 2:
        return ""
    texts = [desk.files[path] for path in paths]
    for path, text in zip(paths, [*texts[1:], texts[0]], strict=True):
        desk.write(path, text, is_changed=False)
    said = ""
    if random.random() < 0.3:
        text, said = _changed(desk, paths[0], random, is_moved=True)
        desk.write(paths[0], text)
    return f"{', '.join(paths)} {said}"


def _make_room(desk: Desk, random: Random) -> str:
    """Rename a file, possibly change it, and write other news, new or old, in its place."""
    paths = desk.some_alone(random, 2)
    if not paths:
        return ""
    path, said = desk.free(random), ""
    if random.random() < 0.5:
        said = _move_changed(desk, paths[0], path, random)
    else:
        desk.move(paths[0], path)
    if len(paths) == 2 and random.random() < 0.5:
        desk.move(paths[1], paths[0])
        return f"{paths[0]} to {path} {said}, {paths[1]} to {paths[0]}"
    desk.write(paths[0], desk.new(random))
    return f"{paths[0]} to {path} {said}"


# ---- Copied and deleted files


def _copy(desk: Desk, random: Random) -> str:
    for path in desk.some(random, 1):
        other = _name_of_a_copy(desk, path, random)
        if other in desk.files:
            return ""
        desk.write(other, desk.files[path], is_changed=False)
        return f"{path} to {other}"
    return ""


def _copy_and_change(desk: Desk, random: Random) -> str:
    """Copy a file as it is, and go on in the original, or in the copy with a few words."""
    for path in desk.some(random, 1):
        other = _name_of_a_copy(desk, path, random)
        if other in desk.files or desk.files[path].version not in desk.shown:
            return ""
        desk.write(other, desk.files[path], is_changed=False)
        if random.random() < 0.7:
            text, said = _changed(desk, path, random)
            desk.write(path, text)
            return f"{path} to {other}, {path} {said}"
        desk.write(other, touched_up(desk.files[path], random))
        return f"{path} to {other}, {other} touched up"
    return ""


def _delete(desk: Desk, random: Random) -> str:
    for path in desk.some(random, 1):
        desk.bin.append((path, desk.remove(path)))
        return path
    return ""


def _put_back(desk: Desk, random: Random) -> str:
    """Put a deleted file back, in its place or elsewhere."""
    if not desk.bin:
        return ""
    path, text = desk.bin.pop(random.randrange(len(desk.bin)))
    if desk.files_about(text.news):
        return ""
    other = desk.free(random) if random.random() < 0.4 or path in desk.files else path
    if random.random() < 0.3:
        desk.write(other, edited(text, random))
    else:
        desk.write(other, text, is_changed=False)
    return f"{path} as {other}"


def _move_changed(desk: Desk, path: str, other: str, random: Random) -> str:
    """Give a file another name and other words, and return which."""
    text, said = _changed(desk, path, random, is_moved=True)
    desk.move(path, other, lambda _: text)
    return said


def _changed(
    desk: Desk, path: str, random: Random, *, is_moved: bool = False
) -> tuple[Written, str]:
    """Return the text of a file with one or two changes of different kinds, and their names.

    What gets another name and title is not rewritten: less than half of it might be left.

    A word alone is changed in a copy, which would be other news with another title, and in what was
    changed since the last run: in the end nothing would be left of it.
    """
    text = desk.files[path]
    is_copied = desk.homes.get(text.news) != path and len(desk.files_about(text.news)) > 1
    if is_copied or (text.news in desk.homes and text.version not in desk.shown):
        return touched_up(text, random), "touched up"
    changes = {one.__name__: one for one in random.choices(_CHANGES, k=random.choice([1, 1, 2]))}
    if "retitled" in changes:
        changes.pop("redated", None)
        if is_moved:
            changes.pop("rewritten", None)
        if not _has_much_text(text):  # nothing would be left of it
            changes = {"retitled": retitled}
    for change in changes.values():
        text = change(text, random)
    return text, " and ".join(changes)


def _name_of_a_copy(desk: Desk, path: str, random: Random) -> str:
    name = PurePosixPath(path)
    if random.random() < 0.3:
        return desk.free(random)
    return str(name.parent / random.choice(_COPY_NAMES).format(stem=name.stem))


def _has_much_text(*texts: Written) -> bool:
    return all(len(" ".join(one.paragraphs).split()) > 15 for one in texts)


_FREQUENT = (
    (7, _write_news), (1, _write_news_with_an_id), (2, _write_news_of_a_title),
    (3, _write_news_by_a_form), (7, _change), (2, _correct), (2, _publish_a_draft),
    (3, _make_or_mend_a_mistake), (2, _write_other_news_over), (4, _rename),
    (5, _rename_and_change), (2, _rename_with_a_mistake), (2, _move_to_another_folder),
    (2, _change_the_ending), (4, _exchange), (4, _make_room), (3, _copy), (3, _copy_and_change),
    (4, _delete), (4, _put_back),
)  # fmt: skip
_WEIGHTS, _ACTS = zip(*_FREQUENT, strict=True)
