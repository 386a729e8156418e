"""MixLayoutParams and its parts, to and from the values of a Layout."""

from layoutkit.geometry.layout import Layout, Participant, Stream, Template, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import Background, ImageWatermark, TextWatermark, Watermark
from layoutkit.wire.dialect import RECORDING, alpha, sendable


def media_id(participant: Participant) -> int:
    """MixLayout.MediaId: 0 the primary stream, 1 the substream."""
    return int(participant.stream is Stream.SCREEN)


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
        params["WaterMarkList"] = [watermark_to_wire(watermark) for watermark in layout.watermarks]
    return params


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
