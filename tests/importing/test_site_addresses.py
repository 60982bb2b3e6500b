"""Pages of a site keep the addresses that their generator gave them.

The addresses were compared with those of Hugo 0.131, Jekyll 4.3 and Eleventy 3.1.
"""

from __future__ import annotations

from urllib.parse import unquote

from importing.test_importing import entries, import_source
from importing.test_items import OLD
from importing.test_sites import here, site
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
