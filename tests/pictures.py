"""How two pictures of the same thing may differ: in the edges of letters, and in nothing else."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEVEL = 6
"""Of 255: what is nearer is the same colour."""

RUN_PX = 40
"""Versions of FreeType set the edges of letters differently; no letter has a straight edge this long, and
every window, bar and plate that can be seen has."""


def moved(now: Image.Image, kept: Image.Image) -> bool:
    """Whether a straight edge of the picture has moved or a surface has another colour."""
    if now.size != kept.size:
        return True
    differ = differences(now, kept).max(axis=2) > LEVEL
    return any(bool(_has_run(each)) for each in (differ, differ.T))


def differences(now: Image.Image, kept: Image.Image) -> NDArray[np.int16]:
    """Levels of 255, shape (H, W, 3)."""
    ours, theirs = (np.asarray(each.convert("RGB"), np.int16) for each in (now, kept))
    return np.abs(ours - theirs)


def _has_run(differ: NDArray[np.bool_]) -> bool:
    counts = np.cumsum(np.pad(differ, ((0, 0), (1, 0))), axis=1)
    return bool((counts[:, RUN_PX:] - counts[:, :-RUN_PX] == RUN_PX).any())
