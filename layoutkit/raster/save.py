"""Where a painted picture goes."""

import sys
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from layoutkit.errors import OutputError
from layoutkit.output import check_target, replacing

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def check_output(output: Path, *, inputs: Iterable[Path] = ()) -> str:
    """The picture format of an output; OutputError where nothing can be written there, or it is an input."""
    if str(output) == "-":
        return "PNG"
    check_target(output, inputs=inputs)
    kind = FORMATS.get(output.suffix.lower())
    if kind is None:
        raise OutputError(f"{output}: the picture's suffix is {', '.join(FORMATS)}, not {output.suffix!r}")
    return kind


def check_svg_output(output: Path) -> str:
    """The format of an SVG; OutputError where nothing can be written there, or under a picture's name."""
    if str(output) != "-":
        check_target(output)
        if output.suffix.lower() in FORMATS:
            raise OutputError(f"{output}: --svg writes SVG; name a file that ends in .svg")
    return "SVG"


def write_picture(picture: Image.Image, output: Path, kind: str) -> None:
    """Write a picture to a file, whole or not at all, or to standard output where it is `-`."""
    if str(output) == "-":
        picture.save(sys.stdout.buffer, kind)
        return
    with replacing(output) as temporary:
        picture.save(temporary, kind)
