"""What a writer saved is published only after an editor has approved exactly that."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from time import sleep

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dateline import publish
from dateline.cli import decisions
from dateline.config import StaffRole
from dateline.ledger import Ledger, exclusive
from dateline.model import Report
from dateline.newsroom.access.people import Person
from dateline.newsroom.saving import Saved, digest_of, save_as
from dateline.publish import ledger_url
from dateline.rules.guards import Approval, code_of
from support.crashing import MEMORY
from support.packed import with_texts
from support.publication import CONFIG, NOW, Newsroom, entry_file, picture
from support.staff import WORD, Staff, configure

APPROVAL = "approval = true"


def save(room: Newsroom, name: str, content: str | bytes, role: str = "writer") -> Path:
    """Save a file as the newsroom does for somebody with this role."""
    data = content.encode() if isinstance(content, str) else content
    path = room.folder / "entries" / name
    person = Person(role.title(), StaffRole(role))
    done = save_as(person, room.config, name, data, seen=digest_of(path), now=room.now)
    assert isinstance(done, Saved)
    return path


def waiting(report: Report) -> dict[str, str]:
    """Return the codes of what waits for approval, by file."""
    return {
        problem.file: str(problem.wanted)
        for problem in report.problems
        if problem.code in {"unapproved", "unapproved-unknown"}
    }


def run(room: Newsroom, code: str = "", *, minutes: int = 1, is_all: bool = False) -> Report:
    """Do one run, in which an editor approves what has this code."""
    room.now += timedelta(minutes=minutes)
    request = publish.RunRequest(
        now=room.now,
        clock=datetime.now(UTC) + timedelta(seconds=2),
        approval=Approval(code=code, person="Editor"),
        rebuild=is_all,
    )
    room.log.append(publish.build(room.config, request))
    return room.log[-1]


def public(room: Newsroom) -> bytes:
    """Return every byte under `feeds/`, hidden files included."""
    return b"".join(with_texts(p) for p in (room.folder / "feeds").rglob("*") if p.is_file())


@pytest.fixture
def desk(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with approval, and one live entry."""
    configure(newsroom, own=APPROVAL)
    newsroom.drop("live.toml", entry_file("Harbour reopens"))
    newsroom.build()
    return newsroom


@pytest.mark.long
def test_news_with_the_words_of_an_entry_whose_change_waits_is_new(desk: Newsroom) -> None:
    """The entry has its file, whatever is in it now."""
    words = "The harbour opens on Monday, and ships of eleven countries arrive until noon."
    save(desk, "a.toml", entry_file("Harbour", body=f'"{words}"'), "editor")
    run(desk)
    fish = "Fishermen of Graz sold whales at pier seven, as nobody had expected last year."
    save(desk, "a.toml", entry_file("Whales", body=f'"{fish}"'))
    save(desk, "b.toml", entry_file("Ships", body=f'"{words}"'), "editor")

    report = run(desk)

    assert report.published == ("b.toml",)
    assert waiting(report).keys() == {"a.toml"}


@pytest.mark.long
def test_a_copy_of_scheduled_news_that_was_approved_is_held(desk: Newsroom) -> None:
    """Its content does not wait any more, so it is read in a run in which no file changed."""
    news = entry_file("Harbour", "2026-11-28", body='"The harbour opens on Monday."')
    save(desk, "a.toml", news)
    desk.drop("b.toml", news)
    run(desk, waiting(run(desk))["a.toml"])

    report = run(desk)

    assert {one.file: one.code for one in report.problems} == {
        "a.toml": "scheduled",
        "b.toml": "copy",
    }


def test_an_entry_waits_until_an_editor_approves_it(desk: Newsroom) -> None:
    """The message names the writer, and the code that approves it; the file is held."""
    save(desk, "a.toml", entry_file("SECRET report", "2026-11-25"))

    report = run(desk)

    (problem,) = report.problems
    assert (problem.code, problem.found, report.states["a.toml"]) == (
        "unapproved",
        "Writer",
        "hold",
    )
    assert "Writer saved this, and an editor must approve it" in problem.message
    assert f"allow {problem.wanted}" in problem.message
    assert len(str(problem.wanted).removeprefix("unapproved-")) >= 32  # nobody finds a second one
    assert b"SECRET" not in public(desk)

    after = run(desk, waiting(report)["a.toml"])

    assert (after.published, after.problems) == (("a.toml",), ())
    assert [item["title"] for item in desk.items()] == ["SECRET report", "Harbour reopens"]


