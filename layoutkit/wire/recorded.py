"""A recording's body and who is in the room -> the Layout the service would draw.

Source: CreateCloudRecording; RecordParams, SubscribeStreamUserIds and MixLayoutParams.
"""

from collections.abc import Sequence
from dataclasses import replace

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Layout, Participant, Stream
from layoutkit.geometry.rect import Size, as_canvas
from layoutkit.geometry.seating import Room, is_listed, subscribed
from layoutkit.wire import recording_scene
from layoutkit.wire.dialect import CUSTOM_MODE, RECORDING, meaning
from layoutkit.wire.expand import Expansion, custom, in_room, named, reserved
from layoutkit.wire.picture import RecordingPicture
from layoutkit.wire.recording_layout import MixLayoutParams

RECORDING_CANVAS = Size(360, 640)
"""Of a CreateCloudRecording body without VideoParams (API: VideoParams' defaults)."""

STREAMS = {0: tuple(Stream), 1: (Stream.CAMERA,), 2: (Stream.SCREEN,)}
"""RecordParams.MediaId; not MixLayout's numbers."""


def recorded(
    picture: RecordingPicture,
    people: Sequence[Participant] | None,
    canvas: Size | None,
    default_canvas: Size,
    expand: Expansion,
) -> Layout:
    """The layout the service draws for a recording; None for `people` means whom the body names."""
    record, params = picture.RecordParams, picture.MixLayoutParams or MixLayoutParams(MixLayoutMode=3)
    if record is not None and record.RecordMode == 1:
        raise SourceError("$.RecordParams.RecordMode: 1 records each stream by itself, without a mix")
    if record is not None and record.StreamType == 1:
        raise SourceError("$.RecordParams.StreamType: 1 records only sound; there is no picture")
    if canvas is None:
        encode = picture.MixTranscodeParams and picture.MixTranscodeParams.VideoParams
        if encode:
            canvas = as_canvas((encode.Width, encode.Height))
        else:
            canvas = default_canvas if record is None else RECORDING_CANVAS
    lists = picture.SubscribeStreamUserIds or (record.SubscribeStreamUserIds if record else None)
    room = None
    if picture.RoomId is not None:
        room = Room(picture.RoomId, RECORDING.room_id_type(picture.RoomIdType))
    streams = STREAMS[record.MediaId if record else 0]
    mutes_all = record is not None and record.StreamType == 2
    stage = recording_scene.user_from_wire(params.MaxResolutionUserId, params.MediaId)
    is_custom = params.MixLayoutMode == CUSTOM_MODE
    places = (
        [recording_scene.window_from_wire(e, params) for e in params.MixLayoutList or ()] if is_custom else []
    )
    if people is None:
        allowed = (lists.SubscribeVideoUserIds if lists else None) or ()
        names = [Participant(name) for name in allowed if name and not name.endswith(".*$")]
        people = reserved(places) if is_custom else named(stage, names)
    there, notes = in_room(people, room)
    present = {p.user_id for p in there}
    audio_allow = (lists.SubscribeAudioUserIds if lists else None) or ()
    audio_block = (lists.UnSubscribeAudioUserIds if lists else None) or ()

    def heard(person: Participant) -> bool:
        return (
            person.sends_audio
            and not mutes_all
            and (not audio_allow or is_listed(person.user_id, audio_allow, present))
            and not is_listed(person.user_id, audio_block, present)
        )

    chosen = subscribed(
        there,
        allow=(lists.SubscribeVideoUserIds if lists else None) or (),
        block=(lists.UnSubscribeVideoUserIds if lists else None) or (),
        streams=streams,
    )
    seated = [p for p in chosen if p.sends_video or heard(p)]
    hold = not params.PureAudioDisableLayout
    if is_custom:
        layout = custom(places, seated, canvas, hold_audio_only=hold, room=room)
    else:
        chosen_mode = params.RenderMode if "RenderMode" in params.model_fields_set else None
        layout = expand.template(
            params.MixLayoutMode,
            canvas,
            seated,
            "recording",
            stage=stage,
            stage_side=params.MaxResolutionUserAlign,
            hold_audio_only=hold,
            render_mode=None if chosen_mode is None else meaning(RECORDING.render_modes, chosen_mode),
        )
        windows = (
            replace(w, placeholder=recording_scene.placeholder_from_wire(params, w.render_mode))
            if w.participant is not None
            else w
            for w in layout.windows
        )
        image = recording_scene.default_placeholder(params)
        template = layout.template and replace(layout.template, placeholder=image)
        layout = replace(layout, windows=tuple(windows), template=template)
    only_heard = {*layout.audio_only, *(p for p in there if p not in chosen and heard(p))}
    marks = (recording_scene.watermark_from_wire(mark) for mark in params.WaterMarkList or ())
    return replace(
        layout,
        audio_only=tuple(p for p in there if p in only_heard),
        background=recording_scene.background_from_wire(params),
        watermarks=tuple(mark for mark in marks if mark is not None),
        notes=layout.notes + notes,
    )
