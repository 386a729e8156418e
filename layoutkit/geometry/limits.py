"""Limits that readers of plain bytes share with the geometry, without importing it."""

MAX_SIDE = 16_384
"""Longest side of a canvas in pixels: what H.264 and HEVC level 6.2 encoders can be asked for at most,
and a bound on the memory one picture takes (0.8 GB of RGB)."""
