"""Pages that a site never published are imported as drafts, whatever kept them from readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from importing.test_importing import entries, import_source
from importing.test_items import OLD
from importing.test_sites import here, site
from support.publication import Newsroom

__all__ = ["here"]

HUGO = f'baseURL = "{OLD}"\n'
CASCADE = "---\ntitle: All\ncascade:\n  - _target: {%s}\n    draft: true\n---\n"


def page(fields: str = "", *, title: str = "Plan") -> str:
    """Return a page with a date."""
    return f"---\ntitle: {title}\ndate: 2024-05-06\n{fields}\n---\nText of {title}\n"


def pelican(fields: str = "") -> str:
    """Return an article of Pelican."""
    return f"Title: Plan\nDate: 2024-05-06\n{fields}\nText of Plan\n"


def drafts(here: Newsroom, folder: Path) -> dict[object, object]:
    """Import a site, and return which titles are drafts."""
    import_source(here, folder, "--yes", "--site", OLD)
    return {one["title"]: one.get("draft", False) for one in entries(here).values()}


@pytest.mark.parametrize(
    ("files", "is_draft"),
    [
        ({"content/news/plan.md": page()}, False),
        ({"content/news/plan.md": page('draft: "true"')}, True),
        ({"content/news/plan.md": page("draft: 1")}, True),
        ({"content/news/plan.md": page("draft: yes")}, True),
        ({"content/news/plan.md": page('draft: "yes"')}, False),
        ({"content/news/plan.md": page('published: "true"')}, False),
        ({"content/news/plan.md": page("published: true")}, False),
        ({"content/news/plan.md": page('published: "False"')}, True),
        ({"content/news/plan.md": page("headless: true")}, True),
        ({"content/news/plan.md": page("_build:\n  render: never")}, True),
        ({"content/news/plan.md": page("build:\n  render: false")}, True),
        ({"content/news/plan.md": page("build:\n  render: link")}, False),
        ({"content/news/plan.md": page("build:\n  list: never")}, True),
        ({"content/news/plan.md": page("build:\n  list: local")}, False),
        ({"content/news/plan.md": page("private: true")}, True),
        ({"content/news/plan.md": page("visible: false")}, True),
        ({"content/news/plan.md": page("params:\n  public: no")}, True),
        ({"content/news/plan.md": page("public: true\nlisted: yes")}, False),
        ({"content/news/plan.md": page("private: false\n1: x\npassword: []")}, False),
        ({"content/news/plan.md": page("password: abc")}, True),
        ({"content/news/plan.md": f"{page()}{{{{< private >}}}}Names{{{{< /private >}}}}\n"}, True),
        ({"content/news/plan.md": page("params:\n  hidden: true")}, True),
        ({"content/news/plan.md": page("params: x\nstatus: private")}, True),
        ({"content/news/plan.md": page("extra:\n  private: true")}, True),
        ({"content/news/plan.md": page("status: published")}, False),
        ({"content/news/plan.md": f"{page()}{{{{< if dev >}}}}Names{{{{< /if >}}}}\n"}, True),
        (
            {
                "content/_index.md": "---\ncascade:\n  params:\n    x: 1\n  private: true\n---\n",
                "content/news/plan.md": page(),
            },
            True,
        ),
        ({"content/news/plan.md": page("expiryDate: 2025-01-31")}, True),
        ({"content/news/plan.md": page("unpublishdate: 2025-01-31T10:00:00Z")}, True),
        ({"content/news/plan.md": page("expiryDate: 2925-01-31")}, False),
        (
            {
                "content/_index.md": "---\ncascade:\n  build:\n    render: never\n---\n",
                "content/news/a/plan.md": page(),
            },
            True,
        ),
        (
            {
                "hugo.toml": f"{HUGO}[cascade]\nexpiryDate = 2025-01-31\n",
                "content/news/plan.md": page(),
            },
            True,
        ),
        (
            {
                "content/news/_index.md": "---\ncascade:\n  Draft: true\n---\n",
                "content/news/plan.md": page("draft: false"),
            },
            False,
        ),
        (
            {
                "content/_index.md": CASCADE % "path: /News/**",
                "content/news/plan/index.md": page(),
            },
            True,
        ),
        (
            {"content/_index.md": CASCADE % "path: /old/**", "content/news/plan.md": page()},
            False,
        ),
        ({"content/_index.md": CASCADE % "kind: section", "content/plan.md": page()}, False),
        (
            {"content/_index.md": CASCADE % "path: '{/a,/b}/{x,**}'", "content/b/plan.md": page()},
            True,
        ),
        (
            {"content/_index.md": CASCADE % "path: '{/a,/b}/**'", "content/c/plan.md": page()},
            False,
        ),
        (
            {"content/_index.md": CASCADE % f"path: '{'{a,b}' * 99}'", "content/plan.md": page()},
            True,
        ),
        (
            {"content/_index.md": CASCADE % "environment: staging", "content/plan.md": page()},
            False,
        ),
        (
            {
                "hugo.toml": f"{HUGO}[cascade]\ndraft = true\n",
                "content/news/plan.md": page(),
            },
            True,
        ),
        (
            {
                "hugo.toml": f'{HUGO}disableLanguages = ["FR"]\n[languages.fr]\n[languages.en]\n',
                "content/news/plan.fr.md": page(),
            },
            True,
        ),
        (
            {
                "hugo.toml": f"{HUGO}[languages.fr]\ndisabled = true\n[languages.en]\n",
                "content/news/plan.fr.md": page(),
            },
            True,
        ),
        (
            {
                "hugo.toml": f'{HUGO}disableLanguages = ["fr"]\n[languages.fr]\n[languages.en]\n',
                "content/news/fr.md": page(),
            },
            False,
        ),
        (
            {
                "hugo.toml": f'{HUGO}[frontmatter]\nexpiryDate = ["End", ":default"]\n',
                "content/news/plan.md": page("end: 2025-01-31"),
            },
            True,
        ),
        (
            {
                "hugo.toml": f'{HUGO}ignoreFiles = ["plan\\\\.md$", "("]\n',
                "content/news/plan.md": page(),
            },
            True,
        ),
    ],
)
def test_what_hugo_does_not_publish_is_a_draft(
    here: Newsroom, files: dict[str, str], *, is_draft: bool
) -> None:
    """By its fields, by those of a section above, and by the settings of the site."""
    folder = site(here, **{"hugo.toml": HUGO, **files})

    assert drafts(here, folder) == {"Plan": is_draft}


@pytest.mark.parametrize(
    ("rules", "is_draft"),
    [
        ('excludeFiles = "news/*"', True),
        ('excludeFiles = ["/NEWS"]', True),
        ('excludeFiles = ["old/**", "plan.md"]', False),
        ('includeFiles = ["**/plan.md"]', False),
        ('includeFiles = ["*"]', False),
        ('includeFiles = ["*.md"]', True),
        ('includeFiles = "old"', True),
        ('files = ["! news/**"]', True),
        ('files = ["! old/**", "{old,news}/*"]', False),
        ('files = ["! news/**"]\n[[module.mounts]]\nsource = "content"\ntarget = "content"', False),
        ('excludeFiles = 1\n[[module.mounts]]\nsource = "."\ntarget = "assets"', False),
    ],
)
def test_what_a_mount_of_hugo_leaves_out_is_a_draft(
    here: Newsroom, rules: str, *, is_draft: bool
) -> None:
    """Unless another mount has it."""
    mount = f'[[module.mounts]]\nsource = "content"\ntarget = "content"\n{rules}\n'
    folder = site(here, **{"hugo.toml": f"{HUGO}{mount}", "content/news/plan.md": page()})

    import_source(here, folder, "--yes", "--site", OLD)
    assert all(one.get("draft", False) is is_draft for one in entries(here).values())


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        ("", "published: 2925-01-31"),
        ("", "PublishDate: 2925-01-31\npublished: 2024-01-01"),
        ('[frontmatter]\npublishDate = ["embargo", ":default"]\n', "embargo: 2925-01-31"),
        ('[frontmatter]\npublishDate = ["embargo"]\n[params]\nab = 1\n', ""),
    ],
)
def test_a_page_of_hugo_appears_at_its_moment(here: Newsroom, settings: str, fields: str) -> None:
    """In whichever field the site has it; before, Hugo makes no page."""
    page_ = page(fields)
    above = "---\ncascade:\n  embargo: 2925-01-31\n  target: x\n---\n" * ("ab" in settings)
    files = {"content/news/_index.md": above, "content/news/plan.md": page_}
    folder = site(here, **{"hugo.toml": f"{HUGO}{settings}", **files})

    import_source(here, folder, "--yes")

    assert list(entries(here)) == ["2925/2925-01-31-plan.toml"]


@pytest.mark.parametrize(
    ("path", "settings", "is_draft"),
    [
        ("_posts/2024-05-06-plan.md", "", False),
        ("_posts/plan.md", "", True),
        ("_posts/2024-05-06-plan.md", "exclude: [_posts/2024-05-06-plan.md]\n", True),
        ("inner/_posts/2024-05-06-plan.md", "exclude: [inner]\n", True),
        ("inner/_posts/2024-05-06-plan.md", "exclude: ['in*']\ninclude: [inner]\n", False),
        ("_posts/2024-05-06-plan.md", "exclude: [vendor, '']\n", False),
    ],
)
def test_what_jekyll_does_not_publish_is_a_draft(
    here: Newsroom, path: str, settings: str, *, is_draft: bool
) -> None:
    """A post has a day in its name, and is not excluded."""
    folder = site(here, **{"_config.yml": f"url: {OLD}\n{settings}", path: page()})

    assert drafts(here, folder) == {"Plan": is_draft}


@pytest.mark.parametrize(
    ("files", "is_draft"),
    [
        ({"posts/plan.md": page()}, False),
        ({"posts/plan.md": page("permalink: false")}, True),
        ({"posts/plan.md": page(), "posts/posts.json": '{"permalink": false}'}, True),
        (
            {
                "posts/plan.md": page(),
                "posts/posts.11tydata.js": "module.exports = { permalink: false };",
            },
            True,
        ),
        ({"posts/plan.md": page("eleventyExcludeFromCollections: true")}, True),
        ({"posts/plan.md": page("eleventyExcludeFromCollections: [a]")}, False),
        (
            {
                "posts/plan.md": page(),
                "posts/posts.11tydata.js": "export default { draft: true };",
            },
            True,
        ),
        (
            {
                "posts/plan.md": page(),
                "posts/posts.11tydata.js": 'e = { "eleventyExcludeFromCollections" : true };',
            },
            True,
        ),
        (
            {
                "posts/plan.md": page(),
                "posts/posts.11tydata.js": "export default { draft: data => true };",
            },
            False,
        ),
        ({"posts/plan.md": page(), ".eleventy.js": "c.ignores.add('./posts/*');\n"}, True),
        ({"posts/plan.md": page(), ".eleventy.js": 'c.ignores\n.add( "posts/**" )\n'}, True),
        ({"posts/plan.md": page(), ".eleventy.js": "c.ignores.add(`old/**`);\n"}, False),
        ({"posts/plan.md": f"{page()}{{% if draft %}}Names{{% endif %}}\n"}, True),
        ({"posts/plan.md": page(), ".eleventyignore": "# old\n\nposts/\n"}, True),
        ({"posts/plan.md": page(), ".eleventyignore": "**/plan.*\n"}, True),
        ({"posts/plan.md": page(), ".eleventyignore": "posts/**/*.md\n"}, True),
        ({"posts/a/plan.md": page(), ".eleventyignore": "posts/**/*.md\n"}, True),
        ({"posts/plan.md": page(), ".eleventyignore": "**/old/**/plan.md\n"}, False),
        ({"posts/plan.md": page(), ".eleventyignore": "./posts/*\n!plan.md\n"}, False),
        ({"posts/plan.md": page(), ".gitignore": "/posts/plan.md\n"}, True),
        ({"posts/plan.md": page(), ".gitignore": "/plan.md\nplan/\n"}, False),
    ],
)
def test_what_eleventy_does_not_publish_is_a_draft(
    here: Newsroom, files: dict[str, str], *, is_draft: bool
) -> None:
    """It has no address, or its file is ignored."""
    folder = site(here, **{".eleventy.js": "module.exports = {};\n", **files})

    assert drafts(here, folder) == {"Plan": is_draft}


@pytest.mark.parametrize(
    ("path", "fields", "settings", "is_draft"),
    [
        ("plan.md", "", "", False),
        ("plan.md", "Status: Published\n", "", False),
        ("plan.md", "Status: skip\n", "", True),
        ("inner/plan.md", "", "ARTICLE_EXCLUDES = ['inner']\n", True),
        ("plan.md", "", "IGNORE_FILES = ['**/.*', 'pl*']\n", True),
        ("inner/plan.md", "", "ARTICLE_PATHS = ['articles']\n", True),
        ("articles/plan.md", "", "ARTICLE_PATHS = ['articles']\n", False),
        ("pages/plan.md", "", "", True),
        ("info/a/plan.md", "", "PAGE_PATHS = ['info']\n", True),
        ("pages/plan.md", "", "PAGE_PATHS = ['.', '']\n", False),
        ("pages/a/plan.md", "", "ARTICLE_PATHS = ['pages/a']\n", False),
        ("plan.md", "", "ARTICLE_EXCLUDES = [1, '', 'plan']\nIGNORE_FILES = 'pl*'\n", False),
    ],
)
def test_what_pelican_does_not_publish_is_a_draft(
    here: Newsroom, path: str, fields: str, settings: str, *, is_draft: bool
) -> None:
    """By its status, its folder or its name."""
    conf = f"SITEURL = '{OLD}'\nPATH = 'content'\n{settings}"
    folder = site(here, **{"pelicanconf.py": conf, f"content/{path}": pelican(fields)})

    assert drafts(here, folder) == {"Plan": is_draft}


def test_a_page_without_a_date_that_is_ignored_is_no_news(here: Newsroom) -> None:
    """It is left out as other pages without a date are."""
    folder = site(
        here,
        **{".eleventy.js": "", "about.md": "---\ntitle: Us\npermalink: false\n---\nText\n"},
    )

    assert drafts(here, folder) == {}


def atom(*entries_of: tuple[str, str]) -> str:
    """Return a feed whose entries have these titles, and what else stands in each."""
    made = "".join(
        f"<entry><id>tag:x.example,2024:{title}</id><title>{title}</title>"
        f"<updated>2024-05-0{number}T08:00:00Z</updated><content>Text of {title}</content>"
        f'<link href="{OLD}{title}"/>{more}</entry>'
        for number, (title, more) in enumerate(entries_of, start=1)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title>{made}</feed>'


def control(prefix: str, space: str, value: str) -> str:
    """Return the element by which an entry says whether it is a draft."""
    name, before = (f"xmlns:{prefix}", f"{prefix}:") if prefix else ("xmlns", "")
    inner = f"<{before}draft>{value}</{before}draft>"
    return f'<{before}control {name}="{space}">{inner}</{before}control>'


def test_a_draft_in_a_feed_is_a_draft(here: Newsroom) -> None:
    """By RFC 5023, section 13.1.1, whatever the prefix; it has no id that subscribers know."""
    feed = here.folder / "old.atom"
    text = atom(
        ("one", control("app", "http://www.w3.org/2007/app", "yes")),
        ("two", control("", "http://www.w3.org/2007/app", "yes")),
        ("three", control("a", "http://purl.org/atom/app#", "Yes")),
        ("four", control("app", "http://www.w3.org/2007/app", "no")),
        ("five", ""),
    )
    feed.write_text(text, encoding="utf-8")
    import_source(here, feed, "--yes")

    found = {one["title"]: one.get("draft", False) for one in entries(here).values()}
    assert found == {"one": True, "two": True, "three": True, "four": False, "five": False}
    assert {one["title"] for one in entries(here).values() if "id" in one} == {"four", "five"}


def test_of_a_backup_of_blogger_posts_alone_are_imported(here: Newsroom) -> None:
    """The others are counted, and the kind of a post is none of its categories."""
    kinds = {
        kind: '<category scheme="http://schemas.google.com/g/2005#kind" '
        f'term="http://schemas.google.com/blogger/2008/kind#{kind}"/>'
        for kind in ("post", "comment", "settings")
    }
    feed = here.folder / "blog.atom"
    text = atom(
        ("news", f'{kinds["post"]}<category term="ships"/>'),
        ("reply", kinds["comment"]),
        ("answer", kinds["comment"]),
        ("secret", kinds["settings"]),
    )
    feed.write_text(text, encoding="utf-8")
    done = import_source(here, feed, "--yes")

    assert [(one["title"], one["categories"]) for one in entries(here).values()] == [
        ("news", ["ships"])
    ]
    assert "2 of the kind comment are no news: left out." in done.output
    assert "1 of the kind settings are no news: left out." in done.output


def test_a_backup_of_blogger_has_the_state_of_each_post(here: Newsroom) -> None:
    """As Google Takeout gives it: drafts are drafts, and comments, pages and trash are no news."""
    kinds = {"news": "POST LIVE", "plan": "POST DRAFT", "bin": "POST SOFT_TRASHED",
             "us": "PAGE LIVE", "reply": "COMMENT LIVE"}  # fmt: skip
    ada = "<author><name>Ada</name><blogger:type>BLOGGER</blogger:type></author>"
    text = atom(
        *(
            (
                title,
                f"<blogger:type>{kind}</blogger:type><blogger:status>{state}</blogger:status>{ada}",
            )
            for title, (kind, state) in ((title, both.split()) for title, both in kinds.items())
        )
    )
    feed = here.folder / "feed.atom"
    space = ' xmlns:blogger="http://schemas.google.com/blogger/2018">'
    feed.write_text(text.replace(">", space, 1), encoding="utf-8")

    done = import_source(here, feed, "--yes")

    found = {one["title"]: ("id" in one, one.get("draft")) for one in entries(here).values()}
    assert found == {"news": (True, None), "plan": (False, True)}
    for kind in ("comment", "page", "post in the trash"):
        assert f"1 of the kind {kind} are no news: left out." in done.output


def test_a_backup_gets_its_addresses_from_the_feed(here: Newsroom) -> None:
    """Blogger's has none; the entries are the same by their ids, and drafts stay drafts."""
    live = atom(("news", ""))
    (here.folder / "live.atom").write_text(live, encoding="utf-8")
    draft = control("app", "http://www.w3.org/2007/app", "yes")
    backup = atom(("news", ""), ("plan", draft)).replace(
        f'<link href="{OLD}', '<link rel="x" href="'
    )
    (here.folder / "feed.atom").write_text(backup, encoding="utf-8")

    import_source(
        here, here.folder / "feed.atom", "--yes", "--feed", str(here.folder / "live.atom")
    )

    assert {one["title"]: one.get("link") for one in entries(here).values()} == {
        "news": f"{OLD}news",
        "plan": None,
    }


