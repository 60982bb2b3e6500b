"""The command `deploy`: a copy of the publication for static hosts."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dateline import publish
from dateline.cli import main
from dateline.documents import manifest
from dateline.documents.static_copy import RECORD
from dateline.errors import DatelineError, StoreError
from dateline.serve.proxy.static_host import Host, deploy
from support.publication import CONFIG, Newsroom, entry_file, picture

OTHERS = """
[moved]
"old" = "news"
"about.html" = "https://example.org/about"
[gone]
addresses = ["ended.rss"]
"""


def run(room: Newsroom, *words: str) -> Result:
    """Run the command in the newsroom's folder."""
    return CliRunner().invoke(
        main, ["deploy", "--config", str(room.folder / "config.toml"), *words]
    )


def written(room: Newsroom, name: str, host: Host = "any") -> str:
    """Return a file of a new copy for a host."""
    folder = room.folder / f"public-{host}"
    deploy(room.config, folder, host)
    return (folder / name).read_text("utf-8")


def rules(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of each path in `_headers`."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("/"):
            fields = found.setdefault(line, {})
        else:
            name, value = line.strip().split(": ", 1)
            fields[name] = value
    return found


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom that has published two entries, one with a picture, and withdrew one."""
    text = CONFIG.replace("http://127.0.0.1:8000/", "https://news.example.org/press/")
    (newsroom.folder / "config.toml").write_text(text + OTHERS, "utf-8")
    newsroom.drop("pier.png", picture())
    newsroom.drop("a.toml", entry_file(image='"pier.png"', image_alt='"A pier"'))
    newsroom.drop("b.toml", entry_file("Withdrawn words"))
    newsroom.build()
    (newsroom.folder / "entries/b.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    return newsroom


@pytest.mark.long
def test_feeds_that_name_a_hub_of_their_own_are_not_copied(room: Newsroom) -> None:
    """Nobody would answer there; the command says what to change."""
    with (room.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write("\n[hub]\nenabled = true\n")

    with pytest.raises(DatelineError, match=r"under \[hub\] in config.toml write enabled = false"):
        deploy(room.config, room.folder / "public", "any")


@pytest.mark.long
def test_pages_with_a_search_box_are_not_copied(room: Newsroom) -> None:
    """A static host cannot answer searches; the command says what to change."""
    with (room.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write("\n[search]\nenabled = true\n")
    room.build()

    with pytest.raises(DatelineError, match="enabled = false"):
        deploy(room.config, room.folder / "public", "any")

    assert not (room.folder / "public").exists()


@pytest.mark.long
def test_the_copy_has_every_document_and_nothing_else(room: Newsroom) -> None:
    """No manifest, no coded form, no entry file, and the same bytes and times as `feeds/`."""
    done = run(room, str(room.folder / "public"))

    public = room.folder / "public"
    files = {one for one in public.rglob("*") if one.is_file()}
    own = {public / name for name in ("_headers", "_redirects", ".dateline-deploy.json")}
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        f"{len(files) - 1} copied, 0 deleted, 0 unchanged.",
    )
    assert {
        str(one.relative_to(public)): (one.read_bytes(), int(one.stat().st_mtime))
        for one in files - own
    } == room.feeds()
    assert (public / "404.html").exists()


@pytest.mark.long
def test_a_second_run_copies_nothing_and_a_build_only_its_news(room: Newsroom) -> None:
    """`--json` lists the paths."""
    public = str(room.folder / "public")
    run(room, public)
    again = json.loads(run(room, "--json", public).stdout)
    room.drop("c.toml", entry_file("Third report"))
    report = room.build()

    news = json.loads(run(room, "--json", public).stdout)

    assert (again["copied"], again["deleted"], again["damaged"]) == ([], [], [])
    assert {*report.documents} <= {*news["copied"]}
    assert news["unchanged"] > 5


@pytest.mark.long
def test_a_dry_run_prints_what_would_be_done_and_writes_nothing(room: Newsroom) -> None:
    """Not even the folder, before the first time; later what is new and what is gone."""
    public = room.folder / "public"
    done = run(room, "--dry-run", f"file://{public}")
    assert "copy      news.rss\n" in done.output
    assert f"{len(room.feeds()) + 2} to copy, 0 to delete, 0 unchanged." in done.output
    assert not public.exists()
    room.drop("c.toml", entry_file("Third report"))
    room.build()
    run(room, str(public))
    before = {one: one.stat().st_mtime_ns for one in public.rglob("*")}
    (room.folder / "entries/c.toml").unlink()
    room.build()
    room.build(after=timedelta(hours=1))

    trial = json.loads(run(room, "--dry-run", "--json", str(public)).stdout)

    assert {one: one.stat().st_mtime_ns for one in public.rglob("*")} == before
    assert trial == json.loads(run(room, "--json", str(public)).stdout)
    assert trial["copied"]
    assert trial["deleted"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--gzip", "public"], "--endpoint and --gzip are for buckets"),
        (["--endpoint", "https://s3.example.org", "public"], "--endpoint and --gzip are for"),
        (["--for", "netlify", "s3://bucket/news"], "--for is for folders"),
        (["--for", "netlify", "www@news.example.org:/srv/www"], "--for is for folders"),
        (["rsync://desk:word@news.example.org/news"], "A password comes from RSYNC_PASSWORD"),
        (["s3://desk:word@bucket"], "Credentials come from the environment"),
        (["S3://bucket"], "in small letters"),
        (["ftp://desk:word@news.example.org/www"], "ftp:// is no beginning"),
        (["www@news.example.org"], "names a machine, and no folder"),
        (["www@news.example.org/srv/www"], "names a machine, and no folder"),
        (["www@news.example.org:"], "names a machine, and no folder"),
        (["news.example.org:"], "names a machine, and no folder"),
    ],
)
def test_options_and_addresses_that_do_not_fit_are_refused(
    room: Newsroom, words: list[str], text: str
) -> None:
    """Before anything is asked of a machine; no secret of an address is repeated."""
    done = run(room, *words)

    assert isinstance(done.exception, DatelineError)
    assert text in str(done.exception)
    assert "word@" not in str(done.exception)
    assert not (room.folder / "public").exists()


def test_former_addresses_are_redirected(room: Newsroom) -> None:
    """Configured and guessed ones, below the path of the site; what is gone is not named."""
    lines = written(room, "_redirects").splitlines()

    assert "/press/old.rss /press/news.rss 301" in lines
    assert "/press/about.html https://example.org/about 301" in lines
    assert "/press/feed.xml /press/news.rss 301" in lines
    assert "/press/news.html /press/index.html 301" in lines
    assert not [line for line in lines if "ended" in line or "withdrawn" in line]
    assert len({line.split()[0] for line in lines}) == len(lines) < 2000


@pytest.mark.long
def test_netlify_answers_410_for_what_is_gone(room: Newsroom) -> None:
    """For ended feeds and withdrawn entries; one that was taken down is not even named."""
    room.drop("c.toml", entry_file("Taken down words"))
    room.build()
    clock = datetime.now(UTC) + timedelta(seconds=2)
    (item,) = (one for one in room.items() if one["title"] == "Taken down words")
    request = publish.RunRequest(now=room.now, clock=clock, takedown=item["id"])
    publish.build(room.config, request)

    folder = room.folder / "public-netlify"
    lines = written(room, "_redirects", "netlify").splitlines()

    assert "/press/ended.rss /press/410.html 410" in lines
    assert "/press/2026/11/withdrawn-words.html /press/410.html 410" in lines
    assert not [line for line in lines if "taken-down" in line]
    assert "taken-down" not in (folder / ".dateline-deploy.json").read_text("utf-8")


@pytest.mark.long
def test_header_fields_are_those_of_serve(room: Newsroom) -> None:
    """Media types, `Link`, `Cache-Control`, CORS and the policy of pages."""
    found = rules(written(room, "_headers"))

    listings = {one.path: one for one in manifest.documents(room.config.feeds_folder)}
    feed = listings["news.rss"]
    assert found["/press/*"]["Access-Control-Allow-Origin"] == "*"
    assert found["/press/*.rss"] == {
        "Content-Type": feed.media_type,
        "Cache-Control": "max-age=300",
    }
    assert found["/press/*.json"]["Content-Type"] == "application/feed+json; charset=utf-8"
    assert found["/press/news.rss"] == {"Link": feed.links}
    assert found["/press/media/*"] == {"Cache-Control": "max-age=31536000, immutable"}
    for path in ("/press/", "/press/2026/*", "/press/subscribe.html", "/press/subscribe"):
        assert [*found[path]] == ["Content-Security-Policy"]


def test_no_document_gets_one_field_from_two_rules(room: Newsroom) -> None:
    """Cloudflare would join both values. No rule has more than one star, as it demands."""
    found = rules(written(room, "_headers"))

    for listing in manifest.documents(room.config.feeds_folder):
        path = f"/press/{listing.path}"
        fields = [name for rule, some in found.items() if _fits(rule, path) for name in some]
        assert len({*fields}) == len(fields)
    assert max(rule.count("*") for rule in found) == 1
    assert len(found) <= 100


def _fits(rule: str, path: str) -> bool:
    before, star, after = rule.partition("*")
    return path == rule if not star else path.startswith(before) and path.endswith(after)


def test_github_gets_no_rules_that_it_would_publish(room: Newsroom) -> None:
    """It reads neither file, and is told to leave the folder as it is."""
    assert written(room, ".nojekyll", "github") == ""
    assert not [*(room.folder / "public-github").glob("_*")]


@pytest.mark.long
def test_a_document_that_is_just_replaced_is_tried_again(room: Newsroom) -> None:
    """A run that ends meanwhile makes the copy whole."""
    room.drop("c.toml", entry_file("Third report"))
    before = (room.folder / "feeds/news.rss").read_bytes()
    (room.folder / "feeds/news.rss").write_bytes(before + b" ")

    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        room.build()

    found = deploy(room.config, room.folder / "public", "any", wait=wait)

    assert (waited, found.damaged) == ([1.0], ())
    assert b"Third report" in (room.folder / "public/news.rss").read_bytes()
    assert len({*found.copied}) + found.unchanged >= len(room.feeds())


def test_a_damaged_document_is_named(room: Newsroom) -> None:
    """It is held back, and the other documents are copied."""
    (room.folder / "feeds/news.rss").write_bytes(b"")

    found = deploy(room.config, room.folder / "public", "any", wait=lambda _: None)

    assert found.damaged == ("news.rss",)
    assert (room.folder / "public/news.atom").exists()


@pytest.mark.parametrize("name", [".", "entries", "entries/public", "feeds", "state/x", ".."])
def test_folders_of_the_publication_are_refused(room: Newsroom, name: str) -> None:
    """One sentence says what to type."""
    with pytest.raises(DatelineError, match=r"belongs to .* as in: dateline deploy public$"):
        deploy(room.config, room.folder / name, "any")


def test_nothing_to_copy_is_refused(newsroom: Newsroom) -> None:
    """Before the first build, and where the list of documents is damaged."""
    with pytest.raises(DatelineError, match=r"Nothing is published yet: type dateline build"):
        deploy(newsroom.config, newsroom.folder / "public", "any")

    newsroom.build()
    (newsroom.folder / "feeds" / manifest.TABLE).unlink()

    with pytest.raises(DatelineError, match=r"is damaged: type dateline build"):
        deploy(newsroom.config, newsroom.folder / "public", "any")
    assert not (newsroom.folder / "public").exists()


@pytest.mark.long
def test_a_folder_that_cannot_be_written_is_named(room: Newsroom, tmp_path: Path) -> None:
    """The error has its path and the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match=r"file/public: Not a directory\.$"):
        deploy(room.config, tmp_path / "file/public", "any")


