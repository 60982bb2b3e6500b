"""Exports of WordPress in which readers do not see all, and later exports of the same site."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import pytest

from dateline.importing.existing import ExistingEntries
from importing.test_importing import entries, import_source
from importing.test_sites import here
from support.exporting import SITE, Post, export, feed
from support.publication import Newsroom

__all__ = ["here"]

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
PLAN = Post(number=7, title="Plan", moment=MOMENT, text="<p>Text of Plan.</p>")
LATER = replace(PLAN, moment=datetime(2940, 5, 6, tzinfo=UTC), status="future")
OTHER_SITE = "https://old.example.net/"
GUID = PLAN.guid
UM = 'a:2:{s:26:"_um_custom_access_settings";s:1:"%d";s:14:"_um_accessible";s:1:"%d";}'


def imported(here: Newsroom, *posts: Post, extra: str = "") -> str:
    """Import an export of these posts, and return what is printed."""
    file = here.folder / "export.xml"
    file.write_bytes(export(posts).replace(b"</guid>", f"</guid>{extra}".encode()))
    return import_source(here, file, "--yes").output


@pytest.mark.parametrize(
    ("post", "is_draft"),
    [
        (replace(PLAN, text="Plan. [restrict]Names.[/restrict]"), True),
        (replace(PLAN, text="Plan. [members_only level=2]Names.[/members_only]"), True),
        (replace(PLAN, text="Plan. [team_member]Ada[/team_member] [private]"), False),
        (replace(PLAN, text="<!-- wp:premium-content/container --><p>Names</p>"), True),
        (replace(PLAN, text="<p>Plan</p><!-- wp:jetpack/paywall /--><p>Names</p>"), True),
        (
            replace(
                PLAN,
                text='<!-- wp:paragraph {"metadata":{"blockVisibility":false}} --><p>Names</p>'
                "<!-- /wp:paragraph --><p>Plan</p>",
            ),
            True,
        ),
        (
            replace(
                PLAN,
                text="<!-- wp:paragraph "
                '{"metadata":{"blockVisibility":{"viewport":{"mobile":false}}}} --><p>Plan</p>',
            ),
            False,
        ),
        (
            replace(
                PLAN,
                text="<!-- wp:paragraph "
                '{"blockVisibility":{"controlSets":[{"controls":{"dateTime":{"schedules":'
                '[{"enable":true,"start":"2940-01-01T00:00:00"}]}}}]}} --><p>Names</p>',
            ),
            True,
        ),
        (
            replace(PLAN, text='<!-- wp:kadence/rowlayout {"loggedInShow":true} --><p>Names</p>'),
            True,
        ),
        (replace(PLAN, text="Plan. [groups_member group=a]Names.[/groups_member]"), True),
        (replace(PLAN, text="Plan. [is_paid]Names.[/is_paid]"), True),
        (replace(PLAN, text="Plan. [passster password=a]Names.[/passster]"), True),
        (replace(PLAN, text="Plan. [um_show_content]Names.[/um_show_content]"), True),
        (replace(PLAN, text="Plan. [ihc-hide-content]Names.[/ihc-hide-content]"), True),
        (replace(PLAN, meta=[("rcp_subscription_level", 'a:1:{i:0;s:1:"1";}')]), True),
        (replace(PLAN, meta=[("rcp_user_level", "All"), ("rcp_access_level", "None")]), False),
        (replace(PLAN, meta=[("um_content_restriction", UM % (1, 2))]), True),
        (replace(PLAN, meta=[("um_content_restriction", UM % (0, 2))]), False),
        (replace(PLAN, meta=[("um_content_restriction", UM % (1, 0))]), False),
        (replace(PLAN, meta=[("_members_access_role", "subscriber")]), True),
        (replace(PLAN, meta=[("_jetpack_newsletter_access", "paid_subscribers")]), True),
        (replace(PLAN, meta=[("_jetpack_newsletter_access", "everybody")]), False),
    ],
)
def test_a_text_of_which_some_readers_see_less_is_a_draft(
    here: Newsroom, post: Post, *, is_draft: bool
) -> None:
    """With the id and address that readers have, and once."""
    first = imported(here, post)
    again = imported(here, post)

    (found,) = entries(here).values()
    assert (found.get("draft", False), found["id"], found["link"]) == (is_draft, GUID, post.link)
    assert ("for some readers only" in first, "0 new, 1 here already" in again) == (is_draft, True)


@pytest.mark.parametrize(
    ("post", "is_draft"),
    [
        (replace(PLAN, text='[vc_row disable_element="yes"]Names[/vc_row]'), True),
        (
            replace(
                PLAN, text='[et_pb_text disabled_on="on|on|on" disabled="on"]Names[/et_pb_text]'
            ),
            True,
        ),
        (replace(PLAN, text='[et_pb_text disabled_on="on|off|off"]Plan[/et_pb_text]'), False),
        (replace(PLAN, text='[fusion_text status="draft"]Names[/fusion_text]'), True),
        (
            replace(
                PLAN, text='[fusion_text status="published" render_logics=""]Plan[/fusion_text]'
            ),
            False,
        ),
        (replace(PLAN, text="Plan. [su_private]Names.[/su_private]"), True),
        (replace(PLAN, text="Plan. [su_members]Names.[/su_members]"), True),
        (replace(PLAN, text='<!-- wp:group {"otterConditions":[]} --><p>Plan</p>'), False),
        (replace(PLAN, text='<!-- wp:group {"otterConditions":[[{"a":1}]]} --><p>Names</p>'), True),
        (replace(PLAN, text='<!-- wp:html {"UAGDisplayConditions":"none"} --><p>Plan</p>'), False),
        (
            replace(PLAN, text='<!-- wp:html {"UAGDisplayConditions":"userstate"} --><p>Names</p>'),
            True,
        ),
        (
            replace(
                PLAN,
                text='<!-- wp:group {"newspackAccessControlRules":{"registration":{"active":true}}}'
                " --><p>Names</p>",
            ),
            True,
        ),
        (replace(PLAN, meta=[("_wpmem_block", "1")]), True),
        (replace(PLAN, meta=[("_wpmem_block", "0"), ("patreon-level", "0")]), False),
        (replace(PLAN, meta=[("patreon-level", "5")]), True),
        (replace(PLAN, meta=[("groups-read", "3")]), True),
        (replace(PLAN, meta=[("visibility", "members")]), True),
        (replace(PLAN, meta=[("hidden", "0"), ("_hidden", "field_5f00")]), False),
        (replace(PLAN, status="future", meta=[("_dp_is_rewrite_republish_copy", "1")]), True),
        (
            replace(
                PLAN,
                meta=[
                    ("_elementor_data", r'[{"e_display_conditions":["[[{\"condition\":\"a\"}]]"]}]')
                ],
            ),
            True,
        ),
    ],
)
def test_what_builders_of_pages_hide_is_a_draft(
    here: Newsroom, post: Post, *, is_draft: bool
) -> None:
    """A part that is switched off, or for some; settings that hide nothing change nothing."""
    imported(here, post)

    (found,) = entries(here).values()
    assert found.get("draft", False) == is_draft


def test_what_the_feed_shows_of_such_a_text_is_public(here: Newsroom) -> None:
    """The text of the feed replaces it."""
    (here.folder / "feed.xml").write_bytes(feed([PLAN]))
    file = here.folder / "export.xml"
    file.write_bytes(export([replace(PLAN, text="Plan. [restrict]Names.[/restrict]")]))

    import_source(here, file, "--yes", "--feed", str(here.folder / "feed.xml"))

    (found,) = entries(here).values()
    assert (found.get("draft"), found["id"], found["body"]) == (None, GUID, "Text of Plan.\n")


def test_parts_of_a_page_builder_are_paragraphs(here: Newsroom) -> None:
    """Code that it keeps in base64 is no text."""
    text = "[vc_row][vc_column_text]One.[/vc_column_text][vc_column_text]Two.[/vc_column_text]"
    raw = "[vc_raw_html]JTNDcCUzRQ==[/vc_raw_html][/vc_row]"

    imported(here, replace(PLAN, text=f"{text}{raw}<p>Three.</p>"))

    (found,) = entries(here).values()
    assert found["body"] == "One.\n\nTwo.\n\nThree.\n"


def test_a_later_export_names_what_is_postponed(here: Newsroom) -> None:
    """The file would appear on the day before; it is not changed."""
    imported(here, LATER)
    before = entries(here)

    again = imported(here, LATER)
    postponed = imported(here, replace(LATER, moment=datetime(2940, 6, 1, tzinfo=UTC)))

    assert entries(here) == before
    text = "has another date than 2940/2940-05-06-plan.toml: which one is right?"
    assert (text in again, text in postponed) == (False, True)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_moment_in_an_hour_that_comes_twice_is_the_same_in_utc(fold: int) -> None:
    """Python never takes such a moment for equal to one of another time zone."""
    zone = ZoneInfo("Europe/Vienna")
    here = datetime(2027, 10, 31, 2, 30, fold=fold, tzinfo=zone)
    existing = ExistingEntries(zone=zone, files={}, moments={"plan.toml": here})
    now = datetime(2026, 11, 25, tzinfo=UTC)
    same, later = (datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (fold, fold + 1))

    assert not existing.has_another_moment("plan.toml", same, now)
    assert existing.has_another_moment("plan.toml", later, now)


@pytest.mark.parametrize(("status", "password"), [("private", ""), ("trash", ""), ("publish", "x")])
def test_a_later_export_names_what_is_public_no_more(
    here: Newsroom, status: str, password: str
) -> None:
    """It stays here until somebody deletes the file."""
    imported(here, PLAN)

    again = imported(here, PLAN)
    hidden = imported(here, replace(PLAN, status=status, password=password))

    text = "2024/2024-05-06-plan.toml: is not public in the source"
    assert (text in again, text in hidden) == (False, True)


def test_a_draft_that_is_published_on_another_day_is_named(here: Newsroom) -> None:
    """WordPress gives a draft the day on which it is published."""
    imported(here, replace(PLAN, status="draft"))

    done = imported(here, replace(PLAN, moment=MOMENT.replace(day=9)))

    assert "has the title of the draft 2024/2024-05-06-plan.toml" in done


def test_posts_have_the_languages_of_polylang(here: Newsroom) -> None:
    """Its taxonomy is in the export; a name that is no language is none."""
    imported(here, PLAN, extra='<category domain="language" nicename="fr">Français</category>')
    imported(
        here,
        replace(PLAN, number=8, title="Two"),
        extra='<category domain="language" nicename="latin-x">Latin</category>',
    )

    assert sorted(str(one.get("language")) for one in entries(here).values()) == ["None", "fr"]


def test_posts_have_the_authors_of_co_authors_plus(here: Newsroom) -> None:
    """Guests are posts of a kind of their own; WordPress itself knows one author of a post."""
    guest = replace(PLAN, number=9, title="Bo Example", kind="guest-author")
    terms = "".join(
        f'<category domain="author" nicename="cap-{name}"><![CDATA[{name}]]></category>'
        for name in ("ada", "post-9", "carl")
    )

    imported(here, PLAN, guest, extra=terms)

    (found,) = entries(here).values()
    assert found["authors"] == ["Ada Example", "Bo Example", "carl"]


def test_blocks_without_text_are_named(here: Newsroom) -> None:
    """Those whose text is elsewhere, or is made for each reader."""
    blocks = '<!-- wp:block {"ref":9} /--><!-- wp:acf/quote {"a":"b"} /--><!-- wp:group -->'

    done = imported(here, replace(PLAN, text=f"<p>Plan.</p>{blocks}<!-- /wp:group -->"))

    assert "has a shared pattern, which is left out" in done
    assert "has the block acf/quote, which is left out" in done
    assert "group" not in done


def test_a_site_without_permalinks_has_other_feeds(here: Newsroom) -> None:
    """They are at addresses with a query, which `[moved]` cannot hold."""
    file = here.folder / "export.xml"
    file.write_bytes(export([PLAN]).replace(PLAN.link.encode(), PLAN.guid.encode()))

    plain = import_source(here, file).output
    usual = imported(here, PLAN)

    assert f"[moved] cannot say {SITE}/?feed=rss2" in plain
    assert ("feed/" in plain, '"feed/" = ' in usual) == (False, True)


def test_a_shortcode_that_is_not_known_is_named(here: Newsroom) -> None:
    """It may keep what it holds from some readers; those that are known are not named so."""
    text = "One [team]Ada[/team], [vc_row]Two[/vc_row], [note]Three[/note]."

    done = imported(here, replace(PLAN, text=text))

    assert "has [team], which stands as it is: may all readers see what it holds?" in done
    assert ("[note], which stands" in done, "[vc_row], which stands" in done) == (True, False)


def test_control_characters_in_a_post_lose_nothing(here: Newsroom) -> None:
    """They come with texts pasted from Word, and WordPress exports them as they are."""
    done = imported(here, replace(PLAN, title="The\x0bPlan", text="<p>Text\x0c of\x08 it.</p>"))

    (found,) = entries(here).values()
    assert (found["title"], found["body"]) == ("The Plan", "Text of it.\n")
    assert "not well-formed" not in done


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("", ""),
        ("Caf&eacute;&nbsp;", "Café "),
        ("A & B ", "A & B "),
        ("The &myown; ", "The &myown; "),
    ],
)
def test_characters_by_names_that_xml_does_not_have_lose_nothing(
    here: Newsroom, before: str, shown: str
) -> None:
    """Neither what follows in the same text, nor the markup in what follows that."""
    text = "<p>One <code>&amp;copy;</code> two&hellip;</p>"
    data = export((replace(PLAN, title="TITLE", text=text),)).decode()
    bare = data.replace("<![CDATA[TITLE]]>", f"{before}Bar &amp;amp; new &#8211; old")
    bare = bare.replace("<![CDATA[ada]]>", f"{before}Ada")
    file = here.folder / "export.xml"
    for number, one in enumerate((bare, bare.replace(f"<![CDATA[{text}]]>", escape(text)))):
        cased = one.replace("new &#8211;", f"new {number} &#8211;")
        file.write_text(cased.replace(GUID, f"{GUID}{number}"), encoding="utf-8")
        import_source(here, file, "--yes")

    for entry in entries(here).values():
        assert re.sub(r" \d", "", str(entry["title"])) == f"{shown}Bar & new – old"
        assert str(entry["body"]).strip() == "One `&copy;` two…"
    assert len(entries(here)) == 2


@pytest.mark.parametrize(
    ("stated", "more", "expires"),
    [
        ("29999999999", {}, True),
        ("29999999999", {"-status": "saved", "-type": "draft"}, True),
        ("29999999999", {"-type": "category-add"}, False),
        ("29999999999", {"-status": "removed"}, False),
        ("1500000000", {}, False),
        ("soon", {}, False),
    ],
)
def test_a_post_that_is_to_end_has_its_moment(
    here: Newsroom, stated: str, more: dict[str, str], *, expires: bool
) -> None:
    """As PublishPress Future keeps it; what it left public at that moment stays public."""
    fields = {"": stated, **more}
    meta = [(f"_expiration-date{name}", value) for name, value in fields.items()]

    imported(here, replace(PLAN, meta=meta))

    (found,) = entries(here).values()
    assert ("expires" in found) is expires


def test_what_the_old_feed_did_not_show_is_not_updated(here: Newsroom) -> None:
    """Feeds show again what was updated in the last 30 days; the newest ten keep their moment."""
    posts = [
        replace(PLAN, number=number, title=f"News {number}", moment=MOMENT.replace(day=number))
        for number in range(1, 13)
    ]
    changed = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d %H:%M:%S}"
    posts.append(replace(LATER, number=13))
    data = re.sub(rb"(?<=_modified_gmt><!\[CDATA\[)[^\]]*", changed.encode(), export(posts))
    (here.folder / "export.xml").write_bytes(data)

    done = import_source(here, here.folder / "export.xml", "--yes")

    titles = {one["title"] for one in entries(here).values() if "updated" in one}
    assert titles == {f"News {number}" for number in range(3, 13)}
    assert "2 that the old feed does not show were changed in the last 30 days" in done.output


@pytest.mark.parametrize("site", ["", OTHER_SITE])
def test_an_export_that_does_not_name_its_site(here: Newsroom, site: str) -> None:
    """`--site` does; without it, no lines for `config.toml` are printed that are refused there."""
    file = here.folder / "export.xml"
    unnamed = re.sub(rb"<(link|wp:base_\w+_url)>[^<]*</\1>", b"", export([PLAN]), count=3)
    file.write_bytes(unnamed)

    said = import_source(here, file, *(("--site", site) if site else ())).output

    assert ("[moved]" in said) is bool(site)
    assert (f"{OTHER_SITE}feed/ -> " in said) is bool(site)
