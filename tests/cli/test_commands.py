"""Commands: their arguments, output and exit codes."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import click
import pytest
from click.testing import CliRunner

from dateline.cli import _guarded, main
from dateline.errors import DatelineError
from dateline.system.supervisor import SUPERVISOR
from support.commands import PUBLISHER, publisher
from support.publication import Newsroom, entry_file
from support.receiving import webhook


@pytest.fixture
def folder(newsroom: Newsroom) -> Path:
    """Return the folder of a newsroom with one good file."""
    newsroom.drop("good.toml", entry_file())
    return newsroom.folder


def test_build_publishes_and_reports_it(folder: Path) -> None:
    """It counts entries and documents in one line; the exit code is 0."""
    done = publisher("build", cwd=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"Entries: 1 published\. \d+ documents changed\.\n", done.stdout)
    assert "Report on Lebanon" in (folder / "feeds/news.rss").read_text(encoding="utf-8")


@pytest.mark.long
def test_an_output_that_cannot_be_written_is_no_bug(newsroom: Newsroom, folder: Path) -> None:
    """A timer may write it to a full disk; what was built is there."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    command = [sys.executable, str(PUBLISHER), "build"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    said = "The output, or another file, cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert (folder / "feeds/news.rss").exists()


def test_build_waits_for_a_file_that_was_just_dropped(folder: Path) -> None:
    """A script can write a file and publish it with the next command."""
    publisher("build", cwd=folder)
    (folder / "entries/late.toml").write_text(entry_file("Just now"), encoding="utf-8")

    done = publisher("build", "--verbose", cwd=folder)

    assert "published late.toml" in done.stdout


@pytest.mark.long
@pytest.mark.parametrize(("mode", "wanted"), [(0o755, 0o044), (0o750, 0o040), (0o700, 0)])
def test_documents_are_as_readable_as_their_folder(folder: Path, mode: int, wanted: int) -> None:
    """A server in front reads them as another user; shells of administrators have closed masks."""
    feeds = folder / "feeds"
    feeds.mkdir()
    feeds.chmod(mode)

    command = [sys.executable, str(PUBLISHER), "build"]
    subprocess.run(command, cwd=folder, umask=0o077, check=True)

    for path in (*feeds.glob("news.*"), feeds / ".manifest.json", *feeds.glob("2*/*/*.html")):
        assert path.stat().st_mode & 0o077 == wanted, path
    assert (feeds / "2026").stat().st_mode & 0o077 == mode & 0o077


def test_a_held_entry_is_reported_with_exit_code_1(newsroom: Newsroom, folder: Path) -> None:
    """The other entries are published all the same."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    done = publisher("build", cwd=folder)

    assert done.returncode == 1
    assert "HOLD      bad.toml: Line 2: the date has no year." in done.stdout
    assert "Entries: 1 published." in done.stdout


@pytest.mark.long
@pytest.mark.parametrize("is_held", [False, True])
def test_the_exit_code_of_a_check_whose_output_is_cut_off_is_that_of_the_check(
    newsroom: Newsroom,
    folder: Path,
    is_held: bool,  # noqa: FBT001 - a case
) -> None:
    """As with `check | head -2`."""
    if is_held:
        newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, str(PUBLISHER), "check"]

    done = subprocess.run(
        command, cwd=folder, stdout=writer, stderr=subprocess.PIPE, check=False, text=True
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (int(is_held), "")


def test_check_prints_json_lines_and_writes_nothing(newsroom: Newsroom, folder: Path) -> None:
    """There is one object for each problem and each valid file, in the order of the files."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    done = publisher("check", "--json", cwd=folder)

    rows = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(row["file"], row["state"], row["line"], row["code"]) for row in rows] == [
        ("bad.toml", "hold", 2, "date-no-year"),
        ("good.toml", "accept", None, None),
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "entries"]


