"""Numbers put in the order of their times, in four bytes each where none is far from its place."""

from array import array
from collections.abc import Sequence
from itertools import islice
from operator import le

from layoutkit.sei.near import HasNumbers

MAX_HELD = 64
"""Pictures held back at most. A decoder reorders over 16 frames, 32 fields (H.264 A.3.1 MaxDpbFrames), so the
earliest of so many is the next one shown, whatever the timestamps say."""

BLOCK = 4096
"""Pictures that are looked at together, many more than `MAX_HELD`."""


def shown_order(pts: HasNumbers) -> Sequence[int] | None:
    """Numbers of the pictures in the order of their times; None: some are shown long before their turn.

    Equal times are in decode order. It takes four bytes a picture, however long the recording.
    """
    if all(map(le, pts, islice(pts, 1, None))):
        return range(len(pts))
    shown = array("I")
    held: list[int] = []
    for start in range(0, len(pts), BLOCK):
        end = min(start + BLOCK, len(pts))
        held = sorted([*held, *range(start, end)], key=pts.__getitem__)
        if shown and (pts[shown[-1]], shown[-1]) > (pts[held[0]], held[0]):
            return None
        sure = max(0, len(held) - MAX_HELD) if end < len(pts) else len(held)
        shown.extend(held[:sure])
        held = held[sure:]
    return shown


def in_order(times: HasNumbers) -> Sequence[int]:
    """Likewise for numbers in any order, which take more where some are far from their places."""
    order = shown_order(times)
    return array("I", sorted(range(len(times)), key=times.__getitem__)) if order is None else order
