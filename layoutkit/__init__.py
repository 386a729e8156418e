"""Layouts and SEI for cloud video mixing: see a layout, send it, read it back.

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING

from layoutkit.lazy import attributes

if TYPE_CHECKING:
    from layoutkit.errors import LayoutkitError as LayoutkitError
    from layoutkit.geometry.floating import floating as floating
    from layoutkit.geometry.grid import grid as grid
    from layoutkit.geometry.layout import Layout as Layout
    from layoutkit.geometry.layout import Participant as Participant
    from layoutkit.geometry.layout import Stream as Stream
    from layoutkit.geometry.layout import Window as Window
    from layoutkit.geometry.rect import Rect as Rect
    from layoutkit.geometry.rect import Size as Size
    from layoutkit.geometry.screen_share import screen_share as screen_share
    from layoutkit.raster.paint import paint as paint
    from layoutkit.raster.paint import paint_array as paint_array
    from layoutkit.sei.change import Written as Written
    from layoutkit.sei.reader import read_sei as read_sei
    from layoutkit.sei.row import SeiMessage as SeiMessage
    from layoutkit.sei.volume_layout import VolumeLayout as VolumeLayout
    from layoutkit.sei.write import copy_sei as copy_sei
    from layoutkit.sei.write import strip_sei as strip_sei
    from layoutkit.sei.write import write_sei as write_sei
    from layoutkit.source import load as load
    from layoutkit.wire.check import check as check
    from layoutkit.wire.params import to_layout_params as to_layout_params

_HOMES = {
    "Layout": "geometry.layout",
    "LayoutkitError": "errors",
    "Participant": "geometry.layout",
    "Rect": "geometry.rect",
    "SeiMessage": "sei.row",
    "Size": "geometry.rect",
    "Stream": "geometry.layout",
    "VolumeLayout": "sei.volume_layout",
    "Window": "geometry.layout",
    "Written": "sei.change",
    "copy_sei": "sei.write",
    "check": "wire.check",
    "floating": "geometry.floating",
    "grid": "geometry.grid",
    "load": "source",
    "paint": "raster.paint",
    "paint_array": "raster.paint",
    "read_sei": "sei.reader",
    "screen_share": "geometry.screen_share",
    "strip_sei": "sei.write",
    "to_layout_params": "wire.params",
    "write_sei": "sei.write",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"

__getattr__ = attributes(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
