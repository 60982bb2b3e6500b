"""Other static site generators that publish the same news.

Each site has what the tool makes by itself or with its own plugin: a page for each piece, the fifty
newest of all and of each topic as feeds, and no lists of all pages. Unsupported formats are left
out: Hugo has RSS, Jekyll's plugin Atom, Pelican both, Eleventy's plugin JSON as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.contenders import ROOT
from bench.results import CACHE
from bench.work import TOPICS, WINDOW, News, topic, write

SITE = "https://www.example.org"
_PAGE = "<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n{content}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A generator: how to set up its site, write a piece, and build and watch the site.

    `path` and `text` give a piece's file and its content; `made` the documents that must show a new
    piece while it watches: the feeds of all, and its page (from 3,000 pieces on, Hugo does not
    update its topic's feed). A cold build starts without `built`. `makes` describes the results.
    """

    name: str
    version: str
    makes: str
    set_up: Callable[[Path], None]
    path: Callable[[News], str]
    text: Callable[[News], str]
    made: Callable[[News], Sequence[str]]
    built: Sequence[str]
    command: Sequence[str]
    watch: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)


def peers() -> Iterator[Peer]:
    """Yield the available generators; install those that can have a folder of their own."""
    install()
    for find in (_hugo, _pelican, _eleventy, _jekyll):
        yield from find()


def install() -> None:
    """Install Pelican, Eleventy and Hugo in the versions of the tests; Jekyll is Debian's."""
    pelican, eleventy = _folder("sites/pelican"), _folder("eleventy/node_modules")
    if pelican is None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        locked = ["--require-hashes", "--requirement", str(ROOT / "requirements/sites.txt")]
        subprocess.run([*pip, "--target", str(CACHE / "sites"), *locked], check=False)
    if eleventy is None and shutil.which("npm"):
        for name in ("package.json", "package-lock.json"):
            write(CACHE / "eleventy" / name, (ROOT / "tests/outside/eleventy" / name).read_text())
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix"]
        subprocess.run([*npm, str(CACHE / "eleventy")], check=False)
    if shutil.which("hugo") is None and not (CACHE / "hugo/usr").exists():
        (CACHE / "hugo").mkdir(parents=True, exist_ok=True)
        needed = ["hugo", "libsass1", "libwebp7", "libsharpyuv0"]
        subprocess.run(["apt-get", "download", "--quiet", *needed], cwd=CACHE / "hugo", check=False)
        for package in (CACHE / "hugo").glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, CACHE / "hugo"], check=False)


def _folder(name: str) -> Path | None:
    """Find what the tests' installation or ours provides."""
    places = (ROOT / ".cache/outside" / name, CACHE / name)
    return next((place for place in places if place.exists()), None)


def _says(command: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    """Return the version that a program reports."""
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | (variables or {})
    )
    words = done.stdout.split()
    return next(word for word in words if any(sign.isdigit() for sign in word)).strip("v")


# ---- Hugo


def _hugo() -> Iterator[Peer]:
    own = CACHE / "hugo/usr"
    program = shutil.which("hugo") or shutil.which("hugo", path=str(own / "bin"))
    if program is None:
        return
    variables = {"LD_LIBRARY_PATH": ":".join(map(str, own.glob("lib/*")))} if own.exists() else {}
    version = _says([program, "version"], variables).split("+")[0].split("-")[0]
    for name, makes, page in (("Hugo", "RSS, pages", "html"), ("Hugo, feeds alone", "RSS", "")):
        yield Peer(
            name=name,
            version=version,
            makes=makes,
            set_up=partial(_set_up_hugo, page=page),
            path=lambda piece: f"content/news/{piece.name}.md",
            text=lambda piece: (
                f'+++\ntitle = "{piece.title}"\ndate = {piece.day}\n'
                f'tags = ["{piece.topic}"]\n+++\n\n{piece.body}\n'
            ),
            made=partial(_made_by_hugo, page=page),
            built=("public", "resources", ".hugo_build.lock"),
            command=[program, "--quiet"],
            watch=[program, "--watch"],
            variables=variables,
        )


def _made_by_hugo(piece: News, page: str) -> tuple[str, ...]:
    return ("public/index.xml", *((f"public/news/{piece.name}/index.html",) if page else ()))


def _set_up_hugo(folder: Path, page: str) -> None:
    write(
        folder / "hugo.toml",
        f'baseURL = "{SITE}/"\ntitle = "Bench"\nlanguageCode = "en"\nbuildFuture = true\n'
        'disableKinds = ["sitemap", "robotsTXT", "404", "section", "taxonomy"]\n'
        f"[services.rss]\nlimit = {WINDOW}\n"
        f'[outputs]\nhome = ["rss"]\nterm = ["rss"]\npage = {[page] if page else []}\n',
    )
    single = _PAGE.format(title="{{ .Title }}", content="{{ .Content }}")
    write(folder / "layouts/_default/single.html", single)


# ---- Pelican


def _pelican() -> Iterator[Peer]:
    if (found := _folder("sites/pelican")) is None:
        return
    variables = {"PYTHONPATH": str(found.parent)}
    command = [sys.executable, "-m", "pelican", "--quiet", "-s", "pelicanconf.py"]
    yield Peer(
        name="Pelican",
        version=_says([sys.executable, "-m", "pelican", "--version"], variables),
        makes="RSS, Atom, pages",
        set_up=_set_up_pelican,
        path=lambda piece: f"content/{piece.name}.md",
        text=lambda piece: (
            f"Title: {piece.title}\nDate: {piece.day}\nTags: {piece.topic}\n"
            f"Slug: {piece.name}\n\n{piece.body}\n"
        ),
        made=lambda piece: (
            "output/feeds/all.atom.xml",
            "output/feeds/all.rss.xml",
            f"output/{piece.name}.html",
        ),
        built=("output", "__pycache__"),
        command=command,
        watch=[*command, "--autoreload"],
        variables=variables,
    )


