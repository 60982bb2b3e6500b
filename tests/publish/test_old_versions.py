"""Every published version can be shown and restored."""

from __future__ import annotations

import getpass
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches

import pytest
from click.testing import CliRunner

from dateline import publish
from dateline.cli import main
from dateline.config import Config
from dateline.errors import DatelineError, LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.model.acts import ActRecord
from dateline.publish.history import diff, history, id_of, record, restore, text
from dateline.publish.settle import request_now
from dateline.rules.guards import Approval
from support.publication import CONFIG, Newsroom, entry_file


@pytest.fixture
def edited(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom whose entry had a typo, and then got a summary and another name."""
    newsroom.drop("a.toml", entry_file("Reprot"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file("Report", summary='"Short."', editor='"The desk"'))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")
    newsroom.build()
    return newsroom


PAGE = "2026/11/reprot.html"


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "b.toml",
        "entries/b.toml",
        "B.TOML",
        PAGE,
        f"/{PAGE}",
        f"http://127.0.0.1:8000/{PAGE}",
        f"http://127.0.0.1:8000/{PAGE}?a=b#c",
    ],
)
def test_an_entry_has_a_history(name: str, edited: Newsroom) -> None:
    """It shows the time, the file, the editor and the changed fields of each version."""
    changes = history(edited.config, name)

    assert [(change.number, change.editor, change.what) for change in changes] == [
        (1, "", ("published",)),
        (2, "The desk", ("title", "summary", "editor")),
        (3, "The desk", ("file name",)),
    ]
    assert {change.owner for change in changes} == {getpass.getuser()}
    assert f"{changes[0].accepted:%H:%M}" == "11:01"


def printed(edited: Newsroom, *words: str) -> str:
    """Return what the command history prints about the entry."""
    typed = ["history", "b.toml", "--config", str(edited.folder / "config.toml"), *words]
    done = CliRunner().invoke(main, typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.long
def test_json_has_what_the_history_prints(edited: Newsroom) -> None:
    """With a version or a comparison, too: an object for one version, and a list for all."""
    listed = json.loads(printed(edited, "--json"))
    one = json.loads(printed(edited, "--json", "2"))
    compared = json.loads(printed(edited, "--json", "2", "--diff"))
    each = json.loads(printed(edited, "--json", "--diff"))

    assert one == {**listed[1], "text": printed(edited, "2")}
    assert compared == {**listed[1], "diff": printed(edited, "2", "--diff")}
    assert [row["number"] for row in each] == [1, 2, 3]
    assert each[1] == compared
    assert "".join(row["diff"] for row in each) == printed(edited, "--diff")


@pytest.mark.long
@pytest.mark.parametrize("name", ["a.toml", "entries/A.toml"])
def test_an_entry_is_found_by_a_former_name(name: str, edited: Newsroom) -> None:
    """This holds as long as no other entry has that name."""
    before = history(edited.config, name)
    edited.drop("a.toml", entry_file("Something else", date="2026-11-20", body='"""Other."""'))
    edited.build()

    after = history(edited.config, name)

    assert before == history(edited.config, "b.toml")
    assert [change.what for change in after] == [("published",)]


@pytest.mark.long
def test_a_version_can_be_shown_and_compared(edited: Newsroom) -> None:
    """It shows the file of the time, and the difference from the version before."""
    said = diff(edited.config, "b.toml", 2).splitlines()

    assert text(edited.config, "b.toml", 1).splitlines() == entry_file("Reprot").splitlines()
    assert said[:2] == ["--- version 1", "+++ version 2"]
    assert {'-title = "Reprot"', '+title = "Report"', '+summary = "Short."'} <= set(said)
    assert diff(edited.config, "b.toml", None).count("+++ version") == 2
    with pytest.raises(LedgerError, match=r"no version 9 of b\.toml, only 1, 2, 3"):
        text(edited.config, "b.toml", 9)


@pytest.mark.long
def test_a_name_refers_to_its_last_owner(edited: Newsroom) -> None:
    """Several entries may have had it, one after another."""
    edited.drop("a.toml", entry_file("Something else", date="2026-11-20", body='"""Other."""'))
    edited.build()
    (edited.folder / "entries/a.toml").rename(edited.folder / "entries/c.toml")
    edited.build()

    assert history(edited.config, "a.toml") == history(edited.config, "c.toml")


@pytest.mark.long
def test_a_takedown_needs_the_current_name(edited: Newsroom) -> None:
    """It cannot be undone; for a former name, the message gives the current one."""
    with pytest.raises(LedgerError, match=r"a\.toml was published\. Did you mean b\.toml\?"):
        id_of(edited.config, "a.toml")


@pytest.mark.long
def test_an_old_version_can_be_restored_and_published(edited: Newsroom) -> None:
    """It is the same entry with the old text, as one more version."""
    (before,) = edited.items()

    restore(edited.config, "b.toml", 1, now=edited.now)
    edited.build()

    (after,) = edited.items()
    assert (after["title"], after["id"]) == ("Reprot", before["id"])
    assert [change.number for change in history(edited.config, "b.toml")] == [1, 2, 3, 4]


def test_a_version_takes_the_place_of_a_link(edited: Newsroom) -> None:
    """To another file of the folder, as of an entry that is in two of its folders."""
    path = edited.folder / "entries/b.toml"
    path.rename(edited.folder / "entries/.kept")
    path.symlink_to(".kept")

    restore(edited.config, "b.toml", 1, now=edited.now)

    assert not path.is_symlink()
    assert 'title = "Reprot"' in path.read_text("utf-8")


@pytest.mark.long
def test_a_deleted_file_can_be_restored(edited: Newsroom) -> None:
    """The newest version has the newest name."""
    (edited.folder / "entries/b.toml").unlink()

    path = restore(edited.config, "b.toml", 3, now=edited.now)

    assert path == edited.folder / "entries/b.toml"
    assert 'title = "Report"' in path.read_text(encoding="utf-8")
    assert edited.build().changed == ()


@pytest.mark.long
def test_a_version_from_a_manifest_leaves_the_file_its_name(edited: Newsroom) -> None:
    """A ledger that came back from a backup learns of a later version, which names no file."""
    for number in range(3):
        edited.drop(f"other-{number}.toml", entry_file(f"Other {number}"))
    edited.build()
    shutil.copytree(edited.folder / "state", edited.folder / "backup")
    edited.drop("b.toml", entry_file("Report", body='"Another text."'))
    edited.build()
    (edited.folder / "entries/b.toml").unlink()
    edited.build()
    edited.build(after=timedelta(minutes=11))
    shutil.rmtree(edited.folder / "state")
    (edited.folder / "backup").rename(edited.folder / "state")
    edited.build()

    with pytest.raises(LedgerError, match=r"Did you mean b\.toml\?"):
        history(edited.config, "c.toml")
    path = restore(edited.config, PAGE, 3, now=edited.now)
    edited.build()

    assert len(history(edited.config, PAGE)) == 5
    assert path == edited.folder / "entries/b.toml"
    assert "Report" in [item["title"] for item in edited.items()]


@pytest.mark.long
def test_a_file_that_only_a_lost_ledger_had_under_another_name_is_restored(
    newsroom: Newsroom,
) -> None:
    """The name that the old ledger knows has no file: no other news has it."""
    for name in ("a", "b", "c", "d"):
        newsroom.drop(f"{name}.toml", entry_file(f"Report {name}", body=f'"Text of {name}."'))
    newsroom.build()
    before, id_ = newsroom.items(), id_of(newsroom.config, "a.toml")
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "backup")
    file = newsroom.folder / "entries/a.toml"
    new = file.rename(file.with_name("new.toml"))
    newsroom.build()
    new.unlink()
    shutil.rmtree(newsroom.folder / "state")
    (newsroom.folder / "backup").rename(newsroom.folder / "state")
    newsroom.build()

    path = restore(newsroom.config, id_, 1, now=newsroom.now)
    newsroom.build()
    newsroom.build(after=timedelta(minutes=20))

    assert path == file
    assert newsroom.codes() == []
    assert newsroom.items() == before


def test_an_unpublished_file_is_not_overwritten(edited: Newsroom) -> None:
    """The file stays unchanged, and the message says what to do."""
    path = edited.drop("b.toml", "title = half a chan")

    with pytest.raises(LedgerError, match=r"were never published\. Move it out of entries/ first"):
        restore(edited.config, "b.toml", 1, now=edited.now)
    assert path.read_text(encoding="utf-8") == "title = half a chan"


@pytest.mark.long
def test_a_file_of_other_news_is_named_and_its_rename_helps(newsroom: Newsroom) -> None:
    """What the message says to do brings the entry back, and changes nothing for readers."""
    for name in ("a", "b", "c", "d"):
        newsroom.drop(f"{name}.toml", entry_file(f"Report {name}", body=f'"Text of {name}."'))
    newsroom.build()
    file = newsroom.folder / "entries/a.toml"
    id_ = id_of(newsroom.config, "a.toml")
    before = newsroom.items()
    file.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=20))
    newsroom.drop("a.toml", entry_file("Essay prize", "2026-11-25", body='"Students may write."'))
    newsroom.build()
    others = newsroom.items()

    with pytest.raises(LedgerError) as refused:
        restore(newsroom.config, id_, 1, now=newsroom.now)
    file.rename(file.with_name("prize.toml"))
    newsroom.build()
    renamed = newsroom.items()
    restore(newsroom.config, id_, 1, now=newsroom.now)
    newsroom.drop("a.toml", file.read_text("utf-8"))
    newsroom.build()

    assert "entries/a.toml is the file of other news now, 'Essay prize'" in str(refused.value)
    assert "Give that file another name in entries/" in str(refused.value)
    assert others == renamed
    assert [item for item in newsroom.items() if item["title"] != "Essay prize"] == before


@pytest.mark.long
@pytest.mark.parametrize("is_other", [True, False])
def test_an_entry_is_not_restored_beside_its_renamed_file(
    newsroom: Newsroom, *, is_other: bool
) -> None:
    """Readers would get it twice; what the message says to do helps."""
    for name in ("a", "b", "c"):
        newsroom.drop(f"{name}.toml", entry_file(f"Report {name}", body=f'"Text of {name}."'))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").unlink()
    renamed = newsroom.drop("new.toml", entry_file("Report a", "2026-11-20", body='"Edited."'))
    (asked,) = newsroom.build().problems

    with pytest.raises(LedgerError) as refused:
        restore(newsroom.config, "a.toml", 1, now=newsroom.now)
    if is_other:
        answer = Approval(code=f"{asked.wanted}")
        request = replace(request_now(answer), now=newsroom.now)
        publish.build(newsroom.config, request)
    else:
        renamed.unlink()
    restore(newsroom.config, "a.toml", 1, now=newsroom.now)
    newsroom.build()

    assert (asked.code, asked.file) == ("renamed-edited", "new.toml")
    assert str(refused.value) == (
        "entries/new.toml seems to be the file of this entry under another name, and would be "
        "published as second news. Move it out of entries/ first, or, if it is other news, type: "
        f"dateline allow {asked.wanted}"
    )
    assert len(newsroom.items()) == 3 + is_other


@pytest.mark.long
def test_a_takedown_names_a_link_whose_target_has_the_text(newsroom: Newsroom) -> None:
    """The text is in the file that the link leads to."""
    newsroom.drop("kept.txt", entry_file("Linked"))
    (newsroom.folder / "entries/a.toml").symlink_to("kept.txt")
    newsroom.drop("b.toml", entry_file("Plain"))
    newsroom.build()
    config = str(newsroom.folder / "config.toml")
    words = ["takedown", "--yes", "--config", config]
    plain, linked = (CliRunner().invoke(main, [*words, name]) for name in ("b.toml", "a.toml"))

    assert linked.exit_code == plain.exit_code == 0
    said = " ".join(linked.output.split())
    assert "a.toml is a symbolic link: delete its target as well." in said
    assert "symbolic link" not in plain.output


@pytest.mark.long
@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_written_meanwhile_is_kept(
    edited: Newsroom, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    """Somebody saves over the share in the moment between the check and the change of files."""
    path = edited.folder / "entries/b.toml"
    if not is_there:
        path.unlink()
    newer = entry_file("Newer")

    really = Ledger.confirm

    def confirm(ledger: Ledger) -> None:
        really(ledger)
        path.write_text(newer, encoding="utf-8")

    monkeypatch.setattr(Ledger, "confirm", confirm)
    with pytest.raises(LedgerError, match=r"b\.toml was changed just now\. Nothing was written"):
        restore(edited.config, "b.toml", 1, now=edited.now)

    assert path.read_text(encoding="utf-8") == newer
    assert not any(isinstance(one, ActRecord) for one in record(edited.config, "b.toml"))


@pytest.mark.long
def test_nothing_is_restored_into_the_copy_of_a_source(edited: Newsroom) -> None:
    """The next fetch would remove it: it is restored in the source."""
    path = edited.folder / "entries/b.toml"
    before = path.read_bytes()
    (edited.folder / "config.toml").write_text(
        f'{CONFIG}\n[source]\nurl = "git+file:///srv/news"\n', encoding="utf-8"
    )

    with pytest.raises(DatelineError, match=r"Entries come from git\+file:///srv/news\. Restore"):
        restore(edited.config, "b.toml", 1, now=edited.now)

    assert path.read_bytes() == before


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("b.toml", 9, "There is no version 9 of b.toml, only 1, 2, 3."),
        ("c.toml", 1, r"No entry called c.toml was published\. Did you mean b\.toml\?"),
        ("entries/B.tmol", 1, r"Did you mean b\.toml\?"),
        ("reprot", 1, r"Did you mean 2026/11/reprot\.html\?"),
        ("2026/11/report.html", 1, r"Did you mean 2026/11/reprot\.html\?"),
        ("annual-figures-of-the-office", 1, r"Name its file as it lies in entries/, or its id"),
    ],
)
def test_a_missing_entry_or_version_is_reported(
    name: str, number: int, said: str, edited: Newsroom
) -> None:
    """One sentence says what exists."""
    with pytest.raises(LedgerError, match=said):
        restore(edited.config, name, number, now=edited.now)


@pytest.mark.parametrize("ask", [history, id_of])
def test_no_run_waits_while_names_are_compared(
    edited: Newsroom, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Config, str], object]
) -> None:
    """Of a hundred thousand entries it takes minutes to find the names most like another."""
    seen: list[str] = []

    def compare(name: str, known: Iterable[str], n: int) -> list[str]:
        with exclusive(edited.config.state, patience=0):
            seen.append(name)
        return get_close_matches(name, known, n)

    monkeypatch.setattr("dateline.publish.history.get_close_matches", compare)
    with pytest.raises(LedgerError, match=r"Did you mean b\.toml\?"):
        ask(edited.config, "bb.toml")

    assert seen == ["bb.toml"]


@pytest.mark.long
def test_a_version_from_before_its_ledger_is_not_restored(edited: Newsroom) -> None:
    """It has no file: an empty one would take the place of that which is there."""
    shutil.rmtree(edited.folder / "state")
    edited.build()
    file = edited.folder / "entries/b.toml"
    present = file.read_bytes()

    with pytest.raises(LedgerError, match=r"The file of version 1 of b\.toml was lost"):
        restore(edited.config, "b.toml", 1, now=edited.now)
    with pytest.raises(LedgerError, match=r"Restore the file from a backup\."):
        text(edited.config, "b.toml", 1)

    assert file.read_bytes() == present
