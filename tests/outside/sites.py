"""Sites that other tools make, of any number of posts.

Each function writes the content as that tool's users do, has the tool build the site, and returns
the folder to import from and the feed that subscribers have.
"""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from outside.programs import BROUGHT, output
from support.serving import PATIENCE, until

URL = "https://www.example.org/"
FIRST = datetime(2010, 3, 1, 8, 0, tzinfo=UTC)
# Titles whose slug by a generator is not obvious.
TITLES = (
    "Report no. {n} on Lebanon",
    "Élections: le rapport n° {n} est paru",
    "“Quotes” & ampersands, {n}",
    "What's new in {n}?",
    "Доклад {n} о торговле людьми",
    "Q&A {n}: 5 > 4",
)
BODY = """\
News number {n} from the *field*: **60 cases** of trafficking.

- one
- two [with a link](https://www.example.org/about/)

> Said by somebody.

Snake_case, 2 * 3 and a final line.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post as its author knows it."""

    number: int
    title: str
    moment: datetime
    author: str
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return f"news-{self.number:04}"

    @property
    def body(self) -> str:
        """Return its text in Markdown."""
        return BODY.format(n=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSite:
    """A site to import, and its feed as built.

    Subscribers have the feed at `path`; `options` are those its owner adds to an import.
    """

    source: Path
    feed: Path
    path: str
    options: tuple[str, ...] = ()


def posts(count: int) -> Iterator[Post]:
    """Return posts at odd times, about two weeks apart."""
    for n in range(1, count + 1):
        yield Post(
            number=n,
            title=TITLES[n % len(TITLES)].format(n=n),
            moment=FIRST + n * timedelta(days=13, hours=5, minutes=7, seconds=11),
            author=("Ada Example", "Press office")[n % 2],
            topics=("Lebanon", "prosecution")[: 1 + n % 2],
        )


def hugo(folder: Path, count: int) -> BuiltSite:
    """Make a Hugo site: TOML front matter, all posts in its feed, as by default."""
    (folder / "content/news").mkdir(parents=True)
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "layouts/_default/single.html").write_text("{{ .Content }}")
    (folder / "layouts/_default/list.html").write_text("{{ .Title }}")
    settings = f'baseURL = "{URL}"\nlanguageCode = "en"\ntitle = "Example"\n'
    (folder / "hugo.toml").write_text(settings)
    for post in posts(count):
        topics = ", ".join(f'"{topic}"' for topic in post.topics)
        text = (
            f"+++\ntitle = '''{post.title}'''\ndate = {post.moment:%Y-%m-%dT%H:%M:%S}+00:00\n"
            f"tags = [{topics}]\n+++\n\n{post.body}"
        )
        (folder / f"content/news/{post.name}.md").write_text(text)
    draft = "+++\ntitle = 'Secret'\ndate = 2020-01-01T00:00:00Z\ndraft = true\n+++\n\nSecret.\n"
    (folder / "content/news/secret.md").write_text(draft)
    output(["hugo", "--quiet"], folder=folder)
    return BuiltSite(source=folder, feed=folder / "public/index.xml", path="index.xml")


def jekyll(folder: Path, count: int) -> BuiltSite:
    """Make a Jekyll site: YAML front matter, categories in addresses, jekyll-feed."""
    (folder / "_posts").mkdir(parents=True)
    settings = (
        f"title: Example\nurl: {URL.rstrip('/')}\nplugins: [jekyll-feed]\ntimezone: UTC\n"
        f"feed:\n  posts_limit: {count}\n"
    )
    (folder / "_config.yml").write_text(settings)
    for post in posts(count):
        # Its feed has titles as HTML, which sfeed and miniflux show as source.
        fields = {
            "title": post.title.replace("&", "and").replace(">", "over"),
            "date": f"{post.moment:%Y-%m-%d %H:%M:%S} +0000",
            "author": post.author,
            "categories": [topic.lower() for topic in post.topics],
        }
        name = f"_posts/{post.moment:%Y-%m-%d}-{post.name}.md"
        (folder / name).write_text(fenced(fields, post.body))
    output(["jekyll", "build", "--quiet"], folder=folder)
    feed = folder / "_site/feed.xml"
    # Its feed plugin replaces quotation marks in titles.
    return BuiltSite(source=folder, feed=feed, path="feed.xml", options=("--feed", str(feed)))


