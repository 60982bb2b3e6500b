"""Request header fields are parsed according to RFC 9110."""

from __future__ import annotations

import pytest

from dateline.serve.cache.conditional import coding_of, has, part_of


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-4", range(5)),
        ("bytes=5-", range(5, 10)),
        ("bytes=5-9", range(5, 10)),
        ("bytes=5-10", range(5, 10)),
        ("bytes=5-99999", range(5, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("bytes=0-0", range(1)),
        ("bytes=4-3", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=-", None),
    ],
)
def test_a_range_ends_with_the_file(wanted: str, part: range | None) -> None:
    """A last byte beyond the end means the end (section 14.1.2)."""
    assert part_of(wanted, 10) == part


def test_a_range_beyond_the_end_is_refused() -> None:
    """With 416."""
    assert part_of("bytes=10-", 10) == range(10, 10)


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (None, ""),
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate", ""),
    ],
)
def test_the_preferred_or_the_smallest_coding_is_sent(accept: str | None, coding: str) -> None:
    """Only one that the request accepts (section 12.5.3)."""
    assert coding_of(accept, {"gzip": 60, "br": 50}) == coding


@pytest.mark.parametrize(
    ("tags", "is_known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"a-gzip"', True),
        ('"a;br"', True),
        ("*", True),
        ('"ab"', False),
        ("a", False),
        ("", False),
    ],
)
def test_a_validator_changed_by_a_proxy_is_recognised(tags: str, *, is_known: bool) -> None:
    """Weak comparison (section 13.1.2), and suffixes that proxies add when they compress."""
    assert has(tags, '"a"') == is_known
