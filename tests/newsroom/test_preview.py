"""Previews show a file as readers will see it, to staff and to invited colleagues."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.test import TestResponse

from dateline import publish
from dateline.newsroom import create_app
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.access.people import HOUSE
from support.publication import Newsroom, entry_file, picture
from support.staff import AT, WORD, Staff, inputs


@pytest.fixture
def staff(newsroom: Newsroom) -> Staff:
    """Return a member of staff who is signed in."""
    return Staff.of(newsroom)


def frames(staff: Staff, file: str, form: str = "page") -> dict[str, str]:
    """Return the addresses of the frames side by side, by their titles."""
    page = staff.get(f"/preview?file={file}&as={form}")
    assert page.status_code == 200, page.text
    found = re.findall(r'<iframe src="(/shown/[^"]+/(live|new)-\w+)"', page.text)
    return {which: unescape(address) for address, which in found}


def as_colleague(staff: Staff, address: str) -> TestResponse:
    """Request an address with another browser, which never had the token."""
    return create_app(staff.room).test_client().get(address, base_url=AT)


def as_published(page: str, address: str) -> str:
    """Return a preview's page with the addresses of the published page."""
    base = address.rpartition("/")[0] + "/"
    page = page.replace('<base target="_blank">\n', "").replace('target="_self" ', "")
    return page.replace(base, "http://127.0.0.1:8000/")


def test_a_preview_equals_the_published_page(staff: Staff) -> None:
    """Byte for byte, except its script, and the addresses of its picture, files and style sheet."""
    fields = {"image": '"p.png"', "image_alt": '"A harbour"', "categories": '["Lebanon"]'}
    staff.newsroom.drop("p.png", picture())
    staff.newsroom.drop("new.toml", entry_file("A draft", draft="true", **fields))
    staff.build()
    (address,) = frames(staff, "new.toml").values()
    preview = staff.get(address).text
    at = re.findall(r'<img src="(/shown/[^"]+)"', preview)[0]
    shown = staff.get(at)
    staff.newsroom.drop("new.toml", entry_file("A draft", **fields))
    staff.newsroom.build(after=timedelta())
    (name,) = [name for name in staff.newsroom.feeds() if name.endswith("a-draft.html")]
    documents = staff.newsroom.feeds()
    published = documents[name][0].decode()
    script = '<script src="../../copy.js" defer></script>\n'

    assert script in published
    assert without_times(as_published(preview, address)) == without_times(
        published.replace(script, "").replace('"../../', '"http://127.0.0.1:8000/')
    )
    assert (
        shown.data
        == documents[at.partition("/media/")[1].strip("/") + "/" + at.rpartition("/")[2]][0]
    )


def test_a_published_file_that_a_disk_has_changed_is_not_shown(staff: Staff) -> None:
    """Its digest is compared with the published one, as everywhere."""
    staff.newsroom.drop("new.toml", entry_file("A draft", draft="true"))
    staff.build()
    (address,) = frames(staff, "new.toml").values()
    style = f"{address.rpartition('/')[0]}/style.css"
    before = staff.get(style).status_code

    with (staff.newsroom.folder / "feeds/style.css").open("r+b") as file:
        file.write(b"!")

    assert (before, staff.get(style).status_code) == (200, 404)


