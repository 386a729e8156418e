"""The picture of a published mix: `McuVideoParams` and the data types in it.

Names, types, ranges and defaults are those of the API's data types of the same name (revision of 2025-03);
a field marked `NEWER` is only in newer SDKs. The numbers mean something else in recordings.
"""

from typing import Annotated, Literal

from pydantic import Field

from layoutkit.wire.model import NEWER, Choice, Filled, Maybe, WireModel

Color = Annotated[str, Field(pattern=r"^0[xX][0-9A-Fa-f]{6}$")]
"""`0xRRGGBB`."""

IdType = Choice[Literal[0, 1]]
"""0 integer, 1 string: the other way round in recordings."""


class MixUserInfo(WireModel):
    """A user in a room."""

    UserId: Filled = Field(description="The user's id.")
    RoomId: Maybe[str] = Field(
        default=None,
        description="The room the user is in, the main one if absent; dynamic layouts know no other.",
    )
    RoomIdType: Maybe[IdType] = Field(
        default=None, description="What kind of id RoomId is: 0 an integer, 1 a string."
    )


class UserMediaStream(WireModel):
    """One video stream of a user."""

    UserInfo: Maybe[MixUserInfo] = Field(default=None, description="The user who sends it.")
    StreamType: Choice[Literal[0, 1]] = Field(default=0, description="0 the camera, 1 the shared screen.")


_UserMediaStream = UserMediaStream  # a field of the same name hides the class inside a model


class MaxVideoUser(WireModel):
    """The stream in the large window of a floating or screen-sharing layout."""

    UserMediaStream: _UserMediaStream = Field(description="The stream the large window is for.")


_MaxVideoUser = MaxVideoUser


class McuCustomCrop(WireModel):
    """The part of the source picture that is used, cut out before it is fitted into the window."""

    LocationX: int = Field(
        ge=0, description="Left edge in the source, pixels, above 0 (newer revisions allow 0)."
    )
    LocationY: int = Field(
        ge=0, description="Top edge in the source, pixels, above 0 (newer revisions allow 0)."
    )
    Width: int = Field(gt=0, description="Width of the part, pixels; with LocationX at most 10000.")
    Height: int = Field(gt=0, description="Height of the part, pixels; with LocationY at most 10000.")


class McuBackgroundCustomRender(WireModel):
    """Size and corners of a placeholder that is drawn with BackgroundRenderMode 4."""

    Width: int = Field(
        gt=0,
        description="Width of the drawn placeholder, pixels, at most the window's.",
        json_schema_extra=NEWER,
    )
    Height: int = Field(
        gt=0,
        description="Height of the drawn placeholder, pixels, at most the window's.",
        json_schema_extra=NEWER,
    )
    Radius: int = Field(
        default=0,
        ge=0,
        description="Radius of its corners, pixels, at most half of its shorter side.",
        json_schema_extra=NEWER,
    )


class McuLayout(WireModel):
    """One window of a custom layout."""

    UserMediaStream: Maybe[_UserMediaStream] = Field(
        default=None,
        description="Whom the window is reserved for; without it users fill it in the order of their entry.",
    )
    ImageWidth: int = Field(default=0, ge=0, description="Width of the window, pixels.")
    ImageHeight: int = Field(default=0, ge=0, description="Height of the window, pixels.")
    LocationX: int = Field(
        default=0,
        ge=0,
        description="Left edge on the canvas, pixels; with ImageWidth at most the canvas width.",
    )
    LocationY: int = Field(
        default=0,
        ge=0,
        description="Top edge on the canvas, pixels; with ImageHeight at most the canvas height.",
    )
    ZOrder: int = Field(default=0, description="Layer of the window, a plain number; higher is in front.")
    RenderMode: Choice[Literal[0, 1, 2]] = Field(
        default=0,
        description="How the video is fitted: 0 cropped, 1 scaled with what is behind in the bars, "
        "2 scaled with black bars.",
    )
    BackGroundColor: Maybe[Color] = Field(
        default=None,
        description="Colour of the window, 0xRRGGBB; without effect unless BackGroundColorMode enables it.",
    )
    BackgroundImageUrl: Maybe[str] = Field(
        default=None,
        description="URL of the placeholder, shown while there is no video. Wins over BackGroundColor.",
    )
    CustomCrop: Maybe[McuCustomCrop] = Field(
        default=None, description="The part of the source picture to show, in pixels of the source."
    )
    BackgroundRenderMode: Choice[Literal[0, 1, 2, 3, 4]] = Field(
        default=3,
        description="How the placeholder is fitted: 0 cropped, 1 scaled with what is behind in the bars, "
        "2 scaled with black bars, 3 stretched, 4 (newer) as BackgroundCustomRender says.",
    )
    TransparentUrl: Maybe[str] = Field(
        default=None,
        description="URL of a PNG whose alpha channel shapes the window; only with RenderMode 0.",
        json_schema_extra=NEWER,
    )
    BackgroundCustomRender: Maybe[McuBackgroundCustomRender] = Field(
        default=None,
        description="Size and corners of the placeholder, pixels; needed with BackgroundRenderMode 4.",
        json_schema_extra=NEWER,
    )
    BackGroundColorMode: Choice[Literal[0, 1, 2, 3]] = Field(
        default=0,
        description="Where BackGroundColor fills the bars: bit 0 around placeholders, bit 1 around video.",
        json_schema_extra=NEWER,
    )
    EnableStreamSEI: Choice[Literal[0, 1]] = Field(
        default=1,
        description="Whether SEI of the source streams is kept: 1 yes, 0 no.",
        json_schema_extra=NEWER,
    )


