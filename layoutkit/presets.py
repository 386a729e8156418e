"""Named layouts: `presets/*.json` and a user's own files of the same form.

A preset is a custom layout in exact fractions of the canvas, so that one file serves every canvas and both
dialects::

    {
      "description": "One line for the list of presets",
      "shapes": ["16:9", "1:1"],
      "background": "#14213d",
      "windows": [{"x": "1/40", "y": "1/8", "width": "37/80", "height": "3/4"}],
      "texts": [{"text": "LIVE", "x": "0", "y": "8/9", "width": "1", "height": "1/9", "font_size": "1/24"}]
    }

A number is a fraction ("1/3"), a decimal ("0.25") or a whole number. A window may add `z_order`, `stage`
(true for the large one) and `render_mode` ("crop" or "scale": what both dialects have). A text is a
watermark; its `font_size` is a fraction of the canvas's shorter side, `color` and `fill` are #RRGGBB.
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.layout import Layout, ParticipantLike, Service, Shows, Window
from layoutkit.geometry.rect import Align, CanvasLike, Rounding, Share, Size, as_canvas
from layoutkit.geometry.roster import HOLD_AUDIO_ONLY, MAX_WINDOWS
from layoutkit.geometry.scene import BLACK, WHITE, Background, Color, RenderMode, TextWatermark
from layoutkit.geometry.seating import take_places

MAX_BYTES = 1_000_000
"""A preset of 25 windows has about 3 kB; what is far larger is some other file."""

_RENDER_MODES = {"crop": RenderMode.CROP, "scale": RenderMode.SCALE}
_PLACE_KEYS = {"x", "y", "width", "height"}
_WINDOW_KEYS = _PLACE_KEYS | {"z_order", "stage", "render_mode"}
_TEXT_KEYS = _PLACE_KEYS | {"text", "font_size", "color", "fill"}
_PRESET_KEYS = {"description", "shapes", "background", "windows", "texts"}


@dataclass(frozen=True, slots=True)
class Place:
    """One window of a preset."""

    share: Share
    z_order: int = 0
    is_stage: bool = False
    render_mode: RenderMode = RenderMode.CROP


@dataclass(frozen=True, slots=True)
class Caption:
    """A text watermark of a preset; `font_size` is a fraction of the canvas's shorter side."""

    text: str
    share: Share
    font_size: Fraction
    color: Color = WHITE
    fill: Color | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A named custom layout.

    Attributes:
        name: what it is called by.
        description: one line.
        shapes: the canvas shapes it was made for, as "16:9"; it fits the others all the same.
        places: its windows in list order, in which participants take them.
        captions: text watermarks.
        background: behind everything.
    """

    name: str
    description: str
    shapes: tuple[str, ...]
    places: tuple[Place, ...]
    captions: tuple[Caption, ...] = ()
    background: Color = BLACK

    @property
    def users(self) -> int:
        """How many participants it has places for: the number it is shown with by default."""
        return len(self.places)

    def layout(
        self,
        canvas: CanvasLike,
        participants: Iterable[ParticipantLike],
        *,
        service: Service = "publish",
        rounding: Rounding = "equal",
        align: Align = 1,
    ) -> Layout:
        """Place the participants on a canvas, in entry order.

        Who sends only audio takes no place of a published mix but is heard, and takes one in a recording;
        who comes after the last place is dropped (API, "Custom layout template").

        Raises:
            LayoutError: the canvas is too small, a participant is there twice, or the preset has more
                windows than the service draws.
        """
        size = as_canvas(canvas)
        limit = MAX_WINDOWS[service]
        if len(self.places) > limit:
            raise LayoutError(
                f"preset {self.name!r} has {len(self.places)} windows; {service} draws at most {limit}"
            )
        places = [
            Window(
                place.share.to_pixels(size, rounding=rounding, align=align),
                shows=Shows.NOBODY,
                z_order=place.z_order,
                is_stage=place.is_stage,
                render_mode=place.render_mode,
            )
            for place in self.places
        ]
        seating = take_places(places, participants, hold_audio_only=HOLD_AUDIO_ONLY[service])
        return Layout(
            canvas=size,
            windows=seating.windows,
            background=Background(self.background),
            watermarks=tuple(_watermark(caption, size, rounding, align) for caption in self.captions),
            dropped=seating.dropped,
            audio_only=seating.audio_only,
        )


def names() -> list[str]:
    """The presets that ship with layoutkit, in alphabetical order."""
    return sorted(path.stem for path in _folder().glob("*.json"))


def load(name_or_path: str | Path) -> Preset:
    """Find a preset by its name, or read a file of the same form.

    Raises:
        SourceError: no such preset (the message gives the near names), or a file that cannot be read or
            that is not a preset (the message gives the place in it and what it should be).
    """
    shipped = names()
    if str(name_or_path) in shipped:
        return _read(_folder() / f"{name_or_path}.json")
    path = Path(name_or_path)
    if path.suffix == ".json" or path.is_file() or len(path.parts) > 1:
        return _read(path)
    near = difflib.get_close_matches(str(name_or_path).lower(), shipped, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(shipped)}"
    raise SourceError(f"no preset is called {str(name_or_path)!r}; {hint}")


def is_preset(data: object) -> bool:
    """Whether a JSON value is meant as a preset, going by its keys alone; it may still be a broken one."""
    return isinstance(data, Mapping) and not _PRESET_KEYS.isdisjoint(data)


def from_json(data: object, *, name: str) -> Preset:
    """Check a JSON value and give the preset it describes.

    Raises:
        SourceError: the first thing that is wrong, with its path (`$.windows[2].width`).
    """
    fields = _keys(data, "$", _PRESET_KEYS, {"windows"})
    places = tuple(_place(item, path) for item, path in _items(fields["windows"], "$.windows"))
    if not 1 <= len(places) <= MAX_WINDOWS["recording"]:
        raise SourceError(f"$.windows: {len(places)} windows; a preset has 1 to {MAX_WINDOWS['recording']}")
    if sum(place.is_stage for place in places) > 1:
        raise SourceError("$.windows: more than one window is the stage")
    return Preset(
        name=name,
        description=_text(fields.get("description", ""), "$.description"),
        shapes=tuple(_shape(item, path) for item, path in _items(fields.get("shapes", []), "$.shapes")),
        places=places,
        captions=tuple(_caption(item, path) for item, path in _items(fields.get("texts", []), "$.texts")),
        background=_color(fields.get("background", "#000000"), "$.background"),
    )


def _folder() -> Path:
    """Where the shipped presets are: in the package when installed, beside it in a checkout."""
    installed = Path(__file__).parent / "_presets"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "presets"


def _read(path: Path) -> Preset:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise SourceError(f"{path}: larger than {MAX_BYTES} bytes; that is no preset")
        return from_json(json.loads(raw.decode("utf-8-sig")), name=path.stem)
    except OSError as error:
        raise SourceError(f"{path}: cannot read the preset: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: not JSON: {error}") from error
    except SourceError as error:
        raise error if str(error).startswith(str(path)) else SourceError(f"{path}: {error}") from None


def _watermark(caption: Caption, canvas: Size, rounding: Rounding, align: Align) -> TextWatermark:
    side = min(canvas.width, canvas.height)
    return TextWatermark(
        caption.text,
        caption.share.to_pixels(canvas, rounding=rounding, align=align),
        font_size_px=max(1, int(caption.font_size * side)),
        color=caption.color,
        fill=caption.fill,
    )


def _place(data: object, path: str) -> Place:
    fields = _keys(data, path, _WINDOW_KEYS, _PLACE_KEYS)
    z_order = fields.get("z_order", 0)
    if type(z_order) is not int or not 0 <= z_order <= 99:
        raise SourceError(f"{path}.z_order: {_shown(z_order)} is not a whole number from 0 to 99")
    stage = fields.get("stage", False)
    if not isinstance(stage, bool):
        raise SourceError(f"{path}.stage: {_shown(stage)} is neither true nor false")
    mode = fields.get("render_mode", "crop")
    if not isinstance(mode, str) or mode not in _RENDER_MODES:
        raise SourceError(f"{path}.render_mode: {_shown(mode)} is neither crop nor scale")
    return Place(_share(fields, path), z_order, stage, _RENDER_MODES[mode])


def _caption(data: object, path: str) -> Caption:
    fields = _keys(data, path, _TEXT_KEYS, _PLACE_KEYS | {"text", "font_size"})
    size = _fraction(fields["font_size"], f"{path}.font_size")
    if size == 0:
        raise SourceError(f"{path}.font_size: 0 is no size; give a fraction of the shorter side")
    return Caption(
        text=_text(fields["text"], f"{path}.text"),
        share=_share(fields, path),
        font_size=size,
        color=_color(fields.get("color", "#ffffff"), f"{path}.color"),
        fill=None if fields.get("fill") is None else _color(fields["fill"], f"{path}.fill"),
    )


def _share(fields: dict[str, object], path: str) -> Share:
    values = {key: _fraction(fields[key], f"{path}.{key}") for key in ("x", "y", "width", "height")}
    for start, length, edge in (("x", "width", "right"), ("y", "height", "bottom")):
        if values[length] == 0:
            raise SourceError(f"{path}.{length}: 0 leaves nothing to draw")
        end = values[start] + values[length]
        if end > 1:
            raise SourceError(
                f"{path}: {start} {values[start]} + {length} {values[length]} = {end} "
                f"goes past the {edge} edge at 1"
            )
    return Share(**values)


def _fraction(value: object, path: str) -> Fraction:
    """An exact number from 0 to 1: "1/3", "0.25", 0.25 as it is written, 0 or 1."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if re.fullmatch(r"\d{1,6}/\d{1,6}|\d{1,6}(\.\d{1,9})?", text, re.ASCII) is None:
        raise SourceError(f'{path}: {_shown(value)} is not a fraction such as "1/3" or "0.25"')
    if "/" in text and int(text.split("/")[1]) == 0:
        raise SourceError(f"{path}: {_shown(value)} divides by zero")
    number = Fraction(text)
    if number > 1:
        raise SourceError(f"{path}: {number} is larger than 1, the whole canvas")
    return number


