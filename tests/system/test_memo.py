"""Results for short inputs are cached."""

from __future__ import annotations

from collections import OrderedDict

from dateline.system.memo import get_or_create, memoised
from support.samples import documents, sample_entry, sample_entry_plain


def test_only_short_inputs_are_cached() -> None:
    """A few long texts would fill the memory."""
    asked = []

    @memoised(len)
    def shout(text: str) -> str:
        asked.append(len(text))
        return text.upper()

    for _ in range(2):
        assert [shout("a"), shout("b" * 20_000)] == ["A", "B" * 20_000]
    assert asked == [1, 20_000, 20_000]


def test_more_results_are_kept_of_shorter_inputs() -> None:
    """A result that recurs after a thousand others is kept, unless its input is rather long."""
    asked = []

    @memoised(len, most=2_000)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    long = [f"{number:06000}" for number in range(600)]
    for text in [*map(str, range(1_500)), *long]:
        shout(text)
    asked.clear()
    assert [shout("0"), shout(long[-1]), shout(long[0])] == ["0", long[-1], long[0]]

    assert asked == [long[0]]


def test_an_entry_in_several_feeds_is_cached_for_all() -> None:
    """Each feed gets the cached results, and earlier feeds stay as they were."""
    both = {form: one.data for form, one in documents(sample_entry(), sample_entry_plain()).items()}
    alone = {form: one.data for form, one in documents(sample_entry()).items()}

    assert {form: one.data for form, one in documents(sample_entry()).items()} == alone
    again = documents(sample_entry(), sample_entry_plain())
    assert {form: one.data for form, one in again.items()} == both
    turned = documents(sample_entry_plain(), sample_entry())["rss"].data
    assert turned.count(b"<item>") == both["rss"].count(b"<item>") == 2


def test_the_cache_keeps_the_latest_results() -> None:
    """A result is computed again only after many others."""
    asked: list[int] = []
    known: OrderedDict[int, str] = OrderedDict()

    def numeral(number: int) -> str:
        return get_or_create(known, number, lambda: asked.append(number) or str(number))  # type: ignore[func-returns-value]

    assert [numeral(0), numeral(1), numeral(0)] == ["0", "1", "0"]
    for number in (*range(2, 512), 0, 512):
        numeral(number)
    numeral(0)
    numeral(1)

    assert asked == [*range(513), 1]
