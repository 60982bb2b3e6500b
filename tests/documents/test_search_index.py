"""The search index finds what is in it, and keeps no term of what was removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from dateline.documents.search import (
    INDEX,
    IndexDamaged,
    IndexedEntry,
    SearchHits,
    SearchIndex,
    SearchReader,
)
from dateline.text.search_terms import of_query

LETTERS = "абвгдежзик"  # of bytes that no number in the index has


def entry(number: int, terms: str) -> IndexedEntry:
    """Return an entry of the index."""
    return IndexedEntry(sequence=number, id=f"tag:example.org,2008:{number}", terms=terms)


def found(folder: Path, query: str, **facets: Sequence[str]) -> list[int]:
    """Return the numbers of the entries that a query finds."""
    hits = SearchReader(folder).find(of_query(query), facets, limit=20)
    return [int(id_.rpartition(":")[2]) for id_ in hits.ids]


def change(index: SearchIndex, before: Sequence[IndexedEntry], *after: IndexedEntry) -> None:
    """Replace entries."""
    ids = [one.id for one in (*before, *after)]
    index.update(before, after, ids=dict.fromkeys(ids), generation=2, moment=2)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    """Return an index of three entries."""
    with SearchIndex(tmp_path) as made:
        entries = [entry(1, "harbour opens"), entry(2, "harbour closes"), entry(3, "school")]
        made.rebuild(entries, generation=1, moment=1)
        yield made


def on_disk(folder: Path) -> bytes:
    """Return all bytes of the index and of its log."""
    return b"".join(path.read_bytes() for path in folder.glob(f"{INDEX}*"))


@pytest.mark.usefixtures("index")
def test_entries_are_found_by_all_words_the_latest_first(tmp_path: Path) -> None:
    """Each word narrows the search."""
    assert found(tmp_path, "harbour ") == [2, 1]
    assert found(tmp_path, "open harb") == []
    assert found(tmp_path, "harbour open") == [1]


@pytest.mark.usefixtures("index")
def test_the_last_word_may_be_a_beginning(tmp_path: Path) -> None:
    """It is one of any word, and of no facet."""
    assert found(tmp_path, "har") == [2, 1]
    assert found(tmp_path, "harbour clo") == [2]
    assert found(tmp_path, "harbour closed") == []


def test_of_many_words_with_one_beginning_the_frequent_ones_count(
    index: SearchIndex, tmp_path: Path
) -> None:
    """A search for the beginning of 300 words reads 200 of them; those of one entry come last."""
    change(index, (), entry(4, " ".join(f"port{number:03}" for number in range(300))))
    change(index, (), entry(5, "portzebra"), entry(6, "portzebra"))
    change(index, (), entry(7, "portable porta"))

    assert found(tmp_path, "port") == [6, 5, 4]
    assert found(tmp_path, "porta") == [7]


def test_a_new_entry_is_found_beside_the_others(index: SearchIndex, tmp_path: Path) -> None:
    """A search in an open index has the entries of the last change."""
    reader = SearchReader(tmp_path)
    assert reader.find(of_query("harbour"), {}, limit=1).count == 2

    change(index, (), entry(4, "harbour again"))

    hits = SearchHits(ids=(entry(4, "").id,), count=3, has_more=False)
    assert reader.find(of_query("harbour"), {}, limit=1) == hits


def test_a_removed_term_is_not_on_disk(index: SearchIndex, tmp_path: Path) -> None:
    """Neither the file nor its log has a byte sequence of a removed term."""
    assert b"closes" in on_disk(tmp_path)

    change(index, [entry(2, "harbour closes")], entry(2, "harbour"))

    assert b"closes" not in on_disk(tmp_path)
    assert found(tmp_path, "harbour") == [2, 1]


@pytest.mark.long
def test_no_removed_term_is_on_disk_whatever_was_removed(tmp_path: Path) -> None:
    """Of a thousand entries with words of every beginning, no removed one leaves its own words."""
    random, texts = Random(6), random_texts(1000)  # noqa: S311 - no secret
    entries = {number: entry(number, " ".join(sorted(text))) for number, text in texts.items()}
    left: list[tuple[int, str]] = []
    with SearchIndex(tmp_path) as index:
        index.rebuild(entries.values(), generation=1, moment=1)
        for number in random.sample([*entries], 100):
            others = "\n".join(one.terms for key, one in entries.items() if key != number)
            change(index, [entries.pop(number)])
            data = on_disk(tmp_path)
            own = [term for term in texts.pop(number) if term not in others]
            left += [(number, term) for term in own if term.encode() in data]
            late = entry(number + 1000, "".join(random.choices(LETTERS, k=9)))
            change(index, (), late)  # so that there is something to merge
            entries[late.sequence] = late
        index.verify(10**9)
        kept = next(iter(entries.values()))
        word = kept.terms.split()[30]

        assert kept.sequence in found(tmp_path, f"{word} ")

    assert left == []


@pytest.mark.long
def test_no_term_that_is_removed_while_an_index_is_built_is_on_disk(tmp_path: Path) -> None:
    """Whatever is added after it."""
    texts = random_texts(1000)
    entries = [entry(number, " ".join(sorted(text))) for number, text in texts.items()]
    removed = entries[::20]
    with SearchIndex(tmp_path) as index:
        index.begin_rebuild()
        for start in range(0, 1000, 100):
            index.add(entries[start : start + 100])
            index.replace(gone := removed[start // 20 :][:5], (), ids=[one.id for one in gone])
        index.end_rebuild(generation=1, moment=1)
        index.verify(10**9)

    kept = {term for number, text in texts.items() if number % 20 != 1 for term in text}
    others = "\n".join(kept)
    own = {term for one in removed for term in one.terms.split() if term not in others}
    data = on_disk(tmp_path)
    assert len(own) > 100
    assert [term for term in own if term.encode() in data] == []
    assert found(tmp_path, f"{entries[1].terms.split()[30]} ")
    assert not found(tmp_path, f"{next(iter(own))} ")


def random_texts(number: int) -> dict[int, set[str]]:
    """Return the words of some texts, by numbers from 1 on."""
    random = Random(7)  # noqa: S311 - no secret
    return {
        one: {"".join(random.choices(LETTERS, k=random.randint(4, 9))) for _ in range(60)}
        for one in range(1, number + 1)
    }


def test_many_changes_leave_few_segments(index: SearchIndex, tmp_path: Path) -> None:
    """A search looks into each of them: every change merges a few pages."""
    for number in range(4, 254):
        change(index, (), entry(number, f"harbour number-{number}"))

    with sqlite3.connect(tmp_path / INDEX) as tables:
        (count,) = tables.execute("SELECT count(DISTINCT segid) FROM words_idx").fetchone()
    tables.close()
    assert count < 16
    assert found(tmp_path, "number-150 harbour") == [150]


def test_another_text_than_the_indexed_one_is_noticed(index: SearchIndex, tmp_path: Path) -> None:
    """FTS5 would be damaged by it without a word; nothing changes instead."""
    with pytest.raises(IndexDamaged):
        change(index, [entry(1, "harbour closes")])

    index.close()
    assert found(tmp_path, "harbour") == [2, 1]


def test_damage_is_noticed(index: SearchIndex, tmp_path: Path) -> None:
    """A check finds overwritten pages."""
    index.close()
    path = tmp_path / INDEX
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(data)

    with pytest.raises(sqlite3.DatabaseError), SearchIndex(tmp_path) as again:
        again.verify(10**9)


def test_an_index_in_place_of_a_damaged_one_is_opened(index: SearchIndex, tmp_path: Path) -> None:
    """A reader uses the file that has the name now."""
    reader = SearchReader(tmp_path)
    assert reader.find(of_query("school"), {}, limit=9).count == 1
    index.close()
    for path in tmp_path.glob(f"{INDEX}*"):
        path.unlink()
    with SearchIndex(tmp_path) as other:
        other.rebuild([entry(7, "bridge")], generation=1, moment=1)

        assert reader.find(of_query("school"), {}, limit=9).count == 0
        assert reader.find(of_query("bridge"), {}, limit=9).ids == (entry(7, "").id,)


def test_without_an_index_a_search_fails(tmp_path: Path) -> None:
    """Neither is one created."""
    with pytest.raises(sqlite3.Error):
        found(tmp_path, "harbour")

    assert [*tmp_path.iterdir()] == []


def test_pages_of_hits_end_at_a_thousand(tmp_path: Path) -> None:
    """Of more hits only that there are more is counted."""
    with SearchIndex(tmp_path) as index:
        index.rebuild([entry(n, "harbour") for n in range(1, 1202)], generation=1, moment=1)
        hits = SearchReader(tmp_path).find(of_query("harbour"), {}, limit=20, offset=990)

    assert (len(hits.ids), hits.count, hits.has_more) == (10, 1000, True)