def without_times(page: str) -> str:
    """Return a page without its times of publication, which are later than the preview."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "", page)


def test_a_scheduled_entry_is_previewed_as_of_its_moment(staff: Staff) -> None:
    """With its future date, and for nobody else."""
    staff.newsroom.drop("later.toml", entry_file("EMBARGOED", date="2026-12-01 09:00:00"))
    staff.build()
    (address,) = frames(staff, "later.toml").values()

    page = staff.get(address).text

    assert '<h1 class="p-name">EMBARGOED</h1>' in page
    assert "2026-12-01T08:00:00Z" in page
    assert "appears on 2026-12-01 at 09:00" in staff.text("/preview?file=later.toml")


def test_a_held_change_is_shown_beside_the_live_version(staff: Staff) -> None:
    """As a page and as in a feed reader, with the faults."""
    staff.newsroom.drop("a.toml", entry_file("Good title"))
    staff.build()
    staff.newsroom.drop("a.toml", entry_file("Better title", draft="true"))
    staff.build()

    page, reader = frames(staff, "a.toml"), frames(staff, "a.toml", "reader")
    texts = {which: staff.get(address).text for which, address in page.items()}
    read = {which: staff.get(address).text for which, address in reader.items()}

    assert "draft = true does not take it back" in staff.text("/preview?file=a.toml")
    assert '<h1 class="p-name">Good title</h1>' in texts["live"]
    assert '<h1 class="p-name">Better title</h1>' in texts["new"]
    assert "<h1>Good title</h1>" in read["live"]
    assert "<h1>Better title</h1>" in read["new"]
    assert "<p>Text of the report.</p>" in read["new"]
    assert "<nav" not in read["new"]


@pytest.mark.parametrize(
    ("text", "marked", "rest"),
    [
        (
            entry_file('Worse" or "better'),
            '1 ▸ title = "Worse" or "better"',
            "4 | Text of the report.",
        ),
        (entry_file("<b>Worse</b>"), '1 ▸ title = "<b>Worse</b>"', "2 | date = 2026-11-24"),
    ],
)
def test_an_invalid_file_is_shown_as_text_beside_the_live_version(
    staff: Staff, text: str, marked: str, rest: str
) -> None:
    """The faulty lines are marked."""
    staff.newsroom.drop("a.toml", entry_file("Good title"))
    staff.build()
    staff.newsroom.drop("a.toml", text)
    staff.build()

    page = staff.get("/preview?file=a.toml").text
    said = staff.text("/preview?file=a.toml")
    marks = [unescape(re.sub("<[^>]+>", "", one)) for one in re.findall("<mark>.*</mark>", page)]

    assert frames(staff, "a.toml").keys() == {"live"}
    assert "cannot be shown as it is" in said
    assert "The file as it was written" in said
    assert marked in [one.strip() for one in marks]
    assert rest in said


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ("2026-11-24", '"30 February"', 2),
        ("date = 2026-11-24", "date : 2026-11-24", 2),
        ("date = 2026-11-24\n", "", 0),
        ("body =", 'event = "32 December"\nbody =', 3),
        ("body =", 'place = "<b>Beirut</b>"\nevent = "no day"\nbody =', 3),
        ("body =", 'place = Beirut, "the port\nbody =', 3),
        ("body =", "place = 7\nbody =", 3),
    ],
)
def test_a_file_with_title_and_text_is_shown_without_its_faulty_fields(
    staff: Staff, good: str, bad: str, line: int
) -> None:
    """The file's text is below the page, with the faulty line marked."""
    staff.newsroom.drop("a.toml", entry_file("Good title", date="2026-11-23"))
    staff.build()
    staff.newsroom.drop("a.toml", entry_file("Worse").replace(good, bad))
    staff.build()

    page = staff.get("/preview?file=a.toml").text
    shown = staff.get(frames(staff, "a.toml")["new"]).text

    assert '<h1 class="p-name">Worse</h1>' in shown
    assert "<p>Text of the report.</p>" in shown
    assert "This is the file without the parts that have to be fixed." in page
    assert "The file as it was written" in page
    assert re.findall(r"<mark> +(\d+) ▸", page)[:1] == ([str(line)] if line else [])


@pytest.mark.parametrize("data", [b"PK\x03\x04\0\0", b" ", b"\xff\xfe" + bytes(99)])
def test_a_binary_file_is_not_shown(staff: Staff, data: bytes) -> None:
    """Its name does not matter."""
    staff.newsroom.drop("a.toml", data)
    staff.build(after=timedelta(hours=1))

    assert "cannot be shown as it is" in staff.text("/preview?file=a.toml")
    assert "as it was written" not in staff.text("/preview?file=a.toml")


@pytest.mark.long
def test_a_long_file_is_shown_around_its_first_fault(staff: Staff) -> None:
    """The page stays small enough for a browser."""
    fields = "".join(f"# {number} {'x' * 9_000}\n" for number in range(900))
    text = entry_file().replace("body", f"{fields}summary = “ \nbody")
    staff.newsroom.drop("a.toml", text[:990_000])
    staff.build()

    assert len(staff.get("/preview?file=a.toml").data) < 1_000_000


