"""Pages of a site keep the addresses that their generator gave them.

The addresses were compared with those of Hugo 0.131, Jekyll 4.3, Eleventy 3.1 and Pelican 4.12.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from importing.test_importing import entries, import_source
from importing.test_items import OLD
from importing.test_sites import PAGE, here, ids, site
from support.publication import Newsroom

__all__ = ["here"]

JEKYLL = f"url: {OLD}\nplugins: [jekyll-feed]\n"


def links(here: Newsroom) -> dict[str, str]:
    """Return the address of each entry below its site, by its title."""
    found = {str(one["title"]): str(one["link"]) for one in entries(here).values()}
    return {title: unquote(link.removeprefix(OLD)) for title, link in found.items()}


def test_jekylls_categories_are_the_folders_above_the_posts(here: Newsroom) -> None:
    """Those below only keep the files apart, such as by year."""
    text = "---\ntitle: {}\n---\nText\n"
    files = {
        "_config.yml": JEKYLL,
        "_posts/2024/2024-06-01-one.md": text.format("One"),
        "news/_posts/2024/2024-06-02-two.md": text.format("Two"),
    }
    import_source(here, site(here, **files), "--yes")

    assert links(here) == {
        "One": "2024/06/01/one.html",
        "Two": "news/2024/06/02/two.html",
    }
    assert [one.get("categories") for one in entries(here).values()] == [None, ["news"]]


@pytest.mark.parametrize(
    ("written", "moment", "day"),
    [
        ("2024-01-11 02:00:00", "2024-01-11T02:00:00+00:00", "10"),
        ("2024-01-11T22:00:00", "2024-01-11T22:00:00+00:00", "11"),
        ("2024-01-11 22:00:00 -0500", "2024-01-12T03:00:00+00:00", "11"),
        ("2024-01-11 22:00", "2024-01-12T03:00:00+00:00", "11"),
        ('"2024-01-11 22:00:00"', "2024-01-12T03:00:00+00:00", "11"),
        ("2024-01-11", "2024-01-11T05:00:00+00:00", "11"),
    ],
)
def test_jekyll_has_a_time_with_seconds_and_no_zone_in_utc(
    here: Newsroom, written: str, moment: str, day: str
) -> None:
    """As Ruby's YAML has it; any other without a zone is in that of the site."""
    files = {
        "_config.yml": f"{JEKYLL}timezone: America/New_York\n",
        "_posts/2024-01-11-one.md": f"---\ntitle: One\ndate: {written}\n---\nText\n",
    }
    import_source(here, site(here, **files), "--yes")

    assert links(here) == {"One": f"2024/01/{day}/one.html"}
    (entry,) = entries(here).values()
    assert entry["date"] == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("name", "title", "slug"),
    [
        ("हिन्दी x", "हिन्दी-x", "हिन्दी-x"),
        ("ประเทศไทย", "ประเทศไทย", "ประเทศไทย"),
        ("½ x²", "x", "x"),
        ("a_-b", "a_-b", "a-b"),
        ("_x_", "_x_", "x"),
        ("a & B - c", "a-&-B-c", "a-b-c"),
        ("ΟΔΟΣ", "ΟΔΟΣ", "οδοσ"),
        ("İz", "İz", "i\u0307z"),
    ],
)
def test_jekyll_makes_an_address_of_the_name_of_a_file(
    here: Newsroom, name: str, title: str, slug: str
) -> None:
    """Of letters, marks and digits; in `:title` of some more characters, and in their case."""
    files = {
        "_config.yml": f"{JEKYLL}permalink: /:title/:slug/\n",
        f"_posts/2024-06-01-{name}.md": "---\ntitle: One\n---\nText\n",
    }
    import_source(here, site(here, **files), "--yes")

    assert links(here) == {"One": f"{title}/{slug}/"}


def test_jekylls_topics_are_single_words(here: Newsroom) -> None:
    """As its feed has them, with those of folders."""
    files = {
        "_config.yml": JEKYLL,
        "_posts/2024-06-01-one.md": "---\ntitle: One\ncategories: jekyll update\n---\nText\n",
        "af/_posts/2024-06-02-two.md": "---\ntitle: Two\ncategories: [Ghana]\n---\nText\n",
    }
    import_source(here, site(here, **files), "--yes")

    found = {str(one["title"]): one["categories"] for one in entries(here).values()}
    assert found == {"One": ["jekyll", "update"], "Two": ["af", "Ghana"]}


