from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.geometry.fit import Cut, fit
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import RenderMode

SIDES = st.integers(1, 4000)
SIZES = st.builds(Size, SIDES, SIDES)
WINDOWS = st.builds(Rect, st.integers(-2000, 2000), st.integers(-2000, 2000), SIDES, SIDES)
CROPS = st.none() | st.builds(Rect, st.integers(-50, 5000), st.integers(-50, 5000), SIDES, SIDES)
MODES = st.sampled_from(RenderMode)
FILLING = st.sampled_from([RenderMode.CROP, RenderMode.STRETCH, RenderMode.SMART_CROP])
WHOLE = st.sampled_from([RenderMode.SCALE, RenderMode.LETTERBOX])


def scales(cut: Cut, landing: Rect) -> tuple[Fraction, Fraction]:
    return landing.width / cut.width, landing.height / cut.height


@given(MODES, SIZES, WINDOWS, CROPS)
def test_the_cut_is_inside_the_source_and_the_landing_inside_the_window(
    mode: RenderMode, source: Size, window: Rect, crop: Rect | None
) -> None:
    fitted = fit(mode, source, window, crop=crop)
    cut, landing = fitted.cut, fitted.landing
    assert cut.x >= 0
    assert cut.y >= 0
    assert 0 < cut.width <= source.width - cut.x
    assert 0 < cut.height <= source.height - cut.y
    assert not landing.is_empty
    assert landing.intersection(window) == landing


@given(MODES, SIZES, WINDOWS)
def test_the_fit_is_centred(mode: RenderMode, source: Size, window: Rect) -> None:
    fitted = fit(mode, source, window)
    assert fitted.cut.x == source.width - fitted.cut.right
    assert fitted.cut.y == source.height - fitted.cut.bottom
    assert (window.right - fitted.landing.right) - (fitted.landing.x - window.x) in (0, 1)
    assert (window.bottom - fitted.landing.bottom) - (fitted.landing.y - window.y) in (0, 1)


@given(FILLING, SIZES, WINDOWS, CROPS)
def test_crop_stretch_and_smart_crop_fill_the_window(
    mode: RenderMode, source: Size, window: Rect, crop: Rect | None
) -> None:
    assert fit(mode, source, window, crop=crop).landing == window


@given(SIZES, WINDOWS)
def test_crop_keeps_the_shape_and_all_of_one_side(source: Size, window: Rect) -> None:
    fitted = fit(RenderMode.CROP, source, window)
    across, down = scales(fitted.cut, fitted.landing)
    assert across == down
    assert fitted.cut.width == source.width or fitted.cut.height == source.height


@given(WHOLE, SIZES, WINDOWS)
def test_scale_and_letterbox_keep_the_whole_picture_and_its_shape_to_half_a_pixel(
    mode: RenderMode, source: Size, window: Rect
) -> None:
    fitted = fit(mode, source, window)
    assert fitted.cut == Cut(Fraction(0), Fraction(0), Fraction(source.width), Fraction(source.height))
    scale = min(Fraction(window.width, source.width), Fraction(window.height, source.height))
    for side, length in ((fitted.landing.width, source.width), (fitted.landing.height, source.height)):
        assert side == 1 or abs(side - length * scale) <= Fraction(1, 2)
    assert fitted.landing.width == window.width or fitted.landing.height == window.height


@given(SIZES, WINDOWS)
def test_smart_crop_cuts_as_crop_does_up_to_a_fifth_and_no_further(source: Size, window: Rect) -> None:
    smart, cropped = fit(RenderMode.SMART_CROP, source, window).cut, fit(RenderMode.CROP, source, window).cut
    assert smart.width == max(cropped.width, Fraction(4, 5) * source.width)
    assert smart.height == max(cropped.height, Fraction(4, 5) * source.height)


@given(MODES, SIZES, WINDOWS, CROPS)
def test_a_custom_crop_is_the_same_as_a_source_that_holds_nothing_else(
    mode: RenderMode, source: Size, window: Rect, crop: Rect | None
) -> None:
    inside = (crop or Rect(0, 0, 1, 1)).intersection(Rect(0, 0, source.width, source.height))
    if inside.is_empty:
        return
    cropped, alone = fit(mode, source, window, crop=inside), fit(mode, inside.size, window)
    assert cropped.landing == alone.landing
    assert (cropped.cut.x - inside.x, cropped.cut.y - inside.y) == (alone.cut.x, alone.cut.y)
    assert (cropped.cut.width, cropped.cut.height) == (alone.cut.width, alone.cut.height)


@given(MODES, SIZES, WINDOWS, WINDOWS)
def test_seen_through_bounds_every_point_stays_where_it_was(
    mode: RenderMode, source: Size, window: Rect, bounds: Rect
) -> None:
    fitted = fit(mode, source, window)
    seen = fitted.within(bounds)
    if seen is None:
        assert not fitted.landing.overlaps(bounds)
        return
    assert seen.landing == fitted.landing.intersection(bounds)
    assert scales(seen.cut, seen.landing) == scales(fitted.cut, fitted.landing)
    across, down = scales(fitted.cut, fitted.landing)
    assert (seen.cut.x - fitted.cut.x) * across == seen.landing.x - fitted.landing.x
    assert (seen.cut.y - fitted.cut.y) * down == seen.landing.y - fitted.landing.y


@pytest.mark.parametrize(
    ("mode", "cut", "landing"),
    [
        (RenderMode.CROP, (280, 0, 720, 720), (100, 50, 360, 360)),
        (RenderMode.SMART_CROP, (128, 0, 1024, 720), (100, 50, 360, 360)),
        (RenderMode.STRETCH, (0, 0, 1280, 720), (100, 50, 360, 360)),
        # 360 / 1280 x 720 = 202.5, and halves go up; the odd row of bars is below.
        (RenderMode.SCALE, (0, 0, 1280, 720), (100, 128, 360, 203)),
        (RenderMode.LETTERBOX, (0, 0, 1280, 720), (100, 128, 360, 203)),
    ],
)
def test_720p_in_a_square_window(mode: RenderMode, cut: tuple[int, ...], landing: tuple[int, ...]) -> None:
    fitted = fit(mode, Size(1280, 720), Rect(100, 50, 360, 360))
    assert fitted.cut == Cut(*map(Fraction, cut))
    assert fitted.landing == Rect(*landing)


@pytest.mark.parametrize(
    ("crop", "cut"),
    [
        (Rect(100, 100, 200, 200), (100, 100, 200, 200)),
        (Rect(-10, -10, 30, 30), (0, 0, 20, 20)),
        (Rect(1200, 700, 500, 500), (1200, 700, 80, 20)),
        (Rect(5000, 5000, 10, 10), (1279, 719, 1, 1)),
    ],
)
def test_a_custom_crop_is_clamped_to_the_source(crop: Rect, cut: tuple[int, ...]) -> None:
    fitted = fit(RenderMode.STRETCH, Size(1280, 720), Rect(0, 0, 50, 50), crop=crop)
    assert fitted.cut == Cut(*map(Fraction, cut))