@pytest.mark.long
@pytest.mark.parametrize("form", ["page", "reader"])
def test_a_link_in_a_preview_opens_in_a_new_tab(staff: Staff, form: str) -> None:
    """Only previews may be shown in a frame; links on the newsroom's page stay in it."""
    fields = {"categories": '["Lebanon"]', "date": "2026-11-24"}
    staff.newsroom.drop("a.toml", entry_file("New", draft="true", **fields))
    staff.build()
    (address,) = frames(staff, "a.toml", form).values()

    page = staff.get(address).text

    assert page.count('<head>\n<base target="_blank">\n') == 1
    assert page.count('href="#') == page.count('target="_self" href="#')


def test_a_preview_changes_only_with_its_file(staff: Staff) -> None:
    """A date of now does not count as a change."""

    def digests() -> dict[str, str]:
        page = staff.get("/preview?file=a.toml").text
        return dict(re.findall(r'/(live|new)-page"[^>]* data-digest="(\w+)"', page))

    today = f"{staff.newsroom.now:%Y-%m-%d}"
    staff.newsroom.drop("a.toml", entry_file("Out", date=today))
    staff.build()
    staff.newsroom.drop("a.toml", entry_file("First", date=today, draft="true"))
    staff.build()
    tag, first = staff.get("/preview?file=a.toml").headers["ETag"], digests()
    staff.newsroom.now += timedelta(seconds=90)
    same = staff.get("/preview?file=a.toml", **{"If-None-Match": tag})
    staff.newsroom.drop("a.toml", entry_file("Second", date=today, draft="true"))
    staff.newsroom.now += timedelta(seconds=5)
    second = digests()

    assert same.status_code == 304
    assert first["live"] == second["live"]
    assert first["new"] != second["new"]


def test_equal_versions_are_shown_once(staff: Staff) -> None:
    """There is nothing to compare."""
    staff.newsroom.drop("a.toml", entry_file("Good title"))
    staff.build()

    assert frames(staff, "a.toml").keys() == {"live"}
    assert "The file says what readers have." in staff.text("/preview?file=a.toml")


def test_a_live_entry_made_a_draft_differs_in_that_field_only(staff: Staff) -> None:
    """Its preview says so, instead of that the file equals the live entry."""
    staff.newsroom.drop("a.toml", entry_file("Good title"))
    staff.build()
    staff.newsroom.drop("a.toml", entry_file("Good title", draft="true"))
    staff.build()

    said = staff.text("/preview?file=a.toml")

    assert "But for draft = true, the file says what readers have." in said
    assert "The file says what readers have." not in said


def test_a_guarded_change_is_shown_beside_the_live_version(staff: Staff) -> None:
    """With the reason, and with a button for each answer."""
    staff.newsroom.drop("a.toml")
    staff.build()
    body = '"""\nStudents under 26 can hand in essays on corruption in sport until March.\n"""'
    staff.newsroom.drop("a.toml", entry_file("Essay prize opens", body=body))
    staff.build()

    page = staff.get("/preview?file=a.toml").text
    said = staff.text("/preview?file=a.toml")

    assert frames(staff, "a.toml").keys() == {"live", "new"}
    assert "Readers have “Report on Lebanon”. The file says “Essay prize opens”" in said
    assert "The file says what readers have." not in said
    assert page.index('action="/keep"') < page.index('action="/allow"')
    assert "Essay prize opens" in staff.get(frames(staff, "a.toml")["new"]).text


@pytest.mark.long
def test_a_preview_of_a_deleted_file_says_so(staff: Staff) -> None:
    """After the next run it also says until when the entry stays live."""
    paths = [staff.newsroom.drop(f"{name}.toml", entry_file(name)) for name in "abcdef"]
    staff.build()
    paths[0].unlink()

    before = staff.text("/preview?file=a.toml")
    staff.build()
    staff.newsroom.now += timedelta(seconds=5)
    after = staff.text("/preview?file=a.toml")

    assert "The file is gone." in before
    assert "The file is gone. Readers have its entry until 25 November 2026, 11:" in after
    assert "What to fix is listed above." not in before + after


