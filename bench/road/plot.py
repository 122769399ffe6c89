"""Seconds by size of each way -> an SVG of lines over logarithmic axes, as plain text that any page shows."""

import math
from collections.abc import Callable, Mapping, Sequence

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 96, 44, 48
_COLOURS = ("#1b6ca8", "#8a8a8a", "#c4501b")
_TEXT = 'font-family="sans-serif" font-size="12" fill="#444"'


def drawn(sizes: Sequence[int], seconds: Mapping[str, Sequence[float]]) -> str:
    """Return the picture; a way that did not get to a size, 0 seconds, has no point there."""
    reached = [value for taken in seconds.values() for value in taken if value > 0] or [1]
    across = _scale(sizes[0], sizes[-1], _LEFT, _WIDTH - _RIGHT)
    down = _scale(min(reached), max(reached), _HEIGHT - _BOTTOM, _TOP)
    parts = [_text(_LEFT, 20, "Seconds from files to verdict, over keys; both axes are logarithmic")]
    for size in sizes:
        parts += [_line(across(size), _TOP, across(size), _HEIGHT - _BOTTOM)]
        parts += [_text(across(size), _HEIGHT - _BOTTOM + 20, f"{size:,}", "middle")]
    for tick in _ticks(min(reached), max(reached)):
        parts += [_line(_LEFT, down(tick), _WIDTH - _RIGHT, down(tick))]
        parts += [_text(_LEFT - 8, down(tick) + 4, f"{tick:g} s", "end")]
    for (way, taken), colour in zip(seconds.items(), _COLOURS, strict=False):
        points = [(across(size), down(value)) for size, value in zip(sizes, taken, strict=True) if value > 0]
        parts += _way(way, points, colour)
    inside = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">\n{inside}\n</svg>\n'


def _scale(least: float, most: float, start: float, end: float) -> Callable[[float], float]:
    """Where a value stands between two places, by its logarithm."""
    span = math.log(most / least) or 1
    return lambda value: start + (end - start) * math.log(value / least) / span


def _ticks(least: float, most: float) -> list[float]:
    """1, 2 and 5 of every power of ten that lie between."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    return [tick for power in powers for step in (1, 2, 5) if least <= (tick := step * 10.0**power) <= most]


def _way(name: str, points: Sequence[tuple[float, float]], colour: str) -> list[str]:
    if not points:
        return []
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    circles = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    x, y = points[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *circles,
        _text(x + 8, y + 4, name),
    ]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#e4e4e4"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_TEXT}>{text}</text>'
