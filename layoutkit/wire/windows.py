"""The geometry of a custom layout and of watermarks, in either dialect."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layoutkit.geometry.coverage import hidden_share, uncovered_share
from layoutkit.geometry.rect import Rect, Size
from layoutkit.wire.dialect import Dialect
from layoutkit.wire.rules import Finding, Path, brief

HIDDEN_FROM = 0.5
"""A picture in picture hides part of what is behind it; from half on it is worth a word."""

UNCOVERED_FROM = 0.25

Windows = Sequence[tuple[int, Mapping[str, Any]]]


def number(data: Mapping[str, Any], name: str, default: int = 0) -> int | None:
    """An integer field; None where it is no integer."""
    value = data.get(name, default)
    return value if type(value) is int else None


def rect_of(data: Mapping[str, Any], names: tuple[str, str, str, str]) -> Rect | None:
    """A place that can be reckoned with; None where the fields are not integers of 0 and more."""
    values = [number(data, name) for name in names]
    if any(value is None or not 0 <= value < 2**31 for value in values):
        return None
    x, y, width, height = (value or 0 for value in values)
    return Rect(x, y, width, height)


def outside(
    data: Mapping[str, Any], names: tuple[str, str, str, str], canvas: Size, path: Path, rule: str
) -> Iterator[Finding]:
    """Where a place leaves the canvas on the right or the bottom; the ranges see to left and top."""
    for start, length, side, word in (
        (names[0], names[2], canvas.width, "width"),
        (names[1], names[3], canvas.height, "height"),
    ):
        at, size = number(data, start), number(data, length)
        if at is not None and size is not None and at + size > side:
            yield Finding(
                (*path, start if start in data else length),
                rule,
                f"{start} {brief(at)} + {length} {brief(size)} = {brief(at + size)} "
                f"exceeds the canvas {word} {side}",
            )


def window_problems(windows: Windows, path: Path, canvas: Size | None, dialect: Dialect) -> Iterator[Finding]:
    """Windows outside, empty, odd, hidden or overlapping, and canvas left free.

    Only as many windows as the service takes are compared with each other.
    """
    names = (dialect.x, dialect.y, dialect.width, dialect.height)
    placed: list[tuple[int, int, Rect]] = []
    for index, window in windows[: dialect.max_windows]:
        here = (*path, index)
        if canvas is not None:
            yield from outside(window, names, canvas, here, "window-outside")
        rect = rect_of(window, names)
        if rect is None:
            continue
        if rect.is_empty:
            yield Finding(here, "zero-size", f"the window is {rect.size}: it has no pixels")
            continue
        odd = [name for name in names if (number(window, name) or 0) % 2]
        if odd:
            values = ", ".join(f"{name} {window[name]}" for name in odd)
            yield Finding((*here, odd[0]), "odd-geometry", f"{values}: odd, which 4:2:0 video cannot place")
        placed.append((number(window, dialect.z_order) or 0, index, rect))
    placed.sort(key=lambda one: one[:2])
    for at, (z_order, index, rect) in enumerate(placed):
        above = placed[at + 1 :]
        for other_z, other, other_rect in above:
            if other_z == z_order and rect.overlaps(other_rect):
                yield Finding(
                    (*path, other),
                    "same-layer-overlap",
                    f"overlaps window [{index}] on the same layer, {dialect.z_order} {brief(z_order)}",
                )
        hidden = hidden_share(rect, [one for _, _, one in above])
        if hidden >= HIDDEN_FROM:
            share = "wholly" if hidden == 1 else f"to {int(hidden * 100)}%"
            yield Finding((*path, index), "window-hidden", f"hidden {share} by the windows above it")
    if canvas is not None and canvas.area > 0 and placed:
        free = uncovered_share(canvas, [rect for _, _, rect in placed])
        if free >= UNCOVERED_FROM:
            yield Finding(path, "uncovered", f"no window covers {int(free * 100)}% of the canvas")


def watermark_problems(
    mark: Mapping[str, Any],
    names: tuple[str, str, str, str],
    path: Path,
    canvas: Size | None,
    windows: Windows,
    dialect: Dialect,
) -> Iterator[Finding]:
    """A watermark outside the canvas, or over the middle of a window."""
    if canvas is not None:
        yield from outside(mark, names, canvas, path, "watermark-outside")
    place = rect_of(mark, names)
    if place is None:
        return
    for index, window in windows[: dialect.max_windows]:
        rect = rect_of(window, (dialect.x, dialect.y, dialect.width, dialect.height))
        if rect is None or rect.is_empty:
            continue
        x, y = rect.x + rect.width // 2, rect.y + rect.height // 2
        if place.x <= x < place.right and place.y <= y < place.bottom:
            yield Finding(path, "watermark-over-center", f"lies over the centre of window [{index}]")