def test_what_a_feed_withdraws_is_not_taken_from_its_archives(here: Newsroom) -> None:
    """By the tombstones of RFC 6721, in whichever quotation marks; archives never change."""
    (here.folder / "old.atom").write_text(atom(("one", ""), ("A&amp;B", ""), ("three", "")))
    head = (
        '<link rel="prev-archive" href="old.atom"/>'
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        "when='2024-06-01T00:00:00Z' ref='tag:x.example,2024:A&amp;B'/>"
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'ref="tag:x.example,2024:three" when="2024-06-01T00:00:00Z"/><entry>'
    )
    feed = here.folder / "feed.atom"
    feed.write_text(atom(("three", ""), ("four", "")).replace("<entry>", head, 1))

    import_source(here, feed, "--yes")

    assert {one["title"] for one in entries(here).values()} == {"one", "three", "four"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One{{% comment %}}Names{{% /comment %}}.{{< comment >}}N{{< /comment >}}", "One."),
        ("One{{< comment >}}{{< comment >}}Names{{</ comment >}}.", "One."),
        ("One{{< comment >}}.", "One."),
        ("One{{< /comment >}}.", "One."),
    ],
)
def test_what_hugo_has_as_a_comment_is_left_out(here: Newsroom, text: str, shown: str) -> None:
    """It has a shortcode for that; without an end, the text goes on."""
    folder = site(here, **{"hugo.toml": HUGO, "content/news/plan.md": f"{page()}{text}\n"})

    import_source(here, folder, "--yes")

    (found,) = entries(here).values()
    assert str(found["body"]).split() == ["Text", "of", "Plan", shown]


