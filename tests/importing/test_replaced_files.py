"""A file of a source that is replaced while it is imported is read nowhere else, nor waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dateline.errors import FetchError
from dateline.importing.fetch import SourceFetcher, below
from dateline.importing.items import ImportedItem
from dateline.importing.media import MediaImporter


def linked(path: Path) -> None:
    """Put a link to a file outside at a path."""
    path.symlink_to(path.parents[1] / "secret.csv")


@pytest.fixture(params=[os.mkfifo, linked], ids=["pipe", "link"])
def replaced(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a file of a source that is something else by the time it is opened."""
    (tmp_path / "secret.csv").write_text("SECRET,\n")
    (tmp_path / "source").mkdir()
    path = tmp_path / "source/a.csv"
    replace: Callable[[Path], None] = request.param
    replace(path)
    return path


def test_an_older_document_is_no_other_file(replaced: Path) -> None:
    """A feed on disk may lead to files below its folder, and to no others."""
    with pytest.raises(FetchError, match="cannot be read"):
        below(str(replaced.with_name("feed.xml")), str(replaced))


def test_a_file_beside_a_text_is_no_other_file(replaced: Path, tmp_path: Path) -> None:
    """It was found below the site, and is opened below it."""
    importer = MediaImporter(entries=tmp_path / "entries", fetcher=SourceFetcher(), is_trial=False)
    item = ImportedItem(
        origin="a.md", title="A", date=None, found={"a.csv": replaced}, root=replaced.parent
    )
    losses: list[str] = []

    assert importer.import_files(item, ["a.csv"], "2024", losses) == {}
    assert len(losses) == 1
    assert not (tmp_path / "entries").exists()


def test_a_name_that_something_else_has_is_taken(replaced: Path, tmp_path: Path) -> None:
    """A pipe or a link in our own folder is neither read nor replaced."""
    entries, source = tmp_path / "source", tmp_path / "a.csv"
    (entries / "2024").mkdir()
    replaced.rename(entries / "2024/a.csv")
    source.write_text("a,b\n")
    importer = MediaImporter(entries=entries, fetcher=SourceFetcher(), is_trial=False)
    item = ImportedItem(origin="a.md", title="A", date=None, found={"a.csv": source}, root=tmp_path)

    assert importer.import_files(item, ["a.csv"], "2024", []) == {"a.csv": "a-2.csv"}
    assert (entries / "2024/a-2.csv").read_text() == "a,b\n"