@pytest.mark.parametrize("name", ["q&a", "report-(2024)", "a+b,c=d;e'f!g@h$i*j:k"])
def test_jekyll_keeps_signs_in_an_id(here: Newsroom, name: str) -> None:
    """As its feed has it, so that no subscriber gets the news again."""
    files = {"_config.yml": JEKYLL, f"_posts/2024-06-01-{name}.md": "---\ntitle: One\n---\nText\n"}
    import_source(here, site(here, **files), "--yes")

    assert ids(here) == [f"{OLD}2024/06/01/{name}"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Été à Paris", "été-à-paris"), ("人口贩运", "人口贩运"), ("½ hour", "12-hour")],
)
def test_pelican_keeps_letters_of_all_scripts_if_it_may(
    here: Newsroom, title: str, slug: str
) -> None:
    """Also in its ids."""
    settings = f"SITEURL = '{OLD}'\nPATH = 'content'\nSLUGIFY_USE_UNICODE = True\n"
    text = f"Title: {title}\nDate: 2024-05-06\n\nText\n"
    import_source(here, site(here, **{"pelicanconf.py": settings, "content/a.md": text}), "--yes")

    assert links(here) == {title: f"{slug}.html"}
    host = OLD.removeprefix("https://").strip("/")
    assert ids(here) == [f"tag:{host},2024-05-06:/{slug}.html"]


HUGO = f'baseURL = "{OLD}"\n[permalinks]\nnews = "/:year/:title/"\nold = "/o/:sections/:slug/"\n'


FIELDS = "---\ntitle: One\ndate: 2024-05-06\n"


@pytest.mark.parametrize(
    ("settings", "name", "text", "address"),
    [
        ("_config.yml", "_posts/2024-5-6-one.md", "---\ntitle: One\n---\n", "2024/05/06/one.html"),
        ("_config.yml", "_posts/2024-05-06-one.md", f"{FIELDS}...\n", "2024/05/06/one.html"),
        ("_config.yml", "_posts/2024-05-06-one.MD", f"{FIELDS}---\n", "2024/05/06/one.html"),
        ("_config.yml", "_posts/2024-05-06-one.mkd", f"{FIELDS}---\n", "2024/05/06/one.html"),
        ("_config.yml", "_posts/2024-05-06-one.md", "", "2024/05/06/one.html"),
        ("hugo.toml", "content/one.MD", f"{FIELDS}---\n", "one/"),
        ("hugo.toml", "content/one.md", f"\n\n{FIELDS}---\n", "one/"),
        ("pelicanconf.py", "content/one.mkd", "Title: One\nDate: 2024-05-06\n\n", "one.html"),
    ],
)
def test_each_page_that_a_generator_makes_is_read(
    here: Newsroom, settings: str, name: str, text: str, address: str
) -> None:
    """Whatever the case of its ending, and its front matter."""
    own = {
        "_config.yml": JEKYLL,
        "hugo.toml": HUGO,
        "pelicanconf.py": f"SITEURL = '{OLD}'\nPATH = 'content'\n",
    }
    folder = site(here, **{settings: own[settings], name: f"{text}Words\n"})
    import_source(here, folder, "--yes")

    (entry,) = entries(here).values()
    assert links(here) == {"One": address}
    assert str(entry["body"]).strip() == "Words"


@pytest.mark.parametrize(
    ("settings", "name"), [("hugo.toml", "content/one.mkd"), (".eleventy.js", "one.MD")]
)
def test_a_file_of_which_a_generator_makes_no_page_is_left_out(
    here: Newsroom, settings: str, name: str
) -> None:
    """It was never public."""
    import_source(here, site(here, **{settings: "", name: PAGE}), "--yes", "--site", OLD)

    assert not entries(here)


@pytest.mark.parametrize(
    ("title", "made", "is_sure"),
    [
        ("Foo - bar", "foo-bar", True),
        ("Foo -- bar", "foo--bar", True),
        ("ab- c -d ", "ab-c-d", True),
        ("1 & 2: x² y", "1-2-x-y", True),
        ("½ price", "price", True),
        ("हिन्दी समाचार", "हिन्दी-समाचार", True),
        ("ΟΔΟΣ", "οδοσ", True),
        ("İstanbul", "istanbul", True),
        ("me@x.org", "me@x.org", True),
        ("LGBTQ+ rights", "lgbtq-rights", False),
        ("C++", "c-", False),
    ],
)
def test_hugo_makes_an_address_of_a_title(
    here: Newsroom, title: str, made: str, *, is_sure: bool
) -> None:
    """Of letters, marks, digits and a few other characters, with one hyphen between words."""
    text = PAGE.replace("One", f'"{title}"')
    done = import_source(
        here, site(here, **{"hugo.toml": HUGO, "content/news/one.md": text}), "--yes"
    )

    assert list(links(here).values()) == [f"2024/{made}/"]
    assert ("assumed" not in done.output) == is_sure


@pytest.mark.parametrize(
    ("name", "made", "is_sure"),
    [
        ("texts/My report", "texts/my-report/", True),
        ("texts/Report 2²", "texts/report-2/", True),
        ("texts/A & B", "texts/a--b/", False),
        ("texts/A - B/index", "texts/a---b/", False),
        ("A - B/one", "a---b/one/", False),
        ("old/A/one", "o/old/one/", True),
        ("old - x/one", "old---x/one/", False),
        ("news/A - B", "2024/one/", True),
    ],
)
def test_hugo_makes_an_address_of_the_name_of_a_file(
    here: Newsroom, name: str, made: str, *, is_sure: bool
) -> None:
    """Each blank is a hyphen; former versions made one of several, so that is assumed."""
    done = import_source(
        here, site(here, **{"hugo.toml": HUGO, f"content/{name}.md": PAGE}), "--yes"
    )

    assert list(links(here).values()) == [made]
    assert ("assumed" not in done.output) == is_sure