@pytest.mark.long
@pytest.mark.parametrize(("role", "said"), [("editor", "Writer (pier.png)"), ("writer", "Writer")])
def test_who_saved_a_picture_alone_is_named_with_it(desk: Newsroom, role: str, said: str) -> None:
    """Not as the writer of the entry, which somebody else saved."""
    save(desk, "pier.png", picture())
    fields = {"image": '"pier.png"', "image_alt": '"The pier."'}
    save(desk, "a.toml", entry_file("Pier", "2026-11-25", **fields), role)

    (problem,) = run(desk).problems

    assert (problem.code, problem.found) == ("unapproved", said)


@pytest.mark.long
def test_the_command_approves_and_the_history_tells_who(desk: Newsroom) -> None:
    """`allow` with the code is enough; saving and approval are among the versions."""
    save(desk, "a.toml", entry_file("Report", "2026-11-25"))
    staff = Staff(desk)
    staff.run_now()
    assert staff.room.last_run
    code = waiting(staff.room.last_run.report)["a.toml"]

    words = ["--config", str(desk.folder / "config.toml"), code]
    result = CliRunner().invoke(decisions.allow, words, catch_exceptions=False)

    assert f"Allowed, this once: {code} (a.toml)" in result.output
    with Ledger(ledger_url(desk.config)) as ledger:
        acts = [(one.act.value, one.person, one.path) for one in ledger.acts.latest(2)]
    assert acts == [("approved", "", "a.toml"), ("saved", "Writer", "a.toml")]
    assert desk.items()[0]["title"] == "Report"


@pytest.mark.long
def test_the_newsroom_shows_what_waits_and_approves_it(newsroom: Newsroom) -> None:
    """It is a question on the first page, with what readers will get, and a form."""
    configure(newsroom, own=f'token = "{WORD}"\n{APPROVAL}')
    staff = Staff(newsroom)
    staff.come_in()
    save(newsroom, "a.toml", entry_file("Report"))
    staff.run_now()
    assert staff.room.last_run
    code = waiting(staff.room.last_run.report)["a.toml"]

    page = staff.text("/")
    feed = staff.room.feed.data.decode()
    answer = staff.post("/allow", code=code)

    assert "Readers get exactly this text" in page
    assert "Writer saved this" in page
    assert "Writer saved this" in feed
    assert answer.status_code == 303
    assert [item["title"] for item in newsroom.items()] == ["Report"]


@pytest.mark.long
def test_a_changed_byte_waits_again(desk: Newsroom) -> None:
    """An approval is for one content; the live version stays until the next one."""
    save(desk, "live.toml", entry_file("Harbour reopens", summary='"SECRET-ONE"'))
    code = waiting(run(desk))["live.toml"]
    save(desk, "live.toml", entry_file("Harbour reopens", summary='"SECRET-TWO"'))

    report = run(desk, code)

    assert [problem.code for problem in report.problems] == ["unapproved", "change-not-out"]
    assert waiting(report)["live.toml"] != code
    assert b"SECRET-ONE" not in public(desk)
    assert b"SECRET-TWO" not in public(desk)
    assert desk.items()[0]["title"] == "Harbour reopens"
    assert run(desk, waiting(report)["live.toml"]).changed == ("live.toml",)


@pytest.mark.parametrize(
    "fields", [{"status": '"retracted"', "retraction": '"No."'}, {"id": '"x"'}]
)
def test_a_retraction_by_a_writer_waits(desk: Newsroom, fields: dict[str, str]) -> None:
    """Readers notice nothing of it before it is approved."""
    before = desk.feeds()
    save(desk, "live.toml", entry_file("Harbour reopens", **fields))

    report = run(desk)

    assert list(waiting(report)) == ["live.toml"]
    assert desk.feeds() == before


