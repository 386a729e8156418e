"""SVG, legends and sheets: the same geometry as the picture."""

from base64 import b64decode
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from layoutkit import Layout, Participant, Rect, Size, Window, floating, grid
from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Shows
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
from layoutkit.raster import legend
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.label import draw_edge
from layoutkit.raster.legend import ROW_PX, entry, visible_percent, with_legend
from layoutkit.raster.paint import paint
from layoutkit.raster.sheet import CAPTION_PX, GAP_PX, arrange
from layoutkit.raster.svg import to_svg
from layoutkit.raster.text import Placed
from layoutkit.raster.typeset import ELLIPSIS

SVG = "{http://www.w3.org/2000/svg}"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=9, unique=True))
def test_svg_is_xml_with_each_window_in_its_place(names: list[str]) -> None:
    layout = floating((640, 360), names)
    root = ElementTree.fromstring(to_svg(layout))
    drawn = []
    for group in root.findall(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        drawn.append(tuple(int(rect.attrib[key]) for key in ("x", "y", "width", "height")))
    assert drawn == [(w.rect.x, w.rect.y, w.rect.width, w.rect.height) for w in layout.painted]


def test_svg_keeps_joiners_and_leaves_out_what_xml_cannot_hold() -> None:
    name = "👨\u200d👩\u200d👧 نمی\u200cخواهم <&\x00\x9f\ud800\uffff>"
    root = ElementTree.fromstring(to_svg(grid((640, 360), [name])))
    group = root.find(f"{SVG}g")
    assert group is not None
    assert group.attrib["data-user"] == "👨\u200d👩\u200d👧 نمی\u200cخواهم <&    >"
    shown = next(root.iter(f"{SVG}text")).text
    assert shown is not None
    assert shown.startswith("👨\u200d👩\u200d👧 نمی\u200cخواهم <&")


def test_svg_paints_back_to_front_and_text_watermarks_last() -> None:
    front = Window(Rect(0, 0, 10, 10), participant=Participant("front"), z_order=5)
    back = Window(Rect(0, 0, 20, 20), participant=Participant("back"))
    mark = TextWatermark("a < b", Rect(1, 2, 60, 20), fill=Color(1, 2, 3))
    svg = to_svg(Layout(Size(40, 40), (front, back), watermarks=(mark,)))
    assert svg.index("back") < svg.index("front") < svg.index("a &lt; b")
    assert 'fill="#010203"' in svg


def picture_of(svg: str) -> Image.Image:
    """The rectangles and pictures of an SVG, painted in their order; text, masks and clips are left out."""
    root = ElementTree.fromstring(svg)
    canvas = Image.new("RGB", (int(root.attrib["width"]), int(root.attrib["height"])))

    def draw(element: ElementTree.Element) -> None:
        kind = element.tag.removeprefix(SVG)
        if kind in {"clipPath", "mask", "text"}:
            return
        if kind in {"rect", "image"}:
            x, y, width, height = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
            if kind == "image":
                data = element.attrib["href"].removeprefix("data:image/png;base64,")
                picture = Image.open(BytesIO(b64decode(data)))
                assert picture.size == (width, height)
                canvas.paste(picture, (int(x), int(y)), picture if picture.mode == "RGBA" else None)
            elif element.attrib.get("fill", "none") != "none":
                canvas.paste(element.attrib["fill"], (int(x), int(y), int(x + width), int(y + height)))
            else:
                draw_edge(
                    canvas,
                    Rect(int(x - 0.5), int(y - 0.5), int(width) + 1, int(height) + 1),
                    Color(*bytes.fromhex(element.attrib["stroke"][1:])),
                )
        for child in element:
            draw(child)

    draw(root)
    return canvas


@pytest.mark.parametrize("mode", RenderMode)
def test_the_pictures_in_an_svg_are_those_that_are_painted(mode: RenderMode) -> None:
    photo = Image.radial_gradient("L").resize((300, 170)).convert("RGB")
    seal = Image.new("RGBA", (40, 40), (200, 20, 20, 255))
    known = {"https://x/back.png": photo, "https://x/seal.png": seal, "https://x/away.png": photo}
    windows = (
        Window(Rect(10, 10, 120, 130), participant=Participant("a"), render_mode=mode),
        Window(
            Rect(100, 60, 250, 90),
            participant=Participant("b"),
            z_order=1,
            render_mode=mode,
            crop=Rect(20, 30, 100, 200),
            background=Color(1, 99, 2),
            background_behind=Behind.BOTH,
        ),
        Window(
            Rect(-20, 100, 90, 90),
            z_order=2,
            shows=Shows.NOBODY,
            participant=Participant("c"),
            placeholder=Placeholder(ImageRef("https://x/away.png"), mode, Size(60, 50), 12),
        ),
    )
    layout = Layout(
        Size(320, 180),
        windows,
        background=Background(Color(9, 9, 90), ImageRef("https://x/back.png"), mode),
        watermarks=(ImageWatermark(ImageRef("https://x/seal.png"), Rect(250, 5, 33, 21), z_order=1),),
    )
    sources = {"a": photo, "b": photo.rotate(90, expand=True)}

    def images(ref: ImageRef) -> Image.Image | None:
        return known.get(ref.url)

    drawn = picture_of(to_svg(layout, sources=sources, images=images))
    assert drawn.tobytes() == paint(layout, sources=sources, images=images).tobytes()


def test_opacity_and_mask_of_a_window_are_its_group_s() -> None:
    star = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    star.paste((0, 0, 0, 200), (1, 0, 3, 4))
    mask = ImageRef("https://x/star.png")
    windows = (
        Window(Rect(0, 0, 80, 40), Participant("a"), mask=mask),
        Window(Rect(0, 40, 80, 40), Participant("b"), opacity=0.25),
        Window(Rect(80, 0, 80, 40), Participant("c"), mask=ImageRef("https://x/lost.png")),
    )
    images = {mask.url: star}
    svg = to_svg(Layout(Size(160, 80), windows), images=lambda ref: images.get(ref.url))
    a, b, c = ElementTree.fromstring(svg).findall(f"{SVG}g")
    assert [each.attrib["opacity"] for each in (a, b, c)] == ["1", "0.25", "1"]
    assert [each.attrib.get("mask") for each in (a, b, c)] == ["url(#mask-0)", None, None]
    held = a.find(f"{SVG}mask/{SVG}image")
    assert held is not None
    assert [held.attrib[key] for key in ("x", "y", "width", "height")] == ["0", "0", "80", "40"]
    shape = Image.open(BytesIO(b64decode(held.attrib["href"].removeprefix("data:image/png;base64,"))))
    # SVG masks by luminance: what the picture's alpha keeps is as bright.
    assert [shape.convert("L").getpixel((x, 20)) for x in (5, 40, 75)] == [0, 200, 0]


@pytest.mark.parametrize("position", TimestampPosition)
def test_a_timestamp_stands_in_its_place(position: TimestampPosition) -> None:
    layout = Layout(Size(640, 360), (), watermarks=(TimestampWatermark(position, utc_offset_h=-3),))
    now = datetime(2025, 3, 11, 1, 0, tzinfo=UTC)
    (text,) = ElementTree.fromstring(to_svg(layout, now=now)).iter(f"{SVG}text")
    assert text.text == "2025-03-10 22:00:00"
    x, y, width = (float(text.attrib[key]) for key in ("x", "y", "textLength"))
    left, right = x - width / 2, x + width / 2
    assert left == 8 or 631 <= right <= 632 or abs(x - 320) <= 1
    column = "LEFT" if left == 8 else "RIGHT" if right >= 631 else "CENTER"
    # A line of 20 pixels is 25 high, and its letters stand 20 below its top.
    row = {8 + 20: "TOP_", 352 - 25 + 20: "BOTTOM_", (360 - 25) // 2 + 20: ""}[int(y)]
    assert row + column == position.name


def test_the_text_of_an_svg_is_what_is_painted_in_its_place() -> None:
    """The letters that are painted fill the width and stand on the baseline that the SVG gives."""
    windows = (
        Window(Rect(4, 3, 200, 100), Participant("a user whose name is longer than a window is wide")),
        Window(Rect(4, 110, 200, 16), Participant("low"), is_stage=True),
        Window(Rect(210, 3, 100, 100), Participant("away"), shows=Shows.NOBODY),
    )
    mark = TextWatermark("one two three four five six", Rect(210, 110, 100, 60), 14, Color(250, 250, 0))
    layout = Layout(Size(320, 180), windows, watermarks=(mark,))
    root = ElementTree.fromstring(to_svg(layout))
    texts = {text.text: text.attrib for text in root.iter(f"{SVG}text")}
    assert set(texts) > {"low  200x16  stage", "away", "100x100  absent", "200x100"}
    assert sum(each.get("fill") == "#fafa00" for each in texts.values()) > 1
    letters = paint(layout).convert("L").point([255 * (value > 150) for value in range(256)])
    for each in texts.values():
        x, y, width, size_px = (float(each[key]) for key in ("x", "y", "textLength", "font-size"))
        left, right = round(x - width / 2), round(x + width / 2)
        box = letters.crop((left - 2, round(y - size_px), right + 2, round(y))).getbbox()
        assert box is not None
        assert box[0] <= 5
        assert right - left + 4 - box[2] <= 5
        # At least one letter stands on the baseline.
        assert box[3] >= size_px - 1


def test_the_text_of_an_svg_runs_its_own_way_and_keeps_its_width() -> None:
    layout = grid((640, 180), ["alice", "שלום עולם", "محمد", "王小明 (bob)"])
    root = ElementTree.fromstring(to_svg(layout))
    texts = {text.text: text.attrib for text in root.iter(f"{SVG}text")}
    turned = {text for text, each in texts.items() if each.get("direction") == "rtl"}
    assert turned == {"שלום עולם", "محمد"}
    assert {each["lengthAdjust"] for each in texts.values()} == {"spacingAndGlyphs"}


def test_labels_of_pictures_stand_on_a_plate_in_both() -> None:
    white = Image.new("RGB", (320, 180), "white")
    layout = Layout(Size(320, 180), (Window(Rect(0, 0, 320, 180), Participant("a")),))
    root = ElementTree.fromstring(to_svg(layout, sources={"a": white}, labels=True))
    (plate,) = [rect.attrib for rect in root.iter(f"{SVG}rect") if "fill-opacity" in rect.attrib]
    x, y, width, height = (int(plate[key]) for key in ("x", "y", "width", "height"))
    picture = paint(layout, sources={"a": white}, labels=True)
    assert picture.getpixel((x, y)) == picture.getpixel((x + width - 1, y)) == (102, 102, 102)
    assert float(plate["fill-opacity"]) == pytest.approx(1 - 102 / 255)
    picture.paste("white", (x, y, x + width, y + height))
    assert picture.getextrema() == ((255, 255),) * 3


def test_a_label_in_an_svg_is_beside_the_windows_in_front() -> None:
    layout = floating((1280, 720), [f"user-{number}" for number in range(12)])
    root = ElementTree.fromstring(to_svg(layout))
    text = root.find(f".//{SVG}g[@data-user='user-0']//{SVG}text")
    assert text is not None
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    for window in layout.windows[1:]:
        assert not (window.rect.x <= x < window.rect.right and window.rect.y <= y < window.rect.bottom)


def test_a_legend_says_place_and_visible_share() -> None:
    behind = Window(Rect(0, 0, 100, 100), participant=Participant("a"))
    front = Window(Rect(50, 0, 50, 50), participant=Participant("b"), z_order=1)
    glass = Window(Rect(0, 0, 100, 100), participant=Participant("c"), z_order=2, opacity=0.5)
    layout = Layout(Size(100, 100), (front, behind, glass))
    assert entry(layout, 1) == ("a", "100x100", "at 0,0", "z 0", "75% visible")
    assert [visible_percent(layout, number) for number in range(3)] == [100, 75, 100]


def test_what_lies_off_the_canvas_or_is_transparent_is_not_visible_and_a_mask_hides_nothing() -> None:
    mask = ImageRef("https://x/star.png")
    windows = (
        Window(Rect(60, 0, 80, 100), participant=Participant("half")),
        Window(Rect(200, 0, 10, 10), participant=Participant("outside")),
        Window(Rect(0, 0, 100, 100), participant=Participant("star"), z_order=1, mask=mask),
        Window(Rect(0, 0, 100, 100), participant=Participant("air"), z_order=2, opacity=0.0),
    )
    layout = Layout(Size(100, 100), windows)
    assert [visible_percent(layout, number) for number in range(4)] == [50, 0, 100, 0]


def test_a_legend_leaves_the_picture_as_it_is() -> None:
    layout = grid((800, 450), ["a", "b", "c"])
    picture = paint(layout)
    sheet = with_legend(picture, layout, fonts=Fonts())
    # Two entries stand side by side, so three take two rows.
    assert sheet.size == (800, 450 + 2 * ROW_PX)
    assert sheet.crop((0, 0, 800, 450)).tobytes() == picture.tobytes()


@pytest.mark.parametrize("width", [64, 320, 1280])
def test_no_name_and_no_narrow_picture_costs_a_legend_its_figures(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a-name-as-long-as-this-one-" * 9, "王小明" * 40, "محمد عبد الله" * 9, "b"]
    layout = grid((width, 64), names)
    drawn: list[str] = []
    places: list[Rect] = []

    def draw(sheet: Image.Image, box: Rect, lines: list[Placed]) -> None:
        drawn.extend(each.line.text for each in lines)
        places.append(box)
        assert box.right <= sheet.width

    monkeypatch.setattr(legend, "draw_lines", draw)
    with_legend(paint(layout), layout, fonts=Fonts())
    for number in range(4):
        name, *figures = entry(layout, number)
        shown, *cells = drawn[5 * number : 5 * number + 5]
        assert shown
        assert cells == figures
        assert shown == name or name.startswith(shown.removesuffix(ELLIPSIS))
    assert not any(one.overlaps(other) for i, one in enumerate(places) for other in places[:i])


def test_few_entries_have_the_room_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = grid((1280, 64), ["a-name-that-is-longer-than-most-" * 3])
    drawn: list[str] = []
    monkeypatch.setattr(legend, "draw_lines", lambda sheet, box, lines: drawn.append(lines[0].line.text))
    with_legend(paint(layout), layout, fonts=Fonts())
    assert drawn == list(entry(layout, 0))


def test_a_sheet_holds_its_pictures_unchanged() -> None:
    red, blue = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (20, 30), "blue")
    sheet = arrange([("one", red), ("two", blue)], columns=2)
    assert sheet.size == (GAP_PX + 2 * (40 + GAP_PX), GAP_PX + CAPTION_PX + 30 + GAP_PX)
    top = GAP_PX + CAPTION_PX
    assert sheet.crop((GAP_PX, top, GAP_PX + 40, top + 30)).tobytes() == red.tobytes()
    x = 2 * GAP_PX + 40 + 10
    assert sheet.crop((x, top, x + 20, top + 30)).tobytes() == blue.tobytes()


def test_a_sheet_is_filled_row_by_row() -> None:
    colors = ["red", "lime", "blue", "white", "yellow"]
    sheet = arrange([(color, Image.new("RGB", (40, 30), color)) for color in colors], columns=2)
    for number, color in enumerate(colors):
        x, y = number % 2 * (40 + GAP_PX), number // 2 * (CAPTION_PX + 30 + GAP_PX)
        place = (GAP_PX + x + 20, GAP_PX + CAPTION_PX + y + 15)
        assert sheet.getpixel(place) == ImageColor.getrgb(color)


def test_a_sheet_too_large_is_refused() -> None:
    with pytest.raises(LayoutError, match="exceeds 16384 pixels a side"):
        arrange([("x", Image.new("RGB", (6000, 10)))] * 3, columns=3)


def test_nobodys_place_shows_what_is_behind_it() -> None:
    layout = Layout(Size(200, 200), (Window(Rect(0, 0, 200, 200)),))
    picture = paint(layout)
    assert picture.getpixel((20, 20)) == (0, 0, 0)
    assert picture.getpixel((0, 100)) != (0, 0, 0)
