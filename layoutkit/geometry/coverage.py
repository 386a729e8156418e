"""What windows hide and leave free: the only home of shapely, which is loaded where windows overlap."""

from collections.abc import Sequence

from layoutkit.geometry.rect import Rect, Size


def hidden_share(window: Rect, above: Sequence[Rect]) -> float:
    """How much of a window those above it hide, 0 to 1; 0 for a window without pixels."""
    if window.is_empty:
        return 0.0
    parts = [window.intersection(one) for one in above if window.overlaps(one)]
    return union_area(parts) / window.area


def uncovered_share(canvas: Size, windows: Sequence[Rect]) -> float:
    """How much of the canvas no window covers, 0 to 1."""
    whole = Rect(0, 0, canvas.width, canvas.height)
    parts = [whole.intersection(one) for one in windows if whole.overlaps(one)]
    return 1 - union_area(parts) / canvas.area


def union_area(rects: Sequence[Rect]) -> int:
    """Pixels in at least one of the rectangles."""
    if not any(one.overlaps(other) for i, one in enumerate(rects) for other in rects[:i]):
        return sum(one.area for one in rects)
    import shapely

    boxes = [shapely.box(one.x, one.y, one.right, one.bottom) for one in rects]
    return round(float(shapely.union_all(boxes).area))
