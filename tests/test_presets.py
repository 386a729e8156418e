"""Presets: what ships is sound on every usual canvas, and a broken file says where it is broken."""

import copy
import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import layoutkit
from layoutkit import presets
from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.layout import Participant, Service, Shows
from layoutkit.geometry.rect import Rounding, Share, Size
from layoutkit.geometry.scene import Color, RenderMode, TextWatermark

CANVASES = [Size(1280, 720), Size(1920, 1080), Size(720, 1280), Size(1080, 1080)]
SERVICES: list[Service] = ["publish", "recording"]
ROUNDINGS: list[Rounding] = ["equal", "fill"]

WANTED = {
    "1+5",
    "1+7",
    "2+4",
    "cinema-strip",
    "classroom",
    "host-and-guests",
    "interview",
    "news-ticker",
    "panel-of-6",
    "pip-bottom-left",
    "pip-bottom-right",
    "pip-top-left",
    "pip-top-right",
    "pk-battle",
    "portrait-stack",
}
GOOD: dict[str, Any] = {
    "description": "halves",
    "shapes": ["16:9"],
    "background": "#102030",
    "windows": [
        {"x": "0", "y": "0", "width": "1/2", "height": "1", "stage": True, "render_mode": "scale"},
        {"x": "1/2", "y": 0, "width": 0.5, "height": "0.25", "z_order": 3},
    ],
    "texts": [{"text": "x", "x": "0", "y": "8/9", "width": "1", "height": "1/9", "font_size": "1/24"}],
}


def users(count: int) -> list[str]:
    return [f"user-{number}" for number in range(1, count + 1)]


def test_the_named_ones_are_there() -> None:
    assert set(presets.names()) >= WANTED
    assert presets.names() == sorted(presets.names())


@pytest.mark.parametrize("name", presets.names())
def test_shipped_presets_say_what_they_are(name: str) -> None:
    preset = presets.load(name)
    assert preset.name == name
    assert 20 <= len(preset.description) <= 110
    assert preset.shapes
    assert preset.users == len(preset.places)


@pytest.mark.parametrize("name", presets.names())
@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("service", SERVICES)
def test_shipped_presets_fit_every_usual_canvas(name: str, canvas: Size, service: Service) -> None:
    preset = presets.load(name)
    for rounding in ROUNDINGS:
        layout = preset.layout(canvas, users(preset.users), service=service, rounding=rounding, align=2)
        assert [str(window.participant) for window in layout.windows] == users(preset.users)
        assert all(window.rect.is_inside(canvas) for window in layout.windows)
        for one, other in combinations(layout.windows, 2):
            assert one.z_order != other.z_order or not one.rect.overlaps(other.rect)
        for mark in layout.watermarks:
            assert isinstance(mark, TextWatermark)
            assert mark.rect.is_inside(canvas)
            assert mark.font_size_px <= mark.rect.height


@pytest.mark.parametrize("name", ["1+5", "1+7", "2+4", "host-and-guests", "portrait-stack", "classroom"])
def test_tiled_presets_leave_no_pixel_uncovered_with_fill(name: str) -> None:
    preset = presets.load(name)
    canvas = Size(1279, 719)
    layout = preset.layout(canvas, users(preset.users), rounding="fill")
    assert sum(window.rect.area for window in layout.windows) == canvas.area


def test_picture_in_picture_stands_in_the_corner_it_is_named_after() -> None:
    middle = Fraction(1, 2)
    for vertical, horizontal in (("top", "left"), ("top", "right"), ("bottom", "left"), ("bottom", "right")):
        share = presets.load(f"pip-{vertical}-{horizontal}").places[1].share
        assert (share.y < middle) == (vertical == "top")
        assert (share.x < middle) == (horizontal == "left")


