"""What is taken of files: decoded and scaled in one go, it shows what decoding all and scaling then shows."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from layoutkit.errors import SourceError
from layoutkit.geometry.fit import Fit, fit
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import RenderMode
from layoutkit.raster import images
from layoutkit.raster.images import as_image, piece_of_source
from layoutkit.raster.resample import UNSEEN, Fitting, plainly_scaled
from layoutkit.raster.turn import DEGREES, EXIF, stored_cut, turned, turned_size
from tests.raster.test_card import PUBLISH, card, check, published
from tests.raster.test_frames import video

STORED_BY = {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}
"""What undoes a turn, where that is not the turn itself."""

FEW = 32
"""Levels that windows of a few pixels may be off: filters are as wide as they are, so their shape shows."""

HERE = Rect(0, 0, 4000, 4000)


def waves(width: int, height: int) -> Image.Image:
    """Slow waves of each colour, of another length and place in each."""
    x, y = np.arange(width)[None, :] / width, np.arange(height)[:, None] / height
    planes = [np.sin(7 * x + 2 * y), np.cos(3 * x - 5 * y), np.sin(4 * x * y + 6 * y)]
    return Image.fromarray(np.stack([plane * 110 + 128 for plane in planes], -1).astype(np.uint8))


def fitting(mode: RenderMode, window: Rect, crop: Rect | None = None) -> Fitting:
    def fitted(size: Size) -> Fit | None:
        return fit(mode, size, window, crop=crop).within(HERE)

    return fitted


def off_the_plain_way(source: "images.Picture", way: Fitting, *, at_s: float = 0.0) -> tuple[float, float]:
    """The largest and the mean difference, in levels, from decoding all of it and scaling that."""
    piece = piece_of_source(source, way, at_s=at_s)
    picture = as_image(source, at_s=at_s)
    fitted = way(Size(*picture.size))
    assert piece.image is not None
    assert fitted is not None
    assert piece.landing == fitted.landing
    plain = plainly_scaled(picture, fitted.cut, fitted.landing.size)
    assert (piece.image.size, piece.image.mode) == (plain.size, plain.mode)
    difference = np.abs(np.asarray(piece.image, float) - np.asarray(plain, float))
    return float(difference.max()), float(difference.mean())


def jpeg(path: Path, upright: Image.Image, orientation: int = 1, **more: object) -> Path:
    way = EXIF.get(orientation)
    stored = turned(upright, STORED_BY.get(way, way) if way is not None else None)
    exif = Image.Exif()
    exif[0x112] = orientation
    stored.save(path, "JPEG", quality=95, subsampling=0, exif=exif, **more)
    return path


@given(
    st.sampled_from([None, *Image.Transpose]),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
    st.data(),
)
def test_a_cut_of_a_turned_picture_is_the_turned_cut_of_it(
    way: Image.Transpose | None, size: tuple[int, int], data: st.DataObject
) -> None:
    numbers = np.arange(size[0] * size[1], dtype=np.int32).reshape(size[1], size[0])
    stored = Image.fromarray(numbers)
    upright = turned(stored, way)
    assert Size(*upright.size) == turned_size(Size(*stored.size), way)
    left, top = (data.draw(st.integers(0, side - 1)) for side in upright.size)
    right, bottom = (
        data.draw(st.integers(left + 1, upright.width)),
        data.draw(st.integers(top + 1, upright.height)),
    )
    whole = fit(RenderMode.STRETCH, Size(right - left, bottom - top), Rect(0, 0, 1, 1)).cut
    cut = stored_cut(
        type(whole)(whole.x + left, whole.y + top, whole.width, whole.height), Size(*stored.size), way
    )
    box = (int(cut.x), int(cut.y), int(cut.right), int(cut.bottom))
    assert turned(stored.crop(box), way) == upright.crop((left, top, right, bottom))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", PUBLISH)
def test_each_field_of_a_large_jpeg_lands_where_it_must(tmp_path: Path, mode: int, orientation: int) -> None:
    source = card(1603, 1205)
    file = jpeg(tmp_path / "a.jpg", source, orientation)
    for window in ((20, 10, 131, 83), (7, 5, 73, 110)):
        check(published(mode, window), PUBLISH[mode], source, window, file=file, off=6)
        cut = (155, 205, 1203, 777)
        crop = dict(zip(("LocationX", "LocationY", "Width", "Height"), cut, strict=True))
        check(published(mode, window, crop), PUBLISH[mode], source, window, cut, file=file, off=6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", RenderMode)
def test_a_large_jpeg_shows_what_all_of_it_scaled_shows(
    tmp_path: Path, mode: RenderMode, orientation: int
) -> None:
    # One pixel more than whole blocks of eight, so that the last block holds one pixel of the picture.
    file = jpeg(tmp_path / "a.jpg", waves(1201, 801), orientation)
    for size, crop in product(
        ((60, 40), (61, 47), (150, 100), (333, 201), (37, 90), (3, 2), (1, 1)),
        (None, Rect(203, 107, 555, 441)),
    ):
        most, mean = off_the_plain_way(file, fitting(mode, Rect(5, 9, *size), crop))
        assert most <= (6 if min(size) > 3 else FEW), (size, crop)
        assert mean <= (1.5 if min(size) > 3 else FEW), (size, crop)


@pytest.mark.parametrize("kind", ["L", "CMYK", "progressive", "MPO"])
def test_jpegs_of_other_kinds_show_what_all_of_them_scaled_show(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jpg"
    picture = waves(1201, 801)
    if kind == "MPO":
        picture.save(path, "MPO", save_all=True, append_images=[Image.new("RGB", (1201, 801))], quality=95)
    elif kind == "progressive":
        picture.save(path, progressive=True, quality=95)
    else:
        picture.convert(kind).save(path, quality=95)
    most, mean = off_the_plain_way(path, fitting(RenderMode.CROP, Rect(0, 0, 100, 70)))
    assert most <= 6
    assert mean <= 1.5


@settings(max_examples=40)
@given(
    st.tuples(st.integers(1, 700), st.integers(1, 500)),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.sampled_from(RenderMode),
    st.integers(1, 8),
)
def test_a_jpeg_is_never_decoded_below_twice_the_size_that_is_needed(
    tmp_path_factory: pytest.TempPathFactory,
    size: tuple[int, int],
    to: tuple[int, int],
    mode: RenderMode,
    orientation: int,
) -> None:
    path = jpeg(tmp_path_factory.getbasetemp() / "any.jpg", waves(*size), orientation)
    seen: list[tuple[Image.Image, float]] = []

    def watched(picture: Image.Image, cut: images.Cut, size: Size) -> Image.Image:
        seen.append((picture, float(min(cut.width / size.width, cut.height / size.height))))
        assert cut.x >= 0
        assert cut.y >= 0
        assert cut.right <= picture.width
        assert cut.bottom <= picture.height
        return plainly_scaled(picture, cut, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "scaled", watched)
        piece = piece_of_source(path, fitting(mode, Rect(0, 0, *to)))
    ((picture, left),) = seen
    assert piece.image is not None
    with Image.open(path) as stored:
        shrunk = stored.size != picture.size
    assert left >= 2 or not shrunk


def test_nothing_is_taken_of_what_is_not_seen(tmp_path: Path) -> None:
    way = fitting(RenderMode.STRETCH, Rect(-50, 0, 40, 40))
    assert piece_of_source(jpeg(tmp_path / "a.jpg", waves(640, 480)), way) == UNSEEN
    assert piece_of_source(video(tmp_path / "a.mp4"), way) == UNSEEN
    assert piece_of_source(waves(64, 48), way) == UNSEEN


def test_a_jpeg_that_is_cut_off_gets_one_clear_line(tmp_path: Path) -> None:
    file = jpeg(tmp_path / "a.jpg", waves(640, 480))
    file.write_bytes(file.read_bytes()[:9000])
    with pytest.raises(SourceError, match=r"a\.jpg: a broken picture: image file is truncated"):
        piece_of_source(file, fitting(RenderMode.STRETCH, Rect(0, 0, 40, 30)))


@settings(max_examples=150)
@given(
    st.sampled_from(["RGB", "RGBA", "L", "LA", "I;16"]),
    st.tuples(*[st.integers(1, 190)] * 2),
    st.tuples(*[st.integers(1, 90)] * 2),
    st.sampled_from(RenderMode),
)
def test_pictures_of_every_mode_show_what_the_plain_way_shows(
    mode: str, size: tuple[int, int], to: tuple[int, int], render_mode: RenderMode
) -> None:
    picture = waves(*size)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    elif mode in {"RGBA", "LA"}:
        picture.putalpha(picture.getchannel("G").point(lambda level: 64 + level // 2))
        picture = picture.convert(mode)
    way = fitting(render_mode, Rect(0, 0, *to))
    cut = way(Size(*size))
    assert cut is not None
    # The waves' steepest slopes, levels to a pixel of the picture; see the same of ramps for the rest.
    slope = np.array([7, 9]) * 110 / np.array(size)
    step = np.array([cut.cut.width / cut.landing.width, cut.cut.height / cut.landing.height], float)
    most, _ = off_the_plain_way(picture, way)
    assert most <= (slope * (0.5 + 0.5 * np.maximum(step, 1))).sum() + 4


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
@pytest.mark.parametrize("mode", PUBLISH)
def test_each_field_of_a_large_video_lands_where_it_must(tmp_path: Path, mode: int, clockwise: int) -> None:
    source = card(802, 602)
    way = DEGREES.get(clockwise)
    file = video(tmp_path / "a.mp4", np.asarray(turned(source, way)), clockwise=clockwise)
    for window in ((20, 10, 131, 83), (7, 5, 73, 110)):
        check(published(mode, window), PUBLISH[mode], source, window, file=file, off=8)
        cut = (75, 105, 603, 377)
        crop = dict(zip(("LocationX", "LocationY", "Width", "Height"), cut, strict=True))
        check(published(mode, window, crop), PUBLISH[mode], source, window, cut, file=file, off=8)


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
@pytest.mark.parametrize("pixel_shape", [Fraction(1), Fraction(16, 11), Fraction(1, 2)])
def test_a_large_video_shows_what_all_of_it_scaled_shows(
    tmp_path: Path, pixel_shape: Fraction, clockwise: int
) -> None:
    file = video(
        tmp_path / "a.mp4", np.asarray(waves(642, 358)), clockwise=clockwise, pixel_shape=pixel_shape
    )
    for mode, size, crop in product(
        RenderMode,
        ((64, 36), (71, 47), (160, 90), (37, 90), (300, 300), (3, 2), (1, 1)),
        (None, Rect(33, 57, 155, 241)),
    ):
        most, mean = off_the_plain_way(file, fitting(mode, Rect(5, 9, *size), crop))
        assert most <= (8 if min(size) > 3 else FEW), (mode, size, crop)
        assert mean <= (2.5 if min(size) > 3 else FEW), (mode, size, crop)


def test_a_tiny_video_can_be_reduced_to_any_size(tmp_path: Path) -> None:
    file = video(tmp_path / "a.mp4", np.full((16, 16, 3), 200, np.uint8))
    for to in product((1, 2, 3, 5, 8), repeat=2):
        piece = piece_of_source(file, fitting(RenderMode.STRETCH, Rect(0, 0, *to)))
        assert piece.image is not None
        assert piece.image.size == to
        assert np.ptp(np.asarray(piece.image)) <= 4


def test_a_frame_of_one_color_keeps_it(tmp_path: Path) -> None:
    for number, color in enumerate([(200, 30, 90), (16, 200, 16), (0, 0, 0), (255, 255, 255)]):
        file = video(tmp_path / f"{number}.mp4", np.full((362, 642, 3), color, np.uint8))
        for size in ((640, 360), (131, 77), (1, 1)):
            piece = piece_of_source(file, fitting(RenderMode.STRETCH, Rect(0, 0, *size)))
            assert np.abs(np.asarray(piece.image, int) - color).max() <= 3, (color, size)


def test_a_later_frame_is_taken_as_all_of_it_is(recordings: Path) -> None:
    file = recordings / "videojs__caption.ts"
    way = fitting(RenderMode.CROP, Rect(0, 0, 90, 60))
    shown = [piece_of_source(file, way, at_s=at_s).image for at_s in (0.0, 1e4)]
    assert shown[0] != shown[1]
    for at_s in (0.0, 0.5, 1e4):
        assert off_the_plain_way(file, way, at_s=at_s)[1] <= 3
