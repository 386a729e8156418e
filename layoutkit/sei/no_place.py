"""What a recording has that the container it is muxed into has no place for: refused, or told.

FFmpeg's muxers refuse some of it; what they take and nobody reads again, or drop without a word, is here.
"""

from collections.abc import Collection

_VIDEO_OF_TS = {"h264", "hevc", "vvc", "mpeg1video", "mpeg2video", "mpeg4", "cavs", "vc1", "dirac"}
_SOUND_OF_TS = {"aac", "aac_latm", "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "opus", "s302m"}
_OTHERS_OF_TS = {"dvb_subtitle", "dvb_teletext", "hdmv_pgs_subtitle", "timed_id3", "smpte_klv"}
_CODECS_OF_TS = frozenset(_VIDEO_OF_TS | _SOUND_OF_TS | _OTHERS_OF_TS)
"""What has a stream_type or a descriptor in MPEG-TS (ISO/IEC 13818-1 Table 2-34 and 2.6, ETSI EN 300 468);
FFmpeg writes anything else as private data that no reader knows again."""

_ONLY_TRACKS = frozenset({"flv", "mpegts", "h264", "hevc"})
"""Containers without chapters and without a rotation."""

_WITH_EDIT_LISTS = frozenset({"mp4", "mov"})

MOV_LANGUAGES = {
    "bod": "tib",
    "cym": "wel",
    "deu": "ger",
    "ell": "gre",
    "eus": "baq",
    "fas": "per",
    "hye": "arm",
    "isl": "ice",
    "kat": "geo",
    "mkd": "mac",
    "msa": "may",
    "mya": "bur",
    "nld": "dut",
    "sqi": "alb",
    "swe": "sve",
    "zho": "chi",
}
"""The names that FFmpeg knows the languages of MOV by (QuickTime File Format, Language Code Values), where
they are not ISO 639-2's terminological ones: it drops those."""


def why_no_track(
    kind: str, codec: str, others: Collection[str], target_format: str, *, is_cover: bool, is_same: bool
) -> str | None:
    """Why a container does not take a track; None: nothing is against it.

    Args:
        kind: FFmpeg's name of its type, as in "video".
        codec: FFmpeg's name of its codec.
        others: types of the tracks that are in the container already.
        target_format: FFmpeg's name of the container.
        is_cover: whether it is a cover picture.
        is_same: whether the recording is in such a container, so that nothing in it is new there.
    """
    if target_format == "flv":
        if kind not in {"video", "audio"}:
            return "FLV holds video and sound only"
        if kind in others:
            return f"FLV holds one track of {kind}"
    if target_format == "mpegts" and not is_same and (is_cover or codec not in _CODECS_OF_TS):
        return "MPEG-TS has no stream type for it"
    if target_format == "mov" and is_cover:
        return "MOV has no place for a cover picture"
    return None


def has_only_tracks(target_format: str) -> bool:
    """Whether a container has no place for chapters and rotation."""
    return target_format in _ONLY_TRACKS


def what_is_lost(
    target_format: str, *, chapters: int, degrees: int, trimmed: int, programs: int, is_coarser: bool
) -> list[str]:
    """What a recording has and a container does not, a phrase for each thing.

    Args:
        target_format: FFmpeg's name of the container.
        chapters: how many there are.
        degrees: by which players turn the video.
        trimmed: pictures that an edit list keeps from being shown.
        programs: how many there are.
        is_coarser: whether it is Matroska, whose TimestampScale told times finer than it is written with.
    """
    lost: list[str] = []
    if chapters and has_only_tracks(target_format):
        lost.append(f"{chapters} chapters are left out: {target_format} has no place for them")
    if degrees and has_only_tracks(target_format):
        lost.append(f"the rotation by {degrees} degrees is left out: {target_format} has no place for it")
    if trimmed and target_format not in _WITH_EDIT_LISTS:
        lost.append(
            f"{trimmed} pictures that an edit list trims are shown: {target_format} has no place for one"
        )
    if programs > 1:
        lost.append(f"the tracks of {programs} programs are together: {target_format} has no programs")
    if is_coarser:
        lost.append(f"times are rounded to milliseconds: {target_format} is written with no finer ones")
    return lost
