"""A new entry: what stands in it, under which name, and what editors know of its fields."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cli.test_commands import publisher
from dateline import publish
from dateline.entries import fields, template
from dateline.entries.parse import parse
from dateline.errors import IntakeError, State
from dateline.model import Kind, Source
from dateline.publish.check import check
from dateline.text import toml
from dateline.text.characters import clean_text
from publication.test_cases import CASES
from support.paths import ROOT
from support.publication import NOW, Newsroom, entry_file, picture

STAFF = ROOT / "docs/for-staff.md"
TODAY = date(2026, 11, 25)
KINDS: list[Kind] = ["news", "event", "publication"]
LEFT_EMPTY = {"event": ["event-empty"], "publication": ["attachments-empty"]}
OFFERED = [field.name for field in fields.FIELDS if field.name not in fields.REQUIRED]
PAIRS = {"status": "retraction", "retraction": "status", "image": "image_alt"}


def new(newsroom: Newsroom, title: str = "Report", *, kind: Kind = "news", within: str = "") -> str:
    """Write a new entry, and give its path below `entries/`."""
    entries = newsroom.folder / "entries"
    path = template.write(entries, title, kind=kind, today=TODAY, within=within)
    return path.relative_to(entries).as_posix()


def written(text: str) -> str:
    """Give the text of a new entry as staff leave it."""
    text = text.replace('event = ""', 'event = "3 December 2026"')
    text = text.replace("attachments = []", 'attachments = ["https://example.org/report.pdf"]')
    return text.replace(template.BODY, "Sixty cases in one year.")


def judged(newsroom: Newsroom) -> dict[str, tuple[str, list[str]]]:
    """Give the state of each file, and the codes of what is said of it."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = check(newsroom.config, publish.RunRequest(now=NOW, clock=clock))
    codes: dict[str, list[str]] = {path: [] for path in report.states}
    for problem in report.problems:
        codes.setdefault(problem.file, []).append(problem.code)
    return {path: (state, codes[path]) for path, state in report.states.items()}


def without_sign(text: str, names: set[str]) -> str:
    """Take away the # before the fields of these names."""
    return re.sub(rf"^# ({'|'.join(names)}) =", r"\1 =", text, flags=re.MULTILINE)


# ---- What stands in it


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("within", ["", "2026", "2026/events"])
def test_a_new_entry_is_held_until_its_text_is_written(
    newsroom: Newsroom, kind: Kind, within: str
) -> None:
    """And what makes it of its kind; nothing else is wrong with it, wherever it lies."""
    path = new(newsroom, kind=kind, within=within)
    file = newsroom.folder / "entries" / path

    before = judged(newsroom)
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
    after = judged(newsroom)

    assert before == {path: (State.HOLD, [*LEFT_EMPTY.get(kind, []), "body-template"])}
    assert after == {path: ("live", [])}


@pytest.mark.parametrize(("kind", "state"), [("event", State.HOLD), ("publication", "live")])
def test_a_kind_that_was_left_open_is_told(newsroom: Newsroom, kind: Kind, state: str) -> None:
    """An event without its day would go out as plain news; a report may be linked instead."""
    path = new(newsroom, kind=kind)
    file = newsroom.folder / "entries" / path
    text = file.read_text(encoding="utf-8").replace(template.BODY, "Sixty cases in one year.")

    file.write_text(text, encoding="utf-8")

    assert judged(newsroom)[path] == (state, LEFT_EMPTY[kind])


def test_a_title_that_was_left_as_it_is_is_held(newsroom: Newsroom) -> None:
    """The template that is handed about without the command has no other title."""
    path = new(newsroom, template.TITLE)

    assert judged(newsroom)[path] == (State.HOLD, ["title-template", "body-template"])


def test_a_text_that_was_written_below_the_template_is_held(newsroom: Newsroom) -> None:
    """The sentence that asks for the text is not published with it."""
    path = new(newsroom)
    file = newsroom.folder / "entries" / path
    both = f"{template.BODY}\n\nSixty cases in one year."

    file.write_text(file.read_text(encoding="utf-8").replace(template.BODY, both), "utf-8")

    assert judged(newsroom)[path] == (State.HOLD, ["body-template"])


