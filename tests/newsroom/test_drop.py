"""Programs send files to the newsroom, which end up in `entries/` whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from dateline.config import PersonSettings, StaffRole
from dateline.ledger import exclusive
from dateline.model.acts import Act
from dateline.newsroom import Newsroom as Room
from dateline.newsroom import create_app, serving
from dateline.newsroom.access.limit import LoginLimit
from dateline.newsroom.access.people import token_hash
from dateline.newsroom.access.turns import WAITING
from dateline.newsroom.saving import digest_of
from dateline.newsroom.saving.drop import AT_ONCE
from dateline.newsroom.server import LIMIT
from support.publication import Newsroom, entry_file, picture
from support.serving import PATIENCE, exchange, free_port, until
from support.staff import AT, WORD, Staff, configure

REPORT = entry_file("Report", date="2026-11-25")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Return staff of a newsroom with one published entry, and nobody signed in."""
    newsroom = Newsroom(tmp_path_factory.mktemp("drop"))
    configure(newsroom, own=f'token = "{WORD}"\nmax_upload = 1000000')
    newsroom.drop("first.toml", entry_file("First", date="2026-11-24"))
    staff = Staff(newsroom)
    staff.build()
    return staff


@pytest.fixture
def there(desk: Staff) -> Iterator[Path]:
    """Yield the entries folder; what a test adds to it is removed."""
    folder = desk.newsroom.folder / "entries"
    before = {*folder.iterdir()}
    yield folder
    for path in {*folder.iterdir()} - before:
        path.unlink()


def put(staff: Staff, name: str, data: str | bytes = REPORT, **fields: str) -> TestResponse:
    """Send a file with the token, and with these header fields."""
    headers = {"Authorization": f"Bearer {WORD}"}
    headers |= {key.replace("_", "-"): value for key, value in fields.items()}
    body = data.encode() if isinstance(data, str) else data
    return staff.client.put(f"/drop/{name}", base_url=AT, data=body, headers=headers)


def read(staff: Staff, name: str, **fields: str) -> TestResponse:
    """Get a file with the token."""
    headers = {"Authorization": f"Bearer {WORD}", **fields}
    return staff.client.get(f"/drop/{name}", base_url=AT, headers=headers)


def told(answer: TestResponse) -> dict[str, Any]:
    """Return the JSON of an answer."""
    values: dict[str, Any] = json.loads(answer.data)
    return values


def test_a_good_entry_is_saved_and_its_future_told(desk: Staff, there: Path) -> None:
    """The address is the one that readers get."""
    answer = put(desk, "report.toml")

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/drop/report.toml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert told(answer) == {
        "file": "report.toml",
        "state": "live",
        "address": "http://127.0.0.1:8000/2026/11/report.html",
        "due": None,
        "problems": [],
    }
    assert (there / "report.toml").read_text("utf-8") == REPORT
    assert read(desk, "report.toml").data.decode() == REPORT
    with desk.room.ledger() as ledger:
        (act,) = ledger.acts.latest(1)
    digest = hashlib.sha256(REPORT.encode()).hexdigest()
    assert (act.act, act.path, act.person) == (Act.SAVED, "report.toml", "")
    assert (act.detail, act.moment) == (digest, desk.newsroom.now)


@pytest.mark.parametrize(
    ("text", "state", "due"),
    [
        (entry_file(date="2026-12-24T09:00:00Z"), "scheduled", "2026-12-24T09:00:00+00:00"),
        (entry_file(draft="true"), "draft", None),
    ],
)
def test_an_entry_for_later_says_when(
    text: str, state: str, due: str | None, desk: Staff, there: Path
) -> None:
    """It is saved, like any other that needs nothing."""
    answer = told(put(desk, "later.toml", text))

    assert (answer["state"], answer["due"]) == (state, due)
    assert (there / "later.toml").exists()