def test_check_annotates_the_lines_of_a_pull_request(newsroom: Newsroom, folder: Path) -> None:
    """Paths start at the root of the repository, and valid files have no annotation."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    newsroom.drop("~$good.toml", "lock")

    done = publisher("check", "--format", "github", cwd=folder)

    (line,) = done.stdout.splitlines()
    assert line.startswith("::error file=entries/bad.toml,line=2,title=date-no-year::Line 2: ")
    assert done.returncode == 1


@pytest.mark.parametrize("words", [["--format", "json"], ["--json"], ["--json", "bad.toml"]])
def test_check_has_one_json_format(words: list[str], newsroom: Newsroom, folder: Path) -> None:
    """Every option for it gives the same output."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    rows = json.loads(publisher("check", *words, cwd=folder).stdout)

    assert rows[0]["code"] == "date-no-year"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("entries/", {"2026/bad.toml", "2026/no", "2026.toml", "good.toml"}),
        (".", {"2026/bad.toml", "2026/no", "2026.toml", "good.toml"}),
        ("entries/2026", {"2026/bad.toml", "2026/no"}),
        ("2026/", {"2026/bad.toml", "2026/no"}),
        ("2026/no", {"2026/no"}),
        ("2026/empty", set()),
    ],
)
def test_a_folder_is_checked_with_all_that_is_in_it(
    named: str, found: set[str], newsroom: Newsroom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good and bad files are reported, and a link that leads out of the folder."""
    newsroom.drop("2026.toml", entry_file("Year", date="2026-11-23"))
    newsroom.drop("2026/bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    (newsroom.config.entries / "2026/empty").mkdir()
    (newsroom.config.entries / "2026/no").symlink_to(folder.parent)
    monkeypatch.chdir(folder)

    rows = json.loads(CliRunner().invoke(main, ["check", "--json", named]).stdout)

    assert {row["file"] for row in rows} == found
    assert {row["code"] for row in rows} <= {"date-no-year", "link-outside", None}


def test_a_file_beside_a_folder_is_checked_in_detail(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What will happen to a file is reported if it is named itself."""
    monkeypatch.chdir(folder)

    of_folder = CliRunner().invoke(main, ["check", "entries"]).stdout
    of_file = CliRunner().invoke(main, ["check", "entries", "good.toml"]).stdout

    assert of_folder == "1 file checked, 0 held.\n"
    assert "good.toml: It is in the feed news." in of_file


@pytest.mark.parametrize("begin", ["entries/", ""])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("out.toml", "link-outside"),
        ("lost.toml", "link-outside"),
        ("b\udcff.toml", "name-not-plain"),
    ],
)
def test_a_file_that_is_held_for_its_name_or_as_a_link_is_checked(
    begin: str, name: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command says that there is no such file, or that nothing is wrong with it."""
    entries = folder / "entries"
    (folder / "out.toml").write_text(entry_file(), "utf-8")
    (entries / "out.toml").symlink_to(folder / "out.toml")
    (entries / "lost.toml").symlink_to(folder / "nowhere.toml")
    (entries / "b\udcff.toml").write_text(entry_file(), "utf-8")
    monkeypatch.chdir(folder)

    done = CliRunner().invoke(main, ["check", "--json", begin + name])

    shown = name.replace("\udcff", "\ufffd")
    assert [(one["file"], one["code"]) for one in json.loads(done.stdout)] == [(shown, code)]
    assert done.exit_code == 1


@pytest.mark.parametrize("named", ["no.toml", "..", "../config.toml", "entries/2027"])
def test_what_is_not_among_the_entries_is_not_checked(named: str, folder: Path) -> None:
    """It is refused, whether it is named from the entries folder or from another."""
    done = CliRunner().invoke(main, ["check", "--config", str(folder / "config.toml"), named])

    assert str(done.exception) == f"There is no file or folder {named} in {folder / 'entries'}."


@pytest.mark.long
def test_the_pre_commit_hook_checks_entries(newsroom: Newsroom, folder: Path) -> None:
    """It runs the installed command; a bad file makes it exit with 1."""
    lines = (PUBLISHER.parent / ".pre-commit-hooks.yaml").read_text("utf-8").splitlines()
    hook = dict(line.lstrip("- ").split(": ", 1) for line in lines if not line.startswith("#"))
    program, *words = hook["entry"].split()
    variables = os.environ | {"PYTHONPATH": str(PUBLISHER.parent)}

    def check() -> int:
        return subprocess.run(
            [sys.executable, "-m", program, *words],
            cwd=folder,
            env=variables,
            capture_output=True,
            check=False,
        ).returncode

    good = check()
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    assert (program, hook["pass_filenames"]) == ("dateline", "false")
    assert re.search(hook["files"], "entries/2026/a.toml")
    assert not re.search(hook["files"], "pyproject.toml")
    assert (good, check()) == (0, 1)


def test_a_build_writes_notes_and_sends_alarms(newsroom: Newsroom, folder: Path) -> None:
    """A single run, by hand or by cron, does in this respect what `serve` does."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    with webhook() as received:
        alarm = f'[alarm]\nafter = 1\nwebhook = "http://127.0.0.1:{received.port}/"\n'
        with (folder / "config.toml").open("a", encoding="utf-8") as file:
            file.write(alarm)
        publisher("build", cwd=folder)
        sleep(1.1)
        done = publisher("build", cwd=folder)

    assert (done.returncode, done.stderr) == (1, "")
    assert (folder / "entries/bad.toml.problem.txt").exists()
    assert [json.loads(data)["held"][0]["file"] for data in received.data] == ["bad.toml"]


def test_a_problem_without_a_file_is_printed(newsroom: Newsroom, folder: Path) -> None:
    """A note that cannot be written is reported as text and as JSON."""
    newsroom.drop("bad.toml", entry_file(body='""'))
    (folder / "entries/.bad.toml.problem.txt.new").mkdir()

    people = publisher("build", cwd=folder).stdout
    machines = json.loads(publisher("build", "--json", cwd=folder).stdout)

    assert people.count("cannot be written") == 1
    assert "cannot be written" in machines["remarks"][0]


def test_build_prints_one_json_object(folder: Path) -> None:
    """It has what was published, what changed, the documents, and the time of the next run."""
    report = json.loads(publisher("build", "--json", cwd=folder).stdout)

    assert report["published"] == ["good.toml"]
    assert report["files"][0]["state"] == "accept"
    assert "news.rss" in report["documents"]
    # The entry is in the news sitemap for two days.
    assert report["next"] in {"2026-11-26T11:00:00+00:00", None}


def test_folders_are_beside_the_configuration_file(folder: Path) -> None:
    """`--config` alone decides where everything is."""
    done = publisher("build", "--config", folder / "config.toml", cwd=Path("/"))

    assert done.returncode == 0
    assert (folder / "feeds/news.rss").exists()


@pytest.mark.parametrize("command", ["build", "check", "serve"])
def test_an_invalid_configuration_stops_the_command_before_it_writes(
    command: str, folder: Path
) -> None:
    """Every fault is one line, the exit code is 2, and no file is created."""
    path = folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("title =", "titel ="), "utf-8")

    done = publisher(command, cwd=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 4
    assert all(line.startswith("config.toml, line ") for line in done.stderr.splitlines())
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "entries"]


