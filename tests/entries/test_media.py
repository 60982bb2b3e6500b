"""Pictures and attachments are published without metadata, upright and rightly named."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from dateline.entries.media import (
    MAX_SIZE,
    Cleaned,
    clean,
    media_type_of,
    metadata,
    published_path,
)
from dateline.errors import MediaError
from dateline.messages import CATALOGUE

SECRET = b"48 deg 14 min north"
ORIENTATION, GPS_IFD, GPS_AREA, DESCRIPTION = 0x0112, 0x8825, 0x1C, 0x010E
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def picture(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Draw a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def exif(orientation: int) -> Image.Exif:
    """Return EXIF data of a camera: the place, a description, the orientation."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[DESCRIPTION] = SECRET.decode()
    tags[GPS_IFD] = {1: "N", 2: (48.0, 14.0, 0.0), GPS_AREA: SECRET}
    return tags


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the bytes of `image` saved as `kind`."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(cleaned: Cleaned) -> Image.Image:
    """Open a cleaned picture with Pillow."""
    return Image.open(BytesIO(cleaned.data))


def code_of(data: bytes, name: str) -> str:
    """Return the code with which a file is refused."""
    with pytest.raises(MediaError) as caught:
        clean(data, name)
    assert caught.value.code in CATALOGUE
    assert caught.value.found == name
    return caught.value.code


def with_secrets(kind: str, orientation: int) -> bytes:
    """Return a picture with its place in every kind of metadata that its format has."""
    options: dict[str, object] = {"exif": exif(orientation), "icc_profile": PROFILE}
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Comment", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"] = info
    elif kind == "JPEG":
        options |= {"comment": SECRET, "xmp": XMP}
    else:
        options |= {"xmp": XMP, "lossless": True}
    return saved(picture(), kind, **options) + SECRET


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "tags",
    [
        b"II*\0\x08\0\0\0\1\0\x12\1\2\0\4\0\0\0top\0" + bytes(4),
        b"II*\0\x08\0\0\0\1\0\x12\1\5\0\1\0\0\0\x1a\0\0\0" + bytes(4) + b"\1\0\0\0" + bytes(4),
        b"no EXIF at all",
    ],
)
def test_a_picture_whose_orientation_is_no_number_stays_as_it_is(kind: str, tags: bytes) -> None:
    """Some programs write words there, or divide by zero."""
    data = saved(picture(), kind, exif=b"Exif\0\0" * (kind == "JPEG") + tags)

    assert opened(clean(data, "a.jpg")).size == (40, 20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_lose_their_metadata(kind: str, orientation: int) -> None:
    """EXIF, GPS, XMP, comments and trailing data are removed; the colour profile stays."""
    data = with_secrets(kind, orientation)
    assert SECRET in data

    cleaned = clean(data, "a.jpg")

    assert SECRET not in cleaned.data
    for mark in (b"Exif", b"EXIF", b"eXIf", b"GPS", b"XMP", b"xmp", b"adobe"):
        assert mark not in cleaned.data
    assert opened(cleaned).info["icc_profile"] == PROFILE
    assert dict(opened(cleaned).getexif()) == {}


def _jpeg_with(marker: int, body: bytes) -> bytes:
    data = saved(picture(), "JPEG", icc_profile=PROFILE)
    segment = bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body
    return data[:2] + segment + data[2:]


def _png_with(kind: bytes, body: bytes, *, before: bytes = b"IDAT") -> bytes:
    data = saved(picture(), "PNG", icc_profile=PROFILE)
    at = data.index(before) - 4
    crc = zlib.crc32(kind + body)
    return (
        data[:at] + struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc) + data[at:]
    )


def _gif_with(extension: bytes) -> bytes:
    data = saved(picture().convert("P"), "GIF")
    at = 13 + 3 * 2 ** (data[10] % 8 + 1)
    return data[:at] + extension + data[at:]


def _webp_with(kind: bytes, body: bytes) -> bytes:
    data = saved(picture(), "WEBP", lossless=True, icc_profile=PROFILE)
    return _webp_part(b"RIFF", data[8:] + _webp_part(kind, body))


def _webp_part(kind: bytes, body: bytes) -> bytes:
    body += b"\0" * (len(body) % 2)
    return kind + len(body).to_bytes(4, "little") + body


