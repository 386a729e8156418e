"""McuVideoParams and its parts, to and from the values of a Layout."""

from typing import TYPE_CHECKING

from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Layout, Participant, Shows, Stream, Template, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    BLACK,
    WHITE,
    Background,
    Behind,
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    TextWatermark,
    TimestampWatermark,
    Watermark,
)
from layoutkit.wire.dialect import CUSTOM_RENDER, MASKED_MODE, PLACEHOLDER_MODES, PUBLISH, meaning, sendable

if TYPE_CHECKING:
    from layoutkit.wire.publish_video import (
        McuLayout,
        McuVideoParams,
        McuWaterMarkParams,
        MixUserInfo,
        UserMediaStream,
    )

_BEHIND = {Behind.PLACEHOLDER: 1, Behind.VIDEO: 2, Behind.BOTH: 3}
"""McuLayout.BackGroundColorMode: bit 0 placeholder, bit 1 stream (newer SDK)."""


def user_from_wire(user: "MixUserInfo", *, stream: Stream = Stream.CAMERA) -> Participant:
    """The user a MixUserInfo means."""
    return Participant(
        user.UserId, user.RoomId or None, stream, room_id_type=PUBLISH.room_id_type(user.RoomIdType)
    )


def stream_from_wire(stream: "UserMediaStream | None") -> Participant | None:
    """Whom a UserMediaStream means; None where it names nobody."""
    if stream is None or stream.UserInfo is None or not stream.UserInfo.UserId:
        return None
    return user_from_wire(stream.UserInfo, stream=Stream.SCREEN if stream.StreamType else Stream.CAMERA)


def stream_to_wire(participant: Participant) -> dict[str, object]:
    """UserMediaStream; a room that is not stated is the main room and is left out."""
    user: dict[str, object] = {"UserId": participant.user_id}
    if participant.room_id is not None:
        user["RoomId"] = participant.room_id
    if participant.room_id_type is not None:
        user["RoomIdType"] = PUBLISH.room_id_types[participant.room_id_type]
    return {"UserInfo": user, "StreamType": int(participant.stream is Stream.SCREEN)}


def window_from_wire(entry: "McuLayout") -> Window:
    """A window nobody is in yet, reserved for whom it names; a mask that has no effect is none."""
    placeholder = None
    if entry.BackgroundImageUrl:
        image, custom = ImageRef(entry.BackgroundImageUrl), entry.BackgroundCustomRender
        if entry.BackgroundRenderMode != CUSTOM_RENDER:
            placeholder = Placeholder(image, meaning(PLACEHOLDER_MODES, entry.BackgroundRenderMode))
        elif custom is None:
            placeholder = Placeholder(image)
        else:
            placeholder = Placeholder(image, size=Size(custom.Width, custom.Height), radius_px=custom.Radius)
    crop = entry.CustomCrop
    render_mode = meaning(PUBLISH.render_modes, entry.RenderMode)
    behind = next((kind for kind, number in _BEHIND.items() if number == entry.BackGroundColorMode), None)
    mask = entry.TransparentUrl if render_mode is MASKED_MODE else None
    return Window(
        Rect(entry.LocationX, entry.LocationY, entry.ImageWidth, entry.ImageHeight),
        stream_from_wire(entry.UserMediaStream),
        Shows.NOBODY,
        z_order=entry.ZOrder,
        render_mode=render_mode,
        crop=None if crop is None else Rect(crop.LocationX, crop.LocationY, crop.Width, crop.Height),
        mask=ImageRef(mask) if mask else None,
        placeholder=placeholder,
        background=Color.parse(entry.BackGroundColor or "") if behind else None,
        background_behind=behind or Behind.BOTH,
    )


def window_to_wire(window: Window, *, unnamed: bool = False) -> dict[str, object]:
    """McuLayout. Opacity cannot be said; a render mode without a number is sent as the nearest, and a mask
    only with the one that it has an effect in.
    """
    entry: dict[str, object] = {}
    render_mode = sendable(window.render_mode, PUBLISH.render_modes)
    if window.participant is not None and not unnamed:
        entry["UserMediaStream"] = stream_to_wire(window.participant)
    entry |= {
        "LocationX": window.rect.x,
        "LocationY": window.rect.y,
        "ImageWidth": window.rect.width,
        "ImageHeight": window.rect.height,
        "ZOrder": window.z_order,
        "RenderMode": PUBLISH.render_modes[render_mode],
    }
    if window.background is not None:
        entry["BackGroundColor"] = PUBLISH.color(window.background)
        entry["BackGroundColorMode"] = _BEHIND[window.background_behind]
    if window.placeholder is not None:
        entry["BackgroundImageUrl"] = window.placeholder.image.url
        entry |= _placeholder_fit(window.placeholder)
    if window.crop is not None:
        entry["CustomCrop"] = {
            "LocationX": window.crop.x,
            "LocationY": window.crop.y,
            "Width": window.crop.width,
            "Height": window.crop.height,
        }
    if window.mask is not None and render_mode is MASKED_MODE:
        entry["TransparentUrl"] = window.mask.url
    return entry


