"""A request body, or the layout in it, and who is in the room -> the Layout the service would draw.

Source: layout-rules "Custom layouts" and the actions' own texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.floating import floating
from layoutkit.geometry.grid import LastRow, grid
from layoutkit.geometry.layout import (
    Layout,
    Participant,
    ParticipantLike,
    Service,
    Stream,
    Window,
    as_participants,
)
from layoutkit.geometry.rect import MAX_SIDE, Align, CanvasLike, Rect, Rounding, Size, as_canvas
from layoutkit.geometry.scene import RenderMode, TimestampWatermark
from layoutkit.geometry.screen_share import screen_share
from layoutkit.geometry.seating import Room, is_listed, subscribed, take_places
from layoutkit.wire import publish_scene, recording_scene
from layoutkit.wire.dialect import CUSTOM_MODE, LAYOUT_MODES, PUBLISH, RECORDING, meaning
from layoutkit.wire.document import service_of, unwrapped
from layoutkit.wire.picture import PublishPicture, RecordingPicture, read
from layoutkit.wire.plain import as_json
from layoutkit.wire.publish import McuAudioParams
from layoutkit.wire.publish_video import McuLayoutParams, McuVideoParams
from layoutkit.wire.recording_layout import MixLayoutParams
from layoutkit.wire.rules import brief

DEFAULT_CANVAS = Size(1280, 720)
"""Of layout parameters that stand alone, and of updates, which do not say it."""

RECORDING_CANVAS = Size(360, 640)
"""Of a CreateCloudRecording body without VideoParams (API: VideoParams' defaults)."""

_STREAMS = {0: tuple(Stream), 1: (Stream.CAMERA,), 2: (Stream.SCREEN,)}
"""RecordParams.MediaId; not MixLayout's numbers."""


def to_layout(
    body: object,
    *,
    participants: Iterable[ParticipantLike] | None = None,
    canvas: CanvasLike | None = None,
    service: Service | None = None,
    rounding: Rounding = "equal",
    align: Align = 1,
    last_row: LastRow | None = None,
) -> Layout:
    """The layout the service draws for a body.

    Args:
        body: parsed JSON: a body of the four actions, its McuVideoParams, McuLayoutParams or
            MixLayoutParams, or a bare MixLayoutList; or one of the official SDK's request objects.
        participants: who is in the room, in entry order. None: everybody the body names is there, and
            its unnamed windows are empty.
        canvas: size in pixels; default: the body's own.
        service: the dialect, where the body does not tell it by itself; default "publish".
        rounding, align, last_row: how a template is expanded.

    Raises:
        SourceError: the body's types and ranges do not hold, or it has no mixed picture.
        LayoutError: the layout is impossible, or the same stream of the same user is there twice.
    """
    body = unwrapped(as_json(body))
    told = service_of(body) or service or "publish"
    picture = read(body, told)
    people = None if participants is None else as_participants(participants)
    size = None if canvas is None else as_canvas(canvas)
    expand = _Expansion(rounding, align, last_row)
    if isinstance(picture, PublishPicture):
        return _drawable(_published(picture, people, size, expand))
    return _drawable(_recorded(picture, people, size, expand))


def _drawable(layout: Layout) -> Layout:
    """The layout, unless a place in it is beyond every canvas; `check` tells of what leaves its own."""
    places = [(f"MixLayoutList[{number}]", window.rect) for number, window in enumerate(layout.windows)]
    places += [
        (f"WaterMarkList[{number}]", mark.rect)
        for number, mark in enumerate(layout.watermarks)
        if not isinstance(mark, TimestampWatermark)
    ]
    for place, rect in places:
        end = max(rect.right, rect.bottom)
        if end > MAX_SIDE:
            raise LayoutError(
                f"{place}: it ends at {brief(end)}, beyond {MAX_SIDE} pixels, the largest canvas"
            )
    return layout


class _Expansion:
    """How fractions of a template become pixels."""

    __slots__ = ("align", "last_row", "rounding")

    def __init__(self, rounding: Rounding, align: Align, last_row: LastRow | None) -> None:
        self.rounding: Rounding = rounding
        self.align: Align = align
        self.last_row = last_row

    def template(
        self,
        mode: int,
        canvas: Size,
        people: Sequence[Participant],
        service: Service,
        *,
        stage: Participant | None,
        stage_side: int = 0,
        hold_audio_only: bool,
        render_mode: RenderMode | None,
    ) -> Layout:
        if mode == LAYOUT_MODES["grid"]:
            return grid(
                canvas,
                people,
                service=service,
                rounding=self.rounding,
                align=self.align,
                last_row=self.last_row,
                hold_audio_only=hold_audio_only,
                render_mode=render_mode,
            )
        if mode == LAYOUT_MODES["floating"]:
            return floating(
                canvas,
                people,
                service=service,
                stage=stage,
                rounding=self.rounding,
                align=self.align,
                hold_audio_only=hold_audio_only,
                render_mode=render_mode,
            )
        return screen_share(
            canvas,
            people,
            service=service,
            stage=stage,
            stage_side="right" if stage_side else "left",
            rounding=self.rounding,
            align=self.align,
            hold_audio_only=hold_audio_only,
            render_mode=render_mode,
        )


def _published(
    picture: PublishPicture, people: Sequence[Participant] | None, canvas: Size | None, expand: _Expansion
) -> Layout:
    video = picture.VideoParams
    if video is None:
        raise SourceError("$.VideoParams: it is not there, so the body has no picture, only sound")
    if canvas is None:
        encode = video.VideoEncode
        canvas = DEFAULT_CANVAS if encode is None else as_canvas((encode.Width, encode.Height))
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
        layout = _custom(places, people, canvas, hold_audio_only=False, room=room)
        layout = replace(layout, notes=tuple(publish_scene.undrawn(params.MixLayoutList or ())))
    else:
        largest = params.MaxVideoUser
        stage = None if largest is None else publish_scene.stream_from_wire(largest.UserMediaStream)
        allowed = picture.AudioParams.SubscribeAudioList if picture.AudioParams else None
        named = [publish_scene.user_from_wire(entry.UserInfo) for entry in allowed or ()]
        there, foreign = _in_room(_named(stage, named) if people is None else people, room)
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


def _recorded(
    picture: RecordingPicture, people: Sequence[Participant] | None, canvas: Size | None, expand: _Expansion
) -> Layout:
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
            canvas = DEFAULT_CANVAS if record is None else RECORDING_CANVAS
    lists = picture.SubscribeStreamUserIds or (record.SubscribeStreamUserIds if record else None)
    room = None
    if picture.RoomId is not None:
        room = Room(picture.RoomId, RECORDING.room_id_type(picture.RoomIdType))
    streams = _STREAMS[record.MediaId if record else 0]
    mutes_all = record is not None and record.StreamType == 2
    stage = recording_scene.user_from_wire(params.MaxResolutionUserId, params.MediaId)
    custom = params.MixLayoutMode == CUSTOM_MODE
    places = (
        [recording_scene.window_from_wire(e, params) for e in params.MixLayoutList or ()] if custom else []
    )
    if people is None:
        allowed = (lists.SubscribeVideoUserIds if lists else None) or ()
        names = [Participant(name) for name in allowed if name and not name.endswith(".*$")]
        people = _reserved(places) if custom else _named(stage, names)
    there, notes = _in_room(people, room)
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
    if custom:
        layout = _custom(places, seated, canvas, hold_audio_only=hold, room=room)
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


def _custom(
    places: Sequence[Window],
    people: Sequence[Participant] | None,
    canvas: Size,
    *,
    hold_audio_only: bool,
    room: Room | None,
) -> Layout:
    if not places:
        raise LayoutError("a custom layout (MixLayoutMode 4) without a window in its MixLayoutList")
    there = _reserved(places) if people is None else people
    seating = take_places(places, there, hold_audio_only=hold_audio_only, main_room=room)
    return Layout(canvas, seating.windows, dropped=seating.dropped, audio_only=seating.audio_only)


def _reserved(places: Iterable[Window]) -> list[Participant]:
    """Everybody windows are reserved for, each once."""
    return _named(None, [w.participant for w in places if w.participant is not None])


def _named(stage: Participant | None, others: Iterable[Participant]) -> list[Participant]:
    """The stage and the others, each once."""
    named = list({p.identity: p for p in others}.values())
    if stage is None:
        return named
    return [stage, *(p for p in named if not p.is_same_stream(stage))]


def _in_room(people: Sequence[Participant], room: Room | None) -> tuple[list[Participant], tuple[str, ...]]:
    """Those a mix of one room can take, and a note about the others."""
    there = [p for p in people if room is None or room.houses(p)]
    away = [str(p) for p in people if room is not None and not room.houses(p)]
    if room is None or not away:
        return there, ()
    return there, (f"{', '.join(away)}: not in room {room.room_id}, the only one this layout mixes",)