_BLOCK = bytes((len(SECRET),)) + SECRET + b"\0"
BLOCKS = {
    "JPEG EXIF": _jpeg_with(0xE1, b"Exif\0\0" + SECRET),
    "JPEG XMP": _jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
    "JPEG IPTC": _jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + SECRET),
    "JPEG comment": _jpeg_with(0xFE, SECRET),
    "JPEG FlashPix": _jpeg_with(0xE2, b"FPXR\0" + SECRET),
    "JPEG thumbnail": _jpeg_with(0xE0, b"JFXX\0\x10" + SECRET),
    "JPEG not Adobe's": _jpeg_with(0xEE, b"Other" + SECRET),
    "JPEG C2PA": _jpeg_with(0xEB, b"JP" + SECRET),
    **{f"JPEG APP{number}": _jpeg_with(0xE0 + number, SECRET) for number in range(1, 16)},
    "PNG tEXt": _png_with(b"tEXt", b"Comment\0" + SECRET),
    "PNG zTXt": _png_with(b"zTXt", b"Comment\0\0" + SECRET),
    "PNG iTXt": _png_with(b"iTXt", b"Comment\0\0\0\0\0" + SECRET),
    "PNG eXIf": _png_with(b"eXIf", exif(1).tobytes()[6:]),
    "PNG tIME": _png_with(b"tIME", SECRET),
    "PNG hIST": _png_with(b"hIST", SECRET),
    "PNG sPLT": _png_with(b"sPLT", SECRET),
    "PNG caBX": _png_with(b"caBX", SECRET),
    "PNG text after the picture": _png_with(b"tEXt", b"Comment\0" + SECRET, before=b"IEND"),
    "GIF comment": _gif_with(b"!\xfe" + _BLOCK),
    "GIF text": _gif_with(b"!\x01\x0c" + bytes(12) + _BLOCK),
    "GIF XMP": _gif_with(b"!\xff\x0bXMP DataXMP" + _BLOCK),
    "WEBP EXIF": _webp_with(b"EXIF", SECRET),
    "WEBP XMP": _webp_with(b"XMP ", SECRET),
    "WEBP unknown": _webp_with(b"ABCD", SECRET),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_metadata_is_removed(block: str) -> None:
    """Each kind of block without pixels is removed."""
    data = BLOCKS[block]
    assert SECRET in data

    cleaned = clean(data, "a.jpg")

    assert SECRET not in cleaned.data
    kind = block.partition(" ")[0]
    options = {"WEBP": {"lossless": True}}.get(kind, {})
    plain = Image.open(BytesIO(saved(picture(), kind, **options)))
    assert opened(cleaned).convert("RGB").tobytes() == plain.convert("RGB").tobytes()


