"""SEI: bytes and streams. The public names are loaded when they are first used."""

from typing import TYPE_CHECKING

from layoutkit.lazy import attributes

if TYPE_CHECKING:
    from layoutkit.sei.message import Message as Message
    from layoutkit.sei.message import Parsed as Parsed
    from layoutkit.sei.message import parse as parse
    from layoutkit.sei.message import serialize as serialize
    from layoutkit.sei.nal import Fault as Fault
    from layoutkit.sei.nal import join as join
    from layoutkit.sei.nal import split as split
    from layoutkit.sei.rbsp import escape as escape
    from layoutkit.sei.rbsp import unescape as unescape
    from layoutkit.sei.reader import read_sei as read_sei
    from layoutkit.sei.report import Diagnostic as Diagnostic
    from layoutkit.sei.report import Report as Report
    from layoutkit.sei.row import SeiMessage as SeiMessage
    from layoutkit.sei.volume_layout import Canvas as Canvas
    from layoutkit.sei.volume_layout import Region as Region
    from layoutkit.sei.volume_layout import VolumeLayout as VolumeLayout

_HOMES = {
    "Canvas": "volume_layout",
    "Diagnostic": "report",
    "Fault": "nal",
    "Message": "message",
    "Parsed": "message",
    "Region": "volume_layout",
    "Report": "report",
    "SeiMessage": "row",
    "VolumeLayout": "volume_layout",
    "escape": "rbsp",
    "join": "nal",
    "parse": "message",
    "read_sei": "reader",
    "serialize": "message",
    "split": "nal",
    "unescape": "rbsp",
}

__all__ = sorted(_HOMES)

__getattr__ = attributes(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
