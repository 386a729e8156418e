"""Opening what there is to read: a file, an address, a playlist, standard input."""

import os
import stat
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from layoutkit.errors import StreamError
from layoutkit.sei.box_walk import walk
from layoutkit.sei.formats import FORMATS, RAW
from layoutkit.sei.nal import START_CODES
from layoutkit.sei.playlist import is_local, is_playlist, missing_files

_HLS_OPTIONS = {"allowed_extensions": "ALL", "allowed_segment_extensions": "ALL", "extension_picky": "0"}
"""A playlist may name its local segments as it likes."""

_LOCAL_HLS_OPTIONS = {"live_start_index": "0", "m3u8_hold_counters": "10"}
"""A local playlist without an end is being written, or was cut off: it is read from its beginning, where
FFmpeg would take the last three segments, and looked at for more, twice in the time of a segment, until there
was nothing new so many times, where FFmpeg would wait a thousand."""

_FLV_OPTIONS = {"seekable": "0"}
"""Where it could seek in a FLV, FFmpeg would hold an index entry for each packet of sound."""

_PLAYLIST_NAMES = (".m3u8", ".m3u")

_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
"""Boxes that an MP4 begins with."""

_SEGMENT_BOXES = frozenset({b"styp", b"sidx", b"emsg", b"prft", b"moof"})
"""Boxes that a media segment begins with (ISO/IEC 14496-12 8.16, ISO/IEC 23009-1)."""

_TRUN_LISTS = 0xF00
"""tr_flags that say that a run lists its samples (ISO/IEC 14496-12 8.8.8)."""


def open_recording(source: str) -> InputContainer:
    """Open a file, an address, or `-` for standard input.

    Raises:
        StreamError: missing, empty, a directory, not media, or an MP4 that lacks its index.
    """
    if not source:
        raise StreamError("the name of the recording is empty")
    name = "standard input" if source == "-" else source
    path = file_of(source)
    if path is not None:
        if not path.exists():
            raise StreamError(f"{name}: there is no such file")
        if path.is_dir():
            raise StreamError(f"{name}: it is a directory; name a recording in it")
        if path.is_file() and path.stat().st_size == 0:
            raise StreamError(f"{name}: it is empty")
        _check_index(path)
    is_list = is_playlist(path) if path else source.split("?")[0].lower().endswith(_PLAYLIST_NAMES)
    if source == "-" and path is not None and is_list and any(missing_files(path)):
        raise StreamError(f"{name}: a playlist names files beside it; name the playlist itself")
    options: dict[str, str] = {}
    if is_list:
        options = _HLS_OPTIONS | (_LOCAL_HLS_OPTIONS if path is not None else {})
    elif path is not None and _is_flv(path):
        options = _FLV_OPTIONS
    demuxer = "hls" if path is not None and is_list else None
    try:
        try:
            return _open(_address(source, path), demuxer, options)
        except (av.InvalidDataError, av.EOFError):
            if path is None or not path.is_file():
                raise
            if (demuxer := _raw_demuxer(path)) is not None:
                return _open(_address(source, path), demuxer, options)
            if (end := _cut_fragment(path)) is not None:
                return _open(f"subfile,,start,0,end,{end},,:{_address(source, path)}", None, options)
            raise
    except (av.FFmpegError, OSError) as error:
        raise StreamError(f"{name}: {_why_not(error, path)}") from error


def _open(address: str, demuxer: str | None, options: dict[str, str]) -> InputContainer:
    return av.open(address, format=demuxer, options=options, metadata_errors="replace")


def _is_flv(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(3) == b"FLV"


def _raw_demuxer(path: Path) -> str | None:
    """The demuxer of a raw stream that says by its name what it is. FFmpeg does not see it where a few small
    pictures have SEI of another nal_ref_idc than 0, as some encoders write it."""
    demuxer = FORMATS.get(path.suffix.lower())
    if demuxer not in RAW:
        return None
    with path.open("rb") as file:
        return demuxer if file.read(4).startswith(START_CODES) else None


def file_of(source: str) -> Path | None:
    """The local file that is read, also where standard input is redirected from it; None: there is none.

    It can be sought in, which an MP4 with its index behind needs, and has an end; a pipe has neither.

    Raises:
        StreamError: standard input is closed.
    """
    if source != "-":
        return Path(source) if is_local(source) else None
    if sys.stdin is None:
        raise StreamError("standard input: it is closed")
    return Path("/dev/stdin") if stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode) else None