def test_frames_within_a_frame_are_removed() -> None:
    """A frame has one picture, however many frames a file puts into each other."""
    part = _webp_part(b"ICCP", SECRET)
    for _ in range(2000):
        part = _webp_part(b"ANMF", bytes(16) + part)

    cleaned = metadata.webp(_webp_part(b"RIFF", b"WEBP" + part))

    assert cleaned == _webp_part(b"RIFF", b"WEBP" + _webp_part(b"ANMF", bytes(16)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_corner"),
    [(1, (40, 20), (0, 0)), (3, (40, 20), (39, 19)), (6, (20, 40), (0, 0)), (8, (20, 40), (0, 39))],
)
def test_a_picture_is_turned_upright(
    kind: str, orientation: int, size: tuple[int, int], red_corner: tuple[int, int]
) -> None:
    """The rotation in EXIF is applied, and the size is that of the turned picture."""
    cleaned = clean(with_secrets(kind, orientation), "a.jpg")

    assert size == (cleaned.width, cleaned.height)
    assert size == opened(cleaned).size
    at = 3 * (red_corner[1] * size[0] + red_corner[0])
    red, _, blue = opened(cleaned).convert("RGB").tobytes()[at : at + 3]
    assert red > 200
    assert blue < 60


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P")])
def test_pictures_in_other_colour_modes_are_turned_upright(kind: str, mode: str) -> None:
    """Grey, CMYK and palette colours survive the rotation."""
    data = saved(picture().convert(mode), kind, exif=exif(6))

    cleaned = clean(data, "a.jpg")

    assert (20, 40) == (cleaned.width, cleaned.height)
    assert mode == opened(cleaned).mode


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_upright_picture_keeps_every_pixel(kind: str) -> None:
    """It is not encoded again."""
    data = with_secrets(kind, 1)

    pixels = opened(clean(data, "a.jpg")).tobytes()

    assert Image.open(BytesIO(data)).tobytes() == pixels


def test_a_jpeg_loses_its_thumbnail_and_further_pictures() -> None:
    """A thumbnail may show what was cropped."""
    frames = [picture(), Image.new("RGB", (40, 20), "green")]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    jfif = data.index(b"JFIF\0")
    thumbnail = b"\x01\x01" + SECRET[:3]
    data = data[: jfif - 2] + b"\x00\x13" + data[jfif : jfif + 12] + thumbnail + data[jfif + 14 :]

    cleaned = clean(data, "a.jpg")

    assert opened(cleaned).format == "JPEG"
    assert cleaned.data.count(b"\xff\xd8\xff") == 1
    assert SECRET[:3] not in cleaned.data


@pytest.mark.parametrize(
    ("kind", "options"), [("GIF", {"comment": SECRET}), ("WEBP", {"xmp": XMP})]
)
def test_an_animated_picture_stays_animated(kind: str, options: dict[str, object]) -> None:
    """Frames, their timing and the loop stay; comments and XMP are removed."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    options |= {"save_all": True, "append_images": frames[1:], "duration": 70, "loop": 0}
    data = saved(frames[0], kind, **options)
    assert SECRET in data

    cleaned = clean(data, "a.gif")

    assert SECRET not in cleaned.data
    assert getattr(opened(cleaned), "n_frames", 0) == 3
    assert opened(cleaned).info["loop"] == 0
    assert Image.open(BytesIO(data)).tobytes() == opened(cleaned).tobytes()


def authored_pdf(
    coded: pikepdf.Object = pikepdf.Name.DCTDecode,
    pack: Callable[[bytes], bytes] = bytes,
    **options: object,
) -> bytes:
    """Return a PDF that names its author in every place that the format has."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    page.obj.Thumb = pdf.make_stream(SECRET, Width=1, Height=1)
    page.obj.PieceInfo = pikepdf.Dictionary(Draw=pikepdf.Dictionary(Private=SECRET.decode()))
    photo = saved(picture(), "JPEG", exif=exif(1))
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(
            Photo=pikepdf.Stream(
                pdf,
                pack(photo),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Filter=coded,
                DecodeParms=(
                    pikepdf.Dictionary(ColorTransform=0)
                    if pack is bytes
                    else pikepdf.Array([None, pikepdf.Dictionary(ColorTransform=0)])
                ),
                Width=40,
                Height=20,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
            )
        ),
        Properties=pikepdf.Dictionary(
            Layer=pikepdf.Dictionary(
                Metadata=pdf.make_stream(XMP, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
            )
        ),
    )
    pdf.docinfo["/Author"] = SECRET.decode()
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET.decode()]
    out = BytesIO()
    pdf.save(
        out,
        compress_streams=False,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        **options,  # type: ignore[arg-type]  # any of pikepdf's own
    )
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("/FlateDecode", zlib.compress),
        ("/ASCII85Decode", lambda data: base64.a85encode(data) + b"~>"),
        ("/ASCIIHexDecode", lambda data: data.hex().encode() + b">"),
    ],
)
def test_a_packed_photograph_in_a_pdf_loses_its_metadata(
    name: str, pack: Callable[[bytes], bytes]
) -> None:
    """ReportLab and others pack what is a JPEG already."""
    coded = pikepdf.Array([pikepdf.Name(name), pikepdf.Name.DCTDecode])
    cleaned = clean(authored_pdf(coded, pack), "report.pdf")

    with pikepdf.open(BytesIO(cleaned.data)) as pdf:
        photo = pdf.pages[0].obj.Resources.XObject.Photo
        jpeg = photo.read_raw_bytes()
        assert str(photo.Filter) == "/DCTDecode"
        assert int(photo.DecodeParms.ColorTransform) == 0
    assert SECRET not in jpeg
    assert (40, 20) == Image.open(BytesIO(jpeg)).size


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("photo", [b"", b"\n", b"no photograph"])
def test_what_is_no_photograph_stays_in_a_pdf(photo: bytes, *, is_packed: bool) -> None:
    """Its pages are shown all the same, by programs that read PDF files."""
    name = pikepdf.Name
    pdf, out = pikepdf.new(), BytesIO()
    stream = pikepdf.Stream(pdf, photo, Filter=name.DCTDecode)
    if is_packed:
        coded = pikepdf.Array([name.FlateDecode, name.DCTDecode])
        stream.write(zlib.compress(photo), filter=coded)
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/Photo": stream})
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        kept = stripped.pages[0].obj.Resources.XObject.Photo
        assert (str(kept.Filter), kept.read_raw_bytes()) == ("/DCTDecode", photo)