def test_an_internal_error_has_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The code 1 would mean that an entry is held."""

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(SystemExit) as ended:
        _guarded(fails)

    assert ended.value.code == 3
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.EACCES, " Type the command as the user that runs serve."),
        (errno.EPERM, " Type the command as the user that runs serve."),
        (
            errno.EROFS,
            " Have the disk mounted for writing, or name folders on another one under [paths].",
        ),
        (errno.EBUSY, ""),  # a file that is mounted by itself, as in a container
        (errno.ENOSPC, ""),
        (errno.EIO, ""),
        (errno.ESTALE, ""),  # a share whose server has been replaced
        (errno.ETIMEDOUT, ""),  # or does not answer
        (errno.EHOSTDOWN, ""),
        pytest.param(getattr(errno, "EREMOTEIO", errno.EIO), "", id="EREMOTEIO"),  # Linux alone
        pytest.param(getattr(errno, "EUCLEAN", errno.EIO), "", id="EUCLEAN"),  # a damaged disk
    ],
)
def test_a_file_that_the_system_refuses_is_no_internal_error(
    code: int, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for a colleague who may not open the folder of the ledger: a sentence names the file."""

    def fails() -> None:
        raise OSError(code, os.strerror(code), "/srv/news/state/ledger.sqlite")

    with pytest.raises(SystemExit) as ended:
        _guarded(fails)

    assert ended.value.code == 2
    sentence = f"/srv/news/state/ledger.sqlite: {os.strerror(code)}.{advice}\n"
    assert capsys.readouterr().err == sentence