def test_places_are_taken_in_entry_order_and_the_rest_is_dropped() -> None:
    people = [Participant("a"), Participant("mic", sends_video=False), Participant("b"), Participant("c")]
    preset = presets.from_json(GOOD, name="halves")

    publish = preset.layout((1280, 720), people)
    assert [str(window.participant) for window in publish.windows] == ["a", "b"]
    assert [str(person) for person in publish.audio_only] == ["mic"]
    assert [str(person) for person in publish.dropped] == ["c"]

    recording = preset.layout((1280, 720), people, service="recording")
    assert [str(window.participant) for window in recording.windows] == ["a", "mic"]
    assert recording.windows[1].shows is Shows.AUDIO_ONLY
    assert recording.audio_only == ()
    assert [str(person) for person in recording.dropped] == ["b", "c"]


@pytest.mark.parametrize("service", SERVICES)
def test_who_sends_nothing_is_not_in_the_mix(service: Service) -> None:
    silent = Participant("silent", sends_audio=False, sends_video=False)
    layout = presets.from_json(GOOD, name="halves").layout((1280, 720), [silent, "a", "b"], service=service)
    assert [str(window.participant) for window in layout.windows] == ["a", "b"]
    assert (layout.dropped, layout.audio_only) == ((), ())


def test_places_nobody_takes_stay() -> None:
    layout = presets.from_json(GOOD, name="halves").layout((1280, 720), ["a"])
    assert layout.windows[1].participant is None
    assert layout.windows[1].shows is Shows.NOBODY


def test_every_field_arrives(tmp_path: Path) -> None:
    path = tmp_path / "halves.json"
    path.write_text(json.dumps(GOOD))
    preset = presets.load(path)
    half = Fraction(1, 2)
    assert preset == presets.Preset(
        name="halves",
        description="halves",
        shapes=("16:9",),
        background=Color(16, 32, 48),
        places=(
            presets.Place(
                Share(Fraction(0), Fraction(0), half, Fraction(1)),
                is_stage=True,
                render_mode=RenderMode.SCALE,
            ),
            presets.Place(Share(half, Fraction(0), half, Fraction(1, 4)), z_order=3),
        ),
        captions=(
            presets.Caption(
                "x", Share(Fraction(0), Fraction(8, 9), Fraction(1), Fraction(1, 9)), Fraction(1, 24)
            ),
        ),
    )


def test_every_field_is_in_the_layout() -> None:
    """A caption's letters go by the shorter side, and have a pixel at least."""
    preset = presets.from_json(GOOD, name="halves")
    for canvas, size_px in (((1280, 720), 30), ((720, 1280), 30), ((20, 20), 1)):
        layout = preset.layout(canvas, ["a", "b"])
        assert [window.render_mode for window in layout.windows] == [RenderMode.SCALE, RenderMode.CROP]
        assert [(window.z_order, window.is_stage) for window in layout.windows] == [(0, True), (3, False)]
        (mark,) = layout.watermarks
        assert isinstance(mark, TextWatermark)
        assert mark.font_size_px == size_px


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "halves.json"
    path.write_text(json.dumps(GOOD), "utf-8-sig")
    assert presets.load(path) == layoutkit.presets.from_json(GOOD, name="halves")


def test_more_windows_than_the_service_draws() -> None:
    many = [{"x": f"{n}/17", "y": "0", "width": "1/17", "height": "1"} for n in range(17)]
    preset = presets.from_json({"windows": many}, name="many")
    assert len(preset.layout((1280, 720), users(17), service="recording").windows) == 17
    with pytest.raises(LayoutError, match="preset 'many' has 17 windows; publish draws at most 16"):
        preset.layout((1280, 720), users(17))