@pytest.mark.parametrize("before", [b"\n", b"\r\n", b"some words "])
@pytest.mark.parametrize("name", ["/DCTDecode", "/DCT"])
def test_a_photograph_in_a_pdf_may_start_late(before: bytes, name: str) -> None:
    """Programs write the end of a line before it, and pass over what is there."""
    photo = saved(picture(), "JPEG", exif=exif(1))
    pdf, out = pikepdf.new(), BytesIO()
    stream = pikepdf.Stream(pdf, before + photo, Filter=pikepdf.Name(name))
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/Photo": stream})
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        kept = stripped.pages[0].obj.Resources.XObject.Photo
        assert kept.read_raw_bytes() == metadata.jpeg(photo)


@pytest.mark.parametrize("coded", [pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode])])
def test_a_pdf_loses_its_metadata(coded: pikepdf.Object) -> None:
    """Properties, XMP, thumbnails, programs' notes and EXIF of its photographs are removed."""
    data = authored_pdf(coded)
    assert data.count(SECRET) >= 6

    cleaned = clean(data, "report.pdf")

    with pikepdf.open(BytesIO(cleaned.data)) as pdf:
        assert [] == list(pdf.docinfo)
        assert "/Metadata" not in pdf.Root
        assert 1 == len(pdf.pages)
        unpacked = BytesIO()
        level = pikepdf.StreamDecodeLevel.generalized
        pdf.save(unpacked, compress_streams=False, stream_decode_level=level)
        photo = pdf.pages[0].obj.Resources.XObject.Photo
        assert 0 == photo.DecodeParms.ColorTransform
        assert (40, 20) == Image.open(BytesIO(photo.read_raw_bytes())).size
    assert SECRET not in unpacked.getvalue()


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_jpeg_2000_in_a_pdf_loses_its_metadata(*, is_packed: bool) -> None:
    """What draws it stays as it is."""
    photo = saved(picture(), "JPEG2000")
    boxes = (len(SECRET) + 8).to_bytes(4) + b"xml " + SECRET + bytes(4) + b"uuid" + SECRET
    pdf, out = pikepdf.new(), BytesIO()
    stream = pikepdf.Stream(pdf, photo + boxes, Filter=pikepdf.Name.JPXDecode)
    if is_packed:
        stream.write(
            zlib.compress(photo + boxes),
            filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.JPXDecode]),
        )
    pdf.add_blank_page().obj.Resources = pikepdf.Dictionary(XObject={"/Photo": stream})
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        kept = stripped.pages[0].obj.Resources.XObject.Photo
        assert (str(kept.Filter), kept.read_raw_bytes()) == ("/JPXDecode", photo)


def test_a_pdf_loses_comments_and_the_files_in_it() -> None:
    """Sticky notes, words beside marked words and drawings, sources in other programs' formats."""
    pdf = pikepdf.new()
    page, out = pdf.add_blank_page().obj, BytesIO()
    file = pikepdf.AttachedFileSpec(pdf, SECRET, filename="draft.docx").obj
    marked = (
        "Highlight", "Ink", "Square", "Circle", "Line", "Polygon", "PolyLine", "Redact", "Stamp",
    )  # fmt: skip
    kinds = ("Text", "Popup", "FileAttachment", "Caret", "Sound", *marked, "Link", "FreeText")
    notes = [
        pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name(f"/{kind}"),
                Rect=[0, 0, 9, 9],
                Contents="Page 2" if kind in {"Link", "FreeText"} else SECRET.decode(),
                T="Link" if kind == "Link" else SECRET.decode(),
                FS=file if kind == "FileAttachment" else None,
            )
        )
        for kind in kinds
    ]
    page.Annots = pdf.make_indirect(pikepdf.Array(notes))
    page.AF = pikepdf.Array([file])
    pdf.Root.Tree = pikepdf.Array(notes)  # as the structure leads to them
    pdf.attachments["draft.docx"] = SECRET
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        kept = stripped.pages[0].obj.Annots
        left = [f"/{kind}" for kind in (*marked, "Link", "FreeText")]
        assert left == [str(one.Subtype) for one in kept]
        assert ["Page 2", "Page 2"] == [str(one.Contents) for one in kept if "/Contents" in one]
        assert not stripped.attachments
        unpacked = BytesIO()
        level = pikepdf.StreamDecodeLevel.generalized
        stripped.save(unpacked, compress_streams=False, stream_decode_level=level)
    assert SECRET not in unpacked.getvalue().replace(b"\0", b"")


