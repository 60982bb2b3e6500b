"""What an office does to its files, at random: news, corrections, copies, backups, folders, bins.

An act is made from a number of its own, so that a sequence can be repeated without some of them
(`tests/publish/test_random_weeks.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from random import Random

from support.office import FOLDERS, Office
from support.office_texts import (
    SERIES,
    Text,
    ahead,
    edited,
    issue,
    rewritten,
    sentence,
    translated,
    written,
)

_UNREAD = ("{stem}.toml.bak", "{stem}.toml.old", "{stem}.toml~")


def act(office: Office, random: Random) -> str:
    """Do something that is possible, and return what, in a few words; empty if nothing is."""
    for chosen in random.choices(_ACTS, weights=_WEIGHTS, k=6):
        if said := chosen(office, random):
            return f"{chosen.__name__.removeprefix('_').replace('_', ' ')}: {said}"
    return ""


# ---- News


def _write(office: Office, random: Random) -> str:
    number = next(office.numbers)
    text = written(number, office.newsroom.now, random)
    path = office.free(sentence(random, 2), random)
    office.start(path, text)
    return f"{path} n{number} {text.date}{' draft' if text.is_draft else ''}"


def _write_issue(office: Office, random: Random) -> str:
    number = next(office.numbers)
    series = random.choice(SERIES)
    text = issue(number, series, office.newsroom.now, random)
    path = office.free(series, random)
    office.start(path, text)
    return f"{path} n{number} {text.date}"


def _translate(office: Office, random: Random) -> str:
    for news in office.some(random):
        text = office.text(news)
        if text.language != "en" or text.is_retracted:
            return ""
        path = PurePosixPath(office.meant[news])
        other = str(path.with_name(f"{path.stem}-fr.toml"))
        if other in office.files:
            return ""
        number = next(office.numbers)
        office.start(other, translated(text, number, path.stem, random))
        return f"{other} n{number}"
    return ""


# ---- The file of some news


def _change(
    office: Office,
    random: Random,
    make: Callable[[Text], Text | None],
    *,
    live: bool | None = None,
    again: bool = False,
) -> str:
    for news in office.some(random, live=live, again=again):
        text = make(office.text(news))
        if text:
            office.change(news, text)
            return f"{office.meant[news]} n{news}v{text.version} “{text.title}” {text.date}"
    return ""


def _edit(office: Office, random: Random) -> str:
    number = next(office.numbers)
    return _change(office, random, lambda text: edited(text, number, random))


def _rewrite(office: Office, random: Random) -> str:
    number = next(office.numbers)
    return _change(office, random, lambda text: rewritten(text, number, random))


def _correct(office: Office, random: Random) -> str:
    number = next(office.numbers)

    def corrected(text: Text) -> Text | None:
        if text.is_retracted:
            return None
        corrections = (*text.corrections, number)
        return replace(edited(text, number, random), corrections=corrections)

    return _change(office, random, corrected, live=True)


def _retract(office: Office, random: Random) -> str:
    number = next(office.numbers)

    return _change(
        office, random, lambda text: replace(text, version=number, is_retracted=True), live=True
    )


def _retitle(office: Office, random: Random) -> str:
    title = sentence(random, 4)
    return _change(office, random, lambda text: replace(text, title=title))


def _redate(office: Office, random: Random) -> str:
    days = timedelta(days=random.choice([1, 2, 7]))

    def redated(text: Text) -> Text | None:
        return None if isinstance(text.date, datetime) else replace(text, date=text.date - days)

    return _change(office, random, redated, live=True)


def _postpone(office: Office, random: Random) -> str:
    """Give news that waits another moment, a later or an earlier one."""
    moment = ahead(office.newsroom.now, random)

    def postponed(text: Text) -> Text | None:
        title = sentence(random, 4) if random.random() < 0.25 else text.title
        is_waiting = not text.is_due(office.newsroom.now)
        return replace(text, date=moment, title=title) if is_waiting else None

    return _change(office, random, postponed, live=False)


def _release(office: Office, random: Random) -> str:
    """Publish a draft, or news before its moment."""
    today = office.newsroom.now.date()

    def released(text: Text) -> Text | None:
        if text.is_draft:
            return replace(text, is_draft=False)
        return None if text.is_due(office.newsroom.now) else replace(text, date=today)

    return _change(office, random, released, live=False)


def _set_draft(office: Office, random: Random) -> str:
    return _change(office, random, lambda text: replace(text, is_draft=True))


def _break(office: Office, random: Random) -> str:
    return _change(office, random, lambda text: replace(text, is_broken=True))


def _mend(office: Office, random: Random) -> str:
    broken = sorted(news for news, path in office.meant.items() if office.files[path].is_broken)
    for news in broken[: random.randint(0, 1)]:
        office.change(news, replace(office.text(news), is_broken=False))
        return office.meant[news]
    return ""


def _rename(office: Office, random: Random) -> str:
    """Rename or move a file, and possibly change its text or its title."""
    for news in office.some(random):
        path, text = PurePosixPath(office.meant[news]), office.text(news)
        to = office.free(sentence(random, 2), random)
        if random.random() < 0.4:
            to = f"{random.choice(FOLDERS)}{path.name}"
        kind = random.choice(["", "", "", "retitled", "edited"])
        if kind == "retitled":
            text = replace(text, title=sentence(random, 4))
        elif kind == "edited":
            text = edited(text, next(office.numbers), random)
        if to in office.files:
            return ""
        office.change(news, text, to)
        return f"{path} to {to} {kind}"
    return ""


def _move_folder(office: Office, random: Random) -> str:
    folders = sorted({path.split("/")[0] for path in office.files if "/" in path})
    for folder in random.sample(folders, min(1, len(folders))):
        to = f"{folder}-{next(office.numbers)}"
        entries = office.newsroom.folder / "entries"
        (entries / folder).rename(entries / to)
        for path in [one for one in office.files if one.startswith(f"{folder}/")]:
            office.files[to + path.removeprefix(folder)] = office.files.pop(path)
        for news, path in office.meant.items():
            if path.startswith(f"{folder}/"):
                office.meant[news] = to + path.removeprefix(folder)
                office.touch(news)
                if any(other.startswith(f"{to}/") for other in office.others(news)):
                    office.copied.setdefault(news, "moved")
        return f"{folder} to {to}"
    return ""


def _write_over(office: Office, random: Random) -> str:
    """Write other news into a file; in half of all cases, move its own news away first."""
    for news in office.some(random):
        path, text = office.meant[news], office.text(news)
        if text.is_of_series or text.is_draft or office.others(news):
            return ""
        other = written(next(office.numbers), office.newsroom.now, random)
        to = ""
        if random.random() < 0.5:
            to = office.free(sentence(random, 2), random)
            office.change(news, text, to)
        else:
            del office.meant[news]
            if office.live(news):
                office.kept.add(news)
        office.start(path, replace(other, id="", is_draft=False))
        return f"{path} n{other.news} {other.date}{' after a move to ' if to else ''}{to}"
    return ""


def _exchange(office: Office, random: Random) -> str:
    """Exchange the names of two files."""
    for one in office.some(random):
        for other in office.some(random):
            if one == other:
                return ""
            first, second = office.meant[one], office.meant[other]
            texts = office.files[first], office.files[second]
            office.write(first, texts[1])
            office.write(second, texts[0])
            office.meant |= {one: second, other: first}
            office.touch(one)
            office.touch(other)
            return f"{first} and {second}"
    return ""


def _touch_all(office: Office, _: Random) -> str:
    """Restore all files as they are, with other times."""
    for path in office.files:
        os.utime(office.newsroom.folder / "entries" / path)
    return "all"


# ---- Copies


def _copy(office: Office, random: Random) -> str:
    for news in office.some(random, again=True):
        path = office.meant[news]
        other = office.name_of_copy(path, random)
        if not other or (news in office.changed and office.live(news)):
            return ""
        office.write(other, office.files[path])
        office.note_copy(news, "copied")
        return f"{path} to {other}"
    return ""


def _copy_unread(office: Office, random: Random) -> str:
    for news in office.some(random, again=True):
        path = PurePosixPath(office.meant[news])
        other = str(path.parent / random.choice(_UNREAD).format(stem=path.stem))
        office.newsroom.drop(other, office.text(news).toml())
        return f"{path} to {other}"
    return ""


def _copy_folder(office: Office, random: Random) -> str:
    folders = sorted({path.split("/")[0] for path in office.meant.values() if "/" in path})
    for folder in random.sample(folders, min(1, len(folders))):
        to = f"{folder}{random.choice([' - Copy', ' (2)', '-backup'])}"
        paths = [path for path in office.files if path.startswith(f"{folder}/")]
        if any(path.startswith(f"{to}/") for path in office.files):
            return ""
        if any(office.files[path].news in office.changed for path in paths):
            return ""
        for path in paths:
            office.write(to + path.removeprefix(folder), office.files[path])
            office.note_copy(office.files[path].news, "copied")
        return f"{folder} to {to}"
    return ""


def _delete_copy(office: Office, random: Random) -> str:
    for path in office.copies(random):
        office.bin.append((path, office.remove(path)))
        return path
    return ""


def _move_copy(office: Office, random: Random) -> str:
    """Rename a copy, move it, or save it as it is."""
    for path in office.copies(random):
        text = office.files[path]
        to = random.choice([path, f"old/{PurePosixPath(path).name}", office.free("kept", random)])
        if to != path and to in office.files:
            return ""
        office.remove(path)
        office.write(to, text)
        if to != path:
            office.note_copy(text.news, "moved")
        return f"{path} to {to}"
    return ""


def _edit_copy(office: Office, random: Random) -> str:
    """Change a word in a copy by mistake."""
    for path in office.copies(random):
        if not office.files[path].is_long:
            return ""
        news = office.files[path].news
        office.write(path, edited(office.files[path], next(office.numbers), random))
        office.note_copy(news, "edited")
        return path
    return ""


def _save_copy_over(office: Office, random: Random) -> str:
    """Put what a copy says into the file."""
    for path in office.copies(random):
        news = office.files[path].news
        if news in office.changed:
            return ""
        office.change(news, office.files[path])
        if random.random() < 0.5:
            office.remove(path)
        return f"{path} over {office.meant[news]}"
    return ""


def _restore(office: Office, random: Random) -> str:
    """Put a former version into a file, or beside it."""
    found = [one for one in office.former if one.news in office.meant and not one.is_broken]
    for text in random.sample(found, min(1, len(found))):
        path = office.meant[text.news]
        if text.news in office.changed or text == office.files[path]:
            return ""
        # A copy in which only the day was changed is other news, as is documented.
        is_known = text.date == office.files[path].date
        other = office.name_of_copy(path, random) if is_known else ""
        if random.random() < 0.3 and not office.text(text.news).is_retracted:
            office.change(text.news, text)
            return f"{path} n{text.news}v{text.version}"
        if other:
            office.write(other, text)
            return f"{other} n{text.news}v{text.version}, beside {path}"
    return ""


def _keep_copy(office: Office, random: Random) -> str:
    """Delete the file, and keep a copy."""
    for path in office.copies(random):
        news = office.files[path].news
        if news in office.changed:
            return ""
        own = office.meant[news]
        office.bin.append((own, office.remove(own)))
        office.meant[news] = path
        office.touch(news)
        office.promoted.add(news)
        if office.others(news):
            office.excuse(news, "several")
        return f"{path} in place of {own}"
    return ""


def _write_by_form(office: Office, random: Random) -> str:
    """Write other news into a copy: another title, date and text."""
    for path in office.copies(random):
        number = next(office.numbers)
        office.start(path, replace(written(number, office.newsroom.now, random), id=""))
        return f"{path} n{number} {office.files[path].date}"
    return ""


# ---- Deleted files


def _delete(office: Office, random: Random) -> str:
    """Delete a file with its copies."""
    for news in office.some(random):
        own, others = office.meant[news], office.others(news)
        for path in (own, *others):
            office.bin.append((path, office.remove(path)))
        del office.meant[news]
        office.promoted.discard(news)
        return f"{own} {others or ''}"
    return ""


def _put_back(office: Office, random: Random) -> str:
    """Put back a deleted file of news that has none, in its place or elsewhere."""
    found = [
        number
        for number, (path, text) in enumerate(office.bin)
        if text.news not in office.meant and path not in office.files
    ]
    if not found or random.random() < 0.3:
        return ""
    path, text = office.bin.pop(random.choice(found))
    other = path if random.random() < 0.6 else office.free("back", random)
    office.start(other, text)
    return f"{path} as {other} n{text.news}v{text.version}"


_FREQUENT = (
    (5, _write), (2, _write_issue), (1, _translate), (4, _edit), (1, _rewrite), (3, _correct),
    (3, _retract), (3, _retitle), (2, _redate), (5, _postpone), (1, _release), (2, _break),
    (3, _mend), (4, _rename), (1, _move_folder), (2, _exchange), (1, _touch_all), (8, _copy),
    (1, _copy_unread), (2, _copy_folder), (2, _delete_copy), (3, _move_copy), (2, _edit_copy),
    (2, _save_copy_over), (5, _keep_copy), (2, _write_by_form), (2, _delete), (2, _put_back),
    (4, _restore), (1, _write_over), (1, _set_draft),
)  # fmt: skip
_WEIGHTS, _ACTS = zip(*_FREQUENT, strict=True)
