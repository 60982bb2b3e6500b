"""Documents that are deleted, truncated or changed in `feeds/` are found and restored."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path, PurePath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dateline.config import Schedule
from dateline.ledger import Ledger
from dateline.publish import ledger_url
from dateline.publish.produce import scrub
from dateline.system.condition import Code
from support.flips import cut, flip
from support.publication import Newsroom, entry_file, picture


def _all(newsroom: Newsroom) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and time of every file that is served, compressed forms included."""
    root = newsroom.folder / "feeds"
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), int(path.stat().st_mtime))
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def _published(newsroom: Newsroom) -> dict[str, tuple[bytes, int]]:
    for number in range(3):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}"))
    newsroom.drop("harbour.png", picture())
    shown = {"image": '"harbour.png"', "image_alt": '"A harbour"'}
    newsroom.drop("with.toml", entry_file("With a picture", **shown))
    newsroom.build()
    return _all(newsroom)


def _touch(path: Path) -> None:
    """Change only the time, as a copy without `-p` does; validators depend on it."""
    os.utime(path, (1, 1))


HARMS: list[Callable[[Path], None]] = [Path.unlink, cut, flip, _touch]


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 3))]
)
def test_every_damaged_file_is_restored(newsroom: Newsroom, first: int) -> None:
    """One of each kind is restored by itself, with its former bytes and time.

    Each kind has another damage than the one before; four rounds give every kind every damage.
    """
    before = _published(newsroom)
    kinds = {(name.count("/"), *PurePath(name).suffixes): name for name in before}

    for harm, name in zip(islice(cycle(HARMS), first, None), kinds.values(), strict=False):
        harm(newsroom.folder / "feeds" / name)
        report = newsroom.build()

        assert _all(newsroom) == before, name
        assert [one for one in report.remarks if "1 file was" in one and "restored" in one]
    assert newsroom.build().remarks == ()


@pytest.mark.long
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_many_damaged_files_are_restored_at_once(newsroom: Newsroom, data: st.DataObject) -> None:
    """This holds for any files and any damage."""
    before = _published(newsroom) if not (newsroom.folder / "feeds").exists() else _all(newsroom)
    names = st.dictionaries(st.sampled_from(sorted(before)), st.sampled_from(HARMS), max_size=9)
    for name, harm in data.draw(names).items():
        harm(newsroom.folder / "feeds" / name)

    newsroom.build()

    assert _all(newsroom) == before


@pytest.mark.long
def test_a_picture_that_cannot_be_restored_is_reported(newsroom: Newsroom) -> None:
    """Its source was deleted; once the source is back, so is the picture."""
    before = _published(newsroom)
    (name,) = [name for name in before if name.startswith("media/")]
    (newsroom.folder / "entries/harbour.png").unlink()
    (newsroom.folder / "feeds" / name).unlink()

    report, again = newsroom.build(), newsroom.build()
    newsroom.drop("harbour.png", picture())
    whole = newsroom.build()

    assert [one for one in report.remarks if name in one and "beside their entries" in one]
    assert again.remarks == ()
    told = [[one.code for one in run.conditions] for run in (report, again, whole)]
    assert told == [[Code.DOCUMENTS], [Code.DOCUMENTS], []]
    assert _all(newsroom)[name] == before[name]


@pytest.mark.long
def test_all_documents_are_checked_in_turn(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds for any number of documents at a time, and for a new process in each run."""
    monkeypatch.setattr("dateline.publish.produce.scrub._AT_LEAST", 3)
    monkeypatch.setattr("dateline.publish.produce.scrub._BYTES", 2_000)
    before = _published(newsroom)
    for name in before:
        if not name.endswith((".gz", ".br", ".zst")):
            flip(newsroom.folder / "feeds" / name)

    runs = 0
    while _all(newsroom) != before:
        newsroom.build(after=timedelta(seconds=30))
        runs += 1
        assert runs < 2 * len(before)

    assert runs > 1


def test_a_check_writes_nothing_if_nothing_is_wrong(newsroom: Newsroom) -> None:
    """No document counts as unfinished, and no file is read again."""
    _published(newsroom)
    report = newsroom.build()

    with Ledger(ledger_url(newsroom.config)) as ledger:
        assert ledger.documents.unfinished() == set()
    assert (report.documents, report.changed, report.published) == ((), (), ())


def test_the_shipped_limits_check_everything_within_a_day() -> None:
    """This holds for any number of documents, at the default interval."""
    runs = 24 * 3600 / Schedule().interval

    assert scrub._RUNS <= runs  # noqa: SLF001 - the promise rests on it
    assert runs * scrub._BYTES >= 5_000_000_000  # noqa: SLF001