@pytest.mark.parametrize("is_portfolio", [False, True])
def test_a_pdf_loses_notes_and_files_inside_other_objects(*, is_portfolio: bool) -> None:
    """Some programs write them into what names them; an element of the structure keeps its file."""
    pdf = pikepdf.new()
    page, out = pdf.add_blank_page().obj, BytesIO()
    file = pikepdf.AttachedFileSpec(pdf, b"words of the file", filename="draft.docx").obj
    layer = pikepdf.Dictionary(
        AF=pikepdf.Array([file]),
        Metadata=pdf.make_stream(SECRET),
        PieceInfo=pikepdf.Dictionary(Draw=pikepdf.Dictionary(Private=SECRET.decode())),
    )
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type3)
    fonts = pikepdf.Dictionary(AF=font, Metadata=font, PieceInfo=font)
    page.Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(Layer=layer), Font=fonts)
    link = pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], AF=file)
    page.Annots = pikepdf.Array([link])
    formula = pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Formula, AF=file)
    pdf.Root.StructTreeRoot = pikepdf.Dictionary(K=pikepdf.Array([formula]))
    if is_portfolio:
        pdf.Root.Collection = pikepdf.Dictionary()
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        resources, files = stripped.pages[0].obj.Resources, {"/AF"} if is_portfolio else set()
        assert resources.Properties.Layer.keys() == files
        assert resources.Font.keys() == fonts.keys()
        assert stripped.pages[0].obj.Annots[0].keys() == {"/Subtype", "/Rect"} | files
        assert "/AF" in stripped.Root.StructTreeRoot.K[0]


def test_a_portfolio_keeps_its_files() -> None:
    """They are what readers are to have."""
    pdf, out = pikepdf.new(), BytesIO()
    pdf.add_blank_page()
    pdf.attachments["figures.csv"] = b"1,2"
    pdf.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)
    pdf.save(out)

    with pikepdf.open(BytesIO(clean(out.getvalue(), "a.pdf").data)) as stripped:
        assert ["figures.csv"] == [*stripped.attachments]


def described_pdf(*, is_shown: bool = True, title: str = "Ports in figures", **root: Any) -> bytes:
    """Return a PDF of two pages with a title, and more keys of its root."""
    pdf, out = pikepdf.new(), BytesIO()
    for _ in range(2):
        pdf.add_blank_page()
    pdf.docinfo["/Title"] = title
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=is_shown)
    for key, value in root.items():
        pdf.Root[f"/{key}"] = value
    pdf.save(out)
    return out.getvalue()


def said(data: bytes) -> tuple[int, str, str]:
    """Return what a PDF says of itself."""
    cleaned = clean(data, "report.pdf")
    return cleaned.pages, cleaned.title, cleaned.language


def test_a_title_with_a_number_after_a_dot_is_no_name_of_a_file() -> None:
    """As that of a decree; programs write the names of files as titles."""
    assert said(described_pdf(title="Decree No.2026"))[1] == "Decree No.2026"
    assert said(described_pdf(title="decree-final.docx"))[1] == ""
    assert said(described_pdf(title="talk.mp3"))[1] == ""


def test_a_pdf_says_its_pages_title_and_language() -> None:
    """The language as a tag; the cleaned file no longer has the title."""
    data = described_pdf(Lang=pikepdf.String("fr-fr"))

    assert said(data) == (2, "Ports in figures", "fr-FR")
    with pikepdf.open(BytesIO(clean(data, "a.pdf").data)) as pdf:
        assert [] == list(pdf.docinfo)


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - DRAFT Smith.doc", "minutes_v3.docx", "Untitled-1", "– 12 –", "x" * 201, ""],
)
def test_a_title_that_a_program_wrote_is_not_shown(title: str) -> None:
    """It may name what nobody was to know."""
    assert said(described_pdf(title=title))[1] == ""


def test_a_title_is_shown_if_the_document_wants_it() -> None:
    """Any other is metadata, which is removed."""
    assert said(described_pdf(is_shown=False))[1] == ""


