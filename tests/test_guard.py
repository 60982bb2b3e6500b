"""What nobody can have meant is held."""

from __future__ import annotations

import pytest
from conftest import Newsroom, entry_file

from dateline.guard import code_of, too_many_gone


@pytest.mark.parametrize(
    ("gone", "live", "held"),
    [
        (0, 0, False),
        (0, 9, False),
        (1, 1, True),
        (2, 2, True),
        (1, 2, False),
        (5, 6, False),
        (6, 29, True),
        (6, 30, False),
        (6, 31, False),
        (7, 34, True),
        (200, 1001, False),
        (201, 1001, True),
    ],
)
def test_many_and_a_fifth_or_all_are_too_many(gone: int, live: int, held: bool) -> None:  # noqa: FBT001 - a table
    """A few files may go; a folder may not."""
    assert too_many_gone(gone, live) == held


def test_a_folder_that_empties_is_told_once_and_loudly(newsroom: Newsroom) -> None:
    """Nothing is withdrawn, one message says what to do, and it ends when the files are back."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(8)]
    newsroom.build()
    before = newsroom.feeds()
    kept = {path: path.read_bytes() for path in paths}
    for path in paths:
        path.unlink()

    report = newsroom.build()

    assert newsroom.feeds() == before
    assert newsroom.codes() == ["many-gone"]
    assert report.states == {"entries/": "hold"}
    assert "8 of 8" in report.problems[0].message

    for path, data in kept.items():
        path.write_bytes(data)

    assert newsroom.build().problems == ()
    assert newsroom.feeds() == before


def test_a_code_is_for_the_parts_in_any_order() -> None:
    """The same difference has the same code, however its parts were found; another has another."""
    code = code_of("many-gone", ["a", "b", "c"])

    assert code == code_of("many-gone", ["c", "a", "b"]) == "many-gone-ea7fb0"
    assert code not in {code_of("many-gone", ["a", "b"]), code_of("gone", ["a", "b", "c"])}