def test_an_entry_with_a_problem_is_not_written(desk: Staff, there: Path) -> None:
    """The answer has the line and the sentence of `check`."""
    answer = put(desk, "bad.toml", REPORT.replace("2026-11-25", '"30 February"'))
    (problem,) = told(answer)["problems"]

    assert answer.status_code == 422
    assert (problem["code"], problem["line"], problem["field"]) == ("date-no-such-day", 2, "date")
    assert "30 February" in problem["message"]
    assert {path.name for path in there.iterdir()} == {"first.toml"}


@pytest.mark.usefixtures("there")
def test_pictures_go_first(desk: Staff) -> None:
    """An entry that names a missing file is refused; once the file is there, it is saved."""
    text = entry_file("Report", image='"harbour.png"', image_alt='"A harbour"')
    early = put(desk, "report.toml", text)
    image = put(desk, "harbour.png", picture())
    late = put(desk, "report.toml", text)

    assert [early.status_code, image.status_code, late.status_code] == [422, 201, 201]
    assert told(early)["problems"][0]["code"] == "image-not-there"
    assert (told(image)["width"], told(image)["height"]) == (8, 6)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("broken.png", picture()[:40], "media-broken"),
        ("text.jpg", b"no picture", "media-not-what-its-name-says"),
        ("drawing.png", b"<svg><script>alert(1)</script></svg>", "media-not-what-its-name-says"),
        ("empty.pdf", b"%PDF-1.7", "media-broken"),
    ],
)
def test_a_picture_that_readers_cannot_have_is_not_written(
    name: str, data: bytes, code: str, desk: Staff, there: Path
) -> None:
    """It is cleaned as a trial, as when an entry names it."""
    answer = put(desk, name, data)

    assert (answer.status_code, told(answer)["problems"][0]["code"]) == (422, code)
    assert not (there / name).exists()


def test_a_picture_with_too_many_pixels_is_not_written(desk: Staff, there: Path) -> None:
    """However small its file is."""
    buffer = BytesIO()
    Image.new("1", (8000, 8000)).save(buffer, "PNG")

    assert put(desk, "bomb.png", buffer.getvalue()).status_code == 422
    assert not (there / "bomb.png").exists()


def test_no_file_is_replaced_unseen(desk: Staff, there: Path) -> None:
    """The ETag of the file that is there replaces it, once."""
    first = put(desk, "report.toml")
    other = REPORT.replace("Text of", "Words of")
    unseen = put(desk, "report.toml", other)
    seen = put(desk, "report.toml", other, If_Match=unseen.headers["ETag"])
    late = put(desk, "report.toml", REPORT, If_Match=first.headers["ETag"])
    gone = put(desk, "none.toml", REPORT, If_Match=first.headers["ETag"])

    statuses = [one.status_code for one in (unseen, seen, late, gone)]
    assert statuses == [409, 200, 412, 412]
    assert unseen.headers["ETag"] == first.headers["ETag"]
    assert late.headers["ETag"] == seen.headers["ETag"] != first.headers["ETag"]
    assert (there / "report.toml").read_text("utf-8") == other
    assert not (there / "none.toml").exists()


def test_what_is_refused_is_not_recorded(desk: Staff, there: Path) -> None:
    """Nor is a file that is there already, nor a picture, which no history has."""
    put(desk, "report.toml")
    with desk.room.ledger() as ledger:
        before = ledger.acts.latest(100)
    put(desk, "report.toml")
    put(desk, "report.toml", REPORT.replace("Text", "Words"))
    put(desk, "bad.toml", "title")
    put(desk, "harbour.png", picture())

    assert (there / "harbour.png").exists()
    with desk.room.ledger() as ledger:
        assert ledger.acts.latest(100) == before


def test_the_same_file_may_be_sent_again(desk: Staff, there: Path) -> None:
    """A script that got no answer repeats its request; one that wants a new file learns of it."""
    put(desk, "report.toml")
    before = (there / "report.toml").stat()
    again = put(desk, "report.toml")

    assert again.status_code == 200
    assert (there / "report.toml").stat() == before
    assert put(desk, "report.toml", If_None_Match="*").status_code == 412


