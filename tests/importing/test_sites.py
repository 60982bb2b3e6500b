"""Folders of sites are read by their generator's settings, and texts are imported complete."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from dateline.importing.items import ImportedItem
from dateline.importing.media import linked, pictured
from dateline.importing.sources.foreign_patterns import ForeignPatterns
from dateline.importing.sources.sites import pelican
from dateline.importing.sources.sites.pelican_settings import assigned
from dateline.importing.sources.sites.shortcodes import Commands, resolved
from importing.test_importing import entries, import_source
from importing.test_items import OLD, Part, rss
from support.publication import PUBLICATION, Newsroom, picture

PAGE = "---\ntitle: One\ndate: 2024-05-06\n---\nText\n"


@pytest.fixture
def here(tmp_path: Path) -> Newsroom:
    """Return a publication without entries."""
    (tmp_path / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    (tmp_path / "entries").mkdir()
    return Newsroom(tmp_path)


def site(here: Newsroom, **files: str) -> Path:
    """Write the folder of a site; `__` stands for a slash."""
    folder = here.folder / "site"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def ids(here: Newsroom) -> list[str]:
    """Return the ids of all entries."""
    return [str(one["id"]) for one in entries(here).values()]


def test_hugos_folder_of_settings_is_read(here: Newsroom) -> None:
    """Files override each other; languages have their own folders and addresses."""
    folder = site(
        here,
        **{
            "config/_default/hugo.yaml": "baseURL: https://x.example/\ncontentDir: text\n",
            "config/production/hugo.toml": f'baseURL = "{OLD}"\n',
            "config/_default/permalinks.json": '{"news": "/:year/:slug/"}',
            "config/_default/languages.toml": (
                '[en]\n[fr]\ncontentDir = "texte"\nlocale = "fr-CA"\n'
            ),
            "text/news/one.md": PAGE,
            "texte/news/un.md": PAGE.replace("One", "Un"),
        },
    )

    done = import_source(here, folder, "--yes")

    assert ids(here) == [f"{OLD}2024/one/", f"{OLD}fr/2024/un/"]
    assert [one.get("language") for one in entries(here).values()] == [None, "fr-CA"]
    assert "assumed" not in done.output
    assert '"fr/index.xml" = "news.rss"' in done.output


@pytest.mark.parametrize(
    "line", ["date: 0001-01-01T00:00:00+05:00", "expiryDate: 9999-12-31T23:59:59-05:00"]
)
def test_an_impossible_date_stops_no_other_page(here: Newsroom, line: str) -> None:
    """Its page is named with the reason, and left to staff."""
    text = f"---\ntitle: Never\ndate: 2024-05-05\n{line}\n---\nText\n"
    if line.startswith("date"):
        text = text.replace("date: 2024-05-05\n", "")
    files = {"hugo.toml": f"baseURL = {OLD!r}\n", "content/news/a.md": text}
    done = import_source(here, site(here, **files, **{"content/news/b.md": PAGE}), "--yes")

    assert list(entries(here)) == ["2024/2024-05-06-one.toml"]
    assert "news/a.md: it cannot be read: date value out of range" in done.output
    assert "1 new, 0 here already, 1 to be asked about" in done.output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("two.njk", PAGE),
        ("two.adoc", PAGE),
        ("two.org", "#+TITLE: Two\n#+DATE: <2024-05-06 Mon>\nText\n"),
    ],
)
def test_a_page_in_a_format_that_is_not_read_is_named(here: Newsroom, name: str, text: str) -> None:
    """A template without a date is not; the old feed has the text of such a page."""
    files = {"content/posts/one.md": PAGE, f"content/posts/{name}": text, "content/tags.njk": "x"}
    folder = site(here, **{"hugo.toml": f'baseURL = "{OLD}"\n', **files})
    done = import_source(here, folder)
    shown = [Part(title="Two", text="Of the feed", id=f"{OLD}posts/two/")]
    feed = rss(here.folder, shown)
    again = import_source(here, folder, "--feed", str(feed), "--yes")

    assert f"posts/{name}: its format, {Path(name).suffix}, is not read: " in done.stdout
    assert "1 new, 0 here already, 1 to be asked about" in done.stdout
    assert "2 new, 0 here already, 0 to be asked about" in again.stdout
    assert "no date" not in done.stdout


@pytest.mark.parametrize("name", ["../../../secret.png", "/../../secret.png", "link.png"])
def test_a_page_publishes_no_file_outside_its_site(here: Newsroom, name: str) -> None:
    """The author of a page cannot publish the rest of the disk."""
    (here.folder / "secret.png").write_bytes(picture())
    text = PAGE.replace("Text", f"Text ![Pier]({name}) ![Own](own.png)")
    folder = site(here, **{"hugo.toml": f"baseURL = {OLD!r}\n", "content/news/a.md": text})
    (folder / "content/news/own.png").write_bytes(picture("red"))
    (folder / "content/news/link.png").symlink_to(here.folder / "secret.png")

    import_source(here, folder, "--yes")

    files = list((here.folder / "entries").rglob("*.png"))
    assert [(path.name, path.read_bytes()) for path in files] == [("own.png", picture("red"))]


def test_an_eleventy_site_with_posts_is_not_taken_for_jekyll(here: Newsroom) -> None:
    """Assumptions about its programs are printed first."""
    folder = site(
        here,
        **{
            "eleventy.config.js": "",
            "_posts/one.md": PAGE,
            "_posts/_posts.11tydata.js": "export default { permalink: ({page}) =>"
            " `/web/${page.fileSlug}/` }",
        },
    )

    done = import_source(here, folder, "--yes", "--site", OLD)

    assert ids(here) == [f"{OLD}web/one/"]
    assert done.output.splitlines()[:4] == [
        "The ids and addresses below are assumed, and subscribers may see old news as new:",
        "  The site's feed is not made by Eleventy's plugin.",
        "  The addresses of 1 pages depend on a script of the site, or on its generator's version.",
        "Add the old feed, which knows them: --feed https://www.example.org/feed.xml",
    ]
    assert "[moved]" not in done.output


def test_old_feeds_follow_the_settings(here: Newsroom) -> None:
    """Only feeds that existed get redirects."""
    conf = f"SITEURL = {OLD!r}\nPATH = 'content'\nFEED_ALL_ATOM = 'atom.xml'\nFEED_RSS = 'r.xml'\n"
    text = "Title: One\nDate: 2024-05-06\n\nText\n"
    done = import_source(here, site(here, **{"pelicanconf.py": conf, "content/one.md": text}))

    assert '"atom.xml" = "news.atom"' in done.output
    assert '"r.xml" = "news.rss"' in done.output
    assert "feeds/all.atom.xml" not in done.output


def test_a_jekyll_site_without_its_plugin_has_the_feeds_of_its_templates(here: Newsroom) -> None:
    """Its ids are assumed, since a template may make others."""
    feed = "---\npermalink: /en/news.rss\n---\n<rss version='2.0'></rss>\n"
    done = import_source(
        here,
        site(
            here,
            **{
                "_config.yml": f"url: {OLD}\n",
                "feeds/news.xml": feed,
                "_posts/2024-05-06-a.md": PAGE,
            },
        ),
    )

    assert "  The site's feed is not made by jekyll-feed." in done.output
    assert '"en/news.rss" = "news.rss"' in done.output


def test_settings_in_python_are_read_and_never_run(tmp_path: Path) -> None:
    """Names, conditions and imported files are followed as far as they are known."""
    (tmp_path / "base.py").write_text("SITEURL = 'http://localhost'\nA = 'a'\nTIMEZONE = 'UTC'\n")
    (tmp_path / "conf.py").write_text(
        "import os, sys\nfrom base import *\nfrom base import A as B\n"
        "open('made', 'w').write('x')\n"
        "HOST = 'x' + '.example'\nSITEURL = f'https://{HOST}'\nLIST = [A, B, 1]\nLIST += [2]\n"
        "LOCAL = os.environ.get('LOCAL') == '1'\nif LOCAL:\n    TIMEZONE = 'Asia/Tokyo'\n"
        "elif not LOCAL:\n    THEME: str = 'a' if LOCAL else 'b'\nA = unknown()\nC = A\n"
        "D = 'x' * 10 ** 9\nE = {'k': B, **LIST}\nF = os.getenv('F', 'f')\n"
    )

    found = assigned(tmp_path / "conf.py", tmp_path)

    assert found == {
        "SITEURL": "https://x.example", "TIMEZONE": "UTC", "B": "a", "HOST": "x.example",
        "LIST": ["a", "a", 1, 2], "LOCAL": False, "THEME": "b", "E": {"k": "a"}, "F": "f",
    }  # fmt: skip
    assert not (tmp_path / "made").exists()
    (tmp_path / "loop.py").write_text("from loop import *\nX = 1\n")
    assert assigned(tmp_path / "loop.py", tmp_path) == {"X": 1}


@pytest.mark.parametrize(
    ("kind", "text", "shown", "left"),
    [
        ("Hugo", '{{< figure src="a.png" alt="A pier" >}}', "![A pier](a.png)", []),
        ("Hugo", "{{< youtube w7Ft2ymGmfc >}}", "https://www.youtube.com/watch?v=w7Ft2ymGmfc", []),
        ("Hugo", "{{< highlight go >}}\n{{ y }}\n{{< /highlight >}}", "```go\n{{ y }}\n```", []),
        ("Hugo", "a {{ .Title }} {{< map 1 >}}b{{< /map >}}", "a {{ .Title }} b", ["{{< map >}}"]),
        ("Hugo", "{{</* map */>}}", "{{< map >}}", []),
        ("Jekyll", "{{ site.url }}/x {{ page.title }}", "https://x.example/x T", []),
        ("Jekyll", '[a]({{ "/b/" | relative_url }})', "[a](https://x.example/b/)", []),
        ("Jekyll", "{% raw %}{{ x }}{% endraw %}{% comment %}no{% endcomment %}", "{{ x }}", []),
        ("Jekyll", "{% include a %}{% if x %}y{% endif %}", "y", ["{% include %}", "{% if %}"]),
        ("Jekyll", "{%- highlight ruby -%}\nputs\n{%- endhighlight -%}", "```ruby\nputs\n```", []),
        ("Eleventy", "{# note #}{{ collections.all | x }}", "", ["{{ collections.all }}"]),
        ("Pelican", "![a]({static}/b.png) {{ x }}", "![a](/b.png) {{ x }}", []),
        ("Jekyll", "never {% closed {{ at all", "never {% closed {{ at all", []),
    ],
)  # fmt: skip
def test_commands_of_a_generator_are_expanded(
    kind: str, text: str, shown: str, left: list[str]
) -> None:
    """Unknown ones are left out, and named."""
    values = {"site": {}, "page": {"title": "T"}}
    commands = Commands(kind=kind, url="https://x.example/", values=values)

    found = commands.expand(text)

    assert shown in found
    assert ("{" in found) == ("{" in shown)
    assert list(commands.left) == left


KRAMDOWN = [
    (
        '![Pier](p.jpg){: .wide title="a {b}"} and [one](x){:target=_blank}',
        "![Pier](p.jpg) and [one](x)",
    ),
    ("* list\n{: .class #id}\n{:toc}", "* list\n\n"),
    ("Text.\n\n* Contents\n{:toc}\n\nMore", "Text.\n\n\n\nMore"),
    ("Text{::comment}of\n\nnobody{:/comment} and {::nomarkdown}more{:/}", "Text and more"),
    ("Text {::comment}that goes on", "Text that goes on"),
    ("`{:a => 1}`, \\{: .x} and {:", "`{:a => 1}`, \\{: .x} and {:"),
    ("{% highlight ruby %}{: .x}{% endhighlight %}", "\n```ruby\n{: .x}\n```\n"),
]


@pytest.mark.parametrize(("written", "read"), KRAMDOWN)
def test_attributes_and_comments_of_kramdown_are_left_out(written: str, read: str) -> None:
    """Readers of a Jekyll site never saw them; in code they stay, and for other generators."""
    assert Commands(kind="Jekyll", url=OLD).expand(written) == read
    assert Commands(kind="Hugo", url=OLD).expand(written) == written


@pytest.mark.parametrize(
    "name",
    ["posts/one.md", "posts/one.html"],
)
def test_a_text_is_imported_with_its_notes_and_each_picture_once(here: Newsroom, name: str) -> None:
    """A note is no link; a picture of the page that its text shows as well is not repeated."""
    html = '<p>Text<img src="/img/p.png" alt="Pier"></p>'
    text = "Text[^1]: ![Pier](/img/p.png), [it][2].\n\n[^1]: See there.\n\n[2]: two/\n"
    page = PAGE.replace(
        "---\nText\n", f"image: /img/p.png\n---\n{text if name.endswith('.md') else html}\n"
    )
    folder = site(here, **{"hugo.toml": f'baseURL = "{OLD}"\n', f"content/{name}": page})
    (folder / "static/img").mkdir(parents=True)
    (folder / "static/img/p.png").write_bytes(picture())
    done = import_source(here, folder, "--yes")

    (entry,) = entries(here).values()
    assert "image" not in entry
    assert "stays where it is" not in done.output
    assert "![Pier](p.png)" in str(entry["body"])
    if name.endswith(".md"):
        assert "[^1]: See there." in str(entry["body"])
        assert f"[2]: {OLD}posts/one/two/" in str(entry["body"])


def test_pictures_of_one_name_stay_those_of_their_pages(here: Newsroom) -> None:
    """Each folder may have a `photo.png`; a missing one keeps out none that is there."""
    pages = {"a": "red", "b": "blue", "c": "", "d": "green", "e": "red"}
    text = PAGE.replace("Text\n", "Text ![Pier](photo.png)\n")
    names = {f"content/news/{name}/index.md": text.replace("One", name) for name in pages}
    folder = site(here, **{"hugo.toml": f'baseURL = "{OLD}"\n', **names})
    for name, colour in pages.items():
        if colour:
            (folder / f"content/news/{name}/photo.png").write_bytes(picture(colour))
    import_source(here, folder, "--yes")

    colours = {picture(colour): colour for colour in pages.values() if colour}
    bodies = {str(one["title"]): str(one["body"]) for one in entries(here).values()}
    shown = {title: re.search(r"\]\(([\w-]+\.png)\)", body) for title, body in bodies.items()}
    files = here.folder / "entries/2024"
    assert pages == {
        title: colours[(files / found[1]).read_bytes()] if found else ""
        for title, found in shown.items()
    }
    assert len(list(files.glob("*.png"))) == len(colours)


def test_links_within_a_site_lead_to_the_new_addresses(here: Newsroom) -> None:
    """In every notation of a generator; of a link to a missing page the text stays."""
    text = (
        '[a]({filename}/two.md#part) [b]({filename}two.md) [c]({filename}gone.md "T") '
        "[d](/about/) [e](x.html) [f]({static}/doc.pdf) "
        "<a class='x' href='/p.html'>p</a>\n\n```\n[g](h)\n```\n"
    )
    conf = f"SITEURL = {OLD!r}\nPATH = 'content'\nFEED_ALL_ATOM = 'atom.xml'\n"
    folder = site(
        here,
        **{
            "pelicanconf.py": conf,
            "content/one.md": f"Title: One\nDate: 2024-05-06\n\n{text}",
            "content/two.md": "Title: Two\nDate: 2024-05-07\n\nText\n",
        },
    )

    done = import_source(here, folder, "--yes")

    assert entries(here)["2024/2024-05-06-one.toml"]["body"] == (
        f"[a]({OLD}two.html#part) [b]({OLD}two.html) c [d]({OLD}about/) [e]({OLD}x.html) "
        f"[f]({OLD}doc.pdf) <a class='x' href='{OLD}p.html'>p</a>\n\n```\n[g](h)\n```\n"
    )
    assert "one.md: has a link to a page that is not there" in done.output


def test_a_link_is_resolved_or_keeps_its_text() -> None:
    """Also if it stands alone, before a full stop."""
    text = "[a](x-dateline-page:ref:one) x-dateline-page:link:two. [b](x-dateline-page:ref:no)"

    assert resolved(text, {"one": "1", "two": "2"}.get) == ("[a](1) 2. b", False)


@pytest.mark.parametrize(
    ("written", "names"),
    [("Ada; Bob", ["Ada", "Bob"]), ("Ada, Bob", ["Ada", "Bob"]), ("A, Ada; B", ["A, Ada", "B"])],
)
def test_authors_of_pelican_stand_apart(here: Newsroom, written: str, names: list[str]) -> None:
    """Between semicolons or commas."""
    text = f"Title: One\nDate: 2024-05-06\nAuthors: {written}\n\nText\n"
    conf = f"SITEURL = {OLD!r}\nPATH = 'content'\n"
    import_source(here, site(here, **{"pelicanconf.py": conf, "content/one.md": text}), "--yes")

    assert [one["authors"] for one in entries(here).values()] == [names]


@pytest.mark.parametrize(
    ("html", "shown", "loss"),
    [
        ('<iframe src="https://www.youtube.com/embed/abc?x=1"></iframe>',
         "https://www.youtube.com/watch?v=abc", "has <iframe>: a link stands in its place"),
        ("<video controls><source src='/film.mp4'>Your browser</video>",
         f"{OLD}film.mp4", "has <video>: a link stands in its place"),
        ('<AUDIO SRC=//x.example/a.mp3 TITLE="A talk"></AUDIO>', ">A talk<",
         "has <audio>: a link stands in its place"),
        ('<object data="a.swf"><embed src="b.swf"></object>', f"{OLD}a.swf",
         "has <object>: a link stands in its place"),
        ("<video></video>", "", "has <video> without an address, which is left out"),
        ('<iframe src="javascript:x()">', "", "has <iframe> without an address, which is left out"),
    ],
)  # fmt: skip
def test_video_audio_and_frames_become_links(html: str, shown: str, loss: str) -> None:
    """In HTML and in Markdown, and each is reported."""
    parts = [("", html), (f"a\n\n{html}\n", "")]
    for markdown, fragment in parts:
        found = linked(ImportedItem(origin="x", base=OLD, markdown=markdown, html=fragment))

        text = found.html or found.markdown
        assert shown.strip("<>") in text
        assert not {"<iframe", "<video", "<audio", "<object"} & {text.lower()[:7]}
        assert found.losses == (loss,)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        # WordPress plugins, which also have it in `<noscript>`.
        ('<img class="lazy" src="data:image/gif;base64,R0" data-src="a.jpg?w=1&amp;h=2">'  # noqa: ISC004
         '<noscript><img src="a.jpg"></noscript>', ["a.jpg?w=1&amp;h=2"]),
        ("<img data-lazy-src='a.jpg'>", ["a.jpg"]),
        ("<img src=/lazy/placeholder.png data-original=a.jpg>", ["a.jpg"]),
        # Squarespace.
        ('<noscript><img src="a.jpg"></noscript>\n<img class="thumb-image" data-src="a.jpg"/>',
         ["a.jpg"]),
        ('<img src="data:image/gif;base64,R0"><noscript><img src="a.jpg"></noscript>',
         ["data:image/gif;base64,R0", "a.jpg"]),
        ('<img src="a.jpg" data-src="large.jpg"><noscript><p>No scripts</p></noscript>', ["a.jpg"]),
        # Medium.
        ('<img src="https://medium.com/_/stat?event=x" width="1" height="1" alt="">', []),
        ('<img src="line.gif" width="600" height="1">', ["line.gif"]),
    ],
)  # fmt: skip
def test_pictures_that_scripts_load_are_pictures(html: str, shown: list[str]) -> None:
    """Each once; those that count readers are none."""
    found = pictured(ImportedItem(origin="x", html=f"<p>One</p>{html}<p>Two</p>"))

    assert re.findall(r"""\ssrc=["']?([^"'\s>]+)""", found.html) == shown
    assert (found.html[:10], found.html[-10:]) == ("<p>One</p>", "<p>Two</p>")
    assert found.losses == ()


def test_a_picture_within_the_text_is_named() -> None:
    """It is in no file, and is left out."""
    html = f'<img src="data:image/png;base64,{"A" * 1000}">'

    found = pictured(ImportedItem(origin="x", html=html))

    assert found.losses == ("has a picture within the text itself, which is left out",)


def test_code_with_a_frame_stays() -> None:
    """Code blocks are not changed."""
    text = "```\n<iframe src='a'></iframe>\n```\n"

    assert linked(ImportedItem(origin="x", markdown=text)).markdown == text


@pytest.mark.parametrize(
    ("settings", "read", "passed_over"),
    [
        (
            "hugo.toml",
            ("content/resources/a.md", "content/news/public/b.md", "content/_old/c.md"),
            ("content/.git/d.md", "content/node_modules/e.md", "public/f.md"),
        ),
        (
            "_config.yml",
            ("resources/_posts/2024-01-01-a.md", "_posts/output/2024-01-02-b.md"),
            ("vendor/x/_posts/2024-01-03-c.md", "_posts/_old/2024-01-04-d.md"),
        ),
    ],
)
def test_folders_that_programs_make_are_left_out_at_the_top_alone(
    here: Newsroom, settings: str, read: tuple[str, ...], passed_over: tuple[str, ...]
) -> None:
    """A section of a site may be called as Hugo's folder of resources is; its pages are news."""
    files = {
        name: PAGE.replace("One", f"News {Path(name).stem[-1]}").replace("Text", name)
        for name in (*read, *passed_over)
    }
    at = f'baseURL = "{OLD}"' if settings == "hugo.toml" else f"url: {OLD}"
    import_source(here, site(here, **{settings: at}, **files), "--yes")

    titles = sorted(str(one["title"]) for one in entries(here).values())
    assert titles == sorted(f"News {Path(name).stem[-1]}" for name in read)


def test_entities_in_the_fields_of_a_page_are_decoded(here: Newsroom) -> None:
    """Subscribers saw the decoded texts; an entry with an entity in its summary would be held."""
    written = "Q&amp;A &#8211; caf&eacute;"
    names = f'summary: "{written}"\ntags: ["{written}"]\nauthor: "{written}"\n'
    page = PAGE.replace("One", written).replace("date:", f"{names}date:")
    import_source(
        here, site(here, **{"hugo.toml": f'baseURL = "{OLD}"', "content/a.md": page}), "--yes"
    )

    (entry,) = entries(here).values()
    decoded = "Q&A – café"
    assert entry["title"] == entry["summary"] == decoded
    assert entry["categories"] == entry["authors"] == [decoded]


USUAL = [(r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-")]


@pytest.mark.long
@pytest.mark.parametrize(
    ("own", "slug", "is_sure"),
    [
        (USUAL, "peace-quiet", True),
        ([("quiet", "calm"), *USUAL], "peace-calm", True),
        ([*[("x", "y")] * 150, *USUAL], "peace-quiet", True),
        ([*USUAL, ("a", "b", True)], "peace-quiet", False),
        ([*USUAL, ("(?a)(?u)x", "")], "peace-quiet", False),
        ([*[("x", "y")] * 1000, *USUAL], "peace & quiet", False),
    ],
)
def test_a_rule_for_slugs_that_is_not_followed_leaves_a_doubt(
    own: list[tuple[object, ...]],
    slug: str,
    is_sure: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The address may be another one then; nothing else is printed."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    with closing(ForeignPatterns()) as patterns:
        rules = pelican._Rules(  # noqa: SLF001 - of a site whose settings are no file
            {"slug_regex_substitutions": own}, "en", patterns
        )
        found = rules._slugged("Peace & Quiet")  # noqa: SLF001

    assert found == (slug, is_sure)
    assert capfd.readouterr().err == ""
