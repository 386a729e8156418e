"""Pictures from where a caller has them: files, arrays, pictures already open."""

import warnings
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from PIL import Image, ImageOps, UnidentifiedImageError

from layoutkit.errors import SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture: TypeAlias = "Image.Image | NDArray[np.uint8] | str | PathLike[str]"

MAX_PIXELS = 64_000_000
"""An 8K frame has 33 million; past twice that a file is a mistake or a decompression bomb."""

STILL_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})

_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What is opened, whatever a file is called: Pillow would hand PostScript to Ghostscript to be run."""


def open_image(path: str | PathLike[str]) -> Image.Image:
    """Read a picture file as RGB or RGBA, turned upright as its EXIF says.

    Raises:
        SourceError: no such file, a folder or pipe, no picture, cut off, or over `MAX_PIXELS` pixels.
    """
    where = Path(path)
    if where.is_dir():
        raise SourceError(f"{where}: a folder; name a picture in it")
    if where.exists() and not where.is_file():
        raise SourceError(f"{where}: a pipe or device; name a file")
    try:
        with where.open("rb") as file:
            return read_image(file, str(where))
    except FileNotFoundError:
        raise SourceError(f"{where}: no such file") from None
    except OSError as error:
        raise SourceError(f"{where}: cannot be read: {error.strerror}") from error


def read_image(file: BinaryIO, name: str, *, max_side: int | None = None) -> Image.Image:
    """Read a picture as RGB or RGBA, turned upright as its EXIF says; `name` is what errors call it.

    Raises:
        SourceError: no picture, cut off, over `MAX_PIXELS` pixels, or a side over `max_side`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.init()
            known = [kind for kind in _FORMATS if kind in Image.OPEN]
            with Image.open(file, formats=known) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise SourceError(
                        f"{name}: {picture.width}x{picture.height} pixels; the limit is {MAX_PIXELS} in all"
                    )
                if max_side is not None and max(picture.size) > max_side:
                    raise SourceError(
                        f"{name}: {picture.width}x{picture.height} pixels; the limit is {max_side} a side"
                    )
                return as_rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise SourceError(f"{name}: not a picture that can be read") from None
    except Image.DecompressionBombError:
        raise SourceError(f"{name}: more pixels than the limit of {MAX_PIXELS}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise SourceError(f"{name}: a broken picture: {error}") from error


def as_image(source: "Picture", *, at_s: float = 0.0) -> Image.Image:
    """A picture from a PIL image, a uint8 array (H, W), (H, W, 3) or (H, W, 4), or a picture or video file.

    Raises:
        SourceError: an array of another shape or type, or a file that cannot be read.
    """
    if isinstance(source, Image.Image):
        return as_rgb(source)
    if isinstance(source, str | PathLike):
        if Path(source).suffix.lower() in STILL_SUFFIXES or not Path(source).is_file():
            return open_image(source)
        from layoutkit.raster.frames import frame_at

        return frame_at(source, at_s)
    return _from_array(source)


def as_rgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB, or as RGBA where it has transparency."""
    if picture.mode in {"RGB", "RGBA"}:
        picture.load()
        return picture
    if picture.mode.startswith("I;16"):
        import numpy as np

        # Pillow's own conversion cuts off at 255 of 65535.
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.mode in {"F", "I"}:
        return _of_wide_numbers(picture)
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _of_wide_numbers(picture: Image.Image) -> Image.Image:
    """A grey picture of floats or 32-bit integers.

    Its largest number tells what is white: 1 (of floats alone), 255, 65535, or else that number itself; what
    is below 0 or no number is black.
    """
    import numpy as np

    values = np.nan_to_num(np.asarray(picture, np.float64), posinf=0, neginf=0)
    peak = float(values.max(initial=0))
    tops = (1, 255, 65535) if picture.mode == "F" else (255, 65535)
    white = next((top for top in tops if peak <= top), peak)
    return Image.fromarray((np.clip(values / white, 0, 1) * 255 + 0.5).astype(np.uint8)).convert("RGB")


def _from_array(array: Any) -> Image.Image:
    shape, kind = getattr(array, "shape", None), str(getattr(array, "dtype", type(array).__name__))
    if kind != "uint8" or shape is None or 0 in shape or not (len(shape) == 2 or shape[2:] in {(3,), (4,)}):
        raise SourceError(
            f"a source is an image, a path or a uint8 array (H, W, 3), not {kind} of shape {shape}"
        )
    return as_rgb(Image.fromarray(array))
