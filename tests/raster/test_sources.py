"""Sources in windows: where their pixels land, and what they leave alone."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from layoutkit import grid
from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.fit import fit
from layoutkit.geometry.layout import Layout, Participant, Shows, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    Background,
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    TimestampWatermark,
)
from layoutkit.raster.assets import Assets
from layoutkit.raster.images import as_image, open_image
from layoutkit.raster.paint import paint, paint_array
from layoutkit.raster.resample import plainly_scaled, scaled

CANVAS = Size(80, 80)
GREY = Background(Color(90, 90, 90))
SIDES = st.integers(1, 60)
RECTS = st.builds(Rect, st.integers(-40, 60), st.integers(-40, 60), SIDES, SIDES)
MODES = st.sampled_from(RenderMode)


def ramp(width: int, height: int) -> Image.Image:
    """A test card whose red says the column and whose green says the row, 0 to 255 from edge to edge."""
    card = np.zeros((height, width, 3), np.uint8)
    card[..., 0] = ((np.arange(width) + 0.5) / width * 255).round()[None, :]
    card[..., 1] = ((np.arange(height) + 0.5) / height * 255).round()[:, None]
    return Image.fromarray(card)


def one(rect: Rect, mode: RenderMode = RenderMode.STRETCH, canvas: Size = CANVAS, **more: object) -> Layout:
    return Layout(canvas, (Window(rect, Participant("a"), render_mode=mode, **more),), GREY)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", RenderMode)
@pytest.mark.parametrize("window", [Rect(10, 20, 300, 300), Rect(0, 0, 426, 240), Rect(50, 7, 97, 311)])
def test_each_pixel_of_the_card_lands_where_the_render_mode_says(mode: RenderMode, window: Rect) -> None:
    got = paint_array(one(window, mode, Size(480, 360)), sources={"a": ramp(640, 360)}).astype(float)
    # Computed here from the window's middle outwards, with floats and without fit().
    scale_x, scale_y = window.width / 640, window.height / 360
    if mode is RenderMode.CROP:
        scale_x = scale_y = max(scale_x, scale_y)
    elif mode in {RenderMode.SCALE, RenderMode.LETTERBOX}:
        scale_x = scale_y = min(scale_x, scale_y)
    elif mode is RenderMode.SMART_CROP:
        larger = max(scale_x, scale_y)
        scale_x, scale_y = min(larger, scale_x / 0.8), min(larger, scale_y / 0.8)
    for x in range(window.x + 3, window.right - 3, 9):
        for y in range(window.y + 3, window.bottom - 3, 9):
            u = 320 + (x + 0.5 - window.x - window.width / 2) / scale_x
            v = 180 + (y + 0.5 - window.y - window.height / 2) / scale_y
            if 6 < u < 634 and 6 < v < 354:
                assert abs(got[y, x, 0] - u / 640 * 255) < 2.5
                assert abs(got[y, x, 1] - v / 360 * 255) < 2.5
            elif (not -6 < u < 646 or not -6 < v < 366) and mode in {RenderMode.SCALE, RenderMode.LETTERBOX}:
                assert tuple(got[y, x]) == ((0, 0, 0) if mode is RenderMode.LETTERBOX else (90, 90, 90))


@settings(max_examples=60)
@given(RECTS, MODES, st.floats(0, 1), st.booleans())
def test_no_pixel_outside_a_window_changes(
    rect: Rect, mode: RenderMode, opacity: float, has_source: bool
) -> None:
    layout = one(rect, mode, opacity=opacity)
    got = paint_array(layout, sources={"a": ramp(64, 36)} if has_source else None)
    seen = rect.intersection(Rect(0, 0, 80, 80))
    got[seen.y : seen.bottom, seen.x : seen.right] = 90
    assert (got == 90).all()


@settings(max_examples=60)
@given(RECTS, st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 300), st.integers(1, 300))
def test_stretching_a_flat_color_gives_that_color(
    rect: Rect, color: tuple[int, int, int], width: int, height: int
) -> None:
    got = paint_array(one(rect), sources={"a": Image.new("RGB", (width, height), color)})
    seen = rect.intersection(Rect(0, 0, 80, 80))
    assert (got[seen.y : seen.bottom, seen.x : seen.right] == color).all()


@given(st.lists(RECTS, min_size=1, max_size=5))
def test_opaque_windows_of_equal_z_paint_in_list_order(rects: list[Rect]) -> None:
    colors = [(20 * n, 255 - 20 * n, 7) for n in range(len(rects))]
    windows = tuple(
        Window(rect, Participant(str(n)), render_mode=RenderMode.STRETCH) for n, rect in enumerate(rects)
    )
    sources = {str(n): Image.new("RGB", (8, 8), color) for n, color in enumerate(colors)}
    expected = np.full((80, 80, 3), 90, np.uint8)
    for rect, color in zip(rects, colors, strict=True):
        seen = rect.intersection(Rect(0, 0, 80, 80))
        expected[seen.y : seen.bottom, seen.x : seen.right] = color
    assert (paint_array(Layout(Size(80, 80), windows, GREY), sources=sources) == expected).all()


@settings(max_examples=60)
@given(st.integers(40, 200), st.integers(40, 200), st.integers(8, 60), st.integers(8, 60), MODES)
def test_the_quick_way_shows_what_the_plain_way_shows(
    width: int, height: int, to_x: int, to_y: int, mode: RenderMode
) -> None:
    card = ramp(width, height)
    fitted = fit(mode, Size(width, height), Rect(0, 0, to_x, to_y))
    quick = np.asarray(scaled(card, fitted.cut, fitted.landing.size), float)
    plain = np.asarray(plainly_scaled(card, fitted.cut, fitted.landing.size), float)
    # One pixel of the card is this many levels, one pixel of the window `step` pixels of the card.
    level = np.array([255 / width, 255 / height])
    step = np.array(
        [fitted.cut.width / fitted.landing.width, fitted.cut.height / fitted.landing.height], float
    )
    # Any average on a ramp is the ramp at the average's middle. The quick way may move all middles by half a
    # pixel of the card; at its ends each filter loses less than half a pixel of the window. The card and
    # both results are rounded, by half a level each, twice where blocks are averaged first.
    off = np.abs(quick - plain)[..., :2]
    assert (off.max(axis=(0, 1)) <= level * (0.5 + 0.5 * np.maximum(step, 1)) + 2).all()
    # What the ends lose is the same at both, so that it leaves the mean alone.
    assert (np.abs((quick - plain)[..., :2].mean(axis=(0, 1))) <= level * 0.5 + 2).all()


def test_half_opacity_is_half_way_and_a_mask_shapes_the_window() -> None:
    white = Image.new("RGB", (8, 8), "white")
    half = paint_array(one(Rect(0, 0, 80, 80), opacity=0.5), sources={"a": white})
    assert abs(int(half[40, 40, 0]) - (90 + 255) / 2) <= 1
    mask = Image.new("RGBA", (2, 1), (0, 0, 0, 255))
    mask.putpixel((1, 0), (0, 0, 0, 0))
    masked = paint_array(
        one(Rect(0, 0, 80, 80), mask=ImageRef("m")), sources={"a": white}, images=lambda ref: mask
    )
    assert tuple(masked[40, 5]) == (255, 255, 255)
    assert tuple(masked[40, 75]) == (90, 90, 90)


def test_a_placeholder_shows_only_while_there_is_no_video() -> None:
    red, white = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "white")
    for shows in Shows:
        color = (255, 255, 255) if shows is Shows.VIDEO else (255, 0, 0)
        layout = one(Rect(0, 0, 80, 80), shows=shows, placeholder=Placeholder(ImageRef("p")))
        assert paint(layout, sources={"a": white}, images=lambda ref: red).getpixel((9, 9)) == color


def test_a_watermark_is_drawn_after_the_windows_of_its_own_z_order() -> None:
    white, red = Image.new("RGB", (4, 4), "white"), Image.new("RGB", (4, 4), "red")
    windows = tuple(Window(Rect(30 * z, 0, 30, 60), Participant("a"), z_order=z) for z in (0, 1))
    for z_order, right in ((0, (255, 255, 255)), (1, (255, 0, 0)), (None, (255, 0, 0))):
        mark = ImageWatermark(ImageRef("m"), Rect(10, 10, 40, 20), z_order)
        layout = Layout(Size(60, 60), windows, GREY, (mark,))
        picture = paint(layout, sources={"a": white}, images=lambda ref: red)
        assert picture.getpixel((20, 15)) == (255, 0, 0)
        assert picture.getpixel((40, 15)) == right


def test_a_text_watermark_stays_in_its_box_and_fills_it() -> None:
    mark = TextWatermark("long words that wrap " * 20, Rect(10, 10, 50, 30), fill=Color(0, 0, 200))
    got = paint_array(Layout(Size(100, 60), (), GREY, (mark,)))
    assert (got[10:40, 10:60] == (0, 0, 200)).all(axis=2).any()
    assert (got[10:40, 10:60] == (255, 255, 255)).all(axis=2).any()
    got[10:40, 10:60] = 90
    assert (got == 90).all()


@pytest.mark.parametrize("position", TimestampPosition)
def test_a_timestamp_stands_at_its_edge_in_its_own_zone(position: TimestampPosition) -> None:
    def shown(hour: int, offset: int) -> np.ndarray:
        layout = Layout(Size(400, 200), (), GREY, (TimestampWatermark(position, offset),))
        return paint_array(layout, now=datetime(2025, 3, 11, hour, tzinfo=UTC))

    got = shown(0, 8)
    assert (got == shown(8, 0)).all()
    assert (got != shown(0, 0)).any()
    rows, columns = np.nonzero((got != 90).any(axis=2))
    name = position.name
    assert ("TOP" in name) == (rows.max() < 60)
    assert ("BOTTOM" in name) == (rows.min() > 140)
    assert ("LEFT" in name) == (columns.min() < 20)
    assert ("RIGHT" in name) == (columns.max() > 380)


@pytest.mark.parametrize(("year", "offset_h"), [(1, -5), (9999, 8)])
def test_a_time_past_the_end_of_the_calendar_is_told(year: int, offset_h: int) -> None:
    mark = TimestampWatermark(TimestampPosition.CENTER, offset_h)
    now = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, tzinfo=UTC)
    with pytest.raises(LayoutError, match="is past the calendar's end in zone UTC"):
        paint(Layout(Size(320, 180), (), watermarks=(mark,)), now=now)


def test_bad_picture_files_get_one_clear_line(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    ramp(64, 36).save(good)
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:100])
    (tmp_path / "lie.png").write_bytes(b"GIF this is not")
    (tmp_path / "empty.png").touch()
    for name, words in [
        ("none.png", "no such file"),
        ("cut.png", "a broken picture"),
        ("lie.png", "not a picture that can be read"),
        ("empty.png", "not a picture that can be read"),
        ("", "a folder; name a picture in it"),
    ]:
        with pytest.raises(SourceError, match=words):
            open_image(tmp_path / name)


def test_an_image_that_turns_out_broken_when_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.radial_gradient("L").save(path)
    path.write_bytes(path.read_bytes()[:-300])
    with (
        Image.open(path) as picture,
        pytest.raises(SourceError, match=r"cut\.png: a broken picture: image file is truncated"),
    ):
        paint(grid((64, 36), ["a"]), sources={"a": picture})


def test_postscript_is_never_run_whatever_it_is_called(tmp_path: Path) -> None:
    header = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
    (tmp_path / "a.png").write_text(header)
    with pytest.raises(SourceError, match="not a picture that can be read"):
        open_image(tmp_path / "a.png")


def test_pictures_of_every_kind_keep_their_colors(tmp_path: Path) -> None:
    turned = Image.new("RGB", (40, 30), (255, 0, 0))
    exif = turned.getexif()
    exif[0x112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(tmp_path / "cmyk.jpg")
    Image.new("I;16", (40, 30), 40000).save(tmp_path / "deep.png")
    Image.new("LA", (40, 30), (200, 100)).save(tmp_path / "glass.png")
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    for name, size, mode, color in [
        ("turned.jpg", (30, 40), "RGB", (255, 0, 0)),
        ("cmyk.jpg", (40, 30), "RGB", (255, 0, 0)),
        ("deep.png", (40, 30), "RGB", (156, 156, 156)),
        ("glass.png", (40, 30), "RGBA", (200, 200, 200, 100)),
        ("moving.gif", (40, 30), "RGB", (255, 0, 0)),
    ]:
        picture = open_image(tmp_path / name)
        assert (picture.size, picture.mode) == (size, mode)
        seen = picture.getpixel((20, 15))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, color, strict=True)) <= 2, name


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(SourceError, match="not float64 of shape"):
        paint(one(Rect(0, 0, 8, 8)), sources={"a": np.zeros((4, 4, 3))})  # type: ignore[dict-item]


def test_a_video_gives_its_frame(recordings: Path) -> None:
    video = recordings / "Eyevinn__avc_with_time.ts"
    first = paint(one(Rect(0, 0, 80, 80)), sources={"a": video})
    later = paint(one(Rect(0, 0, 80, 80)), sources={"a": video}, at_s=1.0)
    assert first.size == later.size == (80, 80)
    assert first.getcolors(80 * 80) is not None
    with pytest.raises(SourceError, match="neither a picture nor a video"):
        paint(one(Rect(0, 0, 80, 80)), sources={"a": Path(__file__)})


def test_a_time_past_the_end_of_a_video_gives_its_last_frame(recordings: Path) -> None:
    video = recordings / "videojs__caption.ts"
    assert as_image(video, at_s=1e4).tobytes() == as_image(video, at_s=2e4).tobytes()
    assert as_image(video, at_s=1e4).tobytes() != as_image(video).tobytes()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([[0.0, 0.5, 1.0]], [0, 128, 255]),
        ([[0.0, 128.0, 255.0]], [0, 128, 255]),
        ([[-1.0, 32768.0, 65535.0]], [0, 128, 255]),
        ([[float("nan"), 1e9, 2e9]], [0, 128, 255]),
    ],
)
def test_a_picture_of_floats_is_seen(numbers: list[list[float]], expected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "float.tiff"
    Image.fromarray(np.array(numbers, np.float32)).save(path)
    picture = as_image(path)
    assert picture.mode == "RGB"
    assert [picture.getpixel((x, 0)) for x in range(3)] == [(grey, grey, grey) for grey in expected]


def test_a_url_of_megabytes_is_told_in_a_line() -> None:
    url = "https://example.com/" + "a" * 5_000_000 + ".png"
    assets = Assets()
    assert assets(ImageRef(url)) is None
    (why,) = assets.missing.values()
    assert len(why) < 300
    assert why.startswith("https://example.com/aaa")
    assert "aaa.png: not looked up" in why
