"""Forms of the newsroom: whatever is sent, with or without a session, no answer is an error.

The data is a request: a line, header fields, an empty line, and the body. A person whose name is
in the line (`POST /write editor`) has a session and the word of the forms: `WORD` stands for it.
The newsroom's server reads the head before anything else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

from dateline.newsroom import create_app
from dateline.newsroom.access.people import HOUSE, token_hash
from dateline.newsroom.saving import clean_name
from dateline.serve.monitoring.request_head import BoundedHead
from fuzz.doors.requests import asked, head_of
from fuzz.folders import temporary
from fuzz.inputs import pieces
from support.publication import Newsroom, entry_file, picture
from support.staff import AT, Staff

STATUSES = {200, 201, 204, 303, 304, 400, 401, 403, 404, 411, 413, 415, 422, 428, 429}
STATUSES |= {405, 408, 409, 412}  # of /drop, for programs
ENTRY = b"title=A&date=25+November+2026&body=Text&word=WORD"
WORDS = pieces("forms")
PARTS = (("title", "A"), ("date", "25 November 2026"), ("body", "Text"), ("word", "WORD"))
FORMS = (
    ("POST /write", ENTRY + b"&do=look"),
    ("POST /write", ENTRY + b"&do=publish&file=a.toml&seen=x"),
    ("POST /write", ENTRY + b"&do=draft&attachments.file=a.pdf&categories=a&categories=b"),
    ("POST /paste", b"html=%3Cp%3EA&word=WORD"),
    ("POST /retract", b"file=old.toml&text=Wrong&word=WORD"),
    ("POST /ask", b"file=old.toml&reason=Wrong&word=WORD"),
    ("POST /stop", b"file=old.toml&word=WORD"),
    ("POST /sign-in", b"name=a&password=b&next=/figures&to=send&kept.title=A"),
    ("POST /allow", b"code=abc&word=WORD"),
    ("POST /sign-out", b"word=WORD"),
    ("GET /entries/live?q=a&page=2&lang=en&state=x", b""),
    ("GET /coming?month=2026-11", b""),
    ("GET /figures?weeks=4&days=7", b""),
    ("GET /history?entry=a", b""),
    ("GET /preview?file=old.toml&as=reader", b""),
    ("GET /edit?file=old.toml", b""),
    ("GET /problems.atom?key=abc.def", b""),
    ("GET /shown/YQ.68000000.AAAA/new-page", b""),
    ("GET /thumbnail/media/a.png", b""),
    ("GET /?token=abc", b""),
)
SCHEMA = "entry.schema.json"


@cache
def newsroom() -> tuple[Any, Staff]:
    """Return the application of a newsroom, and its staff."""
    folder = temporary("forms")
    (folder / "entries").mkdir()
    room = Newsroom(folder)
    people = (
        f'[[newsroom.person]]\nname = "editor"\nrole = "editor"\ntoken = "{token_hash("x" * 43)}"'
    )
    staff = Staff.of(room, people)
    room.drop("old.toml", entry_file("Old", image='"a.png"', image_alt='"A"'))
    (folder / "entries/a.png").write_bytes(picture())
    staff.build()
    return create_app(staff.room).wsgi_app, staff


def seeds() -> Iterator[bytes]:
    """Yield a form of each address, as browsers and programs send it."""
    plain = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    for line, body in FORMS:
        for name in ("", " editor"):
            yield f"{line}{name}\r\nHost: 127.0.0.1:8001\r\n".encode() + plain + body
    head = "POST {} editor\r\nHost: 127.0.0.1:8001\r\nContent-Type: multipart/form-data; boundary=x"
    fields = "".join(_field(name, value) for name, value in PARTS)
    file = _field('upload"; filename="a.png', "PNG", "Content-Type: image/png\r\n")
    for address in ("/write", "/upload", "/sign-in"):
        yield f"{head.format(address)}\r\n\r\n{fields}{file}--x--\r\n".encode()
    for method in ("GET", "PUT"):
        yield f"{method} /drop/b.toml editor\r\nHost: 127.0.0.1:8001\r\n\r\n{entry_file()}".encode()


def _field(name: str, value: str, head: str = "") -> str:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n{head}\r\n{value}\r\n'


class Head(BoundedHead):
    """A head as the server reads it; `is_whole` if it is answered."""

    def __init__(self, data: bytes) -> None:
        self.raw_requestline, _, fields = data.partition(b"\r\n")
        self.rfile = BytesIO(fields + b"\r\n\r\n")
        self.is_whole = self.parse_request()

    def send_error(self, *_: object) -> None:
        """Send nothing."""


def tried(data: bytes) -> None:
    """Send a request; afterwards the folder has entries with plain names and nothing else."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    words = line.split(b" ")
    head = b" ".join([*words[:2], b"HTTP/1.1"]) + b"\r\n" + fields
    parsed = head_of(head)
    if not Head(head).is_whole or parsed is None or len(words) < 2:
        return
    app, staff = newsroom()
    has_session = words[2:] == [b"editor"]
    folder = staff.newsroom.folder / "entries"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    status, answered, text = asked(app, _environ(parsed, body, staff, has_session=has_session))
    assert status in STATUSES | ({503} if "retry-after" in answered else set()), (status, text)
    after = {path: path.read_bytes() for path in folder.iterdir()}
    new = {path for path in after if before.get(path) != after[path]}
    assert not (before.keys() - after.keys())
    assert has_session or (not new and "set-cookie" not in answered)
    for path in new:
        name = path.name.removesuffix(".problem.txt")
        assert clean_name(name) == name or name == SCHEMA, path
        if path in before:
            path.write_bytes(before[path])
        else:
            path.unlink()


def _environ(
    parsed: tuple[str, str, dict[str, str]], body: bytes, staff: Staff, *, has_session: bool
) -> dict[str, Any]:
    method, target, fields = parsed
    room = staff.room
    if has_session:
        body = body.replace(b"WORD", room.access.form_word(HOUSE).encode())
        fields["cookie"] = f"dateline={room.access.cookie(HOUSE, room.clock())}"
        fields["authorization"] = "Bearer " + "x" * 43
    path, _, query = target.partition("?")
    own = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    own.setdefault("HTTP_HOST", AT.split("/")[2])
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": fields.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8001",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        **own,
    }
