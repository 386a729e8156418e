"""The picture of a mixed recording: `MixLayoutParams` and the data types in it.

Names, types, ranges and defaults are those of the API's data types of the same name (revision of 2025-03);
a field marked `NEWER` is only in newer SDKs. The numbers mean something else in publishing.
"""

from typing import Annotated, Literal

from pydantic import Field

from layoutkit.wire.model import NEWER, Choice, Filled, Maybe, WireModel

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
"""`#RRGGBB`."""

_ColorOrNone = Annotated[str, Field(pattern=r"^(#[0-9A-Fa-f]{6})?$")]
_RenderMode = Choice[Literal[0, 1, 2, 3]]
_MediaId = Choice[Literal[0, 1]]
_Font = Literal["Tencent", "SourceHanSans"]


class MixLayout(WireModel):
    """One window of a custom layout."""

    Top: int = Field(ge=0, le=1920, description="Top edge on the canvas, pixels.")
    Left: int = Field(ge=0, le=1920, description="Left edge on the canvas, pixels.")
    Width: int = Field(
        ge=0, le=1920, description="Width of the window, pixels; with Left at most the canvas width."
    )
    Height: int = Field(
        ge=0, le=1920, description="Height of the window, pixels; with Top at most the canvas height."
    )
    UserId: Maybe[str] = Field(
        default=None, description="Whom the window is reserved for; without it users fill it as they enter."
    )
    Alpha: int = Field(
        default=0, ge=0, le=255, description="Transparency of the window: 0 opaque, 255 invisible."
    )
    RenderMode: _RenderMode = Field(
        default=1,
        description="How the video is fitted: 0 stretched, 1 cropped, 2 scaled with blank bars, "
        "3 cropped by a fifth at most and stretched.",
    )
    MediaId: _MediaId = Field(default=0, description="The user's stream: 0 the camera, 1 the shared screen.")
    ImageLayer: int = Field(
        default=0, ge=0, description="Layer of the window; 0 is the bottom, higher is in front."
    )
    SubBackgroundImage: Maybe[str] = Field(
        default=None,
        description="URL of the placeholder: JPG or PNG, at most 5 MB, fitted as RenderMode says.",
    )


class WaterMarkImage(WireModel):
    """A picture over the mix."""

    WaterMarkUrl: Filled = Field(description="URL of the picture: JPG or PNG, at most 5 MB.")
    Top: int = Field(ge=0, le=2560, description="Top edge on the canvas, pixels.")
    Left: int = Field(ge=0, le=2560, description="Left edge on the canvas, pixels.")
    Width: int = Field(ge=0, le=2560, description="Width, pixels; with Left at most the canvas width.")
    Height: int = Field(ge=0, le=2560, description="Height, pixels; with Top at most the canvas height.")


class WaterMarkChar(WireModel):
    """A line of text over the mix."""

    Top: int = Field(ge=0, description="Top edge on the canvas, pixels.")
    Left: int = Field(ge=0, description="Left edge on the canvas, pixels.")
    Width: int = Field(ge=0, description="Width on the canvas, pixels.")
    Height: int = Field(ge=0, description="Height on the canvas, pixels.")
    Chars: Filled = Field(description="The text.")
    FontSize: int = Field(default=14, gt=0, description="Size of the letters, pixels.")
    FontColor: Color = Field(default="#FFFFFF", description="Colour of the letters, #RRGGBB.")
    BackGroundColor: _ColorOrNone = Field(
        default="", description="Colour behind the letters, #RRGGBB; empty means transparent."
    )
    Font: _Font = Field(default="Tencent", description="Name of the font.", json_schema_extra=NEWER)


class WaterMarkTimestamp(WireModel):
    """The time over the mix."""

    Pos: Choice[Literal[0, 1, 2, 3, 4, 5, 6]] = Field(
        description="Place on the canvas: 0 top left, 1 top right, 2 bottom left, 3 bottom right, "
        "4 top centre, 5 bottom centre, 6 centre."
    )
    TimeZone: int = Field(
        default=8, ge=-12, le=14, description="Offset of the time shown from UTC, whole hours from -12 to 14."
    )
    Font: _Font = Field(default="Tencent", description="Name of the font.", json_schema_extra=NEWER)


_WaterMarkImage = WaterMarkImage  # a field of the same name hides the class inside a model
_WaterMarkChar = WaterMarkChar
_WaterMarkTimestamp = WaterMarkTimestamp


class WaterMark(WireModel):
    """A watermark: its type and the object that belongs to the type."""

    WaterMarkType: Choice[Literal[0, 1, 2]] = Field(
        default=0, description="0 a picture; 1 text and 2 the time in newer revisions."
    )
    WaterMarkImage: Maybe[_WaterMarkImage] = Field(default=None, description="The picture, for type 0.")
    WaterMarkChar: Maybe[_WaterMarkChar] = Field(default=None, description="The text, for type 1.")
    WaterMarkTimestamp: Maybe[_WaterMarkTimestamp] = Field(default=None, description="The time, for type 2.")


class MixLayoutParams(WireModel):
    """The layout of a mixed recording."""

    MixLayoutMode: Choice[Literal[1, 2, 3, 4]] = Field(
        description="1 floating, 2 screen sharing, 3 grid; 4 custom, with MixLayoutList."
    )
    MixLayoutList: Maybe[list[MixLayout]] = Field(
        default=None, max_length=25, description="The windows of a custom layout, at most 25."
    )
    BackGroundColor: Color = Field(default="#000000", description="Colour of the canvas, #RRGGBB.")
    MaxResolutionUserId: Maybe[str] = Field(
        default=None, description="Who has the large window of a floating or screen-sharing layout."
    )
    MediaId: _MediaId = Field(
        default=0, description="That user's stream in the large window: 0 the camera, 1 the shared screen."
    )
    BackgroundImageUrl: Maybe[str] = Field(
        default=None, description="URL of the picture behind all windows: JPG or PNG, at most 5 MB."
    )
    PlaceHolderMode: Choice[Literal[0, 1]] = Field(
        default=0, description="Whether windows without video show placeholders: 0 no, 1 yes."
    )
    BackgroundImageRenderMode: _RenderMode = Field(
        default=1, description="How the canvas picture is fitted; numbers as in MixLayout.RenderMode."
    )
    DefaultSubBackgroundImage: Maybe[str] = Field(
        default=None,
        description="URL of the placeholder of windows that name none: JPG or PNG, at most 5 MB.",
    )
    WaterMarkList: Maybe[list[WaterMark]] = Field(
        default=None, max_length=25, description="The watermarks, at most 25."
    )
    RenderMode: _RenderMode = Field(
        default=1, description="How all videos of a template are fitted; numbers as in MixLayout.RenderMode."
    )
    MaxResolutionUserAlign: Choice[Literal[0, 1]] = Field(
        default=0, description="Side of the large window in screen sharing: 0 left, 1 right."
    )
    PureAudioDisableLayout: bool = Field(
        default=False,
        description="Whether users who send only audio take no window of a template.",
        json_schema_extra=NEWER,
    )
