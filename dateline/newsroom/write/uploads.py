"""Pictures and documents that somebody adds in a form, saved beside the entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import CREATED, SERVICE_UNAVAILABLE, UNPROCESSABLE_ENTITY
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from flask import Request, Response, g, json, request
from werkzeug import formparser
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_cookie
from werkzeug.sansio.multipart import MultipartDecoder
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response as AnyResponse

from dateline.entries import media
from dateline.entries.filenames import folder_of, is_entry
from dateline.errors import MediaError, Problem
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.responses import words_of
from dateline.newsroom.saving import NotSaved, Refusal, Saved, clean_name, digest, save_as
from dateline.newsroom.saving.refusals import ANSWERS
from dateline.newsroom.state import Newsroom
from dateline.newsroom.views import said
from dateline.text.expressions import regex

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SPACES = regex(r"[ \t]{2,}")
_NAMES = 20  # tried, if there are other files of that name
_LINES, _HEAD = 20, 8192  # of a part of a form, before it: lines, and bytes
_IN_MEMORY = 500_000  # bytes; the rest of a file is in a temporary one


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent: its name beside the entry, or a word or a problem that says why not."""

    name: str = ""
    is_picture: bool = False
    word: str = ""
    problem: Problem | None = None


class StaffRequest(Request):
    """A request that keeps no more of a file than `g.largest_file` bytes.

    So the text in a form is there, however large the file is that was sent with it. All text in a
    form together has at most `max_form_memory_size` bytes, which werkzeug allows each field.
    """

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Return the cookies. Spaces are joined: werkzeug reads many in the square of the time.

        It reads bytes that are not UTF-8 with an error.
        """
        fields = _SPACES.sub(" ", ";".join(self.headers.getlist("Cookie")))
        text = fields.encode("latin-1", "replace").decode("utf-8", "replace")
        return ImmutableMultiDict(parse_cookie(text.encode().decode("latin-1")))

    def _get_stream_for_parsing(self) -> IO[bytes]:
        self._files: list[SentFile] = []
        most = self.max_form_memory_size if self.mimetype == MULTIPART else None
        stream = super()._get_stream_for_parsing()
        return stream if most is None else cast("IO[bytes]", _Form(stream, most, self._files))

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - werkzeug's names
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        file = SentFile(g.get("largest_file", 0))
        self._files.append(file)
        return file


class _Decoder(MultipartDecoder):
    """Takes a form apart, of whose parts none has much before it: browsers send three lines.

    Each line and each parameter would be an object, far larger than its few bytes.
    """

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        lines = max(data.count(b"\r"), data.count(b"\n"))
        if lines > _LINES or len(data) > _HEAD:
            raise RequestEntityTooLarge
        return super()._parse_headers(data)


# werkzeug has no setting for the decoder of its form parser.
formparser.MultipartDecoder = _Decoder  # type: ignore[attr-defined]


class _Form:
    """The body of a form; reading it fails after `most` bytes that are in none of its files.

    What was read before has been parsed when more is read.
    """

    def __init__(self, stream: IO[bytes], most: int, files: Sequence[SentFile]) -> None:
        self._stream, self._most, self._files = stream, most, files
        self._read = 0

    def read(self, size: int) -> bytes:
        """Read from the body. Raises `RequestEntityTooLarge` if its text is too long."""
        if self._read - sum(file.sent for file in self._files) > self._most:
            raise RequestEntityTooLarge
        data = self._stream.read(size)
        self._read += len(data)
        return data


class SentFile(SpooledTemporaryFile[bytes]):
    """A file of which `sent` bytes were sent; `word` says why it was not kept, as if too large."""

    def __init__(self, most: int) -> None:
        super().__init__(max_size=_IN_MEMORY)
        self._most = most
        self.sent = 0
        self.word = ""

    def write(self, data: ReadableBuffer, /) -> int:
        """Add to the file, unless it is too large or the disk is full."""
        size = memoryview(data).nbytes
        self.sent += size
        if not self.word and self.tell() + size > self._most:
            self.word = "unsaved-long"
        try:
            return size if self.word else super().write(data)
        except OSError:
            self.word = "unsaved-full"
            return size


def upload(room: Newsroom) -> AnyResponse:
    """Save a file, and return its name and kind as JSON."""
    done = taken(room, request.form.get("file", ""))
    if done.name:
        return _json(CREATED, name=done.name, picture=done.is_picture)
    if done.problem:
        texts = said([done.problem], room.language)
        return _json(UNPROCESSABLE_ENTITY, message=" ".join(texts))
    is_refused = done.word in {"no-file", "unsaved-kind"}
    status = UNPROCESSABLE_ENTITY if is_refused else SERVICE_UNAVAILABLE
    return _json(status, message=words_of(room).text(done.word))


def has_file() -> bool:
    """Return whether a file was chosen in a form, whatever its button was."""
    sent = request.files.get("upload")
    return sent is not None and bool(sent.filename)


def taken(room: Newsroom, path: str) -> Upload:
    """Save the file that was sent with a form, in the folder of the entry at `path`."""
    sent = request.files.get("upload")
    if sent is None or not sent.filename:
        return Upload(word="no-file")
    name = clean_name(PurePosixPath(sent.filename.replace("\\", "/")).name)
    if not name or is_entry(name):
        return Upload(word="unsaved-kind")
    if isinstance(sent.stream, SentFile) and sent.stream.word:
        return Upload(word=sent.stream.word)
    if not room.uploads.acquire(blocking=False):
        return Upload(word="unsaved-busy")
    try:
        return _saved(room, folder_of(path), name, sent.stream.read())
    finally:
        room.uploads.release()


def _saved(room: Newsroom, folder: str, name: str, data: bytes) -> Upload:
    """Save a file, under another name where another file has this one."""
    try:
        found = media.clean(data, name)
    except MediaError as error:
        return Upload(problem=Problem(code=error.code, file=name, found=name))
    except OSError:  # no process can be started that reads it
        return Upload(word="unsaved-busy")
    if media.media_type_of(name) != found.media_type:  # its kind follows from its content
        name = f"{name.rpartition('.')[0]}.{found.name.rpartition('.')[2]}"
    done: Saved | NotSaved = NotSaved(reason=Refusal.NAME)
    for own in _names(name, data):
        person, now = g.person, room.clock()
        done = save_as(person, room.config, f"{folder}{own}", data, now=now)
        if isinstance(done, Saved):
            return Upload(name=own, is_picture=found.media_type.startswith("image/"))
        if done.reason not in {Refusal.THERE, Refusal.ALIKE}:
            break
    assert isinstance(done, NotSaved)  # noqa: S101 - else it was returned
    is_kind = done.reason is Refusal.NAME
    return Upload(word="unsaved-kind" if is_kind else ANSWERS[done.reason].word)


def _names(name: str, data: bytes) -> Iterator[str]:
    """Yield names to try; browsers call each pasted picture `image.png`, so the last is unique."""
    stem, dot, kind = name.rpartition(".")
    yield name
    yield from (f"{stem}-{number}{dot}{kind}" for number in range(2, _NAMES))
    yield f"{stem}-{digest(data)[:12]}{dot}{kind}"


def _json(status: int, **values: object) -> AnyResponse:
    return Response(json.dumps(values), status, content_type="application/json")
