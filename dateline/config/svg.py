"""Checks that an SVG only draws, and measures it (SVG 1.1, second edition; SVG 2).

In a page it is an `<img>`, in which no script runs; at its own address it is a document. So an SVG
that can do more than draw is refused, and what draws nothing is dropped: comments, and the notes
of drawing programs, which may hold file names and authors.

No library does this as well: nh3 parses and writes HTML and checks no `url()` in CSS, defusedxml
guards the parser alone. A `Content-Security-Policy` would depend on the server in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.text.expressions import regex

MEDIA_TYPE = "image/svg+xml"

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_DRAWING = regex(
    "svg|g|defs|symbol|use|switch|title|desc|style|path|rect|circle|ellipse|line|polyline|polygon|"
    "text|tspan|textPath|image|clipPath|mask|marker|pattern|linearGradient|radialGradient|stop|"
    "filter|fe[A-Z][A-Za-z]*"
)
_METADATA = frozenset({f"{{{_SVG}}}metadata"})
_KEPT = frozenset({f"{{{_XML}}}space", f"{{{_XML}}}lang"})
_LINKS = frozenset({"href", f"{{{_XLINK}}}href"})
# References within the file: to one of its parts, a bitmap, a font.
_DATA = r"data:(?:image/(?:png|jpe?g|gif|webp)|font/[\w-]+|application/(?:x-)?font-[\w-]+)[;,]"
_WITHIN = regex(rf"\s*(?:#|{_DATA})", re.IGNORECASE)
_WITHIN_STYLE = regex(
    rf"""url\(\s*(?:(['"])(?:\#|{_DATA})[^'"\\]*\1|(?:\#|{_DATA})[^'"\\()\s]*)\s*\)""",
    re.IGNORECASE,
)
# What loads anything in CSS, or can hide it behind an escape.
_LOADS = regex(r"url\(|image\(|image-set\(|src\(|@import|javascript:|\\", re.IGNORECASE)
_PIXELS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 9.6 / 2.54}
_LENGTH = regex(r"\s*\+?([0-9.]+(?:e[+-]?[0-9]+)?)(px|pt|pc|in|cm|mm)?\s*", re.IGNORECASE)
_LARGEST = 100_000.0  # pixels
_PLAIN = 'Save it as "plain SVG", or as a PNG.'


def drawing(data: bytes) -> tuple[bytes, int, int]:
    """Return a cleaned SVG, and its width and height in pixels.

    Raises `ValueError` for a file that is no SVG or does more than draw; the message is a sentence
    that begins after the file's name and says what to do.
    """
    root = _root(data)
    etree.strip_tags(root, etree.Comment, etree.PI)
    foreign = [one for one in root.iter(etree.Element) if not one.tag.startswith(f"{{{_SVG}}}")]
    for element in foreign:
        if not element.tag.startswith("{") or element.tag.startswith(f"{{{_XHTML}}}"):
            raise _refused(element)
    etree.strip_elements(root, *{one.tag for one in foreign}, *_METADATA, with_tail=False)
    for element in root.iter(etree.Element):
        _check(element)
    width, height = _size(root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False), width, height


def _root(data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise ValueError(
            f"is no SVG that can be read: its line {line} is broken. {_PLAIN}"
        ) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError(f'is no SVG: it must begin with <svg xmlns="{_SVG}">.')
    tree = root.getroottree()
    declared = tree.docinfo.internalDTD
    has_entities = declared is not None and any(True for _ in declared.iterentities())
    if has_entities or any(True for _ in root.iter(etree.Entity)):
        raise ValueError(f"has entities (<!ENTITY …>), which can hide anything. {_PLAIN}")
    if tree.xpath("//processing-instruction('xml-stylesheet')"):
        raise ValueError(f"has a style sheet of its own elsewhere (<?xml-stylesheet?>). {_PLAIN}")
    return root


def _check(element: Any) -> None:
    """Refuse an element that does more than draw; drop attributes of drawing programs."""
    if not _DRAWING.fullmatch(etree.QName(element).localname):
        raise _refused(element)
    line = element.sourceline
    for name, value in element.attrib.items():
        local = name.rpartition("}")[2].lower()
        if local.startswith("on"):
            raise ValueError(
                f'has a script at line {line} ({local}="…"): it may only draw. {_PLAIN}'
            )
        if name in _LINKS:
            loaded = "" if _WITHIN.match(value) else value
        elif "}" in name and name not in _KEPT:
            if name == f"{{{_XML}}}base":
                raise _loading(line, value)
            del element.attrib[name]
            continue
        else:
            loaded = _loaded(value)
        if loaded:
            raise _loading(line, loaded)
    if etree.QName(element).localname == "style" and (loaded := _loaded(element.text or "")):
        raise _loading(line, loaded)


def _loaded(style: str) -> str:
    """Return the part of a style or an attribute that loads something else, or an empty text."""
    found = _LOADS.search(outside := _WITHIN_STYLE.sub("", style))
    return outside[found.start() :] if found else ""


def _refused(element: Any) -> ValueError:
    name = etree.QName(element).localname
    return ValueError(f"has <{name}> at line {element.sourceline}: it may only draw. {_PLAIN}")


def _loading(line: int, reference: str) -> ValueError:
    return ValueError(
        f"asks for something outside itself at line {line} ({reference.strip()[:40]}): all must "
        f"be in it. {_PLAIN}"
    )


# ---- Size


def _size(root: Any) -> tuple[int, int]:
    """Return width and height in pixels.

    A drawing without a `viewBox` gets one: browsers scale no other.
    """
    box = _box(root.get("viewBox", ""))
    width, height = _pixels(root.get("width", "")), _pixels(root.get("height", ""))
    if width and height and not box:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    elif box:
        ratio = box[0] / box[1]
        if width and not height:
            height = width / ratio
        elif height and not width:
            width = height * ratio
        elif not width:
            width, height = box
    if not width or not height:
        raise ValueError('does not say how large it is: <svg> needs viewBox="0 0 WIDTH HEIGHT".')
    return max(1, round(width)), max(1, round(height))


def _box(text: str) -> tuple[float, float] | None:
    numbers = list(_numbers(text.replace(",", " ").split()))
    if len(numbers) != 4 or not all(0 < side <= _LARGEST for side in numbers[2:]):  # noqa: PLR2004
        return None
    return numbers[2], numbers[3]


def _numbers(words: list[str]) -> Iterator[float]:
    for word in words:
        try:
            number = float(word)
        except ValueError:
            return
        if isfinite(number):
            yield number


def _pixels(text: str) -> float:
    """Return an absolute length in pixels, or 0."""
    found = _LENGTH.fullmatch(text)
    numbers = list(_numbers([found[1]])) if found else []
    if not found or not numbers:
        return 0.0
    length = numbers[0] * _PIXELS[(found[2] or "").lower()]
    return length if length <= _LARGEST else 0.0