class McuLayoutParams(WireModel):
    """The layout of a published mix."""

    MixLayoutMode: Choice[Literal[1, 2, 3, 4]] = Field(
        default=1,
        description="1 floating, 2 screen sharing, 3 grid: dynamic layouts; 4 custom, with MixLayoutList.",
    )
    PureAudioHoldPlaceMode: Choice[Literal[0, 1]] = Field(
        default=0,
        description="Whether users who send only audio take a window: 0 no, 1 yes. Only in dynamic layouts.",
    )
    MixLayoutList: Maybe[list[McuLayout]] = Field(
        default=None, max_length=16, description="The windows of a custom layout, at most 16."
    )
    MaxVideoUser: Maybe[_MaxVideoUser] = Field(
        default=None, description="Who has the large window of a floating or screen-sharing layout."
    )
    RenderMode: Maybe[Choice[Literal[0, 1, 2]]] = Field(
        default=None,
        description="How all videos of a dynamic layout are fitted; numbers as in McuLayout.RenderMode.",
    )
    EnableStreamSEI: Choice[Literal[0, 1]] = Field(
        default=1,
        description="Whether SEI of the source streams is kept: 1 yes, 0 no. Only in dynamic layouts.",
        json_schema_extra=NEWER,
    )


class McuWaterMarkImage(WireModel):
    """A picture over the mix."""

    WaterMarkUrl: Filled = Field(description="URL of the picture: PNG, JPG or JPEG, at most 5 MB.")
    WaterMarkWidth: int = Field(ge=0, description="Width on the canvas, pixels.")
    WaterMarkHeight: int = Field(ge=0, description="Height on the canvas, pixels.")
    LocationX: int = Field(ge=0, description="Left edge on the canvas, pixels.")
    LocationY: int = Field(ge=0, description="Top edge on the canvas, pixels.")
    ZOrder: int = Field(default=0, description="Layer of the watermark, a plain number; higher is in front.")
    DynamicPosType: Choice[Literal[0, 1, 2]] = Field(
        default=0,
        description="Whether it moves: 0 no, 1 to a random place each second, 2 along the canvas each frame.",
        json_schema_extra=NEWER,
    )


class McuWaterMarkText(WireModel):
    """A line of text over the mix."""

    Text: Filled = Field(description="The text.")
    WaterMarkWidth: int = Field(ge=0, description="Width on the canvas, pixels.")
    WaterMarkHeight: int = Field(ge=0, description="Height on the canvas, pixels.")
    LocationX: int = Field(ge=0, description="Left edge on the canvas, pixels.")
    LocationY: int = Field(ge=0, description="Top edge on the canvas, pixels.")
    FontSize: int = Field(gt=0, description="Size of the letters, pixels.")
    FontColor: Color = Field(default="0xFFFFFF", description="Colour of the letters, 0xRRGGBB.")
    BackGroundColor: Maybe[Color] = Field(
        default=None, description="Colour behind the letters, 0xRRGGBB; transparent where it is absent."
    )
    DynamicPosType: Choice[Literal[0, 1, 2]] = Field(
        default=0,
        description="Whether it moves: 0 no, 1 to a random place each second, 2 along the canvas each frame.",
        json_schema_extra=NEWER,
    )
    ZOrder: int = Field(
        default=0, description="Layer of the watermark; higher is in front.", json_schema_extra=NEWER
    )
    Font: Literal["Tencent", "SourceHanSans"] = Field(
        default="Tencent", description="Name of the font.", json_schema_extra=NEWER
    )


class McuWaterMarkParams(WireModel):
    """A watermark: its type and the object that belongs to the type."""

    WaterMarkType: Choice[Literal[0, 1]] = Field(default=0, description="0 a picture, 1 text.")
    WaterMarkImage: Maybe[McuWaterMarkImage] = Field(default=None, description="The picture, for type 0.")
    WaterMarkText: Maybe[McuWaterMarkText] = Field(default=None, description="The text, for type 1.")


class VideoEncode(WireModel):
    """Encoding of a published video; its size is the canvas."""

    Width: int = Field(ge=0, le=1920, description="Width of the canvas, pixels.")
    Height: int = Field(
        ge=0, le=1920, description="Height of the canvas, pixels, up to 1080 (newer revisions: 1920)."
    )
    Fps: int = Field(ge=0, le=60, description="Frame rate, frames a second.")
    BitRate: int = Field(ge=0, le=10_000, description="Bit rate, kbit/s.")
    Gop: int = Field(ge=1, le=5, description="Time between keyframes, seconds.")


_VideoEncode = VideoEncode


class McuVideoParams(WireModel):
    """The picture of a published mix."""

    VideoEncode: Maybe[_VideoEncode] = Field(
        default=None, description="Encoding and canvas size, pixels. An update cannot change it."
    )
    LayoutParams: Maybe[McuLayoutParams] = Field(default=None, description="The layout.")
    BackGroundColor: Maybe[Color] = Field(default=None, description="Colour of the canvas, 0xRRGGBB.")
    BackgroundImageUrl: Maybe[str] = Field(
        default=None, description="URL of the picture behind all windows. Wins over BackGroundColor."
    )
    WaterMarkList: Maybe[list[McuWaterMarkParams]] = Field(
        default=None, description="The watermarks, drawn over the windows of their own layer."
    )
    BackgroundRenderMode: Choice[Literal[0, 1, 2]] = Field(
        default=2,
        description="How the canvas picture is fitted: 0 cropped, 1 scaled with black bars, 2 stretched.",
    )
