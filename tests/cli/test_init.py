"""Tests of `init`: its questions, the files that it writes, its refusals, and the first run."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result

from dateline import config as configuration
from dateline import publish
from dateline.cli.init import init
from dateline.config import starter
from dateline.errors import ConfigError, DatelineError
from dateline.messages.catalogues import languages
from support.commands import publisher
from support.serving import serve, until

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
OPTIONS = {
    "title": 'Harbour & "pier" news',
    "url": "https://www.example.org/news",
    "language": "French",
    "tag": "example.org,2008",
    "time-zone": "Europe/Vienna",
}
FILES = [
    ".gitignore",
    "config.toml",
    "entries/2026-11-27-welcome.toml",
    "entries/entry.schema.json",
]
WELCOME = {
    "ar": "مرحبًا بكم", "en": "Welcome", "es": "Bienvenidos", "fr": "Bienvenue",
    "ru": "Добро пожаловать", "zh": "欢迎",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Paris")
    monkeypatch.setattr("tzlocal.unix._cache_tz_name", None)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON.timestamp())))


def start(folder: Path, *words: str, answers: str | None = None) -> Result:
    """Run `init` for a folder; `answers` are the typed lines."""
    return CliRunner().invoke(init, [str(folder), *words], input=answers)


def given(**changes: str) -> list[str]:
    """Return the options that leave no question open."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return [word for name, value in {**OPTIONS, **named}.items() for word in (f"--{name}", value)]


def files(folder: Path) -> list[str]:
    """Return every file below a folder."""
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


@pytest.mark.long
def test_a_default_publication_is_built_with_valid_feeds(tmp_path: Path) -> None:
    """After `init --yes` and a run, all formats have the first entry, in the system's language."""
    folder = tmp_path / "press-office"

    said = start(folder, "--yes")

    config = configuration.load(folder / "config.toml")
    own = config.publication
    assert (said.exit_code, files(folder)) == (0, FILES)
    assert (own.title, own.url, own.language) == ("Press office", "http://127.0.0.1:8000/", "fr")
    assert (own.tag, own.zone.key) == ("press-office.invalid,2026-11-27", "Europe/Paris")
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(config, publish.RunRequest(now=NOON, clock=clock))
    assert (report.published, report.problems) == (("2026-11-27-welcome.toml",), ())
    for name in ("news.rss", "news.atom"):
        feed = feedparser.parse((folder / "feeds" / name).read_bytes())
        assert not feed.bozo
        assert [entry.title for entry in feed.entries] == ["Bienvenue"]
    (item,) = json.loads((folder / "feeds/news.json").read_bytes())["items"]
    assert item["id"].startswith("tag:press-office.invalid,2026-11-27:")


@pytest.mark.parametrize("language", languages())
def test_the_first_entry_is_in_the_language_of_the_publication(
    language: str, tmp_path: Path
) -> None:
    """This covers all languages of the pages; a regional one has the text of its language."""
    start(tmp_path / "news", *given(language=f"{language}-EG"))

    text = (tmp_path / "news" / FILES[2]).read_text("utf-8")
    assert f'title = "{WELCOME[language]}"\ndate = 2026-11-27\n' in text
    assert f"`{FILES[2]}`" in text
    assert text.startswith("#:schema ./entry.schema.json\n")


def test_options_are_written_to_config_toml(tmp_path: Path) -> None:
    """No question is asked, and the next two commands are named."""
    folder = tmp_path / "news"

    said = start(folder, *given())

    lines = (folder / "config.toml").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "[publication]",
        'title = "Harbour & \\"pier\\" news"',
        'url = "https://www.example.org/news/"',
        'language = "fr"',
        'tag = "example.org,2008"',
        'time_zone = "Europe/Vienna"',
        "[[feed]]",
        'name = "news"',
    ]
    assert configuration.load(folder / "config.toml").publication.title == OPTIONS["title"]
    assert re.search(rf"Next, type:\n  cd {folder}\n  \S+ serve\n", said.output)
    assert "config.toml: an address" not in said.output


