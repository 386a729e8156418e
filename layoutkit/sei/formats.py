"""Containers by their file name suffixes and by FFmpeg's names of their muxers and demuxers."""

from pathlib import Path

from layoutkit.errors import OutputError

FORMATS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".flv": "flv",
    ".ts": "mpegts",
    ".m2ts": "mpegts",
    ".mkv": "matroska",
    ".264": "h264",
    ".h264": "h264",
    ".265": "hevc",
    ".h265": "hevc",
    ".hevc": "hevc",
}
"""File name suffix to FFmpeg's name of the muxer."""

RAW = frozenset({"h264", "hevc"})
"""Formats without timestamps and with one track only."""

ANNEX_B = RAW | {"mpegts"}
"""Formats whose H.264 and HEVC stand behind start codes."""

RUNNING_CLOCKS = frozenset({"mpegts", "hls", "flv"})
"""FFmpeg's names of formats of live streams: a recording of one begins whenever somebody began to record."""

MOV_DEMUXER = "mov,mp4,m4a,3gp,3g2,mj2"

_SAME_FAMILY = {"mp4": MOV_DEMUXER, "mov": MOV_DEMUXER, "matroska": "matroska,webm"}
"""Muxer to the demuxer of the same container, where their names differ."""


def format_of(target: Path) -> str:
    """FFmpeg's name of the container that the file's suffix means.

    Raises:
        OutputError: a suffix that means none of them.
    """
    try:
        return FORMATS[target.suffix.lower()]
    except KeyError:
        known = " ".join(FORMATS)
        raise OutputError(
            f"{target}: the suffix {target.suffix!r} names no container; use one of {known}"
        ) from None


def suffix_of(source_format: str) -> str | None:
    """The file name suffix of the container that a demuxer reads; None: it is not written."""
    return next((suffix for suffix, each in FORMATS.items() if is_same_container(source_format, each)), None)


def is_same_container(source_format: str, target_format: str) -> bool:
    """Whether a recording of that demuxer keeps its container in that muxer."""
    return source_format == _SAME_FAMILY.get(target_format, target_format)