@pytest.mark.long
def test_a_damaged_document_gives_exit_code_1(room: Newsroom) -> None:
    """An earlier copy stays, for readers."""
    run(room, str(room.folder / "public"))
    (room.folder / "feeds/news.rss").unlink()
    (room.folder / "public/news.rss").write_bytes(b"")

    done = run(room, str(room.folder / "public"))

    assert done.exit_code == 1
    assert "damaged   news.rss: build makes it again, if it can\n" in done.output


@pytest.mark.long
def test_links_in_a_circle_are_refused(room: Newsroom) -> None:
    """As the folder, or as one above it."""
    loop = room.folder.parent / "loop"
    loop.symlink_to(loop)

    for folder in (loop, loop / "public"):
        with pytest.raises(StoreError, match="symbolic links"):
            deploy(room.config, folder, "any")


@pytest.mark.long
def test_two_copies_into_one_folder_wait_for_each_other(room: Newsroom) -> None:
    """The later one copies what is published when the earlier one has ended."""
    public = room.folder / "public"
    public.mkdir()
    with ThreadPoolExecutor() as pool:
        earlier = os.open(public, os.O_RDONLY)
        try:
            fcntl.flock(earlier, fcntl.LOCK_EX)
            later = pool.submit(deploy, room.config, public, "any")
            with pytest.raises(TimeoutError):
                later.result(timeout=0.3)
            assert [*public.iterdir()] == []
        finally:
            os.close(earlier)

        assert "news.rss" in later.result(timeout=20).copied


