"""HLS playlists on the disk: which files they name, which of those are missing, and whether there is an end.

Source: RFC 8216 4.1 (lines of a playlist), 4.3.2.5 (EXT-X-MAP), 4.3.3.4 (EXT-X-ENDLIST), 4.3.4 (master
playlists).
"""

import re
from collections.abc import Iterator
from pathlib import Path

MAX_PLAYLIST_BYTES = 16 << 20
"""As much of a playlist as is looked through: a week of segments of 2 s has 300,000."""

_BEGINS = b"#EXTM3U"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:")
"""A protocol of FFmpeg's, as in `https://` or `concat:`. One letter is a drive."""

_URI = re.compile(r'#EXT-X-(?:MAP|MEDIA):.*?\bURI="([^"]*)"')
"""Tags that name a file: the beginning of segments of fragmented MP4, and a rendition beside the variants."""


def is_local(source: str) -> bool:
    """Whether it is a file's name: neither standard input nor an address; a file that is there always is."""
    return source != "-" and (not _ADDRESS.match(source) or Path(source).exists())


def is_playlist(path: Path) -> bool:
    """Whether a local file is a HLS playlist, whatever its name."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_BEGINS)) == _BEGINS


def missing_files(path: Path) -> Iterator[str]:
    """A phrase for each local file that a playlist names and that is not there, those that the playlists of a
    master playlist name included: FFmpeg passes over them without a word.
    """
    seen = {path}
    waiting = [(path, "")]
    while waiting:
        playlist, where = waiting.pop(0)
        for name in _names(playlist):
            place = playlist.parent / name
            if not place.exists():
                yield f"there is no file {name}{where}"
            elif place not in seen and is_playlist(place):
                seen.add(place)
                waiting.append((place, f", which {name} names"))


def has_end(path: Path) -> bool:
    """Whether a playlist, or of a master playlist each that it names and that is there, says that it ends."""
    lines = _lines(path)
    if not any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return "#EXT-X-ENDLIST" in lines
    variants = [path.parent / name for name in _names(path)]
    return all("#EXT-X-ENDLIST" in _lines(each) for each in variants if is_playlist(each))


def _lines(playlist: Path) -> list[str]:
    with playlist.open("rb") as file:
        text = file.read(MAX_PLAYLIST_BYTES).decode(errors="surrogateescape")
    return [line.strip() for line in text.splitlines()]


def _names(playlist: Path) -> Iterator[str]:
    """The local files that a playlist names."""
    for line in _lines(playlist):
        if line.startswith("#"):
            uri = _URI.match(line)
            line = uri[1] if uri else ""
        name = line.removeprefix("file://").removeprefix("file:")
        if name and (name != line or is_local(name)):
            yield name
