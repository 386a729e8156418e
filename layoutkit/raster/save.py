"""Where a painted picture goes."""

import sys
from pathlib import Path

from PIL import Image

from layoutkit.errors import OutputError
from layoutkit.output import check_target, replacing

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def check_output(output: Path) -> str:
    """The picture format of an output; OutputError where nothing can be written there."""
    if str(output) == "-":
        return "PNG"
    check_target(output)
    kind = FORMATS.get(output.suffix.lower())
    if kind is None:
        raise OutputError(f"{output}: the picture's suffix is {', '.join(FORMATS)}, not {output.suffix!r}")
    return kind


def write_picture(picture: Image.Image, output: Path, kind: str) -> None:
    """Write a picture to a file, whole or not at all, or to standard output where it is `-`."""
    if str(output) == "-":
        picture.save(sys.stdout.buffer, kind)
        return
    with replacing(output) as temporary:
        picture.save(temporary, kind)