BREAKS: list[tuple[list[str | int], object, str]] = [
    (["windows"], {}, r"$.windows: {} is not a list"),
    (["windows"], [], r"$.windows: 0 windows; a preset has 1 to 25"),
    (["windows", 1, "width"], "2/3", r"$.windows[1]: x 1/2 + width 2/3 = 7/6 goes past the right edge at 1"),
    (
        ["windows", 1, "width"],
        "wide",
        r'$.windows[1].width: "wide" is not a fraction such as "1/3" or "0.25"',
    ),
    (
        ["windows", 1, "width"],
        True,
        r'$.windows[1].width: true is not a fraction such as "1/3" or "0.25"',
    ),
    (["windows", 1, "width"], "1/0", r'$.windows[1].width: "1/0" divides by zero'),
    (["windows", 1, "width"], 0, r"$.windows[1].width: 0 leaves nothing to draw"),
    (["windows", 1, "width"], 640, r"$.windows[1].width: 640 is larger than 1, the whole canvas"),
    (["windows", 0, "y"], "-1/2", r'$.windows[0].y: "-1/2" is not a fraction such as "1/3" or "0.25"'),
    (["windows", 0, "stage"], 1, r"$.windows[0].stage: 1 is neither true nor false"),
    (["windows", 1, "stage"], True, r"$.windows: more than one window is the stage"),
    (["windows", 0, "z_order"], "1", r'$.windows[0].z_order: "1" is not a whole number from 0 to 99'),
    (["windows", 0, "render_mode"], "fit", r'$.windows[0].render_mode: "fit" is neither crop nor scale'),
    (["windows", 0], 7, r"$.windows[0]: 7 is not an object with height, width, x, y"),
    (["background"], "blue", r'$.background: "blue" is not a colour such as "#14213d"'),
    (["shapes", 0], "wide", r'$.shapes[0]: "wide" is not a shape such as "16:9"'),
    (
        ["texts", 0, "font_size"],
        0,
        r"$.texts[0].font_size: 0 is no size; give a fraction of the shorter side",
    ),
    (["texts", 0, "text"], None, r"$.texts[0].text: null is not text"),
]


@pytest.mark.parametrize(("where", "value", "message"), BREAKS, ids=[case[2] for case in BREAKS])
def test_a_broken_preset_says_where(
    where: list[str | int], value: object, message: str, tmp_path: Path
) -> None:
    data: Any = copy.deepcopy(GOOD)
    target = data
    for step in where[:-1]:
        target = target[step]
    target[where[-1]] = value
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data))
    with pytest.raises(SourceError) as caught:
        presets.load(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_file_with_any_key_of_a_preset_is_told_what_a_preset_lacks(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"description": "no windows yet"}')
    with pytest.raises(SourceError, match=r"mine\.json: \$: windows is missing"):
        layoutkit.load(path)


def test_unknown_and_missing_keys() -> None:
    with pytest.raises(SourceError, match=r"^\$: unknown key 'window'; the keys are background, "):
        presets.from_json({"windows": [], "window": []}, name="x")
    with pytest.raises(SourceError, match=r"^\$: windows is missing$"):
        presets.from_json({}, name="x")
    with pytest.raises(SourceError, match=r"^\$\.windows\[0\]: height is missing$"):
        presets.from_json({"windows": [{"x": 0, "y": 0, "width": 1}]}, name="x")


def test_an_unknown_name_gives_the_near_ones() -> None:
    with pytest.raises(SourceError, match=r"no preset is called 'clasroom'; did you mean classroom\?"):
        presets.load("clasroom")
    with pytest.raises(SourceError, match=r"no preset is called 'zzzz'; there are 1\+5, 1\+7, "):
        presets.load("zzzz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b" " * 1_000_001, "larger than 1000000 bytes; that is no preset"),
        (b"[]", r"\$: \[\] is not an object with windows"),
    ],
)
def test_files_that_are_no_presets(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=f"mine.json: {message}"):
        presets.load(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot read the preset: No such file"):
        presets.load(tmp_path / "none.json")
    with pytest.raises(SourceError, match="cannot read the preset: Is a directory"):
        presets.load(tmp_path)


def test_a_canvas_too_small_for_the_windows() -> None:
    with pytest.raises(LayoutError, match="too small"):
        presets.load("1+7").layout((3, 3), users(8))