def test_other_news_under_the_same_name_is_refused(desk: Staff) -> None:
    """A guard would hold it, so it is not written, even by somebody who saw the file."""
    seen = read(desk, "first.toml")
    other = entry_file("Something else", date="2026-10-01", body='"Nothing in common."')
    answer = put(desk, "first.toml", other, If_Match=seen.headers["ETag"])

    assert answer.status_code == 422
    assert told(answer)["problems"][0]["code"] == "other-news"
    assert read(desk, "first.toml").data == seen.data


@pytest.mark.parametrize("name", ["FIRST.toml", "First.TOML"])
def test_a_name_that_differs_in_case_is_taken(name: str, desk: Staff) -> None:
    """Both files would be held, since they are one on other systems."""
    assert put(desk, name).status_code == 409


@pytest.mark.parametrize(
    "name",
    [
        "a/b.toml", "../b.toml", ".b.toml", "b.html", "b", "b.toml.txt", "b.svg", "con.toml",
        "b%00.toml", "b%09.toml", "b%5cc.toml", "b.toml~", "%E2%80%AEb.toml", "b:c.toml",
        "b" * 240 + ".toml", "~$b.toml", "%20b.toml", ".toml",
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(name: str, desk: Staff) -> None:
    """A path, a leading dot, another ending, and names that other systems cannot have."""
    assert put(desk, name).status_code == 400
    assert read(desk, name).status_code == 400


def test_a_name_is_composed(desk: Staff, there: Path) -> None:
    """A Mac sends names in parts; they are saved as everywhere else."""
    answer = put(desk, "cafe\u0301.toml")

    assert answer.headers["Location"] == "/drop/caf%C3%A9.toml"
    assert (there / "caf\u00e9.toml").exists()


def test_the_token_must_be_in_the_header(desk: Staff) -> None:
    """Neither a cookie nor the address counts, and wrong tokens are counted."""
    desk.come_in()
    address = f"/drop/new.toml?token={WORD}"
    without = desk.client.put(address, base_url=AT, data=REPORT)
    wrong = [
        desk.client.get("/drop/first.toml", base_url=AT, headers={"Authorization": f"Bearer {n}"})
        for n in range(10)
    ]
    paused = read(desk, "first.toml")
    desk.room.limit = LoginLimit()

    assert {one.status_code for one in (without, *wrong, paused)} == {401}
    assert without.headers["WWW-Authenticate"] == 'Bearer realm="newsroom"'
    assert read(desk, "first.toml").status_code == 200


def with_people(desk: Staff, *, approval: bool = False) -> FlaskClient:
    """Return a client of a newsroom with a person of each role, whose token is the role."""
    people = [PersonSettings(name=role, role=role, token=token_hash(role)) for role in StaffRole]
    config = desk.newsroom.config
    own = dataclasses.replace(config.newsroom, people=tuple(people), approval=approval)
    room = Room(dataclasses.replace(config, newsroom=own), lambda: desk.newsroom.now)
    room.show(desk.newsroom.log[-1], desk.newsroom.now)
    return create_app(room).test_client()


def test_a_reader_may_read_and_a_writer_write(desk: Staff, there: Path) -> None:
    """Each shows a token of their own."""
    client = with_people(desk)

    def status(role: StaffRole, method: str) -> int:
        fields = {"Authorization": f"Bearer {role}"}
        body = picture() if method == "PUT" else None
        address = "/drop/harbour.png"
        return client.open(
            address, method=method, base_url=AT, data=body, headers=fields
        ).status_code

    statuses = [status(role, "PUT") for role in (StaffRole.READER, StaffRole.WRITER)]
    assert statuses == [403, 201]
    assert (there / "harbour.png").exists()
    assert status(StaffRole.READER, "GET") == 200


def test_a_writer_retracts_nothing(desk: Staff, there: Path) -> None:
    """Not even an entry that the writer may change."""
    client = with_people(desk)
    file = there / "first.toml"
    before = file.read_bytes()
    lost = b'status = "retracted"\nretraction = "Mine."\n' + before
    fields = {
        "Authorization": f"Bearer {StaffRole.WRITER}",
        "If-Match": f'"{hashlib.sha256(before).hexdigest()}"',
    }
    answer = client.put("/drop/first.toml", base_url=AT, data=lost, headers=fields)

    assert (answer.status_code, told(answer)["message"]) == (
        403,
        "Only an editor may retract an entry, or undo that.",
    )
    assert file.read_bytes() == before


def sending(client: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Return a function that sends a file as somebody, and returns the answer."""

    def sent(role: StaffRole, name: str, data: bytes, status: int = 201) -> dict[str, Any]:
        fields = {"Authorization": f"Bearer {role}"}
        answer = client.put(f"/drop/{name}", base_url=AT, data=data, headers=fields)
        assert answer.status_code == status
        return told(answer)

    return sent


def test_what_a_writer_sends_waits_for_an_editor(desk: Staff, there: Path) -> None:
    """With approval, the answer tells so, and a run holds the entry with its picture."""
    sent = sending(with_people(desk, approval=True))
    text = entry_file("Report", "2026-11-25", image='"pier.png"', image_alt='"A pier"')

    image = sent(StaffRole.WRITER, "pier.png", picture("green"))
    entry = sent(StaffRole.WRITER, "waiting.toml", text.encode())
    draft = sent(StaffRole.WRITER, "draft.toml", entry_file(draft="true").encode())
    own = sent(
        StaffRole.EDITOR, "own.toml", entry_file("Own", "2026-11-25", body='"Own."').encode()
    )
    report = desk.newsroom.build()
    saved = (StaffRole.WRITER, StaffRole.EDITOR)
    twice = [sent(role, "waiting.toml", text.encode(), 200) for role in saved]

    assert [one["state"] for one in twice] == ["hold", "hold"]
    assert "an editor approves it" in image["message"]
    assert (entry["state"], "an editor approves it" in entry["message"]) == ("hold", True)
    assert [draft.get("message"), own.get("message"), own["state"]] == [None, None, "live"]
    assert report.published == ("own.toml",)
    assert [one.found for one in report.problems if one.code == "unapproved"] == ["writer"]
    with desk.room.ledger() as ledger:
        acts = [(one.person, one.path) for one in ledger.acts.latest(2)]
    assert acts == [("editor", "own.toml"), ("writer", "draft.toml")]
    assert (there / "waiting.toml").exists()


def test_an_editor_who_sends_what_a_writer_sent_is_told_that_it_waits(desk: Staff) -> None:
    """Under another name, too, it is what an editor has yet to approve."""
    sent = sending(with_people(desk, approval=True))
    text = entry_file("Ferry", "2026-11-25", body='"About a ferry."').encode()
    sent(StaffRole.WRITER, "ferry.toml", text)

    copy = sent(StaffRole.EDITOR, "copy.toml", text)
    other = sent(StaffRole.EDITOR, "ferries.toml", text + b"# Other\n")
    report = desk.newsroom.build()

    assert [copy["state"], other["state"]] == ["hold", "live"]
    assert report.published == ("ferries.toml",)


@pytest.mark.long
def test_an_entry_of_an_editor_waits_with_the_picture_of_a_writer(desk: Staff) -> None:
    """The answer tells so, also if it is sent again; one without the picture is live."""
    sent = sending(with_people(desk, approval=True))
    sent(StaffRole.WRITER, "pier.png", picture("green"))
    sent(StaffRole.EDITOR, "quay.png", picture("red"))

    def told_of(name: str, image: str, status: int = 201) -> tuple[str, bool]:
        fields = {"image": f'"{image}"', "image_alt": '"A pier"', "body": f'"About {name}."'}
        text = entry_file(name, "2026-11-25", **fields)
        answer = sent(StaffRole.EDITOR, f"{name}.toml", text.encode(), status)
        return answer["state"], "an editor approves it" in answer.get("message", "")

    answers = [told_of("pier", "pier.png"), told_of("quay", "quay.png")]
    report = desk.newsroom.build()

    assert answers == [("hold", True), ("live", False)]
    assert report.published == ("quay.toml",)
    assert [told_of("pier", "pier.png", 200), told_of("quay", "quay.png", 200)] == answers


def test_without_a_token_no_page_of_another_site_can_write(newsroom: Newsroom) -> None:
    """Programs on this machine can."""
    configure(newsroom, own="without_token = true")
    staff = Staff(newsroom)
    staff.build()
    plain = staff.client.put("/drop/a.toml", base_url=AT, data=REPORT)
    page = {"Origin": "https://example.org"}
    foreign = staff.client.put("/drop/b.toml", base_url=AT, data=REPORT, headers=page)

    assert (plain.status_code, foreign.status_code) == (201, 401)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Range": "bytes 0-9/10"}, 400),
        ({"If_Match": "*"}, 400),
    ],
)
def test_a_request_that_is_no_whole_file_is_refused(
    fields: dict[str, str], status: int, desk: Staff
) -> None:
    """Forms change line ends, and an ETag is that of a file that somebody saw."""
    assert put(desk, "new.toml", **fields).status_code == status


def test_a_large_file_is_refused(desk: Staff) -> None:
    """Above `max_upload`."""
    answer = put(desk, "large.mp4", b"x" * 1_000_001)

    assert (answer.status_code, "1000000 bytes" in told(answer)["message"]) == (413, True)


def test_other_methods_are_refused(desk: Staff) -> None:
    """Nothing is deleted here."""
    fields = {"Authorization": f"Bearer {WORD}"}
    answer = desk.client.delete("/drop/first.toml", base_url=AT, headers=fields)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, PUT")
    assert read(desk, "none.toml").status_code == 404
    assert read(desk, "").status_code == 404


@pytest.mark.long
def test_a_file_that_is_too_large_to_be_published_is_not_cut(desk: Staff, there: Path) -> None:
    """It is not read whole into memory either, to compare it with what is sent."""
    with (there / "talk.mp4").open("wb") as file:
        file.truncate(1_000_000_000)

    tracemalloc.start()
    try:
        sent, got = (
            put(desk, "talk.mp4", b"\0\0\0\x18ftypmp42" + bytes(100)),
            read(desk, "talk.mp4"),
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (sent.status_code, got.status_code) == (409, 413)
    assert "larger than 50000000 bytes" in got.get_json()["message"]
    assert sent.headers["ETag"] == f'"{digest_of(there / "talk.mp4")}"'
    assert peak < 200_000_000


def test_a_known_file_is_not_sent_again(desk: Staff) -> None:
    """Its ETag is its digest."""
    answer = read(desk, "first.toml")
    digest = hashlib.sha256(answer.data).hexdigest()

    assert answer.headers["ETag"] == f'"{digest}"'
    assert answer.content_type.startswith("application/toml")
    assert read(desk, "first.toml", **{"If-None-Match": f'"{digest}"'}).status_code == 304


def test_a_missing_folder_is_reported(desk: Staff, there: Path) -> None:
    """It is made by people, never by a program."""
    there.rename(there.with_name("away"))
    try:
        answer = put(desk, "harbour.png", picture())
    finally:
        there.with_name("away").rename(there)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert told(answer)["message"] == "The entries folder is missing. Nothing was written."


# ---- On a real connection


@pytest.fixture(scope="module")
def port(desk: Staff) -> Iterator[int]:
    """Yield the port of a newsroom that is served."""
    port = free_port()
    newsroom = desk.newsroom
    configure(newsroom, own=f'token = "{WORD}"\nmax_upload = 1000000\nport = {port}')
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        yield port


def head(name: str, size: int, token: str = WORD, *lines: str) -> bytes:
    """Return the head of a request."""
    fields = [f"Authorization: Bearer {token}", f"Content-Length: {size}", *lines]
    return "\r\n".join([f"PUT /drop/{name} HTTP/1.1", "Host: 127.0.0.1", *fields, "", ""]).encode()


def half_sent(port: int, name: str, size: int) -> closing[socket.socket]:
    """Return a connection whose body the newsroom waits for."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.sendall(head(name, size, WORD, "Expect: 100-continue"))
    assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    return closing(connection)


def test_a_body_is_asked_for_once_it_is_wanted(port: int, there: Path) -> None:
    """A client that waits (`Expect: 100-continue`) sends no file that is refused anyway."""
    wait = "Expect: 100-continue"
    wrong = exchange(port, head("big.mp4", 900_000, "wrong", wait))
    large = exchange(port, head("big.mp4", 2_000_000, WORD, wait))
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as connection:
        connection.sendall(head("report.toml", len(REPORT), WORD, wait))
        asked = connection.recv(1000)
        connection.sendall(REPORT.encode())
        answer = connection.recv(1000)

    assert [wrong[:13], large[:13]] == [b"HTTP/1.1 401 ", b"HTTP/1.1 413 "]
    assert b"100 Continue" not in wrong + large
    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert (there / "report.toml").read_text("utf-8") == REPORT


def test_a_body_that_is_refused_is_taken_to_its_end(port: int) -> None:
    """A client that sends all before it reads gets the answer, with pauses between the parts."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as connection:
        connection.sendall(head("big.mp4", 2_000_000, WORD))
        for _ in range(4):
            sleep(0.05)
            connection.sendall(bytes(500_000))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"larger than the 1000000 bytes" in answer


def test_a_body_that_is_cut_off_leaves_nothing(port: int, there: Path) -> None:
    """Neither a file nor a temporary one, and the next upload is answered."""
    before = sorted(there.iterdir())
    for _ in range(5):  # one more than are taken at once
        with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as connection:
            connection.sendall(head("cut.toml", len(REPORT)) + REPORT.encode()[:40])
    whole = head("cut.toml", len(REPORT)) + REPORT.encode()

    assert sorted(there.iterdir()) == before
    assert until(lambda: exchange(port, whole).startswith(b"HTTP/1.1 201 "))


@pytest.mark.usefixtures("there")
def test_half_sent_bodies_keep_nobody_out(port: int) -> None:
    """The oldest one is closed for somebody else, though its header is whole."""
    with ExitStack() as stack:
        for _ in range(LIMIT):
            stack.enter_context(half_sent(port, "half.csv", 4))
        answer = exchange(port, head("whole.csv", 4) + b"a,b\n")

    assert answer.startswith(b"HTTP/1.1 201 ")


@pytest.mark.usefixtures("there")
def test_uploads_at_once_are_few(port: int) -> None:
    """Each large one is in memory; another has to wait, a small one is taken meanwhile."""
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            stack.enter_context(half_sent(port, "slow.mp4", 900_000))
        waiting = exchange(port, head("more.mp4", 900_000))
        small = exchange(port, head("small.csv", 4) + b"a,b\n")

    assert waiting.startswith(b"HTTP/1.1 503 ")
    assert small.startswith(b"HTTP/1.1 201 ")
    assert b"Retry-After: 5" in waiting


@pytest.mark.long
@pytest.mark.usefixtures("there")
def test_many_small_files_at_once_keep_no_staff_out(desk: Staff, port: int) -> None:
    """While a run is at work for long, one is taken and few wait; the others are told when."""
    answers: list[bytes] = []

    def send(number: int) -> None:
        data = entry_file(f"Report {number}").encode()
        answers.append(exchange(port, head(f"r{number}.toml", len(data)) + data))

    page = f"GET /?token={WORD} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(LIMIT))
        with exclusive(desk.newsroom.config.state):
            for number in range(LIMIT):
                pool.submit(send, number)
            has_answers = until(lambda: len(answers) >= LIMIT - WAITING - 1)
            refused, staff = [*answers], exchange(port, page)

    assert has_answers
    assert {one[:13] for one in refused} == {b"HTTP/1.1 503 "}
    assert all(b"Retry-After: 5" in one for one in refused)
    assert staff.startswith(b"HTTP/1.1 200 ")
    assert len(answers) == LIMIT
