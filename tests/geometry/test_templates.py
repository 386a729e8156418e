"""The templates' laws, on every count, canvas, rounding and alignment, and literals at the tiers' edges."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit import Layout, Participant, Rect, Size, floating, grid, screen_share
from layoutkit.errors import LayoutError
from layoutkit.geometry import floating as floating_module
from layoutkit.geometry import grid as grid_module
from layoutkit.geometry import screen_share as screen_share_module
from layoutkit.geometry.layout import Service, Shows
from layoutkit.geometry.rect import Align, Rounding, Share
from layoutkit.geometry.roster import MAX_WINDOWS

sides = st.integers(2, 1920)
roundings = st.sampled_from(["equal", "fill"])
aligns = st.sampled_from([1, 2])
services = st.sampled_from(["publish", "recording"])


def people(count: int) -> list[str]:
    return [f"user-{n}" for n in range(1, count + 1)]


@dataclass(frozen=True)
class Case:
    """A template asked for on a canvas, and the exact shares its windows must come from."""

    template: Callable[..., Layout]
    canvas: Size
    count: int
    options: dict[str, object]
    shares: tuple[Share, ...]
    rounding: Rounding
    align: Align

    def fits(self) -> bool:
        """Whether every window gets at least one step each way, told from its pixels' own rule."""
        for share in self.shares:
            for start, length, side in (
                (share.x, share.width, self.canvas.width),
                (share.y, share.height, self.canvas.height),
            ):
                low = start * side // self.align if self.rounding == "fill" else 0
                end = (start + length if self.rounding == "fill" else length) * side
                high = (
                    end / self.align if self.rounding == "fill" and start + length == 1 else end // self.align
                )
                if high - low < 1:
                    return False
        return True

    def layout(self) -> Layout:
        return self.template(self.canvas, people(self.count), **self.options)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    canvas = Size(draw(sides), draw(sides))
    service: Service = draw(services)
    count = draw(st.integers(1, MAX_WINDOWS[service]))
    rounding, align = draw(roundings), draw(aligns)
    template: Callable[..., Layout] = draw(st.sampled_from([grid, floating, screen_share]))
    options: dict[str, object] = {"service": service, "rounding": rounding, "align": align}
    if template is grid:
        last_row: grid_module.LastRow = draw(st.sampled_from(["start", "center"]))
        options["last_row"] = last_row
        exact = grid_module.shares(count, last_row=last_row)
    elif template is floating:
        exact = (floating_module.WHOLE, *floating_module.small_shares(count))
    else:
        side = draw(st.sampled_from(["left", "right"]))
        options |= {"stage": "user-1", "stage_side": side}
        large, smalls = screen_share_module.shares(count, stage_side=side)
        exact = (large, *smalls)
    return Case(template, canvas, count, options, exact, rounding, align)


fitting = cases().filter(Case.fits)


@given(cases())
def test_a_canvas_is_refused_exactly_when_a_window_would_be_empty(case: Case) -> None:
    if case.fits():
        assert len(case.layout().windows) == case.count
    else:
        with pytest.raises(LayoutError, match="is too small"):
            case.layout()


@given(fitting)
def test_windows_stay_inside_the_canvas(case: Case) -> None:
    assert all(w.rect.is_inside(case.canvas) and not w.rect.is_empty for w in case.layout().windows)


@given(fitting)
def test_tiles_and_small_windows_never_overlap(case: Case) -> None:
    windows = [w.rect for w in case.layout().windows if case.template is not floating or not w.is_stage]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(windows, 2))


@given(fitting.filter(lambda case: case.rounding == "equal"))
def test_equal_gives_one_small_size(case: Case) -> None:
    assert len({w.rect.size for w in case.layout().windows if not w.is_stage}) <= 1


