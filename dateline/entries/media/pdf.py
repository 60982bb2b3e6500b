"""Removal of all parts of a PDF that describe its making, or that act.

Document information, XMP, programs' private notes and thumbnails go (ISO 32000-1, sections
14.3, 14.5, 12.3.4), and the same from the photographs inside. Comments of reviewers go, and files
within the file, except those of a portfolio (sections 12.5.6, 7.11.4). Scripts go, and every action
that runs by itself or does more than lead to a page or a web address (sections 12.6, 12.7.8). What
the text says stays. Before that is read what readers may know: the number of pages, the language,
and the title of a document that has programs show it.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlsplit

import pikepdf

from dateline.entries.media import metadata
from dateline.errors import MediaError
from dateline.text.characters import on_one_line, straight
from dateline.text.expressions import regex
from dateline.text.language import tag_of

# What runs a script or an action by itself: forms of XFA and 3D models have scripts as well.
_RUNNING = ("/AA", "/JavaScript", "/JS", "/OnInstantiate", "/OpenAction", "/XFA")
# Icons, and what opens beside them or sounds.
_COMMENTS = {"/Caret", "/FileAttachment", "/Popup", "/Sound", "/Text"}
# Marked words, and drawings, that have a comment.
_MARKED = {
    "/Circle", "/Highlight", "/Ink", "/Line", "/Polygon", "/PolyLine", "/Redact", "/Square",
    "/Squiggly", "/Stamp", "/StrikeOut", "/Underline",
}  # fmt: skip
_OF_COMMENTS = ("/Contents", "/NM", "/Popup", "/RC", "/Subj", "/T")
_OF_TEXTS = ("/NM", "/Popup", "/Subj", "/T")  # who wrote on a page, and on what
_PRIVATE = ("/Metadata", "/PieceInfo")
_OF_FILES = {"/EF", "/F", "/UF"}
_LEADING = ("/A", "/PA", "/Next")  # keys of the action of a click
# Keys of an element of the structure (section 14.7.2). What has others may be a link or a field:
# programs do not ask for its `/Type`.
_OF_STRUCTURE = {
    "/A", "/ActualText", "/Alt", "/C", "/E", "/ID", "/K", "/Lang", "/NS", "/P", "/Pg", "/R", "/S",
    "/T", "/Type",
}  # fmt: skip
_MAY_LEAD = {"/GoTo", "/Hide", "/Named", "/ResetForm", "/SetOCGState", "/Trans", "/URI"}
_JPEG_START = b"\xff\xd8"
_SCHEMES = {"", "http", "https", "mailto", "tel"}
_NO_MEMORY = "std::bad_"  # qpdf reports a want of memory as std::bad_alloc or std::bad_cast
_LARGEST = 100_000_000  # bytes: twice the largest file that is read
_LONGEST = 200  # characters of a title, as of an entry's
# Programs write such titles by themselves, and they may say what nobody was to know.
_NO_TITLE = regex(r"microsoft \w+ - .*|.*\.(?!\d+$)\w{2,5}|untitled\W*\d*|[\W\d_]*", re.IGNORECASE)


class Description(NamedTuple):
    """What a PDF says of itself: 0 or empty where it says nothing."""

    pages: int
    title: str
    language: str


def _jpeg(data: bytes) -> bytes:
    """Return a photograph without metadata; programs pass over what is before its start.

    What has no start is none, and stays as it is: it has no metadata either.
    """
    start = data.find(_JPEG_START)
    return data if start < 0 else metadata.jpeg(data[start:])


_PHOTOS = {"/DCTDecode": _jpeg, "/DCT": _jpeg, "/JPXDecode": metadata.jpeg_2000}


def strip(data: bytes) -> tuple[bytes, Description]:
    """Return a PDF without metadata, scripts and older revisions, and what it said of itself.

    Raises `MediaError` for a broken or locked file and one that becomes very large, and
    `MemoryError`.
    """
    out = BytesIO()
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            _check_open(pdf)
            own = _described(pdf)
            _strip_objects(pdf)
            _strip_files(pdf)
            _strip_parts(pdf)
            pdf.save(out, deterministic_id=True)
            _check_whole(pdf)
    except pikepdf.PasswordError as error:
        raise MediaError("media-locked", found="") from error
    except (MediaError, MemoryError):
        raise
    except Exception as error:  # on damaged bytes a decoder raises anything at all
        code = "pdf-too-hard" if _NO_MEMORY in str(error) else "media-broken"
        raise MediaError(code, found="") from error
    if out.tell() > _LARGEST:
        raise MediaError("pdf-too-hard", found="")
    return out.getvalue(), own


def _described(pdf: pikepdf.Pdf) -> Description:
    """Return what a PDF says of itself, from four of its objects, however large it is."""
    tree, language = pdf.Root.get("/Pages"), pdf.Root.get("/Lang")
    count = tree.get("/Count") if isinstance(tree, pikepdf.Dictionary) else 0
    return Description(
        pages=count if isinstance(count, int) and 0 < count <= len(pdf.objects) else 0,
        title=_title(pdf),
        language=tag_of(str(language)) or "" if isinstance(language, pikepdf.String) else "",
    )


def _title(pdf: pikepdf.Pdf) -> str:
    """Return the title that programs show in place of the file's name, as the document wants.

    Other titles are metadata, of which the author may know nothing (ISO 32000-1, section 12.2).
    """
    wishes, info = pdf.Root.get("/ViewerPreferences"), pdf.trailer.get("/Info")
    wish = wishes.get("/DisplayDocTitle") if isinstance(wishes, pikepdf.Dictionary) else False
    is_shown = isinstance(wish, bool) and wish and isinstance(info, pikepdf.Dictionary)
    written = info.get("/Title") if is_shown and info is not None else None
    if not isinstance(written, pikepdf.String):
        return ""
    title = straight(on_one_line(str(written)[: 2 * _LONGEST]))
    return "" if len(title) > _LONGEST or _NO_TITLE.fullmatch(title) else title


def _check_open(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise MediaError("media-locked", found="")


def _check_whole(pdf: pikepdf.Pdf) -> None:
    """Raise `MemoryError` if an object was left out for want of memory: qpdf only warns of it."""
    if any(_NO_MEMORY in str(warning) for warning in pdf.get_warnings()):
        raise MemoryError


def _strip_objects(pdf: pikepdf.Pdf) -> None:
    for key in ("/Info", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    for part in pdf.objects:
        if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for key in ("/Metadata", "/PieceInfo", "/Thumb", "/LastModified"):
            if key in part:
                del part[key]
        if "/Annots" in part:
            _strip_comments(part)
        if isinstance(part, pikepdf.Stream):
            _strip_stream(part)


def _strip_comments(page: pikepdf.Object) -> None:
    """Take comments off a page, and empty them: the structure may still lead to them."""
    notes = page["/Annots"]
    if not isinstance(notes, pikepdf.Array):
        return
    kept = []
    for note in notes:
        is_note = isinstance(note, pikepdf.Dictionary)
        kind = str(note.get("/Subtype", "")) if is_note else ""
        if kind not in _COMMENTS:
            kept.append(note)
        for key in _of_comment(kind, note) if is_note else ():
            del note[key]
    page["/Annots"] = pikepdf.Array(kept)


def _of_comment(kind: str, note: pikepdf.Object) -> list[str]:
    """Return the keys of an annotation that are a comment, and no part of the page."""
    marked = _OF_COMMENTS if kind in _MARKED else _OF_TEXTS if kind == "/FreeText" else ()
    return [key for key in note.keys() if kind in _COMMENTS or key in marked]  # noqa: SIM118


def _strip_files(pdf: pikepdf.Pdf) -> None:
    """Take out the list of files within the file, unless they are what it is for."""
    names = pdf.Root.get("/Names")
    if _is_portfolio(pdf):
        return
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        del names["/EmbeddedFiles"]


def _strip_stream(stream: pikepdf.Stream) -> None:
    _unwrap(stream)
    coded = stream.get("/Filter")
    if stream.get("/Type") == "/Metadata":
        stream.write(b"")
    elif strip_photo := _PHOTOS.get(str(_last(coded))):
        parameters = stream.get("/DecodeParms")
        stream.write(strip_photo(stream.read_raw_bytes()))
        stream["/Filter"] = coded
        if parameters is not None:
            stream["/DecodeParms"] = parameters


def _unwrap(stream: pikepdf.Stream) -> None:
    """Undo what is packed around a photograph, as several programs do (section 7.4.1)."""
    coded, parameters = stream.get("/Filter"), stream.get("/DecodeParms")
    if not isinstance(coded, pikepdf.Array) or len(coded) < 2 or str(coded[-1]) not in _PHOTOS:  # noqa: PLR2004
        return
    own = None
    stream["/Filter"] = pikepdf.Array([*coded][:-1])
    if isinstance(parameters, pikepdf.Array) and len(parameters) == len(coded):
        stream["/DecodeParms"] = pikepdf.Array([*parameters][:-1])
        own = parameters[-1] if isinstance(parameters[-1], pikepdf.Dictionary) else None
    photo = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    stream.write(photo)
    stream["/Filter"] = coded[-1]
    if own is not None:
        stream["/DecodeParms"] = own


def _last(coded: pikepdf.Object | None) -> pikepdf.Object | None:
    return coded[-1] if isinstance(coded, pikepdf.Array) and len(coded) else coded


def _is_portfolio(pdf: pikepdf.Pdf) -> bool:
    return "/Collection" in pdf.Root  # section 12.3.5


def _strip_parts(pdf: pikepdf.Pdf) -> None:
    keeps_files = _is_portfolio(pdf)
    for part in pdf.objects:
        _strip_part(part, keeps_files=keeps_files)


def _strip_part(part: object, *, keeps_files: bool) -> None:
    """Take actions, notes and files out of an object, and of all that is written inside it."""
    if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        keys = part.keys()
        is_element = part.get("/Type") == "/StructElem"
        # An element of the structure has no actions, and there may be very many. It keeps its
        # files: the source of a formula, for programs that read aloud.
        if is_element and keys <= _OF_STRUCTURE:
            return
        for key in keys:
            value = part[key]
            if _is_unwanted(key, value, keeps_files=keeps_files or is_element):
                del part[key]
            else:
                _strip_inside(value, keeps_files=keeps_files)
    elif isinstance(part, pikepdf.Array):
        for one in part:
            _strip_inside(one, keeps_files=keeps_files)


def _strip_inside(part: object, *, keeps_files: bool) -> None:
    if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect:
        _strip_part(part, keeps_files=keeps_files)


def _is_unwanted(key: str, value: object, *, keeps_files: bool) -> bool:
    """Return whether a value goes. What a page names, such as a font, may have any key."""
    if key in _LEADING:
        return _has_action(value)
    if key in _PRIVATE and isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return bool(value.get("/Subtype", "/XML") == "/XML")
    if key == "/AF":
        return not keeps_files and _has_file(value)
    return key in _RUNNING


def _has_file(part: object) -> bool:
    """Return whether an object, or one in a list, describes a file."""
    parts = part if isinstance(part, pikepdf.Array) else [part]
    return any(isinstance(one, pikepdf.Dictionary) and _OF_FILES & one.keys() for one in parts)


def _has_action(part: object) -> bool:
    """Return whether an object, or one in a list, is an action that does more than lead."""
    return any(map(_acts, part)) if isinstance(part, pikepdf.Array) else _acts(part)


def _acts(part: object) -> bool:
    if not isinstance(part, pikepdf.Dictionary) or "/S" not in part:
        return False
    kind = str(part["/S"])
    if kind == "/URI":
        return urlsplit(str(part.get("/URI", ""))).scheme.lower() not in _SCHEMES
    return kind not in _MAY_LEAD