def test_a_file_saved_just_now_is_shown(staff: Staff) -> None:
    """A preview does not wait for a run."""
    path = staff.newsroom.drop("a.toml", entry_file("First", draft="true"))
    staff.build()
    (address,) = frames(staff, "a.toml").values()
    before = staff.get(address).text
    path.write_text(entry_file("Second", draft="true"), encoding="utf-8")
    staff.newsroom.now += timedelta(seconds=5)

    assert '<h1 class="p-name">First</h1>' in before
    assert '<h1 class="p-name">Second</h1>' in staff.get(address).text


def test_a_colleague_sees_one_preview_without_the_token(staff: Staff) -> None:
    """At an unguessable address, which expires after two days."""
    staff.newsroom.drop("a.toml", entry_file("For you", draft="true"))
    staff.newsroom.drop("b.toml", entry_file("Not for you", draft="true"))
    staff.build()
    (address,) = frames(staff, "a.toml").values()
    shared = re.findall(r"<code[^>]*>(.+)</code>", staff.get("/preview?file=a.toml").text)
    other = frames(staff, "b.toml")["new"].split("/")[2]
    mine = address.split("/")[2]
    forged = f"{other.split('.')[0]}.{mine.split('.', 1)[1]}"

    seen = as_colleague(staff, address)
    style = as_colleague(staff, address.replace("new-page", "style.css"))
    nothing = [
        as_colleague(staff, at)
        for at in ("/", f"/shown/{forged}/new-page", f"/shown/{mine}/../", f"/shown/{mine}/x")
    ]
    staff.newsroom.now += timedelta(days=2, hours=1)
    late = as_colleague(staff, address)

    assert shared == [unescape(f"{AT.rstrip('/')}{address}")]
    assert '<h1 class="p-name">For you</h1>' in seen.text
    assert seen.headers["Referrer-Policy"] == "no-referrer"
    assert seen.headers["X-Robots-Tag"] == "noindex"
    assert "script" not in seen.headers["Content-Security-Policy"]
    assert style.content_type.startswith("text/css")
    assert {(one.status_code, one.data) for one in (*nothing, late)} == {(404, b"Not found\n")}


def test_a_preview_shows_the_frames_that_pages_may_have(newsroom: Newsroom) -> None:
    """It is allowed the same frames (`[look.allow]`), and still no script."""
    allow = '[look.allow]\nframes = ["https://video.example"]\nscripts = ["https://a.example"]'
    staff = Staff.of(newsroom, allow)
    newsroom.drop("a.toml", entry_file())
    staff.build()
    (address,) = frames(staff, "a.toml").values()

    policy = staff.get(address).headers["Content-Security-Policy"]

    assert policy.endswith("; frame-src https://video.example")
    assert "script" not in policy


@pytest.mark.long
def test_an_entry_that_was_taken_down_is_not_shown(staff: Staff) -> None:
    """Not even while its file exists, nor at an earlier address, nor to programs."""
    staff.newsroom.drop("a.toml", entry_file("A person's name"))
    staff.build()
    (address,) = frames(staff, "a.toml").values()
    with staff.room.ledger() as ledger:
        id_ = ledger.entries.id_of("a.toml")
    assert id_
    publish.build(
        staff.newsroom.config,
        publish.RunRequest(now=staff.newsroom.now, clock=staff.newsroom.now, takedown=id_),
    )
    staff.build()

    assert as_colleague(staff, address).status_code == 404
    assert frames(staff, "a.toml") == {}
    assert "taken down" in staff.text("/preview?file=a.toml")
    others = ("/edit?file=a.toml", "/edit?file=./a.toml", "/preview?file=./a.toml", "/drop/a.toml")
    token = {"Authorization": f"Bearer {WORD}"}
    assert [staff.get(one, **token).status_code for one in others] == [404] * 4
    assert "person" not in staff.text("/entries/withdrawn")


