"""What the two dialects call things: one table each, side by side, and nothing shared between them.

`publish` is StartPublishCdnStream and UpdatePublishCdnStream (McuLayout and its kin), `recording` is
CreateCloudRecording and ModifyCloudRecording (MixLayout and its kin). The same number means different
things in the two, so every number goes through these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from layoutkit.geometry.layout import RoomIdType, Service
from layoutkit.geometry.scene import Color, RenderMode

TemplateName = Literal["grid", "floating", "screen-share"]

CUSTOM_MODE: Final = 4
"""MixLayoutMode of an explicit list, in both dialects."""

LAYOUT_MODES: Final[Mapping[TemplateName, int]] = {"floating": 1, "screen-share": 2, "grid": 3}
"""MixLayoutMode of the templates, in both dialects; the dialects differ in which is the default."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names and numbers of one dialect.

    Attributes:
        service: whose it is.
        x, y, width, height, z_order: field names of a window's place.
        max_windows: most windows of one mix.
        render_modes: a window's render mode to its number; what is absent cannot be said.
        background_modes: the canvas image's render mode to its number.
        room_id_types: kind of room id to RoomIdType.
        color_prefix: what stands before RRGGBB.
        bits_per_rate: bits per second in one unit of BitRate.
    """

    service: Service
    x: str
    y: str
    width: str
    height: str
    z_order: str
    max_windows: int
    render_modes: Mapping[RenderMode, int]
    background_modes: Mapping[RenderMode, int]
    room_id_types: Mapping[RoomIdType, int]
    color_prefix: str
    bits_per_rate: int

    def room_id_type(self, number: int | None) -> RoomIdType | None:
        """The kind of room id a RoomIdType means; None where none is stated."""
        return next((kind for kind, known in self.room_id_types.items() if known == number), None)

    def color(self, color: Color) -> str:
        """A colour as this dialect writes it."""
        return f"{self.color_prefix}{bytes(color).hex().upper()}"


PUBLISH: Final = Dialect(
    service="publish",
    x="LocationX",
    y="LocationY",
    width="ImageWidth",
    height="ImageHeight",
    z_order="ZOrder",
    max_windows=16,
    # McuLayout.RenderMode
    render_modes={RenderMode.CROP: 0, RenderMode.SCALE: 1, RenderMode.LETTERBOX: 2},
    # McuVideoParams.BackgroundRenderMode
    background_modes={RenderMode.CROP: 0, RenderMode.LETTERBOX: 1, RenderMode.STRETCH: 2},
    room_id_types={"integer": 0, "string": 1},
    color_prefix="0x",
    bits_per_rate=1000,
)

RECORDING: Final = Dialect(
    service="recording",
    x="Left",
    y="Top",
    width="Width",
    height="Height",
    z_order="ImageLayer",
    max_windows=25,
    # MixLayout.RenderMode; the bars of 2 show what is behind the window
    render_modes={
        RenderMode.STRETCH: 0,
        RenderMode.CROP: 1,
        RenderMode.SCALE: 2,
        RenderMode.SMART_CROP: 3,
    },
    # MixLayoutParams.BackgroundImageRenderMode, "defined the same as RenderMode"
    background_modes={
        RenderMode.STRETCH: 0,
        RenderMode.CROP: 1,
        RenderMode.SCALE: 2,
        RenderMode.SMART_CROP: 3,
    },
    room_id_types={"string": 0, "integer": 1},
    color_prefix="#",
    bits_per_rate=1,
)

DIALECTS: Final[Mapping[Service, Dialect]] = {"publish": PUBLISH, "recording": RECORDING}

MASKED_MODE: Final = RenderMode.CROP
"""The only render mode of a published window in which McuLayout.TransparentUrl has an effect."""

PLACEHOLDER_MODES: Final[Mapping[RenderMode, int]] = {
    RenderMode.CROP: 0,
    RenderMode.SCALE: 1,
    RenderMode.LETTERBOX: 2,
    RenderMode.STRETCH: 3,
}
"""McuLayout.BackgroundRenderMode, for a window's placeholder. A recording has no such field: its
placeholders follow the window's RenderMode."""

CUSTOM_RENDER: Final = 4
"""McuLayout.BackgroundRenderMode of a placeholder with a size and corners of its own (newer SDK)."""

NEAREST_MODES: Final[Mapping[RenderMode, RenderMode]] = {
    RenderMode.STRETCH: RenderMode.CROP,
    RenderMode.SMART_CROP: RenderMode.CROP,
    RenderMode.LETTERBOX: RenderMode.SCALE,
    RenderMode.SCALE: RenderMode.LETTERBOX,
}
"""What is sent for a render mode that a field has no number for: a filled window stays filled, a whole
picture whole."""


def meaning(numbers: Mapping[RenderMode, int], number: int) -> RenderMode:
    """The render mode of a number that the field is known to take."""
    return next(mode for mode, known in numbers.items() if known == number)


def sendable(mode: RenderMode, numbers: Mapping[RenderMode, int]) -> RenderMode:
    """The mode itself where the field can say it, else what comes nearest."""
    return mode if mode in numbers else NEAREST_MODES[mode]


def alpha(opacity: float) -> int:
    """MixLayout.Alpha, 0 opaque to 255 transparent, of an opacity from 1 to 0."""
    return round((1 - opacity) * 255)


def opacity(alpha: int) -> float:
    """The opacity of a MixLayout.Alpha; `alpha(opacity(a)) == a` for each of the 256."""
    return 1 - alpha / 255
