"""Bodies to Layout and back: the laws, the API's own samples, and what cannot be drawn."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.layout import Layout, Participant, Service, Shows, Stream, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    Background,
    Behind,
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    TimestampWatermark,
)
from layoutkit.wire import to_layout, to_layout_params
from layoutkit.wire.dialect import MASKED_MODE, PLACEHOLDER_MODES, PUBLISH, RECORDING, opacity
from layoutkit.wire.losses import Paths, losses
from layoutkit.wire.publish_scene import scene_to_wire

CANVAS = Size(1280, 720)
sides = st.integers(0, 600)
colors = st.builds(Color, *[st.integers(0, 255)] * 3)
images = st.sampled_from([ImageRef("https://a/1.png"), ImageRef("https://a/2.jpg")])
people = st.lists(
    st.builds(
        Participant,
        st.sampled_from("abcdef"),
        room_id=st.none(),
        stream=st.sampled_from(list(Stream)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda p: p.identity,
)


backgrounds = st.just({}) | st.fixed_dictionaries(
    {
        "background": colors,
        "background_behind": st.sampled_from((Behind.PLACEHOLDER, Behind.VIDEO, Behind.BOTH)),
    }
)


def rects() -> st.SearchStrategy[Rect]:
    return st.builds(Rect, sides, sides, sides, sides)


def placeholders(fit: RenderMode, *, publish: bool) -> st.SearchStrategy[Placeholder]:
    """Fitted into the window, or in a publish dialect with a size and corners of its own."""
    fitted = st.builds(Placeholder, images, st.just(fit))
    sizes = st.builds(Size, st.integers(1, 99), st.integers(1, 99))
    own = st.builds(Placeholder, images, size=sizes, radius_px=st.integers(0, 50))
    return fitted | own if publish else fitted


@st.composite
def layouts(draw: st.DrawFn, service: Service) -> Layout:
    """Any custom layout that the dialect can say, with everybody there."""
    windows = []
    for person in draw(people):
        named = draw(st.booleans())
        publish = service == "publish"
        mode = draw(st.sampled_from(list((PUBLISH if publish else RECORDING).render_modes)))
        fit = draw(st.sampled_from(list(PLACEHOLDER_MODES))) if publish else mode
        windows.append(
            Window(
                draw(rects()),
                person if named else None,
                Shows.VIDEO if named else Shows.NOBODY,
                z_order=draw(st.integers(0, 9)),
                render_mode=mode,
                opacity=1.0 if publish else opacity(draw(st.integers(0, 255))),
                crop=draw(st.none() | st.builds(Rect, *[st.integers(1, 99)] * 4)) if publish else None,
                mask=draw(st.none() | images) if publish and mode is MASKED_MODE else None,
                placeholder=draw(st.none() | placeholders(fit, publish=publish)),
                **draw(backgrounds if publish else st.just({})),
            )
        )
    return Layout(CANVAS, tuple(windows))


@given(layouts("publish"))
def test_a_published_layout_survives_the_wire(layout: Layout) -> None:
    read = to_layout(to_layout_params(layout), canvas=CANVAS)
    # What is not drawn as it is asked for is noted, and held all the same.
    assert replace(read, notes=()) == layout


@given(layouts("recording"))
def test_a_recorded_layout_survives_the_wire(layout: Layout) -> None:
    params = to_layout_params(layout, service="recording")
    assert to_layout(params, canvas=CANVAS, service="recording") == layout


@given(layouts("publish"), layouts("recording"))
def test_a_list_says_its_own_dialect(published: Layout, recorded: Layout) -> None:
    assert to_layout(to_layout_params(published)["MixLayoutList"], canvas=CANVAS).windows == published.windows
    recording = to_layout_params(recorded, service="recording")
    if "PlaceHolderMode" not in recording:
        assert to_layout(recording["MixLayoutList"], canvas=CANVAS).windows == recorded.windows


@pytest.mark.parametrize(("number", "mode"), list(enumerate(PUBLISH.render_modes)))
def test_a_mask_has_an_effect_only_in_render_mode_0(number: int, mode: RenderMode) -> None:
    entry = {"ImageWidth": 10, "ImageHeight": 10, "RenderMode": number, "TransparentUrl": "https://a/m.png"}
    (read,) = to_layout([entry], canvas=CANVAS, service="publish").windows
    assert read.mask == (ImageRef("https://a/m.png") if number == 0 else None)
    masked = replace(read, render_mode=mode, mask=ImageRef("https://a/m.png"))
    layout = Layout(CANVAS, (masked,))
    assert ("TransparentUrl" in str(to_layout_params(layout))) == (number == 0)
    lost = losses(layout, "publish", Paths("publish", "$", "$", "$"))
    assert [loss.path for loss in lost] == ([] if number == 0 else ["$[0].TransparentUrl"])


def test_a_recordings_scene_survives_the_wire() -> None:
    layout = Layout(
        CANVAS,
        (Window(Rect(0, 0, 10, 10), Participant("a")),),
        background=Background(Color(1, 2, 3), ImageRef("https://a/b.png"), RenderMode.SMART_CROP),
        watermarks=(
            ImageWatermark(ImageRef("https://a/w.png"), Rect(1, 2, 3, 4)),
            TextWatermark("hello", Rect(5, 6, 7, 8), 20, Color(1, 2, 3), Color(4, 5, 6)),
            TimestampWatermark(TimestampPosition.CENTER, -3),
        ),
    )
    assert to_layout(to_layout_params(layout, service="recording"), canvas=CANVAS) == layout


def test_a_published_scene_survives_the_wire() -> None:
    layout = Layout(
        CANVAS,
        (Window(Rect(0, 0, 10, 10), Participant("a")),),
        background=Background(Color(1, 2, 3), ImageRef("https://a/b.png"), RenderMode.LETTERBOX),
        watermarks=(
            ImageWatermark(ImageRef("https://a/w.png"), Rect(1, 2, 3, 4), 3),
            TextWatermark("hello", Rect(5, 6, 7, 8), 20, Color(1, 2, 3), Color(4, 5, 6)),
        ),
    )
    video = {"LayoutParams": to_layout_params(layout), **scene_to_wire(layout)}
    assert to_layout(video, canvas=CANVAS) == layout
    assert to_layout({"VideoParams": video}, canvas=CANVAS) == layout


def test_the_api_sample_of_two_halves(service_samples: Path) -> None:
    layout = to_layout(json.loads((service_samples / "StartPublishCdnStream-1.json").read_text()))
    assert layout.canvas == CANVAS
    assert [(str(w.participant), w.rect, w.shows) for w in layout.windows] == [
        ("Trtc_User_0@295066", Rect(0, 0, 640, 720), Shows.VIDEO),
        ("Trtc_User_1@295066", Rect(640, 0, 640, 720), Shows.VIDEO),
    ]
    assert layout.background == Background(Color(255, 0, 0))
    (mark,) = layout.watermarks
    assert isinstance(mark, ImageWatermark)
    assert (mark.rect, mark.z_order) == (Rect(64, 64, 64, 64), 3)


def test_the_api_sample_of_a_recorded_grid(service_samples: Path) -> None:
    body = json.loads((service_samples / "CreateCloudRecording-1.json").read_text())
    layout = to_layout(body, participants=["a", "b", "c"])
    assert layout.canvas == Size(360, 640)
    assert [w.rect for w in layout.windows] == [
        Rect(0, 0, 180, 320),
        Rect(180, 0, 180, 320),
        Rect(0, 320, 180, 320),
    ]
    away = to_layout(body, participants=[Participant("a"), Participant("b", "9")])
    assert [str(w.participant) for w in away.windows] == ["a"]
    assert away.notes == ("b@9: not in room 3560, the only one this layout mixes",)


def test_recording_lists_choose_who_gets_a_seat_and_who_is_heard() -> None:
    window = {"Top": 0, "Left": 0, "Width": 8, "Height": 8}
    body = {
        "RecordParams": {"RecordMode": 2, "StreamType": 0, "MediaId": 1},
        "MixLayoutParams": {"MixLayoutMode": 4, "MixLayoutList": [window]},
        "SubscribeStreamUserIds": {"SubscribeVideoUserIds": ["t.*$"], "UnSubscribeAudioUserIds": ["mute"]},
    }
    crowd = ["pupil", "mute", Participant("t1", stream=Stream.SCREEN), "t2", "t3"]
    layout = to_layout(body, participants=crowd)
    assert layout.canvas == Size(360, 640)
    assert [str(w.participant) for w in layout.windows] == ["t2"]
    assert [str(p) for p in layout.dropped] == ["t3"]
    assert [str(p) for p in layout.audio_only] == ["pupil", "t1:screen"]


def test_publish_audio_lists_say_who_is_heard() -> None:
    users = [{"UserInfo": {"UserId": name}} for name in ("a", "b")]
    body = {
        "VideoParams": {"LayoutParams": {"MixLayoutMode": 3}},
        "AudioParams": {"SubscribeAudioList": users, "UnSubscribeAudioList": users[1:]},
    }
    quiet = [Participant(name, sends_video=False) for name in "abc"]
    assert [str(p) for p in to_layout(body, participants=[*quiet, "d"]).audio_only] == ["a"]


def test_defaults_differ_between_the_dialects() -> None:
    published = to_layout({"VideoParams": {}}, participants=["a", "b"])
    assert published.template is not None
    assert published.template.name == "floating"
    recorded = to_layout({"StorageParams": {}}, participants=["a", "b"])
    assert recorded.template is not None
    assert recorded.template.name == "grid"


def test_placeholders_of_a_recording_need_their_mode() -> None:
    window = {"Top": 0, "Left": 0, "Width": 8, "Height": 8, "RenderMode": 2}
    own = {**window, "SubBackgroundImage": "https://a/own.png"}
    params = {
        "MixLayoutMode": 4,
        "MixLayoutList": [window, own],
        "DefaultSubBackgroundImage": "https://a/d.png",
    }
    assert [w.placeholder for w in to_layout(params).windows] == [None, None]
    assert [w.placeholder for w in to_layout({**params, "PlaceHolderMode": 1}).windows] == [
        Placeholder(ImageRef("https://a/d.png"), RenderMode.SCALE),
        Placeholder(ImageRef("https://a/own.png"), RenderMode.SCALE),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, r"^\$: no layout in it"),
        (3, r"^\$: a request body"),
        ([{"LocationX": "0"}], r'^\$\[0\]\.LocationX: LocationX "0" is not an integer'),
        (
            {"VideoParams": {"LayoutParams": {"MixLayoutMode": 7}}},
            r"^\$\.VideoParams\.Layout\w+\.MixLayoutMode: ",
        ),
        (
            {"MixLayoutList": [{"Left": 0}]},
            r"^\$\.MixLayoutList\[0\]\.Top: Top is required and absent \(and 2 more",
        ),
        ({"AudioParams": {}}, r"^\$\.VideoParams: it is not there"),
        ({"StorageParams": {}, "RecordParams": {"RecordMode": 1}}, "by itself, without a mix"),
        ({"StorageParams": {}, "RecordParams": {"RecordMode": 2, "StreamType": 1}}, "records only sound"),
        ({"TaskId": "t", "SequenceNumber": 1, "VideoParams": {}}, "leaves the layout as it is"),
    ],
)
def test_what_cannot_be_drawn_is_one_error_with_its_path(body: object, text: str) -> None:
    with pytest.raises(SourceError, match=text) as caught:
        to_layout(body)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", [20_000, 10**400])
def test_a_place_far_beyond_every_canvas_is_not_drawn(number: int) -> None:
    listed = [{"ImageWidth": 9, "ImageHeight": 9}, {"ImageWidth": number, "ImageHeight": 9}]
    with pytest.raises(
        LayoutError, match=r"MixLayoutList\[1\]: it ends at .*, beyond 16384 pixels"
    ) as caught:
        to_layout(listed)
    assert len(str(caught.value)) < 200


def test_a_custom_layout_needs_a_window() -> None:
    with pytest.raises(LayoutError, match="without a window"):
        to_layout([])


def test_a_wrapped_body_is_the_body(service_samples: Path) -> None:
    body = json.loads((service_samples / "StartPublishCdnStream-1.json").read_text())
    common = {"Action": "StartPublishCdnStream", "Version": "2019-07-22", "Region": "ap-singapore"}
    assert to_layout({**common, "Body": body}) == to_layout({**common, **body}) == to_layout(body)


@pytest.mark.parametrize(
    ("behind", "shown"),
    [
        (Behind.BOTH, [True, True, True]),
        (Behind.VIDEO, [True, False, False]),
        (Behind.PLACEHOLDER, [False, True, True]),
    ],
)
def test_a_windows_colour_is_behind_what_it_is_asked_for(behind: Behind, shown: list[bool]) -> None:
    window = Window(Rect(0, 0, 9, 9), background=Color(1, 2, 3), background_behind=behind)
    kinds = (Shows.VIDEO, Shows.AUDIO_ONLY, Shows.NOBODY)
    assert [replace(window, shows=kind).shown_background is not None for kind in kinds] == shown
