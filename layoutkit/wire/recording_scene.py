"""MixLayoutParams and its parts, to and from the values of a Layout."""

from math import inf
from typing import TYPE_CHECKING

from layoutkit.geometry.layout import Layout, Participant, Shows, Stream, Template, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import (
    BLACK,
    WHITE,
    Background,
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    TimestampWatermark,
    Watermark,
)
from layoutkit.wire.dialect import RECORDING, alpha, meaning, opacity, sendable

if TYPE_CHECKING:
    from layoutkit.wire.recording_layout import MixLayout, MixLayoutParams, WaterMark


def user_from_wire(user_id: str | None, media_id: int) -> Participant | None:
    """Whom a UserId and a MediaId mean; None where nobody is named."""
    if not user_id:
        return None
    return Participant(user_id, stream=Stream.SCREEN if media_id else Stream.CAMERA)


def media_id(participant: Participant) -> int:
    """MixLayout.MediaId: 0 the primary stream, 1 the substream."""
    return int(participant.stream is Stream.SCREEN)


def window_from_wire(entry: "MixLayout", params: "MixLayoutParams") -> Window:
    """A window nobody is in yet, reserved for whom it names."""
    mode = meaning(RECORDING.render_modes, entry.RenderMode)
    return Window(
        Rect(entry.Left, entry.Top, entry.Width, entry.Height),
        user_from_wire(entry.UserId, entry.MediaId),
        Shows.NOBODY,
        z_order=entry.ImageLayer,
        render_mode=mode,
        opacity=opacity(entry.Alpha),
        placeholder=placeholder_from_wire(params, mode, entry.SubBackgroundImage),
    )


def placeholder_from_wire(
    params: "MixLayoutParams", window_mode: RenderMode, own: str | None = None
) -> Placeholder | None:
    """A window's own placeholder or the default one, fitted as the window is, where they are enabled."""
    image = ImageRef(own) if own and params.PlaceHolderMode else default_placeholder(params)
    return None if image is None else Placeholder(image, window_mode)


def default_placeholder(params: "MixLayoutParams") -> ImageRef | None:
    """The placeholder of windows that name none, where placeholders are enabled."""
    url = params.DefaultSubBackgroundImage
    return ImageRef(url) if params.PlaceHolderMode and url else None


def window_to_wire(window: Window, *, unnamed: bool = False) -> dict[str, object]:
    """MixLayout. Rooms, crop, mask and window colour cannot be said; a render mode without a number is
    sent as the nearest."""
    entry: dict[str, object] = {
        "Left": window.rect.x,
        "Top": window.rect.y,
        "Width": window.rect.width,
        "Height": window.rect.height,
        "ImageLayer": window.z_order,
        "RenderMode": RECORDING.render_modes[sendable(window.render_mode, RECORDING.render_modes)],
    }
    if window.participant is not None and not unnamed:
        entry |= {"UserId": window.participant.user_id, "MediaId": media_id(window.participant)}
    if window.opacity != 1:
        entry["Alpha"] = alpha(window.opacity)
    if window.placeholder is not None:
        entry["SubBackgroundImage"] = window.placeholder.image.url
    return entry


def template_to_wire(template: Template) -> dict[str, object]:
    """The stage and the audio rule of MixLayoutParams."""
    params: dict[str, object] = {}
    if template.stage is not None:
        params |= {"MaxResolutionUserId": template.stage.user_id, "MediaId": media_id(template.stage)}
    if template.name == "screen-share" and template.stage_side == "right":
        params["MaxResolutionUserAlign"] = 1
    if not template.hold_audio_only:
        params["PureAudioDisableLayout"] = True
    if template.placeholder is not None:
        params |= {"PlaceHolderMode": 1, "DefaultSubBackgroundImage": template.placeholder.url}
    return params


def scene_to_wire(layout: Layout) -> dict[str, object]:
    """Background, placeholder mode and watermarks of MixLayoutParams, where they differ from the defaults."""
    params: dict[str, object] = {}
    background, plain = layout.background, Background()
    if background.color != plain.color:
        params["BackGroundColor"] = RECORDING.color(background.color)
    if background.image is not None:
        params["BackgroundImageUrl"] = background.image.url
        mode = sendable(background.render_mode, RECORDING.background_modes)
        params["BackgroundImageRenderMode"] = RECORDING.background_modes[mode]
    if any(window.placeholder is not None for window in layout.windows):
        params["PlaceHolderMode"] = 1
    if layout.watermarks:
        # There are no layers: the list's order is theirs.
        marks = sorted(layout.watermarks, key=_layer)
        params["WaterMarkList"] = [watermark_to_wire(mark) for mark in marks]
    return params


def _layer(mark: Watermark) -> float:
    """A watermark's layer; infinite where it is above everything."""
    return inf if isinstance(mark, TimestampWatermark) or mark.z_order is None else mark.z_order


def background_from_wire(params: "MixLayoutParams") -> Background:
    """What lies behind all windows."""
    color = Color.parse(params.BackGroundColor) or BLACK
    if not params.BackgroundImageUrl:
        return Background(color)
    mode = meaning(RECORDING.background_modes, params.BackgroundImageRenderMode)
    return Background(color, ImageRef(params.BackgroundImageUrl), mode)


def watermark_from_wire(mark: "WaterMark") -> Watermark | None:
    """A watermark; None where the object its type asks for is missing."""
    image, text, stamp = mark.WaterMarkImage, mark.WaterMarkChar, mark.WaterMarkTimestamp
    if mark.WaterMarkType == 0 and image is not None:
        rect = Rect(image.Left, image.Top, image.Width, image.Height)
        return ImageWatermark(ImageRef(image.WaterMarkUrl), rect)
    if mark.WaterMarkType == 1 and text is not None:
        return TextWatermark(
            text.Chars,
            Rect(text.Left, text.Top, text.Width, text.Height),
            text.FontSize,
            Color.parse(text.FontColor) or WHITE,
            Color.parse(text.BackGroundColor),
        )
    if mark.WaterMarkType == 2 and stamp is not None:
        return TimestampWatermark(TimestampPosition(stamp.Pos), stamp.TimeZone)
    return None


def watermark_to_wire(watermark: Watermark) -> dict[str, object]:
    """WaterMark; it has no z-order and is always above the windows."""
    if isinstance(watermark, ImageWatermark):
        image = {"WaterMarkUrl": watermark.image.url, **_place(watermark.rect)}
        return {"WaterMarkType": 0, "WaterMarkImage": image}
    if isinstance(watermark, TextWatermark):
        text: dict[str, object] = {
            "Chars": watermark.text,
            **_place(watermark.rect),
            "FontSize": watermark.font_size_px,
            "FontColor": RECORDING.color(watermark.color),
        }
        if watermark.fill is not None:
            text["BackGroundColor"] = RECORDING.color(watermark.fill)
        return {"WaterMarkType": 1, "WaterMarkChar": text}
    stamp = {"Pos": watermark.position.value, "TimeZone": watermark.utc_offset_h}
    return {"WaterMarkType": 2, "WaterMarkTimestamp": stamp}


def _place(rect: Rect) -> dict[str, int]:
    return {"Left": rect.x, "Top": rect.y, "Width": rect.width, "Height": rect.height}