@pytest.mark.long
@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_written_is_not_shown_after_a_takedown(staff: Staff, *, is_there: bool) -> None:
    """Also where the command took the entry down, of which the newsroom is not told."""
    file = staff.newsroom.drop("a.toml", entry_file("A person's name"))
    staff.build()
    form = inputs(staff.get("/edit?file=a.toml").text) | {"do": ["look"]}
    form["word"] = [staff.room.access.form_word(HOUSE)]
    page = staff.client.post("/write", base_url=AT, data=form, content_type=MULTIPART).text
    addresses = [unescape(one) for one in re.findall(r'<iframe [^>]*src="([^"]+)"', page)]
    before = [as_colleague(staff, one).text for one in addresses]
    with staff.room.ledger() as ledger:
        id_ = ledger.entries.id_of("a.toml")
    assert id_
    request = publish.RunRequest(now=staff.newsroom.now, clock=staff.newsroom.now, takedown=id_)
    publish.build(staff.newsroom.config, request)
    if not is_there:
        file.unlink()
    staff.newsroom.now += timedelta(minutes=1)

    after = [as_colleague(staff, one) for one in addresses]
    assert ["person" in text for text in before] == [True, True]
    assert [one.status_code for one in after] == [404, 404]


@pytest.mark.parametrize(
    "name", ["", "x", "../config.toml", "/etc/passwd", "a.txt", ".", "a\x00.toml", "é" * 300]
)
def test_only_entries_have_previews(staff: Staff, name: str) -> None:
    """Other files, in the folder and outside, are not read."""
    staff.newsroom.drop("a.txt", "secret")
    staff.build()

    answer = staff.client.get("/preview", base_url=AT, query_string={"file": name})

    assert answer.status_code == 404


def test_a_preview_writes_nothing(staff: Staff) -> None:
    """Documents and ledger stay as they are."""
    staff.newsroom.drop("p.png", picture())
    staff.newsroom.drop("a.toml", entry_file("A draft", draft="true", image='"p.png"'))
    staff.build()
    before = staff.newsroom.feeds()
    ledger = (staff.newsroom.folder / "state/ledger.sqlite").read_bytes()

    for address in frames(staff, "a.toml").values():
        staff.get(address)

    assert staff.newsroom.feeds() == before
    assert (staff.newsroom.folder / "state/ledger.sqlite").read_bytes() == ledger


def test_a_preview_shows_how_dates_were_read(staff: Staff) -> None:
    """In full, but not a faulty date that another replaces."""
    fields = {"event": '"3 - 5 December 2026"'}
    staff.newsroom.drop("a.toml", entry_file(date="2026-12-01T09:30:00", **fields))
    staff.newsroom.drop("b.toml", entry_file("Other", date='"31 November 2026"', **fields))
    staff.build()

    read, at_fault = (staff.text(f"/preview?file={name}.toml") for name in "ab")

    event = "The event is read as Thursday, 3 December 2026 – Saturday, 5 December 2026."
    assert "The date is read as Tuesday, 1 December 2026, 09:30 GMT+1." in read
    assert event in read
    assert event in at_fault
    assert "The date is read as" not in at_fault


def test_a_preview_asks_nothing_of_other_sites(newsroom: Newsroom) -> None:
    """Their servers would learn that somebody reads an entry before it is out."""
    staff = Staff.of(newsroom)
    newsroom.drop("a.toml", entry_file(body='"Text ![Pier](https://a.example/pier.png)"'))
    staff.build()

    for form in ("page", "reader"):
        page = staff.get(f"/preview?file=a.toml&as={form}").text
        found = re.search(r'src="(/shown/[^"]+)"', page)
        assert found
        shown = staff.get(found[1])
        policy = shown.headers["Content-Security-Policy"]
        assert "<img" not in shown.text
        assert 'href="https://a.example/pier.png"' in shown.text
        assert "img-src 'self' data:;" in policy
        assert "*" not in policy


def test_all_that_a_preview_loads_lies_below_its_address(staff: Staff) -> None:
    """Its policy forbids everything else: also the icons of the site, which are elsewhere."""
    staff.newsroom.drop("p.png", picture())
    staff.newsroom.drop("a.toml", entry_file(image='"p.png"', image_alt='"A pier"'))
    staff.build()
    (address,) = frames(staff, "a.toml").values()

    shown = staff.get(address).text
    loaded = re.findall(r'<link rel="(?:stylesheet|icon|apple-touch-icon)" href="([^"]+)"', shown)
    loaded += re.findall(r'<img src="([^"]+)"', shown)

    assert len(loaded) == 4
    assert {one.startswith(address.rpartition("/")[0]) for one in loaded} == {True}
    assert {staff.get(one).status_code for one in loaded} == {200}
