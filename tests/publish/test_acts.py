"""Who did what with an entry is recorded, and shown in its history."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import decisions, entries
from dateline.ledger import Ledger
from dateline.ledger.unapproved import use_of
from dateline.model.acts import Act, ActRecord
from dateline.publish import history, ledger_url
from dateline.publish.assess.approvals import submission
from dateline.publish.settle import settle
from dateline.rules.guards import Approval
from support.ledgers import as_before_packing, opened
from support.publication import CONFIG, Newsroom, entry_file
from support.staff import Staff


def acts(room: Newsroom) -> list[tuple[str, str, str]]:
    """Return the latest acts with persons and paths, the newest first."""
    with Ledger(ledger_url(room.config)) as ledger:
        return [(one.act.value, one.person, one.path) for one in ledger.acts.latest(9)]


def command(room: Newsroom, command: object, *words: str) -> str:
    """Run a command, and return what it prints."""
    typed = ["--config", str(room.folder / "config.toml"), *words]
    result = CliRunner().invoke(command, typed, catch_exceptions=False)  # type: ignore[arg-type]  # click's decorators return Any
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom that is asked about its only entry, whose file is gone."""
    room = Newsroom(tmp_path_factory.mktemp("emptied"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    path = room.drop("a.toml")
    room.build()
    path.unlink()
    room.build()
    return room


@pytest.fixture
def asked(emptied: Newsroom, newsroom: Newsroom) -> Newsroom:
    """Return a copy of that newsroom."""
    return newsroom.begin_as(emptied)


def code(room: Newsroom) -> str:
    """Return the code of the only question."""
    (found,) = [one for one in room.log[-1].problems if one.code == "many-gone"]
    return str(found.wanted)


@pytest.mark.parametrize(("keep", "act"), [(True, "kept"), (False, "allowed")])
def test_an_answer_is_recorded_with_the_person(asked: Newsroom, act: str, *, keep: bool) -> None:
    """The act has the file, the code, and the name of the person who answered."""
    settle(asked.config, Approval(code=code(asked), keep=keep, person="Editor"))

    assert acts(asked) == [(act, "Editor", "a.toml")]


def test_an_answer_about_many_files_names_each(newsroom: Newsroom) -> None:
    """A guard for many withdrawn entries is answered for each of their files."""
    for name in ("a", "b"):
        newsroom.drop(f"{name}.toml", entry_file(f"Report {name}"))
    newsroom.build()
    for name in ("a", "b"):
        (newsroom.folder / f"entries/{name}.toml").unlink()
    (asked,) = newsroom.build().problems

    settle(newsroom.config, Approval(code=str(asked.wanted), keep=True))

    assert sorted(acts(newsroom)) == [("kept", "", "a.toml"), ("kept", "", "b.toml")]


def test_an_answer_without_effect_is_not_recorded(asked: Newsroom) -> None:
    """A code under which nothing waits leaves no act."""
    result = CliRunner().invoke(
        decisions.allow, ["--config", str(asked.folder / "config.toml"), "many-gone-000000"]
    )

    assert (result.exit_code, acts(asked)) == (1, [])


@pytest.mark.long
def test_a_history_shows_acts_among_versions(asked: Newsroom) -> None:
    """Each act is listed in its place, with its moment and the person, in JSON too."""
    command(asked, decisions.keep, code(asked))

    shown = command(asked, entries.history, "a.toml")
    rows = json.loads(command(asked, entries.history, "a.toml", "--json"))

    assert f"kept: {code(asked)}" in " ".join(shown.split())
    assert [row.get("number", row.get("act")) for row in rows] == [1, "kept"]
    assert rows[1]["person"] == ""
    assert rows[1]["moment"].endswith("+01:00")


def test_a_restored_version_is_recorded(asked: Newsroom) -> None:
    """The act has the number of the version."""
    command(asked, decisions.keep, code(asked))

    command(asked, entries.restore, "a.toml", "1")

    with Ledger(ledger_url(asked.config)) as ledger:
        (last,) = ledger.acts.latest(1)
    assert (last.act, last.path, last.detail) == (Act.RESTORED, "a.toml", "1")


def test_nothing_is_recorded_where_nothing_is_restored(asked: Newsroom) -> None:
    """A version that would replace unpublished text is refused, and no act is left."""
    asked.drop("a.toml", entry_file("Unpublished"))

    result = CliRunner().invoke(
        entries.restore, ["--config", str(asked.folder / "config.toml"), "a.toml", "1"]
    )

    assert (result.exit_code, acts(asked)) == (1, [])


def test_a_stopped_entry_is_recorded(newsroom: Newsroom) -> None:
    """The act has the person who stopped the entry."""
    staff = Staff.of(newsroom, "[intake]\ncooling = 600")
    newsroom.drop("a.toml")
    staff.run_now()

    assert staff.room.stop("a.toml", "Editor")

    assert acts(newsroom) == [("stopped", "Editor", "a.toml")]


def test_a_takedown_leaves_no_word_of_an_entry_in_the_record(newsroom: Newsroom) -> None:
    """The acts stay, with persons and moments; the names of files leave the disk too."""
    newsroom.drop("harbour.toml", entry_file("Harbour"))
    newsroom.build()
    with Ledger(ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("harbour.toml") or ""
        for known, path in (("", "HARBOUR.toml"), (id_, "harbour-draft.toml")):
            ledger.acts.record(
                moment=newsroom.now,
                person="Writer",
                act=Act.SAVED,
                path=path,
                entry_id=known,
                detail="c0ffee",
            )
        waiting = submission("harbour.toml", b"x", person="Writer", now=newsroom.now)
        ledger.unapproved.add(waiting)
        ledger.unapproved.approve(waiting.digest, [use_of("harbour.toml", "harbour.toml")])
        ledger.commit()
    (newsroom.folder / "entries/harbour.toml").unlink()

    command(newsroom, decisions.takedown, "--yes", id_)

    with Ledger(ledger_url(newsroom.config)) as ledger:
        left = ledger.acts.latest(9)
        of_entry = ledger.acts.of_entry(id_)
        (kept,) = ledger.unapproved.among([waiting.digest]).values()
    assert [(one.act.value, one.person, one.path, one.detail) for one in left] == [
        ("took-down", "", "", ""),
        ("saved", "Writer", "", ""),
        ("saved", "Writer", "", ""),
    ]
    assert (kept.path, kept.person, kept.approved) == ("", "Writer", frozenset())
    assert [one.act for one in of_entry] == [Act.SAVED, Act.TOOK_DOWN]
    for part in newsroom.folder.glob("state/ledger.sqlite*"):
        assert b"harbour" not in part.read_bytes().lower()


def test_acts_before_publication_belong_to_the_entry(newsroom: Newsroom) -> None:
    """What was saved before its entry had an id is in its history, and nothing of others."""
    newsroom.build()
    newsroom.drop("a.toml")
    with Ledger(ledger_url(newsroom.config)) as ledger:
        for path in ("a.toml", "b.toml", ""):
            ledger.acts.record(moment=newsroom.now, person="Writer", act=Act.SAVED, path=path)
        ledger.commit()
    newsroom.build()

    first, *others = history.record(newsroom.config, "a.toml")

    assert isinstance(first, ActRecord)
    assert (first.path, len(others)) == ("a.toml", 1)


def test_two_processes_record_at_the_same_time(newsroom: Newsroom) -> None:
    """Each act gets a number of its own, whoever began first."""
    newsroom.build()
    url = ledger_url(newsroom.config)
    with Ledger(url) as first, Ledger(url) as second:
        second.acts.latest(1)
        for number, one in enumerate((first, second), start=1):
            one.acts.record(moment=newsroom.now, person=str(number), act=Act.SAVED)
            one.commit()
        assert [one.person for one in first.acts.latest(2)] == ["2", "1"]


@pytest.mark.long
def test_a_ledger_of_the_first_release_gets_the_table(newsroom: Newsroom) -> None:
    """It is upgraded when it is opened, keeps its entries, and takes less space."""
    newsroom.drop("a.toml", entry_file(body=f'"{"A word. " * 20_000}"'))
    newsroom.build()
    path: Path = newsroom.folder / "state/ledger.sqlite"
    as_before_packing(path)
    with opened(path) as ledger:
        for table in ("act", "unapproved", "subscription", "subscription_request", "delivery"):
            ledger.execute(f"DROP TABLE {table}")
        ledger.execute("UPDATE alembic_version SET version_num = '0005'")

    before = path.stat().st_size
    report = newsroom.build(after=timedelta(minutes=1))

    assert (report.documents, acts(newsroom)) == ((), [])
    assert path.stat().st_size < before - 100_000