@pytest.mark.parametrize("early", [True, False])
def test_approval_and_embargo_together_never_publish_early(desk: Newsroom, *, early: bool) -> None:
    """An entry appears at its moment, or with that moment at its approval, if that is later."""
    save(desk, "a.toml", entry_file("LATERLATER", "2026-11-25T12:00:00Z"))
    code = waiting(run(desk))["a.toml"]
    if early:
        assert run(desk, code).states["a.toml"] == "scheduled"
        assert b"LATERLATER" not in public(desk)
    after = run(desk, minutes=180)
    if not early:
        assert list(waiting(after)) == ["a.toml"]
        assert b"LATERLATER" not in public(desk)
        run(desk, code)

    assert desk.items()[0]["title"] == "LATERLATER"
    assert desk.items()[0]["date_published"].startswith("2026-11-25T12:00")


@pytest.mark.long
def test_a_renamed_or_copied_content_waits_too(desk: Newsroom) -> None:
    """It is known by its digest, whatever the file is called, after a rebuild as well."""
    path = save(desk, "a.toml", entry_file("SECRET", "2026-11-25"))
    path.rename(path.with_name("b.toml"))
    shutil.copy(path.with_name("b.toml"), path.with_name("c.toml"))

    reports = [run(desk), run(desk, is_all=True)]

    assert all(report.states["b.toml"] == "hold" for report in reports)
    assert b"SECRET" not in public(desk)


@pytest.mark.long
def test_an_editor_does_not_wait(desk: Newsroom) -> None:
    """Nor does a file of the folder; but bytes that wait do, whoever saves them again."""
    text = entry_file("From a writer", "2026-11-25")
    save(desk, "a.toml", text)
    save(desk, "b.toml", entry_file("From an editor", "2026-11-25", body='"Own."'), "editor")
    desk.drop("c.toml", entry_file("From the folder", "2026-11-25", body='"Other."'))

    assert run(desk).published == ("b.toml", "c.toml")

    (desk.folder / "entries/a.toml").unlink()
    save(desk, "d.toml", text, "editor")

    assert list(waiting(run(desk, is_all=True))) == ["d.toml"]


def test_a_draft_waits_for_nobody(desk: Newsroom) -> None:
    """It is a draft as before; what takes the line out is another content, which waits."""
    save(desk, "a.toml", entry_file("Report", "2026-11-25", draft="true"))
    assert run(desk).states["a.toml"] == "draft"

    save(desk, "a.toml", entry_file("Report", "2026-11-25"))
    assert list(waiting(run(desk))) == ["a.toml"]


@pytest.mark.long
def test_a_picture_waits_as_its_entry_does(desk: Newsroom) -> None:
    """No picture is public before its entry; another picture under a live name is not either."""
    fields = {"image": '"p.png"', "image_alt": '"Blue"'}
    save(desk, "p.png", picture("navy"))
    save(desk, "a.toml", entry_file("Report", "2026-11-25", **fields))
    code = waiting(run(desk))["a.toml"]
    assert not list((desk.folder / "feeds").glob("media/*"))
    run(desk, code)
    before = desk.feeds()
    assert list((desk.folder / "feeds").glob("media/*"))

    save(desk, "p.png", picture("red"))
    report = run(desk)

    assert list(waiting(report)) == ["a.toml"]
    assert desk.feeds() == before
    assert run(desk, waiting(report)["a.toml"]).changed == ("a.toml",)


@pytest.mark.long
@pytest.mark.parametrize("name", ["camera.png", "folder/p.png"])
def test_a_picture_that_was_there_before_holds_nothing(desk: Newsroom, name: str) -> None:
    """A writer brings it once more: news that uses it is neither late nor the writer's."""
    fields = {"image": '"p.png"', "image_alt": '"Blue"'}
    (desk.folder / "entries/folder").mkdir()
    save(desk, "p.png", picture("navy"), role="editor")
    save(desk, "a.toml", entry_file("Report", "2026-11-25", **fields), role="editor")
    later = entry_file("Later report", "2026-11-26", **fields)
    save(desk, "later.toml", later, role="editor")
    run(desk)

    save(desk, name, picture("navy"))
    save(desk, "a.toml", entry_file("Report on Tyre", "2026-11-25", **fields), role="editor")
    save(desk, "b.toml", entry_file("Another report", "2026-11-25", **fields), role="editor")
    report = run(desk, minutes=3 * 24 * 60, is_all=True)

    assert waiting(report) == {}
    assert {item["title"] for item in desk.items()} >= {
        "Report on Tyre", "Another report", "Later report",
    }  # fmt: skip