def eleventy(folder: Path, count: int) -> BuiltSite:
    """Make an Eleventy site: YAML front matter, its own feed plugin."""
    (folder / "posts").mkdir(parents=True)
    modules = BROUGHT / "eleventy/node_modules"
    (folder / "eleventy.config.mjs").write_text(f"""
import {{ feedPlugin }} from "{modules}/@11ty/eleventy-plugin-rss/.eleventy.js";
export default function (config) {{
  config.addPlugin(feedPlugin, {{
    type: "atom", outputPath: "/feed/feed.xml",
    collection: {{ name: "posts", limit: 0 }},
    metadata: {{ language: "en", title: "Example", subtitle: "", base: "{URL}",
                author: {{ name: "Press office", email: "" }} }},
  }});
}}
""")
    for post in posts(count):
        fields = {"title": post.title, "date": post.moment, "tags": ["posts", *post.topics]}
        (folder / f"posts/{post.name}.md").write_text(fenced(fields, post.body))
    output(["node", modules / "@11ty/eleventy/cmd.cjs", "--quiet"], folder=folder)
    feed = folder / "_site/feed/feed.xml"
    return BuiltSite(source=folder, feed=feed, path="feed/feed.xml", options=("--site", URL))


def pelican(folder: Path, count: int) -> BuiltSite:
    """Make a Pelican site: metadata lines above the text, all posts in one Atom feed."""
    (folder / "content").mkdir(parents=True)
    settings = {
        "AUTHOR": "Press office", "SITENAME": "Example", "SITEURL": URL.rstrip("/"),
        "PATH": "content", "TIMEZONE": "Europe/Vienna", "DEFAULT_LANG": "en",
        "FEED_DOMAIN": URL.rstrip("/"), "FEED_ALL_ATOM": "feeds/all.atom.xml",
    }  # fmt: skip
    lines = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    (folder / "pelicanconf.py").write_text(lines)
    for post in posts(count):
        text = (
            f"Title: {post.title}\nDate: {post.moment:%Y-%m-%dT%H:%M:%S}+00:00\n"
            f"Authors: {post.author}\nTags: {', '.join(post.topics)}\nSlug: {post.name}\n\n"
            f"{post.body}"
        )
        (folder / f"content/{post.name}.md").write_text(text)
    environment = os.environ | {"PYTHONPATH": str(BROUGHT / "sites")}
    command = [sys.executable, "-m", "pelican", "--quiet", "-s", "pelicanconf.py"]
    output(command, folder=folder, environment=environment)
    path = "feeds/all.atom.xml"
    return BuiltSite(source=folder, feed=folder / "output" / path, path=path)


def wordpress(folder: Path, count: int) -> BuiltSite:
    """Publish all posts with WordPress; return its export, and its feed of the ten newest."""
    folder.mkdir()
    news = [
        {
            "title": post.title,
            "text": f"<!-- wp:paragraph -->\n<p>News {post.number}.</p>\n<!-- /wp:paragraph -->",
            "status": "publish",
            "moment": f"{post.moment:%Y-%m-%d %H:%M:%S}",
            "topics": post.topics,
        }
        for post in posts(count)
    ]
    (folder / "news.json").write_text(json.dumps(news))
    program = BROUGHT / "wordpress/usr/share/wordpress"
    with mariadb() as socket:
        output(["php", "wordpress.php", program, socket, folder / "news.json", folder])
    feed = folder / "feed.xml"
    # Quotation marks in titles differ between WordPress's feed and its export.
    options = ("--feed", str(feed))
    return BuiltSite(source=folder / "export.xml", feed=feed, path="feed/", options=options)


@contextmanager
def mariadb() -> Iterator[Path]:
    """Run a new MariaDB on a Unix socket only, with an empty database; yield the socket."""
    with tempfile.TemporaryDirectory() as home:
        socket = Path(home, "socket")
        (Path(home) / "data").mkdir()
        words = [f"--user={getpass.getuser()}", f"--datadir={home}/data", f"--socket={socket}"]
        words += ["--skip-networking", "--skip-grant-tables", "--skip-log-bin"]
        with (Path(home) / "log").open("wb") as log:
            process = subprocess.Popen(["mariadbd", "--no-defaults", *words], stderr=log)
        try:
            assert until(lambda: socket.exists() or process.poll() is not None)
            make = "(new mysqli('localhost', 'root', '', '', 0, $argv[1]))->query($argv[2]);"
            output(["php", "-r", make, socket, "CREATE DATABASE wordpress"])
            yield socket
        finally:
            process.terminate()
            process.wait(PATIENCE)


def fenced(fields: Mapping[str, object], body: str) -> str:
    """Return a page with YAML front matter above its text."""
    return f"---\n{yaml.safe_dump(dict(fields), allow_unicode=True)}---\n\n{body}"


MAKERS: dict[str, Callable[[Path, int], BuiltSite]] = {
    "hugo": hugo,
    "jekyll": jekyll,
    "eleventy": eleventy,
    "pelican": pelican,
    "wordpress": wordpress,
}
