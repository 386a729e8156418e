"""A publish body and who is in the room -> the Layout the service would draw.

Source: StartPublishCdnStream; McuVideoParams and McuAudioParams.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Layout, Participant, Window
from layoutkit.geometry.rect import Rect, Size, as_canvas
from layoutkit.geometry.seating import Room
from layoutkit.wire import publish_scene
from layoutkit.wire.dialect import CUSTOM_MODE, PUBLISH, meaning
from layoutkit.wire.expand import Expansion, custom, in_room, named
from layoutkit.wire.picture import PublishPicture
from layoutkit.wire.publish import McuAudioParams
from layoutkit.wire.publish_video import McuLayoutParams, McuVideoParams


def published(
    picture: PublishPicture,
    people: Sequence[Participant] | None,
    canvas: Size | None,
    default_canvas: Size,
    expand: Expansion,
) -> Layout:
    """The layout the service draws for a publish body; None for `people` means whom the body names."""
    video = picture.VideoParams
    if video is None:
        raise SourceError("$.VideoParams: it is not there, so the body has no picture, only sound")
    if canvas is None:
        encode = video.VideoEncode
        canvas = default_canvas if encode is None else as_canvas((encode.Width, encode.Height))
    room = None
    if picture.RoomId is not None:
        room = Room(picture.RoomId, PUBLISH.room_id_type(picture.RoomIdType))
    if picture.WithTranscoding == 0:
        return _single(picture, canvas)
    if video.LayoutParams is None and picture.TaskId is not None:
        raise SourceError(
            "$.VideoParams.LayoutParams: it is not there, so the update leaves the layout as it is"
        )
    params = video.LayoutParams or McuLayoutParams()
    if params.MixLayoutMode == CUSTOM_MODE:
        places = [publish_scene.window_from_wire(entry) for entry in params.MixLayoutList or ()]
        layout = custom(places, people, canvas, hold_audio_only=False, room=room)
    else:
        largest = params.MaxVideoUser
        stage = None if largest is None else publish_scene.stream_from_wire(largest.UserMediaStream)
        allowed = picture.AudioParams.SubscribeAudioList if picture.AudioParams else None
        heard_by_name = [publish_scene.user_from_wire(entry.UserInfo) for entry in allowed or ()]
        there, foreign = in_room(named(stage, heard_by_name) if people is None else people, room)
        layout = expand.template(
            params.MixLayoutMode,
            canvas,
            there,
            "publish",
            stage=stage,
            hold_audio_only=bool(params.PureAudioHoldPlaceMode),
            render_mode=None
            if params.RenderMode is None
            else meaning(PUBLISH.render_modes, params.RenderMode),
        )
        layout = replace(layout, notes=layout.notes + foreign)
    heard = tuple(p for p in layout.audio_only if _is_heard(p, picture.AudioParams))
    return _with_publish_scene(replace(layout, audio_only=heard), video)


def _with_publish_scene(layout: Layout, video: McuVideoParams) -> Layout:
    marks = (publish_scene.watermark_from_wire(mark) for mark in video.WaterMarkList or ())
    return replace(
        layout,
        background=publish_scene.background_from_wire(video),
        watermarks=tuple(mark for mark in marks if mark is not None),
    )


def _single(picture: PublishPicture, canvas: Size) -> Layout:
    """One stream, relayed as it is: it is the whole picture."""
    single = picture.SingleSubscribeParams
    person = None if single is None else publish_scene.stream_from_wire(single.UserMediaStream)
    if person is None:
        raise SourceError("$.SingleSubscribeParams: WithTranscoding is 0 and no stream is named here")
    return Layout(canvas, (Window(Rect(0, 0, canvas.width, canvas.height), person),))


def _is_heard(person: Participant, audio: McuAudioParams | None) -> bool:
    """Whether the audio lists let somebody be heard; who is on both is not."""
    if audio is None:
        return True

    def listed(entries: Iterable[object] | None) -> bool:
        names = (publish_scene.user_from_wire(entry.UserInfo) for entry in entries or ())  # type: ignore[attr-defined]
        return any(name.is_same_stream(replace(person, stream=name.stream)) for name in names)

    allow = audio.SubscribeAudioList
    return (not allow or listed(allow)) and not listed(audio.UnSubscribeAudioList)
