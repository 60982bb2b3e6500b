"""Languages are recognised by tag, and by name in six languages."""

from __future__ import annotations

import pytest

from dateline.text.language import direction, matches, near_language, tag_of


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("en", "en"),
        ("EN", "en"),
        (" fr ", "fr"),
        ("English", "en"),
        ("anglais", "en"),
        ("Français", "fr"),
        ("Franc\u0327ais", "fr"),
        ("العربية", "ar"),
        ("русский", "ru"),
        ("中文", "zh"),
        ("Deutsch", "de"),
        ("en_GB", "en-GB"),
        ("en-uk", "en-GB"),
        ("zh-hant", "zh-Hant"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sr-latn-rs", "sr-Latn-RS"),
        ("eng", "en"),
        ("fre", "fr"),
        ("gsw", "gsw"),
        ("Traditional Chinese", "zh-Hant"),
        ("xx", None),
        ("gb", None),
        ("Klingon", None),
        ("", None),
        ("en-", None),
        ("e", None),
        ("english (uk)", None),
        ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
        # Feeds may select by each beginning of a tag: all of them are stored.
        (f"fr{'-abcdefgh' * 4}", None),
    ],
)
def test_a_tag_is_canonical(text: str, tag: str | None) -> None:
    """BCP 47 in its usual letter case, or None if the language is unknown."""
    assert tag_of(text) == tag


@pytest.mark.parametrize(
    ("text", "name"),
    [("Englsh", "English"), ("francais", "Français"), ("Arabisch", "Arabic"), ("Klingon", "")],
)
def test_a_misspelt_language_has_a_suggestion(text: str, name: str) -> None:
    """It is the nearest name, or None."""
    assert near_language(text) == name


@pytest.mark.parametrize(
    ("tag", "way"),
    [("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("az-Arab", "rtl"), ("ar-Latn", "ltr")]
    + [(tag, "rtl") for tag in ("prs", "pnb", "skr", "syr", "azb", "ks", "arz", "ug-CN")],
)
def test_a_language_has_a_direction(tag: str, way: str) -> None:
    """A script in the tag decides."""
    assert direction(tag) == way


@pytest.mark.parametrize(
    ("tag", "wanted", "fits"),
    [("zh-Hant", "zh", True), ("zh", "zh", True), ("zh", "zh-Hant", False), ("en", "e", False)],
)
def test_a_variety_of_a_language_matches_that_language(tag: str, wanted: str, fits: bool) -> None:  # noqa: FBT001
    """Whole subtags are compared (RFC 4647, section 3.3.1)."""
    assert matches(tag, wanted) is fits
