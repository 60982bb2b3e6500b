"""New entries: their content, their names, and the help of editors for their fields."""

from __future__ import annotations

import json
import os
import re
import resource
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dateline import publish
from dateline.entries import fields, template
from dateline.entries.parse import parse
from dateline.errors import IntakeError, State
from dateline.model import Kind, Source
from dateline.publish.check import check
from dateline.text import toml
from dateline.text.characters import clean_text
from publication.test_cases import CASES
from support.commands import publisher
from support.paths import ROOT
from support.publication import NOW, Newsroom, entry_file, picture

STAFF = ROOT / "docs/for-staff.md"
TODAY = date(2026, 11, 25)
KINDS: list[Kind] = ["news", "event", "publication"]
LEFT_EMPTY = {"event": ["event-empty"], "publication": ["attachments-empty"]}
OFFERED = [field.name for field in fields.FIELDS if field.name not in fields.REQUIRED]
PAIRS = {"status": "retraction", "retraction": "status", "image": "image_alt"}


def new(newsroom: Newsroom, title: str = "Report", *, kind: Kind = "news", within: str = "") -> str:
    """Write a new entry, and return its path below `entries/`."""
    entries = newsroom.folder / "entries"
    path = template.write(entries, title, kind=kind, today=TODAY, within=within)
    return path.relative_to(entries).as_posix()