def _placeholder_fit(placeholder: Placeholder) -> dict[str, object]:
    if placeholder.size is None:
        mode = sendable(placeholder.render_mode, PLACEHOLDER_MODES)
        return {"BackgroundRenderMode": PLACEHOLDER_MODES[mode]}
    width, height = placeholder.size.width, placeholder.size.height
    custom = {"Width": width, "Height": height, "Radius": placeholder.radius_px}
    return {"BackgroundRenderMode": CUSTOM_RENDER, "BackgroundCustomRender": custom}


def template_to_wire(template: Template) -> dict[str, object]:
    """The stage and the audio rule of McuLayoutParams.

    Raises:
        LayoutError: a stage on the right, which publishing has no field for.
    """
    if template.name == "screen-share" and template.stage_side == "right":
        raise LayoutError(
            "publishing cannot ask for a screen-share template with its stage on the right; "
            "an explicit list of its windows can"
        )
    params: dict[str, object] = {}
    if template.stage is not None:
        params["MaxVideoUser"] = {"UserMediaStream": stream_to_wire(template.stage)}
    if template.hold_audio_only:
        params["PureAudioHoldPlaceMode"] = 1
    return params


def background_from_wire(video: "McuVideoParams") -> Background:
    """What lies behind all windows."""
    color = Color.parse(video.BackGroundColor or "") or BLACK
    if not video.BackgroundImageUrl:
        return Background(color)
    mode = meaning(PUBLISH.background_modes, video.BackgroundRenderMode)
    return Background(color, ImageRef(video.BackgroundImageUrl), mode)


def scene_to_wire(layout: Layout) -> dict[str, object]:
    """Background and watermarks of McuVideoParams, where they differ from the defaults.

    A timestamp cannot be said and is left out.
    """
    params: dict[str, object] = {}
    background = layout.background
    if background.color != BLACK:
        params["BackGroundColor"] = PUBLISH.color(background.color)
    if background.image is not None:
        params["BackgroundImageUrl"] = background.image.url
        mode = sendable(background.render_mode, PUBLISH.background_modes)
        params["BackgroundRenderMode"] = PUBLISH.background_modes[mode]
    top = top_layer(layout)
    marks = [
        watermark_to_wire(mark, top) for mark in layout.watermarks if not isinstance(mark, TimestampWatermark)
    ]
    return params | ({"WaterMarkList": marks} if marks else {})


def top_layer(layout: Layout) -> int:
    """The topmost layer in use, on which a picture is above everything."""
    orders = [window.z_order for window in layout.windows]
    orders += [w.z_order for w in layout.watermarks if not isinstance(w, TimestampWatermark) and w.z_order]
    return max(orders, default=0)


def watermark_from_wire(mark: "McuWaterMarkParams") -> Watermark | None:
    """A watermark; None where the object its type asks for is missing."""
    image, text = mark.WaterMarkImage, mark.WaterMarkText
    if mark.WaterMarkType == 0 and image is not None:
        rect = Rect(image.LocationX, image.LocationY, image.WaterMarkWidth, image.WaterMarkHeight)
        return ImageWatermark(ImageRef(image.WaterMarkUrl), rect, image.ZOrder)
    if mark.WaterMarkType == 1 and text is not None:
        return TextWatermark(
            text.Text,
            Rect(text.LocationX, text.LocationY, text.WaterMarkWidth, text.WaterMarkHeight),
            text.FontSize,
            Color.parse(text.FontColor) or WHITE,
            Color.parse(text.BackGroundColor or ""),
            text.ZOrder if "ZOrder" in text.model_fields_set else None,
        )
    return None


def watermark_to_wire(mark: ImageWatermark | TextWatermark, top: int) -> dict[str, object]:
    """McuWaterMarkParams. A picture above everything is sent on layer `top`, the topmost in use: a
    watermark is drawn after the windows of its own layer."""
    place: dict[str, object] = {
        "WaterMarkWidth": mark.rect.width,
        "WaterMarkHeight": mark.rect.height,
        "LocationX": mark.rect.x,
        "LocationY": mark.rect.y,
    }
    if isinstance(mark, ImageWatermark):
        layer = top if mark.z_order is None else mark.z_order
        return {
            "WaterMarkType": 0,
            "WaterMarkImage": {"WaterMarkUrl": mark.image.url, **place, "ZOrder": layer},
        }
    text = {
        "Text": mark.text,
        **place,
        "FontSize": mark.font_size_px,
        "FontColor": PUBLISH.color(mark.color),
    }
    if mark.fill is not None:
        text["BackGroundColor"] = PUBLISH.color(mark.fill)
    if mark.z_order is not None:
        text["ZOrder"] = mark.z_order
    return {"WaterMarkType": 1, "WaterMarkText": text}