@given(title=st.text())
@example(title="half \udc80 of a letter")
def test_any_title_is_a_toml_string(title: str) -> None:
    """What comes back is the title, on one line and without what no feed may carry."""
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
    """Nothing in it is taken for a slip, to be mended or asked about."""
    path = new(newsroom, title)
    data = (newsroom.folder / "entries" / path).read_bytes()

    draft = parse(Source(path=path, data=data, age=60), today=TODAY)

    assert (draft.fields["title"], draft.notes) == (title, ())
    assert judged(newsroom)[path][1] == ["body-template"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_stands_in_it_once(kind: Kind) -> None:
    """What a kind wants first is there to be filled in, all others behind a #."""
    text = template.template("Report", kind=kind, today=TODAY)

    names = re.findall(r"^(?:# )?(\w+) =", text, re.MULTILINE)

    assert sorted(names) == sorted(fields.NAMES)
    assert names[-1] == "body"
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", OFFERED)
def test_a_line_whose_sign_is_taken_away_is_read(newsroom: Newsroom, name: str) -> None:
    """Its example is one that can be published, today."""
    path = new(newsroom, kind="news")
    file = newsroom.folder / "entries" / path
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop("report.pdf", (CASES / "every-field/entries/prices.pdf").read_bytes())
    names = {name, PAIRS.get(name, name)}

    file.write_text(without_sign(written(file.read_text(encoding="utf-8")), names), "utf-8")

    draft = parse(Source(path=path, data=file.read_bytes(), age=60), today=TODAY)
    assert names <= set(draft.fields)
    assert judged(newsroom)[path][0] != State.HOLD


# ---- Under which name


def test_no_file_is_written_over(newsroom: Newsroom) -> None:
    """The same title again gets a number; so does one that a disk may take for the same."""
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
    """No word makes it look like the copy that a program makes of a conflict."""
    path = new(newsroom, title)

    assert path == name
    assert judged(newsroom)[path][1] == ["body-template"]


@pytest.mark.parametrize(
    "within", ["..", "a/../b", "/var", ".hidden", "\\\\server\\share", "link/below", "two\nlines"]
)
def test_no_entry_is_written_where_none_is_read(newsroom: Newsroom, within: str) -> None:
    """A folder outside, or one that is passed over, is refused before anything is written."""
    elsewhere = newsroom.folder / "elsewhere"
    elsewhere.mkdir()
    (newsroom.folder / "entries/link").symlink_to(elsewhere)

    with pytest.raises(IntakeError, match="is no folder that entries are read from"):
        new(newsroom, within=within)

    found = {path.name for path in newsroom.folder.rglob("*")}
    assert found == {"config.toml", "elsewhere", "entries", "link"}


def test_an_entries_folder_that_is_not_there_is_told(newsroom: Newsroom) -> None:
    """It is not made: it may be a share that is away."""
    (newsroom.folder / "entries").rmdir()

    with pytest.raises(IntakeError, match=r"entries: No such file or directory\. Nothing was"):
        new(newsroom)


# ---- What editors know of its fields


def test_the_schema_describes_every_field() -> None:
    """It knows each by its own type, and no other."""
    schema = json.loads(fields.schema())

    assert set(schema["properties"]) == fields.NAMES
    assert schema["required"] == list(fields.REQUIRED)
    assert schema["additionalProperties"] is False
    assert all(said["description"] for said in schema["properties"].values())


def test_the_shipped_schema_is_current(pytestconfig: pytest.Config) -> None:
    """`publisher.py new` brings it up to date, and so does `--rewrite`."""
    if pytestconfig.getoption("--rewrite"):
        fields.write_schema(ROOT / "entries")
    shipped = (ROOT / "entries" / fields.SCHEMA_NAME).read_text(encoding="utf-8")

    assert shipped == fields.schema()


def test_a_new_entry_names_the_schema_wherever_it_lies(newsroom: Newsroom) -> None:
    """The path leads from the entry's own folder to the one schema beside all entries."""
    for within in ("", "2026", "2026/events"):
        file = newsroom.folder / "entries" / new(newsroom, within=within)
        first = file.read_text(encoding="utf-8").splitlines()[0]

        named = file.parent / first.removeprefix("#:schema ")

        assert named.resolve() == (newsroom.folder / "entries" / fields.SCHEMA_NAME).resolve()


def test_an_old_schema_is_brought_up_to_date_and_a_new_one_left_alone(newsroom: Newsroom) -> None:
    """Folders that are synchronised see a change only where there is one."""
    schema = newsroom.drop(fields.SCHEMA_NAME, "{}")
    new(newsroom)
    os.utime(schema, (0, 0))

    new(newsroom)

    assert (schema.read_text(encoding="utf-8"), schema.stat().st_mtime) == (fields.schema(), 0)
    assert not list(schema.parent.glob(".*"))


def test_the_title_is_as_long_as_the_line_lets_it_be(newsroom: Newsroom) -> None:
    """The schema's limit is the publisher's own."""
    newsroom.drop("fits.toml", entry_file("x" * fields.TITLE_LENGTH))
    newsroom.drop("long.toml", entry_file("y" * (fields.TITLE_LENGTH + 1)))

    found = judged(newsroom)

    assert found["fits.toml"] == ("live", [])
    assert found["long.toml"] == (State.HOLD, ["title-too-long"])


def test_the_schema_is_no_entry_and_is_not_published(newsroom: Newsroom) -> None:
    """It lies beside the entries, and nobody hears of it."""
    newsroom.drop("good.toml", entry_file())
    fields.write_schema(newsroom.folder / "entries")

    report = newsroom.build()

    assert report.states == {"good.toml": "live"}
    assert newsroom.codes() == []
    assert not [name for name in newsroom.feeds() if "schema" in name]


# ---- The command


def test_the_command_says_where_the_entry_is_and_what_to_do(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today is the publication's day: past midnight in Vienna, the day before in Greenwich."""
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", f"{late.timestamp():.0f}")

    done = publisher("new", "Report", "--kind", "event", "--folder", "2026", cwd=newsroom.folder)

    name = Path("entries/2026/2026-11-25-report.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{name}\n{template.NEXT}\n"
    assert '\nevent = ""  #' in (newsroom.folder / name).read_text(encoding="utf-8")


def test_a_title_of_nothing_is_refused(newsroom: Newsroom) -> None:
    """One sentence says what to type; the code is 2."""
    done = publisher("new", " \t", cwd=newsroom.folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'The title is empty. Write it between quotes: new "Report on Lebanon".\n'


# ---- The guide for staff (`docs/for-staff.md`)


def guide_table() -> str:
    """Give the table of fields as it stands in the guide."""
    return "".join(
        f"| `{field.name}` | `{_on_one_line(field.example)}` | {field.help} |\n"
        for field in fields.FIELDS
    )


def _on_one_line(example: str) -> str:
    return example.replace("\n", " ")


def blocks(word: str) -> list[str]:
    """Give the texts of the guide that stand between fences of this kind."""
    text = STAFF.read_text(encoding="utf-8")
    return re.findall(rf"^```{word}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_guide_describes_every_field(pytestconfig: pytest.Config) -> None:
    """Its table is made of the same sentences as the template and the schema."""
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
    """One that is a part of an entry is, with a title, a day and a text."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop("report.pdf", (CASES / "every-field/entries/prices.pdf").read_bytes())
    given = {"title": '"Report"', "date": "2026-11-25"}
    lines = [f"{name} = {value}\n" for name, value in given.items() if f"{name} =" not in block]
    last = "" if "body =" in block else 'body = "Text."\n'

    newsroom.drop("a.toml", "".join(lines) + block + last)

    assert judged(newsroom)["a.toml"][0] in {"live", "scheduled"}
    assert set(judged(newsroom)["a.toml"][1]) <= {"scheduled"}


def test_the_guide_shows_what_is_said_of_a_faulty_file(
    newsroom: Newsroom, pytestconfig: pytest.Config
) -> None:
    """The note beside the file is this, word for word."""
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


def test_what_the_guide_says_is_asked_about_is(newsroom: Newsroom) -> None:
    """Each text of its table is held, even as the day of an event."""
    texts = re.findall(r'^\| `("[^`]+")` \|', STAFF.read_text(encoding="utf-8"), re.MULTILINE)
    for number, text in enumerate(texts):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}", event=text))

    states = [state for state, _ in judged(newsroom).values()]

    assert states == [State.HOLD] * len(texts)
    assert len(texts) >= 5


def test_the_guide_shows_pictures_that_are_there() -> None:
    """Each is beside it, and says what it shows."""
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
def test_what_is_written_is_never_taken_for_a_copy(
    newsroom: Newsroom, titles: tuple[str, str]
) -> None:
    """Two entries of one day, begun one after the other, are both published."""
    texts = ("Sixty cases in one year.", "The minister visits Beirut on Monday.")
    for title, said in zip(titles, texts, strict=True):
        path = newsroom.folder / "entries" / new(newsroom, title)
        path.write_text(path.read_text("utf-8").replace(template.BODY, said), "utf-8")

    newsroom.build()

    assert [code for code in newsroom.codes() if code.startswith("name-")] == []
    assert len(newsroom.items()) == 2