def test_an_entry_that_cannot_be_written_whole_leaves_no_file(newsroom: Newsroom) -> None:
    """An empty one would be reported as a file that somebody is still copying."""
    new(newsroom)
    before = sorted((newsroom.folder / "entries").iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(IntakeError, match="Nothing was written"):
            new(newsroom, "Other")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert sorted((newsroom.folder / "entries").iterdir()) == before


def written(text: str) -> str:
    """Return the text of a new entry as staff complete it."""
    text = text.replace('event = ""', 'event = "3 December 2026"')
    text = text.replace("attachments = []", 'attachments = ["https://example.org/report.pdf"]')
    return text.replace(template.BODY, "Sixty cases in one year.")


def judged(newsroom: Newsroom) -> dict[str, tuple[str, list[str]]]:
    """Return the state of each file, and the codes of all messages."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = check(newsroom.config, publish.RunRequest(now=NOW, clock=clock))
    codes: dict[str, list[str]] = {path: [] for path in report.states}
    for problem in report.problems:
        codes.setdefault(problem.file, []).append(problem.code)
    return {path: (state, codes[path]) for path, state in report.states.items()}


def uncommented(text: str, names: set[str]) -> str:
    """Remove the # before the fields of these names."""
    return re.sub(rf"^# ({'|'.join(names)}) =", r"\1 =", text, flags=re.MULTILINE)


# ---- Content


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("within", ["", "2026", "2026/events"])
def test_a_new_entry_is_held_until_its_text_is_written(
    newsroom: Newsroom, kind: Kind, within: str
) -> None:
    """And until the fields of its kind are filled in; it has no other fault."""
    path = new(newsroom, kind=kind, within=within)
    file = newsroom.folder / "entries" / path

    before = judged(newsroom)
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
    after = judged(newsroom)

    assert before == {path: (State.HOLD, [*LEFT_EMPTY.get(kind, []), "body-template"])}
    assert after == {path: ("live", [])}


@pytest.mark.parametrize(("kind", "state"), [("event", State.HOLD), ("publication", "live")])
def test_an_unfinished_kind_is_reported(newsroom: Newsroom, kind: Kind, state: str) -> None:
    """An event without its day would be plain news; a report may be linked instead."""
    path = new(newsroom, kind=kind)
    file = newsroom.folder / "entries" / path
    text = file.read_text(encoding="utf-8").replace(template.BODY, "Sixty cases in one year.")

    file.write_text(text, encoding="utf-8")

    assert judged(newsroom)[path] == (state, LEFT_EMPTY[kind])


def test_an_unchanged_title_is_held(newsroom: Newsroom) -> None:
    """The template that is passed on without the command has no other title."""
    path = new(newsroom, template.TITLE)

    assert judged(newsroom)[path] == (State.HOLD, ["title-template", "body-template"])


def test_a_text_below_the_template_text_is_held(newsroom: Newsroom) -> None:
    """The placeholder for the text is not published."""
    path = new(newsroom)
    file = newsroom.folder / "entries" / path
    both = f"{template.BODY}\n\nSixty cases in one year."

    file.write_text(file.read_text(encoding="utf-8").replace(template.BODY, both), "utf-8")

    assert judged(newsroom)[path] == (State.HOLD, ["body-template"])


@given(title=st.text())
@example(title="half \udc80 of a letter")
def test_any_title_is_a_toml_string(title: str) -> None:
    """It is read back as one line, without characters that feeds refuse."""
    line = " ".join(clean_text(title).split())

    table = toml.parse(template.template(line, kind="news", today=TODAY))

    assert table == {"title": line, "date": TODAY, "body": f"{template.BODY}\n"}


@pytest.mark.parametrize(
    "title",
    [
        'She said "no" \\ "yes"',
        "C:\\new\\table",
        "'''\"\"\" #1 [a] = {b}",
        "{title} %s 🗞️ تقرير – “quoted”",
        "x" * 200,
    ],
)
def test_a_title_is_read_as_it_was_given(newsroom: Newsroom, title: str) -> None:
    """Nothing in it is repaired or questioned."""
    path = new(newsroom, title)
    data = (newsroom.folder / "entries" / path).read_bytes()

    draft = parse(Source(path=path, data=data, age=60), today=TODAY)

    assert (draft.fields["title"], draft.notes) == (title, ())
    assert judged(newsroom)[path][1] == ["body-template"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_notes_of_fields_are_in_one_column(kind: Kind) -> None:
    """Each is apart from the example before it."""
    text = template.template("Report", kind=kind, today=TODAY)

    offered = [line for line in text.splitlines() if re.match(r"# \w+ = ", line)]
    notes = [re.fullmatch(r"(# \w+ = .*?\S +)# .*", line) for line in offered]

    assert len(offered) > 15
    assert len({len(note[1]) if note else 0 for note in notes}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_in_it_once(kind: Kind) -> None:
    """The main fields of a kind can be filled in, and all others are behind a #."""
    text = template.template("Report", kind=kind, today=TODAY)

    names = re.findall(r"^(?:# )?(\w+) =", text, re.MULTILINE)

    assert sorted(names) == sorted(fields.NAMES)
    assert names[-1] == "body"
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", OFFERED)
def test_an_uncommented_line_is_valid(newsroom: Newsroom, name: str) -> None:
    """Its example can be published today."""
    path = new(newsroom, kind="news")
    file = newsroom.folder / "entries" / path
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop("report.pdf", (CASES / "every-field/entries/prices.pdf").read_bytes())
    names = {name, PAIRS.get(name, name)}

    file.write_text(uncommented(written(file.read_text(encoding="utf-8")), names), "utf-8")

    draft = parse(Source(path=path, data=file.read_bytes(), age=60), today=TODAY)
    assert names <= set(draft.fields)
    assert judged(newsroom)[path][0] != State.HOLD


# ---- Names


def test_no_file_is_overwritten(newsroom: Newsroom) -> None:
    """A repeated title gets a number, and so does one that equals another on some disks."""
    newsroom.drop("2026-11-25-PRESS.toml", entry_file())
    newsroom.drop("2026-11-25-visit.toml.txt", entry_file())

    paths = [new(newsroom, title) for title in ("Report", "Report!", "REPORT", "Press", "Visit")]

    assert paths == [
        "2026-11-25-report.toml",
        "2026-11-25-2-report.toml",
        "2026-11-25-3-report.toml",
        "2026-11-25-2-press.toml",
        "2026-11-25-2-visit.toml",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("L’ONUDC lance une boîte à outils", "2026-11-25-l-onudc-lance-une-boite-a-outils.toml"),
        ("Children in armed conflict", "2026-11-25-children-in-armed.toml"),
        ("Conflict", "2026-11-25-entry.toml"),
        ("!?", "2026-11-25-entry.toml"),
    ],
)
def test_a_name_is_the_day_and_words_of_the_title(
    newsroom: Newsroom, title: str, name: str
) -> None:
    """It never looks like a conflict copy of a sync program."""
    path = new(newsroom, title)

    assert path == name
    assert judged(newsroom)[path][1] == ["body-template"]


@pytest.mark.parametrize(
    "within", ["..", "a/../b", "/var", ".hidden", "\\\\server\\share", "link/below", "two\nlines"]
)
def test_no_entry_is_written_where_none_is_read(newsroom: Newsroom, within: str) -> None:
    """A folder outside, or one that is skipped, is refused before anything is written."""
    elsewhere = newsroom.folder / "elsewhere"
    elsewhere.mkdir()
    (newsroom.folder / "entries/link").symlink_to(elsewhere)

    with pytest.raises(IntakeError, match="is no folder that entries are read from"):
        new(newsroom, within=within)

    found = {path.name for path in newsroom.folder.rglob("*")}
    assert found == {"config.toml", "elsewhere", "entries", "link"}


def test_a_missing_entries_folder_is_reported(newsroom: Newsroom) -> None:
    """It is not created, since a share may be unmounted."""
    (newsroom.folder / "entries").rmdir()

    with pytest.raises(IntakeError, match=r"entries: No such file or directory\. Nothing was"):
        new(newsroom)


# ---- The schema for editors


def test_the_schema_describes_every_field() -> None:
    """Each field has its own type, and there are no others."""
    schema = json.loads(fields.schema())

    assert set(schema["properties"]) == fields.NAMES
    assert schema["required"] == list(fields.REQUIRED)
    assert schema["additionalProperties"] is False
    assert all(said["description"] for said in schema["properties"].values())
    name, table = schema["properties"]["attachments"]["items"]["anyOf"]
    assert name == {"type": "string"}
    assert table["required"] == ["file"]
    assert set(table["properties"]) == {"file", "title", "language"}


def test_the_shipped_schema_is_current(pytestconfig: pytest.Config) -> None:
    """`publisher.py new` brings it up to date, and so does `--rewrite`."""
    if pytestconfig.getoption("--rewrite"):
        fields.write_schema(ROOT / "entries")
    shipped = (ROOT / "entries" / fields.SCHEMA_NAME).read_text(encoding="utf-8")

    assert shipped == fields.schema()


def test_a_new_entry_names_the_schema_from_any_folder(newsroom: Newsroom) -> None:
    """The path leads from the entry's own folder to the one schema beside all entries."""
    for within in ("", "2026", "2026/events"):
        file = newsroom.folder / "entries" / new(newsroom, within=within)
        first = file.read_text(encoding="utf-8").splitlines()[0]

        named = file.parent / first.removeprefix("#:schema ")

        assert named.resolve() == (newsroom.folder / "entries" / fields.SCHEMA_NAME).resolve()


def test_only_an_outdated_schema_is_written(newsroom: Newsroom) -> None:
    """Synchronised folders see no needless change."""
    schema = newsroom.drop(fields.SCHEMA_NAME, "{}")
    new(newsroom)
    os.utime(schema, (0, 0))

    new(newsroom)

    assert (schema.read_text(encoding="utf-8"), schema.stat().st_mtime) == (fields.schema(), 0)
    assert not list(schema.parent.glob(".*"))


def test_the_schemas_longest_title_is_the_publishers(newsroom: Newsroom) -> None:
    """Both have the same limit."""
    newsroom.drop("fits.toml", entry_file("x" * fields.TITLE_LENGTH))
    newsroom.drop("long.toml", entry_file("y" * (fields.TITLE_LENGTH + 1)))

    found = judged(newsroom)

    assert found["fits.toml"] == ("live", [])
    assert found["long.toml"] == (State.HOLD, ["title-too-long"])


def test_the_schema_is_no_entry_and_is_not_published(newsroom: Newsroom) -> None:
    """It lies beside the entries, and causes no message."""
    newsroom.drop("good.toml", entry_file())
    fields.write_schema(newsroom.folder / "entries")

    report = newsroom.build()

    assert report.states == {"good.toml": "live"}
    assert newsroom.codes() == []
    assert not [name for name in newsroom.feeds() if "schema" in name]


# ---- The command


def test_the_command_prints_the_path_and_the_next_step(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day is that of the publication: past midnight in Vienna, a day ahead of Greenwich."""
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", f"{late.timestamp():.0f}")

    done = publisher("new", "Report", "--kind", "event", "--folder", "2026", cwd=newsroom.folder)

    name = Path("entries/2026/2026-11-25-report.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{name}\n{template.NEXT}\n"
    assert '\nevent = ""  #' in (newsroom.folder / name).read_text(encoding="utf-8")


def test_an_empty_title_is_refused(newsroom: Newsroom) -> None:
    """One sentence has the text to type; the exit code is 2."""
    done = publisher("new", " \t", cwd=newsroom.folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "The title is empty. Write it between quotes: "
        'python publisher.py new "Report on Lebanon".\n'
    )


# ---- The guide for staff (`docs/for-staff.md`)


def guide_table() -> str:
    """Return the table of fields in the guide."""
    return "".join(
        f"| `{field.name}` | `{_on_one_line(field.example)}` | {field.help} |\n"
        for field in fields.FIELDS
    )


def _on_one_line(example: str) -> str:
    return example.replace("\n", " ")


def blocks(word: str) -> list[str]:
    """Return the texts of the guide between fences of this kind."""
    text = STAFF.read_text(encoding="utf-8")
    return re.findall(rf"^```{word}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_guide_describes_every_field(pytestconfig: pytest.Config) -> None:
    """Its table has the sentences of the template and the schema."""
    head = "| field | for example | what it means |\n| --- | --- | --- |\n"
    text = STAFF.read_text(encoding="utf-8")
    rows = re.search(rf"{re.escape(head)}((?:\|.*\n)*)", text)
    assert rows
    if pytestconfig.getoption("--rewrite"):
        STAFF.write_text(text.replace(rows[0], head + guide_table()), encoding="utf-8")
        return

    assert rows[1] == guide_table()


@pytest.mark.parametrize("block", blocks("toml"))
def test_an_example_of_the_guide_is_published(newsroom: Newsroom, block: str) -> None:
    """Incomplete examples get a title, a date and a text."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    for name in ("report.pdf", "annex.pdf"):
        newsroom.drop(name, (CASES / "every-field/entries/prices.pdf").read_bytes())
    given = {"title": '"Report"', "date": "2026-11-25"}
    lines = [
        f"{name} = {value}\n"
        for name, value in given.items()
        if not re.search(rf"^{name} =", block, re.MULTILINE)
    ]
    last = "" if "body =" in block else 'body = "Text."\n'

    newsroom.drop("a.toml", "".join(lines) + block + last)

    assert judged(newsroom)["a.toml"][0] in {"live", "scheduled"}
    assert set(judged(newsroom)["a.toml"][1]) <= {"scheduled"}


def test_the_guide_shows_the_note_on_a_faulty_file(
    newsroom: Newsroom, pytestconfig: pytest.Config
) -> None:
    """It quotes the note word for word."""
    [faulty], [note] = blocks("toml faulty"), blocks("text")
    file = newsroom.drop("lebanon.toml", faulty)

    newsroom.build()

    said = file.with_name("lebanon.toml.problem.txt").read_text(encoding="utf-8-sig")
    if pytestconfig.getoption("--rewrite"):
        text = STAFF.read_text(encoding="utf-8")
        new = text.replace(f"```text\n{note}```", f"```text\n{said}```")
        STAFF.write_text(new, encoding="utf-8")
        return
    assert note == said


def test_unclear_dates_of_the_guide_are_held(newsroom: Newsroom) -> None:
    """Each text of its table is held, even as the day of an event."""
    texts = re.findall(r'^\| `("[^`]+")` \|', STAFF.read_text(encoding="utf-8"), re.MULTILINE)
    for number, text in enumerate(texts):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}", event=text))

    states = [state for state, _ in judged(newsroom).values()]

    assert states == [State.HOLD] * len(texts)
    assert len(texts) >= 5


def test_the_pictures_of_the_guide_exist() -> None:
    """Each has an alternative text."""
    shown = re.findall(r"(?<!`)!\[(.*)\]\((.*)\)", STAFF.read_text(encoding="utf-8"))

    assert len(shown) >= 2
    assert all(said and (STAFF.parent / name).is_file() for said, name in shown)


@pytest.mark.parametrize(
    "titles",
    [
        ("Report", "Report"),
        ("Report", "Report 2"),
        ("Visit 2", "Visit"),
        ("A", "A copy"),
        ("A (1)", "A"),
    ],
)
def test_a_new_entry_is_never_taken_for_a_copy(newsroom: Newsroom, titles: tuple[str, str]) -> None:
    """Two entries of one day are both published."""
    texts = ("Sixty cases in one year.", "The minister visits Beirut on Monday.")
    for title, said in zip(titles, texts, strict=True):
        path = newsroom.folder / "entries" / new(newsroom, title)
        path.write_text(path.read_text("utf-8").replace(template.BODY, said), "utf-8")

    newsroom.build()

    assert [code for code in newsroom.codes() if code.startswith("name-")] == []
    assert len(newsroom.items()) == 2