def _address(source: str, path: Path | None) -> str:
    if path is not None:
        return f"file:{path}"
    return "pipe:0" if source == "-" else source


def _why_not(error: Exception, path: Path | None) -> str:
    if not isinstance(error, av.InvalidDataError | av.EOFError):
        return f"it cannot be opened: {getattr(error, 'strerror', None) or error}"
    if path is not None and path.is_file():
        if is_playlist(path):
            missing = next(missing_files(path), None)
            if missing is not None:
                return f"none of its segments can be read; {missing}"
        if why := _what_mp4_lacks(path):
            return why
    return "it is not media that FFmpeg can read"


def _check_index(path: Path) -> None:
    """Refuse an MP4 that claims more pictures than it has bytes: FFmpeg would make an index of them all, some
    40 bytes each, before the first is read. (Where each one's size is listed, that takes bytes itself.)"""
    if not path.is_file():
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(8)[4:] not in _BOXES:
            return
        for stbl in _video_tables(file, size):
            for stsz in _boxes(file, b"stsz", *stbl):
                each, count = _numbers(file, stsz)
                _check_claim(path, count, each, size)
        for moof in _boxes(file, b"moof", 0, size):
            for traf in _boxes(file, b"traf", *moof):
                for trun in _boxes(file, b"trun", *traf):
                    flags = int.from_bytes(_content(file, trun, 4)[1:], "big")
                    if not flags & _TRUN_LISTS:
                        _check_claim(path, _numbers(file, trun)[0], 1, size)


def _video_tables(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """The sample table of each video track."""
    for moov in _boxes(file, b"moov", 0, size):
        for trak in _boxes(file, b"trak", *moov):
            for mdia in _boxes(file, b"mdia", *trak):
                if b"vide" in [_content(file, hdlr, 12)[8:] for hdlr in _boxes(file, b"hdlr", *mdia)]:
                    for minf in _boxes(file, b"minf", *mdia):
                        yield from _boxes(file, b"stbl", *minf)


def _check_claim(path: Path, count: int, each: int, size: int) -> None:
    if count * each > size:
        raise StreamError(
            f"{path}: its index tells of {count} pictures of {each} bytes or more, "
            f"which the {size} bytes of the file cannot hold"
        )


def _numbers(file: BinaryIO, place: tuple[int, int]) -> tuple[int, int]:
    """The two numbers of 32 bits behind a box's version and flags."""
    fields = _content(file, place, 12)
    return int.from_bytes(fields[4:8], "big"), int.from_bytes(fields[8:12], "big")


def _boxes(file: BinaryIO, kind: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the content of each box of a kind begins and ends, among those from `start` to `end`."""
    return ((box.body, min(box.end, end)) for box in walk(file, start, end) if box.kind == kind)


def _content(file: BinaryIO, place: tuple[int, int], size: int) -> bytes:
    file.seek(place[0])
    return file.read(min(size, place[1] - place[0]))


def _what_mp4_lacks(path: Path) -> str | None:
    """Why FFmpeg cannot read a MP4: a box that it has not, or not all of; None: it is no MP4, or has all."""
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = walk(file, 0, size)
        first = next(boxes, None)
        if first is None or first.kind not in _BOXES | _SEGMENT_BOXES:
            return None
        moov = next((box for box in chain([first], boxes) if box.kind == b"moov"), None)
    if moov is None and first.kind in _SEGMENT_BOXES:
        return "a media segment without its initialization segment (moov); name the playlist, or join them"
    if moov is None or moov.end > size:
        return "an MP4 without its index (moov): it was cut off before that was written"
    return None


def _cut_fragment(path: Path) -> int | None:
    """Where the movie fragment (moof) begins in whose tables a MP4 is cut off, as a crash leaves it; None: it
    is none, or is cut off elsewhere. FFmpeg reads nothing of such a file unless that is where it ends."""
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = walk(file, 0, size)
        if any(box.kind == b"moov" and box.end <= size for box in boxes):
            return next((box.start for box in boxes if box.kind == b"moof" and box.end > size), None)
    return None