@given(fitting)
def test_every_coordinate_is_within_one_step_of_its_fraction(case: Case) -> None:
    width, height = case.canvas.width, case.canvas.height
    for window, share in zip(case.layout().windows, case.shares, strict=True):
        rect = window.rect
        pairs = [
            (rect.x, share.x * width),
            (rect.y, share.y * height),
            (rect.width, share.width * width),
            (rect.height, share.height * height),
        ]
        if case.rounding == "fill":
            pairs += [
                (rect.right, (share.x + share.width) * width),
                (rect.bottom, (share.y + share.height) * height),
            ]
        assert all(abs(got - exact) < case.align for got, exact in pairs)


@given(fitting)
def test_coordinates_are_aligned_except_at_the_true_edge(case: Case) -> None:
    for rect in (w.rect for w in case.layout().windows):
        assert rect.x % case.align == 0
        assert rect.y % case.align == 0
        assert rect.width % case.align == 0 or (case.rounding, rect.right) == ("fill", case.canvas.width)
        assert rect.height % case.align == 0 or (case.rounding, rect.bottom) == ("fill", case.canvas.height)


@given(st.integers(10, 1920), st.integers(10, 1920), aligns, st.sampled_from([1, 2, 4, 9, 16, 25]))
def test_fill_leaves_no_pixel_of_a_full_grid_uncovered(
    width: int, height: int, align: Align, count: int
) -> None:
    layout = grid((width, height), people(count), service="recording", rounding="fill", align=align)
    # Disjoint and inside the canvas (the laws above), so that equal areas mean no gap.
    assert sum(w.rect.area for w in layout.windows) == width * height


@given(services, st.lists(st.text(min_size=1), min_size=1, max_size=30, unique=True))
def test_places_depend_only_on_the_count_and_the_order(service: Service, names: list[str]) -> None:
    one = grid((640, 480), names, service=service)
    other = grid((640, 480), people(len(names)), service=service)
    assert rects(one) == rects(other)
    assert [w.participant.user_id for w in one.windows if w.participant] == names[: MAX_WINDOWS[service]]


@pytest.mark.parametrize(("service", "cap"), [("publish", 16), ("recording", 25)])
@pytest.mark.parametrize("template", [grid, floating, screen_share])
def test_over_the_cap_the_first_to_enter_stay(
    template: Callable[..., Layout], service: str, cap: int
) -> None:
    options = {} if template is grid else {"stage": "user-30"}
    layout = template((1280, 720), people(30), service=service, **options)
    expected = people(cap) if template is grid else ["user-30", *people(cap - 1)]
    assert shown(layout) == expected
    assert [p.user_id for p in layout.dropped] == [name for name in people(30) if name not in expected]


def test_an_empty_stage_counts_against_the_cap() -> None:
    layout = screen_share((1280, 720), people(20))
    assert (len(shown(layout)), len(layout.windows), len(layout.dropped)) == (15, 16, 5)


def rects(layout: Layout) -> list[tuple[int, int, int, int]]:
    return [(w.rect.x, w.rect.y, w.rect.width, w.rect.height) for w in layout.windows]


def shown(layout: Layout) -> list[str]:
    return [str(w.participant) for w in layout.windows if w.participant]


# Count to tile side, by hand from the documented proportions on a canvas that they divide.
GRID_TILES = {
    1: (1200, 1200),
    2: (600, 1200),
    3: (600, 600),
    4: (600, 600),
    5: (400, 400),
    9: (400, 400),
    10: (300, 300),
    16: (300, 300),
    17: (240, 240),
    25: (240, 240),
}


@pytest.mark.parametrize(("count", "tile"), GRID_TILES.items())
def test_grid_tiles(count: int, tile: tuple[int, int]) -> None:
    width, height = tile
    columns = 1200 // width
    layout = grid((1200, 1200), people(count), service="recording")
    assert rects(layout) == [
        (n % columns * width, n // columns * height, width, height) for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (3, [(300, 600)]),
        (5, [(200, 400), (600, 400)]),
        (8, [(200, 800), (600, 800)]),
        (10, [(300, 600), (600, 600)]),
    ],
)
def test_a_published_grid_centres_its_last_row(count: int, last: list[tuple[int, int]]) -> None:
    got = rects(grid((1200, 1200), people(count)))
    assert [(x, y) for x, y, _, _ in got[-len(last) :]] == last


