"""A plot of costs over sizes, with two logarithmic axes, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 440, 300  # of a panel
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 36, 100, 40
_COLOURS = ("#b2182b", "#2166ac", "#67a9cf", "#1b7837", "#762a83", "#b35806", "#555555")
_ROOM = 13  # between two labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One plot: seconds over sizes, with a line for each name."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def plot(panels: Sequence[Panel]) -> str:
    """Return an SVG document with these panels side by side; a name has the same colour in all."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    colours = {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(names)}
    width = _WIDTH * len(panels)
    drawn = "\n".join(
        f'<g transform="translate({_WIDTH * n} 0)">\n' + "\n".join(_draw(panel, colours)) + "\n</g>"
        for n, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{_HEIGHT}" fill="white"/>\n{drawn}\n</svg>\n'
    )


def _draw(panel: Panel, colours: Mapping[str, str]) -> Iterator[str]:
    points = [point for line in panel.lines.values() for point in line]
    yield f'<text x="{_LEFT}" y="20" font-weight="bold">{panel.title}</text>'
    if not points:
        return
    across = _Scale([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    up = _Scale([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    yield from _axes(across, up)
    ends = []
    for name, line in panel.lines.items():
        placed = [(across.at(x), up.at(y)) for x, y in sorted(line)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        yield f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="2"/>'
        yield from (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colours[name]}"/>' for x, y in placed
        )
        ends += [(placed[-1][1], placed[-1][0], name)]
    last = 0.0
    for y, x, name in sorted(ends):
        last = max(y + 4, last + _ROOM)
        yield f'<text x="{x + 7:.1f}" y="{last:.1f}" fill="{colours[name]}">{name}</text>'


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    for value, x in across.marks():
        yield f'<line x1="{x:.1f}" y1="{up.start}" x2="{x:.1f}" y2="{up.stop}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{up.start + 16}" text-anchor="middle">{value:,.0f}</text>'
    for value, y in up.marks():
        yield (
            f'<line x1="{across.start}" y1="{y:.1f}" x2="{across.stop}" y2="{y:.1f}" '
            'stroke="#ddd"/>'
        )
        yield f'<text x="{across.start - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g} s</text>'
    middle = (across.start + across.stop) / 2
    yield f'<text x="{middle:.1f}" y="{up.start + 34}" text-anchor="middle">entries</text>'


class _Scale:
    """Powers of ten around some values, from `start` to `stop` in pixels."""

    def __init__(self, values: Sequence[float], start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self._least = math.floor(math.log10(min(values)) + 1e-9)
        self._most = max(math.ceil(math.log10(max(values)) - 1e-9), self._least + 1)

    def at(self, value: float) -> float:
        part = (math.log10(value) - self._least) / (self._most - self._least)
        return self.start + part * (self.stop - self.start)

    def marks(self) -> Iterator[tuple[float, float]]:
        for power in range(self._least, self._most + 1):
            yield 10.0**power, self.at(10.0**power)
