"""The pictures that a layout names by URL: from a folder, or fetched where the user asks for it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image

from layoutkit.errors import SourceError
from layoutkit.geometry.scene import ImageRef
from layoutkit.raster.images import open_image, read_image

MAX_SIDE = 2560
"""Longest side of a picture from a URL, pixels: the service takes pictures up to 2K, and its own ranges for
them end at 2560 (WaterMarkImage.Width)."""


_SHOWN = 200
"""Characters of a URL that messages show: a body may hold megabytes of them."""


def last_part(url: str) -> str:
    """The file name at the end of a URL, percent signs resolved; "picture" where there is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return "picture"
    return unquote(path.rsplit("/", 1)[-1]) or "picture"


def short_url(url: str) -> str:
    """A URL as messages name it: one of more than some 200 characters loses its middle."""
    return url if len(url) <= _SHOWN else f"{url[: _SHOWN - 43]}...{url[-40:]}"


class Assets:
    """Finds pictures by URL; `paint` takes one as its `images`.

    Args:
        folder: where a file is looked for under the last part of the URL.
        fetch: gives the bytes behind a URL, as `fetch.fetch` does; None: nothing is ever fetched.

    Attributes:
        missing: why each picture could not be had, by its URL.
        opened: the files of the folder that were asked for.
    """

    def __init__(self, folder: Path | None = None, *, fetch: Callable[[str], bytes] | None = None) -> None:
        if folder is not None and not folder.is_dir():
            raise SourceError(f"--assets {folder}: no such folder")
        self._folder = folder
        self._fetch = fetch
        self._found: dict[str, Image.Image] = {}
        self.missing: dict[str, str] = {}
        self.opened: list[Path] = []

    def __call__(self, ref: ImageRef) -> Image.Image | None:
        """The picture, or None where it cannot be had; the reason is then in `missing`."""
        if ref.url not in self._found and ref.url not in self.missing:
            try:
                self._found[ref.url] = self._look_for(ref.url)
            except SourceError as error:
                self.missing[ref.url] = str(error)
        return self._found.get(ref.url)

    def _look_for(self, url: str) -> Image.Image:
        name = last_part(url)
        # A name with a separator in it, as `..%2Fsecret` becomes, would leave the folder.
        is_plain = name not in {".", ".."} and not set(name) & set("/\\\0:")
        if self._folder is not None and is_plain and (self._folder / name).is_file():
            self.opened.append(self._folder / name)
            return open_image(self._folder / name)
        if self._fetch is not None:
            return read_image(BytesIO(self._fetch(url)), short_url(url), max_side=MAX_SIDE)
        where = (
            "--assets DIR or --fetch finds it"
            if self._folder is None
            else f"no {name[:_SHOWN]} in {self._folder}"
        )
        raise SourceError(f"{short_url(url)}: not looked up; {where}")