def _keys(data: object, path: str, known: set[str], needed: set[str]) -> dict[str, object]:
    if not isinstance(data, dict):
        raise SourceError(f"{path}: {_shown(data)} is not an object with {', '.join(sorted(needed))}")
    for key in data:
        if key not in known:
            raise SourceError(f"{path}: unknown key {key!r}; the keys are {', '.join(sorted(known))}")
    for key in sorted(needed):
        if key not in data:
            raise SourceError(f"{path}: {key} is missing")
    return data


def _items(data: object, path: str) -> list[tuple[object, str]]:
    if not isinstance(data, list):
        raise SourceError(f"{path}: {_shown(data)} is not a list")
    return [(item, f"{path}[{index}]") for index, item in enumerate(data)]


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise SourceError(f"{path}: {_shown(value)} is not text")
    return value


def _shape(value: object, path: str) -> str:
    if not isinstance(value, str) or re.fullmatch(r"[1-9]\d{0,3}:[1-9]\d{0,3}", value, re.ASCII) is None:
        raise SourceError(f'{path}: {_shown(value)} is not a shape such as "16:9"')
    return value


def _color(value: object, path: str) -> Color:
    color = Color.parse(value) if isinstance(value, str) else None
    if color is None:
        raise SourceError(f'{path}: {_shown(value)} is not a colour such as "#14213d"')
    return color


def _shown(value: object) -> str:
    """A value as an error quotes it: as JSON, and short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:39] + "…"