@pytest.mark.long
def test_a_command_in_a_deleted_folder_says_so(tmp_path: Path) -> None:
    """As in a terminal that is still in a publication that was restored from a backup."""
    command = shlex.join([sys.executable, str(PUBLISHER), "check"])
    script = f"mkdir gone && cd gone && rmdir ../gone && exec {command}"

    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (
        2,
        "The current folder was deleted. Change to the publication's, and type it again.\n",
    )


@pytest.mark.parametrize("way", ["serve", "a child of serve"])
def test_what_is_kept_running_is_started_again_after_a_full_disk(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal would end all processes of `serve`, and systemd would not start it again."""
    if way == "serve":
        monkeypatch.setattr(sys, "argv", ["dateline", "serve"])
    else:
        monkeypatch.setenv(SUPERVISOR, "1")

    def fails() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/news/state/ledger.sqlite")

    with pytest.raises(SystemExit) as ended:
        _guarded(fails)

    assert ended.value.code == 3


def test_a_missing_entries_folder_is_reported(folder: Path) -> None:
    """Nothing is published, and nothing is withdrawn."""
    (folder / "entries").rename(folder / "elsewhere")

    done = publisher("build", cwd=folder)

    assert done.returncode == 2
    assert "entries" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["entries", "feeds", "state"])
def test_a_folder_that_is_a_link_to_itself_is_reported(name: str, folder: Path) -> None:
    """Nothing is published."""
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).symlink_to(name)

    done = publisher("build", cwd=folder)

    assert done.returncode in {2, 3}
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def options_of(group: click.Group, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Give the options of each command that can be typed, by its full name."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{before}{name}", {word for param in command.params for word in param.opts}
        if isinstance(command, click.Group):
            yield from options_of(command, f"{before}{name} ")


def test_the_page_of_commands_lists_the_options_of_each(pytestconfig: pytest.Config) -> None:
    """`docs/commands.md` names `--config` and `--json` for the commands that have them."""
    text = (pytestconfig.rootpath / "docs/commands.md").read_text("utf-8")
    (said,) = re.findall(
        r"^All commands except (.*) accept `--config PATH`; (.*) accept `--json`;",
        text,
        re.MULTILINE,
    )
    named = [set(re.findall(r"`([\w ]+)`", words)) for words in said]

    options = dict(options_of(main))
    without = {name for name, words in options.items() if "--config" not in words}
    machines = {name for name, words in options.items() if "--json" in words}
    assert named == [without, machines]


def test_the_page_of_commands_names_every_command(pytestconfig: pytest.Config) -> None:
    """Each command for staff is a row of its table, or is explained in one."""
    text = (pytestconfig.rootpath / "docs/commands.md").read_text("utf-8")
    rows = "".join(re.findall(r"^\| `dateline .*\n", text, re.MULTILINE))

    named = set(re.findall(r"`(?:dateline )?(\w+)", rows))

    assert set(main.list_commands(click.Context(main))) - named == set()


def test_the_help_of_completion_has_a_line_to_copy_for_each_shell() -> None:
    """They are not filled up as a paragraph."""
    help_ = CliRunner().invoke(main, ["completion", "--help"]).stdout

    for line in (
        '~/.bashrc:  eval "$(dateline completion bash)"',
        "dateline completion fish | source",
    ):
        assert any(one.endswith(line) for one in help_.splitlines())
    assert "\\b" not in help_


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (["new", "Harbour opens"], "Write the new file there."),
        (["import", "feed.xml", "--yes"], "Import there: with --config, name a config.toml "),
        (["restore", "a.toml", "1"], "Restore a.toml there."),
    ],
)
def test_no_command_writes_entries_into_the_copy_of_a_source(
    words: list[str], instead: str, newsroom: Newsroom
) -> None:
    """They would be published from this machine alone, and withdrawn with the copy."""
    config = newsroom.folder / "config.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[source]\nurl = "git+file:///srv/news"\n')
    newsroom.config.entries.mkdir(parents=True)

    done = CliRunner().invoke(main, [*words, "--config", str(config)])

    assert isinstance(done.exception, DatelineError)
    assert str(done.exception).startswith(f"Entries come from git+file:///srv/news. {instead}")
    assert list(newsroom.config.entries.iterdir()) == []