def test_a_text_that_jekyll_keeps_for_later_is_left_out(here: Newsroom) -> None:
    """Its place is where the name stands, if anywhere; a text under a condition is a draft."""
    text = "{% capture x %}Names{% endcapture %}One. {%- if site.x -%}Two.{%- endif -%}\n"
    settings = {"_config.yml": f"url: {OLD}\n", "_posts/2024-05-06-plan.md": f"{page()}{text}"}

    import_source(here, site(here, **settings), "--yes")

    (found,) = entries(here).values()
    assert (found.get("draft"), "Names" in str(found), "One." in str(found)) == (True, False, True)


def test_a_collection_of_jekyll_is_named(here: Newsroom) -> None:
    """Its pages are no posts, and may have a feed of their own."""
    names = "collections: {news: {output: true}, team: {}, posts: {output: true}}\n"
    pages = {"_news/2024-05-06-plan.md": page(), "_posts/2024-05-06-a.md": page()}
    folder = site(here, **{"_config.yml": f"url: {OLD}\n{names}", **pages})

    done = import_source(here, folder)

    assert "The collection news is not read: add --feed" in done.output
    assert done.output.count("The collection") == 1


def test_comments_of_restructured_text_are_left_out(here: Newsroom) -> None:
    """Directives, targets, footnotes and substitutions are none, and an empty one holds nothing."""
    text = """Plan
====

:date: 2024-05-06

One.

.. Names: to check
   more names

   and more

.. note:: Two.
.. code:python:: Three
.. _four: x
.. [5] Five.
.. |six| image:: six.png
..
   Names

..

   Seven.
"""
    folder = site(
        here,
        **{"pelicanconf.py": f"SITEURL = '{OLD}'\nPATH = 'content'\n", "content/plan.rst": text},
    )

    import_source(here, folder, "--yes")

    (found,) = entries(here).values()
    body = str(found["body"])
    assert "ames" not in body
    assert all(
        part in body for part in ("One.", "Two.", "Three", "_four", "Five.", "|six|", "Seven.")
    )
