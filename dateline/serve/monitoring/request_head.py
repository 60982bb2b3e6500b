"""Heads of requests to Python's own servers, read in time that grows with their length.

`http.server` gives a head to a parser of mail, which looks for the boundary of a multipart body
right away, in time that grows with the square of the field (`_parseparam` of `email.message`). The
body is not in the head, so no boundary is needed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage, LineTooLong
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from typing import TypeVar

LONGEST_HEAD = 65_536  # bytes, with the first line: twice what nginx passes on
_T = TypeVar("_T")


class RequestFields(HTTPMessage):
    """The fields of a request, without a look at what they say of a body."""

    def get_boundary(self, failobj: _T | None = None) -> str | _T | None:  # type: ignore[override]  # typeshed has two overloads of it
        """Return no boundary."""
        return failobj


class BoundedHead(BaseHTTPRequestHandler):
    """Reads the head of a request, up to `LONGEST_HEAD` bytes; a longer one is refused with 431."""

    MessageClass = RequestFields
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Return whether the head is one that can be answered."""
        with self._bounded():
            return super().parse_request()

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        whole = self.rfile
        self.rfile = _Head(whole, LONGEST_HEAD - len(self.raw_requestline))
        try:
            yield
        finally:
            self.rfile = whole


class _Head(BufferedIOBase):
    """The lines of a head, of which so many bytes are read."""

    def __init__(self, whole: BufferedIOBase, most: int) -> None:
        self._whole = whole
        self._left = most

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line. Raises `LineTooLong` where the head is too long."""
        line = self._whole.readline(-1 if size is None else min(size, max(self._left, 0) + 1))
        self._left -= len(line)
        if self._left < 0:
            raise LineTooLong("head")
        return line
