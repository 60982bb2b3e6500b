"""The model of a newsroom: what readers must have, and what it notices that they have."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from trials.feeds import Walk, about_lebanon, differences
from trials.model import Model, Piece
from trials.texts import Seen, Text, days_ago, moment, today, with_values

_NOW = 1_790_000_000.0
_TODAY = today(_NOW)


def _model(text: Text, shown: Text | None = None) -> Model:
    piece = Piece(number=1, path="a.toml", shown=shown)
    model = Model(pieces={1: piece}, latest=_NOW)
    model.write(piece, text)
    return model


def _seen(text: Text, published: float = _NOW) -> Seen:
    return Seen(
        id="1",
        address="/a",
        title=text.headline,
        text=" ".join(text.wanted()),
        published=published,
        updated=published,
    )


def test_an_embargo_ends_at_its_moment() -> None:
    """Before it nothing of the entry may be seen, and after it the entry has to be live."""
    text = Text(news=1, date=_TODAY, due=_NOW + 60)
    model = _model(text)

    assert not model.may_be_seen(text.headline)
    assert model.differences({1: _seen(text)}, _NOW) == ["news 1 is shown"]
    model.tick(_NOW + 60)
    assert model.may_be_seen(text.headline)
    assert model.differences({}, _NOW + 60) == ["news 1 is missing"]


def test_a_broken_version_leaves_the_last_one_live() -> None:
    """Its words are never for readers."""
    good = Text(news=1, date=_TODAY)
    bad = Text(news=1, date=_TODAY, title=2, is_broken=True)
    model = _model(bad, shown=good)

    assert model.differences({1: _seen(good)}, _NOW) == []
    assert not model.may_be_seen(bad.headline)


def test_a_broken_version_with_the_same_words_is_never_live() -> None:
    """After a recovery, readers still have the one before it."""
    good = Text(news=1, date=_TODAY)
    model = _model(with_values(good, is_broken=True), shown=good)
    model.lose_all()

    list(model.learn({1: _seen(good)}, _NOW))

    assert model.pieces[1].shown == good
    assert not model.pieces[1].is_version_open


def test_a_file_that_was_broken_when_all_was_lost_may_count_for_none() -> None:
    """If it is that of no entry, the only file that counts is gone: staff are asked."""
    good = Text(news=1, date=_TODAY)
    for is_lost in (False, True):
        model = _model(with_values(good, is_broken=True), shown=good)
        if is_lost:
            model.lose_all()
        other = Text(news=2, date=_TODAY)
        seen = {1: _seen(good), 2: replace(_seen(other, _NOW - 1), id="2", address="/b")}
        model.pieces[2] = Piece(number=2, path="b.toml")
        model.write(model.pieces[2], other)
        list(model.learn(seen, _NOW))
        model.write(model.pieces[2], None)
        model.pieces[2].gone = _NOW
        list(model.learn(seen, _NOW))
        model.tick(_NOW + 7200)

        found = model.differences(seen, _NOW + 7200)
        assert found == ([] if is_lost else ["news 2 is shown"])


def test_an_entry_that_broke_after_its_moment_may_be_live() -> None:
    """Whether a run came between is open; what readers have stays theirs."""
    good = Text(news=1, date=_TODAY, due=_NOW + 60)
    model = _model(good)
    model.tick(_NOW + 90)
    model.write(model.pieces[1], with_values(good, is_broken=True, title=2))
    model.write(model.pieces[1], with_values(good, is_broken=True, title=3))

    assert model.differences({}, _NOW + 90) == []
    assert model.differences({1: _seen(good, _NOW + 60)}, _NOW + 90) == []
    assert list(model.learn({1: _seen(good, _NOW + 60)}, _NOW + 90)) == []
    assert model.pieces[1].is_live


def test_a_version_that_was_replaced_by_a_draft_may_be_live() -> None:
    """Whether a run came between is open until readers have it; then it is the only one."""
    one = Text(news=1, date=_TODAY)
    two, three = with_values(one, title=2), with_values(one, title=3)
    model = _model(one, shown=one)
    model.write(model.pieces[1], two)
    model.write(model.pieces[1], with_values(two, is_draft=True))

    assert model.differences({}, _NOW) == ["news 1 is missing"]
    assert model.differences({1: _seen(one)}, _NOW) == []
    assert model.differences({1: _seen(two)}, _NOW) == []
    assert model.differences({1: _seen(three)}, _NOW) == ["news 1 lacks zqt1w1z"]
    list(model.learn({1: _seen(two)}, _NOW))
    assert model.differences({1: _seen(one)}, _NOW) == ["news 1 lacks zqt1w2z"]


def test_which_of_two_versions_is_live_stays_open() -> None:
    """As long as the file is a draft, the category of a version with the same words is unknown."""
    one = Text(news=1, date=_TODAY)
    two = with_values(one, is_about_lebanon=True)
    model = _model(one, shown=one)
    model.write(model.pieces[1], two)
    model.write(model.pieces[1], with_values(two, is_draft=True))

    for _ in range(2):
        list(model.learn({1: _seen(one)}, _NOW))
        assert model.pieces[1].is_version_open
    model.write(model.pieces[1], two)
    list(model.learn({1: _seen(two)}, _NOW))
    assert not model.pieces[1].is_version_open


def test_the_category_of_news_whose_file_is_held_is_not_certain() -> None:
    """A change to it was perhaps not out when the file was made a draft."""
    one = Text(news=1, date=_TODAY)
    model = _model(with_values(one, is_draft=True), shown=one)
    list(model.learn({1: _seen(one)}, _NOW))
    trial: Any = SimpleNamespace(model=model, now=_NOW)

    assert dict(about_lebanon(trial)) == {}
    model.write(model.pieces[1], one)
    assert dict(about_lebanon(trial)) == {1: False}


def _with_one_of_two_deleted(moment: float) -> tuple[Model, dict[int, Seen]]:
    """Return a model of two pieces of news, of which one was deleted, and what readers have."""
    text, other = Text(news=1, date=_TODAY), Text(news=2, date=_TODAY)
    model = _model(text, shown=text)
    model.pieces[2] = Piece(number=2, path="b.toml", text=other, shown=other)
    seen = {1: _seen(text), 2: _seen(other)}
    list(model.learn(seen, _NOW))
    model.write(model.pieces[1], None)
    model.pieces[1].gone = moment
    return model, seen


def test_a_deleted_file_withdraws_after_its_grace_time() -> None:
    """Until then its entry stays; of several entries, it is not all that are gone."""
    model, seen = _with_one_of_two_deleted(_NOW)
    list(model.learn(seen, _NOW + 1))

    assert model.differences(seen, _NOW + 500) == []
    model.tick(_NOW + 700)
    assert model.differences(seen, _NOW + 700) == ["news 1 is shown"]


def test_the_grace_time_begins_once_the_clock_is_right() -> None:
    """A clock that is behind the date of an entry says nothing about its file."""
    model, seen = _with_one_of_two_deleted(_NOW - 2_400)
    list(model.learn(seen, _NOW - 2_400))
    model.tick(_NOW + 700)

    assert model.differences(seen, _NOW + 700) == []
    list(model.learn(seen, _NOW + 700))
    model.tick(_NOW + 1_400)
    assert model.differences(seen, _NOW + 1_400) == ["news 1 is shown"]


def test_the_grace_time_ends_once_the_clock_is_right() -> None:
    """Also where it was set back after the file had gone."""
    model, seen = _with_one_of_two_deleted(_NOW)
    list(model.learn(seen, _NOW))
    model.tick(_NOW + 100)
    model.tick(_NOW - 8_000)

    assert model.is_behind(_NOW - 8_000)
    assert model.differences(seen, _NOW - 7_000) == []
    model.tick(_NOW + 700)
    assert not model.is_behind(_NOW + 700)
    assert model.differences(seen, _NOW + 700) == ["news 1 is shown"]


def test_the_grace_time_begins_again_where_many_were_gone_at_a_wrong_clock() -> None:
    """A guard ends it; it begins once the guard lets them go and the clock is right."""
    model, seen = _with_one_of_two_deleted(_NOW)
    list(model.learn(seen, _NOW))
    other = model.pieces[2]
    text = other.text
    model.write(other, None)
    other.gone = _NOW - 2_400
    list(model.learn(seen, _NOW - 2_400))
    model.write(other, text)
    list(model.learn(seen, _NOW - 2_300))
    model.tick(_NOW + 4_000)

    assert model.differences(seen, _NOW + 4_000) == []
    list(model.learn(seen, _NOW + 4_000))
    model.tick(_NOW + 5_000)
    assert model.differences(seen, _NOW + 5_000) == ["news 1 is shown"]


def test_entries_stay_where_many_files_are_gone() -> None:
    """Once it has settled with them gone, none of them may be withdrawn, however late it is."""
    texts = {number: Text(news=number, date=_TODAY) for number in range(1, 9)}
    pieces = {
        number: Piece(number=number, path=f"{number}.toml", text=text, shown=text)
        for number, text in texts.items()
    }
    model = Model(pieces=pieces, latest=_NOW)
    seen = {number: _seen(text) for number, text in texts.items()}
    list(model.learn(seen, _NOW))
    for number in range(1, 7):
        model.write(pieces[number], None)
        pieces[number].gone = _NOW
    list(model.learn(seen, _NOW + 1))
    model.tick(_NOW + 4000)

    assert model.differences({7: seen[7], 8: seen[8]}, _NOW + 4000) == [
        f"news {number} is missing" for number in range(1, 7)
    ]
    model.pieces[9] = Piece(number=9, path="9.toml")
    model.write(model.pieces[9], Text(news=9, date=_TODAY))
    assert model.differences({7: seen[7], 8: seen[8]}, _NOW + 4000) == ["news 9 is missing"]

    for number in range(2, 7):
        model.write(pieces[number], texts[number])
    model.tick(_NOW + 4100)
    assert model.differences(seen, _NOW + 4100) == ["news 9 is missing"]
    model.tick(_NOW + 4800)
    assert "news 1 is shown" in model.differences(seen, _NOW + 4800)


def test_what_is_written_after_a_recovery_is_certain() -> None:
    """A file of the time before is not: it may be held until it changes."""
    text = Text(news=1, date=_TODAY)
    model = Model(pieces={1: Piece(number=1, path="a.toml")}, latest=_NOW)
    model.lose_all()
    model.write(model.pieces[1], text)
    assert model.differences({}, _NOW) == []
    list(model.learn({}, _NOW))

    model.write(model.pieces[1], with_values(text, body=2))

    assert model.differences({}, _NOW) == ["news 1 is missing"]


@pytest.mark.parametrize(
    ("passed", "is_settled", "is_back", "is_same"),
    [
        (0, False, False, True),  # it is live
        (500, True, True, True),
        (700, True, False, False),  # it is withdrawn
        (700, False, False, False),  # it may be
        (700, False, True, False),
    ],
)
def test_what_was_withdrawn_may_come_again_once_all_is_lost(
    passed: int, *, is_settled: bool, is_back: bool, is_same: bool
) -> None:
    """It is new then, with another id; what was live when all was lost keeps its own."""
    text, other = Text(news=1, date=_TODAY), Text(news=2, date=_TODAY)
    model = _model(text)
    model.pieces[2] = Piece(number=2, path="b.toml", text=other, shown=other)
    seen = {1: _seen(text), 2: replace(_seen(other, _NOW - 9), id="2")}
    list(model.learn(seen, _NOW))
    if passed:
        model.write(model.pieces[1], None)
        model.pieces[1].gone = _NOW
    model.tick(_NOW + passed)
    if is_settled:
        list(model.learn({number: seen[number] for number in (1, 2)[passed > 600 :]}, _NOW))
    if is_back:
        model.write(model.pieces[1], text)
    model.lose_all()
    model.write(model.pieces[1], text)

    again = {number: replace(one, id=f"new {one.id}") for number, one in seen.items()}
    found = [*model.learn(again, _NOW + passed)]

    of_other = "the id of news 2 was 2 and is new 2"
    assert found == ["the id of news 1 was 1 and is new 1"] * is_same + [of_other]
    assert model.pieces[1].first == (seen if is_same else again)[1]


def test_news_may_have_the_moment_after_a_tombstone_of_which_no_more_is_known() -> None:
    """The moment of the withdrawal is the latest that is known, once all else is lost."""
    withdrawn = Text(news=1, date=days_ago(_NOW, 3))
    late = Text(news=2, date=days_ago(_NOW, 2))
    for is_lost, age in ((False, 100), (True, 100), (True, 300)):
        model = _model(withdrawn)
        piece = model.pieces[1]
        list(model.learn({1: _seen(withdrawn, _NOW - 3 * 86_400)}, _NOW - 200))
        model.write(piece, None)
        list(model.learn({}, _NOW))
        if is_lost:
            model.lose_all()
            list(model.learn({}, _NOW))
        model.pieces[2] = Piece(number=2, path="b.toml")
        model.write(model.pieces[2], late)

        found = [*model.learn({2: _seen(late, _NOW - age)}, _NOW)]
        assert len(found) == (0 if is_lost and age == 100 else 1), found


def test_what_was_taken_down_is_never_shown_again() -> None:
    """Once it has settled, no answer may have a mark of any version."""
    text = Text(news=1, date=_TODAY)
    model = _model(text, shown=text)
    model.write(model.pieces[1], with_values(text, body=2))

    model.forget(model.pieces[1])
    model.tick(_NOW)
    assert model.may_be_seen(text.shown)
    model.close_purged()

    assert model.purged == {"zqt1w1z", "zqb1w1z", "zqb1w2z"}
    assert not any(map(model.may_be_seen, model.purged))


def test_a_picture_is_hidden_as_long_as_its_entry() -> None:
    """So it is again once the entry was taken down."""
    text = Text(news=1, date=_TODAY, due=_NOW + 60, has_picture=True)
    model = _model(text)
    model.pictures["digest"] = 1

    assert model.hides("digest")
    assert not model.hides("of another file")
    model.tick(_NOW + 60)
    assert not model.hides("digest")
    model.forget(model.pieces[1])
    model.close_purged()
    assert model.hides("digest")


def test_an_id_that_changes_is_noticed() -> None:
    """So are an address and a moment."""
    text = Text(news=1, date=_TODAY)
    model = _model(text)
    list(model.learn({1: _seen(text)}, _NOW))

    assert len(list(model.learn({1: _seen(text, _NOW + 1)}, _NOW))) == 2


def test_what_an_edit_took_away_may_not_stay() -> None:
    """Each mark of a text that is replaced has to go, as those of the new one have to come."""
    old = Text(news=1, date=_TODAY)
    new = with_values(old, retraction=1)
    model = _model(new, shown=old)
    both = replace(_seen(new), text=f"{old.shown} {new.shown}")

    assert model.differences({1: _seen(old)}, _NOW) == ["news 1 lacks zqr1w1z"]
    assert model.differences({1: both}, _NOW) == ["news 1 still has zqb1w1z"]
    assert model.differences({1: _seen(new)}, _NOW) == []


def test_an_address_keeps_the_first_title() -> None:
    """Its marks are not those of the text."""
    text = Text(news=1, date=_TODAY, title=2)
    address = "https://www.example.org/2026/09/zqt1w1z-a.html"
    seen = replace(_seen(text), address=address, text=f"{address} zqt1w2z zqb1w1z")

    assert seen.marks == text.wanted()


@pytest.mark.parametrize(
    ("text", "published", "is_right"),
    [
        (Text(news=1, date=_TODAY), _NOW, True),
        (Text(news=1, date=_TODAY), _NOW - 86_400, False),
        (Text(news=1, date=_TODAY), _NOW + 86_400, False),
        (Text(news=1, date=days_ago(_NOW, 3)), _NOW - 3 * 86_400, True),
        (Text(news=1, date=days_ago(_NOW, 3)), _NOW - 10.0, True),  # after news 2
        (Text(news=1, date=days_ago(_NOW, 3)), _NOW + 60, False),
        (Text(news=1, date=days_ago(_NOW, 20)), _NOW - 20 * 86_400, True),
        (Text(news=1, date=days_ago(_NOW, 20)), _NOW - 19 * 86_400, False),
        (Text(news=1, date=days_ago(_NOW, 20)), _NOW - 10.0, False),
        (Text(news=1, date=moment(_NOW - 5), due=_NOW - 5), _NOW - 5, True),
        (Text(news=1, date=moment(_NOW - 5), due=_NOW - 5), _NOW - 6, False),
        (Text(news=1, date=moment(_NOW - 5), due=_NOW - 5), _NOW + 60, False),
    ],
)
def test_an_entry_has_the_moment_that_staff_meant(
    text: Text, published: float, *, is_right: bool
) -> None:
    """It is what the file says, or just after another entry unless it is old."""
    model = _model(text)
    other = Text(news=2, date=_TODAY)
    model.pieces[2] = Piece(number=2, path="b.toml", shown=other, first=_seen(other, _NOW - 11))

    found = list(model.learn({1: _seen(text, published)}, _NOW))

    assert len(found) == (0 if is_right else 1), found


def test_a_second_entry_of_the_same_news_is_noticed() -> None:
    """Another version of an entry has the same id; another id is another entry."""
    text = Text(news=1, date=_TODAY)
    walk, other = Walk(), Walk()
    walk.take(_seen(text))
    walk.take(_seen(text, _NOW + 1))
    other.take(_seen(text))
    other.take(replace(_seen(text), id="2"))

    assert walk.faults == []
    assert walk.seen[1].updated == _NOW + 1
    assert other.faults == ["news 1 is two entries, 1 and 2"]


@pytest.mark.parametrize(
    "values", [{"id": "2"}, {"title": "a"}, {"text": "zqb1w2z"}, {"updated": 0.0}, {"address": "/"}]
)
def test_formats_that_differ_are_noticed(values: dict[str, Any]) -> None:
    """By id, title, text, moments and address."""
    seen = _seen(Text(news=1, date=_TODAY))

    assert list(differences({1: seen}, {1: seen})) == []
    assert list(differences({1: seen}, {1: replace(seen, **values)}))
    assert list(differences({1: seen}, {})) == ["only one has news 1"]
