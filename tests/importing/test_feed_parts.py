"""Parts of feeds that few programs write are read as subscribers saw them."""

from __future__ import annotations

import json
from html import escape

import pytest

from importing.test_importing import entries, import_source
from importing.test_items import OLD
from importing.test_sites import here
from support.publication import Newsroom

__all__ = ["here"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "a\ud83d"),
        ("url", f"{OLD}1\ud83d"),
        ("content_html", "<p>Text\ud83d</p>"),
        ("content_text", "Text\ud83d"),
        ("image", "http://127.0.0.1:1/\ud83d\x1fa.png"),
        ("attachments", [{"url": "http://127.0.0.1:1/\ud83da.pdf", "title": "b\ud83d"}]),
    ],
)
def test_half_an_emoji_in_json_keeps_no_item_out(here: Newsroom, name: str, value: object) -> None:
    """Programs that cut texts by their units of UTF-16 leave one."""
    item = {"id": "a", "url": f"{OLD}1", "title": "One", "content_text": "Text"}
    items = [{**item, "date_published": "2024-05-06T07:08:09Z", name: value}]
    file = here.folder / "feed.json"
    file.write_text(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items})
    )
    import_source(here, file, "--yes")

    (entry,) = entries(here).values()
    assert (entry["id"], entry["link"], str(entry["body"]).strip()) == ("a", f"{OLD}1", "Text")


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{OLD}blog/"><title>Old</title>
<id>x</id><link href="./"/><entry%s><title>One</title><id>a</id><link href="2024/one"/>
<updated>2024-05-06T07:08:09Z</updated>%s</entry></feed>"""
HTML = '<content type="html"%s>&lt;p&gt;See &lt;a href="two"&gt;it&lt;/a&gt;%s&lt;/p&gt;</content>'


@pytest.mark.parametrize(
    ("entry", "content", "address"),
    [
        ("", HTML % ("", ""), "blog/two"),
        (f' xml:base="{OLD}2024/"', HTML % ("", ""), "2024/two"),
        ("", HTML % (' xml:base="2023/"', ""), "blog/2023/two"),
        ("", HTML.replace("content", "summary") % ("", ""), "blog/two"),
    ],
)
def test_links_in_atom_follow_the_address_that_it_states(
    here: Newsroom, entry: str, content: str, address: str
) -> None:
    """`xml:base` overrides the address of the page (RFC 4287, section 2)."""
    file = here.folder / "old.atom"
    file.write_text(ATOM % (entry, content))
    import_source(here, file, "--yes")

    (found,) = entries(here).values()
    assert found["link"] == f"{OLD}{'2024' if entry else 'blog'}/2024/one"
    assert str(found["body"]).strip() == f"See [it]({OLD}{address})"


@pytest.mark.parametrize(
    ("entry", "content", "address"),
    [
        ("", f'type="html" xml:base="{OLD}2023/"', "2023/two"),
        (f' xml:base="{OLD}2023/"', 'type="html"', "2023/two"),
        ("", 'type="html" xml:base="http://"', "2024/2/two"),
        ("", 'type="html" xml:base="https://[::1"', "2024/2/two"),
        ("", f'type="text/html" xml:base="{OLD}2023/"', "2023/two"),
    ],
)
@pytest.mark.parametrize("fault", ["", "<"])
def test_the_address_that_an_entry_in_atom_states_is_its_own(
    here: Newsroom, entry: str, content: str, address: str, fault: str
) -> None:
    """The links of the next one follow its own, also in a feed that is not well-formed."""
    link = '<div><a href="two">it</a></div>'
    one = f"""<entry%s><title>%d</title><id>%d</id><link href="{OLD}2024/%d/"/>
    <updated>2024-05-06T07:08:09Z</updated><content %s>%s</content></entry>"""
    usual = ('type="html"', escape(link))
    parts = [("", 1, 1, 1, *usual), (entry, 2, 2, 2, content), ("", 3, 3, 3, *usual)]
    parts[1] = (*parts[1], link if "text/" in content else escape(link))
    file = here.folder / "old.atom"
    file.write_text(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Old {fault}</title><id>x</id>'
        f"{''.join(one % part for part in parts)}</feed>"
    )
    import_source(here, file, "--yes")

    found = {str(one["title"]): str(one["body"]).strip() for one in entries(here).values()}
    assert found == {
        "1": f"[it]({OLD}2024/1/two)",
        "2": f"[it]({OLD}{address})",
        "3": f"[it]({OLD}2024/3/two)",
    }


def test_the_address_that_a_feed_states_goes_on_behind_stray_ends(here: Newsroom) -> None:
    """It is not well-formed: the ends of elements that never began end nothing of the feed."""
    item = "<item><title>%s</title><link>%s.html</link><guid isPermaLink='false'>%s</guid>"
    moment = "<pubDate>Mon, 02 Nov 2020 10:00:00 GMT</pubDate>"
    text = "<description>x &nbsp;<p>Text</p></p></p></p></description></item>"
    file = here.folder / "old.rss"
    file.write_text(
        f'<rss version="2.0" xml:base="{OLD}2020/"><channel><title>A & B</title>'
        f"<link>https://www.example.org/</link>{item % (('one',) * 3)}{moment}{text}"
        f"{item % (('two',) * 3)}{moment}<description>y</description></item></channel></rss>"
    )
    import_source(here, file, "--yes")

    found = {one["title"]: one["link"] for one in entries(here).values()}
    assert found == {"one": f"{OLD}2020/one.html", "two": f"{OLD}2020/two.html"}


def test_a_player_in_atom_follows_the_address_that_it_states(here: Newsroom) -> None:
    """As links do."""
    file = here.folder / "old.atom"
    file.write_text(ATOM % ("", HTML % ("", '&lt;iframe src="v"&gt;&lt;/iframe&gt;')))
    import_source(here, file, "--yes")

    (found,) = entries(here).values()
    assert f"<{OLD}blog/v>" in str(found["body"])


def test_a_break_in_xhtml_is_one_break(here: Newsroom) -> None:
    """It has no end tag in HTML, where one counts as a second break."""
    text = '<div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two<br></br>three</p></div>'
    file = here.folder / "old.atom"
    file.write_text(ATOM % ("", f'<content type="xhtml">{text}</content>'))
    import_source(here, file, "--yes")

    (found,) = entries(here).values()
    assert str(found["body"]).strip() == "One\\\ntwo\\\nthree"


@pytest.mark.parametrize("cut", [10, 30, 60, 110])
@pytest.mark.parametrize("prefix", ["", "atom:"])
def test_an_atom_feed_that_broke_off_has_no_part_of_its_last_entry(
    here: Newsroom, prefix: str, cut: int
) -> None:
    """Whatever prefix its elements have."""
    space = f"xmlns{f':{prefix[:-1]}' if prefix else ''}"
    items = "".join(
        f"<{prefix}entry><{prefix}title>{title}</{prefix}title><{prefix}id>{title}</{prefix}id>"
        f"<{prefix}updated>2024-05-06T07:08:09Z</{prefix}updated>"
        f"<{prefix}content>{title} has a text of some sentences. One more.</{prefix}content>"
        f"</{prefix}entry>"
        for title in ("One", "Two")
    )
    whole = f'<{prefix}feed {space}="http://www.w3.org/2005/Atom"><{prefix}id>x</{prefix}id>{items}'
    file = here.folder / "old.atom"
    file.write_text(whole[:-cut])
    done = import_source(here, file, "--yes")

    assert [one["title"] for one in entries(here).values()] == ["One"]
    assert "the last item: the source ends within it" in done.output


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("&#xD83D;&#xDE00;", "😀"),
        ("&#55357;&#56832;&#55357;&#56832;", "😀😀"),
        ("&#xD83D;", ""),
        ("&#xDE00;&#xd83d;", ""),
        ("&#xD55C;&#xD83D;&#xDE00;&#54620;", "한😀한"),
    ],
)
def test_an_emoji_in_two_references_keeps_no_feed_out(
    here: Newsroom, written: str, shown: str
) -> None:
    """XML forbids them; programs that know UTF-16 alone write them."""
    file = here.folder / "old.atom"
    file.write_text(ATOM.replace("One", f"One{written}") % ("", HTML % ("", written)))
    import_source(here, file, "--yes")

    (found,) = entries(here).values()
    assert found["title"] == f"One{shown}"
    assert str(found["body"]).strip() == f"See [it]({OLD}blog/two){shown}"