@pytest.mark.long
@pytest.mark.parametrize("gone", [False, True])
def test_the_next_copy_removes_what_a_killed_one_left(room: Newsroom, *, gone: bool) -> None:
    """This includes the temporary file of a document that has been withdrawn since."""
    public = room.folder / "public"
    code = (
        "import os, sys; from pathlib import Path; from dateline import config; "
        "from dateline.serve.proxy.static_host import deploy; rename = Path.replace; "
        "Path.replace = lambda one, to: rename(one, to) if to.suffix == '.json' else os._exit(9); "
        "deploy(config.load(Path(sys.argv[1])), Path(sys.argv[2]), 'any')"
    )
    words = [sys.executable, "-c", code, str(room.folder / "config.toml"), str(public)]
    assert subprocess.run(words, check=False).returncode == 9
    assert [*public.rglob("*.new")]
    if gone:
        listed = json.loads((public / RECORD).read_text())
        listed["files"].append("withdrawn.html")
        (public / RECORD).write_text(json.dumps(listed))
        (public / ".withdrawn.html.new").write_bytes(b"")

    deploy(room.config, public, "any")

    assert [*public.rglob("*.new")] == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "https://news.example.org/"])
def test_a_copy_with_addresses_of_this_machine_is_reported(newsroom: Newsroom, url: str) -> None:
    """Feeds on a public host would lead its readers nowhere."""
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace("http://127.0.0.1:8000/", url)
    config.write_text(text, "utf-8")
    newsroom.drop("a.toml", entry_file())
    newsroom.build()

    done = run(newsroom, str(newsroom.folder / "public"))

    assert done.exit_code == 0
    assert ("Set url in config.toml" in done.stderr) == ("127.0.0.1" in url)