@pytest.mark.long
def test_a_writer_puts_no_public_picture_in_the_place_of_another(desk: Newsroom) -> None:
    """Another entry keeps its picture, also where the public one was there again meanwhile."""
    folder = desk.folder / "entries"
    for name, colour in (("board", "navy"), ("minister", "red")):
        (folder / f"{name}.png").write_bytes(picture(colour))
        fields = {"image": f'"{name}.png"', "image_alt": '"A sign"', "body": f'"About {name}."'}
        desk.drop(f"{name}.toml", entry_file(f"News of {name}", "2026-11-24", **fields))
    run(desk)
    before = desk.feeds()

    save(desk, "minister.png", picture("navy"))
    first = run(desk)
    save(desk, "camera.png", picture("navy"))
    (folder / "board.png").write_bytes(picture("green"))
    save(desk, "board.png", picture("navy"))
    fields = {"image": '"board.png"', "image_alt": '"A sign"', "body": '"About a third."'}
    desk.drop("third.toml", entry_file("Third news", "2026-11-24", **fields))

    assert waiting(first).keys() == {"minister.toml"}
    assert waiting(run(desk)).keys() == {"minister.toml", "third.toml"}
    assert desk.feeds() == before


def test_a_picture_of_a_writer_waits_wherever_it_is_put(desk: Newsroom) -> None:
    """Under a second name, and once an editor has approved it in one entry, too."""
    save(desk, "p.png", picture("navy"))
    save(desk, "second.png", picture("navy"))
    (desk.folder / "entries/copy.png").write_bytes(picture("navy"))
    save(desk, "third.png", picture("navy"))
    for name in ("p", "second", "copy", "third"):
        fields = {"image": f'"{name}.png"', "image_alt": '"Blue"', "body": f'"About {name}."'}
        entry = entry_file(f"News of {name}", "2026-11-25", **fields)
        save(desk, f"{name}.toml", entry, role="editor")

    assert [*waiting(run(desk))] == ["copy.toml", "p.toml", "second.toml", "third.toml"]


@pytest.mark.long
def test_an_entry_that_was_there_before_does_not_wait_for_a_writer_of_the_same(
    desk: Newsroom,
) -> None:
    """Its moment comes."""
    later = entry_file("Later report", "2026-11-26")
    save(desk, "later.toml", later, role="editor")
    run(desk)
    save(desk, "copy.toml", later)

    report = run(desk, minutes=3 * 24 * 60, is_all=True)

    assert "later.toml" not in waiting(report)
    assert [item["title"] for item in desk.items()].count("Later report") == 1


def test_what_readers_have_does_not_wait(desk: Newsroom) -> None:
    """A writer who saves the live content again under another name holds up nothing live."""
    save(desk, "copy.toml", entry_file("Harbour reopens"))

    report = run(desk, is_all=True)

    assert "live.toml" not in waiting(report)
    assert len(desk.items()) == 1


@pytest.mark.long
def test_approval_switched_off_releases_nothing(desk: Newsroom) -> None:
    """What waits does so until it is approved, whatever the configuration says later."""
    save(desk, "a.toml", entry_file("SECRET", "2026-11-25"))
    run(desk)
    (desk.folder / "config.toml").write_text(CONFIG, encoding="utf-8")

    report = run(desk, is_all=True)

    assert list(waiting(report)) == ["a.toml"]
    assert b"SECRET" not in public(desk)


def test_saving_waits_for_a_run(desk: Newsroom) -> None:
    """While a run is going on, a file that is saved has no name yet."""
    path = desk.folder / "entries/a.toml"
    with ThreadPoolExecutor(1) as pool:
        with exclusive(desk.config.state):
            saving = pool.submit(save, desk, "a.toml", entry_file("SECRET", "2026-11-25"))
            sleep(0.1)
            assert not path.exists()
        assert saving.result(timeout=30) == path

    assert list(waiting(run(desk))) == ["a.toml"]