# Count to the last small window, on 1000x1000: 12 + k x 247 and 1000 - (r + 1) x 247 up to 17, then
# 10 + k x 198 and 1000 - (r + 1) x 198.
FLOATING_ENDS = {
    2: (12, 753, 235, 235),
    4: (506, 753, 235, 235),
    5: (753, 753, 235, 235),
    6: (12, 506, 235, 235),
    9: (753, 506, 235, 235),
    10: (12, 259, 235, 235),
    16: (506, 12, 235, 235),
    17: (753, 12, 235, 235),
    18: (10 + 198, 1000 - 4 * 198, 188, 188),
    25: (10 + 3 * 198, 1000 - 5 * 198, 188, 188),
}


@pytest.mark.parametrize(("count", "end"), FLOATING_ENDS.items())
def test_floating_smalls_grow_in_rows_from_the_bottom_left(
    count: int, end: tuple[int, int, int, int]
) -> None:
    layout = floating((1000, 1000), people(count), service="recording")
    assert rects(layout)[0] == (0, 0, 1000, 1000)
    assert rects(layout)[-1] == end
    assert [w.z_order for w in layout.windows] == [0] + [1] * (count - 1)


# Count to the large window and the last small one, on 2520x2520, which 4, 5, 6, 7, 8, 9 and 10 divide.
SCREEN_SHARE_ENDS = {
    1: [(0, 0, 2016, 2520)],
    2: [(0, 0, 2016, 2520), (2016, 0, 504, 630)],
    4: [(0, 0, 2016, 2520), (2016, 1260, 504, 630)],
    5: [(0, 0, 2016, 2520), (2016, 1890, 504, 630)],
    6: [(0, 0, 2160, 2520), (2160, 1680, 360, 420)],
    7: [(0, 0, 2160, 2520), (2160, 2100, 360, 420)],
    8: [(0, 0, 2240, 2520), (2240, 1890, 280, 315)],
    9: [(0, 0, 2240, 2520), (2240, 2205, 280, 315)],
    10: [(0, 0, 2016, 2520), (2268, 0, 252, 315)],
    16: [(0, 0, 2016, 2520), (2268, 1890, 252, 315)],
    17: [(0, 0, 2016, 2520), (2268, 2205, 252, 315)],
    18: [(0, 0, 2016, 2205), (0, 2205, 252, 315)],
    25: [(0, 0, 2016, 2205), (7 * 252, 2205, 252, 315)],
}


@pytest.mark.parametrize(("count", "ends"), SCREEN_SHARE_ENDS.items())
def test_screen_share_columns(count: int, ends: list[tuple[int, int, int, int]]) -> None:
    got = rects(screen_share((2520, 2520), people(count), service="recording", stage="user-1"))
    assert list(dict.fromkeys([got[0], got[-1]])) == ends


@pytest.mark.parametrize("count", SCREEN_SHARE_ENDS)
def test_a_stage_on_the_right_mirrors_everything(count: int) -> None:
    left = screen_share((2520, 2520), people(count), service="recording", stage="user-1")
    right = screen_share((2520, 2520), people(count), service="recording", stage="user-1", stage_side="right")
    assert rects(right) == [(2520 - x - w, y, w, h) for x, y, w, h in rects(left)]


def test_the_api_sample_is_the_published_grid_of_three(service_samples: Path) -> None:
    sample = json.loads((service_samples / "volume-layout-sei.json").read_text())
    layout = grid((sample["canvas"]["w"], sample["canvas"]["h"]), people(3))
    assert sorted(rects(layout)) == sorted((r["x"], r["y"], r["w"], r["h"]) for r in sample["regions"])


def test_an_absent_stage_leaves_its_place_empty_and_counts() -> None:
    layout = screen_share((1000, 1000), people(4), stage="nobody")
    assert (layout.windows[0].shows, layout.windows[0].participant) == (Shows.NOBODY, None)
    assert len(layout.windows) == 5
    assert ["nobody is on the stage" in note for note in layout.notes] == [True]
    assert screen_share((1000, 1000), people(4), service="recording").notes == ()


