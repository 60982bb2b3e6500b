"""What is left of a PDF when all that tells of its making is dropped?

Document information, XMP, programs' private notes and thumbnails go (ISO 32000-1, sections
14.3, 14.5, 12.3.4), and the same from the photographs inside. What the text says stays.
"""

from __future__ import annotations

from io import BytesIO

import pikepdf

from dateline.errors import MediaError
from dateline.strip import jpeg as strip_jpeg


def strip(data: bytes, name: str) -> bytes:
    """Rewrite the PDF called `name` without what tells of its making.

    What only an older revision holds goes, too. Raises `MediaError` for a broken or locked file.
    """
    out = BytesIO()
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            _check_open(pdf, name)
            _strip_objects(pdf)
            pdf.save(out, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise MediaError("media-locked", found=name) from error
    except MediaError:
        raise
    except Exception as error:  # on damaged bytes a decoder raises anything at all
        raise MediaError("media-broken", found=name) from error
    return out.getvalue()


def _check_open(pdf: pikepdf.Pdf, name: str) -> None:
    if pdf.is_encrypted:
        raise MediaError("media-locked", found=name)


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
        if isinstance(part, pikepdf.Stream):
            _strip_stream(part)


def _strip_stream(stream: pikepdf.Stream) -> None:
    coded = stream.get("/Filter")
    if stream.get("/Type") == "/Metadata":
        stream.write(b"")
    elif coded == "/DCTDecode" or coded == pikepdf.Array([pikepdf.Name.DCTDecode]):
        parameters = stream.get("/DecodeParms")
        stream.write(strip_jpeg(stream.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
        stream["/Filter"] = coded
        if parameters is not None:
            stream["/DecodeParms"] = parameters