@pytest.mark.long
def test_saving_again_what_is_there_changes_nothing(desk: Newsroom) -> None:
    """A writer who saves the bytes of an approved file does not make it wait again."""
    later = entry_file("Report", "2026-11-26")
    save(desk, "a.toml", later)
    run(desk, waiting(run(desk))["a.toml"])

    save(desk, "a.toml", later)

    assert run(desk, is_all=True).states["a.toml"] == "scheduled"


@pytest.mark.long
@pytest.mark.parametrize("shown", ["mug.png", "minister.png"])
def test_approval_does_not_reach_another_entry(desk: Newsroom, shown: str) -> None:
    """The same bytes in the place of another entry's picture go on waiting there."""
    fields = {"image": '"minister.png"', "image_alt": '"Blue"'}
    (desk.folder / "entries/minister.png").write_bytes(picture("navy"))
    desk.drop("bridge.toml", entry_file("Bridge", "2026-11-25", **fields))
    run(desk)
    before = desk.feeds()
    for name in sorted({shown, "minister.png"}):
        save(desk, name, picture("red"))
    fields["image"] = f'"{shown}"'
    save(desk, "thief.toml", entry_file("Thief", "2026-11-25", **fields))
    codes = waiting(run(desk))
    assert desk.feeds() == before

    assert run(desk, codes["thief.toml"]).published == ("thief.toml",)
    assert waiting(run(desk)) == {"bridge.toml": codes["bridge.toml"]}


@pytest.mark.long
@pytest.mark.parametrize(("name", "is_held"), [("camera.png", False), ("p.png", True)])
def test_a_picture_that_is_approved_in_an_entry_stays_so(
    desk: Newsroom, name: str, *, is_held: bool
) -> None:
    """Where a writer brings it once more under another name; not in the place of another."""
    fields = {"image": '"p.png"', "image_alt": '"Red"'}
    save(desk, "p.png", picture("red"))
    save(desk, "a.toml", entry_file("Report", "2026-11-25", **fields))
    save(desk, "b.toml", entry_file("Dinner", "2026-11-25", body='"At eight."', **fields))
    run(desk, waiting(run(desk))["a.toml"])

    if is_held:  # else it would be the same file
        save(desk, name, picture("teal"))
    save(desk, name, picture("red"))
    text = entry_file("Report", "2026-11-25", summary='"At nine."', **fields)
    save(desk, "a.toml", text, role="editor")
    fields["image"] = f'"{name}"'
    save(desk, "c.toml", entry_file("Notes", "2026-11-25", body='"Of next year."', **fields))
    report = run(desk)

    assert waiting(report).keys() == {"b.toml", "c.toml", *(["a.toml"] if is_held else [])}


@pytest.mark.long
def test_an_approved_entry_keeps_its_approval(desk: Newsroom) -> None:
    """A new name for what readers have, and an editor's change of the text, do not wait."""
    save(desk, "p.png", picture("red"))
    fields = {"image": '"p.png"', "image_alt": '"Red"'}
    path = save(desk, "a.toml", entry_file("Report", "2026-11-25", **fields))
    run(desk, waiting(run(desk))["a.toml"])

    path.rename(path.with_name("b.toml"))
    report = run(desk)

    assert (report.renamed, waiting(report)) == ((("a.toml", "b.toml"),), {})
    assert run(desk, is_all=True).states["b.toml"] == "live"
    desk.drop("b.toml", entry_file("Report", "2026-11-25", summary='"More."', **fields))
    assert run(desk).changed == ("b.toml",)


# ---- A ledger that was lost


def lose(room: Newsroom, *names: str) -> None:
    """Delete files of the ledger, or the manifest."""
    for name in names:
        for path in room.folder.glob(name):
            path.unlink()


@pytest.mark.parametrize(
    "lost",
    [["state/*"], pytest.param(["state/*", "feeds/.manifest*"], marks=pytest.mark.long)],
)
def test_nothing_unapproved_is_published_after_the_loss_of_a_ledger(
    desk: Newsroom, lost: list[str]
) -> None:
    """All that readers do not have waits, for nobody knows what did; the rest goes on."""
    save(desk, "a.toml", entry_file("SECRET", "2026-11-25"))
    save(desk, "live.toml", entry_file("Harbour reopens", summary='"SECRET"'))
    run(desk)
    before = [item["id"] for item in desk.items()]
    lose(desk, *lost)

    reports = [run(desk), run(desk), run(desk, is_all=True)]

    assert b"SECRET" not in public(desk)
    assert [item["id"] for item in desk.items()] == before
    assert all(report.states["a.toml"] == "hold" for report in reports)
    assert "live.toml" in waiting(reports[-1])
    assert run(desk, waiting(reports[-1])["live.toml"]).changed == ("live.toml",)