@pytest.mark.parametrize(
    ("name", "permalink", "made"),
    [
        ("posts/2024-05-02-one.md", "", "posts/2024-05-02-one/"),
        ("posts/2024-05-02-one.md", "{{ page.filePathStem }}/", "posts/one/"),
        ("posts/2024-05-02-one.md", "/x/{{ page.fileSlug }}/", "x/one/"),
        ("posts/2024-05-02-one/index.md", "", "posts/2024-05-02-one/"),
        ("posts/2024-05-02-one/index.md", "/x/{{ page.fileSlug }}/", "x/one/"),
        ("2024-05-02-a/2024-06-03-one.md", "{{ page.filePathStem }}/", "2024-05-02-a/one/"),
        ("posts/a-2024-05-02-one.md", "/x/{{ page.fileSlug }}/", "x/one/"),
    ],
)
def test_eleventy_takes_a_day_from_a_path(
    here: Newsroom, name: str, permalink: str, made: str
) -> None:
    """The first one in it; what permalinks name has none."""
    text = f'---\ntitle: One\npermalink: "{permalink}"\n---\nText\n'
    done = import_source(
        here, site(here, **{".eleventy.js": "addPlugin(feedPlugin)", name: text}), "--yes",
        "--site", OLD,
    )  # fmt: skip

    assert links(here) == {"One": made}
    (entry,) = entries(here).values()
    assert entry["date"] == datetime(2024, 5, 2, tzinfo=UTC)
    assert "assumed" not in done.output


@pytest.mark.parametrize(
    ("title", "slugify", "slug"),
    [
        ("Well-known place", "well-known-place", "well-known-place"),
        ("One, two - three?", "one-two-three", "one-two-three"),
        ("Q&A with Ann", "q-and-a-with-ann", None),
        ("The ministry's report: don't panic", "the-ministrys-report-dont-panic", None),
        ("We're here", "we-re-here", None),
        ("UN2030 McDonald", "un2030-mcdonald", "un2030-mcdonald"),
        ("100% done", "100-done", None),
        ("Été", None, None),
    ],
)
def test_eleventy_makes_an_address_of_a_title(
    here: Newsroom, title: str, slugify: str | None, slug: str | None
) -> None:
    """As its two filters do; where a filter needs tables of characters, the address is assumed."""
    files = {
        f"{name}.md": f'---\ntitle: "{title}"\ndate: 2024-05-06\n'
        f'permalink: "/{name}/{{{{ title | {name} }}}}/"\n---\n{name}\n'
        for name in ("slugify", "slug")
    }
    files["package.json"] = '{"devDependencies": {"@11ty/eleventy": "^3.1.0"}}'
    folder = site(here, **{".eleventy.js": "addPlugin(feedPlugin)"}, **files)
    done = import_source(here, folder, "--yes", "--site", OLD)

    found = {str(one["body"]).strip(): one["link"] for one in entries(here).values()}
    assert found["slugify"] == f"{OLD}slugify/{f'{slugify}/' if slugify else ''}"
    assert found["slug"] == f"{OLD}slug/{f'{slug}/' if slug else ''}"
    count = [slugify, slug].count(None)
    assert (f"The addresses of {count} pages" in done.output) == bool(count)


@pytest.mark.parametrize(
    ("package", "slug"),
    [
        ('{"dependencies": {"@11ty/eleventy": "1.0.2"}}', "the-ministry-s-report-don-t-panic"),
        ('{"devDependencies": {"@11ty/eleventy": "^2.0.1"}}', "the-ministry-s-report-don-t-panic"),
        ('{"dependencies": {"@11ty/eleventy": "~3.0"}}', "the-ministrys-report-dont-panic"),
        ('{"dependencies": {"@11ty/eleventy": ">=2"}}', None),
        ('{"dependencies": {"@11ty/eleventy": "2 || 3"}}', None),
        ('{"dependencies": {"@11ty/eleventy": "latest"}}', None),
        ('{"dependencies": ["@11ty/eleventy"]}', None),
        ("", None),
    ],
)
def test_eleventy_makes_an_address_of_a_contraction(
    here: Newsroom, package: str, slug: str | None
) -> None:
    """As its version does; where that is not known, the address is assumed."""
    text = "---\ntitle: The ministry's report, don't panic\ndate: 2024-05-06\n"
    text += 'permalink: "/news/{{ title | slugify }}/"\n---\nText\n'
    files = {".eleventy.js": "addPlugin(feedPlugin)", "package.json": package, "a.md": text}
    done = import_source(here, site(here, **files), "--yes", "--site", OLD)

    (link,) = links(here).values()
    assert link == (f"news/{slug}/" if slug else "a/")
    assert ("assumed" in done.output) == (slug is None)