@pytest.mark.parametrize(
    "root",
    [
        {"Pages": pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=[], Count=2**31)},
        {"Pages": pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=[], Count=-1)},
        {"Lang": pikepdf.String("Klingonese"), "ViewerPreferences": pikepdf.Array([])},
        {"Lang": pikepdf.Name.fr},
    ],
)
def test_a_pdf_that_says_nonsense_says_nothing(root: dict[str, Any]) -> None:
    """It is published nevertheless."""
    pages, _, language = said(described_pdf(**root))

    assert pages in {0, 2}
    assert (pages == 0) == ("Pages" in root)
    assert language == ""


def active_pdf(kind: str) -> bytes:
    """Return a PDF with this action, which contains SECRET, in every place that can have one."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    name, text = pikepdf.Name, SECRET.decode()
    target = {"/Launch": {"/F": text}, "/JavaScript": {"/JS": text}}.get(kind, {"/URI": text})
    if kind == "/javascript:":
        kind, target = "/URI", {"/URI": f"javascript:{text}"}

    def action(**more: object) -> pikepdf.Dictionary:
        following = {f"/{key}": value for key, value in more.items()}
        return pikepdf.Dictionary({"/S": name(kind), **target, **following})

    leads = pikepdf.Dictionary(
        S=name.URI, URI="https://example.org/", Next=pikepdf.Array([action(), action()])
    )
    link = {"/Type": name.Annot, "/Subtype": name.Link, "/Rect": [0, 0, 9, 9]}
    page.obj.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(link | {"/A": action(), "/AA": pikepdf.Dictionary(U=action())}),
            pdf.make_indirect(pikepdf.Dictionary(link | {"/A": leads, "/PA": action()})),
            pikepdf.Dictionary(link | {"/Type": name.StructElem, "/A": action()}),
        ]
    )
    page.obj.AA = pikepdf.Dictionary(O=pdf.make_indirect(action()))
    pdf.Root.OpenAction = action()
    pdf.Root.AA = pikepdf.Dictionary(WC=action())
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", action()]))
    )
    field = pikepdf.Dictionary(FT=name.Btn, T="button", A=action(Next=action()))
    pdf.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array([field]), XFA=pdf.make_stream(SECRET)
    )
    with pdf.open_outline() as outline:
        item = pikepdf.OutlineItem("Chapter")
        item.action = action()
        outline.root.append(item)
    pdf.Root.StructTreeRoot = pikepdf.Dictionary(
        K=pikepdf.Array([pikepdf.Dictionary(Type=name.StructElem, S=name.P, T="kept")])
    )
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "kind", ["/JavaScript", "/Launch", "/GoToR", "/SubmitForm", "/ImportData", "/javascript:"]
)
def test_a_pdf_loses_its_actions(kind: str) -> None:
    """Scripts and actions are removed; links, outlines and structure stay."""
    cleaned = clean(active_pdf(kind), "report.pdf")

    unpacked = BytesIO()
    with pikepdf.open(BytesIO(cleaned.data)) as pdf:
        pdf.save(
            unpacked,
            qdf=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
        links = [note.A.URI if "/A" in note else None for note in pdf.pages[0].obj.Annots]
        assert [None, "https://example.org/", None] == links
        assert ["Chapter"] == [item.title for item in pdf.open_outline().root]
        assert "kept" == pdf.Root.StructTreeRoot.K[0].T
        assert "button" == pdf.Root.AcroForm.Fields[0].T
    assert SECRET not in unpacked.getvalue()
    assert not re.search(rb"/(AA|JavaScript|JS|Launch|OpenAction|XFA)\b", unpacked.getvalue())


def test_equal_pdfs_saved_twice_have_one_address() -> None:
    """The time of saving does not matter."""
    assert clean(authored_pdf(), "a.pdf").data == clean(authored_pdf(), "a.pdf").data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_cleaning_is_reproducible(kind: str) -> None:
    """It depends on no time and no place, and cleaning twice changes nothing."""
    first = clean(with_secrets(kind, 6), "a.jpg")

    assert first == clean(with_secrets(kind, 6), "a.jpg")
    assert first == clean(first.data, "a.jpg")


@pytest.mark.parametrize(
    ("name", "data", "expected", "media_type"),
    [
        ("Übersicht 2008.JPEG", saved(picture(), "PNG"), "ubersicht-2008.png", "image/png"),
        ("C:\\Fotos\\x.exe", saved(picture(), "GIF"), "x.gif", "image/gif"),
        ("تقرير.pdf", authored_pdf(), "tqryr.pdf", "application/pdf"),
        ("a.b.mp3", b"ID3\x04sound", "a-b.mp3", "audio/mpeg"),
        ("a.mp4", b"\0\0\0\x18ftypisom", "a.mp4", "video/mp4"),
        ("a.csv", "Œ;1".encode("cp1252"), "a.csv", "text/csv"),
        ("a.zip", b"PK\x03\x04", "a.zip", "application/zip"),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "a.ics", "text/calendar"),
    ],
)
def test_the_type_of_a_file_follows_its_content(
    name: str, data: bytes, expected: str, media_type: str
) -> None:
    """Its name gives the words, the content the extension and the media type."""
    cleaned = clean(data, name)

    assert expected == cleaned.name
    assert media_type == cleaned.media_type


def test_an_attachment_keeps_its_bytes() -> None:
    """Other files than pictures and PDFs are published unchanged."""
    assert b"PK\x03\x04abc" == clean(b"PK\x03\x04abc", "a.docx").data


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.html", b"<script>alert(1)</script>", "media-unknown-type"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media-unknown-type"),
        ("a.js", b"alert(1)", "media-unknown-type"),
        ("a.exe", b"MZ\x90\0", "media-unknown-type"),
        ("a", b"MZ\x90\0", "media-unknown-type"),
        ("a.heic", b"\0\0\0\x18ftypheic", "media-unknown-type"),
        ("a.jpeg", b"MZ\x90\0", "media-not-what-its-name-says"),
        ("a.jpg", b"<script>alert(1)</script>", "media-not-what-its-name-says"),
        ("a.txt", b"MZ\x90\0", "media-not-what-its-name-says"),
        ("a.docx", b"\xd0\xcf\x11\xe0", "media-not-what-its-name-says"),
        ("a.pdf", b"", "media-broken"),
        ("a.pdf", b"%PDF-1.7\nno more", "media-broken"),
        ("a.pdf", authored_pdf(encryption=pikepdf.Encryption(owner="x", user="y")), "media-locked"),
        ("a.pdf", authored_pdf(encryption=pikepdf.Encryption(owner="x")), "media-locked"),
        ("a.txt", b"a" * (MAX_SIZE + 1), "media-too-large"),
    ],
)
def test_dangerous_files_are_refused(name: str, data: bytes, code: str) -> None:
    """Programs, pages, unknown, damaged and encrypted files are refused with a reason."""
    assert code == code_of(data, name)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_an_incomplete_picture_is_refused(kind: str) -> None:
    """An unfinished copy is not published."""
    data = saved(Image.effect_noise((60, 60), 50).convert("RGB"), kind)

    assert "media-broken" == code_of(data[: len(data) // 2], "a.jpg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_damaged_picture_is_refused_or_valid(kind: str) -> None:
    """A published picture opens in every program."""
    whole = with_secrets(kind, 1) if kind != "GIF" else saved(picture(), kind)
    for place in range(8, 60):
        data = bytearray(whole)
        data[place] ^= 0xFF
        try:
            cleaned = clean(bytes(data), "a.jpg")
        except MediaError:
            code_of(bytes(data), "a.jpg")
            continue
        shown = opened(cleaned)
        shown.load()

        assert (cleaned.width, cleaned.height) == shown.size, place
        assert cleaned.media_type == Image.MIME[str(shown.format)], place
        assert SECRET not in cleaned.data, place


def test_a_decompression_bomb_is_refused_unopened() -> None:
    """The declared size is checked before decoding."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    bomb += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT\x35\xaf\x06\x1e"

    assert "media-too-many-pixels" == code_of(bomb, "a.png")


def test_the_address_depends_on_the_content() -> None:
    """Equal bytes have one address, different bytes different ones."""
    cleaned = Cleaned(data=b"x", media_type="text/plain", name="note.txt")

    assert "media/2d711642b726b044-note.txt" == published_path(cleaned)


def test_the_type_of_a_remote_file_follows_its_name() -> None:
    """It is not fetched; an unknown extension has no type."""
    assert media_type_of("Report.PDF") == "application/pdf"
    assert media_type_of("photo.jpeg") == "image/jpeg"
    assert media_type_of("download") == "application/octet-stream"