@pytest.mark.long
def test_unchanged_entries_do_not_wait_after_the_loss_of_a_ledger(desk: Newsroom) -> None:
    """What readers have is known from the manifest, and new files are an editor's again."""
    lose(desk, "state/*")
    assert waiting(run(desk)) == {}

    desk.drop("a.toml", entry_file("From the folder", "2026-11-25"))

    assert run(desk).published == ("a.toml",)


# ---- Any sequence

NAMES = [f"n{number}.toml" for number in range(4)]
pick = st.integers(0, 99)


class Approvals(RuleBasedStateMachine):
    """Writers, an editor, the folder and the clock, with a model of what was approved."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Newsroom(Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None)), NOW)
        (self.room.folder / "entries").mkdir()
        configure(self.room, own=APPROVAL)
        self.number = 0
        self.unapproved: dict[str, str] = {}
        self.report = run(self.room)

    def teardown(self) -> None:
        """Clean up."""
        shutil.rmtree(self.room.folder)

    def _text(self, name: str, hours: int) -> str:
        self.number += 1
        moment = self.room.now + timedelta(hours=hours)
        return entry_file(
            f"News of {name}",
            f"{moment:%Y-%m-%dT%H:%M:%SZ}" if hours else "2026-11-24",
            summary=f'"zq{self.number}zq"',
            body=f'"""About {name}."""',
        )

    @rule(name=st.sampled_from(NAMES), hours=st.sampled_from([0, 0, 0, 2]))
    def write(self, name: str, hours: int) -> None:
        """Save an entry, or a change of one, as a writer."""
        text = self._text(name, hours)
        self.unapproved[text] = f"zq{self.number}zq"
        save(self.room, name, text)

    @rule(name=st.sampled_from(NAMES))
    def drop(self, name: str) -> None:
        """Write a file into the folder."""
        self.room.drop(name, self._text(name, 0))

    @rule(which=pick, name=st.sampled_from([*NAMES, "other.toml"]), is_copy=st.booleans())
    def move(self, which: int, name: str, *, is_copy: bool) -> None:
        """Rename or copy a file in the folder."""
        files = sorted((self.room.folder / "entries").glob("*.toml"))
        if files:
            path = files[which % len(files)]
            other = path.with_name(name)
            if other != path:
                shutil.copy(path, other) if is_copy else path.replace(other)

    @rule(which=pick)
    def approve(self, which: int) -> None:
        """Approve one file as it is."""
        codes = sorted(waiting(self.report).items())
        if codes:
            name, code = codes[which % len(codes)]
            self.report = run(self.room, code)
            for text in [one for one in self.unapproved if code == _code(name, one)]:
                del self.unapproved[text]

    @rule(minutes=st.sampled_from([1, 1, 130, -30]), is_all=st.booleans())
    def publish(self, minutes: int, *, is_all: bool) -> None:
        """Do a run."""
        self.report = run(self.room, minutes=minutes, is_all=is_all)

    @rule()
    def lose_ledger(self) -> None:
        """Lose the ledger."""
        lose(self.room, "state/ledger*")
        self.report = run(self.room)

    @invariant()
    def nothing_unapproved_is_public(self) -> None:
        """No byte of an unapproved content is anywhere under `feeds/`."""
        seen = public(self.room)
        assert [mark for mark in self.unapproved.values() if mark.encode() in seen] == []


def _code(name: str, text: str) -> str:
    digest = sha256(text.encode()).hexdigest()
    return code_of("unapproved", [name, f"{digest} {name}"], digits=40)


@pytest.mark.long
def test_no_sequence_publishes_what_is_unapproved() -> None:
    """Writers, editors, renames, copies, the clock and lost ledgers never make it public."""
    run_state_machine_as_test(
        Approvals,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
