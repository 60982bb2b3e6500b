"""Every reader can follow the addresses."""

from __future__ import annotations

from time import process_time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.text.urls import AddressFault, fault_of, slugify, web_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a/b.html", "https://example.org/a/b.html"),
        ("HTTPS://Example.ORG/A", "https://example.org/A"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        (" https://example.org/a ", "https://example.org/a"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/é?ü=ö#ä", "https://example.org/%C3%A9?%C3%BC=%C3%B6"),
        ("https://example.org/a%20b%zz", "https://example.org/a%20b%25zz"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp/"),
        ("https://www.%C3%B6sterreich.at/%C3%B6", "https://www.xn--sterreich-z7a.at/%C3%B6"),
        ("https://%C3%96sterreich.AT:80/", "https://xn--sterreich-z7a.at:80/"),
        ("https://[2001:db8::1]:80/a", "https://[2001:db8::1]:80/a"),
        ("https://example.org/?utm_source=x&a=1&utm_medium=y", "https://example.org/?a=1"),
        ("https://example.org/?utm_source=x", "https://example.org/"),
        ("https://example.org/?q=%E9&utm_source=x", "https://example.org/?q=%E9"),
        ("https://example.org/?flag&utm_source=x&a%20b=/", "https://example.org/?flag&a%20b=/"),
        ("https://example.org/?utm_id&a=b+c;utm_d&&e=:", "https://example.org/?a=b+c;utm_d&&e=:"),
        ("https://example.org/.well-known/x", "https://example.org/.well-known/x"),
        ("//example.com/a", None),
        ("a/b", None),
        ("www.example.org", None),
        ("", None),
        ("https://", None),
        ("https:///a", None),
        ("https://user:pass@example.org/", None),
        ("https://example.org:99999/", None),
        ("https://example.org:x/", None),
        ("https://[::1/", None),
        ("https://a b.example/", None),
        ("https://exa<mple.org/", None),
        ("javascript:alert(1)", None),
        ("ftp://example.org/", None),
        ("file:///etc/passwd", None),
        ("mailto:a@example.org", None),
        ("https://a..b/", None),
        ("https://example.org%2Fa.net/", None),
        ("https://example.org%40a.net/", None),
        ("https://example.org%3A80/", None),
        ("https://%3A%3A1/", None),
        ("https://example.org%3Fa.net/", None),
        ("https://example.org%23a.net/", None),
        ("https://example.org%5Ca.net/", None),
        ("https://example.org%00/", None),
        ("https://example.org%0A/", None),
        ("https://exa%20mple.org/", None),
        ("https://exa%2561mple.org/", None),
        ("https://example.org%EF%BC%8Fa.net/", None),
        ("https://example.org%E2%84%80a.net/", None),
        ("https://%FF.org/", None),
        ("https://" + "a" * 64 + ".org/", None),
    ],
)
def test_a_web_address_is_ascii_and_absolute(text: str, address: str | None) -> None:
    """Another scheme, a missing host, an invalid port or a password makes it invalid."""
    assert web_address(text) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("b.html", "https://example.org/a/b.html"),
        ("/b.html", "https://example.org/b.html"),
        ("../b", "https://example.org/b"),
        ("//example.com/b", "https://example.com/b"),
        ("?q=1", "https://example.org/a/?q=1"),
        ("https://example.com/b", "https://example.com/b"),
    ],
)
def test_a_reference_is_resolved_against_its_base(text: str, address: str) -> None:
    """As in a browser (RFC 3986, section 5)."""
    assert web_address(text, "https://example.org/a/") == address


def test_a_fragment_is_kept_on_request() -> None:
    """A link in a text may have one, an entry's own address may not."""
    assert web_address("https://example.org/a#é", fragment=True) == "https://example.org/a#%C3%A9"


ODD = st.one_of(
    st.text(max_size=30),
    st.text(max_size=12).map(lambda text: f"https://example.org/{text}"),
    st.text(max_size=12).map(lambda text: f"https://{text}.example.org/a"),
    st.from_regex(
        r"https?://([a-zé.-]|%[0-9a-fA-F]{2}|%C3%A9){1,12}(:\d{1,6})?/[a-z/.%~-]{0,12}",
        fullmatch=True,
    ),
)


@given(ODD)
def test_normalising_an_address_is_idempotent(text: str) -> None:
    """The result is ASCII, and has a host and a path."""
    address = web_address(text)
    if address is None:
        return

    assert web_address(address) == address
    assert address.isascii()
    assert urlsplit(address).hostname
    assert urlsplit(address).path.startswith("/")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Report on Lebanon", "report-on-lebanon"),
        ("L’ONUDC lance une boîte à outils", "l-onudc-lance-une-boite-a-outils"),
        ("联合国", "lianheguo"),
        ("…", "entry"),
        ("", "entry"),
        ("x" * 80, "x" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_a_slug_is_ascii_words(text: str, slug: str) -> None:
    """It has whole words and at most 60 characters, and is never empty."""
    assert slugify(text) == slug


@pytest.mark.parametrize(
    "host",
    ["a" + "\u0315\u0300" * 100_000, "a" * 400_000, "ä." * 100_000, "%CC%95%CC%80" * 100_000],
)
def test_a_host_that_is_longer_than_any_takes_no_time(host: str) -> None:
    """Rows of marks in a host took the square of their number to be read."""
    begun = process_time()

    found = web_address(f"https://{host}/a.jpg"), fault_of(f"https://{host}/a.jpg")

    assert (found, process_time() - begun < 2) == ((None, AddressFault.HOST), True)