def test_an_absent_floating_stage_gives_way_to_the_first_to_enter() -> None:
    layout = floating((1000, 1000), people(3), stage="nobody")
    assert shown(layout) == people(3)
    assert layout.windows[0].is_stage
    assert layout.template is not None
    assert layout.template.stage == Participant("nobody")


def test_the_stage_leaves_the_queue_and_the_others_keep_their_order() -> None:
    assert shown(floating((1000, 1000), people(4), stage="user-3")) == [
        "user-3",
        "user-1",
        "user-2",
        "user-4",
    ]


def test_when_somebody_leaves_those_after_them_move_up() -> None:
    after = grid((900, 900), ["user-1", "user-3", "user-4"], service="recording")
    assert shown(after) == ["user-1", "user-3", "user-4"]
    assert after.windows[1].rect == Rect(450, 0, 450, 450)


@pytest.mark.parametrize(("service", "holds"), [("publish", False), ("recording", True)])
def test_audio_only_users_take_a_place_where_the_service_says(service: Service, holds: bool) -> None:
    crowd = [Participant("a"), Participant("b", sends_video=False), Participant("c", sends_audio=False)]
    layout = grid((900, 900), crowd, service=service)
    assert shown(layout) == (["a", "b", "c"] if holds else ["a", "c"])
    assert [str(p) for p in layout.audio_only] == ([] if holds else ["b"])
    assert len(grid((900, 900), crowd, service=service, hold_audio_only=not holds).windows) == 5 - len(
        layout.windows
    )


def test_who_sends_nothing_is_not_in_the_mix() -> None:
    silent = Participant("s", sends_audio=False, sends_video=False)
    layout = grid((900, 900), ["a", silent], service="recording")
    assert (shown(layout), layout.dropped, layout.audio_only) == (["a"], (), ())


def test_a_canvas_too_small_says_what_is_missing() -> None:
    message = (
        r"canvas 2x2 is too small: a window's width of 1/3 x 2 is 0 pixels, below 1; a canvas width of 3"
    )
    with pytest.raises(LayoutError, match=message):
        grid((2, 2), people(9))
    assert len(grid((3, 3), people(9)).windows) == 9


@pytest.mark.parametrize(
    ("canvas", "message"),
    [((0, 720), "width 0"), ((1280, 16_385), "height 16385 is outside 1 to 16384"), ((-1, 5), "width -1")],
)
def test_an_impossible_canvas_is_refused(canvas: tuple[int, int], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        grid(canvas, ["a"])


@pytest.mark.parametrize(
    "text", ["1280", "1280x", "x720", "1280x720x3", "-1x5", "1e3x5", "", "0x720", "99999x5"]
)
def test_text_that_is_no_canvas_is_refused(text: str) -> None:
    with pytest.raises(LayoutError, match="canvas"):
        Size.parse(text)


def test_the_same_user_and_stream_twice_is_refused() -> None:
    with pytest.raises(LayoutError, match="participant a is there twice"):
        grid((100, 100), ["a", "b", "a"])


def test_an_odd_canvas_with_align_2_is_reported() -> None:
    layout = grid((1281, 721), people(4), align=2, rounding="fill")
    assert "width 1281 and height 721" in layout.notes[0]
    assert (layout.windows[-1].rect.right, layout.windows[-1].rect.bottom) == (1281, 721)
    assert grid((1280, 720), people(4), align=2).notes == ()


def test_a_share_names_the_smallest_canvas_that_holds_it() -> None:
    share = Share(Fraction(0), Fraction(0), Fraction(235, 1000), Fraction(1))
    with pytest.raises(LayoutError, match="a canvas width of 9 or more"):
        share.to_pixels(Size(8, 8), align=2)
    assert share.to_pixels(Size(9, 8), align=2).width == 2
