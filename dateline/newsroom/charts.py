"""How do numbers become bars that need no colour to be read?

All charts lie: a name, a bar, a number in each row, so that they fit a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_LEFT, _RIGHT, _WIDTH = 96, 236, 360  # where bars begin, end at most, and the chart ends
_ROW, _BAR = 24, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its name; `part` of it, where that says something, is hatched.

    `day` is the one that the name names, where it is of a day.
    """

    name: str
    value: int
    part: int = 0
    note: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a chart, in units of the picture."""

    figure: Figure
    top: int
    middle: int
    length: int
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: the bars begin at `left`, their numbers at `after`."""

    bars: tuple[Bar, ...]
    height: int
    width: int = _WIDTH
    left: int = _LEFT
    after: int = _RIGHT + 6
    thick: int = _BAR


def chart(figures: Sequence[Figure]) -> Chart:
    """Give the chart of some figures; the greatest has the longest bar."""
    greatest = max((figure.value for figure in figures), default=0) or 1
    longest = _RIGHT - _LEFT
    bars = tuple(
        Bar(
            figure=figure,
            top=number * _ROW + (_ROW - _BAR) // 2,
            middle=number * _ROW + _ROW // 2,
            length=round(longest * figure.value / greatest),
            part=round(longest * figure.part / greatest),
        )
        for number, figure in enumerate(figures)
    )
    return Chart(bars=bars, height=max(1, len(bars)) * _ROW)
