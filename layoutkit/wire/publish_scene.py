"""McuVideoParams and its parts, to and from the values of a Layout."""

from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Participant, Stream, Template, Window
from layoutkit.wire.dialect import PLACEHOLDER_MODES, PUBLISH, sendable

BACKGROUND_EVERYWHERE = 3
"""BackGroundColorMode: bit 0 behind a placeholder, bit 1 behind the stream (newer SDK)."""


def stream_to_wire(participant: Participant) -> dict[str, object]:
    """UserMediaStream; a room that is not stated is the main room and is left out."""
    user: dict[str, object] = {"UserId": participant.user_id}
    if participant.room_id is not None:
        user["RoomId"] = participant.room_id
    if participant.room_id_type is not None:
        user["RoomIdType"] = PUBLISH.room_id_types[participant.room_id_type]
    return {"UserInfo": user, "StreamType": int(participant.stream is Stream.SCREEN)}


def window_to_wire(window: Window, *, unnamed: bool = False) -> dict[str, object]:
    """McuLayout. Opacity cannot be said; a render mode without a number is sent as the nearest."""
    entry: dict[str, object] = {}
    if window.participant is not None and not unnamed:
        entry["UserMediaStream"] = stream_to_wire(window.participant)
    entry |= {
        "LocationX": window.rect.x,
        "LocationY": window.rect.y,
        "ImageWidth": window.rect.width,
        "ImageHeight": window.rect.height,
        "ZOrder": window.z_order,
        "RenderMode": PUBLISH.render_modes[sendable(window.render_mode, PUBLISH.render_modes)],
    }
    if window.background is not None:
        entry["BackGroundColor"] = PUBLISH.color(window.background)
        entry["BackGroundColorMode"] = BACKGROUND_EVERYWHERE
    if window.placeholder is not None:
        entry["BackgroundImageUrl"] = window.placeholder.image.url
        mode = sendable(window.placeholder.render_mode, PLACEHOLDER_MODES)
        entry["BackgroundRenderMode"] = PLACEHOLDER_MODES[mode]
    if window.crop is not None:
        entry["CustomCrop"] = {
            "LocationX": window.crop.x,
            "LocationY": window.crop.y,
            "Width": window.crop.width,
            "Height": window.crop.height,
        }
    if window.mask is not None:
        entry["TransparentUrl"] = window.mask.url
    return entry


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