def test_a_question_is_repeated_after_a_wrong_answer(tmp_path: Path) -> None:
    """One sentence explains the error; an empty line takes the default."""
    typed = [" ", "Harbour", "example.org", "https://www.example.org", "Klingonese", "es"]
    typed += ["example.org", "", "Mars/Phobos", "Europe/Madrid"]

    said = start(tmp_path / "news", answers="\n".join(typed) + "\n")

    assert said.exit_code == 0
    assert re.findall(r"(?m)^Error: .+", said.output) == [
        'Error: " " must be a line of text.',
        'Error: "example.org" must start with https:// or http://.',
        'Error: "Klingonese" must be a language tag, like "en", "fr" or "zh-Hant".',
        (
            'Error: "example.org" must be a domain that was yours on a day, and that day '
            '(RFC 4151), like "example.org,2008".'
        ),
        'Error: "Mars/Phobos" must be a time zone\'s name, like "Europe/Vienna".',
    ]
    own = configuration.load(tmp_path / "news/config.toml").publication
    assert (own.title, own.language, own.tag) == ("Harbour", "es", "example.org,2026-11-27")


def test_only_missing_options_are_asked_for(tmp_path: Path) -> None:
    """The remaining questions are those of the options left out."""
    said = start(tmp_path / "news", *given()[2:-2], answers="Harbour\n\n")

    asked = re.findall(r"(?m)^([^:\n]+) \[[^]]+\]:", said.output)
    assert asked == ["Title of the publication", "Time zone"]
    assert 'time_zone = "Europe/Paris"' in (tmp_path / "news/config.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": ""}, '--title "" must be a line of text.'),
        ({"url": "example.org"}, '--url "example.org" must start with https:// or http://.'),
        ({"language": "xx"}, '--language "xx" must be a language tag, like "en", "fr" or "zh-Ha'),
        ({"tag": "example.org"}, '--tag "example.org" must be a domain that was yours on a day'),
        (
            {"tag": "example.org,2026-02-30"},
            '--tag "example.org,2026-02-30" must end in a day that',
        ),
        ({"tag": "example.org,2026-13"}, '--tag "example.org,2026-13" must end in a day that'),
        ({"time_zone": "Vienna"}, '--time-zone "Vienna" must be a time zone\'s name, like "Euro'),
        ({"title": " ", "url": "x:"}, '--title " " must be a line of text.\n--url "x:" must star'),
    ],
)
def test_a_wrong_option_ends_a_script(
    changes: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """All errors are reported at once, in one sentence each, and nothing is written."""
    said = start(tmp_path / "news", "--yes", *given(**changes))

    assert isinstance(said.exception, ConfigError)
    assert str(said.exception).startswith(expected)
    assert list(tmp_path.iterdir()) == []


def test_a_script_without_answers_gets_the_name_of_the_option(tmp_path: Path) -> None:
    """It ends with exit code 2 and does not wait."""
    done = publisher("init", tmp_path / "news", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "There is no answer to: Title of the publication. Nothing was written. Give --title, or "
        "--yes for the defaults."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["config.toml", "entries/a.toml", ".gitignore", "state/x"])
def test_existing_files_are_not_overwritten(name: str, tmp_path: Path) -> None:
    """A folder with any of these is refused, and stays unchanged."""
    folder = tmp_path / "news"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine", "utf-8")
    (tmp_path / "news-2").mkdir()

    said = start(folder, "--yes")

    (there,) = folder.iterdir()
    assert str(said.exception) == (
        f"{folder} has {there.name} already. Nothing was written. Name a new folder, such as: "
        f"dateline init {folder}-3"
    )
    assert (files(folder), (folder / name).read_text("utf-8")) == ([name], "mine")


def test_a_refusal_names_a_command_that_can_be_typed(tmp_path: Path) -> None:
    """The name of a folder with a space is quoted."""
    (tmp_path / "our news").write_text("mine", "utf-8")

    said = str(start(tmp_path / "our news", "--yes").exception)

    assert said.endswith(f"dateline init '{tmp_path}/our news-2'")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A path through a file is refused as well."""
    (tmp_path / "news").write_text("mine", "utf-8")

    assert f"{tmp_path}/news is a file." in str(start(tmp_path / "news", "--yes").exception)
    said = start(tmp_path / "news/more", "--yes")
    assert str(said.exception) == (
        f"{tmp_path}/news is a file. Nothing was written. Name a new folder, such as: "
        f"dateline init {tmp_path}/news-2"
    )
    assert files(tmp_path) == ["news"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other permissions")
def test_a_folder_without_write_permission_is_reported(tmp_path: Path) -> None:
    """The sentence names the folder and the system's error."""
    if os.geteuid() == 0:
        folder = Path("/proc/news")  # no user may make a folder there
    else:
        folder = tmp_path / "shut" / "news"
        folder.parent.mkdir(mode=0o500)

    said = start(folder, "--yes")

    assert isinstance(said.exception, DatelineError)
    assert re.fullmatch(
        rf"{folder}: .+\. Nothing was written\. Name a folder that you can write to\.",
        str(said.exception),
    )


@pytest.mark.parametrize("moved", [False, True])
def test_a_publication_inside_another_is_refused(moved: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Its files would become entries of the other; a folder beside them is accepted."""
    start(tmp_path, *given())
    taken = tmp_path / "entries"
    if moved:
        taken = tmp_path / "news"
        with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
            file.write('[paths]\nentries = "news"\n')

    said = start(taken / "2026" / "more", "--yes")

    assert str(said.exception).startswith(f"{taken}/2026/more is within {taken}, which belongs to")
    assert not (taken / "2026").exists()
    assert start(tmp_path / "other", "--yes").exit_code == 0


def test_a_folder_can_contain_other_files(tmp_path: Path) -> None:
    """An example is a repository: its files stay, and no others are left behind."""
    (tmp_path / "README.md").write_text("mine", "utf-8")

    assert start(tmp_path, "--yes").exit_code == 0
    assert files(tmp_path) == [".gitignore", "README.md", *FILES[1:]]


def test_a_publication_is_moved_completely_or_not_at_all(tmp_path: Path) -> None:
    """If a later file finds its place taken, the files moved before are moved back."""
    made, target = tmp_path / "made", tmp_path / "news"
    (made / "entries").mkdir(parents=True)
    (target / ".gitignore").mkdir(parents=True)
    for name in (".gitignore", "config.toml"):
        (made / name).write_text("new", "utf-8")

    with pytest.raises(OSError, match="directory"):
        starter.move(made, target)

    assert [one.name for one in target.iterdir()] == [".gitignore"]
    assert (made / "entries").is_dir()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.org/news/", "example.org,2026-11-27"),
        ("https://news.bücher.example/", "news.xn--bcher-kva.example,2026-11-27"),
        ("https://192.0.2.1/", "a.invalid,2026-11-27"),
        ("https://[2001:db8::1]/", "a.invalid,2026-11-27"),
        ("https://my_host.example.org/", "a.invalid,2026-11-27"),
        ("http://localhost:8000/", "a.invalid,2026-11-27"),
    ],
)
def test_ids_begin_with_the_domain_of_the_address(url: str, expected: str, tmp_path: Path) -> None:
    """Without one, they begin with a reserved domain (RFC 2606)."""
    start(tmp_path / "a", "--yes", "--url", url)

    assert configuration.load(tmp_path / "a/config.toml").publication.tag == expected


def test_a_system_without_language_and_known_zone_has_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defaults are English and an existing time zone; a name without letters makes no title."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "Nowhere/None")

    start(tmp_path / "__", "--yes")

    own = configuration.load(tmp_path / "__/config.toml").publication
    assert (own.language, own.title) == ("en", "News")


@pytest.mark.long
def test_serve_shows_the_first_entry_on_the_front_page(tmp_path: Path) -> None:
    """It appears as soon as it has been published."""
    start(tmp_path / "news", *given(language="en", url="http://127.0.0.1:8000/"))

    with serve(tmp_path / "news") as served:
        assert until(lambda: ">Welcome</a>" in served.get().text)


def test_links_in_a_circle_are_reported(tmp_path: Path) -> None:
    """As the folder, or as one above it."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    for folder in (loop, loop / "news"):
        with pytest.raises(DatelineError, match=r"symbolic links\. Nothing was written\. Name a "):
            starter.verify_is_free(folder)
        with pytest.raises(ConfigError, match="symbolic links"):
            configuration.load(folder / "config.toml")
