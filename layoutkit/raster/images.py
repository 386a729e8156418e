"""Pictures from where a caller has them: files, arrays, pictures already open."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from layoutkit.errors import SourceError
from layoutkit.geometry.fit import Cut, Fit
from layoutkit.geometry.rect import Size
from layoutkit.raster.resample import UNSEEN, Fitting, Piece, piece_of_image, scaled
from layoutkit.raster.turn import EXIF, stored_cut, turned, turned_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture: TypeAlias = "Image.Image | NDArray[np.uint8] | str | PathLike[str]"

MAX_PIXELS = 64_000_000
"""An 8K frame has 33 million; past twice that a file is a mistake or a decompression bomb."""

STILL_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})

_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What is opened, whatever a file is called: Pillow would hand PostScript to Ghostscript to be run."""

_SHRINKS = (8, 4, 2)
"""What JPEG pictures can be decoded at: an eighth, a quarter, half of their size."""

_LEFT_TO_SCALE = 2
"""How much is left to scale after decoding at reduced size: with less, what follows blurs visibly."""

_OPENING = Lock()
"""Held while a file is opened: Python's filters of warnings are shared by all threads."""


def open_image(path: str | PathLike[str]) -> Image.Image:
    """Read a picture file as RGB or RGBA, turned upright as its EXIF says.

    Raises:
        SourceError: no such file, a folder or pipe, no picture, cut off, or over `MAX_PIXELS` pixels.
    """
    with _file(path) as (file, name):
        return read_image(file, name)


def read_image(file: BinaryIO, name: str, *, max_side: int | None = None) -> Image.Image:
    """Read a picture as RGB or RGBA, turned upright as its EXIF says; `name` is what errors call it.

    Raises:
        SourceError: no picture, cut off, over `MAX_PIXELS` pixels, or a side over `max_side`.
    """
    with _opened(file, name, max_side) as picture:
        return as_rgb(ImageOps.exif_transpose(picture))


def piece_of_source(source: "Picture", fitting: Fitting, *, at_s: float = 0.0) -> Piece:
    """What `fitting` takes of a source, as `as_image` gives it: files are decoded no larger than is needed.

    Raises:
        SourceError: as `as_image`.
    """
    if not isinstance(source, str | PathLike):
        return piece_of_image(as_image(source), fitting)
    if _is_video(source):
        from layoutkit.raster.frames import piece_at

        return piece_at(source, at_s, fitting)
    with _file(source) as (file, name), _opened(file, name) as picture:
        if picture.format in {"JPEG", "MPO"}:
            return _piece_of_jpeg(picture, fitting)
        upright = as_rgb(ImageOps.exif_transpose(picture))
    return piece_of_image(upright, fitting)


def _piece_of_jpeg(picture: Image.Image, fitting: Fitting) -> Piece:
    stored, way = Size(*picture.size), EXIF.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    fitted = fitting(turned_size(stored, way))
    if fitted is None:
        return UNSEEN
    shrink = next((times for times in _SHRINKS if _reduction(fitted) >= times * _LEFT_TO_SCALE), 1)
    # Pillow takes the smallest that is no smaller than this; a last block that is not full counts as one.
    if shrink > 1 and picture.draft(None, (stored.width // shrink, stored.height // shrink)) is None:
        shrink = 1
    cut = stored_cut(fitted.cut, stored, way)
    cut = Cut(cut.x / shrink, cut.y / shrink, cut.width / shrink, cut.height / shrink)
    piece = scaled(as_rgb(picture), cut, turned_size(fitted.landing.size, way))
    return Piece(turned(piece, way), fitted.landing)


def _reduction(fitted: Fit) -> float:
    """Pixels of the source to one of the canvas, on the side where there are fewer."""
    cut, to = fitted.cut, fitted.landing
    return float(min(cut.width / to.width, cut.height / to.height))


@contextmanager
def _file(path: str | PathLike[str]) -> Iterator[tuple[BinaryIO, str]]:
    """A file that is open for reading, and what errors call it."""
    where = Path(path)
    if where.is_dir():
        raise SourceError(f"{where}: a folder; name a picture in it")
    if where.exists() and not where.is_file():
        raise SourceError(f"{where}: a pipe or device; name a file")
    try:
        with where.open("rb") as file:
            yield file, str(where)
    except FileNotFoundError:
        raise SourceError(f"{where}: no such file") from None
    except OSError as error:
        raise SourceError(f"{where}: cannot be read: {error.strerror}") from error


@contextmanager
def _opened(file: BinaryIO, name: str, max_side: int | None = None) -> Iterator[Image.Image]:
    """A picture whose pixels are not decoded yet; what goes wrong while they are is told as of `name`."""
    try:
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.init()
            known = [kind for kind in _FORMATS if kind in Image.OPEN]
            opened = Image.open(file, formats=known)
        with opened as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise SourceError(
                    f"{name}: {picture.width}x{picture.height} pixels; the limit is {MAX_PIXELS} in all"
                )
            if max_side is not None and max(picture.size) > max_side:
                raise SourceError(
                    f"{name}: {picture.width}x{picture.height} pixels; the limit is {max_side} a side"
                )
            yield picture
    except UnidentifiedImageError:
        raise SourceError(f"{name}: not a picture that can be read") from None
    except Image.DecompressionBombError:
        raise SourceError(f"{name}: more pixels than the limit of {MAX_PIXELS}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise SourceError(f"{name}: a broken picture: {error}") from error


def _is_video(path: str | PathLike[str]) -> bool:
    """Whether a file is to be read as a video: all that is not called a picture, where there is one."""
    return Path(path).suffix.lower() not in STILL_SUFFIXES and Path(path).is_file()


def as_image(source: "Picture", *, at_s: float = 0.0) -> Image.Image:
    """A picture from a PIL image, a uint8 array (H, W), (H, W, 3) or (H, W, 4), or a picture or video file.

    Raises:
        SourceError: an array of another shape or type, a broken image, or a file that cannot be read.
    """
    if isinstance(source, Image.Image):
        load(source)
        return as_rgb(source)
    if isinstance(source, str | PathLike):
        if not _is_video(source):
            return open_image(source)
        from layoutkit.raster.frames import frame_at

        return frame_at(source, at_s)
    return _from_array(source)


def load(picture: Image.Image) -> None:
    """Decode an image's pixels, where Pillow has not done it yet.

    Raises:
        SourceError: the image is broken.
    """
    try:
        picture.load()
    except (OSError, SyntaxError, ValueError) as error:
        name = getattr(picture, "filename", "") or "an image given as a source"
        raise SourceError(f"{name}: a broken picture: {error}") from error


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
