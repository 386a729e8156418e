"""Where in a rectangle there is room that others leave free."""

from collections.abc import Iterable, Sequence

from layoutkit.geometry.rect import Rect

MAX_ABOVE = 32
"""Rectangles looked at: their edges are tried in pairs, and a published picture has 16 windows."""


def freest(rect: Rect, above: Sequence[Rect], *, aspect: tuple[int, int]) -> Rect:
    """The part of `rect` free of `above` in which the largest box of an aspect ratio fits.

    Args:
        aspect: width and height of such a box, to scale.

    Returns:
        the part; `rect` where nothing is above it, all of it is covered, or more than `MAX_ABOVE` cover it.
    """
    over = [cover for each in above if not (cover := rect.intersection(each)).is_empty]
    if not over or len(over) > MAX_ABOVE:
        return rect
    edges = sorted({rect.y, rect.bottom, *(each.y for each in over), *(each.bottom for each in over)})
    best, most = rect, (0, 0)
    for number, top in enumerate(edges):
        for bottom in edges[number + 1 :]:
            band = [each for each in over if each.y < bottom and each.bottom > top]
            for left, right in _gaps(rect, band):
                width, height = right - left, bottom - top
                size = min(width * aspect[1], height * aspect[0]), width * height
                if size > most:
                    best, most = Rect(left, top, width, height), size
    return best


def _gaps(rect: Rect, band: Iterable[Rect]) -> list[tuple[int, int]]:
    """Left and right of each stretch of `rect` that no rectangle of the band reaches into."""
    found = []
    left = rect.x
    for each in sorted(band, key=lambda each: each.x):
        if each.x > left:
            found.append((left, each.x))
        left = max(left, each.right)
    if left < rect.right:
        found.append((left, rect.right))
    return found
