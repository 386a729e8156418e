"""Several pictures on one sheet, each under its caption."""

from collections.abc import Sequence

from PIL import Image

from layoutkit.errors import LayoutError
from layoutkit.geometry.rect import MAX_SIDE, Rect, Size
from layoutkit.geometry.scene import WHITE, Color
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.text import draw_lines, placed
from layoutkit.raster.typeset import fit

PAPER = Color(24, 26, 32)
CAPTION_PX = 28
GAP_PX = 16


def arrange(
    pictures: Sequence[tuple[str, Image.Image]],
    *,
    columns: int,
    tile_width: int | None = None,
    fonts: Fonts | None = None,
) -> Image.Image:
    """Put captioned pictures on one sheet, row by row.

    Args:
        pictures: caption and picture, in reading order; pictures of different sizes stand in cells of the
            largest size.
        columns: how many stand in a row.
        tile_width: pixels to which wider pictures are shrunk; None: none is.
        fonts: what captions are written with; it is told which characters no font has. Default: the system's.

    Returns:
        An RGB picture.

    Raises:
        LayoutError: no picture, or a sheet over 16,384 pixels a side.
    """
    if not pictures:
        raise LayoutError("a sheet needs at least one picture")
    tiles = [(caption, _shrunk(picture, tile_width)) for caption, picture in pictures]
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    cell = Size(max(tile.width for _, tile in tiles), max(tile.height for _, tile in tiles))
    width = GAP_PX + columns * (cell.width + GAP_PX)
    height = GAP_PX + rows * (CAPTION_PX + cell.height + GAP_PX)
    if max(width, height) > MAX_SIDE:
        raise LayoutError(f"a sheet of {width}x{height} exceeds {MAX_SIDE} pixels a side; show less on it")
    sheet = Image.new("RGB", (width, height), PAPER)
    for number, (caption, tile) in enumerate(tiles):
        row, column = divmod(number, columns)
        x = GAP_PX + column * (cell.width + GAP_PX)
        y = GAP_PX + row * (CAPTION_PX + cell.height + GAP_PX)
        draw_caption(sheet, Rect(x, y, cell.width, CAPTION_PX), caption, fonts)
        sheet.paste(tile, (x + (cell.width - tile.width) // 2, y + CAPTION_PX))
    return sheet


def draw_caption(sheet: Image.Image, rect: Rect, caption: str, fonts: Fonts | None = None) -> None:
    """Write one line in the middle of `rect`."""
    line = fit(caption, CAPTION_PX * 3 // 5, rect.width, fonts or Fonts())
    draw_lines(sheet, rect, placed(rect, [(line, WHITE)]))


def _shrunk(picture: Image.Image, width: int | None) -> Image.Image:
    if width is None or picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