def _set_up_pelican(folder: Path) -> None:
    settings: dict[str, object] = {
        "AUTHOR": "Bench", "SITENAME": "Bench", "SITEURL": SITE, "PATH": "content",
        "TIMEZONE": "UTC", "DEFAULT_LANG": "en", "THEME": "theme", "DIRECT_TEMPLATES": [],
        "CATEGORY_SAVE_AS": "", "AUTHOR_SAVE_AS": "", "TAG_SAVE_AS": "",
        "IGNORE_FILES": [],  # names that begin with a dot, such as a folder above
        "FEED_DOMAIN": SITE, "FEED_MAX_ITEMS": WINDOW, "RSS_FEED_SUMMARY_ONLY": False,
        "FEED_ALL_ATOM": "feeds/all.atom.xml", "FEED_ALL_RSS": "feeds/all.rss.xml",
        "TAG_FEED_ATOM": "feeds/{slug}.atom.xml", "TAG_FEED_RSS": "feeds/{slug}.rss.xml",
        "CATEGORY_FEED_ATOM": None, "AUTHOR_FEED_ATOM": None, "AUTHOR_FEED_RSS": None,
        "TRANSLATION_FEED_ATOM": None,
    }  # fmt: skip
    write(folder / "pelicanconf.py", "".join(f"{k} = {v!r}\n" for k, v in settings.items()))
    page = _PAGE.format(title="{{ article.title }}", content="{{ article.content }}")
    write(folder / "theme/templates/article.html", page)
    (folder / "theme/static").mkdir()


# ---- Eleventy


def _eleventy() -> Iterator[Peer]:
    node, modules = shutil.which("node"), _folder("eleventy/node_modules")
    if node is None or modules is None:
        return
    command = [node, str(modules / "@11ty/eleventy/cmd.cjs"), "--quiet"]
    yield Peer(
        name="Eleventy",
        version=_says([*command[:2], "--version"]),
        makes="RSS, Atom, JSON, pages",
        set_up=lambda folder: _set_up_eleventy(folder, modules),
        path=lambda piece: f"posts/{piece.name}.md",
        text=_fenced,
        made=lambda piece: (
            *(f"_site/feed/all.{form}" for form in _FORMS),
            f"_site/posts/{piece.name}/index.html",
        ),
        built=("_site",),
        command=command,
        watch=[*command, "--watch"],
    )


_FORMS = ("rss", "atom", "json")


def _set_up_eleventy(folder: Path, modules: Path) -> None:
    names = [topic(number) for number in range(TOPICS)]
    write(
        folder / "eleventy.config.mjs",
        f"""
import {{ feedPlugin }} from "{modules}/@11ty/eleventy-plugin-rss/.eleventy.js";
export default function (config) {{
  for (const name of ["all", ...{names}])
    for (const type of {list(_FORMS)})
      config.addPlugin(feedPlugin, {{
        type, outputPath: `/feed/${{name}}.${{type}}`,
        collection: {{ name: name == "all" ? "posts" : name, limit: {WINDOW} }},
        metadata: {{ language: "en", title: `Bench ${{name}}`, subtitle: "Bench", base: "{SITE}/",
                    author: {{ name: "Bench", email: "" }} }},
      }});
  return {{ markdownTemplateEngine: false }};
}}
""",
    )
    write(folder / "posts/posts.json", '{"layout": "post.njk", "tags": ["posts"]}')
    page = _PAGE.format(title="{{ title }}", content="{{ content | safe }}")
    write(folder / "_includes/post.njk", page)


def _fenced(piece: News) -> str:
    """Return a piece with YAML above its text."""
    fields = f'title: "{piece.title}"\ndate: {piece.day}\ntags: ["{piece.topic}"]\n'
    return f"---\n{fields}---\n\n{piece.body}\n"


# ---- Jekyll


def _jekyll() -> Iterator[Peer]:
    if (program := shutil.which("jekyll")) is None:
        return
    command = [program, "build", "--quiet"]
    yield Peer(
        name="Jekyll",
        version=_says([program, "--version"]),
        makes="Atom, pages",
        set_up=_set_up_jekyll,
        path=lambda piece: f"_posts/{piece.day}-{piece.name}.md",
        text=_fenced,
        made=lambda piece: (
            "_site/feed.xml",
            f"_site/news/{piece.name}.html",
        ),
        built=("_site", ".jekyll-cache"),
        command=command,
        watch=[*command, "--watch"],
    )


def _set_up_jekyll(folder: Path) -> None:
    write(
        folder / "_config.yml",
        f"title: Bench\nurl: {SITE}\nplugins: [jekyll-feed]\ntimezone: UTC\nfuture: true\n"
        "permalink: /news/:title.html\n"
        f"feed:\n  posts_limit: {WINDOW}\n  tags: true\n"
        "defaults:\n- scope: {path: '', type: posts}\n  values: {layout: post}\n",
    )
    page = _PAGE.format(title="{{ page.title }}", content="{{ content }}")
    write(folder / "_layouts/post.html", page)
