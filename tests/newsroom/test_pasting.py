"""What is pasted becomes Markdown, and files that are added are saved beside the entry."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from time import process_time

import pytest
from werkzeug.test import TestResponse

from dateline.newsroom.access.people import HOUSE
from dateline.newsroom.write.pasting import markdown_of
from support.paths import DATA
from support.publication import Newsroom
from support.publication import picture as drawn
from support.staff import AT, Staff, seen

CLIPBOARDS = DATA / "pasted"
WORD = "**Report on Lebanon**\n\nOnly 60 cases are identified every year"
CASES = {
    "word.html": WORD,
    "google-docs.html": "## Informe sobre el Líbano\n\nSolo 60 casos, dice [el informe](https://",
    "libreoffice.html": "Доклад **УНП ООН** о Ливане\n\n- судьи\n- жертвы",
    "outlook.html": "Chers collègues,\n\nL’ONUDC publie son rapport",
    "excel.html": "|  |  |\n| --- | --- |\n| Country | Cases |\n| Lebanon | 60 |",
}
RULE = "| --- | --- |"
TRACKED = (
    "<p class=MsoNormal>We <del cite='mailto:a' datetime='2026'><span>never</span></del>"
    "<ins cite='mailto:a'>always</ins> said<a href='#_ftn1' name='_ftnref1'><span "
    "class=MsoFootnoteReference>[1]</span></a>.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p>"
    "</p><p class=MsoNormal><b> </b>In <st1:place w:st='on'>Paris</st1:place>"
    "<img src='file:///C:/a.png'>.</p>"
)


def test_remarks_of_reviewers_are_left_out() -> None:
    """Google Docs puts those of a document below its text, with links to and fro."""
    said = markdown_of(
        '<p>Sixty cases <sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>were found.</p><div><p>'
        '<a href="#cmnt_ref1" id="cmnt1">[a]</a><span>Is this right?</span></p></div>'
    )

    assert said == "Sixty cases were found."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Return staff of a publication without news."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "entries").mkdir()
    staff = Staff.of(Newsroom(folder))
    staff.build()
    return staff


def post(staff: Staff, address: str, **values: str | tuple[BytesIO, str]) -> TestResponse:
    """Send a form with these values and files."""
    data = {"word": staff.room.access.form_word(HOUSE), "file": "", **values}
    return staff.client.post(address, base_url=AT, data=data, content_type="multipart/form-data")


def entries(staff: Staff) -> Path:
    """Return the folder of entries."""
    return staff.newsroom.folder / "entries"


# ---- Pasting


@pytest.mark.parametrize("name", CASES)
def test_a_clipboard_becomes_markdown(desk: Staff, name: str) -> None:
    """Words, emphasis, links, lists and tables of the programs that staff use."""
    answer = post(desk, "/paste", html=(CLIPBOARDS / name).read_text("utf-8"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith(CASES[name])
    assert not re.search(r"mso|style=|<span|docs-internal", answer.text)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol><li>a</li><ol><li>b</ol><li>c</ol>", "1. a\n   1. b\n2. c"),
        ("<ul><ul>\n<li>a</li>\n<li>b</li>\n</ul>\n</ul>", "- a\n- b"),
        ("<ul><ul><li>a</ul><li>b</ul>", "- - a\n- b"),
        (
            "<p>The office\nin <b>Room\n7</b>\nopens.<br>\nToday.",
            "The office in **Room 7** opens.\\\nToday.",
        ),
        ("<p>中文\n新闻 in\nthree words", "中文新闻 in three words"),
        ("<ol start=7><li>a<li>b<ul><li>c</ul></ol>", "7. a\n8. b\n   - c"),
        ("<ol start='²'><li>a</ol>", "1. a"),
        (f"<ol start={'9' * 5000}><li>a</ol>", "1. a"),
        ("<ol><li value=2>a<li value=2>b<li value=4>c</ol>", "2. a\n2. b\n4. c"),
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>", f"| a | b |\n{RULE}\n| c | d |"),
        (
            "<table><tr><td colspan=2>a<tr><td>b<td>c</table>",
            f"|  |  |\n{RULE}\n| a | |\n| b | c |",
        ),
        ("<table><tr><td colspan='²'>a<td>b</table>", f"|  |  |\n{RULE}\n| a | b |"),
        (f"<table><tr><td colspan={'9' * 5000}>a<td>b</table>", f"|  |  |\n{RULE}\n| a | b |"),
        (
            "<table><caption>e<thead><tr><td>a<td>b<tbody><tr><td>c<td>d<tfoot><tr><td>f<td>g</table>",
            f"e\n\n| a | b |\n{RULE}\n| c | d |\n| f | g |",
        ),
    ],
)
def test_lists_and_tables_become_markdown(html: str, text: str) -> None:
    """They have the numbers and columns of the page, as far as those are numbers."""
    assert markdown_of(html) == text


def of_word(*marks: str) -> str:
    """Return a list as Word has it on the clipboard, with a word for each mark."""
    return "".join(
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>"
        f"<span style='mso-list:Ignore'>{mark}<span>&nbsp;&nbsp;</span></span>Word</p>\n"
        for mark in marks
    )


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (("1.", "2.", "1.", "2."), "1. Word\n2. Word\n\n1. Word\n2. Word"),
        (("1.", "2.", "4."), "1. Word\n2. Word\n\n4. Word"),
        (("a.", "b."), "- a. Word\n- b. Word"),
        (("1.1.", "1.2."), "- 1.1. Word\n- 1.2. Word"),
        (("II.", "III."), "- II. Word\n- III. Word"),
        (("Artigo 1º", "§ 2"), "- Artigo 1º Word\n- § 2 Word"),
        (("·", "o", "§", "v"), "- Word\n- Word\n- Word\n- Word"),
    ],
)
def test_items_of_word_keep_their_numbers(marks: tuple[str, ...], text: str) -> None:
    """Words, letters and numbers that Word writes by itself; a bullet is none."""
    assert markdown_of(of_word(*marks)) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>10<span style='vertical-align:super'>6</span></p>", "10<sup>6</sup>"),
        ("<p>H<span style='vertical-align: sub'>2</span>O</p>", "H<sub>2</sub>O"),
        ("<p><span style='text-decoration:line-through'>66</span> 60</p>", "~~66~~ 60"),
        ("<p><strike>66</strike> 60</p>", "~~66~~ 60"),
    ],
)
def test_what_a_style_says_stays(html: str, text: str) -> None:
    """10 to the sixth is not 106, and what is struck out is not said."""
    assert markdown_of(html) == text


def test_what_is_no_text_is_left_out() -> None:
    """Deleted text, empty paragraphs, smart tags, pictures of the clipboard, links to notes."""
    assert markdown_of(TRACKED) == "We always said\\[1\\].\n\nIn Paris."


@pytest.mark.long
@pytest.mark.parametrize(
    "evil", ["<b>", "<a href=#x>", "<del>", "<div>", "<!--", "<span mso-list>"]
)
def test_no_clipboard_takes_long(evil: str) -> None:
    """Nothing in it is searched again and again."""
    began = process_time()

    markdown_of(evil * (30_000 // len(evil)))

    assert process_time() - began < 2


@pytest.mark.parametrize(
    "evil",
    [
        "<b>" + "\u00a0" * 50 + "x</b>",
        "<a " + "msocom" * 20_000,
        "<a " + " href=#" * 20_000,
        "a<b>x" + "\n\u00a0" * 10_000 + "y</b>",
    ],
)
def test_no_clipboard_is_searched_twice(evil: str) -> None:
    """Repeated text within an element takes no longer than other text; else it takes minutes."""
    began = process_time()

    markdown_of(evil)

    assert process_time() - began < 2


def test_words_below_a_list_in_an_item_stay_there() -> None:
    """They belong to the outer item."""
    html = "<ul><li>One<ul><li>two</li></ul><b>three</b></li><li>four</li></ul>"

    assert markdown_of(html) == "- One\n  - two\n\n  **three**\n- four"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>Contact:&nbsp;</b>Anna", "**Contact:**\u00a0Anna"),
        ("See<i>&nbsp;this</i> one", "See\u00a0*this* one"),
        ("<a href='https://x.example/'><i>The report\u2009</i></a>says",
         "[*The report*](https://x.example/)\u2009says"),
    ],
)  # fmt: skip
def test_words_stay_apart(html: str, text: str) -> None:
    """A blank at the edge of bold words or of a link is not lost, whatever its width."""
    assert text == markdown_of(f"<p>{html}</p>")


@pytest.mark.parametrize("element", ["p", "pre"])
def test_no_run_of_blanks_takes_long(desk: Staff, element: str) -> None:
    """Forty thousand spaces between two words took seconds; they are one, or as many in code."""
    began = process_time()

    answer = post(desk, "/paste", html=f"<{element}>a{40_000 * ' '}b</{element}>")

    assert process_time() - began < 2
    assert len(answer.text.strip("`\n")) == (3 if element == "p" else 40_002)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a \t  b</p>", "a b"),
        (
            '<p><a href="https://a.example/" title="x  y">a</a>  b</p>',
            '[a](https://a.example/ "x  y") b',
        ),
        ("<pre>\n\n  a  \tb \n  c  \n </pre><p>d  e</p>", "```\n  a  \tb\n  c\n```\n\nd e"),
        ("<pre>\n\n \n</pre><p>d</p>", "d"),
    ],
)
def test_blanks_are_those_that_a_page_shows(html: str, text: str) -> None:
    """One for many, except in code, where blank lines at the ends are left out."""
    assert markdown_of(html) == text


def test_a_whole_book_is_refused(desk: Staff) -> None:
    """The browser then inserts plain text."""
    assert post(desk, "/paste", html="<p>word</p>" * 40_000).status_code == 413


# ---- Files


def test_a_picture_is_saved_and_named_in_the_form(desk: Staff) -> None:
    """Without scripts: the form comes back with it, with what was typed, and asks what it shows."""
    answer = post(desk, "/write", do="publish", title="Mine", upload=(BytesIO(drawn()), "pier.png"))

    assert (entries(desk) / "pier.png").read_bytes() == drawn()
    assert "pier.png is saved. Describe what it shows." in seen(answer.text)
    assert re.search(r'name="image" [^>]*value="pier.png"', answer.text)
    assert re.search(r'name="title" [^>]*value="Mine"', answer.text)
    assert not list(entries(desk).glob("*mine*"))


def test_a_document_is_saved_and_named_among_the_attachments(desk: Staff) -> None:
    """It shows nothing that is to be described."""
    answer = post(desk, "/write", do="upload", upload=(BytesIO(b"a,b\n1,2\n"), "list.csv"))

    assert "list.csv is saved, and named among the attachments." in seen(answer.text)
    assert "Describe what it shows" not in seen(answer.text)
    assert re.search(r'name="attachments.file" [^>]*value="list.csv"', answer.text)


def test_a_file_never_replaces_another(desk: Staff) -> None:
    """The same file again keeps its name; another one of that name gets a number."""
    other = drawn(kind="JPEG")
    names = [
        post(desk, "/upload", upload=(BytesIO(data), "quay.jpg")).get_json()
        for data in (other, other, drawn("red", "JPEG"))
    ]

    assert names == [
        {"name": "quay.jpg", "picture": True},
        {"name": "quay.jpg", "picture": True},
        {"name": "quay-2.jpg", "picture": True},
    ]
    assert (entries(desk) / "quay.jpg").read_bytes() == other


def test_any_number_of_files_can_have_one_name(desk: Staff) -> None:
    """As pictures from the clipboard do: each is saved, and a file that is sent again once."""
    files = [f"a,b\n{number},2\n".encode() for number in range(23)]

    names = [
        post(desk, "/upload", upload=(BytesIO(data), "image.csv")).get_json().get("name")
        for data in (*files, files[-1])
    ]

    assert names[:3] == ["image.csv", "image-2.csv", "image-3.csv"]
    assert [(entries(desk) / name).read_bytes() for name in names] == [*files, files[-1]]
    assert len({*names}) == len(files)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("run.exe", b"MZ"),
        ("../config.toml", b'title = "x"'),
        ("new.toml", b'title = "x"'),
        (".hidden.png", drawn()),
        ("broken.png", b"\x89PNG\r\n\x1a\nnothing"),
        ("", b""),
    ],
)
def test_no_other_file_is_saved(desk: Staff, name: str, data: bytes) -> None:
    """Neither what cannot be published, nor entries, nor anything outside; the answer says so."""
    before = sorted(entries(desk).parent.rglob("*.*"))

    answer = post(desk, "/upload", upload=(BytesIO(data), name))

    assert answer.status_code == 422
    assert len(answer.get_json()["message"]) > 20
    assert sorted(entries(desk).parent.rglob("*.*")) == before


@pytest.mark.parametrize(
    ("named", "saved"),
    [
        ("scan.txt", "scan.png"),
        ("quay.JPG", "quay.png"),
        ("ship.jfif", "ship.png"),
        ("pier 2.PNG", "pier 2.PNG"),
    ],
)
def test_a_picture_gets_the_ending_of_its_kind(desk: Staff, named: str, saved: str) -> None:
    """A picture that is called a text is a picture, and the entry accepts it as such."""
    page = post(desk, "/write", do="upload", upload=(BytesIO(drawn()), named)).text
    found = re.search(r'name="image" [^>]*value="([^"]*)"', page)
    text = {"title": "Scanned", "date": "25 November 2026", "body": "Text.", "image_alt": "A scan."}
    looked = post(desk, "/write", do="look", image=saved, **text).text

    assert found
    assert found[1] == saved
    assert (entries(desk) / saved).read_bytes() == drawn()
    assert f"{saved} is saved." in seen(page)
    assert "Nothing keeps it from being published" in seen(looked)
    assert named == saved or not (entries(desk) / named).exists()


def test_a_button_without_a_file_asks_for_one(desk: Staff) -> None:
    """It says nothing of a kind that cannot be published."""
    answer = post(desk, "/write", do="upload", title="Mine", upload=(BytesIO(b""), ""))

    assert answer.status_code == 422
    assert "Nothing was saved. Choose a file first." in answer.text


def test_a_refused_file_loses_no_text(desk: Staff) -> None:
    """The form comes back with the reason, and with what was typed."""
    answer = post(desk, "/write", do="upload", title="Mine", upload=(BytesIO(b"MZ"), "run.exe"))

    assert answer.status_code == 422
    assert "cannot be published" in seen(answer.text)
    assert re.search(r'name="title" [^>]*value="Mine"', unescape(answer.text))


def test_outsiders_send_no_files(desk: Staff) -> None:
    """Nor clipboards."""
    stranger = Staff(desk.newsroom).client
    sent = {"upload": (BytesIO(drawn()), "evil.png"), "html": "<p>x</p>"}

    statuses = [stranger.post(one, base_url=AT, data=sent).status_code for one in ("/paste",)]
    statuses.append(stranger.post("/upload", base_url=AT, data={}).status_code)

    assert statuses == [404, 404]
    assert not (entries(desk) / "evil.png").exists()
